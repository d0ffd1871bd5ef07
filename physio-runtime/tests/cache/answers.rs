//! The answer to a batch, applied in one transaction and only once.

use super::*;
use physio_runtime::SyncStatus;

#[test]
fn keys_become_real_in_rows_references_and_queued_changes() {
    let device = Device::new();
    device.write(&[
        "INSERT INTO patients (name) VALUES ('A')",
        "INSERT INTO payments (patient_id, amount) VALUES (4503599627370496, '1')",
    ]);
    let units = device.units();
    // Written while the batch is on its way.
    device.write(&["UPDATE patients SET remarks = 'later' WHERE name = 'A'"]);
    device.write(&["INSERT INTO payments (patient_id, amount) VALUES (4503599627370496, '2')"]);
    device.write(&["INSERT INTO visits (patient_id, visit_no) VALUES (4503599627370496, 1)"]);
    let report = device.answer(&BatchAnswer {
        units: vec![applied(&units[0])],
        keys: vec![mapped("patients", TEMP, "901"), mapped("payments", TEMP, "77")],
        rows: vec![
            row_block("patients", PATIENT, json!([["901", "A", null, null]])),
            row_block("payments", PAYMENT, json!([["77", "901", "1.00", null]])),
        ],
        ..empty_answer(1)
    });
    assert_eq!(
        device.ask("SELECT patient_id, name, remarks, _sync_status FROM patients"),
        "901|A|later|pending"
    );
    assert_eq!(
        device.ask("SELECT payment_id, patient_id, amount, _sync_status FROM payments ORDER BY payment_id"),
        "77|901|1.00|synced\n4503599627370497|901|2|pending"
    );
    assert_eq!(device.ask("SELECT patient_id, visit_no, _sync_status FROM visits"), "901|1|pending");
    assert_eq!(report.n_pushed, 2);
    assert_eq!(report.remapped.len(), 2);
    assert_eq!((report.remapped[0].temporary_key, report.remapped[0].server_key.as_str()), (1 << 52, "901"));
    let batch = device.batch().unwrap();
    assert_eq!(batch["batch"], 2);
    assert_eq!(batch["units"][0]["changes"][0]["key"], json!(["901"]));
    assert_eq!(batch["units"][1]["changes"][0]["values"]["patient_id"], "901");
    assert_eq!(batch["units"][2]["changes"][0]["values"], json!({"patient_id": "901", "visit_no": "1"}));
    assert_eq!(
        device.ask("SELECT row_key FROM _physio_outbox WHERE table_name = 'visits'"),
        r#"["901","1"]"#
    );
    assert_eq!(device.ask("SELECT rows_pushed FROM sync_history WHERE table_name = 'patients'"), "1");
}

/// A device with a table that refers to patients through visits only.
fn with_findings() -> Device {
    let dump = format!(
        "{DUMP}CREATE TABLE findings (
           finding_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, patient_id int NOT NULL, visit_no int NOT NULL,
           FOREIGN KEY (patient_id, visit_no) REFERENCES visits (patient_id, visit_no));"
    );
    let config = CONFIG.replace("\"scans\"", "\"scans\", \"findings\"");
    Device::new().reopened_with(plan_of(&dump, &config))
}

#[test]
fn a_key_becomes_real_through_any_number_of_references() {
    let device = with_findings();
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    let units = device.units();
    device.write(&[
        "INSERT INTO visits (patient_id, visit_no) VALUES (4503599627370496, 1)",
        "INSERT INTO findings (patient_id, visit_no) VALUES (4503599627370496, 1)",
    ]);
    device.answer(&BatchAnswer {
        units: vec![applied(&units[0])],
        keys: vec![mapped("patients", TEMP, "901")],
        ..empty_answer(1)
    });
    assert_eq!(device.ask("SELECT patient_id, visit_no FROM visits"), "901|1");
    assert_eq!(device.ask("SELECT patient_id, visit_no FROM findings"), "901|1");
    let sent = device.units();
    assert_eq!(sent[0]["changes"][1]["values"], json!({"patient_id": "901", "visit_no": "1"}));
}

#[test]
fn what_is_sent_refers_to_a_temporary_key_through_another_table() {
    let device = with_findings();
    device.write(&[
        "INSERT INTO patients (name) VALUES ('A')",
        "INSERT INTO visits (patient_id, visit_no) VALUES (4503599627370496, 1)",
        "INSERT INTO findings (patient_id, visit_no) VALUES (4503599627370496, 1)",
    ]);
    assert_eq!(
        device.units()[0]["changes"][2]["values"],
        json!({"patient_id": {"$ref": ["patients", TEMP]}, "visit_no": "1"})
    );
}

#[test]
fn a_row_that_was_made_and_deleted_is_never_another_row_with_the_key_that_it_would_get() {
    let device = Device::new();
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    let units = device.units();
    // The answer was lost; pages bring what the batch did and what somebody else did.
    device.patients(&[r#"["901","A",null,null]"#]);
    device.page("visits", VISIT, &[r#"["901","1","theirs"]"#], false);
    device.write(&["INSERT INTO visits (patient_id, visit_no) VALUES (4503599627370496, 1)"]);
    device.write(&["DELETE FROM visits WHERE patient_id = 4503599627370496"]);
    device.answer(&BatchAnswer {
        units: vec![applied(&units[0])],
        keys: vec![mapped("patients", TEMP, "901")],
        ..empty_answer(1)
    });
    assert_eq!(
        device.ask("SELECT patient_id, visit_no, finding, _sync_status FROM visits"),
        "901|1|theirs|synced"
    );
    assert_eq!(device.ask("SELECT count(*) FROM _physio_outbox"), "0");
    assert!(device.batch().is_none());
}

#[test]
fn an_answer_to_the_larger_request_of_its_number_settles_all_of_that_requests_units() {
    let device = Device::new();
    device.page("rooms", ROOM, &[], false);
    device.write(&["INSERT INTO rooms (code) VALUES ('R1')"]);
    device.write(&["INSERT INTO rooms (code) VALUES ('R2')"]);
    let units = device.units();
    // It arrived, but something between said that it was too large.
    device.cache.refuse_in_flight("body_too_large", None).unwrap();
    assert_eq!(device.units().as_array().unwrap().len(), 1);
    device.write(&["INSERT INTO rooms (code) VALUES ('R3')"]);
    device.answer(&BatchAnswer {
        units: vec![applied(&units[0]), applied(&units[1])],
        rows: vec![row_block("rooms", ROOM, json!([["R1", null], ["R2", null]]))],
        ..empty_answer(1)
    });
    assert_eq!(
        device.ask("SELECT code, _sync_status FROM rooms ORDER BY code"),
        "R1|synced\nR2|synced\nR3|pending"
    );
    let sent = device.batch().unwrap();
    assert_eq!((&sent["batch"], sent["units"].as_array().unwrap().len()), (&json!(2), 1));
}

#[test]
fn an_answer_of_another_epoch_has_its_tables_read_again() {
    for (epoch, is_read_again) in [(None, false), (Some("e"), false), (Some("f"), true)] {
        let device = Device::new();
        device.cache.store_first_cursor(&Cursor("e.5".into()), 0).unwrap();
        device.patients(&[r#"["901","A",null,null]"#]);
        device.payments(&[]);
        device.write(&["UPDATE patients SET remarks = 'mine' WHERE patient_id = 901"]);
        let units = device.units();
        device.answer(&BatchAnswer {
            epoch: epoch.map(str::to_owned),
            units: vec![applied(&units[0])],
            deleted: vec![DeletedBlock { table: "patients".into(), keys: vec![vec!["901".into()]] }],
            ..empty_answer(1)
        });
        let state = if is_read_again { "empty" } else { "complete" };
        assert_eq!(
            device.ask("SELECT state FROM _physio_tables WHERE table_name = 'patients'"),
            state,
            "{epoch:?}"
        );
        assert_eq!(
            device.ask("SELECT state FROM _physio_tables WHERE table_name = 'payments'"),
            "complete",
            "{epoch:?}"
        );
    }
}

#[test]
fn the_same_answer_again_changes_nothing() {
    let device = Device::new();
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    let units = device.units();
    let answer = BatchAnswer {
        units: vec![applied(&units[0])],
        keys: vec![mapped("patients", TEMP, "901")],
        rows: vec![row_block("patients", PATIENT, json!([["901", "A", null, null]]))],
        ..empty_answer(1)
    };
    device.answer(&answer);
    let device = device.reopened();
    device.write(&["UPDATE patients SET name = 'B'"]);
    assert_eq!(device.answer(&answer), PushReport::default());
    assert_eq!(device.ask("SELECT patient_id, name, _sync_status FROM patients"), "901|B|pending");
    // Nor does it while the next batch is in flight.
    device.units();
    assert_eq!(device.answer(&answer), PushReport::default());
    assert_eq!(device.ask("SELECT count(*) FROM _physio_in_flight"), "1");
}

#[test]
fn a_kill_before_the_answer_is_applied_loses_nothing() {
    let device = Device::new();
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    let first = device.cache.next_batch().unwrap().unwrap();
    let device = device.reopened();
    let second = device.cache.next_batch().unwrap().unwrap();
    assert_eq!(first, second);
    let batch: serde_json::Value = serde_json::from_slice(&second.bytes).unwrap();
    device.answer(&BatchAnswer {
        units: vec![applied(&batch["units"][0])],
        keys: vec![mapped("patients", TEMP, "901")],
        rows: vec![row_block("patients", PATIENT, json!([["901", "A", null, null]]))],
        ..empty_answer(1)
    });
    let device = device.reopened();
    assert_eq!(device.ask("SELECT patient_id, name, _sync_status FROM patients"), "901|A|synced");
    assert!(device.batch().is_none());
}

#[test]
fn a_row_that_arrived_by_pull_before_its_answer_swallows_the_temporary_one() {
    let device = Device::new();
    device.write(&[
        "INSERT INTO patients (name) VALUES ('A')",
        "INSERT INTO visits (patient_id, visit_no) VALUES (4503599627370496, 1)",
    ]);
    let units = device.units();
    device.write(&["UPDATE patients SET remarks = 'mine' WHERE patient_id = 4503599627370496"]);
    // The answer was lost; a page brings what the batch did.
    device.page("patients", PATIENT, &[r#"["901","A","theirs","901"]"#], false);
    device.page("visits", VISIT, &[r#"["901","1","seen"]"#], false);
    assert_eq!(device.ask("SELECT count(*) FROM patients"), "2");
    device.answer(&BatchAnswer {
        units: vec![applied(&units[0])],
        keys: vec![mapped("patients", TEMP, "901")],
        ..empty_answer(1)
    });
    assert_eq!(
        device.ask("SELECT patient_id, name, remarks, referred_by, _sync_status FROM patients"),
        "901|A|mine|901|pending"
    );
    assert_eq!(
        device.ask("SELECT patient_id, visit_no, finding, _sync_status FROM visits"),
        "901|1|seen|synced"
    );
}

#[test]
fn a_self_reference_follows_its_row() {
    let device = Device::new();
    device.write(&["INSERT INTO patients (name) VALUES ('parent')"]);
    device.write(&["INSERT INTO patients (name, referred_by) VALUES ('child', 4503599627370496)"]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![applied(&units[0]), applied(&units[1])],
        keys: vec![mapped("patients", TEMP, "901"), mapped("patients", "4503599627370497", "902")],
        ..empty_answer(1)
    });
    assert_eq!(
        device.ask("SELECT patient_id, name, referred_by, _sync_status FROM patients ORDER BY patient_id"),
        "901|parent|-|synced\n902|child|901|synced"
    );
}

#[test]
fn later_edits_begin_with_what_the_server_stored() {
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#]);
    device.write(&["UPDATE patients SET remarks = 'one' WHERE patient_id = 1"]);
    let units = device.units();
    device.write(&["UPDATE patients SET remarks = 'two' WHERE patient_id = 1"]);
    device.write(&["UPDATE patients SET remarks = 'three' WHERE patient_id = 1"]);
    device.answer(&BatchAnswer {
        units: vec![applied(&units[0])],
        // A trigger of the server changed what we sent.
        rows: vec![row_block("patients", PATIENT, json!([["1", "A", "ONE", null]]))],
        ..empty_answer(1)
    });
    assert_eq!(device.ask("SELECT remarks, _sync_status FROM patients"), "three|pending");
    let units = device.units();
    assert_eq!(units[0]["changes"][0]["base"], json!({"remarks": "ONE"}));
    assert_eq!(units[1]["changes"][0]["base"], json!({"remarks": "two"}));
}

#[test]
fn where_the_server_kept_its_value_a_later_edit_still_begins_with_ours() {
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#]);
    device.write(&["UPDATE patients SET remarks = 'one', name = 'B' WHERE patient_id = 1"]);
    let units = device.units();
    device.write(&["UPDATE patients SET remarks = 'two', name = 'C' WHERE patient_id = 1"]);
    let kept =
        KeptColumns { table: "patients".into(), key: vec!["1".into()], columns: vec!["remarks".into()] };
    device.answer(&BatchAnswer {
        units: vec![UnitOutcome { kept: vec![kept], ..applied(&units[0]) }],
        // Another device's remarks, which nobody has seen here; and the name as a trigger has it.
        rows: vec![row_block("patients", PATIENT, json!([["1", "b", "theirs", null]]))],
        ..empty_answer(1)
    });
    assert_eq!(device.ask("SELECT name, remarks, _sync_status FROM patients"), "C|two|pending");
    assert_eq!(device.units()[0]["changes"][0]["base"], json!({"name": "b", "remarks": "one"}));
}

#[test]
fn a_column_that_the_answer_lacks_leaves_later_edits_where_they_began() {
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#]);
    device.write(&["UPDATE patients SET remarks = 'one' WHERE patient_id = 1"]);
    let units = device.units();
    device.write(&["UPDATE patients SET remarks = 'two' WHERE patient_id = 1"]);
    device.answer(&BatchAnswer {
        units: vec![applied(&units[0])],
        rows: vec![row_block("patients", &["patient_id", "name"], json!([["1", "A"]]))],
        ..empty_answer(1)
    });
    assert_eq!(device.units()[0]["changes"][0]["base"], json!({"remarks": "one"}));
}

#[test]
fn applied_deletes_and_rows_that_went_leave_the_cache() {
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#, r#"["2","B",null,null]"#]);
    device.write(&["DELETE FROM patients WHERE patient_id = 1"]);
    let units = device.units();
    let report = device.answer(&BatchAnswer {
        units: vec![applied(&units[0])],
        deleted: vec![deleted_block("patients", json!([["1"], ["2"]]))],
        ..empty_answer(1)
    });
    assert_eq!(device.ask("SELECT count(*) FROM patients"), "0");
    assert_eq!(report.changes.len(), 1);
    assert_eq!(report.changes[0].status, None);
    assert_eq!(device.cache.counts().unwrap().pending_changes, 0);
}

#[test]
fn one_bad_unit_is_parked_and_the_others_are_applied() {
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#, r#"["2","B",null,null]"#, r#"["3","C",null,null]"#]);
    for id in 1..=3 {
        device.write(&[&format!("UPDATE patients SET remarks = 'mine' WHERE patient_id = {id}")]);
    }
    let units = device.units();
    let report = device.answer(&BatchAnswer {
        units: vec![
            applied(&units[0]),
            outcome(&units[1], UnitStatus::Conflict, Some("changed"), Some("patients.remarks")),
            outcome(&units[2], UnitStatus::Failed, Some("too_long"), Some("patients.remarks")),
        ],
        rows: vec![row_block(
            "patients",
            PATIENT,
            json!([["1", "A", "mine", null], ["2", "B2", "theirs", null]]),
        )],
        ..empty_answer(1)
    });
    assert_eq!(
        device.ask("SELECT name, remarks, _sync_status FROM patients ORDER BY patient_id"),
        "A|mine|synced\nB2|mine|conflict\nC|mine|pending"
    );
    assert_eq!(report.parked.iter().map(|p| p.code.as_str()).collect::<Vec<_>>(), ["changed", "too_long"]);
    assert!(report.changes.iter().any(|change| change.status == Some(SyncStatus::Conflict)));
    assert!(device.batch().is_none());
    assert_eq!(device.cache.counts().unwrap().attention, 2);
}

#[test]
fn a_unit_that_the_answer_forgets_is_shown_and_not_lost() {
    let device = Device::new();
    device.write(&["INSERT INTO rooms (code) VALUES ('A')"]);
    device.units();
    let report = device.answer(&empty_answer(1));
    assert_eq!(report.parked[0].code, "refused");
    assert_eq!(device.ask("SELECT code, _sync_status FROM rooms"), "A|pending");
    assert!(device.batch().is_none());
}

#[test]
fn a_stored_row_of_another_shape_does_not_hold_up_the_answer() {
    let device = Device::new();
    device.page("rooms", ROOM, &[r#"["A","old"]"#], false);
    device.write(&["UPDATE rooms SET label = 'mine'"]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![applied(&units[0])],
        rows: vec![row_block("rooms", &["label", "floor"], json!([["mine", "2"]]))],
        ..empty_answer(1)
    });
    assert_eq!(device.ask("SELECT label, _sync_status FROM rooms"), "mine|synced");
    assert_eq!(device.ask("SELECT state FROM _physio_tables WHERE table_name = 'rooms'"), "empty");
}

#[test]
fn an_answer_older_than_the_first_pull_has_its_tables_read_again() {
    let device = Device::new();
    device.write(&["INSERT INTO rooms (code) VALUES ('A')"]);
    let units = device.units();
    // The answer is lost; somebody deletes the row on the server; the feed is lost too.
    device.cache.restart_pull().unwrap();
    device.cache.store_first_cursor(&Cursor("f.9".into()), 0).unwrap();
    device.page("rooms", ROOM, &[], false);
    let answer = BatchAnswer {
        units: vec![applied(&units[0])],
        rows: vec![row_block("rooms", ROOM, json!([["A", null]]))],
        ..empty_answer(1)
    };
    device.answer(&answer);
    assert_eq!(device.ask("SELECT state FROM _physio_tables WHERE table_name = 'rooms'"), "empty");
    device.page("rooms", ROOM, &[], false);
    assert_eq!(device.ask("SELECT count(*) FROM rooms"), "0");
    // The next answer is an ordinary one again.
    device.write(&["INSERT INTO rooms (code) VALUES ('B')"]);
    let units = device.units();
    device.answer(&BatchAnswer { units: vec![applied(&units[0])], batch: 2, ..answer });
    assert_eq!(device.ask("SELECT state FROM _physio_tables WHERE table_name = 'rooms'"), "complete");
}

#[test]
fn an_answer_that_nothing_waited_for_any_more_has_its_tables_read_again() {
    for (acknowledged, state) in [(1, "empty"), (0, "complete")] {
        for is_first_pull in [false, true] {
            let device = Device::new();
            device.write(&["INSERT INTO rooms (code) VALUES ('A')"]);
            let units = device.units();
            // The server takes it, or does not; the answer is lost, and the next one is that of a host between.
            device.cache.refuse_in_flight("body_too_large", None).unwrap();
            // Somebody has deleted the row meanwhile.
            if is_first_pull {
                device.cache.store_first_cursor(&Cursor("f.9".into()), acknowledged).unwrap();
            }
            device.page("rooms", ROOM, &[], false);
            if !is_first_pull {
                device.delta(acknowledged, &[], &[("rooms", &[r#"["A"]"#])]);
            }
            device.cache.retry_unit(device.cache.attention().unwrap()[0].unit).unwrap();
            assert_eq!(device.units(), units);
            // With so many rows that it names none, its answer is about the table all the same.
            device.answer(&BatchAnswer { units: vec![applied(&units[0])], ..empty_answer(1) });
            assert_eq!(device.ask("SELECT state FROM _physio_tables WHERE table_name = 'rooms'"), state);
            device.page("rooms", ROOM, &[], false);
            // The next answer is an ordinary one.
            device.delta(1, &[], &[]);
            device.write(&["INSERT INTO rooms (code) VALUES ('B')"]);
            let units = device.units();
            device.answer(&BatchAnswer { units: vec![applied(&units[0])], ..empty_answer(2) });
            assert_eq!(device.ask("SELECT state FROM _physio_tables WHERE table_name = 'rooms'"), "complete");
        }
    }
}

#[test]
fn a_count_that_was_taken_over_makes_the_next_answer_no_old_one() {
    let device = Device::new();
    device.page("rooms", ROOM, &[], false);
    device.write(&["INSERT INTO rooms (code) VALUES ('A')"]);
    device.units();
    device.cache.refuse_in_flight("batch_reused", None).unwrap();
    device.delta(7, &[], &[]);
    device.cache.retry_unit(device.cache.attention().unwrap()[0].unit).unwrap();
    assert_eq!(device.batch().unwrap()["batch"], 8);
    let units = device.units();
    device.answer(&BatchAnswer { units: vec![applied(&units[0])], ..empty_answer(8) });
    assert_eq!(device.ask("SELECT state FROM _physio_tables WHERE table_name = 'rooms'"), "complete");
}
