//! A pull meets unsent changes.

use super::*;
use physio_runtime::SyncStatus;

#[test]
fn the_servers_row_comes_with_our_changes_on_top() {
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#]);
    device.write(&["UPDATE patients SET remarks = 'one' WHERE patient_id = 1"]);
    device.write(&["UPDATE patients SET remarks = 'two' WHERE patient_id = 1"]);
    let outcome = device.delta(0, &[("patients", PATIENT, &[r#"["1","A2","theirs","1"]"#])], &[]);
    assert_eq!(
        device.ask("SELECT name, remarks, referred_by, _sync_status FROM patients"),
        "A2|two|1|pending"
    );
    let DeltaOutcome::Applied(changes) = outcome else { panic!() };
    assert_eq!(changes[0].status, Some(SyncStatus::Pending));
    // The edits still begin with what they began with: the server decides whether that is a conflict.
    let units = device.units();
    assert_eq!(units[0]["changes"][0]["base"], json!({"remarks": null}));
    assert_eq!(units[1]["changes"][0]["base"], json!({"remarks": "one"}));
}

#[test]
fn a_row_that_we_deleted_does_not_come_back() {
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#]);
    device.write(&["DELETE FROM patients WHERE patient_id = 1"]);
    let outcome = device.delta(0, &[("patients", PATIENT, &[r#"["1","A2",null,null]"#])], &[]);
    assert_eq!(device.ask("SELECT count(*) FROM patients"), "0");
    let DeltaOutcome::Applied(changes) = outcome else { panic!() };
    assert_eq!(changes[0].status, None);
    assert_eq!(device.ask("SELECT op FROM _physio_outbox"), "delete");
}

#[test]
fn a_row_that_the_server_deleted_stays_while_our_edit_waits() {
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#, r#"["2","B",null,null]"#]);
    device.write(&["UPDATE patients SET remarks = 'mine' WHERE patient_id = 1"]);
    device.delta(0, &[], &[("patients", &[r#"["1"]"#, r#"["2"]"#])]);
    assert_eq!(device.ask("SELECT patient_id, remarks, _sync_status FROM patients"), "1|mine|pending");
}

#[test]
fn a_row_deleted_and_made_again_here_shows_what_was_made() {
    let device = Device::new();
    device.page("rooms", ROOM, &[r#"["R1","old"]"#], false);
    device.write(&["DELETE FROM rooms WHERE code = 'R1'", "INSERT INTO rooms (code) VALUES ('R1')"]);
    device.delta(0, &[("rooms", ROOM, &[r#"["R1","theirs"]"#])], &[]);
    assert_eq!(device.ask("SELECT code, label, _sync_status FROM rooms"), "R1|-|pending");
}

#[test]
fn only_rows_with_unsent_changes_are_held_back() {
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#, r#"["2","B",null,null]"#]);
    device.write(&["UPDATE patients SET remarks = 'mine' WHERE patient_id = 1"]);
    device.delta(0, &[("patients", PATIENT, &[r#"["2","B2",null,null]"#, r#"["1","A2",null,null]"#])], &[]);
    assert_eq!(
        device.ask("SELECT name, remarks, _sync_status FROM patients ORDER BY patient_id"),
        "A2|mine|pending\nB2|-|synced"
    );
}

#[test]
fn text_keys_with_every_kind_of_character_are_found_in_the_outbox() {
    let device = Device::new();
    let keys = [
        "a\"b",
        "back\\slash",
        "tab\tend",
        "new\nline",
        "ä😀",
        "a/b",
        "\u{7f}",
        "\u{1}",
        "'",
        " ",
        "\u{2028}",
    ];
    for key in keys {
        device
            .cache
            .write(|transaction| {
                transaction.execute("INSERT INTO rooms (code, label) VALUES (?1, 'mine')", [key])
            })
            .unwrap();
    }
    let rows: Vec<String> =
        keys.iter().map(|key| serde_json::to_string(&[Some(*key), Some("theirs")]).unwrap()).collect();
    device.delta(0, &[("rooms", ROOM, &rows.iter().map(String::as_str).collect::<Vec<_>>())], &[]);
    assert_eq!(
        device.ask(
            "SELECT count(*), group_concat(DISTINCT label), group_concat(DISTINCT _sync_status) FROM rooms"
        ),
        format!("{}|mine|pending", keys.len())
    );
}

#[test]
fn writes_between_two_chunks_are_seen_by_the_next() {
    let device = Device::new();
    device.page("patients", PATIENT, &[r#"["1","A",null,null]"#], true);
    device.write(&["UPDATE patients SET remarks = 'mine' WHERE patient_id = 1"]);
    // The server sends the row again in a later page (it may: the client asked twice).
    device.page("patients", PATIENT, &[r#"["1","A2",null,null]"#], false);
    assert_eq!(device.ask("SELECT name, remarks, _sync_status FROM patients"), "A2|mine|pending");
}
