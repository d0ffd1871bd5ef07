//! Only one process syncs a file; any number may read and write it.

use super::Cache;
use super::failure::storage;
use super::files::{SYNC_LOCK, beside, private};
use crate::Result;
use std::fs::{File, TryLockError};

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
        let path = beside(self.path(), SYNC_LOCK);
        let mut options = private();
        options.write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(|error| storage(&path, "opening the lock file", error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(SyncLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(storage(&path, "locking the file", error)),
        }
    }
}
