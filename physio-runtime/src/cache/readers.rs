//! A pool of read-only connections: readers never wait for each other, nor for a writer.

use super::connections::{self, CacheFile, Purpose, lock};
use super::failure::wiped;
use crate::{Error, ErrorKind, Result};
use rusqlite::Connection;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Idle readers that are kept.
const IDLE_READERS: usize = 8;
/// How long a wipe waits for readers.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Readers {
    file: CacheFile,
    pool: Mutex<Pool>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct Pool {
    idle: Vec<Connection>,
    n_reading: usize,
    is_closed: bool,
}

/// Counts a reader out, also when it panics.
struct Reading<'r>(&'r Readers);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        lock(&self.0.pool).n_reading -= 1;
        self.0.ended.notify_all();
    }
}

impl Readers {
    /// `first` reads already.
    pub(super) fn new(file: CacheFile, first: Connection) -> Self {
        let pool = Pool { idle: vec![first], ..Pool::default() };
        Self { file, pool: Mutex::new(pool), ended: Condvar::new() }
    }

    /// One of them, no more in the pool.
    #[cfg(feature = "simulation")]
    pub(super) fn take(&self) -> Result<Connection> {
        let idle = lock(&self.pool).idle.pop();
        idle.map_or_else(|| connections::open(&self.file, Purpose::Read), Ok)
    }

    /// Runs `f` on a connection of its own.
    pub(super) fn with<R>(&self, f: impl FnOnce(&Connection) -> Result<R>) -> Result<R> {
        let idle = {
            let mut pool = lock(&self.pool);
            if pool.is_closed {
                return Err(wiped());
            }
            pool.n_reading += 1;
            pool.idle.pop()
        };
        let reading = Reading(self);
        let connection = match idle {
            Some(connection) => connection,
            None => connections::open(&self.file, Purpose::Read)?,
        };
        let result = f(&connection);
        // A reader that stays in a transaction would hold an old snapshot for the next one.
        let is_reusable = connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok();
        let mut pool = lock(&self.pool);
        if is_reusable && !pool.is_closed && pool.idle.len() < IDLE_READERS {
            pool.idle.push(connection);
            drop(pool);
        } else {
            drop(pool);
            drop(connection);
        }
        drop(reading);
        result
    }

    /// Closes every reader and lets no further one begin; when some do not end in time, all goes on as before.
    pub(super) fn close(&self) -> Result<()> {
        let mut pool = lock(&self.pool);
        pool.is_closed = true;
        pool.idle.clear();
        let waited = self.ended.wait_timeout_while(pool, PATIENCE, |pool| pool.n_reading > 0);
        let (mut pool, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if pool.n_reading > 0 {
            pool.is_closed = false;
            return Err(Error::new(
                ErrorKind::Busy,
                "a read of the cache file goes on for long; end it and try again (nothing was changed)",
            ));
        }
        Ok(())
    }

    /// Lets readers begin again.
    pub(super) fn reopen(&self) {
        lock(&self.pool).is_closed = false;
    }
}
