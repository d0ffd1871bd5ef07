//! `physio.toml`: what is synced, in which order, and what happens when both sides changed the same thing.
//!
//! Every option, as [`REFERENCE`] has it:
//!
//! ```toml
#![doc = include_str!("config/reference.toml")]
//! ```

mod access;
mod error;
mod offset;
mod parse;
mod places;

pub use access::{AccessConfig, GrantConfig};
pub use error::ConfigError;
pub use offset::UtcOffset;
pub use parse::parse;
pub use places::Places;

use crate::dump::DumpOptions;
use crate::plan::{ConflictRule, SyncSettings};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A commented physio.toml that uses every option; a test parses it.
pub const REFERENCE: &str = include_str!("config/reference.toml");

/// A whole physio.toml.
///
/// ```
/// let config = physio_schema::config::parse(physio_schema::config::REFERENCE).expect("the reference is valid");
/// assert_eq!(config.app.name, "shop");
/// assert_eq!(config.waves[0].tables, ["orders", "order_lines"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `[app]`.
    pub app: AppConfig,
    /// `[server]`.
    pub server: ServerConfig,
    /// `[sync]`.
    #[serde(default)]
    pub sync: SyncConfig,
    /// `[[waves]]`, in pull order.
    pub waves: Vec<WaveConfig>,
    /// `[tables.NAME]`.
    #[serde(default)]
    pub tables: BTreeMap<String, TableConfig>,
    /// `[access]`.
    #[serde(default)]
    pub access: AccessConfig,
    /// The line of each entry, for error messages; empty for a config that was not read from text.
    #[serde(skip)]
    pub places: Places,
}

/// `[app]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppConfig {
    /// Name of the application.
    pub name: String,
    /// Path of the dump, relative to physio.toml.
    pub dump: String,
    /// The database to take when the dump holds several.
    pub database: Option<String>,
    /// `[app.defines]`: text for placeholders of the dump.
    #[serde(default)]
    pub defines: BTreeMap<String, String>,
}

impl AppConfig {
    /// How the dump is to be read.
    ///
    /// ```
    /// let config = physio_schema::config::parse(physio_schema::config::REFERENCE).unwrap();
    /// let sql = b"CREATE TABLE {$prefix}users (id int PRIMARY KEY);";
    /// let dump = physio_schema::dump::parse(sql, &config.app.dump_options()).unwrap();
    /// assert_eq!(dump.schema.tables[0].name, "shop_users");
    /// ```
    pub fn dump_options(&self) -> DumpOptions {
        DumpOptions {
            file_name: Some(self.dump.clone()),
            database: self.database.clone(),
            defines: self.defines.clone(),
            ..DumpOptions::default()
        }
    }
}

/// `[server]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// The zone in which the application writes DATETIME values.
    #[serde(default)]
    pub time_zone: UtcOffset,
    /// Where bearer tokens are looked up.
    pub tokens: TokenConfig,
}

/// `[server.tokens]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenConfig {
    /// The table.
    pub table: String,
    /// The column that holds the token.
    pub token: String,
    /// The column that says whose token it is.
    pub user: Option<String>,
    /// The column that says until when it holds.
    pub expires: Option<String>,
    /// The column that is not 0 when it was revoked.
    pub revoked: Option<String>,
    /// The column in which the bridge notes, once a minute at the most, when the token was last used.
    pub last_used: Option<String>,
}

/// `[sync]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SyncConfig {
    /// Seconds between two rounds of the loop.
    pub interval_s: u64,
    /// Age in seconds after which a read wakes a refresh of its table.
    pub stale_after_s: u64,
    /// Rows asked for in one page of a first pull.
    pub page_rows: u32,
    /// Bytes of one push request at the most.
    pub push_bytes: u32,
    /// Seconds after which a request that brings nothing is given up.
    pub timeout_s: u64,
    /// Seconds after which a table is compared with the server again; 0: only on demand.
    pub audit_interval_s: u64,
    /// Tables that one round compares at the most.
    pub audit_tables: u32,
    /// Days after which the server keeps no changes any more for a device that was not seen.
    pub device_days: u32,
    /// Seconds between two looks of the bridge at a table that has no triggers.
    pub scan_interval_s: u64,
    /// Seconds between two looks at all rows of such a table, where a time column serves for the others.
    pub full_scan_s: u64,
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self {
            interval_s: 30,
            stale_after_s: 60,
            page_rows: 100_000,
            push_bytes: 100_000,
            timeout_s: 30,
            audit_interval_s: 86_400,
            audit_tables: 2,
            device_days: 90,
            scan_interval_s: 30,
            full_scan_s: 3_600,
        }
    }
}

impl From<&SyncConfig> for SyncSettings {
    fn from(config: &SyncConfig) -> Self {
        Self {
            interval_s: config.interval_s,
            page_rows: config.page_rows,
            push_bytes: config.push_bytes,
            stale_after_s: config.stale_after_s,
            timeout_s: config.timeout_s,
            audit_interval_s: config.audit_interval_s,
            audit_tables: config.audit_tables,
            device_days: config.device_days,
        }
    }
}

/// One `[[waves]]` entry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaveConfig {
    /// Its name.
    pub name: String,
    /// Table names, or `*` for all that are left.
    pub tables: Vec<String>,
}

/// `[tables.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TableConfig {
    /// As in `[sync]`, for this table.
    pub stale_after_s: Option<u64>,
    /// Columns that never leave the server.
    pub hidden: Vec<String>,
    /// Whether local writes are taken (they are, unless it says false).
    pub writable: Option<bool>,
    /// What happens when both sides changed the same column.
    pub conflict: Option<ConflictRule>,
    /// Whether the server's AUTO_INCREMENT keys may reach 2^52.
    pub wide_keys: bool,
    /// Columns of the unique key that identifies a row where there is no primary key.
    pub key: Option<Vec<String>>,
    /// `[tables.NAME.columns.COLUMN]`.
    pub columns: BTreeMap<String, ColumnConfig>,
    /// Column → `table.column` whose key it holds.
    pub references: BTreeMap<String, String>,
    /// Which scope a row belongs to: a column, `column -> table`, or `*` for all scopes.
    pub scope: Option<String>,
    /// What the table was called before.
    pub renamed_from: FormerNames,
}

/// `[tables.NAME.columns.COLUMN]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnConfig {
    /// Conflict rule of this column alone.
    pub conflict: Option<ConflictRule>,
    /// What the column was called before.
    pub renamed_from: FormerNames,
}

/// What a table or a column was called before: one name, or a list of them.
///
/// ```
/// use physio_schema::config::{ColumnConfig, FormerNames};
/// let one: ColumnConfig = toml::from_str("renamed_from = \"notes\"").expect("a name");
/// let list: ColumnConfig = toml::from_str("renamed_from = [\"notes\", \"note\"]").expect("a list");
/// assert_eq!(one.renamed_from, FormerNames(vec!["notes".into()]));
/// assert_eq!(list.renamed_from.0.len(), 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "OneOrMany")]
pub struct FormerNames(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "a former name or a list of former names")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for FormerNames {
    fn from(names: OneOrMany) -> Self {
        match names {
            OneOrMany::One(name) => Self(vec![name]),
            OneOrMany::Many(names) => Self(names),
        }
    }
}
