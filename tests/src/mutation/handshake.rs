//! Two versions of an application's table meet: what the handshake pauses, and whether the rest works.
//!
//! The outcome is the runtime's own ([`physio_runtime::drift::compare`]). Whether something would fail is found
//! without it: statements are prepared and run, values at the ends of each type are read and checked.

use super::judge::Version;
use super::values::{is_read_back, stored, values};
use physio_runtime::bridge::wire::TableDescription;
use physio_runtime::cache::ColumnHold;
use physio_runtime::drift::{Comparison, compare};
use physio_schema::codec::check_wire;
use physio_schema::describe::{ColumnItems, TableItems};
use physio_schema::model::{ColumnDefault, ColumnType};
use physio_schema::plan::{ColumnPlan, TablePlan};
use rusqlite::{Connection, params_from_iter};

/// What the handshake makes of a table, in order of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The fingerprints are equal.
    Same,
    /// It differs and goes on both ways.
    GoesOn,
    /// It goes on, and changes that set some column wait.
    Held,
    /// Rows are pulled; no change is pushed.
    PushPaused,
    /// Neither pulled nor pushed.
    Paused,
}

/// One table of an application that meets the bridge of another version.
#[derive(Debug, Clone)]
pub struct Meeting {
    /// What the handshake makes of it.
    pub outcome: Outcome,
    /// Why something could fail or be misread.
    pub dangers: Vec<String>,
    /// Those of them that are not paused or held.
    pub escaped: Vec<String>,
}

/// The runtime's comparison of a table with the other version's; `None` where the fingerprints are equal.
pub fn handshake(
    ours: &Version,
    table: &TablePlan,
    theirs: &Version,
    once_matched: bool,
) -> Option<Comparison> {
    let now = theirs.plan.table(&table.name);
    if now.is_some_and(|now| now.fingerprint == table.fingerprint) {
        return None;
    }
    let description = now.map(TableDescription::of);
    Some(compare(&ours.plan, table, description.as_ref(), once_matched))
}

/// The weight of a comparison.
pub fn outcome(comparison: Option<&Comparison>) -> Outcome {
    let Some(Comparison { drift, holds, .. }) = comparison else { return Outcome::Same };
    match (drift.is_pull_paused, drift.is_push_paused, holds.is_empty()) {
        (true, ..) => Outcome::Paused,
        (_, true, _) => Outcome::PushPaused,
        (.., false) => Outcome::Held,
        (.., true) => Outcome::GoesOn,
    }
}

/// What is held of a column.
pub fn hold_of<'a>(comparison: Option<&'a Comparison>, column: &str) -> Option<&'a ColumnHold> {
    comparison?.holds.iter().find(|(name, _)| name == column).map(|(_, hold)| hold)
}

/// Lets an application's table meet another version's bridge.
pub fn meet(ours: &Version, table: &TablePlan, theirs: &Version, once_matched: bool) -> Meeting {
    let comparison = handshake(ours, table, theirs, once_matched);
    let outcome = outcome(comparison.as_ref());
    let (pull, push, free) = match theirs.plan.table(&table.name) {
        None => {
            let gone = vec!["the table is gone".to_owned()];
            (gone.clone(), gone, Vec::new())
        }
        Some(now) if now == table => return Meeting { outcome, dangers: Vec::new(), escaped: Vec::new() },
        Some(now) => {
            let push = |comparison| {
                if table.writable { of_push(ours, table, now, theirs, comparison) } else { Vec::new() }
            };
            (of_pull(ours, table, now), push(None), push(comparison.as_ref()))
        }
    };
    let mut escaped = Vec::new();
    if outcome < Outcome::Paused {
        escaped.extend(pull.iter().map(|danger| format!("`{}` is pulled, and {danger}", table.name)));
    }
    if outcome < Outcome::PushPaused {
        escaped.extend(free.iter().map(|danger| format!("`{}` is pushed, and {danger}", table.name)));
    }
    let mut dangers = pull;
    dangers.extend(push);
    Meeting { outcome, dangers, escaped }
}

fn items<'a>(version: &'a Version, table: &TablePlan) -> Option<&'a TableItems> {
    version.items.tables.iter().find(|items| items.name == table.name)
}

fn key(table: &TablePlan) -> Vec<&str> {
    table.key_columns().map(|column| column.name.as_str()).collect()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Why rows of the other version could not be stored or read here.
fn of_pull(ours: &Version, table: &TablePlan, now: &TablePlan) -> Vec<String> {
    let mut dangers = Vec::new();
    if key(table) != key(now) {
        dangers.push(format!("rows are told apart by ({}) there", key(now).join(", ")));
    }
    let Some(items) = items(ours, table) else { return vec!["no code reads it".to_owned()] };
    let mut row = Vec::new();
    for (column, items) in table.columns.iter().zip(&items.columns) {
        let Some(theirs) = now.columns.iter().find(|other| other.name == column.name) else { continue };
        let texts = values(theirs);
        dangers.extend(texts.iter().find_map(|text| unread(items, column, theirs, text.as_deref())));
        let ordinary = texts.first().and_then(Option::as_deref);
        row.push((column.name.as_str(), stored(column, ordinary).unwrap_or(rusqlite::types::Value::Null)));
    }
    if dangers.is_empty() {
        dangers.extend(store(table, items, &row).err());
    }
    dangers
}

fn unread(
    items: &ColumnItems,
    column: &ColumnPlan,
    theirs: &ColumnPlan,
    text: Option<&str>,
) -> Option<String> {
    let is_read = stored(column, text).is_ok_and(|value| is_read_back(items, &value));
    (!is_read).then(|| {
        let shown: String = text.unwrap_or("NULL").chars().take(30).collect();
        let field = items.field_type.name();
        format!("{shown} of `{}` ({}) is not read back as {field}", column.name, theirs.column_type)
    })
}

/// Stores a row that has only the columns of both, and reads what the server did not send.
fn store(
    table: &TablePlan,
    items: &TableItems,
    row: &[(&str, rusqlite::types::Value)],
) -> Result<(), String> {
    let connection = Connection::open_in_memory().map_err(|error| error.to_string())?;
    connection.execute_batch(&table.sql.create).map_err(|error| error.to_string())?;
    let names: Vec<String> = row.iter().map(|(name, _)| quoted(name)).collect();
    let marks = vec!["?"; row.len()].join(", ");
    let name = quoted(&table.name);
    let sql = format!("INSERT INTO {name} ({}) VALUES ({marks})", names.join(", "));
    let values = row.iter().map(|(_, value)| value);
    connection
        .execute(&sql, params_from_iter(values))
        .map_err(|error| format!("its rows cannot be stored: {error}"))?;
    for (column, items) in table.columns.iter().zip(&items.columns) {
        let sql = format!("SELECT {} FROM {name}", quoted(&column.name));
        let value = connection.query_one(&sql, [], |row| row.get(0)).map_err(|error| error.to_string())?;
        if !is_read_back(items, &value) {
            return Err(format!("`{}` is empty here and not an Option", column.name));
        }
    }
    Ok(())
}

/// Why changes of this version could be refused there. What `comparison` holds is not sent.
fn of_push(
    ours: &Version,
    table: &TablePlan,
    now: &TablePlan,
    theirs: &Version,
    comparison: Option<&Comparison>,
) -> Vec<String> {
    let mut dangers = Vec::new();
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    if let Err(error) = connection.execute_batch(&now.sql.create) {
        return vec![format!("the table cannot be made: {error}")];
    }
    for statement in statements(table, &sent(table, comparison)) {
        if let Err(error) = connection.prepare(&statement) {
            dangers.push(format!("`{statement}` fails: {error}"));
        }
    }
    if table.temporary_key.is_some() && now.temporary_key.is_none() {
        dangers.push("the server makes no keys".to_owned());
    }
    if !now.writable {
        dangers.push("it takes no changes".to_owned());
    }
    let model = theirs.schema.table(&table.name);
    for column in model.iter().flat_map(|model| &model.columns) {
        // An ENUM that may not be NULL has its first member for a default.
        let is_made_there = column.auto_increment
            || column.generated.is_some()
            || matches!(column.column_type, ColumnType::Enum { .. });
        let is_required = !column.nullable && column.default == ColumnDefault::Missing && !is_made_there;
        let position = table.position(&column.name);
        let is_left_out = position.is_none_or(|at| is_left_out(ours, table, at));
        let is_held = matches!(hold_of(comparison, &column.name), Some(ColumnHold::Narrower { .. }));
        if is_required && is_left_out && !is_held {
            dangers.push(format!("an INSERT must name `{}`", column.name));
        }
    }
    for column in sent(table, comparison) {
        let Some(other) = now.columns.iter().find(|other| other.name == column.name) else { continue };
        if other.generated {
            dangers.push(format!("`{}` is computed there", column.name));
        }
        // What is narrower there is checked value by value before it is sent.
        if hold_of(comparison, &column.name).is_some()
            || now.temporary_key.is_some_and(|at| now.columns[at].name == column.name)
        {
            continue;
        }
        let refused = values(column).into_iter().find_map(|value| match value {
            None => (!other.nullable).then(|| "NULL".to_owned()),
            Some(text) => check_wire(&other.column_type, &text).err().map(str::to_owned),
        });
        dangers.extend(refused.map(|why| format!("a value does not fit `{}` ({why})", column.name)));
    }
    dangers
}

/// Whether an insert may come without the column: only MySQL can compute its default.
fn is_left_out(ours: &Version, table: &TablePlan, at: usize) -> bool {
    let items = items(ours, table).map(|items| &items.columns[at]);
    !table.columns[at].generated && items.is_some_and(|items| items.is_option && !items.nullable)
}

/// The columns of changes that are sent.
pub fn sent<'a>(table: &'a TablePlan, comparison: Option<&Comparison>) -> Vec<&'a ColumnPlan> {
    let is_sent = |column: &&ColumnPlan| {
        !column.generated && !matches!(hold_of(comparison, &column.name), Some(ColumnHold::Unknown))
    };
    table.columns.iter().filter(is_sent).collect()
}

/// What a bridge runs for the changes of a table, as a cache would understand it.
fn statements(table: &TablePlan, sent: &[&ColumnPlan]) -> Vec<String> {
    let names: Vec<String> = sent.iter().map(|column| quoted(&column.name)).collect();
    let key: Vec<String> =
        table.key_columns().map(|column| format!("{} = ?", quoted(&column.name))).collect();
    let (name, marks, key) = (quoted(&table.name), vec!["?"; names.len()].join(", "), key.join(" AND "));
    let set: Vec<String> = names.iter().map(|name| format!("{name} = ?")).collect();
    vec![
        format!("SELECT {} FROM {name} WHERE {key}", names.join(", ")),
        format!("INSERT INTO {name} ({}) VALUES ({marks})", names.join(", ")),
        format!("UPDATE {name} SET {} WHERE {key}", set.join(", ")),
        format!("DELETE FROM {name} WHERE {key}"),
    ]
}
