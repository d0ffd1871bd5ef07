//! Generated files: held in memory, compared, and moved into place whole.

use anyhow::{Context, Result, anyhow};
use std::fs;
use std::path::{Path, PathBuf};

/// A file as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Artefact {
    /// Where it belongs.
    pub(crate) path: PathBuf,
    /// Its whole content.
    pub(crate) content: String,
}

/// How a committed file compares with what would be generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// Equal, byte for byte.
    Current,
    /// There is no such file.
    Missing,
    /// It holds this text instead.
    Different(String),
}

impl Artefact {
    /// Compares with the file on disk.
    ///
    /// # Errors
    ///
    /// When the file is there but cannot be read.
    pub(crate) fn state(&self) -> Result<State> {
        match fs::read(&self.path) {
            Ok(bytes) if bytes == self.content.as_bytes() => Ok(State::Current),
            Ok(bytes) => Ok(State::Different(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(State::Missing),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", self.path.display())),
        }
    }
}

/// Writes beside the target and renames: a reader sees the old file or the new one, never half of one.
///
/// # Errors
///
/// When the folder cannot be made or the file cannot be written.
pub(crate) fn write_whole(path: &Path, content: &str) -> Result<()> {
    let place = || format!("cannot write {}", path.display());
    let name = path.file_name().ok_or_else(|| anyhow!("{} names no file", path.display()))?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(place)?;
    }
    let beside = path.with_file_name(format!(".{}.new", name.to_string_lossy()));
    fs::write(&beside, content).with_context(place)?;
    fs::rename(&beside, path).with_context(place)
}

/// Puts `inner` between the two marker lines of `text`, which stay.
///
/// # Errors
///
/// When a marker is missing.
pub(crate) fn replace_between(text: &str, begin: &str, end: &str, inner: &str) -> Result<String> {
    let start = text.find(begin).with_context(|| format!("the marker `{begin}` is missing"))? + begin.len();
    let length = text[start..].find(end).with_context(|| format!("the marker `{end}` is missing"))?;
    Ok(format!("{}\n{inner}{}", &text[..start], &text[start + length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_file_is_current_and_an_edited_one_is_not() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let artefact = Artefact { path: folder.path().join("a/b.sql"), content: "SELECT 1;\n".into() };
        assert_eq!(artefact.state().expect("readable"), State::Missing);
        write_whole(&artefact.path, &artefact.content).expect("writable");
        assert_eq!(artefact.state().expect("readable"), State::Current);
        fs::write(&artefact.path, "SELECT 2;\n").expect("writable");
        assert_eq!(artefact.state().expect("readable"), State::Different("SELECT 2;\n".into()));
    }

    #[test]
    fn only_what_stands_between_the_markers_changes() {
        let text = "a\n<!-- begin -->\nold\n<!-- end -->\nb\n";
        let new = replace_between(text, "<!-- begin -->", "<!-- end -->", "new\n").expect("both markers");
        assert_eq!(new, "a\n<!-- begin -->\nnew\n<!-- end -->\nb\n");
        assert_eq!(replace_between(&new, "<!-- begin -->", "<!-- end -->", "new\n").expect("both"), new);
        assert!(replace_between("a", "<!-- begin -->", "<!-- end -->", "x").is_err());
    }
}
