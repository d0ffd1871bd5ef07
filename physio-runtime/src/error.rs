//! The one error of this crate: opaque, with a kind to match on and predicates for the common questions.

use std::fmt;

/// What went wrong; [`Error::kind`] says which sort of thing, `Display` says what, where and what to do.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The sorts of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// SQL that SQLite does not accept, or a bound value of the wrong type.
    Sql,
    /// A local write breaks a rule of the table (NOT NULL, ENUM, unique key, foreign key, range).
    Constraint,
    /// The cache file cannot be read or written (disk full, permissions, damaged file).
    Storage,
    /// The cache file was written by a newer version of the application; it is left untouched.
    CacheFromTheFuture,
    /// A stored value does not fit the Rust type of its field.
    Field,
    /// The bridge did not answer.
    Offline,
    /// The token was refused.
    Login,
    /// The bridge refused the request for good.
    Refused,
    /// Client and server were generated from different schemas.
    Schema,
    /// Another process is syncing this file.
    Busy,
    /// The cache file's key is wrong, missing or not to be had from its store; the file is left untouched.
    Key,
    /// A wipe would destroy unsent changes that were not shown before.
    Unsent,
    /// The caller asked for something that does not exist (a table, a unit, a conflict).
    Usage,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    pub(crate) fn with_source(
        kind: ErrorKind,
        message: impl Into<String>,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self { kind, message: message.into(), source: Some(Box::new(source)) }
    }

    /// The sort of error.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the same call may succeed later by itself.
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, ErrorKind::Offline | ErrorKind::Busy)
    }

    /// Whether a new token is needed.
    pub fn needs_login(&self) -> bool {
        self.kind == ErrorKind::Login
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}

impl From<crate::types::FieldError> for Error {
    fn from(error: crate::types::FieldError) -> Self {
        Self::with_source(ErrorKind::Field, error.to_string(), error)
    }
}

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;
