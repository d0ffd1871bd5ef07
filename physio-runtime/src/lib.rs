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
pub use physio_derive::{FromRow, schema};
pub use physio::{Physio, PhysioBuilder, Status, TableStatus};
pub use physio_schema::plan::Plan;
pub use rusqlite;
pub use sync::SyncState;
pub use table::{FromRow, RowKey, RowValues, Table};

/// What generated code names; not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::table::read_field;
    pub use crate::types::{FieldError, FieldValue, read_member};
    pub use rusqlite;
    pub use rusqlite::types::{Value, ValueRef};
    pub use serde;
    pub use serde_json;
}
