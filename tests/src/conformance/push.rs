//! Inserts, updates, deletes and conflicts.

use super::Target;
use serde_json::{Value, json};

/// The status of a unit by its position, with its code.
pub(super) fn outcome(answer: &Value, unit: usize) -> (String, String) {
    let unit = &answer["units"][unit];
    let text = |name: &str| unit[name].as_str().unwrap_or_default().to_owned();
    (text("status"), text("code"))
}

#[track_caller]
pub(super) fn assert_applied(answer: &Value) {
    for unit in answer["units"].as_array().expect("a list of units") {
        assert_eq!(unit["status"], "applied", "{answer}");
        assert!(unit.get("code").is_none_or(Value::is_null), "{unit}");
    }
}

#[track_caller]
pub(super) fn assert_conflict(answer: &Value, change: u64, code: &str, field: Option<&str>) {
    let unit = &answer["units"][0];
    assert_eq!((&unit["status"], &unit["code"]), (&json!("conflict"), &json!(code)), "{answer}");
    assert_eq!(unit["change"], change, "{answer}");
    if let Some(field) = field {
        assert_eq!(unit["field"], field, "{answer}");
    }
}

/// A column of a row in the answer's `rows`, found by the value of its first column.
#[track_caller]
pub(super) fn answered(answer: &Value, table: &str, key: &str, column: &str) -> Value {
    let blocks = answer["rows"].as_array().expect("a list of row blocks");
    let block = blocks.iter().find(|block| block["table"] == table);
    let block = block.unwrap_or_else(|| panic!("no rows of {table}: {answer}"));
    let columns = block["columns"].as_array().expect("a list of columns");
    let position = columns.iter().position(|name| name == column).expect("the table has the column");
    let rows = block["rows"].as_array().expect("a list of rows");
    let row = rows.iter().find(|row| row[0] == key).unwrap_or_else(|| panic!("no row {key}: {answer}"));
    row[position].clone()
}

pub(super) fn branch(name: &str) -> Value {
    json!({"branch_name": name, "clinic_name": "Clinic"})
}

pub(super) fn patient() -> Value {
    json!({"branch_id": "1", "treatment_type": "daily", "total_amount": "100.00", "due_amount": "100.00",
           "start_date": "2026-03-01", "end_date": "2026-03-31"})
}

/// Defaults filled in, decimals with their places, and the same row on the server.
pub fn an_insert_gets_its_key_and_comes_back_as_stored(target: &impl Target) {
    target.add_clinic_rows();
    let mut values = patient();
    values["total_amount"] = json!("100.5");
    let answer = target.client().push_changes(
        1,
        json!([{"op": "insert", "table": "patients", "temp": "4503599627370500", "values": values}]),
    );
    assert_applied(&answer);
    let mapped = &answer["keys"][0];
    assert_eq!((&mapped["table"], &mapped["temp"]), (&json!("patients"), &json!("4503599627370500")));
    let key = mapped["key"].as_str().expect("a key");
    assert_eq!(answered(&answer, "patients", key, "total_amount"), "100.50");
    assert_eq!(answered(&answer, "patients", key, "payment_method"), "cash");
    assert_eq!(answered(&answer, "patients", key, "discount_percentage"), "0.00");
    assert_eq!(answered(&answer, "patients", key, "remarks"), Value::Null);
    assert!(answered(&answer, "patients", key, "created_at").as_str().is_some_and(|text| text.len() == 19));
    assert_eq!(target.count(&format!("patients WHERE patient_id = {key} AND due_amount = '100.00'")), 1);
}

/// A payment of a patient, both new.
pub fn a_reference_in_the_same_unit_is_resolved(target: &impl Target) {
    target.add_clinic_rows();
    let answer = target.client().push_changes(
        1,
        json!([
            {"op": "insert", "table": "patients", "temp": "4503599627370496", "values": patient()},
            {"op": "insert", "table": "payments", "temp": "4503599627370496", "values": {
                "patient_id": {"$ref": ["patients", "4503599627370496"]}, "payment_date": "2026-03-01", "amount": "10.50"}}
        ]),
    );
    assert_applied(&answer);
    let keys = answer["keys"].as_array().expect("a list of keys");
    let key_of =
        |table: &str| keys.iter().find(|key| key["table"] == table).expect("both are mapped")["key"].clone();
    let payment = key_of("payments");
    let payment = payment.as_str().expect("a key");
    assert_eq!(answered(&answer, "payments", payment, "patient_id"), key_of("patients"));
}

/// The same, in two units of one batch.
pub fn a_reference_to_an_earlier_unit_is_resolved(target: &impl Target) {
    let answer = target.client().push(
        1,
        json!([
            {"unit": "a", "changes": [{"op": "insert", "table": "branches", "temp": "9", "values": branch("New")}]},
            {"unit": "b", "changes": [{"op": "insert", "table": "notifications", "temp": "9", "values": {
                "branch_id": {"$ref": ["branches", "9"]}, "message": "hello"}}]}
        ]),
    );
    assert_applied(&answer);
    assert_eq!(
        target.count("notifications JOIN branches ON notifications.branch_id = branches.branch_id"),
        1
    );
}

/// The device has not seen the answer to batch 1 when it writes batch 2.
pub fn a_reference_to_the_batch_before_is_resolved(target: &impl Target) {
    let client = target.client();
    client.push_changes(
        1,
        json!([{"op": "insert", "table": "branches", "temp": "9", "values": branch("New")}]),
    );
    let answer = client.push_changes(
        2,
        json!([{"op": "insert", "table": "notifications", "temp": "5", "values": {
            "branch_id": {"$ref": ["branches", "9"]}, "message": "hello"}}]),
    );
    assert_applied(&answer);
    let keys = answer["keys"].as_array().expect("a list of keys");
    let again = keys.iter().find(|key| key["table"] == "branches").expect("the key is named again");
    assert_eq!(again["temp"], "9");
    let key = again["key"].as_str().expect("a key");
    assert_eq!(target.count(&format!("notifications WHERE branch_id = {key}")), 1);
    // Two batches later, it is still the one before that named the key.
    let answer = client.push_changes(
        3,
        json!([{"op": "insert", "table": "notifications", "temp": "6", "values": {
            "branch_id": {"$ref": ["branches", "9"]}, "message": "again"}}]),
    );
    assert_applied(&answer);
    client.push_changes(
        4,
        json!([{"op": "insert", "table": "branches", "temp": "10", "values": branch("Next")}]),
    );
    let answer = client.push_changes(
        5,
        json!([{"op": "insert", "table": "notifications", "temp": "7", "values": {
            "branch_id": {"$ref": ["branches", "9"]}, "message": "late"}}]),
    );
    assert_eq!(
        outcome(&answer, 0),
        ("failed".into(), "unknown_reference".into()),
        "the map of one batch is kept"
    );
}

/// The device was told to try a unit again that had arrived.
pub fn a_temporary_row_of_the_batch_before_is_not_made_again(target: &impl Target) {
    let client = target.client();
    let insert = json!([{"op": "insert", "table": "branches", "temp": "9", "values": branch("Once")}]);
    assert_applied(&client.push_changes(1, insert.clone()));
    let answer = client.push_changes(2, insert);
    assert_eq!(outcome(&answer, 0), ("failed".into(), "bad_value".into()));
    assert_eq!(answer["keys"][0]["temp"], "9", "the answer says what became of it");
    assert_eq!(target.count("branches WHERE branch_name = 'Once'"), 1);
}

/// Made, changed and deleted within one batch.
pub fn a_reference_may_stand_in_a_key(target: &impl Target) {
    let client = target.client();
    let answer = client.push(
        1,
        json!([
            {"unit": "a", "changes": [{"op": "insert", "table": "branches", "temp": "9", "values": branch("New")},
                                      {"op": "insert", "table": "branches", "temp": "10", "values": branch("Other")}]},
            {"unit": "b", "changes": [{"op": "update", "table": "branches", "key": [{"$ref": ["branches", "9"]}],
                                       "values": {"branch_name": "Newer"}, "base": {"branch_name": "New"}}]},
            {"unit": "c", "changes": [{"op": "delete", "table": "branches", "key": [{"$ref": ["branches", "10"]}],
                                       "base": {"branch_name": "Other"}}]}
        ]),
    );
    assert_applied(&answer);
    assert_eq!(target.query("SELECT branch_name FROM branches"), [Some("Newer".to_owned())]);
    assert_eq!(answer["deleted"][0]["table"], "branches");
}

/// No `temp`, no entry in `keys`.
pub fn an_insert_with_a_text_key_names_it(target: &impl Target) {
    let answer = target.client().push_changes(
        1,
        json!([{"op": "insert", "table": "system_settings", "values": {"setting_key": "logo", "setting_value": "a.png"}}]),
    );
    assert_applied(&answer);
    assert_eq!(answer["keys"], json!([]));
    assert_eq!(answered(&answer, "system_settings", "logo", "setting_value"), "a.png");
    let again = target.client().push_changes(
        2,
        json!([{"op": "insert", "table": "system_settings", "values": {"setting_key": "logo", "setting_value": "b.png"}}]),
    );
    assert_conflict(&again, 0, "duplicate_key", Some("system_settings.setting_key"));
    assert_eq!(
        answered(&again, "system_settings", "logo", "setting_value"),
        "a.png",
        "a conflict shows the row"
    );
}

fn update_test(values: Value, base: Value) -> Value {
    json!([{"op": "update", "table": "tests", "key": ["21"], "values": values, "base": base}])
}

/// The answer holds the whole row.
pub fn an_update_of_an_unchanged_row_is_applied(target: &impl Target) {
    target.add_clinic_rows();
    let changes = update_test(json!({"test_status": "completed"}), json!({"test_status": "pending"}));
    let answer = target.client().push_changes(1, changes);
    assert_applied(&answer);
    assert_eq!(answered(&answer, "tests", "21", "test_status"), "completed");
    assert_eq!(answered(&answer, "tests", "21", "test_uid"), "T-21");
    assert_eq!(target.count("tests WHERE test_id = 21 AND test_status = 'completed'"), 1);
}

/// Only the changed columns are written.
pub fn an_update_leaves_other_columns_alone(target: &impl Target) {
    target.add_clinic_rows();
    target.execute("UPDATE tests SET patient_name = 'Person B', limb = 'left' WHERE test_id = 21");
    let changes = update_test(json!({"test_status": "completed"}), json!({"test_status": "pending"}));
    assert_applied(&target.client().push_changes(1, changes));
    assert_eq!(
        target.count("tests WHERE patient_name = 'Person B' AND limb = 'left' AND test_status = 'completed'"),
        1
    );
}

/// Two people made the same edit.
pub fn an_update_that_finds_its_own_value_is_applied(target: &impl Target) {
    target.add_clinic_rows();
    target.execute("UPDATE tests SET test_status = 'completed' WHERE test_id = 21");
    let changes = update_test(json!({"test_status": "completed"}), json!({"test_status": "pending"}));
    assert_applied(&target.client().push_changes(1, changes));
}

/// `100.0` and `100.00` are one DECIMAL, `007` and `7` one number; a text is compared byte by byte.
pub fn base_and_value_are_compared_by_meaning(target: &impl Target) {
    target.add_clinic_rows();
    let client = target.client();
    let decimal = update_test(json!({"total_amount": "150"}), json!({"total_amount": "100.0"}));
    let answer = client.push_changes(1, decimal);
    assert_applied(&answer);
    assert_eq!(answered(&answer, "tests", "21", "total_amount"), "150.00");
    let integer = update_test(json!({"branch_id": "2"}), json!({"branch_id": "001"}));
    assert_applied(&client.push_changes(2, integer));
    let text = update_test(json!({"patient_name": "Person Z"}), json!({"patient_name": "PERSON A"}));
    assert_conflict(&client.push_changes(3, text), 0, "changed", Some("tests.patient_name"));
}

/// Case, accents and spaces at the end make another text, whatever the column's collation says.
pub fn only_the_very_same_text_counts_as_unchanged(target: &impl Target) {
    target.add_clinic_rows();
    let client = target.client();
    for (batch, base) in (1..).zip(["person a", "Person A ", "Pérson A", ""]) {
        let answer = match batch {
            1 | 2 => client.push_changes(
                batch,
                update_test(json!({"patient_name": "B"}), json!({"patient_name": base})),
            ),
            _ => client.push_changes(batch, delete_test(json!({"patient_name": base}))),
        };
        assert_conflict(&answer, 0, "changed", Some("tests.patient_name"));
        assert_eq!(answered(&answer, "tests", "21", "patient_name"), "Person A");
    }
    let upper = |op: &str, values: Value| {
        let mut change = json!({"op": op, "table": "system_settings", "key": ["THEME"], "base": {"setting_value": "dark"}});
        if op == "update" {
            change["values"] = values;
        }
        json!([change])
    };
    let answer = client.push_changes(5, upper("update", json!({"setting_value": "light"})));
    assert_conflict(&answer, 0, "gone", Some("system_settings"));
    // There is no such row, so there is nothing to delete; the row of the other spelling stays.
    assert_applied(&client.push_changes(6, upper("delete", json!(null))));
    assert_eq!(target.count("system_settings WHERE setting_value = 'dark'"), 1);
}

/// Units of one change and of several in one batch: what fails is undone whole, and nothing of its neighbours.
pub fn a_unit_of_several_changes_is_undone_alone(target: &impl Target) {
    target.add_clinic_rows();
    let insert =
        |temp: &str| json!({"op": "insert", "table": "branches", "temp": temp, "values": branch(temp)});
    let bad = json!({"op": "insert", "table": "payments", "temp": "9",
                     "values": {"patient_id": "9999", "payment_date": "2026-01-01", "amount": "1.00"}});
    let answer = target.client().push(
        1,
        json!([
            {"unit": "1", "changes": [insert("1")]},
            {"unit": "2", "changes": [insert("2"), bad]},
            {"unit": "3", "changes": [insert("3")]},
            {"unit": "4", "changes": [insert("4"), insert("5")]},
            {"unit": "5", "changes": [bad]},
            {"unit": "6", "changes": [insert("6"), insert("7"), bad]},
            {"unit": "7", "changes": [insert("8")]}
        ]),
    );
    let units = answer["units"].as_array().expect("a list");
    let statuses: Vec<&str> = units.iter().filter_map(|unit| unit["status"].as_str()).collect();
    assert_eq!(
        statuses,
        ["applied", "failed", "applied", "applied", "failed", "failed", "applied"],
        "{answer}"
    );
    assert_eq!(target.count("branches WHERE branch_name IN ('1', '3', '4', '5', '8')"), 5);
    assert_eq!(target.count("branches WHERE branch_name IN ('2', '6', '7')"), 0);
    let keys = answer["keys"].as_array().expect("a list");
    assert_eq!(keys.len(), 5, "{answer}");
}

/// The unit is not applied, and the answer shows the server's row.
pub fn a_manual_column_that_changed_is_a_conflict(target: &impl Target) {
    target.add_clinic_rows();
    target.execute("UPDATE tests SET test_status = 'cancelled' WHERE test_id = 21");
    let changes = update_test(json!({"test_status": "completed"}), json!({"test_status": "pending"}));
    let answer = target.client().push_changes(1, changes);
    assert_conflict(&answer, 0, "changed", Some("tests.test_status"));
    assert_eq!(answered(&answer, "tests", "21", "test_status"), "cancelled");
    assert_eq!(target.count("tests WHERE test_status = 'cancelled'"), 1);
}

/// Columns are compared one by one, and only those of the edit.
pub fn another_columns_change_is_no_conflict(target: &impl Target) {
    target.add_clinic_rows();
    target.execute("UPDATE tests SET limb = 'left' WHERE test_id = 21");
    let changes = update_test(json!({"test_status": "completed"}), json!({"test_status": "pending"}));
    assert_applied(&target.client().push_changes(1, changes));
}

/// `patients.remarks` has the rule `client`.
pub fn a_client_column_that_changed_is_overwritten(target: &impl Target) {
    target.add_clinic_rows();
    target.execute("UPDATE patients SET remarks = 'theirs' WHERE patient_id = 11");
    let answer = target.client().push_changes(
        1,
        json!([{"op": "update", "table": "patients", "key": ["11"], "values": {"remarks": "mine"}, "base": {"remarks": "first"}}]),
    );
    assert_applied(&answer);
    assert_eq!(answered(&answer, "patients", "11", "remarks"), "mine");
}

/// `system_settings` has the rule `server`.
pub fn a_server_column_that_changed_stays(target: &impl Target) {
    target.add_clinic_rows();
    target.execute("UPDATE system_settings SET setting_value = 'theirs' WHERE setting_key = 'theme'");
    let answer = target.client().push_changes(
        1,
        json!([{"op": "update", "table": "system_settings", "key": ["theme"], "values": {"setting_value": "mine"},
                "base": {"setting_value": "dark"}}]),
    );
    assert_applied(&answer);
    assert_eq!(answered(&answer, "system_settings", "theme", "setting_value"), "theirs");
    let kept = json!([{"table": "system_settings", "key": ["theme"], "columns": ["setting_value"]}]);
    assert_eq!(answer["units"][0]["kept"], kept, "the client learns where it did not get its way");
    // What it writes with the server's value as its base is no such case.
    let answer = target.client().push_changes(
        2,
        json!([{"op": "update", "table": "system_settings", "key": ["theme"], "values": {"setting_value": "mine"},
                "base": {"setting_value": "theirs"}}]),
    );
    assert_applied(&answer);
    assert_eq!(answer["units"][0].get("kept"), None, "{answer}");
}

/// Nothing was kept where nothing was applied.
pub fn a_unit_that_is_undone_keeps_nothing(target: &impl Target) {
    target.add_clinic_rows();
    target.execute("UPDATE system_settings SET setting_value = 'theirs' WHERE setting_key = 'theme'");
    let yielding = json!({"op": "update", "table": "system_settings", "key": ["theme"],
                          "values": {"setting_value": "mine"}, "base": {"setting_value": "dark"}});
    let bad = json!({"op": "insert", "table": "payments", "temp": "9",
                     "values": {"patient_id": "9999", "payment_date": "2026-01-01", "amount": "1.00"}});
    let good = json!({"op": "insert", "table": "branches", "temp": "1", "values": branch("1")});
    let answer = target
        .client()
        .push(1, json!([{"unit": "1", "changes": [yielding, bad]}, {"unit": "2", "changes": [good]}]));
    let statuses = [0, 1].map(|unit| answer["units"][unit]["status"].as_str().unwrap_or_default());
    assert_eq!(statuses, ["failed", "applied"], "{answer}");
    assert!([0, 1].iter().all(|unit| answer["units"][*unit].get("kept").is_none()), "{answer}");
}

/// A conflict, and the key in `deleted`.
pub fn an_update_of_a_missing_row_is_gone(target: &impl Target) {
    target.add_clinic_rows();
    target.execute("DELETE FROM tests WHERE test_id = 21");
    let changes = update_test(json!({"test_status": "completed"}), json!({"test_status": "pending"}));
    let answer = target.client().push_changes(1, changes);
    assert_conflict(&answer, 0, "gone", None);
    assert_eq!(answer["deleted"], json!([{"table": "tests", "keys": [["21"]]}]));
}

fn delete_test(base: Value) -> Value {
    json!([{"op": "delete", "table": "tests", "key": ["21"], "base": base}])
}

/// The key comes back in `deleted`.
pub fn a_delete_of_an_unchanged_row_is_applied(target: &impl Target) {
    target.add_clinic_rows();
    let base = json!({"test_id": "21", "total_amount": "100.00", "patient_name": "Person A", "limb": "none", "dob": null});
    let answer = target.client().push_changes(1, delete_test(base));
    assert_applied(&answer);
    assert_eq!(answer["deleted"], json!([{"table": "tests", "keys": [["21"]]}]));
    assert_eq!(target.count("tests"), 0);
}

/// Nothing is left to do.
pub fn a_delete_of_a_missing_row_is_applied(target: &impl Target) {
    let answer = target.client().push_changes(1, delete_test(json!({"total_amount": "100.00"})));
    assert_applied(&answer);
    assert_eq!(answer["deleted"], json!([{"table": "tests", "keys": [["21"]]}]));
}

/// Somebody still works with the row.
pub fn a_delete_of_a_changed_row_is_a_conflict(target: &impl Target) {
    target.add_clinic_rows();
    target.execute("UPDATE tests SET total_amount = '101.00' WHERE test_id = 21");
    let answer = target.client().push_changes(1, delete_test(json!({"total_amount": "100.00"})));
    assert_conflict(&answer, 0, "changed", Some("tests.total_amount"));
    assert_eq!(target.count("tests WHERE test_id = 21"), 1);
    assert_eq!(answered(&answer, "tests", "21", "total_amount"), "101.00");
}

/// The unit counts as applied; the row stays and is shown.
pub fn a_delete_under_the_server_rule_is_dropped(target: &impl Target) {
    target.add_clinic_rows();
    target.execute("UPDATE system_settings SET setting_value = 'theirs' WHERE setting_key = 'theme'");
    let delete = |base: &str| json!([{"op": "delete", "table": "system_settings", "key": ["theme"], "base": {"setting_value": base}}]);
    let answer = target.client().push_changes(1, delete("dark"));
    assert_applied(&answer);
    assert_eq!(answered(&answer, "system_settings", "theme", "setting_value"), "theirs");
    assert_applied(&target.client().push_changes(2, delete("theirs")));
    assert_eq!(target.count("system_settings"), 0);
}

/// The first change of the unit is undone too.
pub fn a_conflict_undoes_the_whole_unit(target: &impl Target) {
    target.add_clinic_rows();
    target.execute("UPDATE tests SET test_status = 'cancelled' WHERE test_id = 21");
    let answer = target.client().push_changes(
        1,
        json!([
            {"op": "update", "table": "patients", "key": ["12"], "values": {"due_amount": "1.00"}, "base": {"due_amount": "0.00"}},
            {"op": "insert", "table": "branches", "temp": "9", "values": branch("Never")},
            {"op": "update", "table": "tests", "key": ["21"], "values": {"test_status": "completed"}, "base": {"test_status": "pending"}}
        ]),
    );
    assert_conflict(&answer, 2, "changed", Some("tests.test_status"));
    assert_eq!(answer["keys"], json!([]));
    assert_eq!(target.count("patients WHERE patient_id = 12 AND due_amount = '0.00'"), 1);
    assert_eq!(target.count("branches WHERE branch_name = 'Never'"), 0);
    assert_eq!(answered(&answer, "patients", "12", "due_amount"), "0.00", "every row of the unit is shown");
}

/// A second change of a row is compared with what the first has left, not with what was there before the unit.
pub fn a_change_is_compared_with_what_its_unit_has_left(target: &impl Target) {
    target.add_clinic_rows();
    let twice = |base: &str| {
        let mut changes = update_test(json!({"test_status": "completed"}), json!({"test_status": "pending"}));
        let second = update_test(json!({"test_status": "cancelled"}), json!({"test_status": base}));
        changes.as_array_mut().expect("a list").push(second[0].clone());
        changes
    };
    let answer = target.client().push_changes(1, twice("pending"));
    assert_conflict(&answer, 1, "changed", Some("tests.test_status"));
    assert_eq!(answered(&answer, "tests", "21", "test_status"), "pending");
    assert_applied(&target.client().push_changes(2, twice("completed")));
    assert_eq!(target.count("tests WHERE test_id = 21 AND test_status = 'cancelled'"), 1);
}

/// In values, in base and in answers.
pub fn null_and_empty_text_are_different(target: &impl Target) {
    target.add_clinic_rows();
    let change = |value: Value, base: Value| json!([{"op": "update", "table": "patients", "key": ["12"], "values": {"custom_fields": value}, "base": {"custom_fields": base}}]);
    let client = target.client();
    let answer = client.push_changes(1, change(json!(""), json!(null)));
    assert_applied(&answer);
    assert_eq!(answered(&answer, "patients", "12", "custom_fields"), "");
    assert_conflict(
        &client.push_changes(2, change(json!("x"), json!(null))),
        0,
        "changed",
        Some("patients.custom_fields"),
    );
    let answer = client.push_changes(3, change(json!(null), json!("")));
    assert_applied(&answer);
    assert_eq!(answered(&answer, "patients", "12", "custom_fields"), Value::Null);
}

/// `write.php` is `batch.php` with exactly one unit.
pub fn write_takes_one_unit(target: &impl Target) {
    let client = target.client();
    let unit = |name: &str| json!({"unit": name, "changes": [{"op": "insert", "table": "branches", "temp": name, "values": branch("New")}]});
    let two = client.batch_bytes(1, &json!([unit("1"), unit("2")]));
    client.send("POST", "write.php", Some(&two)).expect_error("bad_request");
    let reply = client.send("POST", "write.php", Some(&client.batch_bytes(1, &json!([unit("1")]))));
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_applied(&reply.json());
    assert_eq!(target.count("branches"), 1);
}
