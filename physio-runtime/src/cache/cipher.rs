//! The key of a connection, and what a file looks like from outside. SQLCipher does the rest.

use super::failure::storage;
use crate::secret::CacheKey;
use crate::{Error, ErrorKind, Result};
use rusqlite::{Connection, OptionalExtension};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

const PLAIN_BEGINNING: &[u8; 16] = b"SQLite format 3\0";

/// What the first bytes of a file tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// It is not there, or empty: it becomes whatever it is opened as.
    Empty,
    /// An SQLite database that is not encrypted.
    Plain,
    /// Encrypted, or no database at all.
    Other,
}

/// Looks at a file without SQLite.
pub(super) fn look(path: &Path) -> Result<Look> {
    let mut beginning = Vec::with_capacity(PLAIN_BEGINNING.len());
    match File::open(path) {
        Ok(file) => file
            .take(PLAIN_BEGINNING.len() as u64)
            .read_to_end(&mut beginning)
            .map_err(|error| storage(path, "reading the cache file", error))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Look::Empty),
        Err(error) => return Err(storage(path, "opening the cache file", error)),
    };
    Ok(match beginning.as_slice() {
        [] => Look::Empty,
        beginning if beginning == PLAIN_BEGINNING => Look::Plain,
        _ => Look::Other,
    })
}

/// Gives the connection its key, before anything else is done with it.
pub(super) fn unlock(connection: &Connection, key: &CacheKey) -> Result<()> {
    check_available(connection)?;
    let statement = {
        let hex = key.to_hex();
        let mut text = Zeroizing::new(String::with_capacity(hex.len() + 32));
        text.push_str("PRAGMA key = \"");
        text.push_str(&key_text(&hex));
        text.push('"');
        text
    };
    // The error would hold the statement.
    connection.query_row(&statement, [], |_| Ok(())).optional().map_err(|_| {
        Error::new(ErrorKind::Key, "SQLCipher does not take the cache's key (nothing was changed)")
    })?;
    // What a later SQLCipher does by default must not decide whether this file can be read.
    connection.execute_batch("PRAGMA cipher_compatibility = 4")?;
    Ok(())
}

/// A plain SQLite takes an unknown PRAGMA without a word, and would then write plain text.
pub(super) fn check_available(connection: &Connection) -> Result<()> {
    let cipher: Option<String> =
        connection.query_row("PRAGMA cipher_version", [], |row| row.get(0)).optional()?;
    cipher.ok_or_else(unavailable)?;
    // It would write to the application's standard error; what it has to say comes as an error of ours.
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    Ok(())
}

/// The spelling of a key that is used as it is; a text without the `x` would be taken for a password.
pub(super) fn key_text(hex: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(hex.len() + 3));
    text.push_str("x'");
    text.push_str(hex);
    text.push('\'');
    text
}

/// Whether the connection can read its file.
pub(super) fn can_read(connection: &Connection) -> Result<bool> {
    match connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)) {
        Ok(_) => Ok(true),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn unavailable() -> Error {
    Error::new(
        ErrorKind::Key,
        "a key was given for the cache file, but this program was built without SQLCipher; build it with \
         physio-runtime's feature `encryption` (nothing was changed)",
    )
}

pub(super) fn wrong_key(path: &Path, place: &str) -> Error {
    Error::new(
        ErrorKind::Key,
        format!(
            "{place} does not open the cache file {}: it was encrypted with another key, or it is damaged or no cache; \
             give the key that it was made with, or move the file away to begin anew without its unsent changes \
             (nothing was changed)",
            path.display()
        ),
    )
}

pub(super) fn is_plain(path: &Path) -> Error {
    Error::new(
        ErrorKind::Key,
        format!(
            "the cache file {} is not encrypted, but a key was given for it; encrypt it first (`encrypt_existing` of \
             the builder, `cache::encrypt_file`, `physio-sidecar --convert encrypted`), or open it without a key \
             (nothing was changed)",
            path.display()
        ),
    )
}

pub(super) fn has_no_key(path: &Path) -> Error {
    Error::new(
        ErrorKind::Storage,
        format!(
            "{} is not an SQLite database, or it is encrypted; give its key, or choose another path (nothing was \
             changed)",
            path.display()
        ),
    )
}

pub(super) fn lost_key(path: &Path, place: &str) -> Error {
    Error::new(
        ErrorKind::Key,
        format!(
            "{place} has no key for the cache file {}, which is encrypted; put the key back, or move the file away to \
             begin anew without its unsent changes (nothing was changed)",
            path.display()
        ),
    )
}
