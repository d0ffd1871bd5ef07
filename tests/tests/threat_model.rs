//! THREAT-MODEL.md names tests as its proof: each of them must be there.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_tests::harness::app::repository;
use std::path::Path;

/// Every Rust and PHP source of the workspace as one text.
fn sources(folder: &Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if entry.file_type().unwrap().is_dir() {
            if !name.starts_with('.') && !name.starts_with("target") && name != "node_modules" {
                sources(&path, all);
            }
        } else if name.ends_with(".rs") || name.ends_with("Test.php") {
            all.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let mut all = String::new();
    sources(&repository(), &mut all);
    let text = std::fs::read_to_string(repository().join("THREAT-MODEL.md")).unwrap();
    let mut n_named = 0;
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let Some(proof) = cells.get(3) else { continue };
        for (position, name) in proof.split('`').enumerate().skip(1).step_by(2) {
            let before = proof.split('`').nth(position - 1).unwrap();
            let is_there = if before.ends_with("*php:* ") {
                all.contains(&format!("'{name}' => static function"))
            } else if name.starts_with("cargo ") {
                continue;
            } else {
                all.contains(&format!("fn {name}("))
            };
            assert!(is_there, "THREAT-MODEL.md names `{name}`, which is no test: {row}");
            n_named += 1;
        }
        let is_open = cells[2].contains("see tests of ");
        assert!(
            is_open || proof.contains('`') || proof.contains("proven by") || proof.contains("---"),
            "no proof: {row}"
        );
    }
    assert!(n_named > 40, "only {n_named} tests are named");
}
