//! `information_schema` of every database that a dump made.

use super::{HOME, Oracle, databases};
use crate::harness::Result;
use mysql::prelude::Queryable;
use mysql::{Conn, Row};
use physio_schema::facts::{CheckFacts, ColumnFacts, ForeignKeyFacts, KeyFacts, KeyPartFacts, TableFacts};
use std::collections::BTreeMap;

impl Oracle {
    /// All base tables; those of the client's own database are in no database.
    pub(super) fn read_facts(&self) -> Result<Vec<TableFacts>> {
        let mut root = self.server.connect(None)?;
        let mut tables = Vec::new();
        for database in databases(&mut root)? {
            let mut of_database = read_tables(&mut root, &database)?;
            read_columns(&mut root, &database, &mut of_database)?;
            read_keys(&mut root, &database, &mut of_database)?;
            read_foreign_keys(&mut root, &database, &mut of_database)?;
            read_checks(&mut root, &database, &mut of_database)?;
            tables.extend(of_database.into_values());
        }
        Ok(tables)
    }
}

type Tables = BTreeMap<String, TableFacts>;

fn text(row: &Row, column: &str) -> String {
    optional(row, column).unwrap_or_default()
}

fn optional(row: &Row, column: &str) -> Option<String> {
    row.get_opt::<Option<String>, _>(column).and_then(std::result::Result::ok).flatten()
}

fn read_tables(conn: &mut Conn, database: &str) -> Result<Tables> {
    let rows: Vec<Row> = conn.exec(
        "SELECT TABLE_NAME AS name, ENGINE AS engine, TABLE_COLLATION AS collation, TABLE_COMMENT AS comment
         FROM information_schema.TABLES
         WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')",
        (database,),
    )?;
    let table = |row: &Row| TableFacts {
        table_schema: (database != HOME).then(|| database.to_owned()),
        table_name: text(row, "name"),
        engine: text(row, "engine"),
        table_collation: text(row, "collation"),
        table_comment: text(row, "comment"),
        columns: Vec::new(),
        keys: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
    };
    Ok(rows.iter().map(|row| (text(row, "name"), table(row))).collect())
}

fn read_columns(conn: &mut Conn, database: &str, tables: &mut Tables) -> Result<()> {
    let rows: Vec<Row> = conn.exec(
        "SELECT TABLE_NAME AS t, COLUMN_NAME AS name, CAST(ORDINAL_POSITION AS CHAR) AS position,
                COLUMN_TYPE AS type, IS_NULLABLE AS nullable, COLUMN_DEFAULT AS def, EXTRA AS extra,
                CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation, COLUMN_COMMENT AS comment,
                GENERATION_EXPRESSION AS generation
         FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION",
        (database,),
    )?;
    for row in &rows {
        let Some(table) = tables.get_mut(&text(row, "t")) else { continue };
        table.columns.push(ColumnFacts {
            column_name: text(row, "name"),
            ordinal_position: text(row, "position").parse().unwrap_or_default(),
            column_type: text(row, "type"),
            is_nullable: text(row, "nullable"),
            column_default: optional(row, "def"),
            extra: text(row, "extra"),
            character_set_name: optional(row, "charset"),
            collation_name: optional(row, "collation"),
            column_comment: text(row, "comment"),
            generation_expression: optional(row, "generation"),
        });
    }
    Ok(())
}

fn read_keys(conn: &mut Conn, database: &str, tables: &mut Tables) -> Result<()> {
    let rows: Vec<Row> = conn.exec(
        "SELECT TABLE_NAME AS t, INDEX_NAME AS name, CAST(NON_UNIQUE AS CHAR) AS non_unique,
                INDEX_TYPE AS type, COLUMN_NAME AS col, CAST(SUB_PART AS CHAR) AS prefix, COLLATION AS collation
         FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ?
         ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX",
        (database,),
    )?;
    for row in &rows {
        let Some(table) = tables.get_mut(&text(row, "t")) else { continue };
        let name = text(row, "name");
        let kind = match text(row, "type").as_str() {
            special @ ("FULLTEXT" | "SPATIAL" | "VECTOR") => special.to_owned(),
            _ if name == "PRIMARY" => "PRIMARY".to_owned(),
            _ if text(row, "non_unique") == "0" => "UNIQUE".to_owned(),
            _ => "INDEX".to_owned(),
        };
        // The 32 of a spatial key is how it is stored; nobody wrote it.
        let has_prefix = kind != "SPATIAL" && kind != "FULLTEXT";
        let part = KeyPartFacts {
            column_name: optional(row, "col"),
            sub_part: optional(row, "prefix").filter(|_| has_prefix).and_then(|length| length.parse().ok()),
            expression: None,
            descending: optional(row, "collation").as_deref() == Some("D"),
        };
        match table.keys.last_mut().filter(|key| key.index_name == name) {
            Some(key) => key.parts.push(part),
            None => table.keys.push(KeyFacts { index_name: name, kind, parts: vec![part] }),
        }
    }
    Ok(())
}

fn read_foreign_keys(conn: &mut Conn, database: &str, tables: &mut Tables) -> Result<()> {
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
        (database,),
    )?;
    for row in &rows {
        let Some(table) = tables.get_mut(&text(row, "t")) else { continue };
        let name = text(row, "name");
        if table.foreign_keys.last().is_none_or(|key| key.constraint_name != name) {
            table.foreign_keys.push(ForeignKeyFacts {
                constraint_name: name,
                columns: Vec::new(),
                referenced_table_name: text(row, "parent"),
                referenced_columns: Vec::new(),
                delete_rule: text(row, "on_delete"),
                update_rule: text(row, "on_update"),
            });
        }
        if let Some(key) = table.foreign_keys.last_mut() {
            key.columns.push(text(row, "own"));
            key.referenced_columns.push(text(row, "theirs"));
        }
    }
    Ok(())
}

fn read_checks(conn: &mut Conn, database: &str, tables: &mut Tables) -> Result<()> {
    let rows: Vec<Row> = conn.exec(
        "SELECT TABLE_NAME AS t, CONSTRAINT_NAME AS name, CHECK_CLAUSE AS clause
         FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ?
         ORDER BY TABLE_NAME, CONSTRAINT_NAME",
        (database,),
    )?;
    for row in &rows {
        if let Some(table) = tables.get_mut(&text(row, "t")) {
            let (constraint_name, check_clause) = (text(row, "name"), text(row, "clause"));
            table.checks.push(CheckFacts { constraint_name, check_clause });
        }
    }
    Ok(())
}
