//! Opening the file: made when it is missing, brought up to date when it is older, refused when it is newer.

use super::cipher::{self, Look};
use super::connections::{self, CacheFile, Purpose};
use super::keys::{self, Secrets};
use super::open_lock::OpenLock;
use super::own_changes::{OwnChanges, Watch};
use super::pace::Pace;
use super::readers::Readers;
use super::{Cache, Inner, failure, files, migrate, outbox, wipe};
use crate::secret::Encryption;
use crate::{Error, ErrorKind, Plan, Result};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

/// A file that may be opened, and how it is worked with.
struct Opened {
    file: CacheFile,
    secrets: Secrets,
    open_lock: OpenLock,
    pace: Pace,
}

impl Cache {
    /// Opens the cache file, creates it (readable by its owner only) or brings an older one up to the plan.
    ///
    /// An older file keeps its rows and its unsent changes; tables whose shape changed are read again by the
    /// next sync. What can no longer be sent is shown by [`attention`](Self::attention).
    ///
    /// # Errors
    ///
    /// `CacheFromTheFuture` when a newer version of this crate wrote it; `Storage` when it is not a cache, is
    /// damaged, encrypted, or cannot be written. The file is untouched then.
    pub fn open(path: &Path, plan: Arc<Plan>) -> Result<Self> {
        Self::open_encrypted(path, plan, &Encryption::None)
    }

    /// As [`open`](Self::open), for a file that is encrypted; one that is made now is encrypted from its first byte.
    ///
    /// ```
    /// # #[cfg(feature = "encryption")] {
    /// # use physio_runtime::{ErrorKind, cache::Cache, secret::{CacheKey, Encryption}};
    /// # mod clinic { physio_runtime::schema!("physio.toml"); }
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("cache.db");
    /// let plan = std::sync::Arc::new(clinic::plan().clone());
    /// let key = Encryption::Key(CacheKey::random()?);
    /// drop(Cache::open_encrypted(&path, plan.clone(), &key)?);
    ///
    /// let other = Encryption::Key(CacheKey::random()?);
    /// let error = Cache::open_encrypted(&path, plan.clone(), &other).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Key);
    /// Cache::open_encrypted(&path, plan, &key)?;
    /// # }
    /// # Ok::<(), physio_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); `Key` when the key does not open the file, the file is not encrypted, its store does
    /// not give the key, or this program was built without the feature `encryption`. The file is untouched then.
    pub fn open_encrypted(path: &Path, plan: Arc<Plan>, encryption: &Encryption) -> Result<Self> {
        Self::open_with(path, plan, Secrets { encryption: encryption.clone(), token: None })
    }

    pub(crate) fn open_with(path: &Path, plan: Arc<Plan>, secrets: Secrets) -> Result<Self> {
        let text = migrate::text_of(&plan)?;
        Self::open_at(path, plan, &text, Pace::real(), secrets)
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
        Self::open_at(path, plan, text, Pace::simulated(seed), Secrets::default())
    }

    fn open_at(path: &Path, plan: Arc<Plan>, text: &str, pace: Pace, secrets: Secrets) -> Result<Self> {
        let open_lock = prepared(path, &secrets)?;
        keys::remove_leftovers(path)?;
        files::create(path)?;
        files::mend_permissions(path);
        let key = keys::key_of(path, &secrets.encryption)?;
        let file = CacheFile { path: path.to_owned(), key };
        // A look that changes nothing: a file that is refused stays as it is.
        let reader = keys::open_untouched(&file)?;
        migrate::check_file(&reader)?;
        let writer = connections::open(&file, Purpose::Write)?;
        let applier = |file: &CacheFile| connections::open(file, Purpose::Apply);
        Self::begin(Opened { file, secrets, open_lock, pace }, plan, text, [reader, writer], applier)
    }

    /// As if this process had been killed and another had opened the file: nothing of what this cache keeps in memory
    /// is known to the new one. Only the connections are the same, because reading the file's schema takes longer than
    /// anything else. Whoever still works with this cache finds another file.
    ///
    /// `end` does to the file, while nobody works with it, what the end of the process does.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    #[cfg(feature = "simulation")]
    pub fn taken_over(&self, text: &str, seed: u64, end: impl FnOnce()) -> Result<Self> {
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
        end();
        // The others are used before the schema can change again.
        applier.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        migrate::check_file(&reader)?;
        let opened = Opened {
            file: inner.file.clone(),
            secrets: inner.secrets.clone(),
            open_lock: OpenLock::shared(&inner.file.path)?,
            pace: Pace::simulated(seed),
        };
        Self::begin(opened, Arc::clone(&inner.plan), text, [reader, writer], |_| Ok(applier))
    }

    fn begin(
        Opened { file, secrets, open_lock, pace }: Opened,
        plan: Arc<Plan>,
        text: &str,
        [reader, writer]: [Connection; 2],
        applier: impl FnOnce(&CacheFile) -> Result<Connection>,
    ) -> Result<Self> {
        let path = &file.path;
        use_log(&writer)?;
        let migration = migrate::bring_up_to_date(&writer, &plan, text)?;
        let device = outbox::load_meta(&writer, "device")?.ok_or_else(|| failure::damaged("no device id"))?;
        // The log was made with the rights of the file; one that was there already kept its own.
        files::mend_permissions(path);
        // It had to leave the log where it is; from now on the file is ours.
        reader.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        let watch = Watch::new(file.clone(), &writer)?;
        Ok(Self {
            inner: Arc::new(Inner {
                log_path: files::beside(path, files::LOG),
                plan,
                device,
                gate: super::gate::Gate::default(),
                pace,
                writer: Mutex::new(writer),
                applier: Mutex::new(applier(&file)?),
                checkpointer: Mutex::new(None),
                is_checkpointing: AtomicBool::new(false),
                readers: Readers::new(file.clone(), reader),
                watch: Mutex::new(watch),
                own_changes: Mutex::new(OwnChanges::default()),
                migration,
                secrets,
                is_wiped: AtomicBool::new(false),
                open_lock,
                file,
            }),
        })
    }
}

/// The right to have the file open, once a wipe that was cut off is finished and a new encrypted file has begun.
fn prepared(path: &Path, secrets: &Secrets) -> Result<OpenLock> {
    loop {
        let lock = OpenLock::shared(path)?;
        let is_encrypted = !matches!(secrets.encryption, Encryption::None);
        let must_begin = is_encrypted && cipher::look(path)? == Look::Empty;
        if !must_begin && !wipe::has_begun(path) {
            return Ok(lock);
        }
        drop(lock);
        let alone = OpenLock::alone(path)?;
        if wipe::has_begun(path) {
            wipe::finish(path, secrets)?;
        } else {
            keys::begin_encrypted(path, &secrets.encryption)?;
        }
        drop(alone);
    }
}

/// Readers and a writer at the same time need SQLite's write-ahead log.
pub(super) fn use_log(connection: &Connection) -> Result<()> {
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
