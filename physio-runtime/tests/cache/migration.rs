//! A file of an older schema is brought up to date; what was not sent stays.

use super::*;
use physio_runtime::cache::{ParkedState, Resolution, TableState};

pub(super) fn state(device: &Device, table: &str) -> TableState {
    let state = device.cache.pull_state().unwrap();
    state.tables.into_iter().find(|progress| progress.table == table).unwrap().state
}

/// Patients, payments and rooms are pulled; each has an unsent change.
pub(super) fn in_use() -> Device {
    let device = Device::new();
    device.cache.store_first_cursor(&Cursor("e.1".into()), 0).unwrap();
    device.patients(&[r#"["1","A","old",null]"#, r#"["2","B",null,null]"#]);
    device.payments(&[r#"["7","1","10.50","n"]"#]);
    device.page("rooms", ROOM, &[r#"["R1","first"]"#], false);
    device.write(&["UPDATE patients SET remarks = 'mine', name = 'A2' WHERE patient_id = 1"]);
    device.write(&["INSERT INTO patients (name) VALUES ('new')"]);
    device.write(&["UPDATE rooms SET label = 'mine'"]);
    device
}

#[test]
fn the_same_plan_again_changes_nothing() {
    let device = in_use();
    let before = device.ask("SELECT group_concat(sql) FROM sqlite_schema");
    let device = device.reopened();
    assert_eq!(device.ask("SELECT group_concat(sql) FROM sqlite_schema"), before);
    assert_eq!(state(&device, "patients"), TableState::Complete);
    assert_eq!(device.units().as_array().unwrap().len(), 3);
}

#[test]
fn other_sync_settings_change_not_a_byte_of_the_file() {
    let device = in_use();
    // With the log in the file, so that everything written afterwards is seen.
    device.foreign().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let bytes = |device: &Device| {
        let log = format!("{}-wal", device.file().display());
        (std::fs::read(device.file()).unwrap(), std::fs::read(log).unwrap_or_default())
    };
    let before = bytes(&device);
    let waves = "[[waves]]\nname = \"first\"";
    let config = CONFIG.replacen(
        waves,
        &format!(
            "[sync]\ninterval_s = 7\npush_bytes = 5000\nstale_after_s = 11\n{}",
            waves.replace("first", "early")
        ),
        1,
    );
    let other = plan_of(DUMP, &config);
    assert_ne!(other.sync, plan().sync);
    assert_ne!(other.waves, plan().waves);
    let device = device.reopened_with(Arc::clone(&other));
    assert!(bytes(&device) == before, "settings were written into the file");
    assert_eq!(device.cache.plan().sync, other.sync);
    assert!(device.cache.migration().is_none());
    // What the file does depend on is still seen.
    let device = device.reopened_with(plan_of(DUMP, &(config + "[tables.rooms]\nwritable = false\n")));
    assert!(bytes(&device) != before);
    let refused = device.cache.write(|tx| tx.execute("UPDATE rooms SET label = 'x'", []));
    assert!(refused.is_err(), "its triggers are new");
}

#[test]
fn new_columns_and_tables_appear_and_unsent_changes_are_sent() {
    let device = in_use();
    let dump = DUMP.replace(
        "remarks mediumtext DEFAULT NULL,",
        "remarks mediumtext DEFAULT NULL, city varchar(40) DEFAULT NULL,",
    ) + "CREATE TABLE doctors (doctor_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(40));";
    let config = CONFIG.replace("\"rooms\", ", "\"rooms\", \"doctors\", ");
    let device = device.reopened_with(plan_of(&dump, &config));
    assert_eq!(
        device.ask("SELECT patient_id, name, remarks, city, _sync_status FROM patients ORDER BY patient_id"),
        format!("1|A2|mine|-|pending\n2|B|-|-|synced\n{TEMP}|new|-|-|pending")
    );
    assert_eq!(state(&device, "patients"), TableState::Empty, "the new column's values are on the server");
    assert_eq!(state(&device, "doctors"), TableState::Empty);
    assert_eq!(state(&device, "payments"), TableState::Complete);
    assert_eq!(device.cache.pull_state().unwrap().cursor, Some(Cursor("e.1".into())));
    device.page(
        "patients",
        &["patient_id", "name", "remarks", "city", "referred_by"],
        &[r#"["1","A","old","Pune",null]"#, r#"["3","C",null,"Agra",null]"#],
        false,
    );
    assert_eq!(
        device.ask("SELECT patient_id, name, remarks, city FROM patients ORDER BY patient_id"),
        format!("1|A2|mine|Pune\n3|C|-|Agra\n{TEMP}|new|-|-")
    );
    // Local writes are captured by the new triggers, and temporary keys go on where they were.
    device.write(&[
        "INSERT INTO patients (name, city) VALUES ('newer', 'Goa')",
        "INSERT INTO doctors (name) VALUES ('D')",
    ]);
    let units = device.units();
    assert_eq!(units.as_array().unwrap().len(), 4);
    assert_eq!(units[3]["changes"][0]["temp"], "4503599627370497");
    assert_eq!(units[3]["changes"][0]["values"]["city"], "Goa");
}

#[test]
fn columns_that_vanish_leave_queued_changes_and_are_shown() {
    let device = in_use();
    let dump = DUMP.replace("remarks mediumtext DEFAULT NULL,", "");
    let device = device.reopened_with(plan_of(&dump, CONFIG));
    let attention = device.cache.attention().unwrap();
    assert_eq!(attention.len(), 1);
    assert_eq!((attention[0].state, attention[0].code.as_str()), (ParkedState::Notice, "unknown_column"));
    assert_eq!(attention[0].field.as_deref(), Some("patients.remarks"));
    assert_eq!(attention[0].changes[0].mine["remarks"], "mine");
    assert_eq!(device.ask("SELECT name, _sync_status FROM patients WHERE patient_id = 1"), "A2|pending");
    let units = device.units();
    assert_eq!(units[0]["changes"][0]["values"], json!({"name": "A2"}));
    device.cache.resolve_conflict(attention[0].changes[0].change, Resolution::Theirs).unwrap();
    assert!(device.cache.attention().unwrap().is_empty());
    assert_eq!(device.ask("SELECT count(*) FROM _physio_outbox"), "3");
}

#[test]
fn tables_that_vanish_take_their_rows_but_not_the_unsent_work() {
    let device = in_use();
    let config = CONFIG.replace("\"rooms\", ", "");
    let device = device.reopened_with(plan_of(DUMP, &config));
    assert_eq!(device.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'rooms'"), "0");
    let attention = device.cache.attention().unwrap();
    assert_eq!((attention[0].code.as_str(), attention[0].field.as_deref()), ("unknown_table", Some("rooms")));
    assert_eq!(attention[0].changes[0].mine["label"], "mine");
    assert_eq!(device.units().as_array().unwrap().len(), 2, "the others are sent");
    device.cache.discard_unit(attention[0].unit).unwrap();
    assert!(device.cache.attention().unwrap().is_empty());
}

#[test]
fn retyped_columns_keep_what_converts_without_loss() {
    let device = in_use();
    device.page("rooms", ROOM, &[r#"["R2","17"]"#, r#"["R3","017"]"#, r#"["R4",null]"#], false);
    let dump = DUMP
        .replace("label varchar(40) DEFAULT NULL", "label int DEFAULT NULL")
        .replace("note varchar(100) DEFAULT NULL", "note double DEFAULT NULL")
        .replace("visit_no int NOT NULL", "visit_no varchar(10) NOT NULL");
    device.write(&["INSERT INTO visits (patient_id, visit_no) VALUES (2, 3)"]);
    let device = device.reopened_with(plan_of(&dump, CONFIG));
    assert_eq!(device.ask("SELECT code, label FROM rooms ORDER BY code"), "R1|-\nR2|17\nR3|-\nR4|-");
    assert_eq!(state(&device, "rooms"), TableState::Empty);
    assert_eq!(device.ask("SELECT visit_no, typeof(visit_no), _sync_status FROM visits"), "3|text|pending");
    // The edit of a label that is no number is parked when its turn comes; nothing is lost.
    let units = device.units();
    assert_eq!(units.as_array().unwrap().len(), 3);
    let attention = device.cache.attention().unwrap();
    assert_eq!(
        (attention[0].code.as_str(), attention[0].field.as_deref()),
        ("bad_value", Some("rooms.label"))
    );
    assert_eq!(attention[0].changes[0].mine["label"], "mine");
}

#[test]
fn with_another_key_queued_changes_are_shown_and_the_rows_are_read_again() {
    let device = in_use();
    let dump = DUMP.replace(
        "CREATE TABLE rooms (code varchar(10) NOT NULL PRIMARY KEY, label varchar(40) DEFAULT NULL)",
        "CREATE TABLE rooms (code varchar(10) NOT NULL, label varchar(40) NOT NULL, PRIMARY KEY (label, code))",
    );
    let device = device.reopened_with(plan_of(&dump, CONFIG));
    assert_eq!(device.ask("SELECT count(*) FROM rooms"), "0");
    assert_eq!(state(&device, "rooms"), TableState::Empty);
    assert_eq!(device.cache.attention().unwrap()[0].changes[0].mine["label"], "mine");
    device.cache.discard_unit(device.cache.attention().unwrap()[0].unit).unwrap();
    device.page("rooms", ROOM, &[r#"["R1","first"]"#], false);
    assert_eq!(device.ask("SELECT label, code, _sync_status FROM rooms"), "first|R1|synced");
}

#[test]
fn rules_of_physio_toml_take_effect_without_another_pull() {
    let device = in_use();
    let config = format!("{CONFIG}\n[tables.rooms]\nwritable = false\n");
    let device = device.reopened_with(plan_of(DUMP, &config));
    assert_eq!(state(&device, "patients"), TableState::Complete);
    let error = device
        .cache
        .write(|transaction| transaction.execute("INSERT INTO rooms (code) VALUES ('X')", []))
        .unwrap_err();
    assert!(error.to_string().contains("read-only"), "{error}");
}

#[test]
fn what_an_application_made_itself_survives() {
    let device = in_use();
    device
        .foreign()
        .execute_batch(
            "CREATE VIEW patient_names AS SELECT name FROM patients;
             CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT);
             INSERT INTO settings VALUES ('theme', 'dark');",
        )
        .unwrap();
    let dump = DUMP.replace("remarks mediumtext DEFAULT NULL,", "");
    let device = device.reopened_with(plan_of(&dump, CONFIG));
    assert_eq!(device.ask("SELECT count(*) FROM patient_names"), "3");
    assert_eq!(device.ask("SELECT value FROM settings"), "dark");
}

#[test]
fn there_and_back_again_keeps_the_unsent_changes() {
    let device = in_use();
    let wider = DUMP.replace(
        "remarks mediumtext DEFAULT NULL,",
        "remarks mediumtext DEFAULT NULL, city varchar(40) DEFAULT NULL,",
    );
    let device =
        device.reopened_with(plan_of(&wider, CONFIG)).reopened().reopened_with(plan_of(&wider, CONFIG));
    assert_eq!(device.units().as_array().unwrap().len(), 3);
    assert!(device.cache.attention().unwrap().is_empty());
}
