//! Encrypting a file that is there, decrypting it, and giving it another key: always by a second file that takes the
//! first one's place in one step, so that a kill leaves the one or the other whole.

use super::cipher::{self, Look};
use super::connections::{self, CacheFile, Purpose};
use super::failure::storage;
use super::files::{self, CONVERTED};
use super::keys::{self, key_to_encrypt_with};
use super::migrate;
use super::open_lock::OpenLock;
use crate::secret::{CacheKey, Encryption, Entry, Kept};
use crate::{Error, ErrorKind, Result};
use physio_schema::sqlite::quote_identifier;
use rusqlite::{Connection, params};
use std::path::Path;

/// Encrypts a cache file that is not encrypted, unsent changes included. One that is encrypted with this key already
/// is left as it is.
///
/// Nobody may have the file open. It takes as long as reading and writing the file once, and as much space again. The
/// plain file is overwritten in the end, which a disk that writes elsewhere (an SSD) may undo.
///
/// # Errors
///
/// `Busy` when the file is open elsewhere; `Key` when it is encrypted with another key, when the store does not keep
/// the key, or without the feature `encryption`; `Usage` for [`Encryption::None`]; `Storage` when there is no such
/// cache, or the disk refuses. The file is as it was then.
pub fn encrypt_file(path: &Path, encryption: &Encryption) -> Result<()> {
    let _alone = alone(path)?;
    if cipher::look(path)? != Look::Plain {
        return keys::key_of(path, encryption)?.map(|_| ()).ok_or_else(no_key);
    }
    let key = match encryption {
        Encryption::None => return Err(no_key()),
        Encryption::Key(key) => key.clone(),
        Encryption::Store(store) => key_to_encrypt_with(store)?,
    };
    convert(&CacheFile { path: path.to_owned(), key: None }, Some(&key))
}

/// As [`encrypt_file`], for a file that is about to be opened: only one that is not encrypted needs to be free.
pub(crate) fn encrypt_plain_file(path: &Path, encryption: &Encryption) -> Result<()> {
    if cipher::look(path)? == Look::Plain && !super::wipe::has_begun(path) {
        encrypt_file(path, encryption)?;
    }
    Ok(())
}

/// Decrypts a cache file, unsent changes included, and removes its key from where it was kept. A file that is not
/// encrypted is left as it is.
///
/// # Errors
///
/// As [`encrypt_file`].
pub fn decrypt_file(path: &Path, encryption: &Encryption) -> Result<()> {
    let _alone = alone(path)?;
    if cipher::look(path)? != Look::Plain {
        let key = keys::key_of(path, encryption)?.ok_or_else(no_key)?;
        convert(&CacheFile { path: path.to_owned(), key: Some(key) }, None)?;
    }
    match encryption {
        Encryption::Store(store) => Kept(&**store).remove(Entry::CacheKey),
        Encryption::None | Encryption::Key(_) => Ok(()),
    }
}

/// Encrypts a cache file anew: with the key that `to` has, or, when `to` is a store, with a new one that is kept
/// there. The old key is removed from its store.
///
/// A kill at any point leaves a file that the store of `to`, or the one of `from`, opens: with one store as both, every
/// later opening finds the right key. With two, call this again when it was cut off.
///
/// # Errors
///
/// As [`encrypt_file`].
pub fn change_key(path: &Path, from: &Encryption, to: &Encryption) -> Result<()> {
    let _alone = alone(path)?;
    let old = match keys::key_of(path, from) {
        Ok(key) => key.ok_or_else(no_key)?,
        // The change was done, and cut off before the old key was removed from its own store.
        Err(error) if error.kind() == ErrorKind::Key && keys::key_of(path, to).is_ok() => {
            return match from {
                Encryption::Store(store) => Kept(&**store).remove(Entry::CacheKey),
                Encryption::None | Encryption::Key(_) => Ok(()),
            };
        }
        Err(error) => return Err(error),
    };
    let file = CacheFile { path: path.to_owned(), key: Some(old) };
    let new = match to {
        Encryption::None => return Err(no_key()),
        Encryption::Key(key) => {
            convert(&file, Some(key))?;
            key.clone()
        }
        Encryption::Store(store) => {
            let kept = Kept(&**store);
            let key = kept.new_cache_key(Entry::NextCacheKey)?;
            convert(&file, Some(&key))?;
            kept.store(Entry::CacheKey, &key.to_secret())?;
            kept.remove(Entry::NextCacheKey)?;
            key
        }
    };
    match from {
        // The same store holds the new key by now.
        Encryption::Store(store)
            if Kept(&**store).cache_key(Entry::CacheKey)?.is_some_and(|key| key != new) =>
        {
            Kept(&**store).remove(Entry::CacheKey)
        }
        Encryption::None | Encryption::Key(_) | Encryption::Store(_) => Ok(()),
    }
}

/// The file for this caller alone, without what an earlier conversion left.
fn alone(path: &Path) -> Result<OpenLock> {
    let lock = OpenLock::shared(path)?;
    lock.try_be_alone(path)?;
    if super::wipe::has_begun(path) {
        return Err(Error::new(
            ErrorKind::Usage,
            "a wipe of this cache was cut off; open it once to finish it",
        ));
    }
    if cipher::look(path)? == Look::Empty {
        return Err(Error::new(ErrorKind::Storage, format!("there is no cache file {}", path.display())));
    }
    keys::remove_leftovers(path)?;
    Ok(lock)
}

fn convert(file: &CacheFile, new: Option<&CacheKey>) -> Result<()> {
    let converted = files::beside(&file.path, CONVERTED);
    let failed = |doing| {
        let converted = converted.clone();
        move |error| storage(&converted, doing, error)
    };
    let old = connections::open(file, Purpose::Write)?;
    migrate::check_file(&old)?;
    hold(&old)?;
    files::create(&converted)?;
    if let Err(error) = export(&old, &converted, new) {
        // It may be half of a plain copy; what cannot be removed now is removed by the next opening.
        let _ = files::destroy_file(&converted);
        return Err(error);
    }
    let bytes = std::fs::OpenOptions::new().write(true).open(&converted);
    bytes.and_then(|file| file.sync_all()).map_err(failed("writing"))?;
    let was_plain = file.key.is_none();
    // Opened by its name while it still has it.
    let plain_bytes = was_plain.then(|| std::fs::OpenOptions::new().write(true).open(&file.path));
    // Other programs are kept out until the file has its new content; Windows lets no open file be replaced.
    let old = if cfg!(unix) { Some(old) } else { None };
    std::fs::rename(&converted, &file.path).map_err(failed("moving into its place"))?;
    files::sync_folder(&file.path).map_err(failed("moving into its place"))?;
    if let Some(plain) = plain_bytes {
        let overwritten = plain.and_then(|mut plain| files::overwrite(&mut plain));
        if let Err(error) = overwritten {
            tracing::warn!(%error, "the plain cache file could not be overwritten; its bytes may still be on the disk");
        }
    }
    drop(old);
    Ok(())
}

/// Moves the log into the file and keeps every other program out, also ones that know nothing of our locks.
fn hold(connection: &Connection) -> Result<()> {
    connection.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(()))?;
    let mode: String = connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
    if mode == "delete" {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Busy,
        "another program has the cache file open; close it there and try again (nothing was changed)",
    ))
}

/// Copies everything into the new file, and sees that it is all there.
fn export(old: &Connection, converted: &Path, new: Option<&CacheKey>) -> Result<()> {
    cipher::check_available(old)?;
    let key = new.map(|key| cipher::key_text(&key.to_hex()));
    let key = key.as_ref().map_or("", |key| key.as_str());
    old.execute("ATTACH ?1 AS converted KEY ?2", params![converted.to_string_lossy(), key])?;
    old.query_row("PRAGMA converted.journal_mode = OFF", [], |_| Ok(()))?;
    // It is synced as a whole before it takes the place of the file.
    old.execute_batch("PRAGMA converted.synchronous = OFF")?;
    connections::in_transaction(old, || {
        old.query_row("SELECT sqlcipher_export('converted')", [], |_| Ok(()))?;
        check_complete(old)
    })?;
    for pragma in ["user_version", "application_id"] {
        let value: i64 = old.query_row(&format!("PRAGMA main.{pragma}"), [], |row| row.get(0))?;
        old.execute_batch(&format!("PRAGMA converted.{pragma} = {value}"))?;
    }
    old.execute_batch("DETACH converted")?;
    Ok(())
}

fn check_complete(connection: &Connection) -> Result<()> {
    let same = |sql: &str| -> Result<bool> {
        let count = |schema: &str| -> Result<i64> {
            Ok(connection.query_row(&sql.replace("SCHEMA", schema), [], |row| row.get(0))?)
        };
        Ok(count("main")? == count("converted")?)
    };
    let mut is_complete = same("SELECT count(*) FROM SCHEMA.sqlite_schema")?;
    let tables: Vec<String> = connection
        .prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0")?
        .query_and_then([], |row| Ok::<_, Error>(row.get(0)?))?
        .collect::<Result<_>>()?;
    for table in tables {
        is_complete &= same(&format!("SELECT count(*) FROM SCHEMA.{}", quote_identifier(&table)))?;
    }
    if is_complete {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Storage,
        "the copy of the cache file is not complete; keep the file as it is and report this (nothing was changed)",
    ))
}

fn no_key() -> Error {
    Error::new(ErrorKind::Usage, "this needs a key: give `Encryption::Key` or `Encryption::Store`")
}
