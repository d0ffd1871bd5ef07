//! CREATE TABLE.

use super::Replay;
use crate::dump::catalogue::{TableState, is_same_name};
use crate::dump::options::Server;
use crate::dump::rules::charset;
use crate::dump::rules::column::{Surroundings, resolve_column};
use crate::dump::rules::foreign_key::{Making, add_foreign_key};
use crate::dump::rules::key::{add_key, drop_needless_keys};
use crate::dump::spec::{
    ColumnPlace, ColumnSpec, Element, ForeignKeySpec, KeySpec, Place, TableName, TableOptions,
};
use crate::model::{ColumnType, KeyKind, KeyPart};

const CHECK_HELP: &str = "correct the statement, or make the dump again with mysqldump --no-data";

impl Replay<'_> {
    pub(super) fn create_table(
        &mut self,
        place: Place,
        name: &TableName,
        (if_not_exists, or_replace): (bool, bool),
        elements: Vec<Element>,
        options: TableOptions,
    ) {
        if !self.may_create(place, name, if_not_exists, or_replace) {
            return;
        }
        let server = self.server;
        let inherited = self.database(name).collation.clone();
        let collation = charset::resolve(&options.charset, &inherited, server);
        let engine = options.engine.or_else(|| self.session.engine.clone());
        let mut table = TableState::new(engine_name(engine.as_deref().unwrap_or("InnoDB")), collation);
        table.comment = options.comment.unwrap_or_default();
        let mut keys: Vec<(KeySpec, bool)> = Vec::new();
        let mut foreign_keys = Vec::new();
        let mut checks = Vec::new();
        let mut periods = Vec::new();
        for element in elements {
            match element {
                Element::Column(column) => {
                    self.add_column(&mut table, &column, &ColumnPlace::Last);
                    keys.extend(column_keys(&column, self.server).into_iter().map(|key| (key, false)));
                    if let Some(references) = self.inline_references(&column) {
                        foreign_keys.push(references);
                    }
                }
                Element::Key(key) => keys.push((key, false)),
                Element::ForeignKey(foreign_key) => foreign_keys.push(foreign_key),
                Element::Check { name, expression } => checks.push((name, expression)),
                Element::Period { name, columns } => periods.push((name, columns)),
            }
        }
        for (name, columns) in periods {
            add_period(&mut table, name, columns);
        }
        // The primary key comes first whatever its place, and names are given in the order of keys.
        keys.sort_by_key(|(key, _)| key.kind != KeyKind::Primary);
        for (key, is_generated) in &keys {
            if let Err(message) = add_key(&mut table, key, *is_generated) {
                self.error(key.place, &name.table, message, CHECK_HELP);
            }
        }
        let making = Making { server: self.server, in_place: false };
        let mut number = 0;
        for foreign_key in &mut foreign_keys {
            self.spell_as_referenced(foreign_key, &table, name);
            if let Err(message) = add_foreign_key(&mut table, &name.table, foreign_key, making, &mut number) {
                self.error(foreign_key.place, &name.table, message, CHECK_HELP);
            }
        }
        drop_needless_keys(&mut table);
        for (check_name, expression) in checks {
            let check_name = check_name.unwrap_or_else(|| table.free_check_name());
            table.checks.push((check_name, expression));
        }
        self.database(name).tables.insert(name.table.clone(), table);
    }

    pub(super) fn create_like(
        &mut self,
        place: Place,
        name: &TableName,
        source: &TableName,
        (if_not_exists, or_replace): (bool, bool),
    ) {
        let Some(mut table) = self.database(source).tables.get(&source.table).cloned() else {
            return self.missing_table(place, source);
        };
        if self.may_create(place, name, if_not_exists, or_replace) {
            table.foreign_keys.clear();
            self.database(name).tables.insert(name.table.clone(), table);
        }
    }

    /// Whether the table is to be made; one that is there already is an error unless the statement
    /// says otherwise.
    fn may_create(&mut self, place: Place, name: &TableName, if_not_exists: bool, or_replace: bool) -> bool {
        let exists = self.database(name).tables.contains_key(&name.table);
        if exists && !or_replace && !if_not_exists {
            self.error(
                place,
                &name.table,
                format!("the file creates the table `{}` a second time", name.table),
                "remove one of the two, or split the file when it holds several dumps",
            );
        }
        !exists || or_replace
    }

    /// Adds a column to a table at its place; a column that cannot be resolved is an error.
    pub(super) fn add_column(&mut self, table: &mut TableState, spec: &ColumnSpec, place: &ColumnPlace) {
        if table.column_index(&spec.name).is_some() {
            let message = format!("the table has a column `{}` already", spec.name);
            return self.error(spec.place, &spec.name, message, CHECK_HELP);
        }
        let at = match place {
            ColumnPlace::Last => table.columns.len(),
            ColumnPlace::First => 0,
            ColumnPlace::After(name) => match table.column_index(name) {
                Some(at) => at + 1,
                None => {
                    let message = format!("the table has no column `{name}`");
                    return self.error(spec.place, name, message, CHECK_HELP);
                }
            },
        };
        self.insert_column(table, spec, at);
    }

    /// Resolves a column and puts it at position `at`.
    pub(super) fn insert_column(&mut self, table: &mut TableState, spec: &ColumnSpec, at: usize) {
        let explicit_timestamps = self.explicit_timestamps();
        let around = Surroundings {
            server: self.server,
            collation: &table.collation,
            explicit_timestamps,
            is_first_timestamp: !table
                .columns
                .iter()
                .any(|column| matches!(column.column_type, ColumnType::Timestamp { .. })),
        };
        let resolved = match resolve_column(spec, &around) {
            Ok(resolved) => resolved,
            Err(message) => return self.error(spec.place, &spec.name, message, CHECK_HELP),
        };
        // A server that is named prints what it implied; only written by hand is it left open.
        if resolved.is_ambiguous && !self.is_server_named && self.options.explicit_timestamps.is_none() {
            let state = if explicit_timestamps { "on" } else { "off" };
            self.warn(
                spec.place,
                format!(
                    "`{}` is a TIMESTAMP that leaves NULL or its default to the server; read with \
                     explicit_defaults_for_timestamp {state}, as {} has it",
                    spec.name, self.server
                ),
            );
        }
        table.checks.retain(|(name, _)| !is_same_name(name, &spec.name));
        if let Some(check) = resolved.check {
            table.checks.push((resolved.column.name.clone(), check));
        }
        table.columns.insert(at.min(table.columns.len()), resolved.column);
    }

    /// Spells the referenced columns as the referenced table does, when it is there.
    pub(super) fn spell_as_referenced(
        &mut self,
        foreign_key: &mut ForeignKeySpec,
        table: &TableState,
        name: &TableName,
    ) {
        let referenced = if foreign_key.table == name.table {
            Some(table)
        } else {
            self.database(name).tables.get(&foreign_key.table)
        };
        let Some(referenced) = referenced else { return };
        for column in &mut foreign_key.referenced_columns {
            if let Some(at) = referenced.column_index(column) {
                column.clone_from(&referenced.columns[at].name);
            }
        }
    }

    /// The foreign key of `REFERENCES` behind a column, on servers that make one of it.
    pub(super) fn inline_references(&self, column: &ColumnSpec) -> Option<ForeignKeySpec> {
        column.references.clone().filter(|_| self.server.takes_inline_references())
    }
}

/// A period forbids NULL in its columns, and one of the application checks that it does not end first.
pub(super) fn add_period(table: &mut TableState, name: String, columns: Vec<String>) {
    for at in columns.iter().filter_map(|column| table.column_index(column)).collect::<Vec<_>>() {
        table.columns[at].forbid_null();
    }
    let Ok([from, to]) = <[String; 2]>::try_from(columns) else { return };
    if !name.eq_ignore_ascii_case("SYSTEM_TIME") {
        table.checks.push((name.clone(), format!("`{from}` < `{to}`")));
    }
    table.periods.push((name, from, to));
}

/// The keys that a column's own attributes make.
pub(super) fn column_keys(column: &ColumnSpec, server: Server) -> Vec<KeySpec> {
    let key = |kind, name: Option<&str>| KeySpec {
        place: column.place,
        kind,
        name: name.map(str::to_owned),
        parts: vec![KeyPart {
            column: Some(column.name.clone()),
            expression: None,
            prefix: None,
            descending: false,
        }],
        if_not_exists: false,
    };
    let primary = column.is_primary.then(|| key(KeyKind::Primary, Some("PRIMARY")));
    // Beside PRIMARY KEY, MariaDB takes UNIQUE as said already; MySQL makes a second key.
    let is_implied = column.is_primary && server.is_mariadb();
    let unique = (column.is_unique && !is_implied).then(|| key(KeyKind::Unique, None));
    primary.into_iter().chain(unique).collect()
}

/// The engine in the server's own spelling.
pub(super) fn engine_name(engine: &str) -> String {
    const ENGINES: [(&str, &str); 14] = [
        ("innodb", "InnoDB"),
        ("innobase", "InnoDB"),
        ("myisam", "MyISAM"),
        ("memory", "MEMORY"),
        ("heap", "MEMORY"),
        ("csv", "CSV"),
        ("archive", "ARCHIVE"),
        ("aria", "Aria"),
        ("maria", "Aria"),
        ("merge", "MRG_MyISAM"),
        ("mrg_myisam", "MRG_MyISAM"),
        ("blackhole", "BLACKHOLE"),
        ("federated", "FEDERATED"),
        ("sequence", "SEQUENCE"),
    ];
    let found = ENGINES.iter().find(|(name, _)| engine.eq_ignore_ascii_case(name));
    found.map_or_else(|| engine.to_owned(), |(_, name)| (*name).to_owned())
}
