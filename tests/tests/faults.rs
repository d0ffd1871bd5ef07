//! The faults of `cargo xtask faults`, a few of each; the whole of it is a command.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use std::process::Command;

/// Runs one part in its quick form and gives what it printed.
fn run(part: &str) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_physio-faults")).args(["--quick", "--only", part]).output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
    assert!(text.contains("holds"), "nothing was checked:\n{text}");
}

#[test]
fn no_change_of_other_writers_is_missed_and_no_cursor_passes_one() {
    run("writers");
}

#[test]
fn killed_devices_php_and_mariadb_lose_and_double_nothing() {
    run("kills");
}

#[test]
fn a_network_that_cuts_connections_anywhere_loses_and_doubles_nothing() {
    run("network");
}

#[test]
fn a_full_or_read_only_disk_is_said_and_loses_nothing() {
    run("disk");
}
