//! Who may do what: by role, and within the branch.

mod matrix;
mod rows;

use super::{Client, Target};
use serde_json::json;

/// Three patients of two branches, with a visit each: 11 and 12 in the first, 21 in the second.
pub fn add_rows(target: &impl Target) {
    target.execute(
        "INSERT INTO branches (branch_id, branch_name, clinic_name) VALUES (1, 'Main', 'Clinic'), (2, 'East', 'Clinic');
         INSERT INTO patients (patient_id, branch_id, treatment_type, total_amount, due_amount, start_date, end_date)
           VALUES (11, 1, 'daily', '500.00', '500.00', '2026-01-05', '2026-01-25'),
                  (12, 1, 'daily', '500.00', '500.00', '2026-01-05', '2026-01-25'),
                  (21, 2, 'daily', '500.00', '500.00', '2026-01-05', '2026-01-25');
         INSERT INTO attendance (attendance_id, patient_id, attendance_date)
           VALUES (111, 11, '2026-01-06'), (112, 12, '2026-01-06'), (121, 21, '2026-01-06')",
    );
}

fn user(target: &impl Target, role: &str, branch: Option<u32>) -> Client {
    let branch_name = branch.map_or("none".to_owned(), |branch| branch.to_string());
    let token = format!("Token-of-{role}-in-branch-{branch_name}");
    target.add_user(&token, role, branch);
    let device = format!("{:0>32}", hex_of(&token));
    Client::new(&target.url(), &token, &device)
}

fn hex_of(text: &str) -> String {
    let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    digits[digits.len().saturating_sub(32)..].to_owned()
}

/// The cursor behind everything that was written before.
fn settled(client: &Client) -> String {
    client.sync(&client.cursor()).cursor()
}

fn keys(client: &Client, table: &str, key: &str) -> Vec<String> {
    let rows = client.read(&format!("table={table}")).rows;
    rows.into_iter().filter_map(|mut row| row.remove(key).flatten()).collect()
}

/// Pages, single rows, sums and deltas hold the rows of one's own branch, through the parent too.
pub fn a_row_of_another_branch_is_not_there(target: &impl Target) {
    add_rows(target);
    let main = user(target, "reception", Some(1));
    let east = user(target, "reception", Some(2));
    assert_eq!(keys(&main, "patients", "patient_id"), ["11", "12"]);
    assert_eq!(keys(&east, "patients", "patient_id"), ["21"]);
    assert_eq!(keys(&main, "attendance", "attendance_id"), ["111", "112"]);
    assert_eq!(keys(&east, "attendance", "attendance_id"), ["121"]);
    assert_eq!(keys(&main, "branches", "branch_id"), ["1"]);
    assert!(main.read("table=patients&key=[\"21\"]").rows.is_empty());
    assert!(main.read("table=attendance&key=[\"121\"]").rows.is_empty());
    let sums = east.get("read.php?table=attendance&sums=10").text();
    assert!(sums.lines().nth(1).is_some_and(|line| line.starts_with("[\"1\",")), "{sums}");

    let (of_main, of_east) = (settled(&main), settled(&east));
    target.execute("UPDATE attendance SET attendance_date = '2026-01-07'");
    let (of_main, of_east) = (main.sync(&of_main), east.sync(&of_east));
    assert_eq!(of_main.rows["attendance"].keys().collect::<Vec<_>>(), ["\"111\"", "\"112\""]);
    assert_eq!(of_main.deleted["attendance"], ["[\"121\"]"]);
    assert_eq!(of_east.rows["attendance"].keys().collect::<Vec<_>>(), ["\"121\""]);
}

/// Pages, single rows, sums and answers to pushes name the epoch of the user's cursor: another branch is another one.
pub fn every_answer_names_the_epoch_of_its_user(target: &impl Target) {
    add_rows(target);
    let epoch_of = |client: &Client| client.cursor().split_once('.').expect("EPOCH.SEQ").0.to_owned();
    let (main, east) = (user(target, "manager", Some(1)), user(target, "manager", Some(2)));
    assert_ne!(epoch_of(&main), epoch_of(&east));
    for (client, own, visit) in [(&main, epoch_of(&main), "111"), (&east, epoch_of(&east), "121")] {
        for parameters in
            ["table=patients", "table=patients&key=[\"21\"]", "table=patients&after=[\"1\"]&until=[\"21\"]"]
        {
            assert_eq!(client.read(parameters).head["epoch"], own.as_str(), "{parameters}");
        }
        let sums = client.get("read.php?table=attendance&sums=10").text();
        let head: serde_json::Value =
            serde_json::from_str(sums.lines().next().unwrap_or_default()).expect("a first line");
        assert_eq!(head["epoch"], own.as_str());
        let delete = json!([{"op": "delete", "table": "attendance", "key": [visit], "base": {}}]);
        assert_eq!(client.push_changes(1, delete)["epoch"], own.as_str());
    }
}

/// Nothing listed is nothing allowed: reading is refused, and a delta passes the table over.
pub fn a_table_without_a_grant_is_forbidden(target: &impl Target) {
    add_rows(target);
    let therapist = user(target, "therapist", Some(1));
    assert_eq!(therapist.get("read.php?table=expenses").expect_error("forbidden")["field"], "expenses");
    assert_eq!(
        therapist.get("read.php?table=payments&sums=10").expect_error("forbidden")["field"],
        "payments"
    );
    let cursor = settled(&therapist);
    target.execute(
        "INSERT INTO payment_methods (method_id, branch_id, method_name, method_code) VALUES (1, 1, 'Cash', 'cash')",
    );
    assert_eq!(therapist.sync(&cursor).n_changes(), 0);
    let answer = therapist.push_changes(
        1,
        json!([{"op": "update", "table": "patients", "key": ["11"], "values": {"remarks": "x"}, "base": {"remarks": null}}]),
    );
    assert_eq!(answer["units"][0]["code"], "forbidden");
    assert_eq!(answer["units"][0]["field"], "patients");
    assert_eq!(target.count("patients WHERE remarks IS NOT NULL"), 0);
    let nobody = user(target, "cleaner", Some(1));
    nobody.get("read.php?table=payments").expect_error("forbidden");
}

/// For this caller there is no such row: nothing is deleted, and nothing told.
pub fn a_deleted_row_of_another_branch_stays(target: &impl Target) {
    add_rows(target);
    let main = user(target, "manager", Some(1));
    let delete = |key: &str| json!([{"op": "delete", "table": "attendance", "key": [key], "base": {}}]);
    let answer = main.push_changes(1, delete("121"));
    assert_eq!(answer["units"][0]["status"], "applied");
    assert_eq!(answer["rows"], json!([]));
    assert_eq!(target.count("attendance WHERE attendance_id = 121"), 1);
    assert_eq!(main.push_changes(2, delete("111"))["units"][0]["status"], "applied");
    assert_eq!(target.count("attendance WHERE attendance_id = 111"), 0);
    let answer = main.push_changes(
        3,
        json!([{"op": "update", "table": "attendance", "key": ["121"], "values": {"remarks": "x"}, "base": {"remarks": null}}]),
    );
    assert_eq!(
        (&answer["units"][0]["status"], &answer["units"][0]["code"]),
        (&json!("conflict"), &json!("gone"))
    );
    assert_eq!(answer["rows"], json!([]));
    assert_eq!(target.count("attendance WHERE remarks IS NOT NULL"), 0);
}

/// Only the patient is written; its visits leave one branch and enter the other all the same.
pub fn a_row_that_moves_to_another_branch_leaves_and_enters_with_its_children(target: &impl Target) {
    add_rows(target);
    let (main, east) = (user(target, "reception", Some(1)), user(target, "reception", Some(2)));
    let (of_main, of_east) = (settled(&main), settled(&east));
    target.execute("UPDATE patients SET branch_id = 2 WHERE patient_id = 11");
    let (left, entered) = (main.sync(&of_main), east.sync(&of_east));
    assert_eq!(left.deleted["patients"], ["[\"11\"]"]);
    assert_eq!(left.deleted["attendance"], ["[\"111\"]"]);
    assert!(left.rows.is_empty(), "{:?}", left.rows);
    assert_eq!(entered.value("patients", "11", "branch_id").as_deref(), Some("2"));
    assert_eq!(entered.value("attendance", "111", "patient_id").as_deref(), Some("11"));
    // An edit that moves nothing brings no child.
    let cursor = settled(&east);
    target.execute("UPDATE patients SET remarks = 'x' WHERE patient_id = 11");
    assert_eq!(east.sync(&cursor).n_changes(), 1);
}

/// The visit is written, its patient is not.
pub fn a_child_that_goes_to_another_parent_moves_with_it(target: &impl Target) {
    add_rows(target);
    let (main, east) = (user(target, "reception", Some(1)), user(target, "reception", Some(2)));
    let (of_main, of_east) = (settled(&main), settled(&east));
    target.execute("UPDATE attendance SET patient_id = 21 WHERE attendance_id = 112");
    assert_eq!(main.sync(&of_main).deleted["attendance"], ["[\"112\"]"]);
    assert_eq!(east.sync(&of_east).value("attendance", "112", "patient_id").as_deref(), Some("21"));
    // No client can do that, nor hang a new row on a foreign parent.
    let change = json!({"op": "update", "table": "attendance", "key": ["111"],
        "values": {"patient_id": "21"}, "base": {"patient_id": "11"}});
    let insert = json!({"op": "insert", "table": "attendance", "temp": "4503599627370496",
        "values": {"patient_id": "21", "attendance_date": "2026-01-08"}});
    let payment = json!({"op": "insert", "table": "payments", "temp": "4503599627370497",
        "values": {"patient_id": "21", "branch_id": "1", "payment_date": "2026-01-08", "amount": "1.00", "mode": "cash"}});
    let units = json!([{"unit": "1", "changes": [change]}, {"unit": "2", "changes": [insert]}, {"unit": "3", "changes": [payment]}]);
    let answer = main.push(1, units);
    assert_eq!(answer["units"][0]["code"], "forbidden", "{answer}");
    assert_eq!(answer["units"][0]["field"], "attendance.patient_id");
    assert_eq!(answer["units"][1]["code"], "forbidden", "{answer}");
    assert_eq!(answer["units"][2]["code"], "parent_missing", "{answer}");
    assert_eq!(target.count("attendance WHERE patient_id = 21"), 2);
    assert_eq!(target.count("payments WHERE patient_id = 21"), 0);
}

/// A unique key must be kept, but no more is said of the row that has it.
pub fn a_taken_key_of_another_branch_tells_nothing(target: &impl Target) {
    add_rows(target);
    let main = user(target, "reception", Some(1));
    let insert = |key: &str| {
        json!([{"op": "insert", "table": "patients", "values": {"patient_id": key, "branch_id": "1", "treatment_type": "daily",
            "total_amount": "1.00", "due_amount": "1.00", "start_date": "2026-01-05", "end_date": "2026-01-25"}}])
    };
    let foreign = main.push_changes(1, insert("21"));
    assert_eq!(
        (&foreign["units"][0]["status"], &foreign["units"][0]["code"]),
        (&json!("failed"), &json!("duplicate_key"))
    );
    assert_eq!((&foreign["rows"], &foreign["deleted"]), (&json!([]), &json!([])));
    let own = main.push_changes(2, insert("12"));
    assert_eq!(own["units"][0]["status"], "conflict");
    assert_eq!(own["rows"][0]["rows"].as_array().map(Vec::len), Some(1));
}

/// A cursor is good for who it was given to: other eyes read everything anew.
pub fn another_branch_or_role_begins_another_epoch(target: &impl Target) {
    add_rows(target);
    let main = user(target, "reception", Some(1));
    let cursor = settled(&main);
    assert_eq!(main.sync(&cursor).n_changes(), 0);
    for other in
        [user(target, "reception", Some(2)), user(target, "manager", Some(1)), user(target, "owner", Some(1))]
    {
        other.get(&format!("sync.php?since={cursor}")).expect_error("epoch_changed");
    }
    // Owners see the same wherever they belong.
    let (owner, other) = (user(target, "owner", Some(2)), user(target, "owner", None));
    assert_eq!(other.sync(&settled(&owner)).n_changes(), 0);
}

/// No scope, but the operations of the role all the same.
pub fn an_owner_sees_and_writes_all_branches(target: &impl Target) {
    add_rows(target);
    let owner = user(target, "owner", Some(1));
    assert_eq!(keys(&owner, "attendance", "attendance_id"), ["111", "112", "121"]);
    let answer = owner.push_changes(
        1,
        json!([{"op": "update", "table": "patients", "key": ["21"], "values": {"branch_id": "1"}, "base": {"branch_id": "2"}}]),
    );
    assert_eq!(answer["units"][0]["status"], "applied");
    assert_eq!(target.count("patients WHERE branch_id = 1"), 3);
}

/// Its scope is nothing, not everything.
pub fn a_user_without_a_branch_sees_what_belongs_to_all(target: &impl Target) {
    add_rows(target);
    target.execute("INSERT INTO system_settings (setting_key, setting_value) VALUES ('theme', 'dark')");
    let lost = user(target, "reception", None);
    assert!(lost.read("table=patients").rows.is_empty());
    assert!(lost.read("table=attendance").rows.is_empty());
    assert_eq!(lost.read("table=system_settings").rows.len(), 1);
    let answer = lost.push_changes(
        1,
        json!([{"op": "update", "table": "patients", "key": ["11"], "values": {"remarks": "x"}, "base": {"remarks": null}}]),
    );
    assert_eq!(answer["units"][0]["code"], "gone");
}

/// Every endpoint, table, operation, kind of token and row.
pub fn every_cell_of_the_matrix_is_as_specified(target: &impl Target) {
    let n_cells = matrix::check(target);
    assert!(n_cells > 3_500, "{n_cells} cells");
    anstream::eprintln!("{n_cells} cells, all as specified");
}
