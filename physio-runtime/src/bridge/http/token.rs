//! The bearer token: a text that nothing prints.

use crate::error::{Error, ErrorKind, Result};
use reqwest::header::HeaderValue;
use std::fmt;

/// A bearer token. `Debug` hides it; there is no `Display`.
///
/// ```
/// assert_eq!(format!("{:?}", physio_runtime::bridge::Token::new("secret")), "Token(…)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Takes the token as the server gave it; space around it (a line end of a file, say) is dropped.
    pub fn new(token: impl AsRef<str>) -> Self {
        Self(token.as_ref().trim().to_owned())
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
        Ok((header(&format!("Bearer {}", self.0))?, header(&self.0)?))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
