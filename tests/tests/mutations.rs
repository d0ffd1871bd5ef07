//! A small run of `cargo xtask mutate`: random changes of the clinic's dump, and who tells of each.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_tests::harness::app::repository;
use physio_tests::mutation::handshake::Outcome;
use physio_tests::mutation::judge::{Compiled, judge};
use physio_tests::mutation::kind::{Kind, mutations};
use physio_tests::mutation::{compiler, server};
use std::path::Path;
use std::sync::LazyLock;

static CLINIC: LazyLock<Compiled> = LazyLock::new(|| {
    let dump = std::fs::read_to_string(repository().join("physio-schema/schema/clinic.sql")).unwrap();
    Compiled::of(&dump).unwrap()
});

#[test]
fn every_change_is_told_before_a_row_is_touched() {
    let mut outcomes = Vec::new();
    for mutation in mutations(&CLINIC.version.schema, 4 * Kind::ALL.len(), 20_260_302) {
        let verdict = judge(&CLINIC, &mutation);
        assert_eq!(verdict.faults, Vec::<String>::new(), "{}: {:?}", mutation.table, mutation.sql);
        assert_eq!(verdict.escaped, Vec::<String>::new(), "{}: {:?}", mutation.table, mutation.sql);
        assert!(verdict.first().is_some());
        outcomes.push(verdict.handshake);
    }
    // Neither all is let through, nor is all stopped.
    for outcome in [Outcome::GoesOn, Outcome::PushPaused, Outcome::Paused] {
        assert!(outcomes.contains(&outcome), "{outcome:?} of {outcomes:?}");
    }
}

#[test]
fn mariadb_confirms_one_change_of_each_kind() {
    let mariadb = physio_tests::harness::PrivateMariaDb::shared().unwrap();
    for mutation in mutations(&CLINIC.version.schema, Kind::ALL.len(), 11) {
        let faults = server::confirm(mariadb, &CLINIC, &mutation).unwrap();
        assert_eq!(faults, Vec::<String>::new(), "{}: {:?}", mutation.table, mutation.sql);
    }
}

#[test]
fn rustc_confirms_one_change_of_each_kind() {
    let all = mutations(&CLINIC.version.schema, Kind::ALL.len(), 5);
    let folder = tempfile::tempdir().unwrap();
    // The test of a dropped column builds nearly the same crates there.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dropped-column");
    let answers =
        compiler::compile(&CLINIC.version.schema, &all.iter().collect::<Vec<_>>(), folder.path(), &target)
            .unwrap();
    for answer in &answers {
        let mutation = &all[answer.at];
        assert_eq!(answer.refused, answer.foreseen, "{}: {:?}", mutation.table, mutation.sql);
    }
    let n_refused = answers.iter().filter(|answer| answer.refused).count();
    assert!((1..answers.len()).contains(&n_refused), "all programs have one answer");
}
