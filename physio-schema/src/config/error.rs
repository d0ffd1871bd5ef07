//! What is wrong with a physio.toml, where, and what to do.

use std::fmt;

/// One thing that is wrong with a physio.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Line of physio.toml, from 1, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "physio.toml:{line}: {}\n  help: {}", self.message, self.help),
            None => write!(f, "physio.toml: {}\n  help: {}", self.message, self.help),
        }
    }
}

impl std::error::Error for ConfigError {}
