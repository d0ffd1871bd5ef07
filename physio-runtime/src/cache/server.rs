//! What the file remembers of the server's tables: whether they once were the plan's, and how their rows were
//! read when they were not.

use super::outbox::{load_meta, store_meta};
use super::progress::reread_table;
use super::{Cache, failure};
use crate::Result;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) const SERVER_TABLES: &str = "server_tables";

/// The server's tables by name, as they were last compared with the plan.
pub type ServerMemory = BTreeMap<String, TableMemory>;

/// One table of the server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableMemory {
    /// The plan's fingerprint of the table at the time when the server had the same.
    pub matched: Option<String>,
    /// Columns whose values here are not the server's present ones: its type where values are spelt otherwise,
    /// `None` where it lacks the column.
    pub differs: BTreeMap<String, Option<String>>,
    /// How it differs from the plan's; `None` when it does not.
    #[serde(default)]
    pub drift: Option<TableDrift>,
}

/// How much a difference between the server's table and the application's matters to this application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriftClass {
    /// Both sides mean the same by everything that is sent.
    Compatible,
    /// One side has something that the other does not know yet.
    Additive,
    /// The application would misunderstand the server, or the server the application.
    BreaksCode,
}

/// How one table of the server differs from the application's, and what of it waits.
///
/// ```
/// use physio_runtime::{DriftClass, TableDrift};
/// let drift = TableDrift {
///     table: "patients".into(),
///     class: DriftClass::BreaksCode,
///     fields: vec!["patients.remarks".into()],
///     message: "the server no longer has `patients.remarks`".into(),
///     is_pull_paused: false,
///     is_push_paused: true,
/// };
/// let json = serde_json::to_value(&drift).expect("plain data");
/// assert_eq!(json["class"], "breaks-code");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableDrift {
    /// The table.
    pub table: String,
    /// The worst of its differences.
    pub class: DriftClass,
    /// `table.column` of each column that differs, the worst first.
    pub fields: Vec<String>,
    /// What differs and what waits, for people.
    pub message: String,
    /// Whether rows of the table are not pulled as long as it differs.
    pub is_pull_paused: bool,
    /// Whether no change of the table is pushed as long as it differs; the changes stay in the outbox.
    pub is_push_paused: bool,
}

impl Cache {
    /// What is remembered of the server's tables.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn server_memory(&self) -> Result<ServerMemory> {
        self.read(|connection| match load_meta(connection, SERVER_TABLES)? {
            None => Ok(ServerMemory::new()),
            Some(text) => serde_json::from_str(&text)
                .map_err(|_| failure::damaged("an unreadable note about the server's tables")),
        })
    }

    /// Replaces what is remembered, and has these tables read again from their first page: the server's values
    /// of some columns have come or are spelt otherwise since their rows were read. One transaction.
    ///
    /// # Errors
    ///
    /// `Storage` when the disk refuses.
    pub fn store_server_memory(&self, memory: &ServerMemory, read_again: &[String]) -> Result<()> {
        // Names, texts and nulls always serialise.
        let text = serde_json::to_string(memory).unwrap_or_default();
        self.apply_transaction(|connection| {
            store_meta(connection, SERVER_TABLES, Some(&text))?;
            read_again.iter().try_for_each(|table| reread_table(connection, table))
        })
    }
}
