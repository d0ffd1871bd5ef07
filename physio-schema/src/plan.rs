//! The plan: everything that the runtime, the macros and the bridge must know, worked out once.
//!
//! A plan is made of a [`crate::model::Schema`] and a `Config`; it is plain data and
//! serialises to JSON, which is how the `schema!` macro hands it to an application without the parser.

use crate::model::{ColumnType, ReferentialAction};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

mod access;
#[cfg(feature = "parse")]
mod build;
pub use access::{Access, Operation, RoleColumn, RoleTable, Scope, TableAccess, Users};
#[cfg(feature = "parse")]
pub use build::{Keyless, PlanError, build, keyless};
#[cfg(feature = "parse")]
pub(crate) use build::{own_key, storage_of};

/// Version of the plan's own shape and of the local cache's inner tables.
pub const PLAN_FORMAT: u32 = 1;

/// The whole plan of one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_FORMAT`] at the time it was made.
    pub format: u32,
    /// `[app] name` of physio.toml.
    pub app: String,
    /// Fingerprint of all synced tables: 32 hex digits.
    pub fingerprint: String,
    /// Minutes east of UTC in which the application writes DATETIME values (`[server] time_zone`).
    pub utc_offset_minutes: i32,
    /// The waves in the order in which they are pulled.
    pub waves: Vec<Wave>,
    /// Settings of the sync loop.
    pub sync: SyncSettings,
    /// The synced tables, parents before children where the foreign keys allow it.
    pub tables: Vec<TablePlan>,
    /// Former names of tables and columns: how older caches are read. No fingerprint depends on them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renames: Vec<Rename>,
    /// Who may do what: the bridge decides by it, no fingerprint depends on it.
    #[serde(default)]
    pub access: Access,
}

impl Plan {
    /// The plan of a table, by exact name.
    pub fn table(&self, name: &str) -> Option<&TablePlan> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// Columns that may hold a temporary key, as (table, column): the generated keys, and what refers to them
    /// through any number of tables. They are 64 bits wide in Rust.
    pub fn temporary_key_columns(&self) -> HashSet<(&str, &str)> {
        let columns = self
            .tables
            .iter()
            .flat_map(|table| (0..table.columns.len()).map(move |position| (table, position)));
        columns
            .filter(|(table, position)| !self.key_owners(table, *position).is_empty())
            .map(|(table, position)| (table.name.as_str(), table.columns[position].name.as_str()))
            .collect()
    }

    /// The tables whose generated keys a column holds: its own table, if it is that key, and those that it refers to
    /// through any number of tables. `position` is the column's.
    ///
    /// ```
    /// use physio_schema::{config, dump, plan};
    /// let sql = "CREATE TABLE patients (id int AUTO_INCREMENT PRIMARY KEY);
    ///   CREATE TABLE visits (patient int REFERENCES patients (id), n int, PRIMARY KEY (patient, n));
    ///   CREATE TABLE notes (id int PRIMARY KEY, patient int, n int,
    ///     FOREIGN KEY (patient, n) REFERENCES visits (patient, n));";
    /// let toml = "[app]\nname = \"a\"\ndump = \"a.sql\"\n[server.tokens]\ntable = \"t\"\ntoken = \"t\"\n\
    ///   [access]\nopen = true\n[[waves]]\nname = \"all\"\ntables = [\"*\"]\n";
    /// let schema = dump::parse(sql.as_bytes(), &dump::DumpOptions::default()).unwrap().schema;
    /// let plan = plan::build(&schema, &config::parse(toml).unwrap()).unwrap();
    /// let notes = plan.table("notes").unwrap();
    /// let owners = plan.key_owners(notes, notes.position("patient").unwrap());
    /// assert_eq!(owners.iter().map(|owner| owner.name.as_str()).collect::<Vec<_>>(), ["patients"]);
    /// ```
    pub fn key_owners<'p>(&'p self, table: &'p TablePlan, position: usize) -> Vec<&'p TablePlan> {
        let mut owners: Vec<&TablePlan> = Vec::new();
        let mut seen: HashSet<(&str, usize)> = HashSet::new();
        let mut open = vec![(table, position)];
        while let Some((table, position)) = open.pop() {
            // Tables may refer to each other in a circle.
            if !seen.insert((&table.name, position)) {
                continue;
            }
            if table.temporary_key == Some(position) && !owners.iter().any(|known| known.name == table.name) {
                owners.push(table);
            }
            for reference in &table.references {
                let Some(parent) = self.table(&reference.table) else { continue };
                let pairs = reference.columns.iter().zip(&reference.referenced_columns);
                let referenced = pairs.filter(|(column, _)| **column == position).map(|(_, name)| name);
                open.extend(referenced.filter_map(|name| Some((parent, parent.position(name)?))));
            }
        }
        owners
    }
}

/// A former name of a table or a column (`renamed_from` of physio.toml).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rename {
    /// The table's present name.
    pub table: String,
    /// The column's present name; `None` when the table itself was renamed.
    pub column: Option<String>,
    /// The former name.
    pub from: String,
}

/// Tables that are pulled together; a later wave begins when the earlier one has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wave {
    /// Such as `priority` and `deferred`.
    pub name: String,
    /// Table names in pull order, as physio.toml lists them.
    pub tables: Vec<String>,
}

/// `[sync]` of physio.toml.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncSettings {
    /// Seconds between two rounds of the loop (30).
    pub interval_s: u64,
    /// Rows asked for in one page of a first pull (20,000); the server may answer fewer.
    pub page_rows: u32,
    /// Bytes of one push request at the most (100,000).
    pub push_bytes: u32,
    /// Age in seconds after which a read wakes a refresh of its table.
    pub stale_after_s: u64,
    /// Seconds after which a request that brings nothing is given up.
    pub timeout_s: u64,
    /// Seconds after which a table is compared with the server again; 0: only on demand.
    #[serde(default = "daily")]
    pub audit_interval_s: u64,
    /// Tables that one round compares at the most.
    #[serde(default = "two")]
    pub audit_tables: u32,
    /// Days after which the server keeps no changes any more for a device that was not seen.
    #[serde(default = "ninety")]
    pub device_days: u32,
}

/// What a plan stands for that was made before these settings.
fn daily() -> u64 {
    86_400
}

fn two() -> u32 {
    2
}

fn ninety() -> u32 {
    90
}

/// One synced table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablePlan {
    /// Name, the same in MySQL and SQLite.
    pub name: String,
    /// Number of the table in the server's inbox and feed: CRC-32 of the name.
    pub id: u32,
    /// Fingerprint of this table: 32 hex digits.
    pub fingerprint: String,
    /// The wave it belongs to.
    pub wave: String,
    /// Age in seconds after which a read wakes a refresh.
    pub stale_after_s: u64,
    /// Whether local writes are taken and pushed.
    pub writable: bool,
    /// What happens when both sides changed the same column; columns may override it.
    pub conflict: ConflictRule,
    /// The visible columns in MySQL's order (hidden ones never leave the server).
    pub columns: Vec<ColumnPlan>,
    /// The row key: positions in `columns`, in key order.
    pub key: Vec<usize>,
    /// The column that gets temporary keys while offline (AUTO_INCREMENT): a position in `columns`.
    pub temporary_key: Option<usize>,
    /// Columns that refer to a synced table: foreign keys of the dump and `references` of physio.toml.
    pub references: Vec<Reference>,
    /// Unique keys other than the row key: name and positions in `columns`.
    pub unique: Vec<(String, Vec<usize>)>,
    /// Who may do what with it, and whose rows they are.
    #[serde(default)]
    pub access: TableAccess,
    /// The SQL of the local cache.
    pub sql: TableSql,
}

impl TablePlan {
    /// Position of a column in `columns`.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }

    /// The columns of the row key, in key order.
    pub fn key_columns(&self) -> impl Iterator<Item = &ColumnPlan> {
        self.key.iter().map(|&position| &self.columns[position])
    }
}

/// One visible column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnPlan {
    /// Name, the same in MySQL and SQLite.
    pub name: String,
    /// MySQL's type.
    pub column_type: ColumnType,
    /// How SQLite holds it.
    pub storage: Storage,
    /// How the bridge spells it.
    pub wire: Wire,
    /// Whether NULL may be stored.
    pub nullable: bool,
    /// Whether an INSERT may leave it out: it has a default, is nullable, AUTO_INCREMENT or generated.
    pub optional: bool,
    /// Computed by MySQL: never written by a client.
    pub generated: bool,
    /// MySQL collation of character columns.
    pub collation: Option<String>,
    /// Conflict rule of this column.
    pub conflict: ConflictRule,
}

/// How SQLite holds a column (the declared type in a STRICT table).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Storage {
    /// `INTEGER`: every MySQL integer that fits 64 bits signed, YEAR, BIT up to 63.
    Integer,
    /// `ANY`: BIGINT UNSIGNED and BIT(64): INTEGER up to 2^63-1, decimal TEXT above.
    Unsigned64,
    /// `REAL`.
    Real,
    /// `TEXT`: characters, DECIMAL, dates and times, ENUM, SET, JSON.
    Text,
    /// `BLOB`.
    Blob,
}

/// How the bridge spells a column's value; every value is a JSON string or null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// The text MySQL prints.
    Text,
    /// A decimal number that reads back to the same double (`col + 0e0`).
    Float,
    /// A number without padding (`col + 0`): BIT and ZEROFILL columns.
    Bits,
    /// Standard base64 of the bytes.
    Base64,
}

/// What happens when the server's value is no longer the one a local edit began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictRule {
    /// The server's value stays.
    Server,
    /// The device's value wins.
    Client,
    /// Both are kept until a person decides.
    #[default]
    Manual,
}

/// A column that holds the key of a row of another (or the same) synced table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Positions in this table's `columns`.
    pub columns: Vec<usize>,
    /// The parent table.
    pub table: String,
    /// The parent's columns.
    pub referenced_columns: Vec<String>,
    /// What a delete of the parent does to this row.
    pub on_delete: ReferentialAction,
    /// What a change of the parent's key does to this row.
    pub on_update: ReferentialAction,
    /// True when MySQL enforces it; false for a `references` line of physio.toml.
    pub enforced: bool,
}

/// The SQLite statements of one table. Parameters are positional: `?1` is the first column of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSql {
    /// `CREATE TABLE IF NOT EXISTS …`.
    pub create: String,
    /// Statements to run once after `create`: they start the sequence of temporary keys at 2^52. Running them
    /// again changes nothing.
    #[serde(default)]
    pub after_create: Vec<String>,
    /// `CREATE INDEX IF NOT EXISTS …`, one per statement.
    pub indexes: Vec<String>,
    /// How many of them, from the first, serve the checks of unique keys; only queries need the others.
    #[serde(default)]
    pub n_unique_indexes: usize,
    /// `CREATE TRIGGER IF NOT EXISTS …`: checks and capture of local writes, one per statement.
    pub triggers: Vec<String>,
    /// Takes every visible column in order, then `_last_synced_at`; writes a `synced` row and leaves
    /// rows with unsent changes alone.
    pub upsert: String,
    /// As `upsert`, but only where the row is here already with these very values: it writes `_last_synced_at`
    /// alone, which touches no index. Where it changes nothing, `upsert` is next.
    #[serde(default)]
    pub confirm: String,
    /// As `upsert`, but takes `_sync_status` as one more parameter at the end and overwrites in any case
    /// (used for the rebase, which has put the unsent changes on top already).
    pub replace: String,
    /// Takes the key columns in order; deletes the row only if it is `synced`.
    pub delete_synced: String,
    /// Takes the key columns in order; deletes the row in any case.
    pub delete: String,
    /// Takes the key columns in order; returns every visible column in order, then `_sync_status`.
    pub select_by_key: String,
    /// Takes `_sync_status`, then the key columns in order.
    pub set_status: String,
}
