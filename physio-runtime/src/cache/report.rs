//! What the cache tells the sync loop and the application. Plain values; nothing here touches the file.

use crate::SyncStatus;
use crate::bridge::wire::{Cursor, Values};
use std::fmt;
use std::str::FromStr;

/// What a captured change did to its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A new row.
    Insert,
    /// Changed columns of a row.
    Update,
    /// A row that goes.
    Delete,
}

impl Operation {
    /// As `_physio_outbox.op` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

impl FromStr for Operation {
    type Err = UnknownOperation;

    fn from_str(text: &str) -> Result<Self, UnknownOperation> {
        match text {
            "insert" => Ok(Self::Insert),
            "update" => Ok(Self::Update),
            "delete" => Ok(Self::Delete),
            _ => Err(UnknownOperation),
        }
    }
}

/// A text that is none of the three operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownOperation;

impl fmt::Display for UnknownOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not one of insert, update, delete")
    }
}

impl std::error::Error for UnknownOperation {}

/// One captured change of this file, in the order in which it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalChange {
    /// Its number in the outbox.
    pub change: i64,
    /// The table.
    pub table: String,
    /// The row's key: JSON array in text form.
    pub key: String,
    /// What it did.
    pub operation: Operation,
}

/// How far the first pull has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullState {
    /// Where the next `sync.php` goes on; `None` before the first pull.
    pub cursor: Option<Cursor>,
    /// Every table of the plan, in the order of its waves.
    pub tables: Vec<TableProgress>,
}

/// How far one table's first pull has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableProgress {
    /// The table.
    pub table: String,
    /// Where it stands.
    pub state: TableState,
    /// Key of the last applied row (JSON array of wire values): the next page begins above it.
    pub after_key: Option<String>,
    /// Rows that came so far.
    pub pulled_rows: u64,
}

/// Where a table's first pull stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableState {
    /// Its pages are still to be read. Rows of an earlier pull may be there and are readable.
    Empty,
    /// Some pages are applied.
    Pulling,
    /// All pages are applied: changes arrive through the cursor.
    Complete,
}

/// What a page brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageReport {
    /// Rows applied.
    pub n_rows: u64,
    /// Their keys, or nothing when there were too many to list.
    pub keys: Vec<String>,
    /// Whether it was the table's last page.
    pub complete: bool,
}

/// What became of a delta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeltaOutcome {
    /// Applied and the cursor stored.
    Applied(Vec<RowChange>),
    /// Nothing was applied: the server has the batch in flight already, so its answer must be fetched first
    /// (send the same bytes again), or our own changes would be laid over their result a second time.
    PushFirst,
}

/// Rows of one table that changed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    /// The table.
    pub table: String,
    /// Their keys; empty when there were too many to list.
    pub keys: Vec<String>,
    /// Their `_sync_status` now; `None` when they are gone.
    pub status: Option<SyncStatus>,
}

/// The batch to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its number.
    pub batch: u64,
    /// The request body, the same on every try.
    pub bytes: Vec<u8>,
}

/// What the answer to a batch changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PushReport {
    /// Rows written, by table and status.
    pub changes: Vec<RowChange>,
    /// Temporary keys that became real ones.
    pub remapped: Vec<Remapped>,
    /// Units that were parked now.
    pub parked: Vec<Parked>,
    /// Changes that are on the server now.
    pub n_pushed: u64,
}

/// A temporary key that became a real one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remapped {
    /// The table.
    pub table: String,
    /// The temporary key.
    pub temporary_key: i64,
    /// The server's key, as text.
    pub server_key: String,
}

/// A unit that the server did not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The unit.
    pub unit: i64,
    /// Conflict or failed.
    pub state: ParkedState,
    /// The table of the change to blame.
    pub table: String,
    /// One of `physio_schema::wire_codes::UNIT_CODES`, or of `WIRE_CODES` when the whole request was refused.
    pub code: String,
    /// `table.column`, where one is to blame.
    pub field: Option<String>,
}

/// Why a unit waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParkedState {
    /// Both sides changed the same thing.
    Conflict,
    /// The server does not take it.
    Failed,
    /// It is on its way, but a column that it changed no longer exists: that part of it cannot be sent.
    Notice,
}

/// A unit that waits for a person, with both versions of every row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    /// The unit.
    pub unit: i64,
    /// Why.
    pub state: ParkedState,
    /// As in [`Parked::code`].
    pub code: String,
    /// `table.column`, where one is to blame.
    pub field: Option<String>,
    /// The unit that it waits for (`blocked`).
    pub blocked_by: Option<i64>,
    /// When it was written here, UTC.
    pub sealed_at: String,
    /// Its changes.
    pub changes: Vec<AttentionChange>,
}

/// One change of a unit that waits. Values are in the wire's spelling, except where the column or the table
/// is no longer part of the plan: there they are as they were captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionChange {
    /// Its number, for [`Cache::resolve_conflict`](super::Cache::resolve_conflict).
    pub change: i64,
    /// The table.
    pub table: String,
    /// The row's key: JSON array in text form.
    pub key: String,
    /// What it does.
    pub operation: Operation,
    /// Whether this change must be resolved (the others of its unit only belong to it).
    pub in_conflict: bool,
    /// What the edit began with.
    pub base: Values,
    /// What it wants.
    pub mine: Values,
    /// The server's row; `None` when it is gone or not known.
    pub theirs: Option<Values>,
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// Send my version again, on top of the server's.
    Mine,
    /// Keep the server's version and forget mine.
    Theirs,
    /// Send these values (wire spelling) instead.
    Merged(Values),
}

/// What waits in the cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Captured changes that are not on the server.
    pub pending_changes: u64,
    /// Units that the next pushes will send, the batch in flight included.
    pub queued_units: u64,
    /// Units that wait for a person.
    pub attention: u64,
}
