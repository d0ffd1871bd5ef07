//! The bearer token: a text that nothing prints.

use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use reqwest::header::HeaderValue;
use std::fmt;
use zeroize::Zeroizing;

/// A bearer token. `Debug` hides it; there is no `Display`; it is overwritten when it is dropped (what an HTTP client
/// keeps of it is not).
///
/// ```
/// assert_eq!(format!("{:?}", physio_runtime::bridge::Token::new("secret")), "Token(…)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// Takes the token as the server gave it; space around it (a line end of a file, say) is dropped.
    pub fn new(token: impl AsRef<str>) -> Self {
        Self(Zeroizing::new(token.as_ref().trim().to_owned()))
    }

    pub(crate) fn to_secret(&self) -> Secret {
        Secret::new(self.0.as_str())
    }

    /// As it was kept; `None` when that is no text.
    pub(crate) fn from_secret(secret: &Secret) -> Option<Self> {
        std::str::from_utf8(secret.bytes()).ok().map(Self::new)
    }

    /// The values of `Authorization` and `X-Physio-Token`, marked so that HTTP logs leave them out.
    pub(super) fn to_headers(&self) -> Result<(HeaderValue, HeaderValue)> {
        let header = |text: &str| -> Result<HeaderValue> {
            let mut value = HeaderValue::from_str(text).map_err(|_| {
                Error::new(ErrorKind::Usage, "the token has characters that no HTTP header takes")
            })?;
            value.set_sensitive(true);
            Ok(value)
        };
        if self.0.is_empty() {
            return Err(Error::new(ErrorKind::Usage, "the token is empty"));
        }
        Ok((header(&Zeroizing::new(format!("Bearer {}", self.0.as_str())))?, header(&self.0)?))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
