//! Why a private server could not be had.

use std::fmt;

/// What failed, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HarnessError(String);

/// What the harness returns.
pub type Result<T, E = HarnessError> = std::result::Result<T, E>;

impl HarnessError {
    /// An error with its whole text.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// The error of a program that could not be started.
    pub(crate) fn start(program: &str, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::NotFound {
            Self::missing(program)
        } else {
            Self(format!("cannot start {program}: {error}"))
        }
    }

    /// The error of a program or extension that is not installed.
    pub(crate) fn missing(what: &str) -> Self {
        Self(format!(
            "{what} is not installed. On Debian and Ubuntu: \
             apt-get install -y --no-install-recommends mariadb-server-core mariadb-client-core php-cli php-mysql \
             php-cgi php-fpm nginx apache2-bin nodejs (`cargo xtask test` does it by itself)"
        ))
    }
}

impl fmt::Display for HarnessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HarnessError {}

impl From<mysql::Error> for HarnessError {
    fn from(error: mysql::Error) -> Self {
        Self(format!("MariaDB refuses: {error}"))
    }
}

impl From<std::io::Error> for HarnessError {
    fn from(error: std::io::Error) -> Self {
        Self(format!("the harness cannot read or write a file: {error}"))
    }
}
