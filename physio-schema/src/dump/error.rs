//! What is wrong with a dump, where, and what to do about it.

use super::Dump;
use std::fmt;

/// Something in a dump that changes the schema and could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DumpError {
    /// Line in the file, from 1.
    pub line: u32,
    /// Column in that line, in characters from 1.
    pub column: u32,
    /// The text in question, cut to one short line.
    pub text: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Something worth knowing that does not make the schema doubtful beyond what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DumpWarning {
    /// Line in the file, from 1.
    pub line: u32,
    /// Column in that line, from 1.
    pub column: u32,
    /// What was seen, and how it was read.
    pub message: String,
}

/// Every error of a dump at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DumpErrors {
    /// In the order of the file.
    pub errors: Vec<DumpError>,
    /// The file's name, when the caller gave one.
    pub file_name: Option<String>,
    /// What was understood besides, for tools that want to go on.
    pub partial: Box<Dump>,
}

impl fmt::Display for DumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        if !self.text.is_empty() {
            write!(f, ", at `{}`", self.text)?;
        }
        write!(f, "\n  help: {}", self.help)
    }
}

impl fmt::Display for DumpWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl fmt::Display for DumpErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.file_name.as_deref().unwrap_or("dump");
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{name}:{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for DumpError {}
impl std::error::Error for DumpErrors {}

/// One line of `text`, at most 60 characters, control characters as spaces.
pub(crate) fn shortened(text: &str) -> String {
    let mut short: String =
        text.trim().chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.trim().chars().count() > 60 {
        short.push('…');
    }
    short
}
