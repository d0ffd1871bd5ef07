//! Putting the rows into a MySQL database or the embedded bridge.

use super::Generator;
use crate::harness::{HarnessError, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mysql::Conn;
use mysql::prelude::Queryable;
use physio_runtime::bridge::embedded::EmbeddedBridge;
use physio_schema::model::{Column, ColumnType, Table};

/// Bytes of one INSERT: below `max_allowed_packet` of every server.
const STATEMENT_BYTES: usize = 500_000;

/// Inserts every row, fast: large statements, keys checked by construction only.
///
/// # Errors
///
/// When the server refuses a statement.
pub fn load_mysql(conn: &mut Conn, generator: &Generator<'_>) -> Result<()> {
    // Zero dates and ENUM values that are no members are what old databases hold.
    conn.query_drop("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00'")?;
    conn.query_drop("SET foreign_key_checks = 0, unique_checks = 0")?;
    for (table, _) in generator.tables() {
        load_table(conn, generator, table)?;
    }
    conn.query_drop("SET foreign_key_checks = 1, unique_checks = 1, sql_mode = DEFAULT")?;
    Ok(())
}

fn load_table(conn: &mut Conn, generator: &Generator<'_>, table: &Table) -> Result<()> {
    let names = generator.columns(&table.name);
    let columns: Vec<&Column> = names.iter().filter_map(|name| table.column(name)).collect();
    let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(",");
    let head = format!("INSERT INTO `{}` ({list}) VALUES ", table.name);
    conn.query_drop("BEGIN")?;
    let mut statement = String::with_capacity(STATEMENT_BYTES + 4096);
    for row in generator.rows(&table.name) {
        statement.push_str(if statement.is_empty() { &head } else { "," });
        for (i, (column, value)) in columns.iter().zip(&row).enumerate() {
            statement.push(if i == 0 { '(' } else { ',' });
            push_literal(&mut statement, column, value.as_deref());
        }
        statement.push(')');
        if statement.len() > STATEMENT_BYTES {
            conn.query_drop(&statement)?;
            statement.clear();
        }
    }
    if !statement.is_empty() {
        conn.query_drop(&statement)?;
    }
    conn.query_drop("COMMIT")?;
    Ok(())
}

/// A wire value as an SQL literal.
fn push_literal(sql: &mut String, column: &Column, value: Option<&str>) {
    let Some(value) = value else { return sql.push_str("NULL") };
    match &column.column_type {
        ColumnType::Integer { .. }
        | ColumnType::Decimal { .. }
        | ColumnType::Float { .. }
        | ColumnType::Double { .. }
        | ColumnType::Bit { .. } => sql.push_str(value),
        ColumnType::Binary { .. }
        | ColumnType::Varbinary { .. }
        | ColumnType::Blob { .. }
        | ColumnType::Spatial { .. }
        | ColumnType::Vector { .. } => {
            sql.push_str("x'");
            for byte in STANDARD.decode(value).expect("the generator writes base64") {
                sql.push_str(&format!("{byte:02x}"));
            }
            sql.push('\'');
        }
        _ => {
            sql.push('\'');
            for char in value.chars() {
                match char {
                    '\'' => sql.push_str("''"),
                    '\\' => sql.push_str("\\\\"),
                    other => sql.push(other),
                }
            }
            sql.push('\'');
        }
    }
}

/// Inserts the synced columns of every row of a synced table.
///
/// # Errors
///
/// When the bridge's store refuses a row.
pub fn load_embedded(bridge: &EmbeddedBridge, generator: &Generator<'_>) -> Result<()> {
    bridge.with_core(|core| {
        let plan = std::sync::Arc::clone(core.plan());
        let synced =
            plan.tables.iter().filter(|known| generator.tables().any(|(table, _)| table.name == known.name));
        for table in synced {
            let names = generator.columns(&table.name);
            let visible: Vec<usize> =
                (0..names.len()).filter(|&i| table.position(names[i]).is_some()).collect();
            let columns: Vec<&str> = visible.iter().map(|&i| names[i]).collect();
            let rows =
                generator.rows(&table.name).map(|row| visible.iter().map(|&i| row[i].clone()).collect());
            core.load_rows(&table.name, &columns, rows)
                .map_err(|error| HarnessError::new(error.to_string()))?;
        }
        let n_orphans =
            core.store().query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0));
        match n_orphans {
            Ok(0_i64) => Ok(()),
            Ok(n) => {
                Err(HarnessError::new(format!("{n} of the loaded rows refer to rows that do not exist")))
            }
            Err(error) => Err(HarnessError::new(format!("the embedded bridge's store failed: {error}"))),
        }
    })
}
