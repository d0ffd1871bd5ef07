//! What a poll without news costs the server, by the server's own counters. One test only: they count everybody.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use mysql::Conn;
use mysql::prelude::Queryable;
use physio_tests::conformance::{PhpTarget, Target};
use physio_tests::harness::App;
use std::collections::BTreeMap;

fn counters(conn: &mut Conn) -> BTreeMap<String, u64> {
    let sql =
        "SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Handler\\_%' OR Variable_name LIKE 'Innodb_rows_%'";
    conn.query_map(sql, |(name, value): (String, u64)| (name, value)).unwrap().into_iter().collect()
}

/// What the work counts, without what the looking itself counts.
fn counted(conn: &mut Conn, work: impl FnOnce()) -> BTreeMap<String, u64> {
    let (first, before) = (counters(conn), counters(conn));
    work();
    let after = counters(conn);
    let looking = |name: &String| before[name] - first[name];
    after
        .iter()
        .map(|(name, n)| (name.clone(), n - before[name] - looking(name)))
        .filter(|(_, n)| *n > 0)
        .collect()
}

#[test]
fn an_idle_poll_is_a_few_look_ups_and_no_write_however_long_the_feed_is() {
    let target = PhpTarget::start(App::clinic().unwrap());
    let mut conn = target.stack().connect().unwrap();
    let client = target.client();
    let mut costs = Vec::new();
    for (first, last) in [(1_u32, 10_u32), (11, 200_000)] {
        conn.query_drop(format!(
            "INSERT INTO _physio_feed (t, pk, seq) SELECT 1, seq, seq FROM seq_{first}_to_{last}"
        ))
        .unwrap();
        conn.query_drop(format!("UPDATE _physio_state SET seq = {last}")).unwrap();
        let cursor = client.cursor();
        // The device says where it is: once, and not again.
        client.sync(&cursor);
        costs.push(counted(&mut conn, || assert_eq!(client.sync(&cursor).n_changes(), 0)));
    }
    assert_eq!(costs[0], costs[1], "10 entries and 200,000");
    for name in costs[0].keys() {
        let writes = ["insert", "update", "delete", "write"].iter().any(|word| name.contains(word));
        assert!(!writes, "{name}: {costs:?}");
    }
    let reads = costs[0].iter().filter(|(name, _)| name.starts_with("Handler_read"));
    let n_reads: u64 = reads.map(|(_, n)| n).sum();
    assert!(n_reads <= 10, "{costs:?}");

    // A poll with news reads the news alone.
    let since = format!("{}.199990", client.cursor().split('.').next().unwrap());
    let cost = counted(&mut conn, || drop(client.sync_with(&since, "&tables=roles")));
    let n_reads: u64 = cost.iter().filter(|(name, _)| name.starts_with("Handler_read")).map(|(_, n)| n).sum();
    assert!(n_reads <= 40, "{cost:?}");
    target.check_clean();
}
