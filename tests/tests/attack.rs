//! The attack of `cargo xtask attack`, three thousand requests of it; the whole of it is a command.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use std::process::Command;

/// Runs the program and gives what it printed.
fn attack(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_physio-attack")).args(arguments).output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn changed_requests_find_no_error_no_leak_and_no_change_of_their_own() {
    let text = attack(&["--requests", "3000"]);
    // A user of one branch and both applications were asked, some requests were good enough to change something, and most were not.
    assert_eq!(text.matches("findings: 0").count(), 3, "{text}");
    assert!(
        text.contains("  200: ")
            && text.contains("  400 bad_request: ")
            && text.contains("  404 unknown_table: "),
        "{text}"
    );
    assert!(!text.contains("units applied: 0,"), "{text}");
    // There was something out of the user's reach that could have been read or written.
    assert!(text.contains("clinic, a user of one branch: 1,000 requests"), "{text}");
    assert!(!text.contains("rows out of the token's reach: 0\n"), "{text}");
}
