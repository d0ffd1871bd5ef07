//! The connections to the file: one for local writes, one for applies, one that watches, and a pool of readers.

use super::failure::storage;
use crate::{Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a connection waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Statements that each connection keeps prepared.
const PREPARED_STATEMENTS: usize = 256;
/// Idle readers that are kept.
const IDLE_READERS: usize = 8;

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

/// Creates the file if needed, readable by its owner only (it holds the data of people).
pub(super) fn create_file(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(storage(path, "creating the cache file", error)),
    }
}

/// Opens the file, which exists.
pub(super) fn open(path: &Path, purpose: Purpose) -> Result<Connection> {
    let access = match purpose {
        Purpose::Write | Purpose::Apply => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Purpose::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
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

/// Read-only connections that wait for their next reader.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// `first` reads already.
    pub(super) fn new(path: &Path, first: Connection) -> Self {
        Self { path: path.to_owned(), idle: Mutex::new(vec![first]) }
    }

    /// One of them, no more in the pool.
    #[cfg(feature = "simulation")]
    pub(super) fn take(&self) -> Result<Connection> {
        let idle = lock(&self.idle).pop();
        idle.map_or_else(|| open(&self.path, Purpose::Read), Ok)
    }

    /// Runs `f` on a connection of its own: readers never wait for each other.
    pub(super) fn with<R>(&self, f: impl FnOnce(&Connection) -> Result<R>) -> Result<R> {
        let idle = lock(&self.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open(&self.path, Purpose::Read)?,
        };
        let result = f(&connection);
        // A reader that stays in a transaction would hold an old snapshot for the next one.
        let is_reusable = connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok();
        let mut idle = lock(&self.idle);
        if is_reusable && idle.len() < IDLE_READERS {
            idle.push(connection);
        }
        result
    }
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
