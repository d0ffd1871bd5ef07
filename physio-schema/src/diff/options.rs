//! What two schemas do not say by themselves: what was renamed, and what physio.toml adds.

use crate::config::Config;
use crate::plan::Plan;
use std::collections::BTreeMap;

/// How two schemas are to be compared. `DiffOptions::default()` takes every table as synced and nothing as
/// renamed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiffOptions {
    /// Renames that somebody has declared. Those that do not fit the two schemas are passed over.
    pub renames: Vec<Rename>,
    /// The synced tables; `None` for all.
    pub synced: Option<Vec<String>>,
    /// `key` of physio.toml, by table.
    pub keys: BTreeMap<String, Vec<String>>,
    /// References that MySQL does not enforce.
    pub references: Vec<DeclaredReference>,
}

/// A `references` line of physio.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredReference {
    /// The table that refers.
    pub table: String,
    /// Its column.
    pub column: String,
    /// The table that is referred to.
    pub parent: String,
    /// Its column.
    pub parent_column: String,
}

/// A declared rename.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rename {
    /// A table.
    Table {
        /// Its older name.
        old: String,
        /// Its newer name.
        new: String,
    },
    /// A column.
    Column {
        /// The table, by its newer name.
        table: String,
        /// The column's older name.
        old: String,
        /// The column's newer name.
        new: String,
    },
}

impl DiffOptions {
    /// What an application's plan and physio.toml say.
    ///
    /// ```
    /// use physio_schema::{config, diff::DiffOptions, dump, plan};
    /// let config = config::parse("[app]\nname = \"shop\"\ndump = \"shop.sql\"\n[server.tokens]\ntable = \"tokens\"\n\
    ///     token = \"token\"\n[[waves]]\nname = \"all\"\ntables = [\"orders\"]").unwrap();
    /// let sql = b"CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE notes (id int PRIMARY KEY)";
    /// let schema = dump::parse(sql, &dump::DumpOptions::default()).unwrap().schema;
    /// let options = DiffOptions::of_plan(&plan::build(&schema, &config).unwrap(), &config);
    /// assert!(options.is_synced("orders") && !options.is_synced("notes"));
    /// ```
    pub fn of_plan(plan: &Plan, config: &Config) -> Self {
        let keys = config.tables.iter().filter_map(|(name, table)| Some((name.clone(), table.key.clone()?)));
        let references = plan.tables.iter().flat_map(|table| {
            table.references.iter().filter(|reference| !reference.enforced).flat_map(move |reference| {
                reference.columns.iter().zip(&reference.referenced_columns).map(move |(&column, parent_column)| {
                    DeclaredReference {
                        table: table.name.clone(),
                        column: table.columns[column].name.clone(),
                        parent: reference.table.clone(),
                        parent_column: parent_column.clone(),
                    }
                })
            })
        });
        Self {
            renames: Vec::new(),
            synced: Some(plan.tables.iter().map(|table| table.name.clone()).collect()),
            keys: keys.collect(),
            references: references.collect(),
        }
    }

    /// Whether applications hold the table.
    pub fn is_synced(&self, table: &str) -> bool {
        self.synced.as_ref().is_none_or(|synced| synced.iter().any(|name| name == table))
    }
}
