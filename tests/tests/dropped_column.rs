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

    // Not the workspace's own: cargo gives the copy's crates the same names there and overwrites them. What is compiled
    // of other crates is used, though, if this build made it in the same way.
    let target = copy.path().join("target");
    borrow_other_crates(&target.join("debug"));
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--workspace", "--all-features", "--test", "clinic_tables"])
        .arg("--target-dir")
        .arg(target)
        .current_dir(copy.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "it compiles");
    assert!(stderr.contains("no column `state` in `branches`"), "{stderr}");
}

/// What this build has compiled of crates that are not the workspace's, for a build elsewhere. Cargo looks at each of
/// them and compiles what does not fit.
fn borrow_other_crates(to: &Path) {
    let program = std::env::current_exe().unwrap();
    let from = program.ancestors().nth(2).unwrap();
    for folder in ["deps", "build", ".fingerprint"] {
        let Ok(entries) = std::fs::read_dir(from.join(folder)) else { continue };
        std::fs::create_dir_all(to.join(folder)).unwrap();
        for entry in entries {
            let entry = entry.unwrap();
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let crate_name = name.strip_prefix("lib").unwrap_or(&name);
            if crate_name.starts_with("physio") || crate_name.starts_with("xtask") {
                continue;
            }
            borrow(&entry.path(), &to.join(folder).join(&*name));
        }
    }
}

/// Compiled crates are only read; what cargo writes into is copied.
fn borrow(from: &Path, to: &Path) {
    let kept = ["rmeta", "rlib", "so", "dylib"];
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            borrow(&entry.path(), &to.join(entry.file_name()));
        }
    } else if from.extension().is_some_and(|extension| kept.iter().any(|kept| *kept == extension)) {
        // On another file system than this one there are no links.
        if std::fs::hard_link(from, to).is_err() {
            copy_with_its_time(from, to);
        }
    } else {
        copy_with_its_time(from, to);
    }
}

/// Cargo tells by its time whether a file is current.
fn copy_with_its_time(from: &Path, to: &Path) {
    // Something else may be building.
    if std::fs::copy(from, to).is_ok() {
        let time = std::fs::metadata(from).and_then(|found| found.modified()).unwrap();
        std::fs::File::options().write(true).open(to).unwrap().set_modified(time).unwrap();
    }
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
