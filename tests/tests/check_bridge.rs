//! `cargo xtask check --bridge` and `cargo xtask doctor` against the real bridge, also one that is older than the dump.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_tests::harness::app::repository;
use physio_tests::harness::{App, Stack};
use std::path::Path;
use std::process::Command;

const TOKEN: &str = "token-of-this-test";

#[test]
fn a_deployed_bridge_that_differs_is_told_column_by_column() {
    let app = App::clinic().unwrap();
    let mut stack = Stack::start(app.clone()).unwrap();
    stack.add_token(TOKEN, "NOW() + INTERVAL 1 DAY", false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token.txt");
    std::fs::write(&token_file, format!("{TOKEN}\n")).unwrap();

    let (code, printed) = check(&stack.url(), &token_file);
    assert_eq!(code, Some(0), "{printed}");
    let (_, seen) = doctor(&stack.url(), &token_file);
    for good in [
        "a bridge answers",
        "the Authorization header arrives",
        "the token is accepted",
        "MariaDB ",
        "the clocks of the database and of this machine agree",
        "the bridge was made from this dump",
        "triggers note the changes of all 17 tables",
    ] {
        assert!(seen.contains(&format!("✓ {good}")), "{good}: {seen}");
    }

    let old = app
        .dump
        .replacen("  `attendance_date` date NOT NULL", "  `attendance_date` datetime NOT NULL", 1)
        .replacen(
            "CREATE TABLE `branches` (",
            "CREATE TABLE `branches` (\n  `fax` varchar(20) DEFAULT NULL,",
            1,
        );
    assert_ne!(old, app.dump);
    stack.upload(app.with_dump(&old).unwrap()).unwrap();
    let (code, printed) = check(&stack.url(), &token_file);
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("attendance_date") && printed.contains("datetime"), "{printed}");
    assert!(printed.contains("fax"), "{printed}");

    std::fs::write(&token_file, "another-token\n").unwrap();
    let (code, printed) = check(&stack.url(), &token_file);
    assert_ne!(code, Some(0), "{printed}");
    assert!(printed.contains("token"), "{printed}");
}

fn check(url: &str, token_file: &Path) -> (Option<i32>, String) {
    xtask(&["check", "--bridge", url], token_file)
}

fn doctor(url: &str, token_file: &Path) -> (Option<i32>, String) {
    xtask(&["doctor", url], token_file)
}

fn xtask(arguments: &[&str], token_file: &Path) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "xtask", "--"])
        .args(arguments)
        .arg("--token-file")
        .arg(token_file)
        .current_dir(repository())
        .output()
        .unwrap();
    let printed =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!printed.contains(TOKEN), "the token was printed");
    (output.status.code(), printed)
}
