//! The bridge read and run by PHP 7.4 itself, the oldest that it promises to run on.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_tests::harness::app::repository;
use physio_tests::harness::node::install_node_program;
use std::path::Path;
use std::process::Command;

/// What the check says of a folder, and whether it is content.
fn check(folder: &Path) -> (bool, String) {
    let program = install_node_program("php-7.4").unwrap_or_else(|error| panic!("{error}"));
    let output = Command::new("node").arg(program.join("check.mjs")).arg(folder).output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), text)
}

#[test]
fn php_7_4_reads_every_file_of_the_bridge_and_passes_its_tests() {
    let (is_good, text) = check(&repository().join("php-bridge"));
    assert!(is_good, "{text}");
    assert!(text.contains("PHP 7.4.") && text.contains(" 0 complaints"), "{text}");
    assert!(text.contains(" passed, 0 failed"), "the bridge's own tests did not run: {text}");
}

#[test]
fn php_7_4_refuses_every_novelty_of_php_8() {
    let cases = repository().join("tests/php-7.4/refused");
    let (is_good, text) = check(&cases);
    assert!(!is_good, "{text}");
    let mut n_cases = 0;
    for entry in std::fs::read_dir(cases).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(text.contains(&format!("/bridge/{name}:")), "{name} was taken:\n{text}");
        n_cases += 1;
    }
    assert!(n_cases > 15, "{n_cases} cases");
}
