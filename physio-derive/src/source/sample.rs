//! A small source made by hand, for the tests of the other passes.

use super::Source;
use crate::describe::describe;
use physio_schema::model::{Column, ColumnDefault, ColumnType, IntegerWidth, LobSize, Schema, Table};
use physio_schema::plan::{ColumnPlan, ConflictRule, Plan, Storage, SyncSettings, TablePlan, TableSql, Wire};
use std::path::PathBuf;

/// `order lines` with a column of every kind, a hidden `secret`, and `api_tokens`, which is not synced.
pub(crate) fn source() -> Source {
    let columns = columns();
    let mut dumped = columns.clone();
    dumped.push(column("secret", ColumnType::Text { size: LobSize::Normal }, false));
    let schema = Schema { tables: vec![table("api_tokens", Vec::new()), table("order lines", dumped)] };
    let plan = plan(&columns);
    let description = describe(&plan, &schema);
    Source {
        config_name: "physio.toml".to_owned(),
        config_path: PathBuf::from("/sample/physio.toml"),
        dump_path: PathBuf::from("/sample/dump.sql"),
        schema,
        plan,
        description,
    }
}

fn columns() -> Vec<Column> {
    let int = |width, unsigned| ColumnType::Integer { width, unsigned, zerofill: false, display: 11 };
    let decimal = ColumnType::Decimal { precision: 10, scale: 2, unsigned: false, zerofill: false };
    let texts = |members: &[&str]| members.iter().map(|text| (*text).to_owned()).collect();
    let mut columns = vec![
        column("order_id", int(IntegerWidth::Int, false), false),
        column("line", int(IntegerWidth::Small, true), false),
        column("amount", decimal.clone(), false),
        column("unit price", ColumnType::Varchar { length: 20 }, true),
        column("photo", ColumnType::Blob { size: LobSize::Normal }, true),
        column("weight", ColumnType::Float { digits: None, unsigned: false, zerofill: false }, false),
        column("due", ColumnType::Date, false),
        column("status", ColumnType::Enum { members: texts(&["open", "paid", "unknown"]) }, false),
        column("flags", ColumnType::Set { members: texts(&["gift", "express"]) }, false),
        column("total", decimal, false),
        column("type", ColumnType::Date, true),
    ];
    columns[0].auto_increment = true;
    columns[2].comment = "Net of `discount`".to_owned();
    columns
}

fn column(name: &str, column_type: ColumnType, nullable: bool) -> Column {
    Column {
        name: name.to_owned(),
        column_type,
        nullable,
        default: ColumnDefault::Missing,
        on_update: None,
        auto_increment: false,
        generated: None,
        collation: None,
        comment: String::new(),
        invisible: false,
    }
}

fn table(name: &str, columns: Vec<Column>) -> Table {
    Table {
        name: name.to_owned(),
        engine: "InnoDB".to_owned(),
        collation: "utf8mb4_general_ci".to_owned(),
        comment: String::new(),
        columns,
        keys: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
    }
}

fn plan(columns: &[Column]) -> Plan {
    let table = TablePlan {
        name: "order lines".to_owned(),
        id: 7,
        fingerprint: "0".repeat(32),
        wave: "all".to_owned(),
        stale_after_s: 60,
        writable: true,
        conflict: ConflictRule::Manual,
        columns: columns.iter().map(column_plan).collect(),
        key: vec![0],
        temporary_key: Some(0),
        references: Vec::new(),
        unique: Vec::new(),
        sql: TableSql {
            create: "CREATE TABLE \"order lines\" (…)".to_owned(),
            upsert: "INSERT …".to_owned(),
            ..TableSql::default()
        },
    };
    Plan {
        format: 1,
        app: "sample".to_owned(),
        fingerprint: "0".repeat(32),
        utc_offset_minutes: 0,
        waves: Vec::new(),
        sync: SyncSettings { interval_s: 30, page_rows: 1, push_bytes: 1, stale_after_s: 60, timeout_s: 30 },
        tables: vec![table],
    }
}

fn column_plan(column: &Column) -> ColumnPlan {
    ColumnPlan {
        name: column.name.clone(),
        column_type: column.column_type.clone(),
        storage: Storage::Text,
        wire: Wire::Text,
        nullable: column.nullable,
        optional: column.nullable || column.auto_increment,
        generated: column.name == "total",
        collation: None,
        conflict: ConflictRule::Manual,
    }
}
