//! Moving the write-ahead log into the file, beside the writes and never inside one.

use super::connections::Purpose;
use super::{Cache, connections};
use rusqlite::Connection;
use std::sync::atomic::Ordering;

/// Length from which the log is made to begin again, which takes a moment without writers (64 MiB).
const LONG_BYTES: u64 = 64 << 20;

impl Cache {
    /// Starts a checkpoint on a thread of its own when the log has grown long and none is running.
    ///
    /// It is of the passive kind: it waits for nobody and nobody waits for it.
    pub(super) fn checkpoint_when_due(&self) {
        if self.log_length() < self.inner.pace.due_bytes()
            || self.inner.is_checkpointing.swap(true, Ordering::SeqCst)
        {
            return;
        }
        if self.inner.pace.is_simulated() {
            self.checkpoint();
            self.inner.is_checkpointing.store(false, Ordering::SeqCst);
            return;
        }
        let cache = self.clone();
        let thread = std::thread::Builder::new().name("physio-checkpoint".to_owned()).spawn(move || {
            cache.checkpoint();
            cache.inner.is_checkpointing.store(false, Ordering::SeqCst);
        });
        if thread.is_err() {
            self.inner.is_checkpointing.store(false, Ordering::SeqCst);
        }
    }

    fn log_length(&self) -> u64 {
        std::fs::metadata(&self.inner.log_path).map_or(0, |log| log.len())
    }

    fn checkpoint(&self) {
        if self.inner.pace.is_simulated() {
            return copy_log(&connections::lock(&self.inner.applier));
        }
        let mut opened = connections::lock(&self.inner.checkpointer);
        if self.is_wiped() {
            return;
        }
        if opened.is_none() {
            match connections::open(&self.inner.file, Purpose::Apply) {
                Ok(connection) => *opened = Some(connection),
                Err(error) => return tracing::debug!(kind = ?error.kind(), "no connection for a checkpoint"),
            }
        }
        let Some(connection) = opened.as_ref() else { return };
        copy_log(connection);
        if self.log_length() > LONG_BYTES {
            // The log begins again only when all of it is copied: without writers, what they added meanwhile is
            // little.
            let _turn = self.inner.gate.enter_apply();
            copy_log(connection);
        }
    }
}

fn copy_log(connection: &Connection) {
    let done = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(2));
    match done {
        Ok(n_pages) => tracing::debug!(n_pages, "checkpoint"),
        // The log stays as it is, and so does everything in it; the next commit tries again.
        Err(error) => tracing::debug!(code = ?error.sqlite_error_code(), "no checkpoint"),
    }
}
