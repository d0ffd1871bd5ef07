//! Opening the file: made when it is missing, brought up to date when it is older, refused when it is newer.

use super::connections::{self, Purpose, Readers};
use super::own_changes::{OwnChanges, Watch};
use super::pace::Pace;
use super::{Cache, Inner, failure, migrate, outbox};
use crate::{Error, ErrorKind, Plan, Result};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

impl Cache {
    /// Opens the cache file, creates it (readable by its owner only) or brings an older one up to the plan.
    ///
    /// An older file keeps its rows and its unsent changes; tables whose shape changed are read again by the
    /// next sync. What can no longer be sent is shown by [`attention`](Self::attention).
    ///
    /// # Errors
    ///
    /// `CacheFromTheFuture` when a newer version of this crate wrote it; `Storage` when it is not a cache, is
    /// damaged, or cannot be written. The file is untouched then.
    pub fn open(path: &Path, plan: Arc<Plan>) -> Result<Self> {
        let text = migrate::text_of(&plan)?;
        Self::open_at(path, plan, &text, Pace::real())
    }

    /// As [`open`](Self::open), for a simulation: nothing runs beside its caller, and the clock that ends chunks is
    /// moved by `seed` alone. The same calls then leave the same file. `text` is the plan as JSON, which a caller that
    /// opens many files writes once.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    #[cfg(feature = "simulation")]
    pub fn open_simulated(path: &Path, plan: Arc<Plan>, text: &str, seed: u64) -> Result<Self> {
        Self::open_at(path, plan, text, Pace::simulated(seed))
    }

    fn open_at(path: &Path, plan: Arc<Plan>, text: &str, pace: Pace) -> Result<Self> {
        connections::create_file(path)?;
        let reader = check_untouched(path)?;
        let writer = connections::open(path, Purpose::Write)?;
        let applier = |path: &Path| connections::open(path, Purpose::Apply);
        Self::begin(path, plan, text, pace, [reader, writer], applier)
    }

    /// As if this process had been killed, which leaves the file as it is, and another had opened it: nothing of what
    /// this cache keeps in memory is known to the new one. Only the connections are the same, because reading the
    /// file's schema takes longer than anything else. Whoever still works with this cache finds another file.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    #[cfg(feature = "simulation")]
    pub fn taken_over(&self, text: &str, seed: u64) -> Result<Self> {
        let take = |slot: &Mutex<Connection>| {
            let mut slot = connections::lock(slot);
            let taken = std::mem::replace(&mut *slot, Connection::open_in_memory()?);
            if !taken.is_autocommit() {
                taken.execute_batch("ROLLBACK")?;
            }
            Ok::<_, Error>(taken)
        };
        let inner = &self.inner;
        let (reader, writer, applier) = (inner.readers.take()?, take(&inner.writer)?, take(&inner.applier)?);
        migrate::check_file(&reader)?;
        let plan = Arc::clone(&inner.plan);
        Self::begin(&inner.path, plan, text, Pace::simulated(seed), [reader, writer], |_| Ok(applier))
    }

    fn begin(
        path: &Path,
        plan: Arc<Plan>,
        text: &str,
        pace: Pace,
        [reader, writer]: [Connection; 2],
        applier: impl FnOnce(&Path) -> Result<Connection>,
    ) -> Result<Self> {
        use_log(&writer)?;
        let migration = migrate::bring_up_to_date(&writer, &plan, text)?;
        let device = outbox::load_meta(&writer, "device")?.ok_or_else(|| failure::damaged("no device id"))?;
        // It had to leave the log where it is; from now on the file is ours.
        reader.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        let watch = Watch::new(path, &writer)?;
        let mut log_path = path.as_os_str().to_owned();
        log_path.push("-wal");
        Ok(Self {
            inner: Arc::new(Inner {
                path: path.to_owned(),
                log_path: log_path.into(),
                plan,
                device,
                gate: super::gate::Gate::default(),
                pace,
                writer: Mutex::new(writer),
                applier: Mutex::new(applier(path)?),
                checkpointer: Mutex::new(None),
                is_checkpointing: AtomicBool::new(false),
                readers: Readers::new(path, reader),
                watch: Mutex::new(watch),
                own_changes: Mutex::new(OwnChanges::default()),
                migration,
            }),
        })
    }
}

/// Looks at the file without changing a byte of it: one that is refused stays as it is, its log included.
fn check_untouched(path: &Path) -> Result<Connection> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let has_log = std::fs::metadata(&log).is_ok_and(|log| log.len() > 0);
    let reader = connections::open(path, Purpose::Read)?;
    // The last connection that closes would move the log into the file. An empty log it takes away again.
    reader.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_log)?;
    migrate::check_file(&reader)?;
    Ok(reader)
}

/// Readers and a writer at the same time need SQLite's write-ahead log.
fn use_log(connection: &Connection) -> Result<()> {
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode == "wal" {
        Ok(())
    } else {
        Err(Error::new(
            ErrorKind::Storage,
            "the cache file's file system does not support SQLite's write-ahead log; put it on a local disk",
        ))
    }
}
