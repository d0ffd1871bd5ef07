//! Where two descriptions differ, value by value.

use super::{ColumnFacts, ForeignKeyFacts, KeyFacts, KeyPartFacts, TableFacts};
use std::collections::BTreeMap;
use std::fmt;

/// One value in which two descriptions of a table differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `database.table`, or the table alone when no database is named.
    pub table: String,
    /// What differs: `column price: default`, `key k`, `foreign key f: delete rule`, `table`.
    pub what: String,
    /// The first description's value; none when it has no such thing.
    pub model: Option<String>,
    /// The second's.
    pub server: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |value: &Option<String>| value.clone().unwrap_or_else(|| "(nothing)".to_owned());
        write!(f, "{}: {}: model {}, server {}", self.table, self.what, show(&self.model), show(&self.server))
    }
}

/// Every difference between the model's tables and a server's; empty when they are the same.
///
/// ```
/// use physio_schema::dump::{DumpOptions, parse};
/// use physio_schema::facts::{TableFacts, compare};
/// let read = |sql: &[u8]| {
///     let dump = parse(sql, &DumpOptions::default()).unwrap();
///     dump.schema.tables.iter().map(|table| TableFacts::of(None, table)).collect::<Vec<_>>()
/// };
/// let (ours, theirs) = (read(b"CREATE TABLE t (a int)"), read(b"CREATE TABLE t (a bigint)"));
/// assert!(compare(&ours, &ours).is_empty());
/// let found = compare(&ours, &theirs);
/// assert_eq!(found[0].to_string(), "t: column a: type: model int(11), server bigint(20)");
/// ```
pub fn compare(model: &[TableFacts], server: &[TableFacts]) -> Vec<Difference> {
    let mut found = Vec::new();
    let name = |table: &TableFacts| match &table.table_schema {
        Some(database) => format!("{database}.{}", table.table_name),
        None => table.table_name.clone(),
    };
    pairs(model, server, name, |table, ours, theirs| {
        let mut here = Here { table, found: &mut found };
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => here.tables(ours, theirs),
            (ours, theirs) => {
                let describe = |table: &TableFacts| format!("{} columns", table.columns.len());
                here.add("table", ours.map(describe), theirs.map(describe));
            }
        }
    });
    found
}

/// Calls `each` with what both, or one of them, have under each name.
fn pairs<'t, T>(
    left: &'t [T],
    right: &'t [T],
    name: impl Fn(&T) -> String,
    mut each: impl FnMut(&str, Option<&'t T>, Option<&'t T>),
) {
    let mut both: BTreeMap<String, (Option<&T>, Option<&T>)> = BTreeMap::new();
    left.iter().for_each(|item| both.entry(name(item)).or_default().0 = Some(item));
    right.iter().for_each(|item| both.entry(name(item)).or_default().1 = Some(item));
    both.into_iter().for_each(|(name, (left, right))| each(&name, left, right));
}

/// The comparison of one table.
struct Here<'a> {
    table: &'a str,
    found: &'a mut Vec<Difference>,
}

impl Here<'_> {
    fn add(&mut self, what: impl Into<String>, model: Option<String>, server: Option<String>) {
        self.found.push(Difference { table: self.table.to_owned(), what: what.into(), model, server });
    }

    fn value(&mut self, what: impl Into<String>, model: &str, server: &str) {
        if model != server {
            self.add(what, Some(model.to_owned()), Some(server.to_owned()));
        }
    }

    fn optional(&mut self, what: impl Into<String>, model: &Option<String>, server: &Option<String>) {
        if model != server {
            self.add(what, model.clone(), server.clone());
        }
    }

    fn tables(&mut self, ours: &TableFacts, theirs: &TableFacts) {
        self.value("engine", &ours.engine, &theirs.engine);
        self.value("collation", &ours.table_collation, &theirs.table_collation);
        self.value("comment", &ours.table_comment, &theirs.table_comment);
        pairs(
            &ours.columns,
            &theirs.columns,
            |column| column.column_name.clone(),
            |name, ours, theirs| {
                self.columns(name, ours, theirs);
            },
        );
        pairs(
            &ours.keys,
            &theirs.keys,
            |key| key.index_name.clone(),
            |name, ours, theirs| {
                self.optional(format!("key {name}"), &ours.map(key_text), &theirs.map(key_text));
            },
        );
        let name = |key: &ForeignKeyFacts| key.constraint_name.clone();
        pairs(&ours.foreign_keys, &theirs.foreign_keys, name, |name, ours, theirs| {
            let text = foreign_key_text;
            self.optional(format!("foreign key {name}"), &ours.map(text), &theirs.map(text));
        });
        pairs(
            &ours.checks,
            &theirs.checks,
            |check| check.constraint_name.clone(),
            |name, ours, theirs| {
                let there = |is_there: bool| is_there.then(|| "there".to_owned());
                self.optional(format!("check {name}"), &there(ours.is_some()), &there(theirs.is_some()));
            },
        );
    }

    fn columns(&mut self, name: &str, ours: Option<&ColumnFacts>, theirs: Option<&ColumnFacts>) {
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            let text = |column: &ColumnFacts| column.column_type.clone();
            return self.add(format!("column {name}"), ours.map(text), theirs.map(text));
        };
        let what = |value: &str| format!("column {name}: {value}");
        let (position, other) = (ours.ordinal_position.to_string(), theirs.ordinal_position.to_string());
        self.value(what("position"), &position, &other);
        self.value(what("type"), &ours.column_type, &theirs.column_type);
        self.value(what("nullable"), &ours.is_nullable, &theirs.is_nullable);
        self.optional(what("default"), &ours.column_default, &theirs.column_default);
        self.value(what("extra"), &ours.extra, &theirs.extra);
        self.optional(what("character set"), &ours.character_set_name, &theirs.character_set_name);
        self.optional(what("collation"), &ours.collation_name, &theirs.collation_name);
        self.value(what("comment"), &ours.column_comment, &theirs.column_comment);
    }
}

/// `UNIQUE (a, b(10))`.
fn key_text(key: &KeyFacts) -> String {
    let parts: Vec<String> = key.parts.iter().map(KeyPartFacts::text).collect();
    format!("{} ({})", key.kind, parts.join(", "))
}

fn foreign_key_text(key: &ForeignKeyFacts) -> String {
    format!(
        "({}) to {} ({}) on delete {} on update {}",
        key.columns.join(", "),
        key.referenced_table_name,
        key.referenced_columns.join(", "),
        key.delete_rule,
        key.update_rule
    )
}
