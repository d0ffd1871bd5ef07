//! Mapped keys inside what waits in the outbox and in the conflict list.

use super::{Mapped, key_columns};
use crate::cache::batch::temporary_number;
use crate::cache::outbox::{Captured, parse_captured};
use crate::cache::rows::RowKey;
use crate::{Plan, Result};
use physio_schema::codec::{captured_from_wire, cell_from_captured};
use physio_schema::plan::TablePlan;
use rusqlite::{Connection, params};
use serde_json::Value;

/// A row of the outbox or of the conflict list that mentions a mapped key.
struct Mention {
    id: i64,
    table: String,
    key: String,
    /// Captured values as JSON, in the order of the list's columns.
    values: Vec<Option<String>>,
}

/// Replaces every mapped key in queued changes and in conflicts.
pub(super) fn remap_queued(connection: &Connection, plan: &Plan, mapped: &Mapped) -> Result<()> {
    let changes = mentions(connection, "_physio_outbox", &["base", "changed"], mapped)?;
    for change in changes {
        let Some(table) = plan.table(&change.table) else { continue };
        let values = remapped_values(plan, table, &change.values, mapped)?;
        connection
            .prepare_cached(
                "UPDATE _physio_outbox SET row_key = ?2, base = ?3, changed = ?4 WHERE change_id = ?1",
            )?
            .execute(params![
                change.id,
                remapped_key(plan, table, &change.key, mapped)?,
                values[0],
                values[1]
            ])?;
    }
    let conflicts = mentions(connection, "_physio_conflicts", &["base", "mine", "theirs"], mapped)?;
    for conflict in conflicts {
        let Some(table) = plan.table(&conflict.table) else { continue };
        let values = remapped_values(plan, table, &conflict.values, mapped)?;
        connection
            .prepare_cached(
                "UPDATE _physio_conflicts SET row_key = ?2, base = ?3, mine = ?4, theirs = ?5 WHERE change_id = ?1",
            )?
            .execute(params![
                conflict.id,
                remapped_key(plan, table, &conflict.key, mapped)?,
                values[0],
                values[1],
                values[2]
            ])?;
    }
    Ok(())
}

/// Reads only the rows whose text holds one of the keys: a long outbox is scanned, not parsed.
fn mentions(connection: &Connection, list: &str, columns: &[&str], mapped: &Mapped) -> Result<Vec<Mention>> {
    let sql = format!("SELECT change_id, table_name, row_key, {} FROM {list}", columns.join(", "));
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut is_mentioned = false;
        for column in 2..3 + columns.len() {
            let text = row.get_ref(column)?;
            is_mentioned |=
                text.as_bytes_or_null().ok().flatten().is_some_and(|text| holds_key(text, mapped));
        }
        if is_mentioned {
            found.push(Mention {
                id: row.get(0)?,
                table: row.get(1)?,
                key: row.get(2)?,
                values: (0..columns.len()).map(|at| row.get(3 + at)).collect::<Result<_, _>>()?,
            });
        }
    }
    Ok(found)
}

/// Whether a text holds a mapped key of any table as a whole run of digits.
fn holds_key(text: &[u8], mapped: &Mapped) -> bool {
    text.split(|byte| !byte.is_ascii_digit())
        .filter(|digits| digits.len() == 16)
        .filter_map(|digits| std::str::from_utf8(digits).ok().and_then(temporary_number))
        .any(|number| mapped.values().any(|keys| keys.contains_key(&number)))
}

fn remapped_key(plan: &Plan, table: &TablePlan, key: &str, mapped: &Mapped) -> Result<String> {
    // A key of another shape is one of an older schema: it names no row.
    let Ok(mut key) = RowKey::from_captured(table, key) else { return Ok(key.to_owned()) };
    for (position, owner) in key_columns(plan, table) {
        let Some(part) = table.key.iter().position(|&own| own == position) else { continue };
        let physio_schema::codec::Cell::Integer(number) = key.cells[part] else { continue };
        if let Some(server_key) = mapped.get(&owner.name).and_then(|keys| keys.get(&number)) {
            let cell = cell_from_captured(&table.columns[position], Some(server_key))?.into_owned();
            key = key.with_part(part, cell);
        }
    }
    Ok(key.text)
}

fn remapped_values(
    plan: &Plan,
    table: &TablePlan,
    values: &[Option<String>],
    mapped: &Mapped,
) -> Result<Vec<Option<String>>> {
    let columns: Vec<_> = key_columns(plan, table).collect();
    values
        .iter()
        .map(|text| {
            let Some(text) = text else { return Ok(None) };
            let mut values: Captured = parse_captured(Some(text.clone()))?;
            for (position, owner) in &columns {
                let column = &table.columns[*position];
                let number = values.get(&column.name).and_then(Value::as_str).and_then(temporary_number);
                let server_key = number.and_then(|number| mapped.get(&owner.name)?.get(&number));
                if let Some(server_key) = server_key
                    && let Some(captured) = captured_from_wire(column, Some(server_key))?
                {
                    values.insert(column.name.clone(), Value::String(captured.into_owned()));
                }
            }
            Ok(Some(Value::Object(values).to_string()))
        })
        .collect()
}
