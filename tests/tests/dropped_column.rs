//! A column goes from the dump, and the workspace no longer compiles: the message names table and column.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_tests::harness::app::repository;
use std::path::Path;
use std::process::Command;

#[test]
fn without_branches_state_the_workspace_does_not_compile() {
    let copy = tempfile::tempdir().unwrap();
    copy_workspace(&repository(), copy.path());
    let dump = copy.path().join("physio-schema/schema/clinic.sql");
    let text = std::fs::read_to_string(&dump).unwrap();
    let table = text.find("CREATE TABLE `branches`").unwrap();
    let column = table + text[table..].find("  `state` ").unwrap();
    let end = column + text[column..].find('\n').unwrap() + 1;
    std::fs::write(&dump, format!("{}{}", &text[..column], &text[end..])).unwrap();

    // Not the workspace's own: cargo gives the copy's crates the same names there and overwrites them.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dropped-column");
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--package", "physio-tests", "--test", "clinic_tables", "--target-dir"])
        .arg(target)
        .current_dir(copy.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "it compiles");
    assert!(stderr.contains("no column `state` in `branches`"), "{stderr}");
}

/// The sources as they are; what was built or belongs to git stays behind.
fn copy_workspace(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_build = name == "target" || name.starts_with("target-");
        if is_build || name == ".git" || name == "node_modules" {
            continue;
        }
        let target = to.join(&*name);
        if entry.file_type().unwrap().is_dir() {
            copy_workspace(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}
