//! Tables and columns under new names (`renamed_from` of physio.toml): their rows and unsent changes go along.

use super::rebuild::{DeclaredColumn, declared};
use crate::Result;
use crate::bridge::wire::BatchAnswer;
use crate::cache::failure::damaged;
use crate::cache::outbox::{self, Captured, load_meta, store_meta};
use crate::cache::server::{SERVER_TABLES, ServerMemory};
use physio_schema::plan::{Plan, TablePlan};
use physio_schema::sqlite::quote_identifier;
use rusqlite::{Connection, params};
use serde_json::Value;
use std::borrow::Cow;

/// Every inner table that names synced tables in `table_name`.
const NAMING: [&str; 5] =
    ["_physio_tables", "_physio_outbox", "_physio_temporary_keys", "_physio_conflicts", "sync_history"];

/// Gives tables of the file their present names.
pub(super) fn rename_tables(connection: &Connection, plan: &Plan) -> Result<()> {
    for rename in plan.renames.iter().filter(|rename| rename.column.is_none()) {
        let (from, to) = (&rename.from, &rename.table);
        let is_meant = plan.table(to).is_some() && plan.table(from).is_none();
        if is_meant && is_known(connection, from)? && !is_known(connection, to)? {
            if declared(connection, to)?.is_some() {
                return Err(damaged(&format!("a table `{to}` that Physio did not make")));
            }
            rename_table(connection, from, to)?;
        }
    }
    Ok(())
}

fn is_known(connection: &Connection, table: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM _physio_tables WHERE table_name = ?1)";
    Ok(connection.query_row(sql, [table], |row| row.get(0))?)
}

fn rename_table(connection: &Connection, from: &str, to: &str) -> Result<()> {
    let indexes: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL")?
        .query_and_then([from], |row| Ok::<_, crate::Error>(row.get(0)?))?
        .collect::<Result<_>>()?;
    // Generated indexes bear the table's name; those of the application stay.
    for index in indexes.iter().filter(|index| index.starts_with(&format!("{from}."))) {
        connection.execute_batch(&format!("DROP INDEX {}", quote_identifier(index)))?;
    }
    let (old, new) = (quote_identifier(from), quote_identifier(to));
    connection.execute_batch(&format!("ALTER TABLE {old} RENAME TO {new}"))?;
    connection.execute("DELETE FROM sync_history WHERE table_name = ?1", [to])?;
    for table in NAMING {
        let sql = format!("UPDATE {table} SET table_name = ?2 WHERE table_name = ?1");
        connection.execute(&sql, [from, to])?;
    }
    rename_fields(connection, from, to)?;
    if let Some(text) = load_meta(connection, SERVER_TABLES)?
        && let Ok(mut memory) = serde_json::from_str::<ServerMemory>(&text)
        && let Some(known) = memory.remove(from)
    {
        memory.insert(to.to_owned(), known);
        store_meta(connection, SERVER_TABLES, Some(&serde_json::to_string(&memory).unwrap_or_default()))?;
    }
    Ok(())
}

/// `table` and `table.column` in the reasons of what waits for a person.
fn rename_fields(connection: &Connection, from: &str, to: &str) -> Result<()> {
    for table in ["_physio_units", "_physio_conflicts"] {
        let sql = format!(
            "UPDATE {table} SET field = ?2 || substr(field, length(?1) + 1)
             WHERE field = ?1 OR substr(field, 1, length(?1) + 1) = ?1 || '.'"
        );
        connection.execute(&sql, [from, to])?;
    }
    Ok(())
}

/// Gives the columns of a table as the file has it their present names.
pub(super) fn name_columns(plan: &Plan, table: &TablePlan, columns: &mut [DeclaredColumn]) {
    for rename in plan.renames.iter().filter(|rename| rename.table == table.name) {
        let Some(to) = &rename.column else { continue };
        let is_meant = table.position(to).is_some() && table.position(&rename.from).is_none();
        if is_meant && !columns.iter().any(|column| column.name == *to) {
            for column in columns.iter_mut().filter(|column| column.name == rename.from) {
                column.name.clone_from(to);
            }
        }
    }
}

/// Rewrites unsent changes and conflicts of renamed columns.
pub(super) fn rename_in_changes(
    connection: &Connection,
    table: &str,
    columns: &[DeclaredColumn],
) -> Result<()> {
    let renamed: Vec<(&str, &str)> = columns
        .iter()
        .filter(|column| column.name != column.was)
        .map(|column| (column.was.as_str(), column.name.as_str()))
        .collect();
    if renamed.is_empty() {
        return Ok(());
    }
    for key in outbox::keys_with_changes(connection, table)? {
        for mut change in outbox::changes_of_row(connection, table, &key)? {
            rename_keys(&mut change.base, &renamed);
            rename_keys(&mut change.changed, &renamed);
            outbox::store_change(connection, &change)?;
        }
    }
    let conflicts: Vec<(i64, [Option<String>; 3])> = connection
        .prepare("SELECT change_id, base, mine, theirs FROM _physio_conflicts WHERE table_name = ?1")?
        .query_and_then([table], |row| {
            Ok::<_, crate::Error>((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?]))
        })?
        .collect::<Result<_>>()?;
    for (id, texts) in conflicts {
        let mut now: [Option<String>; 3] = [None, None, None];
        for (text, now) in texts.into_iter().zip(&mut now) {
            if text.is_some() {
                let mut values = outbox::parse_captured(text)?;
                rename_keys(&mut values, &renamed);
                *now = Some(Value::Object(values).to_string());
            }
        }
        connection.execute(
            "UPDATE _physio_conflicts SET base = ?2, mine = ?3, theirs = ?4 WHERE change_id = ?1",
            params![id, now[0], now[1], now[2]],
        )?;
    }
    for (from, to) in renamed {
        rename_fields(connection, &format!("{table}.{from}"), &format!("{table}.{to}"))?;
    }
    Ok(())
}

/// All at once: two columns may have changed their names with each other.
fn rename_keys(values: &mut Captured, renamed: &[(&str, &str)]) {
    let present = |name: String| {
        renamed.iter().find(|(from, _)| *from == name).map(|(_, to)| (*to).to_owned()).unwrap_or(name)
    };
    *values = std::mem::take(values).into_iter().map(|(name, value)| (present(name), value)).collect();
}

/// The answer to a batch that was sent under former names, in present ones.
pub(in crate::cache) fn with_present_names<'a>(plan: &Plan, answer: &'a BatchAnswer) -> Cow<'a, BatchAnswer> {
    if plan.renames.is_empty() {
        return Cow::Borrowed(answer);
    }
    let mut answer = answer.clone();
    let names = answer
        .keys
        .iter_mut()
        .map(|key| &mut key.table)
        .chain(answer.rows.iter_mut().map(|block| &mut block.table))
        .chain(answer.deleted.iter_mut().map(|block| &mut block.table))
        .chain(answer.units.iter_mut().flat_map(|unit| &mut unit.kept).map(|kept| &mut kept.table));
    for name in names.filter(|name| plan.table(name).is_none()) {
        let rename = plan.renames.iter().find(|rename| rename.column.is_none() && rename.from == *name);
        if let Some(rename) = rename {
            name.clone_from(&rename.table);
        }
    }
    Cow::Owned(answer)
}
