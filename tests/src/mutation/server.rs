//! What a real MariaDB makes of a mutation's statements, and of the statements that the older bridge would send.

use super::judge::Compiled;
use super::kind::Mutation;
use super::{config_of, read};
use crate::harness::{PrivateMariaDb, Result};
use mysql::prelude::Queryable;
use physio_schema::diff::diff;
use physio_schema::plan;

/// What contradicts the verdict on a mutation; empty when the server confirms it.
///
/// The statements are run on a database that was loaded from the dump; then the database's own
/// `SHOW CREATE TABLE`s are read as `check --mysql` reads them, and the older plan's statements are prepared.
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
            if diff(&app.schema, &live).is_empty() {
                faults.push("`check` would not see it".to_owned());
            }
            faults.extend(failing_statements(&mut conn, app, &live));
        }
        Err(errors) => faults.push(errors.to_string()),
    }
    server.drop_database(&database)?;
    Ok(faults)
}

/// Statements of the older bridge that the server refuses though the handshake lets the table through.
fn failing_statements(
    conn: &mut mysql::Conn,
    app: &Compiled,
    live: &physio_schema::model::Schema,
) -> Vec<String> {
    let Ok(after) = plan::build(live, &config_of(&[])) else { return Vec::new() };
    let mut faults = Vec::new();
    for table in &app.plan.tables {
        if after.table(&table.name).is_none_or(|now| now.fingerprint != table.fingerprint) {
            continue;
        }
        let names: Vec<String> = table.columns.iter().map(|column| format!("`{}`", column.name)).collect();
        let key: Vec<String> = table.key_columns().map(|column| format!("`{}` = ?", column.name)).collect();
        let (list, key) = (names.join(", "), key.join(" AND "));
        let set: Vec<String> = names.iter().map(|name| format!("{name} = ?")).collect();
        for statement in [
            format!("SELECT {list} FROM `{}` WHERE {key} FOR UPDATE", table.name),
            format!("INSERT INTO `{}` ({list}) VALUES ({})", table.name, vec!["?"; names.len()].join(", ")),
            format!("UPDATE `{}` SET {} WHERE {key}", table.name, set.join(", ")),
            format!("DELETE FROM `{}` WHERE {key}", table.name),
        ] {
            if let Err(error) = conn.prep(&statement) {
                faults.push(format!("`{}` is synced, and `{statement}` fails: {error}", table.name));
            }
        }
    }
    faults
}
