//! Opening the file: made when it is missing, brought up to date when it is older, refused when it is newer.

use super::connections::{self, Purpose, Readers};
use super::own_changes::{OwnChanges, Watch};
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
        connections::create_file(path)?;
        check_untouched(path)?;
        let writer = connections::open(path, Purpose::Write)?;
        use_log(&writer)?;
        let migration = migrate::bring_up_to_date(&writer, &plan)?;
        let device = outbox::load_meta(&writer, "device")?.ok_or_else(|| failure::damaged("no device id"))?;
        let mut log_path = path.as_os_str().to_owned();
        log_path.push("-wal");
        Ok(Self {
            inner: Arc::new(Inner {
                path: path.to_owned(),
                log_path: log_path.into(),
                plan,
                device,
                gate: super::gate::Gate::default(),
                writer: Mutex::new(writer),
                applier: Mutex::new(connections::open(path, Purpose::Apply)?),
                checkpointer: Mutex::new(connections::open(path, Purpose::Apply)?),
                is_checkpointing: AtomicBool::new(false),
                readers: Readers::new(path),
                watch: Mutex::new(Watch::new(connections::open(path, Purpose::Read)?)?),
                own_changes: Mutex::new(OwnChanges::default()),
                migration,
            }),
        })
    }
}

/// Looks at the file without changing a byte of it: one that is refused stays as it is, its log included.
fn check_untouched(path: &Path) -> Result<()> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let has_log = std::fs::metadata(&log).is_ok_and(|log| log.len() > 0);
    let reader = connections::open(path, Purpose::Read)?;
    // The last connection that closes would move the log into the file. An empty log it takes away again.
    reader.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_log)?;
    migrate::check_file(&reader)
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
