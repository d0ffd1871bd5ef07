//! The in-memory database: opening it, reading rows from it, checksums.

use super::ddl;
use super::rights::Visible;
use super::spelling;
use crate::bridge::wire::RowBlock;
use physio_schema::plan::{Plan, Storage, TablePlan, Wire};
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension};
use std::cmp::Ordering;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering as Memory};

/// Milliseconds since 1970, as the outside sets it.
pub(super) type Clock = Arc<AtomicI64>;

/// A new store with the plan's tables, empty.
pub(super) fn open(plan: &Plan, clock: &Clock, epoch: &str) -> rusqlite::Result<Connection> {
    let store = Connection::open_in_memory()?;
    // A column that is not there is an error, not a text.
    store.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    store.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    store.execute_batch("PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;")?;
    store.create_collation("physio_ci", compare_ignoring_case)?;
    store.create_collation("physio_unsigned", compare_unsigned)?;
    let clock = Arc::clone(clock);
    store.create_scalar_function("physio_clock", 0, FunctionFlags::SQLITE_UTF8, move |_| {
        Ok(clock.load(Memory::Relaxed) as f64 / 1000.0)
    })?;
    store.execute_batch(ddl::SERVER_TABLES)?;
    store.execute("INSERT INTO _physio_state (id, seq, floor_seq, epoch) VALUES (1, 0, 0, ?1)", [epoch])?;
    let scratch = Connection::open_in_memory()?;
    for table in &plan.tables {
        store.execute_batch(&ddl::table_statements(plan, table, &scratch)?)?;
    }
    Ok(store)
}

/// `…_ci` of MySQL as far as keys need it: case and trailing spaces make no difference.
fn compare_ignoring_case(a: &str, b: &str) -> Ordering {
    let folded =
        |text: &str| text.trim_end_matches(' ').chars().flat_map(char::to_lowercase).collect::<String>();
    folded(a).cmp(&folded(b))
}

/// Decimal texts above 2^63: the longer one is the larger.
fn compare_unsigned(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// One row's visible columns in wire spelling.
pub(super) type WireRow = Vec<Option<String>>;

/// The positions of base64 columns.
pub(super) fn base64_positions(table: &TablePlan) -> Vec<usize> {
    (0..table.columns.len()).filter(|&position| table.columns[position].wire == Wire::Base64).collect()
}

/// The names of the visible columns.
pub(super) fn column_names(table: &TablePlan) -> Vec<&str> {
    table.columns.iter().map(|column| column.name.as_str()).collect()
}

/// An empty block of rows of this table.
pub(super) fn row_block(table: &TablePlan) -> RowBlock {
    RowBlock {
        table: table.name.clone(),
        columns: column_names(table).into_iter().map(str::to_owned).collect(),
        base64: base64_positions(table),
        rows: Vec::new(),
    }
}

pub(super) fn wire_row(table: &TablePlan, row: &rusqlite::Row<'_>) -> rusqlite::Result<WireRow> {
    table
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| Ok(spelling::wire_text(column, row.get_ref(i)?)))
        .collect()
}

/// The key of a row in wire spelling.
pub(super) fn key_of(table: &TablePlan, row: &WireRow) -> Vec<String> {
    table.key.iter().map(|&position| row[position].clone().unwrap_or_default()).collect()
}

/// `"k1" = ?1 AND "k2" = ?2`, counting from `first`.
pub(super) fn key_condition(table: &TablePlan, first: usize) -> String {
    let parts = table.key_columns().enumerate();
    let parts = parts.map(|(i, column)| format!("{} = ?{}", ddl::quoted(&column.name), first + i));
    parts.collect::<Vec<_>>().join(" AND ")
}

/// The row with exactly this key, or none; one that is not visible is none. A key that only the collation takes for equal is another key.
pub(super) fn load_row(
    store: &Connection,
    table: &TablePlan,
    key: &[Value],
    visible: &Visible,
) -> rusqlite::Result<Option<WireRow>> {
    let sql = format!(
        "SELECT {} FROM {} WHERE {}{}",
        ddl::quoted_list(column_names(table)),
        ddl::quoted(&table.name),
        key_condition(table, 1),
        visible.and()
    );
    let row = store
        .prepare_cached(&sql)?
        .query_row(rusqlite::params_from_iter(key.iter().chain(visible.bound())), |row| {
            let same = table.key.iter().zip(key).try_fold(true, |same, (&position, part)| {
                Ok::<_, rusqlite::Error>(same && row.get_ref(position)? == ValueRef::from(part))
            })?;
            Ok(if same { Some(wire_row(table, row)?) } else { None })
        })
        .optional()?;
    Ok(row.flatten())
}

/// The SQLite values of a feed entry's key text.
pub(super) fn feed_key(table: &TablePlan, pk: &str) -> Vec<Value> {
    let parts: Vec<String> = if table.key.len() == 1 {
        vec![pk.to_owned()]
    } else {
        serde_json::from_str(pk).expect("the triggers write a JSON array of texts")
    };
    table
        .key_columns()
        .zip(parts)
        .map(|(column, part)| match column.storage {
            Storage::Integer | Storage::Unsigned64 => part.parse().map_or(Value::Text(part), Value::Integer),
            Storage::Real => part.parse().map_or(Value::Null, Value::Real),
            Storage::Text => Value::Text(part),
            Storage::Blob => Value::Blob(bytes_of_hex(&part)),
        })
        .collect()
}

fn bytes_of_hex(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
    hex.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collations_order_as_the_server_does() {
        assert_eq!(compare_ignoring_case("Abc ", "aBC"), Ordering::Equal);
        assert_eq!(compare_unsigned("9223372036854775808", "18446744073709551615"), Ordering::Less);
    }

    #[test]
    fn hex_of_the_triggers_reads_back() {
        assert_eq!(bytes_of_hex("00FF7a"), vec![0, 255, 0x7a]);
    }
}
