//! An SQLite file as SQL text that makes it again.

use rusqlite::Connection;
use std::fmt::Write;

/// The schema (with the plan: both are most of a file) and the rows, as two scripts to run one after the other on a
/// connection whose triggers are off.
pub(crate) fn dump(file: &Connection) -> (String, String) {
    let mut schema = String::from("BEGIN;\n");
    let mut rows = String::new();
    for (name, sql) in objects(file, "type = 'table' AND name NOT GLOB 'sqlite_*'") {
        writeln!(schema, "{sql};").unwrap();
        let columns: Vec<String> = texts(file, "SELECT name FROM pragma_table_info(?1) ORDER BY cid", &name);
        let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        let values = quoted.join(" || ', ' || ");
        for row in texts(file, &format!("SELECT {values} FROM \"{name}\" WHERE ?1 <> ''"), &name) {
            let is_plan = name == "_physio_meta" && row.starts_with("'plan', ");
            writeln!(if is_plan { &mut schema } else { &mut rows }, "INSERT INTO \"{name}\" VALUES ({row});")
                .unwrap();
        }
    }
    for (_, sql) in objects(file, "type IN ('index', 'trigger', 'view') AND sql IS NOT NULL") {
        writeln!(schema, "{sql};").unwrap();
    }
    let sequences = texts(
        file,
        "SELECT quote(name) || ', ' || quote(seq) FROM sqlite_sequence WHERE ?1 = '' ORDER BY name",
        "",
    );
    rows.push_str("DELETE FROM sqlite_sequence;\n");
    for sequence in sequences {
        writeln!(rows, "INSERT INTO sqlite_sequence VALUES ({sequence});").unwrap();
    }
    rows.push_str("COMMIT;\n");
    (schema, rows)
}

fn objects(file: &Connection, condition: &str) -> Vec<(String, String)> {
    let mut statement = file
        .prepare(&format!("SELECT name, sql FROM sqlite_schema WHERE {condition} ORDER BY name"))
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn texts(file: &Connection, sql: &str, argument: &str) -> Vec<String> {
    let mut statement = file.prepare(sql).unwrap();
    let rows = statement.query_map([argument], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}
