//! What was in the file and is no part of a schema.

/// Statements that were passed over, counted by kind; names are kept where they help a reader.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SkippedCounts {
    /// INSERT, REPLACE, UPDATE, DELETE, LOAD DATA and the like.
    pub data: u64,
    /// Views, by name; one that a dump writes twice (placeholder, then view) is counted once.
    pub views: Vec<String>,
    /// Triggers, by name.
    pub triggers: Vec<String>,
    /// Procedures and functions, by name.
    pub routines: Vec<String>,
    /// Events, by name.
    pub events: Vec<String>,
    /// MariaDB's sequences, by name.
    pub sequences: Vec<String>,
    /// Temporary tables, by name.
    pub temporary_tables: Vec<String>,
    /// SET, USE, LOCK, transactions and other statements about the session.
    pub session: u64,
    /// Users, roles and grants.
    pub accounts: u64,
    /// Everything else.
    pub other: u64,
}

impl SkippedCounts {
    /// All statements that were passed over.
    pub fn total(&self) -> u64 {
        let named = [
            &self.views,
            &self.triggers,
            &self.routines,
            &self.events,
            &self.sequences,
            &self.temporary_tables,
        ];
        let named: usize = named.iter().map(|names| names.len()).sum();
        self.data + self.session + self.accounts + self.other + named as u64
    }
}

/// Adds a name once.
pub(crate) fn note(names: &mut Vec<String>, name: String) {
    if !names.contains(&name) {
        names.push(name);
    }
}
