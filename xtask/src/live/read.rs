//! `information_schema` of one database, read into [`Facts`].

use super::default::{is_current_timestamp, parse_mariadb_default, parse_mysql_default};
use super::facts::{ColumnFacts, Facts, TableFacts, describe_foreign_key, describe_key};
use super::{BRIDGE_TABLE_PREFIX, MySqlUrl};
use anyhow::{Context, Result, anyhow};
use mysql::prelude::Queryable;
use mysql::{Conn, Row};
use physio_schema::model::{ForeignKey, Key, KeyKind, KeyPart, ReferentialAction};
use std::collections::BTreeMap;

/// Reads every base table of the URL's database, the bridge's own excepted.
///
/// # Errors
///
/// When a query is refused.
pub(crate) fn load_facts(conn: &mut Conn, url: &MySqlUrl) -> Result<Facts> {
    let is_mariadb = conn
        .query_first::<String, _>("SELECT VERSION()")?
        .context("the server does not tell its version")?
        .to_ascii_lowercase()
        .contains("mariadb");
    let mut tables = load_tables(conn, url)?;
    load_columns(conn, url, is_mariadb, &mut tables)?;
    load_keys(conn, url, &mut tables)?;
    load_foreign_keys(conn, url, &mut tables)?;
    Ok(Facts { tables })
}

type Tables = BTreeMap<String, TableFacts>;

fn load_tables(conn: &mut Conn, url: &MySqlUrl) -> Result<Tables> {
    let rows: Vec<Row> = conn.exec(
        "SELECT TABLE_NAME AS name, ENGINE AS engine, TABLE_COLLATION AS collation
         FROM information_schema.TABLES
         WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')",
        (url.database(),),
    )?;
    let mut tables = Tables::new();
    for row in rows {
        let name = text(&row, "name")?;
        if name.starts_with(BRIDGE_TABLE_PREFIX) {
            continue;
        }
        let facts = TableFacts {
            engine: optional(&row, "engine")?.unwrap_or_default(),
            collation: utf8mb3(optional(&row, "collation")?.unwrap_or_default()),
            ..TableFacts::default()
        };
        tables.insert(name, facts);
    }
    Ok(tables)
}

fn load_columns(conn: &mut Conn, url: &MySqlUrl, is_mariadb: bool, tables: &mut Tables) -> Result<()> {
    let rows: Vec<Row> = conn.exec(
        "SELECT TABLE_NAME AS t, COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable,
                COLUMN_DEFAULT AS def, EXTRA AS extra, COLLATION_NAME AS collation
         FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION",
        (url.database(),),
    )?;
    for row in rows {
        let Some(table) = tables.get_mut(&text(&row, "t")?) else { continue };
        let nullable = text(&row, "nullable")? == "YES";
        let extra = text(&row, "extra")?;
        let default = optional(&row, "def")?;
        let upper = extra.to_ascii_uppercase();
        let generated = if upper.contains("STORED GENERATED") || upper.contains("PERSISTENT") {
            Some("stored")
        } else {
            upper.contains("VIRTUAL GENERATED").then_some("virtual")
        };
        table.columns.push(ColumnFacts {
            name: text(&row, "name")?,
            column_type: text(&row, "type")?,
            nullable,
            default: if is_mariadb {
                parse_mariadb_default(default.as_deref())
            } else {
                parse_mysql_default(default.as_deref(), nullable, &extra)
            },
            on_update: on_update(&extra),
            auto_increment: upper.contains("AUTO_INCREMENT"),
            generated,
            collation: optional(&row, "collation")?.map(utf8mb3),
        });
    }
    Ok(())
}

fn load_keys(conn: &mut Conn, url: &MySqlUrl, tables: &mut Tables) -> Result<()> {
    // `*`, because EXPRESSION exists on MySQL 8 only.
    let rows: Vec<Row> = conn.exec(
        "SELECT s.* FROM information_schema.STATISTICS s
         WHERE s.TABLE_SCHEMA = ? ORDER BY s.TABLE_NAME, s.INDEX_NAME, s.SEQ_IN_INDEX",
        (url.database(),),
    )?;
    let mut keys: BTreeMap<(String, String), Key> = BTreeMap::new();
    for row in rows {
        let name = text(&row, "INDEX_NAME")?;
        let key = keys.entry((text(&row, "TABLE_NAME")?, name.clone())).or_insert(Key {
            kind: key_kind(&name, &text(&row, "INDEX_TYPE")?, text(&row, "NON_UNIQUE")? == "0"),
            name,
            parts: Vec::new(),
        });
        key.parts.push(KeyPart {
            column: optional(&row, "COLUMN_NAME")?,
            expression: optional(&row, "EXPRESSION")?,
            prefix: optional(&row, "SUB_PART")?.and_then(|length| length.parse().ok()),
            descending: optional(&row, "COLLATION")?.as_deref() == Some("D"),
        });
    }
    for ((table, name), key) in keys {
        if let Some(table) = tables.get_mut(&table) {
            table.keys.insert(name, describe_key(&key));
        }
    }
    Ok(())
}

fn key_kind(name: &str, index_type: &str, unique: bool) -> KeyKind {
    match index_type.to_ascii_uppercase().as_str() {
        "FULLTEXT" => KeyKind::Fulltext,
        "SPATIAL" | "RTREE" => KeyKind::Spatial,
        "VECTOR" => KeyKind::Vector,
        _ if name == "PRIMARY" => KeyKind::Primary,
        _ if unique => KeyKind::Unique,
        _ => KeyKind::Index,
    }
}

fn load_foreign_keys(conn: &mut Conn, url: &MySqlUrl, tables: &mut Tables) -> Result<()> {
    let rows: Vec<Row> = conn.exec(
        "SELECT k.TABLE_NAME AS t, k.CONSTRAINT_NAME AS name, k.COLUMN_NAME AS own,
                k.REFERENCED_TABLE_NAME AS parent, k.REFERENCED_COLUMN_NAME AS theirs,
                r.DELETE_RULE AS on_delete, r.UPDATE_RULE AS on_update
         FROM information_schema.KEY_COLUMN_USAGE k
         JOIN information_schema.REFERENTIAL_CONSTRAINTS r
           ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.TABLE_NAME = k.TABLE_NAME
          AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
         WHERE k.TABLE_SCHEMA = ? AND k.REFERENCED_TABLE_NAME IS NOT NULL
         ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION",
        (url.database(),),
    )?;
    let mut keys: BTreeMap<(String, String), ForeignKey> = BTreeMap::new();
    for row in rows {
        let name = text(&row, "name")?;
        let key = keys.entry((text(&row, "t")?, name.clone())).or_insert(ForeignKey {
            name,
            columns: Vec::new(),
            referenced_table: text(&row, "parent")?,
            referenced_columns: Vec::new(),
            on_delete: action(&text(&row, "on_delete")?)?,
            on_update: action(&text(&row, "on_update")?)?,
        });
        key.columns.push(text(&row, "own")?);
        key.referenced_columns.push(text(&row, "theirs")?);
    }
    for ((table, name), key) in keys {
        if let Some(table) = tables.get_mut(&table) {
            table.foreign_keys.insert(name, describe_foreign_key(&key));
        }
    }
    Ok(())
}

fn action(rule: &str) -> Result<ReferentialAction> {
    match rule {
        "RESTRICT" => Ok(ReferentialAction::Restrict),
        "NO ACTION" => Ok(ReferentialAction::NoAction),
        "CASCADE" => Ok(ReferentialAction::Cascade),
        "SET NULL" => Ok(ReferentialAction::SetNull),
        "SET DEFAULT" => Ok(ReferentialAction::SetDefault),
        other => Err(anyhow!("the server reports a foreign key rule that is not known here: {other}")),
    }
}

fn on_update(extra: &str) -> Option<u8> {
    let lower = extra.to_ascii_lowercase();
    let (_, rest) = lower.split_once("on update ")?;
    is_current_timestamp(rest.split_whitespace().next().unwrap_or_default())
}

/// Older servers say `utf8` for what newer ones call `utf8mb3`.
fn utf8mb3(collation: String) -> String {
    match collation.strip_prefix("utf8_") {
        Some(rest) => format!("utf8mb3_{rest}"),
        None => collation,
    }
}

/// A value as text, whichever way the server sent it; `None` for NULL and for a column it does not have.
fn optional(row: &Row, column: &str) -> Result<Option<String>> {
    use mysql::Value;
    let Some(position) = row.columns_ref().iter().position(|c| c.name_str() == column) else {
        return Ok(None);
    };
    match row.as_ref(position) {
        None | Some(Value::NULL) => Ok(None),
        Some(Value::Bytes(bytes)) => String::from_utf8(bytes.clone())
            .map(Some)
            .with_context(|| format!("information_schema's {column} is not UTF-8")),
        Some(Value::Int(number)) => Ok(Some(number.to_string())),
        Some(Value::UInt(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(anyhow!("information_schema's {column} has an unexpected type")),
    }
}

fn text(row: &Row, column: &str) -> Result<String> {
    optional(row, column)?.with_context(|| format!("information_schema's {column} is NULL"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_on_update_are_read() {
        assert_eq!(on_update("on update current_timestamp()"), Some(0));
        assert_eq!(on_update("DEFAULT_GENERATED on update CURRENT_TIMESTAMP(3)"), Some(3));
        assert_eq!(on_update("auto_increment"), None);
    }

    #[test]
    fn old_names_of_utf8_are_the_new_ones() {
        assert_eq!(utf8mb3("utf8_general_ci".into()), "utf8mb3_general_ci");
        assert_eq!(utf8mb3("utf8mb4_general_ci".into()), "utf8mb4_general_ci");
    }
}
