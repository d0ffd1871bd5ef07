//! The connections to the file: one for local writes, one for applies, one that watches; `readers` has a pool more.

use super::cipher;
use crate::secret::CacheKey;
use crate::{Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a connection waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Statements that each connection keeps prepared.
const PREPARED_STATEMENTS: usize = 256;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Local writes: a commit is on the disk before it returns.
    Write,
    /// What the server sent: it can be asked for again, so a commit need not wait for the disk.
    Apply,
    /// Reads only.
    Read,
}

/// Where the file is, and what it is encrypted with.
#[derive(Debug, Clone)]
pub(super) struct CacheFile {
    pub(super) path: PathBuf,
    pub(super) key: Option<CacheKey>,
}

/// Opens the file, which exists.
pub(super) fn open(file: &CacheFile, purpose: Purpose) -> Result<Connection> {
    let access = match purpose {
        Purpose::Write | Purpose::Apply => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Purpose::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let connection = Connection::open_with_flags(&file.path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    if let Some(key) = &file.key {
        cipher::unlock(&connection, key)?;
    }
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    // The mirror has no foreign keys of SQLite's: a page may bring a child before its parent.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
    match purpose {
        Purpose::Write => connection.execute_batch("PRAGMA synchronous = FULL")?,
        Purpose::Apply => {
            connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768")?;
            // The only CHECK is that of `_sync_status`, which this crate fills in itself; SQLite builds a small
            // table for it at every row, which costs as much as writing the row.
            connection.execute_batch("PRAGMA ignore_check_constraints = ON")?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        }
        Purpose::Read => connection.execute_batch("PRAGMA query_only = ON")?,
    }
    if purpose != Purpose::Read {
        // Checkpoints happen beside the writes, not inside one of them.
        connection.query_row("PRAGMA wal_autocheckpoint = 0", [], |_| Ok(()))?;
        // After a long pull the log's file becomes short again.
        connection.query_row("PRAGMA journal_size_limit = 16777216", [], |_| Ok(()))?;
    }
    Ok(connection)
}

/// A mutex whose content is valid after a panic: a connection rolls back, a list is only shorter.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `f` in one `BEGIN IMMEDIATE` transaction; an error (or a panic) rolls it back.
pub(super) fn in_transaction<R, E: From<Error>>(
    connection: &Connection,
    f: impl FnOnce() -> Result<R, E>,
) -> Result<R, E> {
    let transaction = Open::begin(connection)?;
    let result = f()?;
    transaction.commit()?;
    Ok(result)
}

/// An open write transaction; dropping it rolls back.
#[derive(Debug)]
pub(super) struct Open<'c> {
    connection: &'c Connection,
}

impl<'c> Open<'c> {
    pub(super) fn begin(connection: &'c Connection) -> Result<Self> {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(Self { connection })
    }

    pub(super) fn commit(self) -> Result<()> {
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.connection.is_autocommit() {
            // SQLite has rolled back by itself when this fails.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}
