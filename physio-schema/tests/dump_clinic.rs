//! The clinic's two dumps give one model, and it is what `information_schema` says of them.

use physio_schema::dump::{DumpOptions, parse, parse_chunks};
use physio_schema::model::{KeyKind, ReferentialAction, Schema, Table};

const PHPMYADMIN: &str = include_str!("../schema/clinic.sql");
const MARIADB_DUMP: &str = include_str!("../schema/clinic.mariadb-dump.sql");

fn read(sql: &str) -> Schema {
    let dump = parse(sql.as_bytes(), &DumpOptions::default()).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(dump.warnings, [], "the clinic's dumps leave nothing to guess");
    dump.schema
}

/// The lines of a facts file without its head, sorted.
fn facts(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
    lines.sort();
    lines
}

fn lines_of(schema: &Schema, line: impl Fn(&Table) -> Vec<String>) -> Vec<String> {
    let mut lines: Vec<String> = schema.tables.iter().flat_map(line).collect();
    lines.sort();
    lines
}

#[test]
fn both_forms_of_the_dump_give_the_same_model() {
    assert_eq!(read(PHPMYADMIN), read(MARIADB_DUMP));
}

#[test]
fn pieces_of_any_size_give_the_same_model() {
    let whole = read(PHPMYADMIN);
    for step in [1, 97, 4096] {
        let dump = parse_chunks(PHPMYADMIN.as_bytes().chunks(step), &DumpOptions::default()).unwrap();
        assert_eq!(dump.schema, whole, "in pieces of {step} bytes");
    }
}

#[test]
fn tables_are_those_of_the_server() {
    let tables = lines_of(&read(PHPMYADMIN), |table| {
        vec![format!("{}\t{}\t{}", table.name, table.engine, table.collation)]
    });
    assert_eq!(tables.len(), 53);
    assert_eq!(tables, facts(include_str!("../schema/facts/tables.tsv")));
}

#[test]
fn columns_are_those_of_the_server() {
    let columns = lines_of(&read(PHPMYADMIN), |table| {
        let line = |(index, column): (usize, &physio_schema::model::Column)| {
            format!(
                "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                table.name,
                index + 1,
                column.name,
                column.column_type,
                if column.nullable { "YES" } else { "NO" },
                column.default_text().as_deref().unwrap_or("(none)"),
                column.extra_text(),
                column.collation.as_deref().unwrap_or("-"),
            )
        };
        table.columns.iter().enumerate().map(line).collect()
    });
    assert_eq!(columns.len(), 533);
    assert_eq!(columns, facts(include_str!("../schema/facts/columns.tsv")));
}

#[test]
fn keys_are_those_of_the_server() {
    let keys = lines_of(&read(PHPMYADMIN), |table| {
        let line = |key: &physio_schema::model::Key| {
            let is_unique = matches!(key.kind, KeyKind::Primary | KeyKind::Unique);
            let columns: Vec<&str> = key.parts.iter().filter_map(|part| part.column.as_deref()).collect();
            let kind = if is_unique { "unique" } else { "index" };
            format!("{}\t{}\t{kind}\t{}", table.name, key.name, columns.join(","))
        };
        table.keys.iter().map(line).collect()
    });
    assert_eq!(keys, facts(include_str!("../schema/facts/keys.tsv")));
}

#[test]
fn foreign_keys_are_those_of_the_server() {
    let rule = |action: ReferentialAction| match action {
        ReferentialAction::Restrict => "RESTRICT",
        ReferentialAction::NoAction => "NO ACTION",
        ReferentialAction::Cascade => "CASCADE",
        ReferentialAction::SetNull => "SET NULL",
        ReferentialAction::SetDefault => "SET DEFAULT",
    };
    let foreign_keys = lines_of(&read(PHPMYADMIN), |table| {
        let line = |key: &physio_schema::model::ForeignKey| {
            format!(
                "{}\t{}\t{}\t{}\t{}\t{}\t{}",
                table.name,
                key.name,
                key.columns.join(","),
                key.referenced_table,
                key.referenced_columns.join(","),
                rule(key.on_delete),
                rule(key.on_update),
            )
        };
        table.foreign_keys.iter().map(line).collect()
    });
    assert_eq!(foreign_keys.len(), 73);
    assert_eq!(foreign_keys, facts(include_str!("../schema/facts/foreign_keys.tsv")));
}

#[test]
fn json_columns_keep_their_check() {
    let schema = read(PHPMYADMIN);
    let tracks = schema.table("service_tracks").unwrap();
    let names: Vec<&str> = tracks.checks.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["fields", "permissions", "pricing", "scheduling"]);
    assert_eq!(tracks.checks[0].1, "json_valid(`fields`)");
}
