//! A cursor never passes a change that becomes visible later: transactions that interleave on a real server.

use mysql::prelude::Queryable;
use physio_tests::conformance::{PhpTarget, Target};
use physio_tests::harness::App;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

fn start() -> PhpTarget {
    PhpTarget::start(App::clinic().unwrap())
}

#[test]
fn a_change_that_commits_late_arrives_after_one_that_began_later() {
    let target = start();
    let client = target.client();
    let cursor = client.sync(&client.cursor()).cursor();
    let mut slow = target.stack().connect().unwrap();
    slow.query_drop("BEGIN").unwrap();
    slow.query_drop("INSERT INTO system_settings (setting_key, setting_value) VALUES ('slow', '1')").unwrap();
    target.execute("INSERT INTO system_settings (setting_key, setting_value) VALUES ('quick', '1')");

    let pull = client.sync(&cursor);
    assert_eq!(pull.value("system_settings", "quick", "setting_value").as_deref(), Some("1"));
    assert_eq!(pull.n_changes(), 1, "the open transaction is not seen");
    let idle = client.sync(&pull.cursor());
    assert_eq!(idle.n_changes(), 0);

    slow.query_drop("COMMIT").unwrap();
    let pull = client.sync(&idle.cursor());
    assert_eq!(pull.value("system_settings", "slow", "setting_value").as_deref(), Some("1"));
    target.check_clean();
}

#[test]
fn a_push_waits_for_no_open_transaction_of_other_rows() {
    let target = start();
    target.add_clinic_rows();
    let mut slow = target.stack().connect().unwrap();
    slow.query_drop("BEGIN").unwrap();
    slow.query_drop("UPDATE tests SET limb = 'left' WHERE test_id = 21").unwrap();
    let answer = target.client().push_changes(
        1,
        serde_json::json!([{"op": "update", "table": "patients", "key": ["11"], "values": {"due_amount": "1.00"},
                            "base": {"due_amount": "500.00"}}]),
    );
    assert_eq!(answer["units"][0]["status"], "applied", "{answer}");
    slow.query_drop("ROLLBACK").unwrap();
    target.check_clean();
}

/// Writers with long and short transactions, some rolled back; a device that only follows the feed must end with
/// exactly the table.
#[test]
fn a_device_that_follows_the_feed_ends_with_the_table() {
    const N_WRITERS: u64 = 6;
    const N_TRANSACTIONS: u64 = 40;
    let target = start();
    let client = target.client();
    let mut cursor = client.sync(&client.cursor()).cursor();
    let mut mirror: BTreeMap<String, Option<String>> = BTreeMap::new();
    let writers_are_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..N_WRITERS)
            .map(|writer| {
                let target = &target;
                scope.spawn(move || write(target, writer, N_TRANSACTIONS))
            })
            .collect();
        scope.spawn(|| {
            for writer in writers {
                writer.join().unwrap();
            }
            writers_are_done.store(true, Ordering::SeqCst);
        });
        loop {
            let is_last_round = writers_are_done.load(Ordering::SeqCst);
            let pull = client.sync_with(&cursor, "&limit=25");
            for key in pull.deleted.get("system_settings").into_iter().flatten() {
                let key: Vec<String> = serde_json::from_str(key).unwrap();
                mirror.remove(&key[0]);
            }
            for row in pull.rows.get("system_settings").into_iter().flat_map(BTreeMap::values) {
                mirror.insert(row["setting_key"].clone().unwrap(), row["setting_value"].clone());
            }
            cursor = pull.cursor();
            if is_last_round
                && pull.end["more"] == false
                && pull.end["exact"] == true
                && pull.n_changes() == 0
            {
                break;
            }
        }
    });
    let mut conn = target.stack().connect().unwrap();
    let table: Vec<(String, Option<String>)> =
        conn.query("SELECT setting_key, setting_value FROM system_settings").unwrap();
    assert!(table.len() > 50, "the writers left {} rows", table.len());
    assert_eq!(mirror, table.into_iter().collect());
    target.check_clean();
}

fn write(target: &PhpTarget, writer: u64, n_transactions: u64) {
    let mut random = fastrand::Rng::with_seed(writer);
    let mut conn = target.stack().connect().unwrap();
    for n in 0..n_transactions {
        conn.query_drop("BEGIN").unwrap();
        for step in 0..random.u64(1..5) {
            // Rows of its own: writers must interleave, not wait for one another.
            let key = format!("w{writer}-{}", random.u64(..30));
            let sql = match random.u8(..10) {
                0..7 => format!(
                    "REPLACE INTO system_settings (setting_key, setting_value) VALUES ('{key}', '{n}.{step}')"
                ),
                7..9 => format!("DELETE FROM system_settings WHERE setting_key = '{key}'"),
                _ => format!("UPDATE system_settings SET setting_key = '{key}x' WHERE setting_key = '{key}'"),
            };
            // A key that is taken already is a mistake of this writer alone; the transaction goes on.
            match conn.query_drop(sql) {
                Ok(()) | Err(mysql::Error::MySqlError(_)) => {}
                Err(error) => panic!("{error}"),
            }
            if n % 8 == 0 {
                conn.query_drop("DO SLEEP(0.05)").unwrap();
            }
        }
        conn.query_drop(if random.u8(..10) == 0 { "ROLLBACK" } else { "COMMIT" }).unwrap();
    }
}
