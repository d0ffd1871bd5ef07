//! The server's tables in SQLite: the constraints that MySQL has and the cache leaves out.

use physio_schema::model::ReferentialAction;
use physio_schema::plan::{ColumnPlan, Plan, Reference, Scope, Storage, TablePlan};
use rusqlite::Connection;

/// The tables of PROTOCOL.md.
pub(super) const SERVER_TABLES: &str = "
CREATE TABLE _physio_state (
  id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, floor_seq INTEGER NOT NULL, epoch TEXT NOT NULL
) STRICT;
CREATE TABLE _physio_inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, t INTEGER NOT NULL, pk TEXT NOT NULL) STRICT;
CREATE TABLE _physio_feed (
  t INTEGER NOT NULL, pk TEXT NOT NULL, seq INTEGER NOT NULL UNIQUE, PRIMARY KEY (t, pk)
) STRICT, WITHOUT ROWID;
CREATE TABLE _physio_device (
  device TEXT PRIMARY KEY NOT NULL, last_batch INTEGER NOT NULL, request_hash BLOB NOT NULL,
  answer BLOB NOT NULL, seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE _physio_reader (
  device TEXT PRIMARY KEY NOT NULL, seq INTEGER NOT NULL, seen_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// An SQL identifier in quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `"a", "b"` with a prefix before each name.
pub(super) fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// Every statement that makes one table: itself, its unique keys, its triggers.
///
/// Defaults are taken from the cache's own DDL (`scratch` is any empty database), so that they are
/// worked out in one place only.
pub(super) fn table_statements(
    plan: &Plan,
    table: &TablePlan,
    scratch: &Connection,
) -> rusqlite::Result<String> {
    let defaults = cache_defaults(table, scratch)?;
    let mut lines: Vec<String> = Vec::new();
    for (position, column) in table.columns.iter().enumerate() {
        lines.push(column_line(table, position, column, defaults.get(position).and_then(Option::as_deref)));
    }
    if !is_rowid_key(table) {
        lines.push(format!("PRIMARY KEY ({})", quoted_list(table.key_columns().map(|c| c.name.as_str()))));
    }
    for (_, positions) in &table.unique {
        let names = positions.iter().map(|&position| table.columns[position].name.as_str());
        lines.push(format!("UNIQUE ({})", quoted_list(names)));
    }
    lines.extend(table.references.iter().filter_map(|reference| foreign_key(plan, table, reference)));
    let name = quoted(&table.name);
    let mut sql = format!("CREATE TABLE {name} (\n  {}\n) STRICT;\n", lines.join(",\n  "));
    for (event, rows) in [("INSERT", &["NEW"][..]), ("UPDATE", &["NEW", "OLD"]), ("DELETE", &["OLD"])] {
        let trigger = quoted(&format!("_physio_{}_{}", table.name, event.to_lowercase()));
        let mut body = String::new();
        for row in rows {
            let id = table.id;
            let pk = key_text(table, row);
            // A changed key is two changes: the old key is gone, the new one is here.
            let only_if = if event == "UPDATE" && *row == "OLD" {
                format!(" WHERE {pk} IS NOT {}", key_text(table, "NEW"))
            } else {
                String::new()
            };
            body.push_str(&format!(" INSERT INTO _physio_inbox (t, pk) SELECT {id}, {pk}{only_if};"));
        }
        for row in rows {
            body.push_str(&heirs(plan, table, row, event == "UPDATE"));
        }
        sql.push_str(&format!("CREATE TRIGGER {trigger} AFTER {event} ON {name} BEGIN{body} END;\n"));
    }
    Ok(sql)
}

/// The rows whose scope is that of a row of `table`, directly or through others, into the inbox: they may have entered or
/// left a scope with it. An update counts when it changes the row's own scope or its key.
fn heirs(plan: &Plan, table: &TablePlan, row: &str, is_update: bool) -> String {
    let mut sql = String::new();
    let mut paths: Vec<Vec<(&TablePlan, &str, &str)>> = vec![Vec::new()];
    while let Some(path) = paths.pop() {
        let above = path.last().map_or(table, |(heir, _, _)| heir);
        for heir in &plan.tables {
            let Scope::Through { column, table: parent, key } = &heir.access.scope else { continue };
            if *parent == above.name {
                let mut longer = path.clone();
                longer.push((heir, column, key));
                sql.push_str(&heirs_at(table, &longer, row, is_update));
                paths.push(longer);
            }
        }
    }
    sql
}

fn heirs_at(table: &TablePlan, path: &[(&TablePlan, &str, &str)], row: &str, is_update: bool) -> String {
    let (heir, _, _) = path[path.len() - 1];
    let mut from = String::new();
    for (step, (heir, column, key)) in path.iter().enumerate() {
        let name = quoted(&heir.name);
        if step == 0 {
            from = format!("{name} h0");
        } else {
            let (column, key) = (quoted(column), quoted(key));
            from.push_str(&format!(" JOIN {name} h{step} ON h{step}.{column} = h{}.{key}", step - 1));
        }
    }
    let (_, column, key) = path[0];
    let moved = match &table.access.scope {
        Scope::Column(own) | Scope::Through { column: own, .. } if is_update => {
            let (own, key) = (quoted(own), quoted(key));
            format!(" AND (OLD.{own} IS NOT NEW.{own} OR OLD.{key} IS NOT NEW.{key})")
        }
        Scope::Column(_) | Scope::Through { .. } | Scope::Shared => String::new(),
    };
    let pk = key_text(heir, &format!("h{}", path.len() - 1));
    format!(
        " INSERT INTO _physio_inbox (t, pk) SELECT {}, {pk} FROM {from} WHERE h0.{} = {row}.{}{moved};",
        heir.id,
        quoted(column),
        quoted(key)
    )
}

/// The key's text as the feed holds it: a single column as text (binary as hex), several as a JSON array.
pub(super) fn key_text(table: &TablePlan, row: &str) -> String {
    let parts: Vec<String> = table
        .key_columns()
        .map(|column| {
            let value = format!("{row}.{}", quoted(&column.name));
            if column.storage == Storage::Blob {
                format!("hex({value})")
            } else {
                format!("CAST({value} AS TEXT)")
            }
        })
        .collect();
    match parts.as_slice() {
        [single] => single.clone(),
        several => format!("json_array({})", several.join(", ")),
    }
}

/// Whether SQLite itself hands out the keys of this table.
pub(super) fn is_rowid_key(table: &TablePlan) -> bool {
    match (table.temporary_key, table.key.as_slice()) {
        (Some(column), [key]) => {
            column == *key && matches!(table.columns[column].storage, Storage::Integer | Storage::Unsigned64)
        }
        _ => false,
    }
}

fn column_line(table: &TablePlan, position: usize, column: &ColumnPlan, default: Option<&str>) -> String {
    let name = quoted(&column.name);
    if is_rowid_key(table) && table.temporary_key == Some(position) {
        return format!("{name} INTEGER PRIMARY KEY AUTOINCREMENT");
    }
    let kind = match column.storage {
        Storage::Integer => "INTEGER",
        Storage::Unsigned64 => "ANY COLLATE physio_unsigned",
        Storage::Real => "REAL",
        Storage::Text => "TEXT",
        Storage::Blob => "BLOB",
    };
    let ignores_case = column.collation.as_deref().is_some_and(|collation| !collation.ends_with("_bin"));
    let collate = if column.storage == Storage::Text && ignores_case { " COLLATE physio_ci" } else { "" };
    // What MySQL computes stays empty here: nobody writes it.
    let not_null = if column.nullable || column.generated { "" } else { " NOT NULL" };
    let default = match default {
        Some(expression) if Some(position) != table.temporary_key => {
            format!(" DEFAULT ({})", on_clock(expression))
        }
        _ => String::new(),
    };
    format!("{name} {kind}{collate}{not_null}{default}")
}

/// The same expression by the bridge's clock, which a simulation drives.
fn on_clock(expression: &str) -> String {
    expression
        .replace("CURRENT_TIMESTAMP", "datetime(physio_clock(), 'unixepoch')")
        .replace("'now'", "physio_clock(), 'unixepoch'")
}

fn cache_defaults(table: &TablePlan, scratch: &Connection) -> rusqlite::Result<Vec<Option<String>>> {
    scratch.execute_batch(&table.sql.create)?;
    let mut info = scratch.prepare("SELECT name, dflt_value FROM pragma_table_info(?1) ORDER BY cid")?;
    let found: Vec<(String, Option<String>)> = info
        .query_map([&table.name], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let default_of = |column: &ColumnPlan| {
        found.iter().find(|(name, _)| *name == column.name).and_then(|(_, default)| default.clone())
    };
    Ok(table.columns.iter().map(default_of).collect())
}

fn foreign_key(plan: &Plan, table: &TablePlan, reference: &Reference) -> Option<String> {
    // SQLite demands a unique parent key; MySQL also takes a plain index, which cannot be had here.
    if !reference.enforced || !is_unique(plan.table(&reference.table)?, &reference.referenced_columns) {
        return None;
    }
    let columns = reference.columns.iter().map(|&position| table.columns[position].name.as_str());
    Some(format!(
        "FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {} ON UPDATE {}",
        quoted_list(columns),
        quoted(&reference.table),
        quoted_list(reference.referenced_columns.iter().map(String::as_str)),
        action(reference.on_delete),
        action(reference.on_update),
    ))
}

fn is_unique(parent: &TablePlan, columns: &[String]) -> bool {
    let names =
        |positions: &[usize]| positions.iter().map(|&p| parent.columns[p].name.clone()).collect::<Vec<_>>();
    names(&parent.key) == columns || parent.unique.iter().any(|(_, positions)| names(positions) == columns)
}

fn action(action: ReferentialAction) -> &'static str {
    match action {
        ReferentialAction::Restrict => "RESTRICT",
        // InnoDB refuses SET DEFAULT, and its NO ACTION is a RESTRICT.
        ReferentialAction::NoAction | ReferentialAction::SetDefault => "RESTRICT",
        ReferentialAction::Cascade => "CASCADE",
        ReferentialAction::SetNull => "SET NULL",
    }
}
