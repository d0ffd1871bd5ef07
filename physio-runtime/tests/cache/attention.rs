//! Conflicts and refusals: both versions are kept until a person decides.

use super::*;
use physio_runtime::ErrorKind;
use physio_runtime::bridge::wire::Values;
use physio_runtime::cache::{ParkedState, Resolution};

/// Patient 1 was edited here and on the server.
fn in_conflict() -> Device {
    let device = Device::new();
    device.patients(&[r#"["1","A","old",null]"#]);
    device.write(&["UPDATE patients SET remarks = 'mine' WHERE patient_id = 1"]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![outcome(&units[0], UnitStatus::Conflict, Some("changed"), Some("patients.remarks"))],
        rows: vec![row_block("patients", PATIENT, json!([["1", "A2", "theirs", null]]))],
        ..empty_answer(1)
    });
    device
}

fn change_in_conflict(device: &Device) -> i64 {
    device.cache.attention().unwrap()[0].changes[0].change
}

fn values(value: serde_json::Value) -> Values {
    value.as_object().cloned().unwrap()
}

#[test]
fn a_conflict_shows_both_versions_and_learns_the_servers_next_one() {
    let device = in_conflict();
    let attention = device.cache.attention().unwrap();
    assert_eq!(attention.len(), 1);
    assert_eq!((attention[0].state, attention[0].code.as_str()), (ParkedState::Conflict, "changed"));
    assert_eq!(attention[0].field.as_deref(), Some("patients.remarks"));
    let change = &attention[0].changes[0];
    assert_eq!(
        (change.table.as_str(), change.key.as_str(), change.in_conflict),
        ("patients", r#"["1"]"#, true)
    );
    assert_eq!(change.base, values(json!({"remarks": "old"})));
    assert_eq!(change.mine, values(json!({"remarks": "mine"})));
    assert_eq!(change.theirs.as_ref().unwrap()["remarks"], "theirs");
    device.delta(1, &[("patients", PATIENT, &[r#"["1","A3","theirs 2",null]"#])], &[]);
    assert_eq!(device.ask("SELECT name, remarks, _sync_status FROM patients"), "A3|mine|conflict");
    let theirs = device.cache.attention().unwrap()[0].changes[0].theirs.clone().unwrap();
    assert_eq!(
        theirs,
        values(json!({"patient_id": "1", "name": "A3", "remarks": "theirs 2", "referred_by": null}))
    );
    device.delta(1, &[], &[("patients", &[r#"["1"]"#])]);
    assert_eq!(device.cache.attention().unwrap()[0].changes[0].theirs, None);
    assert_eq!(device.ask("SELECT remarks, _sync_status FROM patients"), "mine|conflict");
}

#[test]
fn mine_is_sent_again_on_top_of_theirs() {
    let device = in_conflict();
    device.cache.resolve_conflict(change_in_conflict(&device), Resolution::Mine).unwrap();
    assert_eq!(device.ask("SELECT name, remarks, _sync_status FROM patients"), "A2|mine|pending");
    let batch = device.batch().unwrap();
    assert_eq!(batch["batch"], 2);
    assert_eq!(batch["units"][0]["changes"][0]["base"], json!({"remarks": "theirs"}));
    assert_eq!(batch["units"][0]["changes"][0]["values"], json!({"remarks": "mine"}));
    assert!(device.cache.attention().unwrap().is_empty());
}

#[test]
fn mine_is_sent_again_on_top_of_what_its_own_unit_does_before() {
    let device = Device::new();
    device.patients(&[r#"["1","A","old",null]"#]);
    device.page("rooms", ROOM, &[r#"["R1","old"]"#], false);
    device.write(&[
        "UPDATE patients SET remarks = 'one' WHERE patient_id = 1",
        "UPDATE rooms SET label = 'new'",
        "UPDATE patients SET remarks = 'two', name = 'B' WHERE patient_id = 1",
    ]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![UnitOutcome {
            change: Some(2),
            ..outcome(&units[0], UnitStatus::Conflict, Some("changed"), Some("patients.name"))
        }],
        rows: vec![row_block("patients", PATIENT, json!([["1", "A2", "old", null]]))],
        ..empty_answer(1)
    });
    let attention = device.cache.attention().unwrap();
    let change = attention[0].changes.iter().find(|change| change.in_conflict).unwrap();
    assert_eq!(change.mine, values(json!({"name": "B", "remarks": "two"})));
    device.cache.resolve_conflict(change.change, Resolution::Mine).unwrap();
    let changes = device.units()[0]["changes"].clone();
    assert_eq!(changes[0]["base"], json!({"remarks": "old"}));
    assert_eq!(changes[2]["base"], json!({"name": "A2", "remarks": "one"}));
}

#[test]
fn what_is_unsent_is_not_shown_as_theirs_where_the_server_lacks_the_column() {
    let device = Device::new();
    device.patients(&[r#"["1","A","old",null]"#]);
    device.write(&["UPDATE patients SET name = 'mine', remarks = 'own' WHERE patient_id = 1"]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![outcome(&units[0], UnitStatus::Conflict, Some("changed"), Some("patients.name"))],
        rows: vec![row_block("patients", &["patient_id", "name", "referred_by"], json!([["1", "A2", null]]))],
        ..empty_answer(1)
    });
    assert_eq!(device.ask("SELECT name, remarks FROM patients"), "mine|own");
    let attention = device.cache.attention().unwrap();
    let theirs = attention[0].changes[0].theirs.clone().unwrap();
    assert_eq!(
        theirs,
        values(json!({"patient_id": "1", "name": "A2", "remarks": "old", "referred_by": null}))
    );
    device.cache.resolve_conflict(attention[0].changes[0].change, Resolution::Theirs).unwrap();
    assert_eq!(device.ask("SELECT name, remarks, _sync_status FROM patients"), "A2|old|synced");
}

#[test]
fn theirs_forgets_mine() {
    let device = in_conflict();
    let change = change_in_conflict(&device);
    device.cache.resolve_conflict(change, Resolution::Theirs).unwrap();
    assert_eq!(device.ask("SELECT name, remarks, _sync_status FROM patients"), "A2|theirs|synced");
    assert_eq!(device.cache.counts().unwrap(), physio_runtime::cache::Counts::default());
    assert!(device.batch().is_none());
    let error = device.cache.resolve_conflict(change, Resolution::Theirs).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[test]
fn merged_values_are_sent_instead() {
    let device = in_conflict();
    let change = change_in_conflict(&device);
    let wrong = Resolution::Merged(values(json!({"remark": "x"})));
    assert_eq!(device.cache.resolve_conflict(change, wrong).unwrap_err().kind(), ErrorKind::Usage);
    let merged = Resolution::Merged(values(json!({"remarks": "theirs and mine", "name": "A4"})));
    device.cache.resolve_conflict(change, merged).unwrap();
    assert_eq!(device.ask("SELECT name, remarks, _sync_status FROM patients"), "A4|theirs and mine|pending");
    let change = &device.units()[0]["changes"][0];
    assert_eq!(change["values"], json!({"remarks": "theirs and mine", "name": "A4"}));
    assert_eq!(change["base"], json!({"remarks": "theirs", "name": "A2"}));
}

#[test]
fn later_edits_of_a_row_in_conflict_stay_on_top_and_wait() {
    let device = in_conflict();
    device.write(&["UPDATE patients SET name = 'later' WHERE patient_id = 1"]);
    assert!(device.batch().is_none());
    device.cache.resolve_conflict(change_in_conflict(&device), Resolution::Theirs).unwrap();
    assert_eq!(device.ask("SELECT name, remarks, _sync_status FROM patients"), "later|theirs|pending");
    assert_eq!(device.units()[0]["changes"][0]["values"], json!({"name": "later"}));
}

/// Patient 1 was edited here and deleted on the server.
fn gone() -> Device {
    let device = Device::new();
    device.page("rooms", ROOM, &[r#"["R1","old"]"#], false);
    device.write(&["UPDATE rooms SET label = 'mine'"]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![outcome(&units[0], UnitStatus::Conflict, Some("gone"), None)],
        deleted: vec![deleted_block("rooms", json!([["R1"]]))],
        ..empty_answer(1)
    });
    assert_eq!(device.ask("SELECT label, _sync_status FROM rooms"), "mine|conflict");
    device
}

#[test]
fn a_row_that_is_gone_can_be_made_again_or_let_go() {
    let device = gone();
    device.cache.resolve_conflict(change_in_conflict(&device), Resolution::Mine).unwrap();
    let change = &device.units()[0]["changes"][0];
    assert_eq!(*change, json!({"op": "insert", "table": "rooms", "values": {"code": "R1", "label": "mine"}}));
    assert_eq!(device.ask("SELECT label, _sync_status FROM rooms"), "mine|pending");
    let device = gone();
    device.cache.resolve_conflict(change_in_conflict(&device), Resolution::Theirs).unwrap();
    assert_eq!(device.ask("SELECT count(*) FROM rooms"), "0");
    assert!(device.batch().is_none());
}

/// A row that was deleted here and changed on the server.
fn delete_in_conflict() -> Device {
    let device = Device::new();
    device.page("rooms", ROOM, &[r#"["R1","old"]"#], false);
    device.write(&["DELETE FROM rooms"]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![outcome(&units[0], UnitStatus::Conflict, Some("changed"), Some("rooms.label"))],
        rows: vec![row_block("rooms", ROOM, json!([["R1", "theirs"]]))],
        ..empty_answer(1)
    });
    assert_eq!(device.ask("SELECT count(*) FROM rooms"), "0");
    device
}

#[test]
fn a_delete_of_a_row_that_changed_can_be_repeated_or_taken_back() {
    let device = delete_in_conflict();
    device.cache.resolve_conflict(change_in_conflict(&device), Resolution::Theirs).unwrap();
    assert_eq!(device.ask("SELECT label, _sync_status FROM rooms"), "theirs|synced");
    let device = delete_in_conflict();
    device.cache.resolve_conflict(change_in_conflict(&device), Resolution::Mine).unwrap();
    assert_eq!(device.units()[0]["changes"][0]["base"], json!({"code": "R1", "label": "theirs"}));
}

#[test]
fn a_delete_is_kept_although_the_servers_side_is_not_known_yet() {
    let device = delete_in_conflict();
    // The table is read again, and the page with the row has yet to come.
    device.cache.restart_pull().unwrap();
    device.page("rooms", ROOM, &[r#"["A","x"]"#], true);
    assert_eq!(device.cache.attention().unwrap()[0].changes[0].theirs, None);
    device.cache.resolve_conflict(change_in_conflict(&device), Resolution::Mine).unwrap();
    let change = device.units()[0]["changes"][0].clone();
    assert_eq!(
        change,
        json!({"op": "delete", "table": "rooms", "key": ["R1"], "base": {"code": "R1", "label": "old"}})
    );
}

#[test]
fn edits_of_a_row_that_is_gone_stay_visible_when_its_delete_is_given_up() {
    let device = Device::new();
    device.page("rooms", ROOM, &[r#"["R1","old"]"#], false);
    device.write(&["UPDATE rooms SET label = 'mine'"]);
    device.write(&["DELETE FROM rooms"]);
    let units = device.units();
    let mut blocked = outcome(&units[1], UnitStatus::Failed, Some("blocked"), None);
    blocked.blocked_by = Some(units[0]["unit"].as_str().unwrap().to_owned());
    device.answer(&BatchAnswer {
        units: vec![outcome(&units[0], UnitStatus::Conflict, Some("gone"), Some("rooms")), blocked],
        deleted: vec![DeletedBlock { table: "rooms".into(), keys: vec![vec!["R1".into()]] }],
        ..empty_answer(1)
    });
    device.cache.discard_unit(units[1]["unit"].as_str().unwrap().parse().unwrap()).unwrap();
    assert_eq!(device.ask("SELECT code, label, _sync_status FROM rooms"), "R1|mine|conflict");
    // Another row of this key is not taken for one that nothing is known of.
    device.delta(1, &[("rooms", ROOM, &[r#"["R1","new"]"#])], &[]);
    assert_eq!(device.ask("SELECT code, label, _sync_status FROM rooms"), "R1|mine|conflict");
}

/// A new patient and an edit, refused by the server.
fn refused() -> (Device, i64) {
    let device = Device::new();
    device.patients(&[r#"["1","A","old",null]"#]);
    device.write(&[
        "INSERT INTO patients (name) VALUES ('new')",
        "UPDATE patients SET remarks = 'mine' WHERE patient_id = 1",
    ]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![outcome(&units[0], UnitStatus::Failed, Some("too_long"), Some("patients.name"))],
        ..empty_answer(1)
    });
    let unit = units[0]["unit"].as_str().unwrap().parse().unwrap();
    (device, unit)
}

#[test]
fn a_refused_unit_can_be_sent_again() {
    let (device, unit) = refused();
    assert_eq!(device.cache.attention().unwrap()[0].state, ParkedState::Failed);
    device.write(&["UPDATE patients SET name = 'n' WHERE name = 'new'"]);
    assert!(device.batch().is_none(), "the correction waits with it");
    device.cache.retry_unit(unit).unwrap();
    assert_eq!(device.units().as_array().unwrap().len(), 2);
    assert_eq!(device.cache.retry_unit(unit).unwrap_err().kind(), ErrorKind::Usage);
    assert_eq!(device.cache.discard_unit(unit).unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn a_discarded_unit_leaves_the_rows_as_they_were_and_has_the_table_read_again() {
    let (device, unit) = refused();
    device.write(&["UPDATE patients SET name = 'n' WHERE name = 'new'"]);
    device.cache.discard_unit(unit).unwrap();
    assert_eq!(device.ask("SELECT patient_id, name, remarks, _sync_status FROM patients"), "1|A|old|synced");
    assert_eq!(device.ask("SELECT state FROM _physio_tables WHERE table_name = 'patients'"), "empty");
    assert_eq!(device.cache.counts().unwrap(), physio_runtime::cache::Counts::default());
    assert!(device.batch().is_none());
}

#[test]
fn discarding_an_insert_alone_needs_no_second_reading() {
    let device = Device::new();
    device.patients(&[]);
    device.write(&["INSERT INTO patients (name) VALUES ('new')"]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![outcome(&units[0], UnitStatus::Failed, Some("refused"), None)],
        ..empty_answer(1)
    });
    device.cache.discard_unit(units[0]["unit"].as_str().unwrap().parse().unwrap()).unwrap();
    assert_eq!(device.ask("SELECT count(*) FROM patients"), "0");
    assert_eq!(device.ask("SELECT state FROM _physio_tables WHERE table_name = 'patients'"), "complete");
}

#[test]
fn discarding_an_insert_that_met_another_row_brings_that_row() {
    let device = Device::new();
    device.page("rooms", ROOM, &[], false);
    device.write(&["INSERT INTO rooms (code, label) VALUES ('R1', 'mine')"]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![outcome(&units[0], UnitStatus::Failed, Some("duplicate_key"), Some("rooms.code"))],
        ..empty_answer(1)
    });
    device.cache.discard_unit(units[0]["unit"].as_str().unwrap().parse().unwrap()).unwrap();
    assert_eq!(device.ask("SELECT state FROM _physio_tables WHERE table_name = 'rooms'"), "empty");
    device.page("rooms", ROOM, &[r#"["R1","theirs"]"#], false);
    assert_eq!(device.ask("SELECT label, _sync_status FROM rooms"), "theirs|synced");
}

#[test]
fn an_edit_of_a_row_whose_insert_waits_stays_an_edit() {
    let device = Device::new();
    device.write(&["INSERT INTO rooms (code, label) VALUES ('R1', 'made')"]);
    device.write(&["UPDATE rooms SET label = 'edited'"]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![
            outcome(&units[0], UnitStatus::Failed, Some("refused"), None),
            outcome(&units[1], UnitStatus::Conflict, Some("gone"), None),
        ],
        ..empty_answer(1)
    });
    let attention = device.cache.attention().unwrap();
    device.cache.retry_unit(attention[0].unit).unwrap();
    device.cache.resolve_conflict(attention[1].changes[0].change, Resolution::Mine).unwrap();
    let units = device.units();
    let operations: Vec<_> = units.as_array().unwrap().iter().map(|unit| &unit["changes"][0]["op"]).collect();
    assert_eq!(operations, ["insert", "update"]);
}

#[test]
fn blocked_units_follow_the_one_they_wait_for() {
    let device = Device::new();
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    device.write(&["INSERT INTO payments (patient_id, amount) VALUES (4503599627370496, '1')"]);
    let units = device.units();
    let mut blocked = outcome(&units[1], UnitStatus::Failed, Some("blocked"), None);
    blocked.blocked_by = Some(units[0]["unit"].as_str().unwrap().to_owned());
    device.answer(&BatchAnswer {
        units: vec![outcome(&units[0], UnitStatus::Failed, Some("too_long"), None), blocked],
        ..empty_answer(1)
    });
    let attention = device.cache.attention().unwrap();
    assert_eq!(attention[1].blocked_by, Some(attention[0].unit));
    device.cache.retry_unit(attention[0].unit).unwrap();
    assert_eq!(device.units().as_array().unwrap().len(), 2);
}

#[test]
fn counts_tell_what_waits() {
    let device = in_conflict();
    device.write(&["INSERT INTO rooms (code) VALUES ('R')"]);
    let counts = device.cache.counts().unwrap();
    assert_eq!((counts.pending_changes, counts.queued_units, counts.attention), (2, 1, 1));
    let foreign = device.foreign();
    foreign.execute("INSERT INTO rooms (code) VALUES ('S')", []).unwrap();
    assert_eq!(device.cache.counts().unwrap().queued_units, 2);
    let rows = device.cache.row_counts().unwrap();
    assert!(rows.contains(&("rooms".to_owned(), 2)) && rows.contains(&("roles".to_owned(), 0)));
}

#[test]
fn a_unit_whose_conflict_went_with_a_discarded_insert_is_sent_again() {
    let device = Device::new();
    device.write(&["INSERT INTO rooms (code) VALUES ('R1')"]);
    device
        .write(&["UPDATE rooms SET label = 'x' WHERE code = 'R1'", "INSERT INTO rooms (code) VALUES ('R2')"]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![
            outcome(&units[0], UnitStatus::Failed, Some("refused"), None),
            outcome(&units[1], UnitStatus::Conflict, Some("gone"), None),
        ],
        ..empty_answer(1)
    });
    device.cache.discard_unit(units[0]["unit"].as_str().unwrap().parse().unwrap()).unwrap();
    assert!(device.cache.attention().unwrap().is_empty());
    assert_eq!(device.units()[0]["changes"][0]["values"], json!({"code": "R2"}));
    assert_eq!(device.ask("SELECT code, _sync_status FROM rooms"), "R2|pending");
}

#[test]
fn a_row_whose_delete_was_given_up_while_its_insert_waits_is_there_again() {
    let device = Device::new();
    device.write(&["INSERT INTO rooms (code, label) VALUES ('R1', 'made')"]);
    device.write(&["DELETE FROM rooms"]);
    let units = device.units();
    let mut blocked = outcome(&units[1], UnitStatus::Failed, Some("blocked"), None);
    blocked.blocked_by = Some(units[0]["unit"].as_str().unwrap().to_owned());
    device.answer(&BatchAnswer {
        units: vec![outcome(&units[0], UnitStatus::Failed, Some("refused"), None), blocked],
        ..empty_answer(1)
    });
    device.cache.discard_unit(units[1]["unit"].as_str().unwrap().parse().unwrap()).unwrap();
    assert_eq!(device.ask("SELECT code, label, _sync_status FROM rooms"), "R1|made|pending");
    // A page does not take it for a row that nothing is known of.
    device.page("rooms", ROOM, &[r#"["R1","theirs"]"#], false);
    assert_eq!(device.ask("SELECT code, label, _sync_status FROM rooms"), "R1|made|pending");
}
