//! `generated/whitelist.php`: all that the bridge may know of tables and columns.

use super::access::{emit_access, emit_heirs, emit_may, emit_scope};
use super::error_table::emit_file;
use super::php_literal::Php;
use crate::config::Config;
use crate::model::{Column, ColumnDefault, ColumnType, LobSize, Schema, Table};
use crate::plan::{ColumnPlan, ConflictRule, Plan, TablePlan, Wire};

/// The whitelist as a PHP file that returns an array; `php-bridge/generated/README.md` describes it.
///
/// The same plan gives the same bytes. Hidden columns and tables that are not synced are nowhere in it.
pub fn emit_whitelist(plan: &Plan, schema: &Schema, config: &Config) -> String {
    let tables = plan
        .tables
        .iter()
        .map(|table| {
            let facts = schema.table(&table.name).expect("a plan's tables are the schema's");
            (table.name.clone(), emit_table(plan, table, facts))
        })
        .collect();
    emit_file(&Php::Block(vec![
        ("format".into(), Php::Integer(2)),
        ("app".into(), Php::text(&plan.app)),
        ("fingerprint".into(), Php::text(&plan.fingerprint)),
        ("utc_offset".into(), Php::text(config.server.time_zone.to_string())),
        ("device_days".into(), integer(config.sync.device_days)),
        (
            "scan_interval_s".into(),
            Php::Integer(i64::try_from(config.sync.scan_interval_s).unwrap_or(i64::MAX)),
        ),
        ("full_scan_s".into(), Php::Integer(i64::try_from(config.sync.full_scan_s).unwrap_or(i64::MAX))),
        ("tokens".into(), emit_tokens(schema, config)),
        ("access".into(), emit_access(plan)),
        ("tables".into(), Php::Block(tables)),
    ]))
}

fn emit_tokens(schema: &Schema, config: &Config) -> Php {
    let tokens = &config.server.tokens;
    let (expires, last_used) = (tokens.expires.as_deref(), tokens.last_used.as_deref());
    let time_type = |name: &str| {
        let column = schema.table(&tokens.table).and_then(|table| table.column(name));
        match column.map(|column| &column.column_type) {
            Some(ColumnType::Timestamp { .. }) => "timestamp",
            _ => "datetime",
        }
    };
    Php::Block(vec![
        ("table".into(), Php::text(&tokens.table)),
        ("token".into(), Php::text(&tokens.token)),
        ("user".into(), Php::text_or_null(tokens.user.as_deref())),
        ("expires".into(), Php::text_or_null(expires)),
        ("expires_type".into(), Php::text_or_null(expires.map(time_type))),
        ("revoked".into(), Php::text_or_null(tokens.revoked.as_deref())),
        ("last_used".into(), Php::text_or_null(last_used)),
        ("last_used_type".into(), Php::text_or_null(last_used.map(time_type))),
    ])
}

fn emit_table(whole: &Plan, plan: &TablePlan, table: &Table) -> Php {
    let columns = plan
        .columns
        .iter()
        .map(|column| {
            let facts = table.column(&column.name).expect("a plan's columns are the table's");
            (column.name.clone(), emit_column(column, facts))
        })
        .collect();
    let unique = plan
        .unique
        .iter()
        .map(|(name, positions)| (name.clone(), Php::texts(positions.iter().map(|&p| &plan.columns[p].name))))
        .collect();
    Php::Block(vec![
        ("id".into(), Php::Integer(i64::from(plan.id))),
        ("fingerprint".into(), Php::text(&plan.fingerprint)),
        ("writable".into(), Php::Bool(plan.writable)),
        ("may".into(), emit_may(plan)),
        ("scope".into(), emit_scope(whole, plan)),
        ("heirs".into(), emit_heirs(whole, plan)),
        ("conflict".into(), emit_rule(plan.conflict)),
        ("key".into(), Php::texts(plan.key_columns().map(|column| &column.name))),
        ("auto".into(), Php::text_or_null(plan.temporary_key.map(|p| &plan.columns[p].name))),
        ("touched".into(), Php::text_or_null(super::modes::touched_column(table))),
        ("columns".into(), Php::Block(columns)),
        ("unique".into(), Php::Block(unique)),
        (
            "references".into(),
            Php::List(plan.references.iter().map(|r| emit_reference(plan, table, r)).collect()),
        ),
    ])
}

/// Own columns, parent table, its columns, and the constraint's name (null for a line of physio.toml).
fn emit_reference(plan: &TablePlan, table: &Table, reference: &crate::plan::Reference) -> Php {
    let columns: Vec<&String> = reference.columns.iter().map(|&p| &plan.columns[p].name).collect();
    let constraint = table.foreign_keys.iter().find(|key| {
        reference.enforced
            && key.referenced_table == reference.table
            && key.columns.iter().eq(columns.iter().copied())
    });
    Php::List(vec![
        Php::texts(columns),
        Php::text(&reference.table),
        Php::texts(&reference.referenced_columns),
        Php::text_or_null(constraint.map(|key| &key.name)),
    ])
}

fn emit_rule(rule: ConflictRule) -> Php {
    Php::text(match rule {
        ConflictRule::Server => "server",
        ConflictRule::Client => "client",
        ConflictRule::Manual => "manual",
    })
}

fn emit_column(plan: &ColumnPlan, facts: &Column) -> Php {
    let (kind, bounds) = emit_type(&plan.column_type);
    let mut entries = vec![
        ("type", Php::text(kind)),
        ("sql", Php::text(plan.column_type.to_string())),
        (
            "wire",
            Php::text(match plan.wire {
                Wire::Text => "text",
                Wire::Float => "float",
                Wire::Bits => "bits",
                Wire::Base64 => "base64",
            }),
        ),
        ("null", Php::Bool(plan.nullable)),
        ("optional", Php::Bool(plan.optional)),
        ("generated", Php::Bool(plan.generated)),
        ("conflict", emit_rule(plan.conflict)),
    ];
    entries.extend(bounds);
    // The connection speaks utf8mb4; what another character set cannot spell is not even comparable with its columns.
    let is_other = |name: &&String| !name.starts_with("utf8mb4") && *name != "binary";
    if let Some(collation) = plan.collation.as_ref().filter(is_other)
        && matches!(kind, "text" | "enum" | "set")
    {
        entries.push(("collation", Php::text(collation)));
    }
    if kind == "datetime" {
        let now_default = match facts.default {
            ColumnDefault::CurrentTimestamp(digits) => Some(digits),
            _ => None,
        };
        for (name, digits) in [("now_default", now_default), ("now_update", facts.on_update)] {
            entries.push((name, digits.map_or(Php::Null, |digits| Php::Integer(i64::from(digits)))));
        }
    }
    Php::Inline(entries)
}

type Bounds = Vec<(&'static str, Php)>;

fn integer(value: impl Into<i64>) -> Php {
    Php::Integer(value.into())
}

fn emit_type(column_type: &ColumnType) -> (&'static str, Bounds) {
    match column_type {
        ColumnType::Integer { width, unsigned, .. } => {
            let (min, max) = width.range(*unsigned);
            ("integer", vec![("min", Php::text(min.to_string())), ("max", Php::text(max.to_string()))])
        }
        ColumnType::Decimal { precision, scale, unsigned, .. } => (
            "decimal",
            vec![
                ("precision", integer(*precision)),
                ("scale", integer(*scale)),
                ("unsigned", Php::Bool(*unsigned)),
            ],
        ),
        ColumnType::Float { digits, unsigned, .. } => ("float", emit_float_bounds(*digits, *unsigned)),
        ColumnType::Double { digits, unsigned, .. } => ("double", emit_float_bounds(*digits, *unsigned)),
        ColumnType::Bit { bits } => {
            let max = if *bits >= 64 { u64::MAX } else { (1 << bits) - 1 };
            ("bit", vec![("bits", integer(*bits)), ("max", Php::text(max.to_string()))])
        }
        ColumnType::Year { .. } => ("year", vec![]),
        ColumnType::Char { length } => {
            ("text", vec![("length", integer(*length)), ("fixed", Php::Bool(true))])
        }
        ColumnType::Varchar { length } => {
            ("text", vec![("length", integer(*length)), ("fixed", Php::Bool(false))])
        }
        ColumnType::Text { size } => {
            ("text", vec![("bytes", integer(lob_bytes(*size))), ("fixed", Php::Bool(false))])
        }
        ColumnType::Binary { length } => {
            ("binary", vec![("bytes", integer(*length)), ("fixed", Php::Bool(true))])
        }
        ColumnType::Varbinary { length } => {
            ("binary", vec![("bytes", integer(*length)), ("fixed", Php::Bool(false))])
        }
        ColumnType::Blob { size } => {
            ("binary", vec![("bytes", integer(lob_bytes(*size))), ("fixed", Php::Bool(false))])
        }
        ColumnType::Enum { members } => ("enum", vec![("members", Php::texts(members))]),
        ColumnType::Set { members } => ("set", vec![("members", Php::texts(members))]),
        ColumnType::Json => ("json", vec![]),
        ColumnType::Date => ("date", vec![]),
        ColumnType::DateTime { fraction } => ("datetime", vec![("fraction", integer(*fraction))]),
        ColumnType::Timestamp { fraction } => ("timestamp", vec![("fraction", integer(*fraction))]),
        ColumnType::Time { fraction } => ("time", vec![("fraction", integer(*fraction))]),
        ColumnType::Spatial { .. } => ("spatial", vec![]),
        ColumnType::Uuid => ("uuid", vec![]),
        ColumnType::Inet4 => ("inet4", vec![]),
        ColumnType::Inet6 => ("inet6", vec![]),
        ColumnType::Vector { .. } => ("vector", vec![]),
    }
}

fn emit_float_bounds(digits: Option<(u8, u8)>, unsigned: bool) -> Bounds {
    let mut bounds = vec![("unsigned", Php::Bool(unsigned))];
    if let Some((precision, scale)) = digits {
        bounds.extend([("precision", integer(precision)), ("scale", integer(scale))]);
    }
    bounds
}

fn lob_bytes(size: LobSize) -> u32 {
    match size {
        LobSize::Tiny => u8::MAX.into(),
        LobSize::Normal => u16::MAX.into(),
        LobSize::Medium => (1 << 24) - 1,
        LobSize::Long => u32::MAX,
    }
}
