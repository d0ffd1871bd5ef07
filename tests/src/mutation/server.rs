//! What a real MariaDB makes of a mutation's statements, and of the statements that the older bridge would send.

use super::handshake::{Outcome, handshake, hold_of, outcome, sent};
use super::judge::{Compiled, Version};
use super::kind::Mutation;
use super::read;
use super::values::values;
use crate::harness::{PrivateMariaDb, Result};
use base64::Engine as _;
use mysql::prelude::Queryable;
use mysql::{Params, Value};
use physio_runtime::cache::ColumnHold;
use physio_runtime::drift::Comparison;
use physio_schema::codec::check_wire;
use physio_schema::diff::diff;
use physio_schema::plan::{ColumnPlan, TablePlan, Wire};

/// What contradicts the verdict on a mutation; empty when the server confirms it.
///
/// The statements are run on a database that was loaded from the dump; then the database's own
/// `SHOW CREATE TABLE`s are read as `check --mysql` reads them, and where the handshake lets changes through,
/// the statements for them are prepared, and rows with values at the ends of the older types are inserted.
///
/// # Errors
///
/// When the server does not answer.
pub fn confirm(server: &PrivateMariaDb, app: &Compiled, mutation: &Mutation) -> Result<Vec<String>> {
    let database = server.create_database()?;
    server.run_script(&database, &app.dump)?;
    let mut conn = server.connect(Some(&database))?;
    let mut faults = Vec::new();
    conn.query_drop("SET FOREIGN_KEY_CHECKS = 0")?;
    for statement in &mutation.sql {
        if let Err(error) = conn.query_drop(statement) {
            faults.push(format!("`{statement}`: {error}"));
        }
    }
    let names: Vec<String> = conn.query("SHOW TABLES")?;
    let mut text =
        String::from("-- MariaDB dump\n-- Server version\t10.11.0-MariaDB\nSET FOREIGN_KEY_CHECKS = 0;\n");
    for name in &names {
        let shown: Option<(String, String)> = conn.query_first(format!("SHOW CREATE TABLE `{name}`"))?;
        text.extend(shown.map(|(_, create)| format!("{create};\n")));
    }
    match read(&text) {
        Ok(live) => {
            let unexplained = diff(&live, &mutation.schema);
            if !unexplained.is_empty() {
                faults.push(format!("the server has something else: {unexplained:?}"));
            }
            if diff(&app.version.schema, &live).is_empty() {
                faults.push("`check` would not see it".to_owned());
            }
            faults.extend(failing_statements(&mut conn, &app.version, live)?);
        }
        Err(errors) => faults.push(errors.to_string()),
    }
    server.drop_database(&database)?;
    Ok(faults)
}

/// What the server refuses of changes that the handshake lets through.
fn failing_statements(
    conn: &mut mysql::Conn,
    before: &Version,
    live: physio_schema::model::Schema,
) -> Result<Vec<String>> {
    let Some(after) = Version::of(live) else { return Ok(Vec::new()) };
    let mut faults = Vec::new();
    conn.query_drop("SET sql_mode = 'STRICT_ALL_TABLES', time_zone = '+00:00'")?;
    for table in &before.plan.tables {
        let Some(now) = after.plan.table(&table.name) else { continue };
        for once_matched in [true, false] {
            let comparison = handshake(before, table, &after, once_matched);
            if now != table && outcome(comparison.as_ref()) < Outcome::PushPaused {
                faults.extend(refused(conn, table, now, comparison.as_ref())?);
            }
        }
    }
    Ok(faults)
}

fn refused(
    conn: &mut mysql::Conn,
    table: &TablePlan,
    now: &TablePlan,
    comparison: Option<&Comparison>,
) -> Result<Vec<String>> {
    let sent = sent(table, comparison);
    let names: Vec<String> = sent.iter().map(|column| format!("`{}`", column.name)).collect();
    let key: Vec<String> = table.key_columns().map(|column| format!("`{}` = ?", column.name)).collect();
    let (list, key) = (names.join(", "), key.join(" AND "));
    let set: Vec<String> = names.iter().map(|name| format!("{name} = ?")).collect();
    let mut faults = Vec::new();
    for statement in [
        format!("SELECT {list} FROM `{}` WHERE {key} FOR UPDATE", table.name),
        format!("INSERT INTO `{}` ({list}) VALUES ({})", table.name, vec!["?"; names.len()].join(", ")),
        format!("UPDATE `{}` SET {} WHERE {key}", table.name, set.join(", ")),
        format!("DELETE FROM `{}` WHERE {key}", table.name),
    ] {
        if let Err(error) = conn.prep(&statement) {
            faults.push(format!("`{}` is pushed, and `{statement}` fails: {error}", table.name));
        }
    }
    if !faults.is_empty() {
        return Ok(faults);
    }
    // A server's own key is not sent.
    let is_named =
        |column: &&ColumnPlan| now.temporary_key.is_none_or(|at| now.columns[at].name != column.name);
    let named: Vec<&ColumnPlan> = sent.into_iter().filter(is_named).collect();
    let ordinary: Vec<Option<String>> = named.iter().map(|column| ordinary(column, comparison)).collect();
    for (at, column) in named.iter().enumerate() {
        // A held column's values are checked one by one before they are sent.
        if hold_of(comparison, &column.name).is_some() {
            continue;
        }
        for value in values(column) {
            let mut row = ordinary.clone();
            row[at].clone_from(&value);
            faults.extend(refused_row(conn, table, &named, &row)?.map(|error| {
                let shown: String = value.as_deref().unwrap_or("NULL").chars().take(30).collect();
                format!("`{}.{}` takes no {shown}: {error}", table.name, column.name)
            }));
        }
    }
    Ok(faults)
}

/// A value of the column that nothing holds.
fn ordinary(column: &ColumnPlan, comparison: Option<&Comparison>) -> Option<String> {
    let fits = |text: &String| match hold_of(comparison, &column.name) {
        Some(ColumnHold::Narrower { column_type, .. }) => check_wire(column_type, text).is_ok(),
        Some(ColumnHold::Unknown) | None => true,
    };
    values(column).into_iter().flatten().find(fits)
}

/// Inserts a row and takes it back; the server's refusal, unless it is a CHECK, which is a reason of its own.
fn refused_row(
    conn: &mut mysql::Conn,
    table: &TablePlan,
    columns: &[&ColumnPlan],
    row: &[Option<String>],
) -> Result<Option<mysql::Error>> {
    const CHECK_FAILED: u16 = 4025;
    let names: Vec<String> = columns.iter().map(|column| format!("`{}`", column.name)).collect();
    let mark = |column: &&ColumnPlan| if column.wire == Wire::Bits { "? + 0" } else { "?" };
    let marks: Vec<&str> = columns.iter().map(mark).collect();
    let sql = format!("INSERT INTO `{}` ({}) VALUES ({})", table.name, names.join(", "), marks.join(", "));
    let bound = columns.iter().zip(row).map(|(column, text)| match text {
        None => Value::NULL,
        Some(text) if column.wire == Wire::Base64 => {
            Value::Bytes(base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_default())
        }
        Some(text) => Value::Bytes(text.clone().into_bytes()),
    });
    conn.query_drop("BEGIN")?;
    let result = conn.exec_drop(&sql, Params::Positional(bound.collect()));
    conn.query_drop("ROLLBACK")?;
    Ok(match result {
        Ok(()) => None,
        Err(mysql::Error::MySqlError(error)) if error.code == CHECK_FAILED => None,
        Err(error) => Some(error),
    })
}
