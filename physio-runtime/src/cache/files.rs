//! The file and what lies beside it: names, permissions, and how a file is made unreadable.

use super::failure::storage;
use crate::Result;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// SQLite's write-ahead log.
pub(super) const LOG: &str = "-wal";
/// Who may sync the file.
pub(super) const SYNC_LOCK: &str = ".sync-lock";
/// Who has the file open.
pub(super) const OPEN_LOCK: &str = ".open-lock";
/// The file in its next encryption, until it takes the file's place.
pub(super) const CONVERTED: &str = ".converting";
/// Says that a wipe has begun.
pub(super) const WIPING: &str = ".wiping";

/// What lies beside the file and may hold its values.
const WITH_VALUES: [&str; 5] = [LOG, "-shm", "-journal", CONVERTED, ".converting-journal"];

/// The path with something at its end.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// The file and everything beside it that may hold its values, the file last: what follows a kill must still be
/// found by its name.
pub(super) fn with_values(path: &Path) -> impl Iterator<Item = PathBuf> {
    WITH_VALUES.into_iter().chain([""]).map(|suffix| beside(path, suffix))
}

/// Options that make a file readable by its owner only: it holds the data of people.
pub(super) fn private() -> OpenOptions {
    #[allow(unused_mut, reason = "only Unix has modes")]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates the file if needed, readable by its owner only.
pub(super) fn create(path: &Path) -> Result<()> {
    match private().write(true).create_new(true).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(storage(path, "creating the cache file", error)),
    }
}

/// Takes the rights of others away from the file and what lies beside it: older versions, copies and backups may
/// have left them.
#[cfg(unix)]
pub(super) fn mend_permissions(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for path in with_values(path).chain([beside(path, SYNC_LOCK), beside(path, OPEN_LOCK)]) {
        let Ok(known) = std::fs::metadata(&path) else { continue };
        if known.permissions().mode() & 0o077 == 0 {
            continue;
        }
        // Not the owner's process: it may use the file, but not change who else may.
        if let Err(error) = std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)) {
            tracing::warn!(path = %path.display(), %error, "others can read a file of the cache; run chmod 600 on it");
        }
    }
}

#[cfg(not(unix))]
pub(super) fn mend_permissions(_: &Path) {}

/// Makes the folder remember which names it has, also when the machine stops now.
pub(crate) fn sync_folder(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Overwrites a file with zeros and removes it; a file that is not there is no error.
///
/// A disk or a file system that writes elsewhere (SSDs, copy on write) may keep the old bytes: for those, encrypt.
pub(crate) fn destroy_file(path: &Path) -> std::io::Result<()> {
    match OpenOptions::new().write(true).open(path) {
        Ok(mut file) => overwrite(&mut file)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    remove(path)
}

/// Removes a file; a file that is not there is no error.
pub(super) fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub(super) fn overwrite(file: &mut File) -> std::io::Result<()> {
    static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
    let mut left = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    while left > 0 {
        let length = left.min(ZEROS.len() as u64);
        file.write_all(&ZEROS[..usize::try_from(length).unwrap_or(ZEROS.len())])?;
        left -= length;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::{beside, destroy_file, overwrite};
    use std::fs::OpenOptions;

    #[test]
    fn what_is_overwritten_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert_eq!(beside(&path, "-wal"), folder.path().join("file-wal"));
        std::fs::write(&path, "a name ".repeat(20_000)).unwrap();
        overwrite(&mut OpenOptions::new().write(true).open(&path).unwrap()).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.len() == 140_000 && bytes.iter().all(|byte| *byte == 0));
        destroy_file(&path).unwrap();
        destroy_file(&path).unwrap();
        assert!(!path.exists());
    }
}
