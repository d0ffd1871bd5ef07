//! Dumps in the style of every tool, against what a real server said of each.
//!
//! Beside `x.sql` stands `x.facts`: what MariaDB 10.11's `information_schema` held after loading it
//! into a database of utf8mb4_general_ci, one fact a line. `cargo xtask verify-dump --record FILE` writes them;
//! a test of the `tests` crate compares them, and the model, with a server again.

use physio_schema::dump::{Dump, DumpErrors, DumpOptions, Server, parse, parse_chunks};
use physio_schema::facts::TableFacts;
use std::path::PathBuf;

fn options() -> DumpOptions {
    DumpOptions {
        server: Some(Server::DEFAULT),
        default_collation: Some("utf8mb4_general_ci".into()),
        ..DumpOptions::default()
    }
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/dumps")
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(directory().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The dump, or what was understood of it when only the choice of a database is missing.
fn all_databases(result: Result<Dump, DumpErrors>) -> Dump {
    result.unwrap_or_else(|errors| {
        let is_choice = |error: &physio_schema::dump::DumpError| error.help.contains("--database");
        assert!(errors.errors.iter().all(is_choice), "{errors}");
        *errors.partial
    })
}

/// All facts of all databases, sorted.
fn facts_of(dump: &Dump) -> Vec<String> {
    let tables = dump.databases.iter().flat_map(|(name, schema)| {
        schema.tables.iter().map(move |table| TableFacts::of(name.as_deref(), table))
    });
    let mut lines: Vec<String> = tables.flat_map(|table| table.lines()).collect();
    lines.sort();
    lines
}

/// Names of all dumps beside which the server's facts stand.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(directory()).expect("the fixtures are there");
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".facts").map(|stem| format!("{stem}.sql")))
        .collect();
    names.sort();
    names
}

#[test]
fn every_dump_is_read_as_the_server_reads_it() {
    let names = names();
    assert!(names.len() >= 45, "only {} dumps have facts", names.len());
    let mut differences = Vec::new();
    for name in &names {
        let dump = match parse(&fixture(name), &options()) {
            Err(errors) if name == "phpmyadmin-unreadable-table.sql" => *errors.partial,
            result => all_databases(result),
        };
        let expected = String::from_utf8(fixture(&name.replace(".sql", ".facts"))).unwrap();
        let found = facts_of(&dump);
        let expected: Vec<&str> = expected.lines().collect();
        let missing = expected.iter().filter(|line| !found.iter().any(|other| other == *line));
        differences.extend(missing.map(|line| format!("{name}: server {line}")));
        let surplus = found.iter().filter(|line| !expected.contains(&line.as_str()));
        differences.extend(surplus.map(|line| format!("{name}: model  {line}")));
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn pieces_change_nothing() {
    for name in names() {
        let bytes = fixture(&name);
        let whole = parse(&bytes, &options());
        for step in [3, 113] {
            assert_eq!(parse_chunks(bytes.chunks(step), &options()), whole, "{name} in pieces of {step}");
        }
    }
}

#[test]
fn what_shapes_no_table_is_counted() {
    let dump = parse(&fixture("phpmyadmin.sql"), &options()).unwrap();
    assert_eq!(dump.skipped.data, 1);
    assert_eq!(dump.skipped.routines, ["promote", "age"]);
    assert_eq!(dump.skipped.triggers, ["pupils_before"]);
    assert_eq!(dump.skipped.events, ["yearly"]);
    assert_eq!(dump.skipped.views, ["best"]);
    let dump = parse(&fixture("mariadb-dump-full.sql"), &options()).unwrap();
    assert_eq!(dump.skipped.sequences, ["tickets"]);
    assert_eq!(dump.skipped.triggers, ["books_in"]);
    assert_eq!(dump.skipped.routines, ["vat", "tidy"]);
}

#[test]
fn line_ends_make_no_difference() {
    let unix = parse(&fixture("mariadb-dump-full.sql"), &options()).unwrap();
    let windows = parse(&fixture("mariadb-dump-crlf.sql"), &options()).unwrap();
    assert_eq!(unix.schema, windows.schema);
}

#[test]
fn one_of_several_databases_is_chosen_by_name() {
    let several = fixture("several-databases.sql");
    let errors = parse(&several, &options()).unwrap_err();
    assert!(errors.to_string().contains("several databases: first, second"), "{errors}");
    let chosen = DumpOptions { database: Some("second".into()), ..options() };
    let names: Vec<String> =
        parse(&several, &chosen).unwrap().schema.tables.into_iter().map(|table| table.name).collect();
    assert_eq!(names, ["t", "u", "v", "w"]);
    let unknown = DumpOptions { database: Some("other".into()), ..options() };
    assert!(parse(&several, &unknown).unwrap_err().to_string().contains("no tables of a database `other`"));
}

#[test]
fn a_table_that_the_tool_could_not_read_is_an_error() {
    let errors = parse(&fixture("phpmyadmin-unreadable-table.sql"), &options()).unwrap_err();
    assert_eq!(errors.errors[0].line, 16);
    assert!(errors.to_string().contains("broken.visits"), "{errors}");
}

#[test]
fn placeholders_are_named_and_can_be_defined() {
    let errors = parse(&fixture("placeholders.sql"), &options()).unwrap_err().to_string();
    assert!(errors.contains("`{$prefix}` is a placeholder") && errors.contains("--define"), "{errors}");
    assert!(errors.contains("`ENGINE_TYPE` is a placeholder"), "{errors}");
    let mut defined = options();
    for (name, value) in [
        ("{$prefix}", "smf_"),
        ("ENGINE_TYPE", "InnoDB"),
        ("PREFIX_", "ps_"),
        (" COLLATION", " COLLATE=utf8mb4_bin"),
    ] {
        defined.defines.insert(name.into(), value.into());
    }
    let dump = parse(&fixture("placeholders.sql"), &defined).unwrap_or_else(|errors| panic!("{errors}"));
    let names: Vec<&str> = dump.schema.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["ps_orders", "smf_members"]);
    assert_eq!(dump.schema.tables[0].collation, "utf8mb4_bin");
}
