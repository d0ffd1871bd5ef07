//! Locks of another application that a push runs into: the bridge tries again, the device hears nothing of it.

use super::*;
use physio_tests::conformance::{Client, DEVICE};
use serde_json::{Value, json};

fn edit(key: &str, city: &str) -> Value {
    json!({"op": "update", "table": "branches", "key": [key], "values": {"city": city}, "base": {"city": null}})
}

/// What PHP answers to a batch of two edits and an insert.
fn push(site: &Site) -> Value {
    let insert = json!({"op": "insert", "table": "branches", "temp": "4503599627370497",
                        "values": {"branch_name": "New", "clinic_name": "C"}});
    Client::new(&site.stack.url(), TOKEN, DEVICE).push(
        1,
        json!([{"unit": "1", "changes": [insert]}, {"unit": "2", "changes": [edit("2", "b")]},
               {"unit": "3", "changes": [edit("1", "a")]}]),
    )
}

fn assert_applied(site: &Site, answer: &Value) {
    let units = answer["units"].as_array().unwrap();
    assert!(units.iter().all(|unit| unit["status"] == "applied"), "{answer}");
    assert_eq!(site.count("branches WHERE branch_name = 'New'"), 1, "once, for all the tries");
    assert_eq!(site.count("branches WHERE (branch_id, city) IN ((1, 'a'), (2, 'b'))"), 2);
    site.stack.php.assert_clean();
}

/// The statement of PHP that has been at the branches' rows for so long that it must be waiting: its number.
fn waiting(site: &Site) -> Option<u64> {
    let mut root = site.stack.maria().connect(None).unwrap();
    let sql = "SELECT QUERY_ID FROM information_schema.PROCESSLIST
               WHERE DB = ? AND COMMAND <> 'Sleep' AND INFO LIKE '%`branches`%' AND TIME_MS > 50";
    root.exec_first(sql, (&site.stack.database,)).unwrap()
}

#[test]
fn a_deadlock_is_tried_again_on_the_server() {
    let site = Site::start();
    let mut other = site.stack.connect().unwrap();
    other.query_drop("BEGIN").unwrap();
    // So many changes that the server takes the push back and not this one.
    let rows: Vec<String> = (0..500).map(|n| format!("('k{n}', '1')")).collect();
    other
        .query_drop(format!(
            "INSERT INTO system_settings (setting_key, setting_value) VALUES {}",
            rows.join(",")
        ))
        .unwrap();
    other.query_drop("UPDATE branches SET state = 'x' WHERE branch_id = 1").unwrap();
    let answer = std::thread::scope(|scope| {
        let pushed = scope.spawn(|| push(&site));
        wait_until("PHP at the branch's row", || waiting(&site).is_some());
        // The push holds branch 2 and waits for branch 1: now each waits for the other.
        other.query_drop("UPDATE branches SET state = 'x' WHERE branch_id = 2").unwrap();
        other.query_drop("COMMIT").unwrap();
        pushed.join().unwrap()
    });
    assert_applied(&site, &answer);
    assert_eq!(site.count("branches WHERE state = 'x'"), 2, "the other application lost nothing");
    // 500 settings, two branches of the other, three rows of the push: a try that was undone left nothing in the feed.
    assert_eq!(site.count("_physio_inbox WHERE t = CRC32('branches') AND pk NOT IN ('1', '2')"), 1);
}

/// The bridge waits for four seconds for a row, gives up, and tries the whole batch again.
#[test]
fn a_lock_timeout_is_tried_again_on_the_server() {
    let site = Site::start();
    let mut other = site.stack.connect().unwrap();
    other.query_drop("BEGIN").unwrap();
    other.query_drop("UPDATE branches SET state = 'x' WHERE branch_id = 1").unwrap();
    let answer = std::thread::scope(|scope| {
        let pushed = scope.spawn(|| push(&site));
        wait_until("PHP at the branch's row", || waiting(&site).is_some());
        let first = waiting(&site);
        // Another statement: the first one was given up, and its whole batch undone.
        wait_until("the second try", || waiting(&site).is_some_and(|second| Some(second) != first));
        other.query_drop("COMMIT").unwrap();
        pushed.join().unwrap()
    });
    assert_applied(&site, &answer);
}
