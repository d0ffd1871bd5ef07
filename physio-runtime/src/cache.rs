//! The local file: every SQL string that touches it lives in this folder.
//!
//! Nothing here knows HTTP, decides when to sync, or waits for the network. A step is one SQLite transaction
//! that may be repeated after a kill: what it changes and what says that it was done are stored together.
//!
//! | what | where |
//! |---|---|
//! | the file: creating, opening, migrating | `open`, `connections`, `readers`, `migrate`, `files`, `open_lock` |
//! | its encryption, and its end | `cipher`, `keys`, `convert`, `unsent`, `wipe` |
//! | the application's reads and writes | `write`, `own_changes` |
//! | who writes next, and when the log is moved into the file | `gate`, `checkpoint`, `sync_lock`, `pace`, `calendar` |
//! | what the server sent | `page`, `delta`, `apply`, `rebase`, `progress`, `restart`, `indexes` |
//! | rows, keys and lines as values | `rows`, `line` |
//! | what goes to the server | `outbox`, `batch`, `answer` |
//! | what needs a person | `attention`, `resolve` |
//! | comparing tables with the server's, and mending them | `audit` |

mod answer;
mod apply;
mod attention;
mod audit;
mod batch;
pub(crate) mod calendar;
mod checkpoint;
mod cipher;
mod connections;
mod convert;
mod delta;
mod failure;
mod files;
mod gate;
mod indexes;
mod keys;
mod line;
mod migrate;
mod open;
mod open_lock;
mod outbox;
mod own_changes;
mod pace;
mod page;
mod progress;
mod readers;
mod rebase;
mod report;
mod resolve;
mod restart;
mod rows;
mod server;
mod sweep;
mod sync_lock;
mod unsent;
mod wipe;
mod write;

pub use audit::TableAudit;
pub(crate) use audit::{Repair, Span, SumsSink};
pub use batch::{ColumnHold, PushHold};
#[cfg(feature = "simulation")]
pub use calendar::set_calendar;
pub(crate) use convert::encrypt_plain_file;
pub use convert::{change_key, decrypt_file, encrypt_file};
pub use delta::DeltaSink;
pub(crate) use files::{destroy_file, sync_folder};
pub use migrate::Migration;
pub use page::PageSink;
pub use report::{
    Attention, AttentionChange, Counts, DeltaOutcome, LocalChange, Operation, Outgoing, PageReport, Parked,
    ParkedState, PullState, PushReport, Remapped, Resolution, RowChange, TableProgress, TableState,
    UnknownOperation,
};
pub use restart::TableHistory;
pub(crate) use rows::can_lack;
pub use server::{DriftClass, ServerMemory, TableDrift, TableMemory};
pub use sync_lock::SyncLock;
pub use unsent::Unsent;
pub use write::WriteTransaction;

pub(crate) use keys::Secrets;

use crate::{Plan, Result};
use connections::CacheFile;
use gate::Gate;
use open_lock::OpenLock;
use own_changes::{OwnChanges, Watch};
use pace::Pace;
use readers::Readers;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// One cache file, open. Cloning is cheap and gives the same file.
///
/// All methods block: for microseconds (a read by key), a disk write (a local write), or as long as the
/// server's rows take (the applying ones). Any number of threads may call them; a local write of this process
/// waits for at most one chunk of an apply.
#[derive(Debug, Clone)]
pub struct Cache {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: CacheFile,
    log_path: PathBuf,
    plan: Arc<Plan>,
    device: String,
    gate: Gate,
    writer: Mutex<Connection>,
    applier: Mutex<Connection>,
    pace: Pace,
    /// Opened when the log is long for the first time.
    checkpointer: Mutex<Option<Connection>>,
    is_checkpointing: AtomicBool,
    readers: Readers,
    watch: Mutex<Watch>,
    own_changes: Mutex<OwnChanges>,
    migration: Option<Migration>,
    secrets: Secrets,
    /// The connections are closed and the file is gone, or will be.
    is_wiped: AtomicBool,
    /// The last field: let go of after the connections.
    open_lock: OpenLock,
}

impl Cache {
    /// The plan that the file was opened with.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.inner.plan
    }

    /// Names this file to the server: 32 hex digits, made when the file was created.
    pub fn device(&self) -> &str {
        &self.inner.device
    }

    /// What became of the file when it was opened; `None` when it had this schema already, or was made.
    pub fn migration(&self) -> Option<&Migration> {
        self.inner.migration.as_ref()
    }

    /// Whether it does everything in its caller's thread.
    pub(crate) fn is_simulated(&self) -> bool {
        self.inner.pace.is_simulated()
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.inner.file.path
    }

    /// Whether [`wipe`](Self::wipe) has begun: this cache gives errors from then on.
    pub fn is_wiped(&self) -> bool {
        self.inner.is_wiped.load(Ordering::SeqCst)
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.inner.secrets
    }

    /// Runs `f` on a read-only connection of its own. It never waits for a writer.
    ///
    /// # Errors
    ///
    /// What `f` returns; `Storage` when the file cannot be opened again.
    pub fn read<R>(&self, f: impl FnOnce(&Connection) -> Result<R>) -> Result<R> {
        self.inner.readers.with(f)
    }

    /// The connection of local writes. Have a turn of the gate first.
    fn writer(&self) -> Result<MutexGuard<'_, Connection>> {
        self.unless_wiped(connections::lock(&self.inner.writer))
    }

    /// The connection of applies. Have a turn of the gate first.
    fn applier(&self) -> Result<MutexGuard<'_, Connection>> {
        self.unless_wiped(connections::lock(&self.inner.applier))
    }

    /// What was locked, unless a wipe has put an empty connection in its place.
    fn unless_wiped<T>(&self, locked: T) -> Result<T> {
        if self.is_wiped() {
            return Err(failure::wiped());
        }
        Ok(locked)
    }
}
