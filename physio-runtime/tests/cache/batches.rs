//! What is sent, in which order, and that a retry sends the same bytes.

use super::*;
use physio_runtime::cache::{ColumnHold, PushHold};

#[test]
fn a_unit_is_sent_in_the_wires_spelling() {
    let device = Device::new();
    device.patients(&[r#"["9","P",null,null]"#]);
    device.payments(&[r#"["5","9","12.00",null]"#]);
    device.write(&[
        "INSERT INTO patients (name) VALUES ('A')",
        "INSERT INTO payments (patient_id, amount) VALUES (4503599627370496, '10.5')",
        "UPDATE patients SET remarks = 'x' WHERE patient_id = 9",
        "DELETE FROM payments WHERE payment_id = 5",
    ]);
    let batch = device.batch().unwrap();
    assert_eq!(batch["v"], 1);
    assert_eq!(batch["batch"], 1);
    let changes = &batch["units"][0]["changes"];
    assert_eq!(changes[0]["op"], "insert");
    assert_eq!(changes[0]["temp"], TEMP);
    assert_eq!(changes[0]["values"], json!({"name": "A"}));
    assert_eq!(changes[1]["values"]["patient_id"], json!({"$ref": ["patients", TEMP]}));
    assert_eq!(changes[1]["values"]["amount"], "10.50");
    assert!(changes[1]["values"].get("payment_id").is_none());
    assert_eq!(
        changes[2],
        json!({
            "op": "update", "table": "patients", "key": ["9"], "values": {"remarks": "x"}, "base": {"remarks": null},
        })
    );
    assert_eq!(
        changes[3],
        json!({
            "op": "delete", "table": "payments", "key": ["5"],
            "base": {"payment_id": "5", "patient_id": "9", "amount": "12.00", "note": null},
        })
    );
}

#[test]
fn a_retry_sends_the_same_bytes_whatever_was_written_since() {
    let device = Device::new();
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    let first = device.cache.next_batch().unwrap().unwrap();
    device.write(&["INSERT INTO patients (name) VALUES ('B')", "UPDATE patients SET remarks = 'x'"]);
    let device = device.reopened();
    assert_eq!(device.cache.next_batch().unwrap().unwrap(), first);
    assert_eq!(
        device.ask("SELECT state, count(*) FROM _physio_units GROUP BY 1 ORDER BY 1"),
        "queued|1\nsent|1"
    );
}

#[test]
fn there_is_nothing_to_send_without_local_changes() {
    let device = Device::new();
    assert!(device.cache.next_batch().unwrap().is_none());
    device.patients(&[r#"["9","P",null,null]"#]);
    assert!(device.cache.next_batch().unwrap().is_none());
}

#[test]
fn batches_end_before_the_limit_and_a_larger_unit_goes_alone() {
    let device = Device::new();
    let long = "x".repeat(60_000);
    for name in ["A", "B"] {
        device
            .cache
            .write(|transaction| {
                transaction.execute("INSERT INTO patients (name, remarks) VALUES (?1, ?2)", [name, &long])
            })
            .unwrap();
    }
    let huge = "y".repeat(200_000);
    device
        .cache
        .write(|transaction| {
            transaction.execute("INSERT INTO patients (name, remarks) VALUES ('C', ?1)", [&huge])
        })
        .unwrap();
    for (number, name) in [(1, "A"), (2, "B"), (3, "C")] {
        let batch = device.batch().unwrap();
        assert_eq!((batch["batch"].as_u64(), batch["units"].as_array().unwrap().len()), (Some(number), 1));
        assert_eq!(batch["units"][0]["changes"][0]["values"]["name"], name);
        let unit = applied(&batch["units"][0]);
        device.answer(&BatchAnswer { units: vec![unit], ..empty_answer(number) });
    }
    assert!(device.batch().is_none());
}

#[test]
fn a_row_that_was_made_and_deleted_here_is_never_sent() {
    let device = Device::new();
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    device.write(&["INSERT INTO payments (patient_id, amount) VALUES (4503599627370496, '1')"]);
    device.write(&["INSERT INTO patients (name) VALUES ('B')"]);
    device.write(&["DELETE FROM payments"]);
    device.write(&["DELETE FROM patients WHERE name = 'A'"]);
    let units = device.units();
    assert_eq!(units.as_array().unwrap().len(), 1);
    assert_eq!(units[0]["changes"][0]["values"]["name"], "B");
    assert_eq!(device.ask("SELECT count(*) FROM _physio_outbox"), "1");
}

#[test]
fn a_row_that_was_deleted_while_its_insert_is_in_flight_is_sent_twice() {
    let device = Device::new();
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    let units = device.units();
    device.write(&["DELETE FROM patients"]);
    device.answer(&BatchAnswer {
        units: vec![applied(&units[0])],
        keys: vec![mapped("patients", TEMP, "901")],
        rows: vec![row_block("patients", PATIENT, json!([["901", "A", null, null]]))],
        ..empty_answer(1)
    });
    assert_eq!(device.ask("SELECT count(*) FROM patients"), "0", "our delete stands");
    let units = device.units();
    assert_eq!(units[0]["changes"][0]["op"], "delete");
    assert_eq!(units[0]["changes"][0]["key"], json!(["901"]));
    device.answer(&BatchAnswer {
        units: vec![applied(&units[0])],
        deleted: vec![deleted_block("patients", json!([["901"]]))],
        ..empty_answer(2)
    });
    assert_eq!(device.ask("SELECT count(*) FROM patients"), "0");
    assert_eq!(device.ask("SELECT count(*) FROM _physio_outbox"), "0");
}

#[test]
fn a_new_row_that_something_else_mentions_is_sent_with_its_delete() {
    let device = Device::new();
    device.patients(&[r#"["9","P",null,null]"#]);
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    device.write(&["UPDATE patients SET referred_by = 4503599627370496 WHERE patient_id = 9"]);
    device.write(&["UPDATE patients SET referred_by = NULL WHERE patient_id = 9"]);
    device.write(&["DELETE FROM patients WHERE name = 'A'"]);
    assert_eq!(device.units().as_array().unwrap().len(), 4);
}

#[test]
fn units_that_depend_on_a_parked_one_wait_and_the_others_go_on() {
    let device = Device::new();
    device.patients(&[r#"["9","P",null,null]"#, r#"["8","Q",null,null]"#]);
    device.write(&[
        "INSERT INTO patients (name) VALUES ('A')",
        "UPDATE patients SET remarks = 'x' WHERE patient_id = 9",
    ]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![outcome(&units[0], UnitStatus::Failed, Some("too_long"), Some("patients.name"))],
        ..empty_answer(1)
    });
    device.write(&["INSERT INTO payments (patient_id, amount) VALUES (4503599627370496, '1')"]);
    device.write(&["UPDATE patients SET remarks = 'y' WHERE patient_id = 9"]);
    device.write(&["UPDATE payments SET note = 'n'"]);
    device.write(&["UPDATE patients SET remarks = 'free' WHERE patient_id = 8"]);
    let batch = device.batch().unwrap();
    assert_eq!(batch["batch"], 2);
    assert_eq!(batch["units"].as_array().unwrap().len(), 1);
    assert_eq!(batch["units"][0]["changes"][0]["key"], json!(["8"]));
    device.answer(&BatchAnswer { units: vec![applied(&batch["units"][0])], ..empty_answer(2) });
    assert!(device.batch().is_none());
    assert_eq!(device.cache.counts().unwrap().queued_units, 3);
    // Sent again, everything follows in its order.
    device.cache.retry_unit(units[0]["unit"].as_str().unwrap().parse().unwrap()).unwrap();
    assert_eq!(device.units().as_array().unwrap().len(), 4);
}

#[test]
fn rows_with_keys_of_their_own_wait_for_their_parked_parent_too() {
    let device = Device::new();
    let dump = DUMP.replace(
        "CREATE TABLE scans",
        "CREATE TABLE beds (bed_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, room varchar(10),
           CONSTRAINT fk_room FOREIGN KEY (room) REFERENCES rooms (code));
         CREATE TABLE scans",
    );
    let config = CONFIG.replace("\"rooms\", ", "\"rooms\", \"beds\", ");
    let device = device.reopened_with(plan_of(&dump, &config));
    device.write(&["INSERT INTO rooms (code) VALUES ('R1')"]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![outcome(&units[0], UnitStatus::Failed, Some("refused"), None)],
        ..empty_answer(1)
    });
    device.write(&["INSERT INTO beds (room) VALUES ('R1')"]);
    assert!(device.batch().is_none());
}

#[test]
fn edits_of_one_row_in_one_unit_are_sent_as_one() {
    let device = Device::new();
    device.write(&[
        "INSERT INTO patients (name) VALUES ('A')",
        "UPDATE patients SET remarks = 'x' WHERE name = 'A'",
        "UPDATE patients SET remarks = 'y' WHERE name = 'A'",
    ]);
    let units = device.units();
    assert_eq!(units[0]["changes"].as_array().unwrap().len(), 1);
    assert_eq!(units[0]["changes"][0]["values"], json!({"name": "A", "remarks": "y"}));
}

#[test]
fn a_request_that_is_refused_for_good_is_split_until_one_unit_is_to_blame() {
    let device = Device::new();
    for name in ["A", "B", "C", "D"] {
        device.write(&[&format!("INSERT INTO rooms (code) VALUES ('{name}')")]);
    }
    let count = |device: &Device| device.units().as_array().unwrap().len();
    assert_eq!(count(&device), 4);
    assert!(device.cache.refuse_in_flight("body_too_large", None).unwrap().parked.is_empty());
    assert_eq!(count(&device), 2);
    device.cache.refuse_in_flight("body_too_large", None).unwrap();
    let batch = device.batch().unwrap();
    assert_eq!((batch["batch"].as_u64(), batch["units"].as_array().unwrap().len()), (Some(1), 1));
    let report = device.cache.refuse_in_flight("body_too_large", Some("rooms.code")).unwrap();
    assert_eq!(report.parked.len(), 1);
    assert_eq!(
        (report.parked[0].code.as_str(), report.parked[0].table.as_str()),
        ("body_too_large", "rooms")
    );
    assert_eq!(count(&device), 3, "the rest goes on");
    assert_eq!(device.cache.attention().unwrap().len(), 1);
    assert_eq!(device.cache.counts().unwrap().pending_changes, 4, "nothing is dropped");
    assert!(device.cache.refuse_in_flight("x", None).unwrap().parked.is_empty());
}

#[test]
fn after_a_gap_nothing_is_sent_until_a_pull_has_told_the_last_batch() {
    let device = Device::new();
    device.write(&["INSERT INTO rooms (code) VALUES ('A')"]);
    let units = device.units();
    device.answer(&BatchAnswer { units: vec![applied(&units[0])], ..empty_answer(1) });
    device.write(&["INSERT INTO rooms (code) VALUES ('B')"]);
    assert_eq!(device.batch().unwrap()["batch"], 2);
    device.cache.refuse_in_flight("batch_gap", None).unwrap();
    assert!(device.batch().is_none());
    device.delta(0, &[], &[]);
    let batch = device.batch().unwrap();
    assert_eq!(batch["batch"], 1, "the server was set back to before the first batch");
    assert_eq!(batch["units"][0]["changes"][0]["values"]["code"], "B");
}

#[test]
fn a_batch_whose_fate_is_unknown_is_parked_and_never_sent_twice() {
    let device = Device::new();
    device.write(&["INSERT INTO rooms (code) VALUES ('A')"]);
    device.write(&["INSERT INTO rooms (code) VALUES ('B')"]);
    device.units();
    let report = device.cache.refuse_in_flight("batch_stale", None).unwrap();
    assert_eq!(report.parked.len(), 2);
    device.write(&["INSERT INTO rooms (code) VALUES ('C')"]);
    assert!(device.batch().is_none());
    device.delta(7, &[], &[]);
    let batch = device.batch().unwrap();
    assert_eq!(batch["batch"], 8);
    assert_eq!(batch["units"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_held_stays_with_all_that_depends_on_it_and_the_rest_goes() {
    let device = Device::new();
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    device.write(&[&format!("INSERT INTO payments (patient_id, amount) VALUES ({TEMP}, '1')")]);
    device.write(&["INSERT INTO rooms (code) VALUES ('R1')"]);
    device
        .write(&["INSERT INTO rooms (code, label) VALUES ('R2', 'x')", "UPDATE patients SET remarks = 'y'"]);
    let mut hold = PushHold::default();
    hold.hold_table("patients");
    let sent = device.cache.next_batch_without(&hold).unwrap().expect("the room");
    let sent: serde_json::Value = serde_json::from_slice(&sent.bytes).unwrap();
    assert_eq!(sent["units"].as_array().unwrap().len(), 1);
    assert_eq!(sent["units"][0]["changes"][0]["values"], json!({"code": "R1"}));
    assert_eq!(device.cache.counts().unwrap().queued_units, 4, "nothing is parked");
    device.cache.refuse_in_flight("schema_changed", None).unwrap();
    assert!(device.cache.attention().unwrap().is_empty());
    assert_eq!(device.units().as_array().unwrap().len(), 4, "all of them go when nothing is held");
}

#[test]
fn only_changes_that_the_server_cannot_take_yet_are_held() {
    let device = Device::new();
    device.page("rooms", ROOM, &[r#"["R1","first"]"#, r#"["R2",null]"#], false);
    device.write(&["INSERT INTO rooms (code, label) VALUES ('A', 'set')"]);
    device.write(&["INSERT INTO rooms (code) VALUES ('B')"]);
    device.write(&["DELETE FROM rooms WHERE code = 'R1'"]);
    device.write(&["UPDATE rooms SET label = 'longer' WHERE code = 'R2'"]);
    let mut unknown = PushHold::default();
    unknown.hold_column("rooms", "label", ColumnHold::Unknown);
    let batch: serde_json::Value =
        serde_json::from_slice(&device.cache.next_batch_without(&unknown).unwrap().unwrap().bytes).unwrap();
    let changes: Vec<_> = batch["units"].as_array().unwrap().iter().map(|unit| &unit["changes"][0]).collect();
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0]["values"], json!({"code": "B"}));
    assert_eq!(
        changes[1]["base"],
        json!({"code": "R1"}),
        "the server is not asked about what it does not know"
    );
    device.cache.refuse_in_flight("schema_changed", None).unwrap();

    let narrower = |nullable, optional| ColumnHold::Narrower {
        column_type: "varchar(3)".parse().unwrap(),
        nullable,
        optional,
    };
    for (nullable, optional, expected) in
        [(true, true, ["1", "2", "3"].as_slice()), (false, false, &["1", "3"])]
    {
        let mut hold = PushHold::default();
        hold.hold_column("rooms", "label", narrower(nullable, optional));
        let batch = device.cache.next_batch_without(&hold).unwrap().unwrap();
        let batch: serde_json::Value = serde_json::from_slice(&batch.bytes).unwrap();
        let units: Vec<_> =
            batch["units"].as_array().unwrap().iter().map(|unit| unit["unit"].as_str().unwrap()).collect();
        assert_eq!(units, expected);
        device.cache.refuse_in_flight("schema_changed", None).unwrap();
    }
}

#[test]
fn what_a_refused_request_held_is_doubtful_too_once_its_number_turns_out_to_be_taken() {
    let device = Device::new();
    for name in ["A", "B", "C", "D"] {
        device.write(&[&format!("INSERT INTO rooms (code) VALUES ('{name}')")]);
    }
    // The server takes all four, but the answer is lost; then it refuses what it took.
    device.units();
    device.cache.refuse_in_flight("body_too_large", None).unwrap();
    assert_eq!(device.units().as_array().unwrap().len(), 2);
    let report = device.cache.refuse_in_flight("batch_reused", None).unwrap();
    assert_eq!(report.parked.len(), 4);
    device.write(&["INSERT INTO rooms (code) VALUES ('E')"]);
    device.delta(1, &[], &[]);
    let batch = device.batch().unwrap();
    assert_eq!((batch["batch"].as_u64(), batch["units"].as_array().unwrap().len()), (Some(2), 1));
}

#[test]
fn a_refused_unit_is_no_longer_doubtful_once_its_number_went_to_another_batch() {
    for (code, shown) in [("batch_reused", "batch_reused"), ("", "body_too_large")] {
        let device = Device::new();
        device.write(&["INSERT INTO rooms (code) VALUES ('A')"]);
        device.units();
        device.cache.refuse_in_flight("body_too_large", None).unwrap();
        device.write(&["INSERT INTO rooms (code) VALUES ('B')"]);
        let units = device.units();
        match code {
            "" => device.answer(&BatchAnswer { units: vec![applied(&units[0])], ..empty_answer(1) }),
            code => device.cache.refuse_in_flight(code, None).unwrap(),
        };
        assert_eq!(device.cache.attention().unwrap()[0].code, shown);
        device.delta(1, &[], &[]);
        device.write(&["INSERT INTO rooms (code) VALUES ('C')"]);
        device.units();
        device.cache.refuse_in_flight("batch_reused", None).unwrap();
        assert_eq!(device.cache.attention().unwrap()[0].code, shown, "its number was another");
    }
}

#[test]
fn a_row_that_was_in_a_refused_request_is_deleted_there_too() {
    let device = Device::new();
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    device.write(&["INSERT INTO patients (name) VALUES ('B')"]);
    device.units();
    device.cache.refuse_in_flight("body_too_large", None).unwrap();
    device.write(&["DELETE FROM patients"]);
    let changes = |units: serde_json::Value| units[0]["changes"].as_array().unwrap().len();
    assert_eq!(changes(device.units()), 1, "perhaps the server has it");
}
