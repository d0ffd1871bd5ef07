//! What two schemas do not say by themselves: what was renamed, and what physio.toml adds.

use crate::config::{Config, TableConfig};
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
    /// What a physio.toml says, as far as it fits the two schemas: it need not make a plan of either. Its
    /// `renamed_from` lines hold in both directions.
    ///
    /// ```
    /// use physio_schema::{config, diff::DiffOptions, model::Schema};
    /// let config = config::parse("[app]\nname = \"shop\"\ndump = \"shop.sql\"\n[server.tokens]\ntable = \"tokens\"\n\
    ///     token = \"token\"\n[access]\nopen = true\n[[waves]]\nname = \"all\"\ntables = [\"orders\"]").unwrap();
    /// let options = DiffOptions::of_config(&config);
    /// assert!(options.is_synced("orders") && !options.is_synced("notes"));
    /// ```
    pub fn of_config(config: &Config) -> Self {
        let listed = || config.waves.iter().flat_map(|wave| &wave.tables);
        let is_all = listed().any(|name| name == "*");
        let named: Vec<(&str, &TableConfig)> = config.tables.iter().flat_map(under_each_name).collect();
        let former = config.tables.iter().filter(|(name, _)| listed().any(|listed| listed == *name));
        let former = former.flat_map(|(_, table)| &table.renamed_from.0);
        let keys = named.iter().filter_map(|(name, table)| Some(((*name).to_owned(), table.key.clone()?)));
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
        let hidden = named.iter().map(|(name, table)| ((*name).to_owned(), table.hidden.clone()));
        let read_only = named.iter().filter(|(_, table)| table.writable == Some(false));
        Self {
            renames: config.tables.iter().flat_map(|(name, table)| renames(name, table)).collect(),
            synced: (!is_all).then(|| listed().chain(former).cloned().collect()),
            never_synced: vec![config.server.tokens.table.clone()],
            keys: keys.collect(),
            references: references.collect(),
            hidden: hidden.collect(),
            read_only: read_only.map(|(name, _)| (*name).to_owned()).collect(),
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

/// A table's settings under its name and under each former one: whichever the schema has.
fn under_each_name<'c>(
    (name, table): (&'c String, &'c TableConfig),
) -> impl Iterator<Item = (&'c str, &'c TableConfig)> {
    std::iter::once(name).chain(&table.renamed_from.0).map(move |name| (name.as_str(), table))
}

/// `renamed_from` of a table and its columns, in both directions: which of two schemas is the older one is known to
/// the caller, and a live database that was not migrated yet is the newer side of `check`.
fn renames(name: &str, table: &TableConfig) -> Vec<Rename> {
    let mut found = Vec::new();
    let both_ways = |present: &str, former: &str| {
        [(former.to_owned(), present.to_owned()), (present.to_owned(), former.to_owned())]
    };
    for former in &table.renamed_from.0 {
        found.extend(both_ways(name, former).map(|(old, new)| Rename::Table { old, new }));
    }
    // Under the name that the table has in the newer schema.
    for table_name in std::iter::once(name).chain(table.renamed_from.0.iter().map(String::as_str)) {
        for (column, settings) in &table.columns {
            for former in &settings.renamed_from.0 {
                let table = table_name.to_owned();
                found.extend(both_ways(column, former).map(|(old, new)| Rename::Column {
                    table: table.clone(),
                    old,
                    new,
                }));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::config;
    use crate::diff::{ChangeKind, DiffOptions, diff_with, offer_renames};
    use crate::dump::{DumpOptions, parse};
    use crate::model::Schema;

    const PRESENT: &str = "CREATE TABLE patients (id int PRIMARY KEY, remarks text, secret text)";
    const FORMER: &str = "CREATE TABLE clients (id int PRIMARY KEY, notes text, secret text)";
    const DECLARED: &str = "[tables.patients]\nrenamed_from = \"clients\"\nhidden = [\"secret\"]\n\
                            [tables.patients.columns.remarks]\nrenamed_from = [\"comment\", \"notes\"]\n";

    fn read(sql: &str) -> Schema {
        parse(sql.as_bytes(), &DumpOptions::default()).unwrap().schema
    }

    fn options(rest: &str) -> DiffOptions {
        let head = "[app]\nname = \"a\"\ndump = \"a.sql\"\n[server.tokens]\ntable = \"t\"\ntoken = \"t\"\n\
                    [access]\nopen = true\n[[waves]]\nname = \"all\"\ntables = [\"patients\"]\n";
        DiffOptions::of_config(&config::parse(&format!("{head}{rest}")).unwrap())
    }

    fn kinds(older: &str, newer: &str, options: &DiffOptions) -> Vec<ChangeKind> {
        diff_with(&read(older), &read(newer), options).iter().map(|change| change.kind).collect()
    }

    #[test]
    fn former_names_of_physio_toml_are_renames_whichever_side_has_them() {
        let options = options(DECLARED);
        for (older, newer) in [(FORMER, PRESENT), (PRESENT, FORMER)] {
            let found = kinds(older, newer, &options);
            assert_eq!(found, [ChangeKind::TableRenamed, ChangeKind::ColumnRenamed], "{older}");
            assert!(offer_renames(&read(older), &read(newer), &options).is_empty());
        }
    }

    #[test]
    fn what_is_not_declared_stays_dropped_and_added_with_an_offer() {
        let (older, newer) = (PRESENT.replace("remarks", "notes"), PRESENT);
        let found = kinds(&older, newer, &options(""));
        assert_eq!(found.len(), 2);
        assert!(found.contains(&ChangeKind::ColumnDropped) && found.contains(&ChangeKind::ColumnAdded));
        assert_eq!(offer_renames(&read(&older), &read(newer), &options("")).len(), 1);
        assert_eq!(kinds(&older, newer, &options(DECLARED)), [ChangeKind::ColumnRenamed]);
    }

    #[test]
    fn settings_of_a_table_hold_under_its_former_names() {
        let options = options(DECLARED);
        assert!(options.is_synced("clients") && options.is_hidden("clients", "secret"));
        assert!(!options.is_synced("others"));
    }
}
