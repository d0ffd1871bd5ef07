//! What looks like a rename: offered with the line to write, never taken for one.

use super::DiffOptions;
use super::rename::apply_renames;
use crate::model::{Column, Schema, Table};
use serde::Serialize;
use std::fmt;

/// A table or column that went while a similar one came.
///
/// `Display` is the question for people, with the line that answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RenameOffer {
    /// The table; of a renamed table its newer name.
    pub table: String,
    /// The older name of the table or column.
    pub old: String,
    /// The newer name.
    pub new: String,
    /// Whether it is a column of `table`.
    pub is_column: bool,
}

impl RenameOffer {
    /// What to write into physio.toml if it was a rename.
    ///
    /// ```
    /// use physio_schema::diff::RenameOffer;
    /// let offer = RenameOffer { table: "patients".into(), old: "notes".into(), new: "remarks".into(), is_column: true };
    /// assert_eq!(offer.declaration(), "[tables.patients.columns.remarks]\nrenamed_from = \"notes\"");
    /// ```
    pub fn declaration(&self) -> String {
        let table = toml_key(&self.table);
        let head = if self.is_column {
            format!("[tables.{table}.columns.{}]", toml_key(&self.new))
        } else {
            format!("[tables.{table}]")
        };
        format!("{head}\nrenamed_from = {}", toml_text(&self.old))
    }
}

impl fmt::Display for RenameOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (old, new) = if self.is_column {
            (format!("{}.{}", self.table, self.old), format!("{}.{}", self.table, self.new))
        } else {
            (self.old.clone(), self.new.clone())
        };
        let line = self.declaration().replacen('\n', " ", 1);
        write!(f, "`{new}` looks like a rename of `{old}`; if it is one, say so in physio.toml: {line}")
    }
}

fn toml_key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare { name.to_owned() } else { toml_text(name) }
}

fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Every pair that looks like a rename and is not declared in `options`.
///
/// A table looks like another when all columns are the same; a column looks like another of its table when the
/// declaration is the same, and either it stands in the same place or the pair is the only one.
///
/// ```
/// use physio_schema::{diff::{offer_renames, DiffOptions}, dump::{parse, DumpOptions}};
/// let read = |sql: &str| parse(sql.as_bytes(), &DumpOptions::default()).unwrap().schema;
/// let older = read("CREATE TABLE patients (id int PRIMARY KEY, notes text)");
/// let newer = read("CREATE TABLE patients (id int PRIMARY KEY, remarks text)");
/// assert_eq!(offer_renames(&older, &newer, &DiffOptions::default())[0].to_string(),
///     "`patients.remarks` looks like a rename of `patients.notes`; if it is one, say so in physio.toml: \
///      [tables.patients.columns.remarks] renamed_from = \"notes\"");
/// ```
pub fn offer_renames(older: &Schema, newer: &Schema, options: &DiffOptions) -> Vec<RenameOffer> {
    let mut renamed = older.clone();
    apply_renames(&mut renamed, newer, &options.renames, &mut Vec::new());
    let mut offers = Vec::new();
    for new in newer.tables.iter().filter(|table| renamed.table(&table.name).is_none()) {
        let gone = renamed.tables.iter().filter(|table| newer.table(&table.name).is_none());
        offers.extend(gone.filter(|old| is_alike(old, new)).map(|old| RenameOffer {
            table: new.name.clone(),
            old: old.name.clone(),
            new: new.name.clone(),
            is_column: false,
        }));
    }
    for new in &newer.tables {
        if let Some(old) = renamed.table(&new.name) {
            offers.extend(column_offers(old, new));
        }
    }
    offers
}

fn is_alike(old: &Table, new: &Table) -> bool {
    let shape = |column: &Column| (column.name.clone(), column.column_type.clone(), column.nullable);
    old.columns.iter().map(shape).eq(new.columns.iter().map(shape))
}

fn column_offers(old: &Table, new: &Table) -> Vec<RenameOffer> {
    let only_in = |table: &Table, other: &Table| -> Vec<(usize, Column)> {
        let columns = table.columns.iter().enumerate();
        columns.filter(|(_, c)| other.column(&c.name).is_none()).map(|(at, c)| (at, c.clone())).collect()
    };
    let (gone, came) = (only_in(old, new), only_in(new, old));
    let is_alike = |a: &Column, b: &Column| {
        let unnamed =
            |column: &Column| Column { name: String::new(), comment: String::new(), ..column.clone() };
        unnamed(a) == unnamed(b)
    };
    let mut offers = Vec::new();
    for (at, column) in &came {
        let alike: Vec<&(usize, Column)> = gone.iter().filter(|(_, old)| is_alike(old, column)).collect();
        let n_rivals = came.iter().filter(|(_, other)| is_alike(other, column)).count();
        let in_place = alike.iter().find(|(old_at, _)| old_at == at);
        let is_only = alike.len() == 1 && n_rivals == 1;
        if let Some((_, old)) = in_place.or(alike.first().filter(|_| is_only)) {
            offers.push(RenameOffer {
                table: new.name.clone(),
                old: old.name.clone(),
                new: column.name.clone(),
                is_column: true,
            });
        }
    }
    offers
}
