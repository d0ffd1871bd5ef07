//! The databases and tables as they stand at one point of the file.

use crate::model::{Column, ForeignKey, Key, KeyKind, Schema, Table};
use std::collections::BTreeMap;

/// Every database of a file, in the order in which they appear.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    databases: Vec<Database>,
    current: Option<usize>,
}

/// One database.
#[derive(Debug)]
pub(crate) struct Database {
    /// `None` for a file that names none.
    pub(crate) name: Option<String>,
    /// Collation of tables that name none.
    pub(crate) collation: String,
    pub(crate) tables: BTreeMap<String, TableState>,
}

/// A table, with what later statements must know and the model does not hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TableState {
    pub(crate) engine: String,
    pub(crate) collation: String,
    pub(crate) comment: String,
    pub(crate) columns: Vec<Column>,
    /// In the order in which they were made.
    pub(crate) keys: Vec<KeyState>,
    pub(crate) foreign_keys: Vec<ForeignKey>,
    pub(crate) checks: Vec<(String, String)>,
    /// `PERIOD FOR name (from, to)`.
    pub(crate) periods: Vec<(String, String, String)>,
}

/// A key, and whether the server made it for a foreign key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeyState {
    pub(crate) key: Key,
    pub(crate) is_generated: bool,
    /// It is kept as a hash and helps no foreign key.
    pub(crate) is_hash: bool,
}

impl TableState {
    /// A table without columns.
    pub(crate) fn new(engine: String, collation: String) -> Self {
        Self {
            engine,
            collation,
            comment: String::new(),
            columns: Vec::new(),
            keys: Vec::new(),
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            periods: Vec::new(),
        }
    }

    /// Position of a column; their names are compared without regard to case.
    pub(crate) fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| is_same_name(&column.name, name))
    }

    /// Position of a key, by name.
    pub(crate) fn key_index(&self, name: &str) -> Option<usize> {
        self.keys.iter().position(|state| is_same_name(&state.key.name, name))
    }

    /// A name for a check that has none: `CONSTRAINT_1`, `CONSTRAINT_2`.
    pub(crate) fn free_check_name(&self) -> String {
        let is_taken = |name: &str| self.checks.iter().any(|(taken, _)| is_same_name(taken, name));
        let mut number = 1_u32;
        loop {
            let name = format!("CONSTRAINT_{number}");
            if !is_taken(&name) {
                return name;
            }
            number += 1;
        }
    }

    fn into_table(mut self, name: String) -> Table {
        let mut keys: Vec<Key> = self.keys.into_iter().map(|state| state.key).collect();
        keys.sort_by(|left, right| {
            let rank = |key: &Key| key.kind != KeyKind::Primary;
            (rank(left), &left.name).cmp(&(rank(right), &right.name))
        });
        self.foreign_keys.sort_by(|left, right| left.name.cmp(&right.name));
        self.checks.sort();
        Table {
            name,
            engine: self.engine,
            collation: self.collation,
            comment: self.comment,
            columns: self.columns,
            keys,
            foreign_keys: self.foreign_keys,
            checks: self.checks,
        }
    }
}

/// Names of columns, keys and constraints do not look at the case.
pub(crate) fn is_same_name(left: &str, right: &str) -> bool {
    // Most names are ASCII: nothing need be made to compare them.
    left.eq_ignore_ascii_case(right)
        || (!(left.is_ascii() && right.is_ascii()) && left.to_lowercase() == right.to_lowercase())
}

impl Catalogue {
    /// The database in use, or the one named; made if it is not there yet.
    pub(crate) fn database(&mut self, name: Option<&str>, collation: &str) -> &mut Database {
        let at = match (name, self.current) {
            (None, Some(current)) => current,
            _ => self.position_or_insert(name, collation),
        };
        if name.is_none() {
            self.current = Some(at);
        }
        &mut self.databases[at]
    }

    /// Whether no table was made yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.databases.iter().all(|database| database.tables.is_empty())
    }

    /// Whether there is a database of that name.
    pub(crate) fn has_database(&self, name: &str) -> bool {
        self.databases.iter().any(|database| database.name.as_deref() == Some(name))
    }

    /// `USE name`.
    pub(crate) fn set_current(&mut self, name: &str, collation: &str) {
        self.current = Some(self.position_or_insert(Some(name), collation));
    }

    /// `DROP DATABASE name`: its tables go, its place stays.
    pub(crate) fn empty_database(&mut self, name: &str) {
        let found = self.databases.iter_mut().find(|database| database.name.as_deref() == Some(name));
        if let Some(database) = found {
            database.tables.clear();
        }
    }

    /// All databases that hold tables.
    ///
    /// Where some statements name the database and others do not, and only one is named, it is the same.
    pub(crate) fn into_schemas(mut self) -> Vec<(Option<String>, Schema)> {
        self.databases.retain(|database| !database.tables.is_empty());
        if let [left, right] = self.databases.as_slice()
            && left.name.is_none() != right.name.is_none()
            && !left.tables.keys().any(|name| right.tables.contains_key(name))
            && let Some(mut second) = self.databases.pop()
            && let Some(first) = self.databases.last_mut()
        {
            first.name = first.name.take().or(second.name);
            first.tables.append(&mut second.tables);
        }
        let filled = self.databases.into_iter();
        filled
            .map(|database| {
                let tables =
                    database.tables.into_iter().map(|(name, state)| state.into_table(name)).collect();
                (database.name, Schema { tables })
            })
            .collect()
    }

    fn position_or_insert(&mut self, name: Option<&str>, collation: &str) -> usize {
        let found = self.databases.iter().position(|database| database.name.as_deref() == name);
        found.unwrap_or_else(|| {
            let name = name.map(str::to_owned);
            self.databases.push(Database { name, collation: collation.to_owned(), tables: BTreeMap::new() });
            self.databases.len() - 1
        })
    }
}
