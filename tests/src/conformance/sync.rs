//! What changed since a cursor.

use super::target::DEVICE;
use super::{Pull, Target};
use serde_json::json;

/// A cursor behind everything that was written so far.
fn settled(target: &impl Target) -> String {
    let client = target.client();
    let mut cursor = client.cursor();
    loop {
        let pull = client.sync(&cursor);
        cursor = pull.cursor();
        if pull.end["more"] == false && pull.n_changes() == 0 {
            return cursor;
        }
    }
}

fn keys(pull: &Pull, table: &str) -> Vec<String> {
    pull.rows.get(table).map(|rows| rows.keys().cloned().collect()).unwrap_or_default()
}

fn deleted(pull: &Pull, table: &str) -> Vec<String> {
    pull.deleted.get(table).cloned().unwrap_or_default()
}

/// A first pull takes it before its first page.
pub fn new_answers_the_cursor_and_no_rows(target: &impl Target) {
    target.add_clinic_rows();
    let pull = target.client().sync("new");
    assert_eq!(pull.n_changes(), 0);
    assert_eq!((&pull.end["more"], &pull.end["ack"]), (&json!(false), &json!(0)));
    let epoch = pull.head["epoch"].as_str().expect("the first line names the epoch");
    assert!(pull.cursor().starts_with(&format!("{epoch}.")), "{}", pull.end);
    assert_eq!(pull.head["fingerprint"], target.app().plan.fingerprint.as_str());
}

/// Once, and then no more.
pub fn a_change_of_another_application_arrives_once(target: &impl Target) {
    target.add_clinic_rows();
    let cursor = settled(target);
    target.execute("INSERT INTO branches (branch_id, branch_name, clinic_name) VALUES (5, 'West', 'Clinic')");
    let pull = target.client().sync(&cursor);
    assert_eq!(keys(&pull, "branches"), ["\"5\""]);
    assert_eq!(pull.n_changes(), 1);
    assert_eq!(pull.value("branches", "5", "branch_name").as_deref(), Some("West"));
    assert_eq!((&pull.end["more"], &pull.end["exact"]), (&json!(false), &json!(true)));
    let again = target.client().sync(&settled(target));
    assert_eq!(again.n_changes(), 0);
}

/// The feed holds keys, not values: two updates are one row.
pub fn an_update_arrives_as_the_row_stands_now(target: &impl Target) {
    target.add_clinic_rows();
    let cursor = settled(target);
    target.execute("UPDATE tests SET total_amount = '120.50' WHERE test_id = 21");
    target.execute("UPDATE tests SET total_amount = '130.75', test_status = 'completed' WHERE test_id = 21");
    let pull = target.client().sync(&cursor);
    assert_eq!(pull.n_changes(), 1);
    assert_eq!(pull.value("tests", "21", "total_amount").as_deref(), Some("130.75"));
    assert_eq!(pull.value("tests", "21", "test_status").as_deref(), Some("completed"));
}

/// In `deleted`, as a key array.
pub fn a_delete_arrives_as_a_key(target: &impl Target) {
    target.add_clinic_rows();
    let cursor = settled(target);
    target.execute("DELETE FROM tests WHERE test_id = 21");
    let pull = target.client().sync(&cursor);
    assert_eq!(deleted(&pull, "tests"), ["[\"21\"]"]);
    assert_eq!(pull.n_changes(), 1);
}

/// The device may have seen it in a page of its first pull.
pub fn a_row_that_came_and_went_arrives_as_a_key(target: &impl Target) {
    let cursor = settled(target);
    target
        .execute("INSERT INTO branches (branch_id, branch_name, clinic_name) VALUES (7, 'Short', 'Clinic')");
    target.execute("DELETE FROM branches WHERE branch_id = 7");
    let pull = target.client().sync(&cursor);
    assert_eq!(deleted(&pull, "branches"), ["[\"7\"]"]);
    assert_eq!(keys(&pull, "branches"), Vec::<String>::new());
}

fn add_settings(target: &impl Target, n: u32) {
    let rows: Vec<String> = (0..n).map(|i| format!("('key{i:03}', 'value {i}')")).collect();
    target.execute(&format!(
        "INSERT INTO system_settings (setting_key, setting_value) VALUES {}",
        rows.join(", ")
    ));
}

/// `more` until the last page; every key once; each page no longer than its limit.
pub fn pages_go_on_until_everything_came(target: &impl Target) {
    let mut cursor = settled(target);
    add_settings(target, 25);
    let mut seen = Vec::new();
    for page in 0.. {
        let pull = target.client().sync_with(&cursor, "&limit=10");
        let came = keys(&pull, "system_settings");
        assert!(came.len() <= 10, "page {page} has {} rows", came.len());
        seen.extend(came);
        cursor = pull.cursor();
        assert_eq!(pull.end["exact"], pull.end["more"] == false);
        if pull.end["more"] == false {
            break;
        }
        assert!(page < 10, "pages do not end");
    }
    seen.sort();
    assert_eq!(seen, (0..25).map(|i| format!("\"key{i:03}\"")).collect::<Vec<_>>());
}

/// As many changes as the limit: the page is the last one.
pub fn a_full_page_at_the_end_needs_no_empty_page(target: &impl Target) {
    let cursor = settled(target);
    add_settings(target, 10);
    let pull = target.client().sync_with(&cursor, "&limit=10");
    assert_eq!(keys(&pull, "system_settings").len(), 10);
    assert_eq!(pull.end["more"], false);
}

/// A lost answer costs a repeat and nothing else.
pub fn the_same_cursor_gives_the_same_changes_again(target: &impl Target) {
    let cursor = settled(target);
    add_settings(target, 3);
    let (first, second) = (target.client().sync(&cursor), target.client().sync(&cursor));
    assert_eq!(first.rows, second.rows);
    assert_eq!(first.n_changes(), 3);
}

/// Other tables' changes are passed over, and the cursor passes them too.
pub fn only_the_named_tables_come(target: &impl Target) {
    target.add_clinic_rows();
    let cursor = settled(target);
    add_settings(target, 3);
    target.execute("UPDATE tests SET patient_name = 'Person B' WHERE test_id = 21");
    let pull = target.client().sync_with(&cursor, "&tables=tests,branches");
    assert_eq!((keys(&pull, "tests").len(), pull.n_changes()), (1, 1));
    let after = target.client().sync_with(&pull.cursor(), "&tables=tests,branches");
    assert_eq!(after.n_changes(), 0);
}

/// The row comes, and `ack` says that the batch is contained in it.
pub fn what_the_device_pushed_comes_back_with_its_ack(target: &impl Target) {
    let cursor = settled(target);
    let client = target.client();
    let answer = client.push_changes(
        1,
        json!([{"op": "insert", "table": "branches", "temp": "4503599627370496",
                "values": {"branch_name": "North", "clinic_name": "Clinic"}}]),
    );
    let key = answer["keys"][0]["key"].as_str().expect("the answer maps the key").to_owned();
    let pull = client.sync(&cursor);
    assert_eq!(pull.value("branches", &key, "branch_name").as_deref(), Some("North"));
    assert_eq!(pull.end["ack"], 1);
}

/// Another device's batch is no ack of mine.
pub fn each_device_has_its_own_ack(target: &impl Target) {
    let other = target.client_of("ffeeddccbbaa99887766554433221100");
    other.push_changes(
        1,
        json!([{"op": "insert", "table": "branches", "temp": "1",
                "values": {"branch_name": "North", "clinic_name": "Clinic"}}]),
    );
    assert_eq!(other.sync("new").end["ack"], 1);
    assert_eq!(target.client().sync("new").end["ack"], 0);
    assert_ne!(target.client().device(), other.device());
    assert_eq!(target.client().device(), DEVICE);
}

/// MySQL fires no trigger for a cascade; the feed must have the children all the same.
pub fn a_cascading_delete_reaches_the_children(target: &impl Target) {
    target.add_clinic_rows();
    target.execute(
        "INSERT INTO quick_inquiry (inquiry_id, branch_id, name, gender, phone_number) VALUES (31, 2, 'Person C', 'Other', '0');
         INSERT INTO notifications (notification_id, branch_id, message) VALUES (41, 2, 'hello'), (42, 1, 'stays')",
    );
    let cursor = settled(target);
    target.execute("DELETE FROM branches WHERE branch_id = 2");
    let pull = target.client().sync(&cursor);
    assert_eq!(deleted(&pull, "branches"), ["[\"2\"]"]);
    assert_eq!(deleted(&pull, "quick_inquiry"), ["[\"31\"]"]);
    assert_eq!(deleted(&pull, "notifications"), ["[\"41\"]"]);
    assert_eq!(pull.n_changes(), 3);
}

/// The same for ON DELETE SET NULL.
pub fn a_set_null_reaches_the_children(target: &impl Target) {
    target.add_clinic_rows();
    target.execute(
        "INSERT INTO patient_master (master_patient_id, patient_uid, full_name, phone_number, first_registered_branch_id)
           VALUES (51, 'U-51', 'Person D', '0', 2)",
    );
    let cursor = settled(target);
    target.execute("DELETE FROM branches WHERE branch_id = 2");
    let pull = target.client().sync(&cursor);
    assert_eq!(pull.value("patient_master", "51", "first_registered_branch_id"), None);
    assert_eq!(deleted(&pull, "branches"), ["[\"2\"]"]);
}

/// The old key is gone, the new one is there.
pub fn a_changed_text_key_is_a_delete_and_a_row(target: &impl Target) {
    target.add_clinic_rows();
    let cursor = settled(target);
    target.execute("UPDATE system_settings SET setting_key = 'colours' WHERE setting_key = 'theme'");
    let pull = target.client().sync(&cursor);
    assert_eq!(keys(&pull, "system_settings"), ["\"colours\""]);
    assert_eq!(deleted(&pull, "system_settings"), ["[\"theme\"]"]);
}

/// The triggers write in the application's transaction.
pub fn a_rolled_back_change_never_arrives(target: &impl Target) {
    target.add_clinic_rows();
    let cursor = settled(target);
    target.execute_and_roll_back("UPDATE tests SET patient_name = 'Nobody' WHERE test_id = 21");
    assert_eq!(target.client().sync(&cursor).n_changes(), 0);
}

/// 409: the feed was rebuilt.
pub fn a_cursor_of_another_epoch_is_refused(target: &impl Target) {
    let cursor = settled(target);
    target.execute("UPDATE _physio_state SET epoch = '0badf00d'");
    target.client().get(&format!("sync.php?since={cursor}")).expect_error("epoch_changed");
    assert!(target.client().cursor().starts_with("0badf00d."));
}

/// A database restored from a backup is behind its devices.
pub fn a_cursor_from_the_future_is_refused(target: &impl Target) {
    let cursor = settled(target);
    let epoch = cursor.split('.').next().expect("a cursor has an epoch");
    target.client().get(&format!("sync.php?since={epoch}.999999999")).expect_error("epoch_changed");
}

/// 410: the feed has been shortened.
pub fn a_cursor_below_the_floor_has_expired(target: &impl Target) {
    let old = settled(target);
    add_settings(target, 3);
    let young = settled(target);
    target.execute("DELETE FROM _physio_feed; UPDATE _physio_state SET floor_seq = seq");
    target.client().get(&format!("sync.php?since={old}")).expect_error("cursor_expired");
    assert_eq!(target.client().sync(&young).n_changes(), 0, "a cursor at the floor is good");
}

/// 400, never a guess.
pub fn malformed_cursors_and_limits_are_refused(target: &impl Target) {
    let cursor = settled(target);
    for since in ["", "5", "x.1", "0badf00d", "0badf00d.", "0badf00d.-1", "0badf00d.1%27", "now"] {
        target.client().get(&format!("sync.php?since={since}")).expect_error("bad_request");
    }
    target.client().get("sync.php").expect_error("bad_request");
    for limit in ["0", "-1", "ten", "", "1e3", "9999999999999"] {
        target.client().get(&format!("sync.php?since={cursor}&limit={limit}")).expect_error("bad_request");
    }
    assert_eq!(target.client().get(&format!("sync.php?since={cursor}&limit=999999")).status, 200);
}

/// Also one that exists in the database.
pub fn an_unknown_table_is_refused(target: &impl Target) {
    for table in ["nothing", "users", "api_tokens", "_physio_device"] {
        target
            .client()
            .get(&format!("sync.php?since=new&tables=branches,{table}"))
            .expect_error("unknown_table");
    }
}

/// Only a client of another schema is told.
pub fn another_fingerprint_gets_the_fingerprint_of_each_table(target: &impl Target) {
    let plan = &target.app().plan;
    let same = target.client().with_header("x-physio-fingerprint", Some(&plan.fingerprint));
    assert!(same.sync("new").head.get("tables").is_none());
    let other = target.client().with_header("x-physio-fingerprint", Some("0123456789abcdef0123456789abcdef"));
    let head = other.sync("new").head;
    for table in &plan.tables {
        assert_eq!(head["tables"][&table.name], table.fingerprint.as_str(), "{}", table.name);
    }
    assert_eq!(head["tables"].as_object().map(serde_json::Map::len), Some(plan.tables.len()));
}
