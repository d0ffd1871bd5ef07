//! Which key opens the file: from where it is kept, made when the file is, and settled after a change that a kill cut off.

use super::cipher::{self, Look};
use super::connections::{self, CacheFile, Purpose};
use super::failure::storage;
use super::files;
use crate::Result;
use crate::secret::{CacheKey, Encryption, Entry, Kept, KeyStore};
use rusqlite::config::DbConfig;
use std::path::Path;
use std::sync::Arc;

/// The secrets of one cache, and where they are kept.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    pub(crate) encryption: Encryption,
    /// Where the token is kept, when this crate keeps it.
    pub(crate) token: Option<Arc<dyn KeyStore>>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").field("encryption", &self.encryption).finish_non_exhaustive()
    }
}

/// Makes what an encrypted file needs before anyone opens it: its key, and its first page. The caller has the file
/// alone, because two that began at the same time would do it in two ways.
pub(super) fn begin_encrypted(path: &Path, encryption: &Encryption) -> Result<()> {
    let key = match encryption {
        Encryption::None => return Ok(()),
        Encryption::Key(key) => key.clone(),
        Encryption::Store(store) => key_to_encrypt_with(store)?,
    };
    if cipher::look(path)? != Look::Empty {
        return Ok(());
    }
    files::create(path)?;
    let connection = connections::open(&CacheFile { path: path.to_owned(), key: Some(key) }, Purpose::Write)?;
    // Writes the first page, and with it the salt that every other connection must find there.
    super::open::use_log(&connection)
}

/// The key that is kept there, or a new one.
pub(super) fn key_to_encrypt_with(store: &Arc<dyn KeyStore>) -> Result<CacheKey> {
    let kept = Kept(&**store);
    match kept.cache_key(Entry::CacheKey)? {
        Some(key) => Ok(key),
        None => kept.new_cache_key(Entry::CacheKey),
    }
}

/// The key that opens the file; `None` when it is to be opened without one. An error leaves the file as it is.
pub(super) fn key_of(path: &Path, encryption: &Encryption) -> Result<Option<CacheKey>> {
    let look = cipher::look(path)?;
    match (encryption, look) {
        (Encryption::None, Look::Other) => Err(cipher::has_no_key(path)),
        (Encryption::None, Look::Plain | Look::Empty) => Ok(None),
        (Encryption::Key(_) | Encryption::Store(_), Look::Plain) => Err(cipher::is_plain(path)),
        (Encryption::Key(key), Look::Other | Look::Empty) => {
            if does_open(path, key)? {
                Ok(Some(key.clone()))
            } else {
                Err(cipher::wrong_key(path, "the key that was given"))
            }
        }
        (Encryption::Store(store), Look::Other | Look::Empty) => kept_key_of(path, &**store).map(Some),
    }
}

/// After a change of the key that was cut off, one of two keys is right.
fn kept_key_of(path: &Path, store: &dyn KeyStore) -> Result<CacheKey> {
    let kept = Kept(store);
    let present = kept.cache_key(Entry::CacheKey)?;
    let next = kept.cache_key(Entry::NextCacheKey)?;
    if present.is_none() && next.is_none() {
        return Err(cipher::lost_key(path, &store.place()));
    }
    if let Some(key) = present
        && does_open(path, &key)?
    {
        if next.is_some() {
            kept.remove(Entry::NextCacheKey)?;
        }
        return Ok(key);
    }
    if let Some(key) = next
        && does_open(path, &key)?
    {
        kept.store(Entry::CacheKey, &key.to_secret())?;
        kept.remove(Entry::NextCacheKey)?;
        return Ok(key);
    }
    Err(cipher::wrong_key(path, &format!("the key in {}", store.place())))
}

/// Whether the key opens the file, which stays as it is, its log included.
pub(super) fn does_open(path: &Path, key: &CacheKey) -> Result<bool> {
    let file = CacheFile { path: path.to_owned(), key: Some(key.clone()) };
    cipher::can_read(&open_untouched(&file)?)
}

/// A reader that does not change a byte of the file, not even when it is the last that closes it.
pub(super) fn open_untouched(file: &CacheFile) -> Result<rusqlite::Connection> {
    let log = files::beside(&file.path, files::LOG);
    let has_log = std::fs::metadata(&log).is_ok_and(|log| log.len() > 0);
    let reader = connections::open(file, Purpose::Read)?;
    // The last connection that closes would move the log into the file. An empty log it takes away again.
    reader.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_log)?;
    Ok(reader)
}

/// Removes what an unfinished conversion left; nobody converts, because the caller has the file open.
pub(super) fn remove_leftovers(path: &Path) -> Result<()> {
    for suffix in [".converting-journal", files::CONVERTED] {
        let leftover = files::beside(path, suffix);
        files::remove(&leftover).map_err(|error| storage(&leftover, "removing a leftover", error))?;
    }
    Ok(())
}
