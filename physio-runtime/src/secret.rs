//! What must not be read by others: the cache file's key and the token, and where they are kept.
//!
//! | for | see |
//! |---|---|
//! | the key itself | [`CacheKey`] |
//! | whether and how a cache file is encrypted | [`Encryption`] |
//! | a place for secrets | [`KeyStore`]: the system's keychain (`Keychain`, feature `keychain`), a file ([`KeyFile`]), memory ([`MemoryKeys`], for tests) |
//!
//! No SQL here: the file is `cache`'s.

mod cache_key;
mod key_file;
#[cfg(feature = "keychain")]
mod keychain;
mod memory;

pub use cache_key::CacheKey;
pub use key_file::KeyFile;
#[cfg(feature = "keychain")]
pub use keychain::Keychain;
pub use memory::MemoryKeys;

use crate::error::{Error, ErrorKind, Result};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Bytes that are overwritten when they are dropped, and that nothing prints.
///
/// ```
/// assert_eq!(format!("{:?}", physio_runtime::secret::Secret::new(b"secret")), "Secret(…)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes a copy of the bytes.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(Zeroizing::new(bytes.as_ref().to_vec()))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is kept in a [`KeyStore`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Entry {
    /// The key of the cache file.
    CacheKey,
    /// The key that the cache file is about to have; there only while the key is being changed.
    NextCacheKey,
    /// The bearer token for the bridge.
    Token,
}

impl Entry {
    /// Its name, for stores that want a text.
    pub fn name(self) -> &'static str {
        match self {
            Self::CacheKey => "cache-key",
            Self::NextCacheKey => "cache-key-next",
            Self::Token => "token",
        }
    }
}

/// Why a store could not do what was asked. Its text is shown to people: it must not hold the secret.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// A place that keeps the secrets of one cache file. It must keep them as long as the file: a key that is lost is
/// a file that is lost, unsent changes included.
///
/// Calls may block (a keychain may ask the user); they happen when a cache is opened, wiped or given another key.
pub trait KeyStore: Send + Sync + 'static {
    /// The secret, or `None` when there is none.
    ///
    /// # Errors
    ///
    /// Only when it is not known whether there is one (a locked keychain, say).
    fn load(&self, entry: Entry) -> Result<Option<Secret>, StoreError>;

    /// Keeps the secret, in place of the one before. It is kept for good when this returns.
    ///
    /// # Errors
    ///
    /// When it is not kept.
    fn store(&self, entry: Entry, secret: &Secret) -> Result<(), StoreError>;

    /// Removes the secret; that there is none is no error.
    ///
    /// # Errors
    ///
    /// When it may still be there.
    fn remove(&self, entry: Entry) -> Result<(), StoreError>;

    /// Where the secrets are, for error messages: `the keychain`.
    fn place(&self) -> String {
        "the key store".to_owned()
    }
}

/// One store may be shared, as for the cache's key and the token.
impl<S: KeyStore + ?Sized> KeyStore for Arc<S> {
    fn load(&self, entry: Entry) -> Result<Option<Secret>, StoreError> {
        (**self).load(entry)
    }

    fn store(&self, entry: Entry, secret: &Secret) -> Result<(), StoreError> {
        (**self).store(entry, secret)
    }

    fn remove(&self, entry: Entry) -> Result<(), StoreError> {
        (**self).remove(entry)
    }

    fn place(&self) -> String {
        (**self).place()
    }
}

/// Whether and with which key a cache file is encrypted.
#[derive(Clone, Default)]
pub enum Encryption {
    /// Not at all.
    #[default]
    None,
    /// With the application's own key, which is the application's to keep and to destroy.
    Key(CacheKey),
    /// With a key that is kept there. It is made at random when the file is.
    Store(Arc<dyn KeyStore>),
}

impl fmt::Debug for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Key(_) => "Key(…)",
            Self::Store(_) => "Store(…)",
        })
    }
}

/// The errors of a store in this crate's words, with the name of the place.
pub(crate) struct Kept<'s>(pub(crate) &'s dyn KeyStore);

impl Kept<'_> {
    pub(crate) fn load(&self, entry: Entry) -> Result<Option<Secret>> {
        self.0.load(entry).map_err(|error| self.failed("does not give", entry, &error))
    }

    pub(crate) fn store(&self, entry: Entry, secret: &Secret) -> Result<()> {
        self.0.store(entry, secret).map_err(|error| self.failed("does not keep", entry, &error))
    }

    pub(crate) fn remove(&self, entry: Entry) -> Result<()> {
        self.0.remove(entry).map_err(|error| self.failed("does not remove", entry, &error))
    }

    /// The cache key of this entry.
    pub(crate) fn cache_key(&self, entry: Entry) -> Result<Option<CacheKey>> {
        let Some(secret) = self.load(entry)? else { return Ok(None) };
        let key = CacheKey::from_secret(&secret).ok_or_else(|| {
            Error::new(
                ErrorKind::Key,
                format!(
                    "{} holds something as `{}` that is not a key of this crate (64 hex digits); put the right one \
                     there (the cache file is untouched)",
                    self.0.place(),
                    entry.name()
                ),
            )
        })?;
        Ok(Some(key))
    }

    /// Makes a key, keeps it and sees that it is kept: a key that is not kept is a file that nobody can read.
    pub(crate) fn new_cache_key(&self, entry: Entry) -> Result<CacheKey> {
        let key = CacheKey::random()?;
        self.store(entry, &key.to_secret())?;
        match self.cache_key(entry)? {
            Some(kept) if kept == key => Ok(key),
            _ => Err(Error::new(
                ErrorKind::Key,
                format!("{} did not keep the new key; nothing was encrypted with it", self.0.place()),
            )),
        }
    }

    fn failed(&self, what: &str, entry: Entry, error: &StoreError) -> Error {
        Error::new(
            ErrorKind::Key,
            format!(
                "{} {what} the secret `{}` ({error}); unlock it or allow this program to use it, and try again \
                 (the cache file is untouched)",
                self.0.place(),
                entry.name()
            ),
        )
    }
}
