//! Bringing a file up to the plan, in one transaction: a kill leaves the old file or the new one.

mod former;
mod leftovers;
mod news;
mod rebuild;
mod retyped;
mod settings;

pub(super) use former::with_present_names;
pub use news::Migration;

use super::failure::damaged;
use super::outbox::{load_meta, store_meta};
use super::{batch, connections, indexes, progress};
use crate::{Error, ErrorKind, Plan, Result};
use physio_schema::plan::{PLAN_FORMAT, TablePlan};
use physio_schema::sqlite::internal::INTERNAL_TABLES;
use physio_schema::sqlite::quote_identifier;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, params};

const PLAN: &str = "plan";
const FORMAT: &str = "plan_format";
/// Names, separated by spaces, of what a reader of the file must know; this version knows none.
const NEEDS: &str = "needs";

/// Refuses a file that is not a cache, and one that a newer version wrote.
pub(super) fn check_file(connection: &Connection) -> Result<()> {
    let n_objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if n_objects == 0 {
        return Ok(());
    }
    let is_cache: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_physio_meta')",
        [],
        |row| row.get(0),
    )?;
    if !is_cache {
        return Err(Error::new(
            ErrorKind::Storage,
            "the file is an SQLite database of another program, not a cache; choose another path or move it away",
        ));
    }
    // A format that is no number of ours is one that a later version invented.
    let format = load_meta(connection, FORMAT)?.map(|format| format.parse::<u32>().unwrap_or(u32::MAX));
    let needs = load_meta(connection, NEEDS)?.unwrap_or_default();
    let is_newer = format.is_some_and(|format| format > PLAN_FORMAT) || !needs.trim().is_empty();
    if is_newer {
        return Err(Error::new(
            ErrorKind::CacheFromTheFuture,
            "a newer version of the application wrote this cache file; install that version again (nothing was \
             changed)",
        ));
    }
    Ok(())
}

/// The plan as the file keeps it.
pub(super) fn text_of(plan: &Plan) -> Result<String> {
    serde_json::to_string(plan)
        .map_err(|error| Error::with_source(ErrorKind::Usage, "the plan cannot be written as JSON", error))
}

/// Makes the file what the plan, also given as `text`, says: tables, indexes, triggers and progress.
///
/// Gives what came of it when the file was older, or made by another schema.
pub(super) fn bring_up_to_date(
    connection: &Connection,
    plan: &Plan,
    text: &str,
) -> Result<Option<Migration>> {
    // Renaming a rebuilt table must not rewrite views that an application made on it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, true)?;
    let result = connections::in_transaction(connection, || {
        // A second process may have opened the file in the meantime.
        check_file(connection)?;
        for statement in INTERNAL_TABLES {
            connection.execute_batch(statement)?;
        }
        // Only ever set inside a write transaction, and this is the only one.
        connection.execute("UPDATE _physio_control SET unit = NULL WHERE unit IS NOT NULL", [])?;
        if let Some(made_with) = load_meta(connection, PLAN)?
            && (made_with == text || settings::is_made_alike(&made_with, plan))
        {
            return Ok(None);
        }
        let news = news::Before::load(connection)?;
        migrate(connection, plan)?;
        store_meta(connection, FORMAT, Some(&PLAN_FORMAT.to_string()))?;
        store_meta(connection, "fingerprint", Some(&plan.fingerprint))?;
        store_meta(connection, PLAN, Some(text))?;
        connection.execute(
            "INSERT OR IGNORE INTO _physio_meta (name, value) VALUES ('device', lower(hex(randomblob(16))))",
            [],
        )?;
        news.compared(connection, plan)
    });
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, false)?;
    result
}

fn migrate(connection: &Connection, plan: &Plan) -> Result<()> {
    // Of the plan that made the file; one that cannot be read any more only makes this more careful.
    let old = load_meta(connection, PLAN)?.and_then(|text| serde_json::from_str::<Plan>(&text).ok());
    drop_triggers(connection)?;
    // Used within one statement only; a file of an older schema may have one of another shape.
    connection.execute("DELETE FROM _physio_replaced", [])?;
    former::rename_tables(connection, plan)?;
    let known: Vec<String> = connection
        .prepare("SELECT table_name FROM _physio_tables")?
        .query_and_then([], |row| Ok::<_, Error>(row.get(0)?))?
        .collect::<Result<_>>()?;
    for table in known.iter().filter(|name| plan.table(name).is_none()) {
        leftovers::park_table(connection, table)?;
        connection.execute_batch(&format!("DROP TABLE IF EXISTS {}", quote_identifier(table)))?;
        connection.execute("DELETE FROM _physio_tables WHERE table_name = ?1", [table])?;
    }
    for table in &plan.tables {
        if !known.contains(&table.name) && rebuild::declared(connection, &table.name)?.is_some() {
            return Err(damaged(&format!("a table `{}` that Physio did not make", table.name)));
        }
        bring_table_up_to_date(connection, plan, table, old_table(old.as_ref(), plan, table))?;
    }
    for table in &plan.tables {
        for trigger in &table.sql.triggers {
            connection.execute_batch(trigger)?;
        }
    }
    batch::mark_in_flight_older(connection)
}

/// The table as the file was made with it, under its present or a former name.
fn old_table<'o>(old: Option<&'o Plan>, plan: &Plan, table: &TablePlan) -> Option<&'o TablePlan> {
    let old = old?;
    let former = plan.renames.iter().filter(|rename| rename.column.is_none() && rename.table == table.name);
    old.table(&table.name).or_else(|| former.into_iter().find_map(|rename| old.table(&rename.from)))
}

/// Triggers are always made anew: they follow the settings of physio.toml, not only the table's shape.
fn drop_triggers(connection: &Connection) -> Result<()> {
    let names: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB '_physio_*'")?
        .query_and_then([], |row| Ok::<_, Error>(row.get(0)?))?
        .collect::<Result<_>>()?;
    for name in names {
        connection.execute_batch(&format!("DROP TRIGGER {}", quote_identifier(&name)))?;
    }
    Ok(())
}

fn bring_table_up_to_date(
    connection: &Connection,
    plan: &Plan,
    table: &TablePlan,
    old: Option<&TablePlan>,
) -> Result<()> {
    let fingerprint: Option<String> = connection
        .prepare("SELECT fingerprint FROM _physio_tables WHERE table_name = ?1")?
        .query_row([&table.name], |row| row.get(0))
        .optional()?;
    let is_other = fingerprint.as_ref().is_some_and(|known| *known != table.fingerprint);
    let mut must_read_again = false;
    match rebuild::declared(connection, &table.name)? {
        None => connection.execute_batch(&table.sql.create)?,
        Some(declared) => {
            let mut columns = rebuild::columns(connection, &table.name)?;
            former::name_columns(plan, table, &mut columns);
            former::rename_in_changes(connection, &table.name, &columns)?;
            must_read_again = is_other && !old.is_some_and(|old| has_same_values(old, table, &columns));
            let is_rebuilt = !rebuild::is_same_table(&declared, &table.sql.create);
            must_read_again |= is_rebuilt && rebuild::has_other_columns(&columns, table);
            if is_rebuilt || is_other {
                let retyped = retyped::Retyped::of(table, old, &columns);
                let emptied = leftovers::fit_changes(connection, table, &columns, &retyped)?;
                if is_rebuilt {
                    rebuild::rebuild_table(connection, table, &columns)?;
                }
                leftovers::release_rows(connection, table, &emptied)?;
            }
        }
    }
    for statement in &table.sql.after_create {
        connection.execute_batch(statement)?;
    }
    indexes::bring_indexes_up_to_date(connection, table)?;
    connection.execute(
        "INSERT INTO _physio_tables (table_name, fingerprint) VALUES (?1, ?2)
         ON CONFLICT (table_name) DO UPDATE SET fingerprint = excluded.fingerprint",
        params![table.name, table.fingerprint],
    )?;
    if must_read_again {
        // The cursor stays: what changes meanwhile arrives through it.
        progress::reread_table(connection, &table.name)?;
    }
    Ok(())
}

/// Whether the rows here are still what the server has: only names, rules or what is never sent have changed.
fn has_same_values(old: &TablePlan, table: &TablePlan, columns: &[rebuild::DeclaredColumn]) -> bool {
    let was = |name: &str| {
        let declared = columns.iter().find(|declared| declared.name == name)?;
        old.position(&declared.was).map(|position| &old.columns[position])
    };
    let is_same = |column: &physio_schema::plan::ColumnPlan| {
        was(&column.name).is_some_and(|was| {
            (&was.column_type, was.storage, was.wire, was.nullable, was.generated)
                == (&column.column_type, column.storage, column.wire, column.nullable, column.generated)
        })
    };
    old.columns.len() == table.columns.len() && table.columns.iter().all(is_same)
}
