//! Every fixture dump is read as a real server reads it: tables, columns, keys and foreign keys, one by one.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_schema::facts::TableFacts;
use physio_tests::harness::app::repository;
use physio_tests::oracle::{Oracle, Reading, verify};
use std::path::PathBuf;

fn dumps() -> Vec<PathBuf> {
    let folder = repository().join("physio-schema/tests/fixtures/dumps");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut dumps: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "sql")).collect();
    dumps.sort();
    dumps
}

#[test]
fn every_fixture_is_read_as_the_server_reads_it() {
    let dumps = dumps();
    assert!(dumps.len() >= 50, "only {} fixtures are there", dumps.len());
    let mut oracle = Oracle::start().unwrap();
    let (mut wrong, mut n_tables, mut n_columns) = (Vec::new(), 0, 0);
    for path in &dumps {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let verified = verify(&mut oracle, path, &Reading::default()).unwrap();
        wrong.extend(verified.differences.iter().map(|difference| format!("{name}: {difference}")));
        // This one lacks what its tool could not read: an error is what is wanted.
        if name != "phpmyadmin-unreadable-table.sql" {
            wrong.extend(verified.errors.iter().map(|error| format!("{name}:{error}")));
        }
        n_tables += verified.server.len();
        n_columns += verified.server.iter().map(|table| table.columns.len()).sum::<usize>();
        let recorded = path.with_extension("facts");
        if let Ok(recorded) = std::fs::read_to_string(recorded) {
            let mut lines: Vec<String> = verified.server.iter().flat_map(TableFacts::lines).collect();
            lines.sort();
            let recorded: Vec<&str> = recorded.lines().collect();
            let missing = lines.iter().filter(|line| !recorded.contains(&line.as_str()));
            wrong.extend(missing.map(|line| format!("{name}: not recorded: {line}")));
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    assert!(n_tables > 250 && n_columns > 900, "only {n_tables} tables with {n_columns} columns");
}

#[test]
fn a_column_that_the_model_lacks_is_a_difference() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sql");
    // A server knows what the variable holds; the reader must not pass over it in silence.
    let sql =
        "CREATE TABLE t (a int);\nSET @add = 'ALTER TABLE t ADD b int';\nPREPARE s FROM @add;\nEXECUTE s;\n";
    std::fs::write(&path, sql).unwrap();
    let verified = verify(&mut Oracle::start().unwrap(), &path, &Reading::default()).unwrap();
    assert_eq!(verified.differences[0].to_string(), "t: column b: model (nothing), server int(11)");
    assert_eq!(verified.errors[0].line, 4);
    assert!(!verified.is_equal());
}

#[test]
fn what_the_server_refuses_is_told_and_left_out_of_both() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sql");
    let sql = "CREATE TABLE t (a int, KEY k (a));\nALTER TABLE t\n  ADD b varchar(9)\n  COLLATE nobody_ci;\nALTER TABLE t ADD c int;\n";
    std::fs::write(&path, sql).unwrap();
    let verified = verify(&mut Oracle::start().unwrap(), &path, &Reading::default()).unwrap();
    assert!(verified.is_equal(), "{verified:?}");
    assert_eq!((verified.refused.len(), verified.refused[0].line, verified.refused[0].code), (1, 2, 1273));
    assert_eq!(verified.server[0].columns.len(), 2);
}
