//! The wire types of PROTOCOL.md, and nowhere else.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// `EPOCH.SEQ`, opaque to the client but for its epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

impl Cursor {
    /// What it was given for: this feed, and what its user may see.
    ///
    /// ```
    /// use physio_runtime::bridge::wire::Cursor;
    /// assert_eq!(Cursor("9f3c1a2b.18273".into()).epoch(), "9f3c1a2b");
    /// ```
    pub fn epoch(&self) -> &str {
        self.0.split_once('.').map_or(self.0.as_str(), |(epoch, _)| epoch)
    }
}

/// `GET sync.php`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncRequest {
    /// `None` asks for the present cursor and no rows.
    pub since: Option<Cursor>,
    /// The mirrored tables; empty: all that the bridge knows.
    pub tables: Vec<String>,
    /// Feed entries at the most.
    pub limit: u32,
    /// Tables whose columns the bridge is to describe; empty: none.
    pub describe: Vec<String>,
}

/// What a bridge says of one of its tables to a client of another schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableDescription {
    /// The table.
    pub table: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Whether clients may write it.
    pub writable: bool,
    /// The row key, in order.
    pub key: Vec<String>,
    /// The column whose keys the server makes.
    pub auto: Option<String>,
    /// The visible columns in the server's order.
    pub columns: Vec<ColumnDescription>,
}

/// One column of a [`TableDescription`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnDescription {
    /// Its name.
    pub name: String,
    /// Its type as `information_schema.COLUMNS.COLUMN_TYPE` spells it.
    #[serde(rename = "type")]
    pub column_type: String,
    /// Whether NULL may be stored.
    #[serde(rename = "null")]
    pub nullable: bool,
    /// Whether an INSERT may leave it out.
    pub optional: bool,
    /// Whether MySQL computes it.
    pub generated: bool,
}

impl TableDescription {
    /// A table as a bridge that was generated from this plan describes it.
    pub fn of(table: &physio_schema::plan::TablePlan) -> Self {
        let column = |column: &physio_schema::plan::ColumnPlan| ColumnDescription {
            name: column.name.clone(),
            column_type: column.column_type.to_string(),
            nullable: column.nullable,
            optional: column.optional,
            generated: column.generated,
        };
        Self {
            table: table.name.clone(),
            fingerprint: table.fingerprint.clone(),
            writable: table.writable,
            key: table.key_columns().map(|column| column.name.clone()).collect(),
            auto: table.temporary_key.map(|position| table.columns[position].name.clone()),
            columns: table.columns.iter().map(column).collect(),
        }
    }
}

/// `GET read.php`, a page of a table or one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The table.
    pub table: String,
    /// Where the page begins or which row it is.
    pub from: PageFrom,
    /// Rows at the most.
    pub limit: u32,
    /// The epoch of the cursor that goes with this page; an answer of another epoch is refused by the client, as
    /// `epoch_changed`. `None`: any will do.
    pub epoch: Option<String>,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageFrom {
    /// The first row.
    Start,
    /// Above this key (JSON array of wire values).
    After(String),
    /// This row only.
    Key(String),
}

/// `GET read.php` for a range of a table, in the server's order of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeRequest {
    /// The table.
    pub table: String,
    /// Above this key (JSON array of wire values); `None`: from the first row.
    pub after: Option<String>,
    /// Up to and with this key; `None`: to the last row.
    pub until: Option<String>,
    /// Rows at the most.
    pub limit: u32,
    /// For each so many rows their number, their sum and the last key, in place of the rows themselves.
    pub sums: Option<u32>,
    /// As [`PageRequest::epoch`].
    pub epoch: Option<String>,
}

/// What a streamed answer consists of. Methods may stop the stream with an error text of their own.
pub trait RowSink: Send {
    /// A table's rows begin; `columns` in row order, `base64` the positions of base64 columns.
    fn table(&mut self, table: &str, columns: &[String], base64: &[usize]) -> Result<(), BridgeError>;
    /// One row as its JSON line (`["17","A",null]`): the sink parses it, so that bytes are touched once.
    fn row(&mut self, line: &str) -> Result<(), BridgeError>;
    /// Keys that are gone: each a JSON array in text form.
    fn deleted(&mut self, table: &str, keys: Vec<String>) -> Result<(), BridgeError>;
}

/// The last line of a complete answer, with the first line's facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamEnd {
    /// The bridge's fingerprint.
    pub fingerprint: String,
    /// Fingerprint per table, present when the whole fingerprints differ.
    pub table_fingerprints: Option<std::collections::BTreeMap<String, String>>,
    /// `sync` only: the tables that the request asked to describe.
    pub described: Vec<TableDescription>,
    /// `sync` only.
    pub cursor: Option<Cursor>,
    /// Whether another page follows.
    pub more: bool,
    /// `sync` only: rows and cursor are one snapshot.
    pub exact: bool,
    /// `sync` only: last applied batch of this device.
    pub ack: u64,
    /// `page` only: where the next page begins (JSON array text).
    pub after: Option<String>,
    /// Rows that came.
    pub n_rows: u64,
}

/// A push request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Version of the protocol: 1.
    pub v: u32,
    /// 32 hex digits.
    pub device: String,
    /// Last acknowledged batch + 1.
    pub batch: u64,
    /// Whole local transactions, oldest first.
    pub units: Vec<Unit>,
}

/// All changes of one local transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// The device's name for it.
    pub unit: String,
    /// In the order in which they were made.
    pub changes: Vec<Change>,
}

/// Named wire values.
pub type Values = serde_json::Map<String, serde_json::Value>;

/// One changed row. Values are strings, null, or `{"$ref":["table","temp"]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Change {
    /// A new row.
    Insert {
        /// Its table.
        table: String,
        /// The temporary key, where the server makes the key.
        #[serde(skip_serializing_if = "Option::is_none")]
        temp: Option<String>,
        /// Without the generated key.
        values: Values,
    },
    /// Changed columns of a row.
    Update {
        /// Its table.
        table: String,
        /// Its key.
        key: Vec<serde_json::Value>,
        /// The new values.
        values: Values,
        /// The values that the edit began with.
        base: Values,
    },
    /// A row that goes.
    Delete {
        /// Its table.
        table: String,
        /// Its key.
        key: Vec<serde_json::Value>,
        /// The row as the device knew it.
        base: Values,
    },
}

/// The answer to a push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchAnswer {
    /// Version of the protocol: 1.
    pub v: u32,
    /// The bridge's fingerprint.
    pub fingerprint: String,
    /// The feed's epoch as the user saw it when the batch was applied; an older bridge does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// The batch that it answers.
    pub batch: u64,
    /// One outcome per unit, in order.
    pub units: Vec<UnitOutcome>,
    /// What temporary keys became.
    #[serde(default)]
    pub keys: Vec<MappedKey>,
    /// Touched rows as they now stand.
    #[serde(default)]
    pub rows: Vec<RowBlock>,
    /// Touched rows that no longer exist.
    #[serde(default)]
    pub deleted: Vec<DeletedBlock>,
}

/// What became of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitOutcome {
    /// The device's name for it.
    pub unit: String,
    /// Applied, conflict or failed.
    pub status: UnitStatus,
    /// Index of the change to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<usize>,
    /// One of `physio_schema::wire_codes::UNIT_CODES`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// `table.column` to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The unit that it depends on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<String>,
    /// Applied units: where the server's value stayed, because the column's rule lets the server win.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<KeptColumns>,
}

/// Columns of one row in which an applied unit did not get its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptColumns {
    /// The table.
    pub table: String,
    /// Row key, as it is after the unit.
    pub key: Vec<String>,
    /// Names of the columns that still have the server's value.
    pub columns: Vec<String>,
}

/// Applied, conflict or failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitStatus {
    /// All changes of the unit are on the server.
    Applied,
    /// Both sides changed the same thing.
    Conflict,
    /// The server does not take it.
    Failed,
}

/// What a temporary key became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedKey {
    /// The table.
    pub table: String,
    /// The temporary key.
    pub temp: String,
    /// The server's key.
    pub key: String,
}

/// Rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowBlock {
    /// The table.
    pub table: String,
    /// In row order.
    pub columns: Vec<String>,
    /// Positions of base64 columns.
    pub base64: Vec<usize>,
    /// Wire values.
    pub rows: Vec<Vec<Option<String>>>,
}

/// Keys of one table that are gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedBlock {
    /// The table.
    pub table: String,
    /// Row keys.
    pub keys: Vec<Vec<String>>,
}

/// Why a request brought no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BridgeError {
    /// No connection, a timeout, or an answer that broke off.
    Unreachable(String),
    /// An error of the protocol: one of `physio_schema::wire_codes::WIRE_CODES`.
    Refused {
        /// The stable code.
        code: String,
        /// The HTTP status.
        status: u16,
        /// The bridge's sentence, or ours.
        message: String,
        /// `table.column`, where one is to blame.
        field: Option<String>,
        /// `Retry-After`.
        retry_after: Option<Duration>,
        /// `batch_gap` only: the last batch that the server knows of this device.
        last_batch: Option<u64>,
    },
    /// An answer that is not the protocol's: a host's error page, junk before the JSON.
    NotABridge {
        /// The HTTP status.
        status: u16,
        /// What was expected and what came, without its content.
        message: String,
        /// `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The receiving side stopped the stream (a full disk, say).
    Stopped(String),
}

impl fmt::Display for BridgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(text) => write!(f, "the bridge did not answer: {text}"),
            Self::Refused { code, status, message, field, .. } => {
                write!(f, "the bridge refused ({code}, HTTP {status}")?;
                if let Some(field) = field {
                    write!(f, ", {field}")?;
                }
                write!(f, "): {message}")
            }
            Self::NotABridge { status, message, .. } => {
                write!(f, "the answer (HTTP {status}) is not the bridge's: {message}")
            }
            Self::Stopped(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for BridgeError {}

/// A line of a streamed answer that is an object; rows are arrays.
///
/// One type for all of them, because the first line of a page is a head and a table line in one. Unknown
/// fields are ignored, so that a newer bridge may say more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct StreamLine {
    /// Head: version of the protocol.
    pub v: Option<u32>,
    /// Head: the bridge's fingerprint.
    pub fingerprint: Option<String>,
    /// Head: the feed's epoch as this user sees it; an older bridge names it in `sync` only.
    pub epoch: Option<String>,
    /// Head: fingerprint per table, when the whole fingerprints differ.
    pub tables: Option<std::collections::BTreeMap<String, String>>,
    /// A table that the request asked to describe.
    pub describe: Option<TableDescription>,
    /// The table that the next rows, or these deleted keys, belong to.
    pub table: Option<String>,
    /// Columns of the next rows, in row order.
    pub columns: Option<Vec<String>>,
    /// Positions of base64 columns.
    #[serde(default)]
    pub base64: Vec<usize>,
    /// Row keys that are gone.
    pub deleted: Option<Vec<Vec<String>>>,
    /// End: always true.
    #[serde(default)]
    pub end: bool,
    /// End of `sync`: where the next request goes on.
    pub cursor: Option<Cursor>,
    /// End: whether another page follows.
    #[serde(default)]
    pub more: bool,
    /// End of `sync`: rows and cursor are one snapshot.
    #[serde(default)]
    pub exact: bool,
    /// End of `sync`: last applied batch of this device.
    #[serde(default)]
    pub ack: u64,
    /// End of `page`: number of rows.
    pub rows: Option<u64>,
    /// End of `page`: key of the last row.
    pub after: Option<Vec<String>>,
    /// An error in the middle of the stream.
    pub error: Option<ErrorBody>,
}

/// `{"error":…}` of an answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ErrorAnswer {
    /// What went wrong.
    pub error: ErrorBody,
}

/// What went wrong, as the bridge says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ErrorBody {
    /// One of `physio_schema::wire_codes::WIRE_CODES`.
    pub code: String,
    /// One sentence.
    #[serde(default)]
    pub message: String,
    /// `table` or `table.column` to blame.
    #[serde(default)]
    pub field: Option<String>,
    /// `batch_gap` only: the last batch that the server knows of this device.
    #[serde(default)]
    pub last: Option<u64>,
}
