//! The arrows between the crates go one way.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_tests::harness::app::repository;
use std::collections::BTreeSet;
use std::process::Command;

/// Who may depend on whom; ARCHITECTURE.md draws it.
const ALLOWED: &[(&str, &str)] = &[
    ("physio-derive", "physio-schema"),
    ("physio-runtime", "physio-schema"),
    ("physio-runtime", "physio-derive"),
    ("physio-tests", "physio-schema"),
    ("physio-tests", "physio-runtime"),
    ("xtask", "physio-schema"),
];

#[test]
fn no_crate_depends_on_another_than_the_architecture_says() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(repository())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let mut arrows = BTreeSet::new();
    for package in packages {
        for dependency in package["dependencies"].as_array().unwrap() {
            // A crate's own tests may look at anything.
            let is_dev = dependency["kind"].as_str() == Some("dev");
            let target = dependency["name"].as_str().unwrap();
            if ours.contains(target) && !is_dev {
                arrows.insert((package["name"].as_str().unwrap(), target));
            }
        }
    }
    assert_eq!(arrows, ALLOWED.iter().copied().collect::<BTreeSet<_>>());
}
