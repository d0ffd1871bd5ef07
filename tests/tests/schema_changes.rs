//! The SQL of schema changes, on a real MariaDB: every case of physio-schema's that the server takes at all.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use mysql::Conn;
use mysql::prelude::Queryable;
use physio_schema::diff::{DiffOptions, Rename, diff, diff_with, emit_sql};
use physio_schema::model::Schema;
use physio_tests::harness::PrivateMariaDb;
use physio_tests::harness::app::repository;
use physio_tests::mutation::read;

struct Case {
    name: String,
    old: String,
    new: String,
    renames: Vec<Rename>,
}

fn cases() -> Vec<Case> {
    let folder = repository().join("physio-schema/tests/diff");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let list: Vec<serde_json::Value> = serde_yaml_ng::from_str(&text).unwrap();
        for case in list {
            let lines = case["renames"].as_array().cloned().unwrap_or_default();
            cases.push(Case {
                name: format!(
                    "{}: {}",
                    file.file_stem().unwrap().to_string_lossy(),
                    case["case"].as_str().unwrap()
                ),
                old: sql(case["old"].as_str().unwrap()),
                new: sql(case["new"].as_str().unwrap()),
                renames: lines.iter().map(|line| rename(line.as_str().unwrap())).collect(),
            });
        }
    }
    cases
}

/// As the cases have it: SQL, or the elements of a table `t` behind its key.
fn sql(text: &str) -> String {
    if text.trim_start().to_uppercase().starts_with("CREATE") || text.trim().is_empty() {
        return text.to_owned();
    }
    format!("CREATE TABLE t (id int NOT NULL, {text}, PRIMARY KEY (id))")
}

fn rename(line: &str) -> Rename {
    let (old, new) = line.split_once(" = ").unwrap();
    let new = new.to_owned();
    match old.split_once('.') {
        Some((table, old)) => Rename::Column { table: table.to_owned(), old: old.to_owned(), new },
        None => Rename::Table { old: old.to_owned(), new },
    }
}

/// An empty database in which the statements were run; an error when the server refuses one.
fn run(conn: &mut Conn, statements: &str) -> Result<(), String> {
    let anew = "DROP DATABASE IF EXISTS cases; CREATE DATABASE cases CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; \
                USE cases; SET FOREIGN_KEY_CHECKS = 0; SET sql_mode = ''";
    for statement in anew.split(';').chain(statements.split("; ")) {
        if !statement.trim().is_empty() {
            conn.query_drop(statement).map_err(|error| format!("{statement}: {error}"))?;
        }
    }
    Ok(())
}

fn live(conn: &mut Conn) -> Schema {
    let names: Vec<String> = conn.query("SHOW TABLES").unwrap();
    let mut text = "-- MariaDB dump\n-- Server version\t10.11.0-MariaDB\nSET NAMES utf8mb4;\n".to_owned();
    for name in &names {
        let shown: Option<(String, String)> =
            conn.query_first(format!("SHOW CREATE TABLE `{name}`")).unwrap();
        text.push_str(&format!("{};\n", shown.unwrap().1));
    }
    if names.is_empty() { Schema::default() } else { read(&text).unwrap() }
}

fn model(text: &str) -> Schema {
    if text.trim().is_empty() { Schema::default() } else { read(text).unwrap() }
}

#[test]
fn the_statements_of_a_change_make_the_newer_schema_on_mariadb() {
    let mut conn = PrivateMariaDb::shared().unwrap().connect(None).unwrap();
    let (mut confirmed, mut refused, mut wrong) = (0, Vec::new(), Vec::new());
    for case in cases() {
        // Where the server does not take a side as it stands, or makes something else of it than the reader of
        // dumps, there is nothing to compare.
        let new = match run(&mut conn, &case.new) {
            Ok(()) => live(&mut conn),
            Err(error) => {
                refused.push(format!("{}: {error}", case.name));
                continue;
            }
        };
        if let Err(error) = run(&mut conn, &case.old) {
            refused.push(format!("{}: {error}", case.name));
            continue;
        }
        let options = DiffOptions { renames: case.renames.clone(), ..DiffOptions::default() };
        let changes = diff_with(&model(&case.old), &model(&case.new), &options);
        let mut failed = None;
        for statement in emit_sql(&changes) {
            if let Err(error) = conn.query_drop(&statement) {
                failed = Some(format!("{}: `{statement}`: {error}", case.name));
                break;
            }
        }
        let left = diff(&live(&mut conn), &new);
        match failed {
            Some(failed) => wrong.push(failed),
            None if !left.is_empty() => wrong.push(format!("{}: {left:?}", case.name)),
            None => confirmed += 1,
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(confirmed >= 600, "{confirmed} confirmed; refused:\n{}", refused.join("\n"));
}
