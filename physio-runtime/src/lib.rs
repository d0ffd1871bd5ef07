//! The local cache and its sync: read and write SQLite at once, keep a remote MySQL the same.

pub mod bridge;
pub mod cache;
mod error;
mod event;
mod physio;
mod sync;
mod table;
pub mod types;

pub use error::{Error, ErrorKind, Result};
pub use event::{Cause, Event, SyncStatus};
pub use physio_schema::plan::Plan;
pub use table::{FromRow, RowKey, RowValues, Table};

/// What generated code names; not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::table::read_field;
    pub use crate::types::{FieldError, FieldValue};
    pub use rusqlite;
    pub use rusqlite::types::{Value, ValueRef};
    pub use serde_json;
}
