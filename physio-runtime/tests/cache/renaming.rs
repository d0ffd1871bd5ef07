//! Renamed tables and columns, values that no longer fit, and files that were brought back or only half way.

use super::migration::{in_use, state};
use super::*;
use physio_runtime::cache::{Resolution, TableState};

const RENAMED: &str = "
[tables.clients]
renamed_from = \"patients\"
[tables.clients.columns.notes]
renamed_from = [\"comment\", \"remarks\"]
[tables.clients.columns.client_id]
renamed_from = \"patient_id\"
[tables.payments.columns.client_id]
renamed_from = \"patient_id\"
";

/// Patients become clients, in the table's name, its key, a reference to it, and a column.
fn renamed() -> Arc<Plan> {
    let dump = DUMP
        .replace("CREATE TABLE patients (\n  patient_id", "CREATE TABLE clients (\n  client_id")
        .replace("remarks mediumtext", "notes mediumtext")
        .replace(
            "payment_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,\n  patient_id",
            "payment_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,\n  client_id",
        )
        .replace(
            "KEY patient_id (patient_id),\n  CONSTRAINT fk_patient FOREIGN KEY (patient_id)",
            "KEY client_id (client_id),\n  CONSTRAINT fk_patient FOREIGN KEY (client_id)",
        )
        .replace("REFERENCES patients (patient_id)", "REFERENCES clients (client_id)");
    plan_of(&dump, &format!("{}{RENAMED}", CONFIG.replace("\"patients\"", "\"clients\"")))
}

#[test]
fn renamed_tables_and_columns_keep_rows_progress_and_unsent_changes() {
    let device = in_use();
    device.write(&[&format!("INSERT INTO payments (patient_id, amount) VALUES ({TEMP}, '5')")]);
    device.write(&[
        "UPDATE patients SET remarks = 'x' WHERE patient_id = 2",
        "DELETE FROM payments WHERE payment_id = 7",
    ]);
    device.cache.store_sync_success("patients", 2).unwrap();
    let device = device.reopened_with(renamed());
    assert_eq!(device.ask("SELECT count(*) FROM sqlite_schema WHERE tbl_name = 'patients'"), "0");
    assert_eq!(
        device.ask("SELECT client_id, name, notes, _sync_status FROM clients ORDER BY client_id"),
        format!("1|A2|mine|pending\n2|B|x|pending\n{TEMP}|new|-|pending")
    );
    assert_eq!(state(&device, "clients"), TableState::Complete, "the server's values are the same");
    assert_eq!(state(&device, "payments"), TableState::Complete);
    assert_eq!(device.ask("SELECT rows_pulled FROM sync_history WHERE table_name = 'clients'"), "2");
    assert!(device.cache.attention().unwrap().is_empty(), "nothing needs a person");
    // Keys go on where they were, and what is written now is captured under the new names.
    device.write(&["INSERT INTO clients (name, notes) VALUES ('newer', 'n')"]);
    let units = device.units();
    assert_eq!(
        units[0]["changes"][0],
        json!({"op": "update", "table": "clients", "key": ["1"], "values": {"name": "A2", "notes": "mine"},
               "base": {"name": "A", "notes": "old"}})
    );
    assert_eq!(units[1]["changes"][0]["table"], "clients");
    assert_eq!(units[1]["changes"][0]["temp"], TEMP);
    assert_eq!(units[3]["changes"][0]["values"]["client_id"], json!({"$ref": ["clients", TEMP]}));
    assert_eq!(units[4]["changes"][1]["base"]["client_id"], "1");
    assert_eq!(units[5]["changes"][0]["temp"], "4503599627370497");
    let migration = device.cache.migration().expect("another schema").clone();
    assert_eq!((migration.from.as_str(), migration.is_back_again), (plan().fingerprint.as_str(), false));
    assert!(migration.parked.is_empty());
    assert!(device.reopened_with(renamed()).cache.migration().is_none(), "a second opening changes nothing");
}

#[test]
fn conflicts_and_their_reasons_follow_a_rename() {
    let device = in_use();
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![
            outcome(&units[0], UnitStatus::Conflict, Some("changed"), Some("patients.remarks")),
            applied(&units[1]),
            applied(&units[2]),
        ],
        keys: vec![mapped("patients", TEMP, "9")],
        rows: vec![row_block("patients", PATIENT, json!([["1", "A", "theirs", null]]))],
        ..empty_answer(1)
    });
    let device = device.reopened_with(renamed());
    let attention = device.cache.attention().unwrap();
    assert_eq!(attention[0].field.as_deref(), Some("clients.notes"));
    let change = &attention[0].changes[0];
    assert_eq!((change.table.as_str(), &change.mine["notes"]), ("clients", &json!("mine")));
    assert_eq!(change.theirs.as_ref().unwrap()["notes"], "theirs");
    assert!(device.batch().is_none(), "it still waits");
    device.cache.resolve_conflict(change.change, Resolution::Mine).unwrap();
    assert_eq!(device.units()[0]["changes"][0]["base"]["notes"], "theirs");
    assert_eq!(device.ask("SELECT count(*) FROM clients WHERE client_id = 9"), "1");
}

#[test]
fn a_batch_in_flight_is_settled_under_the_new_names() {
    // Applied before the server was changed: the stored answer speaks of patients.
    let device = in_use();
    let units = device.units();
    let bytes = device.cache.next_batch().unwrap().unwrap().bytes;
    let device = device.reopened_with(renamed());
    assert_eq!(device.cache.next_batch().unwrap().unwrap().bytes, bytes, "a retry sends the same bytes");
    let report = device.answer(&BatchAnswer {
        units: units.as_array().unwrap().iter().map(applied).collect(),
        keys: vec![mapped("patients", TEMP, "9")],
        rows: vec![row_block(
            "patients",
            PATIENT,
            json!([["1", "A2", "mine", null], ["9", "new", null, null]]),
        )],
        ..empty_answer(1)
    });
    assert_eq!((report.remapped[0].table.as_str(), report.parked.len()), ("clients", 0));
    assert_eq!(
        device.ask("SELECT client_id, notes, _sync_status FROM clients ORDER BY client_id"),
        "1|mine|synced\n2|-|synced\n9|-|synced"
    );
    assert_eq!(device.ask("SELECT count(*) FROM _physio_outbox"), "0");

    // Not applied: the new server does not know the old names, and the units go again in the new ones.
    let device = in_use();
    let units = device.units();
    let device = device.reopened_with(renamed());
    let refused = |unit| outcome(unit, UnitStatus::Failed, Some("unknown_table"), None);
    let report = device.answer(&BatchAnswer {
        units: vec![refused(&units[0]), refused(&units[1]), applied(&units[2])],
        ..empty_answer(1)
    });
    assert!(report.parked.is_empty() && device.cache.attention().unwrap().is_empty());
    let again = device.batch().unwrap();
    assert_eq!(again["batch"], 2);
    assert_eq!(again["units"][0]["changes"][0]["table"], "clients");
    assert_eq!(again["units"].as_array().unwrap().len(), 2);
}

#[test]
fn unsent_values_of_a_retyped_column_convert_or_are_shown() {
    let device = in_use();
    device.page("rooms", ROOM, &[r#"["R2","5"]"#, r#"["R3","6"]"#], false);
    device.write(&["UPDATE rooms SET label = '12' WHERE code = 'R2'"]);
    device.write(&["UPDATE rooms SET label = NULL WHERE code = 'R3'"]);
    device.write(&[
        "INSERT INTO rooms (code, label) VALUES ('R5', '13')",
        "INSERT INTO rooms (code, label) VALUES ('R6', 'six')",
    ]);
    device.write(&["UPDATE patients SET remarks = 'longer than allowed' WHERE patient_id = 2"]);
    let dump = DUMP
        .replace("label varchar(40) DEFAULT NULL", "label int DEFAULT NULL")
        .replace("remarks mediumtext", "remarks varchar(5)");
    let device = device.reopened_with(plan_of(&dump, CONFIG));
    let told: Vec<(String, String, Option<String>)> = device
        .cache
        .migration()
        .unwrap()
        .parked
        .iter()
        .map(|parked| (parked.table.clone(), parked.code.clone(), parked.field.clone()))
        .collect();
    let rooms = ("rooms".to_owned(), "bad_value".to_owned(), Some("rooms.label".to_owned()));
    // The unit that cannot make its room, the room's label, the edit of R1, and the long remark.
    assert_eq!(told.iter().filter(|told| **told == rooms).count(), 3, "{told:?}");
    assert!(
        told.contains(&("patients".into(), "too_long".into(), Some("patients.remarks".into()))),
        "{told:?}"
    );
    let attention = device.cache.attention().unwrap();
    assert_eq!(attention.len() as u64, device.cache.counts().unwrap().attention);
    let shown: Vec<&serde_json::Value> = attention
        .iter()
        .flat_map(|unit| &unit.changes)
        .filter_map(|change| change.mine.get("label").or(change.mine.get("remarks")))
        .collect();
    for value in ["mine", "six", "longer than allowed"] {
        assert!(shown.contains(&&json!(value)), "{value} is shown: {shown:?}");
    }
    let units = device.units();
    let sent = |code: &str| {
        let found = units.as_array().unwrap().iter().flat_map(|unit| unit["changes"].as_array().unwrap());
        found.into_iter().find(|change| change["key"] == json!([code])).map(|change| change["values"].clone())
    };
    assert_eq!(sent("R2"), Some(json!({"label": "12"})));
    assert_eq!(sent("R3"), Some(json!({"label": null})));
    assert_eq!(sent("R1"), None, "nothing of it is left to send");
    // A row that keeps nothing unsent takes what the server sends.
    device.page("rooms", ROOM, &[r#"["R1","1"]"#, r#"["R2","5"]"#, r#"["R3","6"]"#], false);
    assert_eq!(
        device.ask("SELECT code, label, _sync_status FROM rooms ORDER BY code"),
        "R1|1|synced\nR2|12|pending\nR3|-|pending\nR5|13|pending\nR6|-|pending"
    );
}

#[test]
fn an_emptied_value_that_is_required_now_is_shown() {
    let device = in_use();
    device.page("rooms", ROOM, &[r#"["R2","5"]"#], false);
    device.write(&["UPDATE rooms SET label = NULL WHERE code = 'R2'"]);
    let dump = DUMP.replace("label varchar(40) DEFAULT NULL", "label varchar(40) NOT NULL");
    let device = device.reopened_with(plan_of(&dump, CONFIG));
    let attention = device.cache.attention().unwrap();
    assert_eq!(
        (attention[0].code.as_str(), attention[0].field.as_deref()),
        ("not_null", Some("rooms.label"))
    );
}

#[test]
fn a_schema_that_was_changed_back_is_migrated_and_told() {
    let wider = DUMP.replace("remarks mediumtext", "city varchar(40) DEFAULT NULL, remarks mediumtext");
    let device = in_use().reopened_with(plan_of(&wider, CONFIG));
    device.write(&["UPDATE patients SET city = 'Pune' WHERE patient_id = 2"]);
    let device = device.reopened();
    let migration = device.cache.migration().unwrap();
    assert!(migration.is_back_again);
    assert_eq!(migration.parked[0].field.as_deref(), Some("patients.city"));
    assert_eq!(device.units().as_array().unwrap().len(), 3);
    assert!(
        !device
            .reopened_with(plan_of(&wider, CONFIG))
            .reopened_with(renamed())
            .cache
            .migration()
            .unwrap()
            .is_back_again
    );
}

#[test]
fn a_migration_that_breaks_off_leaves_the_old_file() {
    let device = in_use();
    let schema = "SELECT group_concat(sql) FROM sqlite_schema";
    let all = "SELECT group_concat(table_name || row_key || coalesce(base, '') || coalesce(changed, '')) FROM _physio_outbox";
    let before = (device.ask(schema), device.ask(all));
    // The last table of the plan cannot be made: by then patients and payments are rebuilt.
    device.foreign().execute_batch("CREATE TABLE zones (of_the_application TEXT)").unwrap();
    let dump = DUMP.replace("remarks mediumtext", "remarks varchar(5)")
        + "CREATE TABLE zones (zone_id int NOT NULL PRIMARY KEY);";
    let config = CONFIG.replace("\"roles\"]", "\"roles\", \"zones\"]");
    let error = Cache::open(&device.file(), plan_of(&dump, &config)).unwrap_err();
    assert!(error.to_string().contains("zones"), "{error}");
    device.foreign().execute_batch("DROP TABLE zones").unwrap();
    assert_eq!((device.ask(schema), device.ask(all)), before);
    let device = device.reopened();
    assert!(device.cache.migration().is_none());
    assert_eq!(device.units().as_array().unwrap().len(), 3);
}

#[test]
fn a_kill_at_any_byte_of_a_migration_leaves_the_old_file_or_the_new_one() {
    let device = in_use();
    let Device { folder, cache } = device;
    drop(cache);
    let file = folder.path().join("physio_cache.db");
    Connection::open(&file).unwrap().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let old = std::fs::read(&file).unwrap();
    let migrated = Cache::open(&file, renamed()).unwrap();
    let log = std::fs::read(folder.path().join("physio_cache.db-wal")).unwrap();
    drop(migrated);
    let mut n_new = 0;
    // A kill leaves some first part of the log; its last transaction counts only when all of it is there.
    for part in 0..=40 {
        let killed = tempfile::tempdir().unwrap();
        let file = killed.path().join("physio_cache.db");
        std::fs::write(&file, &old).unwrap();
        std::fs::write(killed.path().join("physio_cache.db-wal"), &log[..log.len() * part / 40]).unwrap();
        let raw = Connection::open(&file).unwrap();
        let ask = |sql: &str| raw.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        let fingerprint = ask("SELECT value FROM _physio_meta WHERE name = 'fingerprint'");
        let table = ask("SELECT name FROM sqlite_schema WHERE name IN ('patients', 'clients')");
        let outbox = ask("SELECT table_name FROM _physio_outbox ORDER BY change_id LIMIT 1");
        let is_new = fingerprint == renamed().fingerprint;
        let expected = if is_new { "clients" } else { "patients" };
        assert_eq!((table.as_str(), outbox.as_str()), (expected, expected), "part {part}");
        assert!(is_new || fingerprint == plan().fingerprint, "part {part}");
        n_new += u32::from(is_new);
        drop(raw);
        let device = Device { cache: Cache::open(&file, renamed()).unwrap(), folder: killed };
        assert_eq!(device.units().as_array().unwrap().len(), 3, "part {part}");
    }
    assert!((1..40).contains(&n_new), "both were seen: {n_new}");
}
