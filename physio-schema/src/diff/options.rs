//! What two schemas do not say by themselves: what was renamed, and what physio.toml adds.

use crate::config::Config;
use std::collections::BTreeMap;

/// How two schemas are to be compared. `DiffOptions::default()` takes every table as synced and nothing as
/// renamed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiffOptions {
    /// Renames that somebody has declared. Those that do not fit the two schemas are passed over.
    pub renames: Vec<Rename>,
    /// The synced tables; `None` for all.
    pub synced: Option<Vec<String>>,
    /// Tables that are not synced though `synced` is `None`: the one of the tokens.
    pub never_synced: Vec<String>,
    /// `hidden` of physio.toml, by table.
    pub hidden: BTreeMap<String, Vec<String>>,
    /// Tables under `writable = false`.
    pub read_only: Vec<String>,
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
    /// What a physio.toml says, as far as it fits the two schemas: it need not make a plan of either.
    ///
    /// ```
    /// use physio_schema::{config, diff::DiffOptions, model::Schema};
    /// let config = config::parse("[app]\nname = \"shop\"\ndump = \"shop.sql\"\n[server.tokens]\ntable = \"tokens\"\n\
    ///     token = \"token\"\n[[waves]]\nname = \"all\"\ntables = [\"orders\"]").unwrap();
    /// let options = DiffOptions::of_config(&config);
    /// assert!(options.is_synced("orders") && !options.is_synced("notes"));
    /// ```
    pub fn of_config(config: &Config) -> Self {
        let named = config.waves.iter().flat_map(|wave| &wave.tables);
        let is_all = named.clone().any(|name| name == "*");
        let keys = config.tables.iter().filter_map(|(name, table)| Some((name.clone(), table.key.clone()?)));
        let references = config.tables.iter().flat_map(|(name, table)| {
            table.references.iter().filter_map(move |(column, target)| {
                let (parent, parent_column) = target.rsplit_once('.')?;
                Some(DeclaredReference {
                    table: name.clone(),
                    column: column.clone(),
                    parent: parent.to_owned(),
                    parent_column: parent_column.to_owned(),
                })
            })
        });
        let hidden = config.tables.iter().map(|(name, table)| (name.clone(), table.hidden.clone()));
        let read_only = config.tables.iter().filter(|(_, table)| table.writable == Some(false));
        Self {
            renames: Vec::new(),
            synced: (!is_all).then(|| named.cloned().collect()),
            never_synced: vec![config.server.tokens.table.clone()],
            keys: keys.collect(),
            references: references.collect(),
            hidden: hidden.collect(),
            read_only: read_only.map(|(name, _)| name.clone()).collect(),
        }
    }

    /// Whether applications hold the table.
    pub fn is_synced(&self, table: &str) -> bool {
        let is_named = |names: &Vec<String>| names.iter().any(|name| name == table);
        self.synced.as_ref().is_none_or(is_named) && !is_named(&self.never_synced)
    }

    /// Whether physio.toml keeps the column on the server.
    pub(super) fn is_hidden(&self, table: &str, column: &str) -> bool {
        self.hidden.get(table).is_some_and(|hidden| hidden.iter().any(|name| name == column))
    }

    /// Whether applications write the table.
    pub(super) fn is_written(&self, table: &str) -> bool {
        !self.read_only.iter().any(|name| name == table)
    }
}
