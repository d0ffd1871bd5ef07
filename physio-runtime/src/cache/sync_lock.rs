//! Only one process syncs a file; any number may read and write it.

use super::Cache;
use super::failure::storage;
use crate::Result;
use std::fs::{File, OpenOptions, TryLockError};

/// The right to sync this file, until it is dropped or the process ends.
#[derive(Debug)]
pub struct SyncLock {
    _file: File,
}

impl Cache {
    /// Takes the right to sync this file; `None` when another process (or another [`Cache`] of this one) has it.
    ///
    /// The lock is the operating system's, on a file beside the cache (`….sync-lock`): a killed process
    /// leaves none behind.
    ///
    /// # Errors
    ///
    /// `Storage` when the lock file cannot be made.
    pub fn try_sync_lock(&self) -> Result<Option<SyncLock>> {
        let mut path = self.inner.path.clone().into_os_string();
        path.push(".sync-lock");
        let path = std::path::PathBuf::from(path);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| storage(&path, "opening the lock file", error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(SyncLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(storage(&path, "locking the file", error)),
        }
    }
}
