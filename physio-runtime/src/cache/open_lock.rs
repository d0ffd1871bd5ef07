//! Who has the file open: everyone shares it, and what replaces or removes the file has it alone.
//!
//! SQLite's own locks are on the file, which is what gets replaced; so this one is on a file beside it.

use super::failure::storage;
use super::files::{OPEN_LOCK, beside, private};
use crate::{Error, ErrorKind, Result};
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a cache that opens waits for another process that replaces or removes the file.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(5);

/// The right to have the file open, until it is dropped or the process ends.
#[derive(Debug)]
pub(super) struct OpenLock(File);

impl OpenLock {
    /// Waits until nobody replaces or removes the file.
    pub(super) fn shared(path: &Path) -> Result<Self> {
        wait_for(path, File::try_lock_shared)
    }

    /// Waits until nobody else has the file open.
    pub(super) fn alone(path: &Path) -> Result<Self> {
        wait_for(path, File::try_lock)
    }

    /// Has the file alone from now on, if nobody else has it open.
    pub(super) fn try_be_alone(&self, path: &Path) -> Result<()> {
        // Asking for another kind of lock while holding one is left open by the standard library.
        self.0.unlock().map_err(|error| failed(path, error))?;
        match self.0.try_lock() {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => {
                self.share(path)?;
                Err(busy())
            }
            Err(TryLockError::Error(error)) => {
                self.share(path)?;
                Err(failed(path, error))
            }
        }
    }

    /// Lets others open the file again.
    pub(super) fn share(&self, path: &Path) -> Result<()> {
        self.0.unlock().map_err(|error| failed(path, error))?;
        self.0.lock_shared().map_err(|error| failed(path, error))
    }
}

fn wait_for(path: &Path, try_lock: impl Fn(&File) -> Result<(), TryLockError>) -> Result<OpenLock> {
    let lock = beside(path, OPEN_LOCK);
    let begin = Instant::now();
    loop {
        let file = private()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock)
            .map_err(|error| storage(&lock, "opening the lock file", error))?;
        match try_lock(&file) {
            Ok(()) if is_at(&file, &lock) => return Ok(OpenLock(file)),
            // A wipe removed the lock file meanwhile: others would lock another one.
            Ok(()) => continue,
            Err(TryLockError::WouldBlock) if begin.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Err(busy()),
            Err(TryLockError::Error(error)) => return Err(failed(path, error)),
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |known: std::fs::Metadata| (known.dev(), known.ino());
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(there)) => place(ours) == place(there),
        _ => false,
    }
}

/// A file that is open keeps its name until it is closed.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

fn busy() -> Error {
    Error::new(
        ErrorKind::Busy,
        "the cache file is open elsewhere (in another program, or twice in this one), and this needs it alone; close \
         it there and try again (nothing was changed)",
    )
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    storage(&beside(path, OPEN_LOCK), "locking the file", error)
}

#[cfg(test)]
mod tests {
    use super::OpenLock;
    use crate::ErrorKind;

    #[test]
    fn all_share_it_or_one_has_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache.db");
        let first = OpenLock::shared(&path).unwrap();
        let second = OpenLock::shared(&path).unwrap();
        assert_eq!(first.try_be_alone(&path).unwrap_err().kind(), ErrorKind::Busy);
        drop(second);
        first.try_be_alone(&path).unwrap();
        first.share(&path).unwrap();
        drop(OpenLock::shared(&path).unwrap());
    }
}
