//! Callers of another schema, and a live database that is not the bridge's.

use super::{Client, Target};
use physio_runtime::bridge::wire::TableDescription;
use serde_json::{Value, json};

const OTHER: &str = "0123456789abcdef0123456789abcdef";

fn stranger(target: &impl Target) -> Client {
    target.client().with_header("x-physio-fingerprint", Some(OTHER))
}

fn setting(key: &str) -> Value {
    json!([{"op": "insert", "table": "system_settings", "values": {"setting_key": key, "setting_value": "1"}}])
}

/// Columns in the server's order, with the type as information_schema spells it.
pub fn tables_are_described_to_who_asks(target: &impl Target) {
    let reply = stranger(target).get("sync.php?since=new&describe=patients,roles");
    let described: Vec<TableDescription> = reply
        .text()
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok()?.get("describe").cloned())
        .map(|described| serde_json::from_value(described).expect("a description"))
        .collect();
    let plan = &target.app().plan;
    let expected: Vec<TableDescription> = plan
        .tables
        .iter()
        .filter(|table| ["patients", "roles"].contains(&table.name.as_str()))
        .map(TableDescription::of)
        .collect();
    assert_eq!(described, expected);
    let status = described[1].columns.iter().find(|column| column.name == "status").expect("patients.status");
    assert_eq!((status.column_type.as_str(), status.nullable, status.optional), ("varchar(50)", false, true));
    assert!(!target.client().get("sync.php?since=new").text().contains("describe"), "nobody asked");
}

/// Also one that exists in the database.
pub fn only_tables_of_the_whitelist_are_described(target: &impl Target) {
    for table in ["nothing", "api_tokens"] {
        target.client().get(&format!("sync.php?since=new&describe={table}")).expect_error("unknown_table");
    }
}

/// The bridge was replaced since the client asked: it must ask again before it reads on.
pub fn who_has_compared_another_schema_gets_no_rows(target: &impl Target) {
    target.add_clinic_rows();
    let cursor = target.client().cursor();
    let client = target.client().with_header("x-physio-known", Some(OTHER));
    client.get("read.php?table=branches").expect_error("schema_changed");
    let error = client.get(&format!("sync.php?since={cursor}")).expect_error("schema_changed");
    assert!(error.get("field").is_none(), "no table is to blame: {error}");
    assert_eq!(client.get("sync.php?since=new").status, 200, "that is how it asks");
    let known = stranger(target).with_header("x-physio-known", Some(&target.app().plan.fingerprint));
    assert_eq!(known.read("table=branches").rows.len(), 2);
    assert_eq!(known.sync(&cursor).end["end"], true);
}

/// It could misunderstand the server; once it has compared, it knows what it may send.
pub fn a_stranger_writes_nothing_before_it_has_compared(target: &impl Target) {
    let fingerprint = &target.app().plan.fingerprint;
    let units = json!([{"unit": "1", "changes": setting("a")}]);
    for client in [stranger(target), stranger(target).with_header("x-physio-known", Some(OTHER))] {
        let reply = client.post(&client.batch_bytes(1, &units));
        reply.expect_error("schema_changed");
        assert_eq!(reply.headers["x-physio-fingerprint"], *fingerprint);
        let single = client.batch_bytes(1, &units);
        client.send("POST", "write.php", Some(&single)).expect_error("schema_changed");
    }
    assert_eq!(target.count("system_settings"), 0);
    let answer = stranger(target).with_header("x-physio-known", Some(fingerprint)).push(1, units);
    assert_eq!(answer["units"][0]["status"], "applied", "the number was not used up");
}

/// Whether a batch was applied must be found out under any schema.
pub fn a_stored_answer_is_given_to_a_stranger_too(target: &impl Target) {
    let client = target.client();
    let bytes = client.batch_bytes(1, &json!([{"unit": "1", "changes": setting("a")}]));
    let first = client.post(&bytes);
    let again = stranger(target).post(&bytes);
    assert_eq!((again.status, &again.body), (200, &first.body));
}

/// The owner altered the table and did not upload the bridge that was generated from it.
pub fn a_live_table_that_lacks_a_column_is_named(target: &impl Target) {
    target.add_clinic_rows();
    let cursor = target.client().cursor();
    target.execute("UPDATE patients SET due_amount = '1.00' WHERE patient_id = 12");
    target.execute("ALTER TABLE patients DROP COLUMN remarks");
    let client = target.client();
    for path in ["read.php?table=patients".to_owned(), format!("sync.php?since={cursor}")] {
        let error = client.get(&path).expect_error("schema_changed");
        assert_eq!(error["field"], "patients.remarks", "{path}");
    }
    let edit = json!([{"op": "update", "table": "patients", "key": ["11"],
                       "values": {"due_amount": "2.00"}, "base": {"due_amount": "500.00"}}]);
    let units = json!([{"unit": "1", "changes": setting("a")}, {"unit": "2", "changes": edit}]);
    let error = client.post(&client.batch_bytes(1, &units)).expect_error("schema_changed");
    assert_eq!(error["field"], "patients.remarks");
    assert_eq!(target.count("system_settings WHERE setting_key = 'a'"), 0, "nothing of the batch is applied");
    assert_eq!(client.read("table=branches").rows.len(), 2, "the others are read");
    client.push_changes(1, setting("a"));
}

/// As above, for a table that is gone.
pub fn a_live_table_that_is_gone_is_named(target: &impl Target) {
    target.add_clinic_rows();
    target.execute("ALTER TABLE system_settings RENAME TO settings_of_old");
    let client = target.client();
    let error = client.get("read.php?table=system_settings").expect_error("schema_changed");
    assert_eq!(error["field"], "system_settings");
    let units = json!([{"unit": "1", "changes": setting("a")}]);
    let error = client.post(&client.batch_bytes(1, &units)).expect_error("schema_changed");
    assert_eq!(error["field"], "system_settings");
    assert_eq!(client.read("table=branches").rows.len(), 2);
}
