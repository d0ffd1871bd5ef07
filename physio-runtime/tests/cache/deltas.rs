//! What changed on the server arrives as one transaction with its cursor.

use super::*;
use physio_runtime::SyncStatus;

fn applied_changes(outcome: DeltaOutcome) -> Vec<(String, Vec<String>, Option<SyncStatus>)> {
    match outcome {
        DeltaOutcome::Applied(changes) => {
            changes.into_iter().map(|change| (change.table, change.keys, change.status)).collect()
        }
        DeltaOutcome::PushFirst => panic!("nothing is in flight"),
    }
}

#[test]
fn rows_and_deletes_of_several_pages_apply_in_order_with_the_cursor() {
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#, r#"["2","B",null,null]"#]);
    let mut sink = device.cache.delta_sink();
    sink.table("patients", &texts(PATIENT), &[]).unwrap();
    sink.row(r#"["1","A2",null,null]"#).unwrap();
    sink.row(r#"["3","C",null,null]"#).unwrap();
    sink.deleted("patients", texts(&[r#"["2"]"#])).unwrap();
    // The next page: row 3 went after it came.
    sink.table("rooms", &texts(ROOM), &[]).unwrap();
    sink.row(r#"["R1",null]"#).unwrap();
    sink.deleted("patients", texts(&[r#"["3"]"#])).unwrap();
    let end = StreamEnd { cursor: Some(Cursor("e.7".into())), ..StreamEnd::default() };
    let changes = applied_changes(device.cache.apply_delta(sink, &end).unwrap());
    assert_eq!(device.ask("SELECT patient_id, name FROM patients"), "1|A2");
    assert_eq!(device.ask("SELECT code FROM rooms"), "R1");
    assert_eq!(device.cache.pull_state().unwrap().cursor, Some(Cursor("e.7".into())));
    assert_eq!(
        changes,
        [
            ("patients".into(), texts(&[r#"["1"]"#, r#"["3"]"#]), Some(SyncStatus::Synced)),
            ("patients".into(), texts(&[r#"["2"]"#, r#"["3"]"#]), None),
            ("rooms".into(), texts(&[r#"["R1"]"#]), Some(SyncStatus::Synced)),
        ]
    );
}

#[test]
fn a_delta_that_does_not_fit_changes_nothing_and_keeps_the_cursor() {
    let device = Device::new();
    device.cache.store_first_cursor(&Cursor("e.1".into()), 0).unwrap();
    let mut sink = device.cache.delta_sink();
    sink.table("patients", &texts(PATIENT), &[]).unwrap();
    sink.row(r#"["1","A",null,null]"#).unwrap();
    sink.row(r#"["x","A",null,null]"#).unwrap();
    let end = StreamEnd { cursor: Some(Cursor("e.7".into())), ..StreamEnd::default() };
    device.cache.apply_delta(sink, &end).unwrap_err();
    assert_eq!(device.ask("SELECT count(*) FROM patients"), "0");
    assert_eq!(device.cache.pull_state().unwrap().cursor, Some(Cursor("e.1".into())));
}

#[test]
fn the_same_delta_again_changes_nothing() {
    let device = Device::new();
    let apply = || {
        device.delta(0, &[("patients", PATIENT, &[r#"["1","A",null,null]"#])], &[("rooms", &[r#"["R1"]"#])])
    };
    apply();
    device.write(&["UPDATE patients SET remarks = 'mine' WHERE patient_id = 1"]);
    apply();
    apply();
    assert_eq!(device.ask("SELECT name, remarks, _sync_status FROM patients"), "A|mine|pending");
    assert_eq!(device.ask("SELECT count(*) FROM _physio_outbox"), "1");
}

#[test]
fn a_local_write_has_its_turn_inside_a_long_delta_and_the_cursor_comes_last() {
    const N_ROWS: i64 = 20_000;
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#]);
    let mut sink = device.cache.delta_sink();
    sink.table("patients", &texts(PATIENT), &[]).unwrap();
    for key in 1..=N_ROWS {
        sink.row(&format!(r#"["{key}","B","theirs",null]"#)).unwrap();
    }
    let end = StreamEnd { cursor: Some(Cursor("e.7".into())), ..StreamEnd::default() };
    let cache = device.cache.clone();
    let apply = std::thread::spawn(move || cache.apply_delta(sink, &end));
    let mut has_come_between = false;
    for n in 0.. {
        device.write(&[&format!("UPDATE patients SET remarks = 'mine {n}' WHERE patient_id = 1")]);
        let n_rows: i64 = device.ask("SELECT count(*) FROM patients WHERE name = 'B'").parse().unwrap();
        has_come_between |=
            n_rows > 0 && n_rows < N_ROWS && device.cache.pull_state().unwrap().cursor.is_none();
        if apply.is_finished() {
            break;
        }
    }
    assert!(matches!(apply.join().unwrap().unwrap(), DeltaOutcome::Applied(_)));
    assert!(has_come_between, "no write came between two parts of the delta");
    assert_eq!(device.cache.pull_state().unwrap().cursor, Some(Cursor("e.7".into())));
    assert_eq!(device.ask("SELECT count(*) FROM patients WHERE name = 'B'"), N_ROWS.to_string());
    let mine = device.ask("SELECT name, remarks, _sync_status FROM patients WHERE patient_id = 1");
    assert!(mine.starts_with("B|mine ") && mine.ends_with("|pending"), "{mine}");
}

#[test]
fn a_row_that_was_deleted_here_is_not_brought_back() {
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#, r#"["2","B",null,null]"#]);
    device.write(&["DELETE FROM patients WHERE patient_id = 1"]);
    let rows: &[&str] = &[r#"["1","A2",null,null]"#, r#"["2","B2",null,null]"#];
    device.delta(0, &[("patients", PATIENT, rows)], &[]);
    assert_eq!(device.ask("SELECT patient_id, name FROM patients"), "2|B2");
    // Deleted there too, and unknown rows: nothing happens.
    device.delta(0, &[], &[("patients", &[r#"["1"]"#, r#"["9"]"#])]);
    assert_eq!(device.ask("SELECT count(*) FROM _physio_outbox"), "1");
}

#[test]
fn a_delta_dropped_before_its_end_leaves_no_trace() {
    let device = Device::new();
    let mut sink = device.cache.delta_sink();
    sink.table("patients", &texts(PATIENT), &[]).unwrap();
    sink.row(r#"["1","A",null,null]"#).unwrap();
    drop(sink);
    let device = device.reopened();
    assert_eq!(device.ask("SELECT count(*) FROM patients"), "0");
}

#[test]
fn a_delta_that_holds_our_own_batch_waits_for_its_answer() {
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#]);
    device.write(&["UPDATE patients SET remarks = 'mine' WHERE patient_id = 1"]);
    let units = device.units();
    let outcome = device.delta(1, &[("patients", PATIENT, &[r#"["1","A","mine",null]"#])], &[]);
    assert_eq!(outcome, DeltaOutcome::PushFirst);
    assert_eq!(device.cache.pull_state().unwrap().cursor, None);
    // With the answer applied, the same delta is taken.
    device.answer(&BatchAnswer { units: vec![applied(&units[0])], ..empty_answer(1) });
    let outcome = device.delta(1, &[("patients", PATIENT, &[r#"["1","A","mine",null]"#])], &[]);
    assert!(matches!(outcome, DeltaOutcome::Applied(_)));
    // A delta from before the batch leaves our change on top.
    device.write(&["UPDATE patients SET remarks = 'again' WHERE patient_id = 1"]);
    device.units();
    device.delta(1, &[("patients", PATIENT, &[r#"["1","A","mine",null]"#])], &[]);
    assert_eq!(device.ask("SELECT remarks, _sync_status FROM patients"), "again|pending");
}

#[test]
fn tables_that_the_plan_does_not_have_and_rows_without_a_key_are_refused() {
    let device = Device::new();
    let mut sink = device.cache.delta_sink();
    assert!(sink.table("secrets", &texts(&["id"]), &[]).is_err());
    assert!(sink.deleted("secrets", Vec::new()).is_err());
    assert!(sink.row(r#"["1"]"#).is_err());
    let error = sink.table("rooms", &texts(&["label", "floor"]), &[]).unwrap_err();
    assert!(error.to_string().contains("rooms.code"), "{error}");
}

#[test]
fn binary_keys_are_base64_in_deltas_and_hex_in_the_outbox() {
    let device = Device::new();
    device.page(
        "scans",
        &["scan_id", "image", "weight"],
        &[r#"["AAECAw==",null,"1.5"]"#, r#"["AAECBA==",null,null]"#],
        false,
    );
    device.write(&["UPDATE scans SET weight = 2.25 WHERE scan_id = x'00010203'"]);
    device.delta(
        0,
        &[("scans", &["scan_id", "image", "weight"], &[r#"["AAECAw==","/w==","1.5"]"#])],
        &[("scans", &[r#"["AAECBA=="]"#])],
    );
    assert_eq!(
        device.ask("SELECT scan_id, image, weight, _sync_status FROM scans"),
        "00010203|ff|2.25|pending"
    );
    let units = device.units();
    assert_eq!(
        units[0]["changes"],
        json!([
            {"op": "update", "table": "scans", "key": ["AAECAw=="], "values": {"weight": "2.25"}, "base": {"weight": "1.5"}},
        ])
    );
}
