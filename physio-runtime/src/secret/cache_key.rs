//! The key of a cache file: 256 bits that nothing prints and that are overwritten in the end.

use super::Secret;
use crate::error::{Error, ErrorKind, Result};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

const LENGTH: usize = 32;

/// The key that a cache file is encrypted with. Clones share one copy, which is overwritten when the last is dropped.
///
/// ```
/// use physio_runtime::secret::CacheKey;
///
/// let key = CacheKey::from_bytes([7; 32]);
/// assert_eq!(format!("{key:?}"), "CacheKey(…)");
/// assert_eq!(CacheKey::from_hex(&"07".repeat(32)), Some(key));
/// assert_eq!(CacheKey::from_hex("too short"), None);
/// ```
#[derive(Clone)]
pub struct CacheKey(Arc<Zeroizing<[u8; LENGTH]>>);

impl CacheKey {
    /// A key of the application's own: 32 bytes that nobody can guess, such as those of a key derivation. A password
    /// is none.
    pub fn from_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(Arc::new(Zeroizing::new(bytes)))
    }

    /// A key in 64 hex digits; `None` when the text is anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 2 * LENGTH {
            return None;
        }
        let mut bytes = Zeroizing::new([0; LENGTH]);
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16);
            *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
        }
        Some(Self(Arc::new(bytes)))
    }

    /// A new key from the operating system's random numbers.
    ///
    /// # Errors
    ///
    /// `Key` when the system gives none.
    pub fn random() -> Result<Self> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        getrandom::fill(&mut *bytes).map_err(|_| {
            Error::new(ErrorKind::Key, "the operating system gives no random numbers to make a key of")
        })?;
        Ok(Self(Arc::new(bytes)))
    }

    pub(super) fn from_secret(secret: &Secret) -> Option<Self> {
        Self::from_hex(std::str::from_utf8(secret.bytes()).ok()?.trim())
    }

    /// In hex digits: keychains and files show text best.
    pub(crate) fn to_secret(&self) -> Secret {
        Secret(Zeroizing::new(self.to_hex().as_bytes().to_vec()))
    }

    pub(crate) fn to_hex(&self) -> Zeroizing<String> {
        // Made long enough at once: growing would leave a copy of the beginning behind.
        let mut text = Zeroizing::new(String::with_capacity(2 * LENGTH));
        for byte in self.0.iter() {
            text.extend(
                [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])),
            );
        }
        text
    }
}

impl PartialEq for CacheKey {
    /// Looks at every byte, wherever the first difference is.
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0.iter()).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
    }
}

impl Eq for CacheKey {}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CacheKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::CacheKey;

    #[test]
    fn a_key_survives_its_text() {
        let key = CacheKey::random().unwrap();
        assert_eq!(CacheKey::from_hex(&key.to_hex()).as_ref(), Some(&key));
        assert_eq!(CacheKey::from_secret(&key.to_secret()).as_ref(), Some(&key));
        assert_ne!(CacheKey::random().unwrap(), key);
        assert_eq!(CacheKey::from_hex(&"g".repeat(64)), None);
        assert_eq!(CacheKey::from_hex(&"é".repeat(32)), None);
    }
}
