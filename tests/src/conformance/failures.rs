//! Units that the server does not take, and what depends on them.

use super::Target;
use super::push::{assert_applied, branch, outcome, patient};
use serde_json::{Value, json};

/// Pushes one unit and expects it to fail with this code and field.
#[track_caller]
fn expect_failure(target: &impl Target, batch: u64, changes: Value, code: &str, field: &str) {
    let answer = target.client().push_changes(batch, changes);
    let unit = &answer["units"][0];
    assert_eq!((&unit["status"], &unit["code"]), (&json!("failed"), &json!(code)), "{answer}");
    assert_eq!(unit["field"], field, "{answer}");
    assert_eq!(answer["rows"], json!([]), "a failed unit shows no rows");
}

fn insert(table: &str, values: Value) -> Value {
    json!([{"op": "insert", "table": table, "temp": "77", "values": values}])
}

fn with(mut values: Value, column: &str, value: Value) -> Value {
    values[column] = value;
    values
}

fn test_values() -> Value {
    json!({"visit_date": "2026-01-02", "assigned_test_date": "2026-01-03", "patient_name": "Person X",
           "test_name": "emg", "test_done_by": "Doctor", "total_amount": "50.00"})
}

/// A unique key, also where only letter case differs, and the first column of one of several parts.
pub fn a_duplicate_key_names_its_column(target: &impl Target) {
    target.add_clinic_rows();
    let duplicate = insert("tests", with(test_values(), "test_uid", json!("T-21")));
    expect_failure(target, 1, duplicate, "duplicate_key", "tests.test_uid");
    let folded = insert("tests", with(test_values(), "test_uid", json!("t-21")));
    expect_failure(target, 2, folded, "duplicate_key", "tests.test_uid");
    let method = json!({"branch_id": "1", "method_name": "Cash", "method_code": "cash"});
    assert_applied(&target.client().push_changes(3, insert("payment_methods", method.clone())));
    let again = json!([{"op": "insert", "table": "payment_methods", "temp": "78", "values": method}]);
    expect_failure(target, 4, again, "duplicate_key", "payment_methods.branch_id");
}

/// On insert and on update.
pub fn a_missing_parent_names_its_column(target: &impl Target) {
    target.add_clinic_rows();
    let orphan =
        insert("payments", json!({"patient_id": "999", "payment_date": "2026-01-01", "amount": "1.00"}));
    expect_failure(target, 1, orphan, "parent_missing", "payments.patient_id");
    let moved = json!([{"op": "update", "table": "patients", "key": ["11"], "values": {"branch_id": "999"}, "base": {"branch_id": "1"}}]);
    expect_failure(target, 2, moved, "parent_missing", "patients.branch_id");
}

/// RESTRICT; the child's column is named.
pub fn a_row_that_is_referred_to_cannot_be_deleted(target: &impl Target) {
    target.add_clinic_rows();
    let delete =
        json!([{"op": "delete", "table": "branches", "key": ["1"], "base": {"branch_name": "Main"}}]);
    expect_failure(target, 1, delete, "still_referenced", "patients.branch_id");
    assert_eq!(target.count("branches WHERE branch_id = 1"), 1);
}

/// No default, not given.
pub fn a_required_column_must_be_there(target: &impl Target) {
    let mut values = branch("New");
    values.as_object_mut().expect("an object").remove("clinic_name");
    expect_failure(target, 1, insert("branches", values), "not_null", "branches.clinic_name");
    let settings = json!([{"op": "insert", "table": "system_settings", "values": {"setting_value": "x"}}]);
    expect_failure(target, 2, settings, "not_null", "system_settings.setting_key");
}

/// Given as null.
pub fn a_required_column_cannot_be_null(target: &impl Target) {
    target.add_clinic_rows();
    let values = with(branch("New"), "branch_name", Value::Null);
    expect_failure(target, 1, insert("branches", values), "not_null", "branches.branch_name");
    let update = json!([{"op": "update", "table": "tests", "key": ["21"], "values": {"patient_name": null}, "base": {"patient_name": "Person A"}}]);
    expect_failure(target, 2, update, "not_null", "tests.patient_name");
}

/// Integers by width and sign, decimals by their places: nothing is rounded or clipped.
pub fn a_number_out_of_range_is_refused(target: &impl Target) {
    target.add_clinic_rows();
    let cases = [
        ("treatment_days", "2147483648"),
        ("plan_changed", "128"),
        ("plan_changed", "-129"),
        ("total_amount", "100000000.00"),
        ("total_amount", "1.005"),
        ("master_patient_id", "-1"),
        ("master_patient_id", "18446744073709551616"),
    ];
    for (batch, (column, value)) in (1..).zip(cases) {
        let changes = insert("patients", with(patient(), column, json!(value)));
        expect_failure(target, batch, changes, "out_of_range", &format!("patients.{column}"));
    }
}

/// Characters, not bytes.
pub fn a_text_that_is_too_long_is_refused(target: &impl Target) {
    target.add_clinic_rows();
    let long = insert("branches", with(branch("New"), "pincode", json!("12345678901")));
    expect_failure(target, 1, long, "too_long", "branches.pincode");
    let fits = insert("branches", with(branch("New"), "pincode", json!("नमस्तेनमस्")));
    assert_applied(&target.client().push_changes(2, fits));
}

/// What MySQL would cut down to something else, or to nothing.
pub fn values_that_do_not_fit_are_refused(target: &impl Target) {
    target.add_clinic_rows();
    let cases = [
        ("patients", "start_date", "2026-02-30"),
        ("patients", "start_date", "01/02/2026"),
        ("patients", "start_date", "2026-01-01 10:00:00"),
        ("patients", "treatment_time_slot", "10:61:00"),
        ("patients", "treatment_days", "ten"),
        ("patients", "treatment_days", "1.5"),
        ("patients", "treatment_days", ""),
        ("patients", "total_amount", "1,50"),
        ("patients", "total_amount", "1e3"),
        ("patients", "created_at", "yesterday"),
    ];
    for (batch, (table, column, value)) in (1..).zip(cases) {
        let changes = insert(table, with(patient(), column, json!(value)));
        expect_failure(target, batch, changes, "bad_value", &format!("{table}.{column}"));
    }
    let n_batches = cases.len() as u64;
    let status = insert("tests", with(test_values(), "test_status", json!("lost")));
    expect_failure(target, n_batches + 1, status, "bad_value", "tests.test_status");
    let update = json!([{"op": "update", "table": "tests", "key": ["21"], "values": {"test_status": ""}, "base": {"test_status": "pending"}}]);
    expect_failure(target, n_batches + 2, update, "bad_value", "tests.test_status");
    let key = json!([{"op": "delete", "table": "tests", "key": ["x"], "base": {}}]);
    expect_failure(target, n_batches + 3, key, "bad_value", "tests.test_id");
    let key = json!([{"op": "delete", "table": "tests", "key": ["1", "2"], "base": {}}]);
    expect_failure(target, n_batches + 4, key, "bad_value", "tests");
}

/// A JSON number may have been rounded on its way.
pub fn values_must_be_strings(target: &impl Target) {
    target.add_clinic_rows();
    for (batch, value) in (1..).zip([json!(5), json!(1.5), json!(true), json!(["5"]), json!({"a": "5"})]) {
        let changes = insert("patients", with(patient(), "treatment_days", value));
        expect_failure(target, batch, changes, "bad_value", "patients.treatment_days");
    }
}

/// Deny by default, and the name is not echoed.
pub fn unknown_tables_and_columns_are_refused(target: &impl Target) {
    target.add_clinic_rows();
    for (batch, table) in
        (1..).zip(["nothing", "users", "api_tokens", "_physio_device", "tests; DROP TABLE tests"])
    {
        let answer = target.client().push_changes(batch, insert(table, json!({"a": "1"})));
        assert_eq!(outcome(&answer, 0), ("failed".into(), "unknown_table".into()), "{answer}");
    }
    for (batch, column) in (6..).zip(["nothing", "BRANCH_NAME", "branch_name` = 1 --", "_sync_status"]) {
        let answer =
            target.client().push_changes(batch, insert("branches", with(branch("New"), column, json!("1"))));
        assert_eq!(outcome(&answer, 0), ("failed".into(), "unknown_column".into()), "{answer}");
    }
    let base = json!([{"op": "delete", "table": "tests", "key": ["21"], "base": {"nothing": "1"}}]);
    let answer = target.client().push_changes(10, base);
    assert_eq!(outcome(&answer, 0), ("failed".into(), "unknown_column".into()), "{answer}");
}

/// `writable = false` in physio.toml.
pub fn a_read_only_table_takes_no_writes(target: &impl Target) {
    expect_failure(target, 1, insert("roles", json!({"role_name": "owner"})), "table_read_only", "roles");
    let delete = json!([{"op": "delete", "table": "roles", "key": ["1"], "base": {}}]);
    expect_failure(target, 2, delete, "table_read_only", "roles");
}

/// Neither in this batch nor in the one before.
pub fn an_unknown_reference_is_refused(target: &impl Target) {
    let values = json!({"branch_id": {"$ref": ["branches", "4503599627370499"]}, "message": "hello"});
    expect_failure(
        target,
        1,
        insert("notifications", values),
        "unknown_reference",
        "notifications.branch_id",
    );
}

fn three_units(first: Value, second: Value, third: Value) -> Value {
    json!([{"unit": "1", "changes": first}, {"unit": "2", "changes": second}, {"unit": "3", "changes": third}])
}

fn good(temp: &str) -> Value {
    json!([{"op": "insert", "table": "branches", "temp": temp, "values": branch("Good")}])
}

/// Before it and after it.
pub fn a_failed_unit_stops_no_other(target: &impl Target) {
    let bad = insert("branches", json!({"branch_name": "Bad"}));
    let answer = target.client().push(1, three_units(good("1"), bad, good("3")));
    let statuses: Vec<String> = (0..3).map(|unit| outcome(&answer, unit).0).collect();
    assert_eq!(statuses, ["applied", "failed", "applied"]);
    assert_eq!(target.count("branches WHERE branch_name = 'Good'"), 2);
    assert_eq!(target.count("branches"), 2);
}

/// With the name of the unit that it waits for.
pub fn a_unit_that_refers_to_a_failed_one_is_blocked(target: &impl Target) {
    let bad = insert("branches", json!({"branch_name": "Bad"}));
    let child = json!([{"op": "insert", "table": "notifications", "temp": "5",
                        "values": {"branch_id": {"$ref": ["branches", "77"]}, "message": "hello"}}]);
    let answer = target.client().push(1, three_units(bad, child, good("3")));
    assert_eq!(outcome(&answer, 1), ("failed".into(), "blocked".into()));
    assert_eq!(answer["units"][1]["blocked_by"], "1");
    assert_eq!(answer["units"][1]["change"], 0);
    assert_eq!(outcome(&answer, 2).0, "applied");
    assert_eq!(target.count("notifications"), 0);
}

/// A later edit of the same row was made on top of the failed one.
pub fn a_unit_that_changes_a_row_of_a_failed_one_is_blocked(target: &impl Target) {
    target.add_clinic_rows();
    target.execute("UPDATE tests SET test_status = 'cancelled' WHERE test_id = 21");
    let update = |column: &str, value: &str, base: &str| json!([{"op": "update", "table": "tests", "key": ["21"], "values": {column: value}, "base": {column: base}}]);
    let first = update("test_status", "completed", "pending");
    let answer = target.client().push(1, three_units(first, update("limb", "left", "none"), good("3")));
    assert_eq!(outcome(&answer, 0), ("conflict".into(), "changed".into()));
    assert_eq!(outcome(&answer, 1), ("failed".into(), "blocked".into()));
    assert_eq!(answer["units"][1]["blocked_by"], "1");
    assert_eq!(outcome(&answer, 2).0, "applied");
    assert_eq!(target.count("tests WHERE limb = 'left'"), 0);
}

/// What waits for a blocked unit waits too.
pub fn blocking_is_passed_on(target: &impl Target) {
    target.add_clinic_rows();
    let bad = insert("registration", json!({"patient_name": "Person X"}));
    let second = json!([{"op": "insert", "table": "patients", "temp": "78",
                         "values": with(patient(), "registration_id", json!({"$ref": ["registration", "77"]}))}]);
    let third = json!([{"op": "insert", "table": "payments", "temp": "79", "values": {
        "patient_id": {"$ref": ["patients", "78"]}, "payment_date": "2026-01-01", "amount": "1.00"}}]);
    let answer = target.client().push(1, three_units(bad, second, third));
    assert_eq!(outcome(&answer, 0), ("failed".into(), "not_null".into()), "{answer}");
    assert_eq!(answer["units"][1]["blocked_by"], "1");
    assert_eq!(outcome(&answer, 2), ("failed".into(), "blocked".into()));
    assert_eq!(answer["units"][2]["blocked_by"], "2");
}

/// The good change before the bad one is undone, and its key is not given out.
pub fn a_failed_unit_leaves_nothing_behind(target: &impl Target) {
    let changes = json!([
        {"op": "insert", "table": "branches", "temp": "1", "values": branch("Half")},
        {"op": "insert", "table": "branches", "temp": "2", "values": {"branch_name": "Bad"}}
    ]);
    let cursor = target.client().cursor();
    let answer = target.client().push_changes(1, changes);
    assert_eq!(outcome(&answer, 0), ("failed".into(), "not_null".into()));
    assert_eq!(answer["units"][0]["change"], 1);
    assert_eq!(answer["keys"], json!([]));
    assert_eq!(target.count("branches"), 0);
    assert_eq!(target.client().sync(&cursor).n_changes(), 0);
}

/// No value, no SQL, no path, no name of a key.
pub fn errors_tell_nothing_of_the_values(target: &impl Target) {
    target.add_clinic_rows();
    let secret = "Zebra-Quartz-4711";
    let client = target.client();
    let broken = [
        insert("tests", with(with(test_values(), "test_uid", json!("T-21")), "patient_name", json!(secret))),
        insert("payments", json!({"patient_id": "999", "payment_date": secret, "amount": "1.00"})),
        insert("branches", with(branch(secret), "pincode", json!(secret))),
        insert("branches", with(branch("New"), secret, json!("1"))),
        insert(secret, json!({"a": "1"})),
    ];
    for (batch, changes) in (1..).zip(broken) {
        let reply = client.post(&client.batch_bytes(batch, &json!([{"unit": "1", "changes": changes}])));
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(outcome(&reply.json(), 0).0, "failed");
        check_silent(&reply.text(), secret);
    }
    for path in [
        format!("read.php?table={secret}"),
        format!("sync.php?since={secret}"),
        format!("read.php?table=tests&key=[%22{secret}%22]"),
    ] {
        let reply = client.get(&path);
        assert!(reply.status >= 400);
        check_silent(&reply.text(), secret);
    }
}

fn check_silent(text: &str, secret: &str) {
    for word in [
        secret,
        "SELECT",
        "INSERT INTO",
        "SQLSTATE",
        "constraint failed",
        "Duplicate entry",
        ".php:",
        "/tmp",
        "Stack trace",
    ] {
        assert!(!text.contains(word), "the answer contains {word:?}: {text}");
    }
}
