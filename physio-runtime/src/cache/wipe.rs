//! The end of a cache: connections closed, key and token removed, files destroyed. A kill in between is finished by the
//! next opening.
//!
//! The beginning is a file beside the cache: before it exists nothing is destroyed, and once it does, all will be.

use super::failure::storage;
use super::files::{self, OPEN_LOCK, SYNC_LOCK, WIPING, beside, destroy_file, private, remove};
use super::keys::Secrets;
use super::unsent::Unsent;
use super::{Cache, connections};
use crate::secret::{Encryption, Entry, Kept};
use crate::{Error, ErrorKind, Result};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::Ordering;

/// Lines of the file that says that a wipe has begun: what must be removed from where secrets are kept.
const HAS_KEY: &str = "cache-key";
const HAS_TOKEN: &str = "token";

impl Cache {
    /// Destroys the cache, if `unsent` covers everything that the server does not have: closes this cache's
    /// connections (clones give `Usage` errors from then on), removes key and token from where they are kept,
    /// overwrites and removes the files.
    ///
    /// Once it has begun, an error or a kill does not stop it: the next opening finishes it.
    ///
    /// # Errors
    ///
    /// `Unsent` when there are changes that `unsent` does not cover; `Busy` when the file is open elsewhere or a read
    /// goes on; nothing was changed then. `Storage` and `Key` when it has begun and could not be finished yet.
    pub fn wipe(&self, unsent: &Unsent) -> Result<()> {
        if self.inner.gate.is_held_here() {
            return Err(Error::new(ErrorKind::Usage, "a wipe inside a write would wait for itself"));
        }
        // In the order in which a checkpoint takes them.
        let mut checkpointer = connections::lock(&self.inner.checkpointer);
        let _turn = self.inner.gate.enter_local();
        let mut writer = self.writer()?;
        let mut applier = self.applier()?;
        let mut watch = connections::lock(&self.inner.watch);
        self.inner.open_lock.try_be_alone(self.path())?;
        if let Err(error) = self.begin_wipe(&writer, unsent)
            // An error behind the point of no return does not lead back.
            && !has_begun(self.path())
        {
            self.inner.readers.reopen();
            self.inner.open_lock.share(self.path())?;
            return Err(error);
        }
        self.inner.is_wiped.store(true, Ordering::SeqCst);
        close(&mut writer)?;
        close(&mut applier)?;
        for connection in checkpointer.as_mut().into_iter().chain(watch.connection()) {
            close(connection)?;
        }
        finish(self.path(), &self.inner.secrets)
    }

    /// Up to the point of no return.
    fn begin_wipe(&self, writer: &Connection, unsent: &Unsent) -> Result<()> {
        self.inner.readers.close()?;
        // Programs that know nothing of our locks cannot write between the look and the beginning.
        connections::in_transaction(writer, || {
            unsent.check_covers(writer)?;
            begin(self.path(), &self.inner.secrets)
        })
    }
}

/// Puts an empty database in the place of the file.
fn close(connection: &mut Connection) -> Result<()> {
    // The last that closes would move the log into a file that is to be destroyed.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    *connection = Connection::open_in_memory()?;
    Ok(())
}

/// Whether a wipe of this file was begun and not finished.
pub(super) fn has_begun(path: &Path) -> bool {
    beside(path, WIPING).exists()
}

fn begin(path: &Path, secrets: &Secrets) -> Result<()> {
    let mut text = String::new();
    if matches!(secrets.encryption, Encryption::Store(_)) {
        text += HAS_KEY;
        text += "\n";
    }
    if secrets.token.is_some() {
        text += HAS_TOKEN;
        text += "\n";
    }
    let marker = beside(path, WIPING);
    let new = beside(path, ".wiping-new");
    let written = || -> std::io::Result<()> {
        let mut file = private().write(true).create(true).truncate(true).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, &marker)?;
        files::sync_folder(path)
    };
    written().map_err(|error| storage(&marker, "beginning a wipe: writing", error))
}

/// Does what is left of a wipe. The caller has the file alone. Every step may have been done before.
pub(super) fn finish(path: &Path, secrets: &Secrets) -> Result<()> {
    let marker = beside(path, WIPING);
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| storage(&path, "a wipe was begun, and removing", error)
    };
    let text = std::fs::read_to_string(&marker).map_err(failed(&marker))?;
    let mut missing = Vec::new();
    // The key first: without it the files are noise, however far this comes.
    for line in text.lines() {
        match (line, &secrets.encryption, &secrets.token) {
            (HAS_KEY, Encryption::Store(store), _) => {
                Kept(&**store).remove(Entry::CacheKey)?;
                Kept(&**store).remove(Entry::NextCacheKey)?;
            }
            (HAS_TOKEN, _, Some(store)) => Kept(&**store).remove(Entry::Token)?,
            _ => missing.push(line),
        }
    }
    for file in files::with_values(path) {
        destroy_file(&file).map_err(failed(&file))?;
    }
    for suffix in [".wiping-new", SYNC_LOCK] {
        let file = beside(path, suffix);
        remove(&file).map_err(failed(&file))?;
    }
    files::sync_folder(path).map_err(failed(path))?;
    if !missing.is_empty() {
        return Err(Error::new(
            ErrorKind::Key,
            format!(
                "a wipe of the cache {} removed its files, but not its {}: open it once with the key store that it had",
                path.display(),
                missing.join(" and ")
            ),
        ));
    }
    remove(&marker).map_err(failed(&marker))?;
    // Not before: who opens the file now must find the same lock as this one, until nothing is left to do.
    let lock = beside(path, OPEN_LOCK);
    remove(&lock).map_err(failed(&lock))?;
    files::sync_folder(path).map_err(failed(path))
}
