//! SQLite's errors in this crate's words: what went wrong, where, and what to do; never a value, never SQL.

use crate::{Error, ErrorKind};
use physio_schema::codec::CodecError;
use rusqlite::ErrorCode;
use std::path::Path;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as Sqlite;
        match error {
            Sqlite::SqliteFailure(failure, message) => from_code(failure.code, message),
            // The source holds the statement's text, which may hold values.
            Sqlite::SqlInputError { msg, .. } => {
                Error::new(ErrorKind::Sql, format!("SQLite does not accept the statement: {msg}"))
            }
            Sqlite::FromSqlConversionFailure(position, found, source) => Error::new(
                ErrorKind::Field,
                format!("column {position} of the result (a {found}) does not fit its Rust type: {source}"),
            ),
            Sqlite::IntegralValueOutOfRange(position, _) => Error::new(
                ErrorKind::Field,
                format!("column {position} of the result is out of the range of its Rust type"),
            ),
            Sqlite::InvalidColumnType(position, name, found) => Error::new(
                ErrorKind::Field,
                format!(
                    "column {position} (`{name}`) of the result holds {found}, which its Rust type cannot"
                ),
            ),
            Sqlite::QueryReturnedNoRows => Error::new(
                ErrorKind::Sql,
                "the query returned no row where one was expected; ask with `optional()` when that may happen",
            ),
            other => Error::new(ErrorKind::Sql, other.to_string()),
        }
    }
}

fn from_code(code: ErrorCode, message: Option<String>) -> Error {
    let storage = |text: &str| Error::new(ErrorKind::Storage, format!("the cache file: {text}"));
    match code {
        ErrorCode::DiskFull => {
            storage("the disk is full; free some space and try again (nothing was changed)")
        }
        ErrorCode::ReadOnly => {
            storage("it is read-only; make the file and its folder writable for this user")
        }
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied => {
            storage("it cannot be opened; check that the folder exists and that this user may write there")
        }
        ErrorCode::SystemIoFailure => storage("the disk answers with an error; check the disk and try again"),
        ErrorCode::DatabaseCorrupt => {
            storage("it is damaged; keep a copy of it for the unsent changes, remove it and sync again")
        }
        ErrorCode::NotADatabase => storage("it is not an SQLite database; choose another path"),
        ErrorCode::FileLockingProtocolFailed | ErrorCode::NoLargeFileSupport => {
            storage("its file system cannot lock files; put it on a local disk")
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::new(
            ErrorKind::Busy,
            "another program holds the cache file's write lock for long; close its open transaction and try again",
        ),
        ErrorCode::ConstraintViolation => Error::new(
            ErrorKind::Constraint,
            message.unwrap_or_else(|| "the write breaks a rule of its table".to_owned()),
        ),
        _ => Error::new(ErrorKind::Sql, message.unwrap_or_else(|| code_text(code).to_owned())),
    }
}

fn code_text(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::OutOfMemory => "SQLite has no memory left",
        ErrorCode::OperationInterrupted => "the statement was interrupted",
        ErrorCode::TooBig => "a value is larger than SQLite takes",
        ErrorCode::TypeMismatch => "a value does not have the type of its column",
        ErrorCode::AuthorizationForStatementDenied => "the statement is not allowed here",
        _ => "SQLite refuses the statement",
    }
}

impl From<CodecError> for Error {
    fn from(error: CodecError) -> Self {
        Error::with_source(ErrorKind::Field, error.to_string(), error)
    }
}

/// A file operation beside SQLite failed.
pub(super) fn storage(path: &Path, doing: &str, error: std::io::Error) -> Error {
    let advice = match error.kind() {
        std::io::ErrorKind::NotFound => "create the folder first",
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            "make it writable for this user"
        }
        std::io::ErrorKind::StorageFull => "free some space",
        _ => "check the disk",
    };
    let message = format!("{doing} {} failed ({error}); {advice}", path.display());
    Error::with_source(ErrorKind::Storage, message, error)
}

/// The cache was wiped, and this is one that was open before.
pub(super) fn wiped() -> Error {
    Error::new(ErrorKind::Usage, "the cache was wiped; open it again to begin with an empty one")
}

/// A table that the plan does not have.
pub(super) fn unknown_table(table: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("`{table}` is not a synced table; list it in a wave of physio.toml"))
}

/// Something in the inner tables that no version of this crate writes.
pub(super) fn damaged(what: &str) -> Error {
    Error::new(
        ErrorKind::Storage,
        format!(
            "the cache file holds {what}; keep a copy of it for the unsent changes, remove it and sync again"
        ),
    )
}
