//! Tokens on real PHP and MariaDB: refused ones look alike down to their statements, are counted, and lock nobody out.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use mysql::prelude::Queryable;
use physio_tests::conformance::{Client, DEVICE, PhpTarget, Reply, Target, Token};
use physio_tests::harness::App;

/// `Throttle::MOST` and `Throttle::SECONDS_EACH` of the bridge.
const MOST: u64 = 20;
const SECONDS_EACH: u64 = 15;

fn start() -> PhpTarget {
    PhpTarget::start(App::clinic().unwrap())
}

/// A bridge that believes the proxy before it, so that a test may come from anywhere.
fn start_behind_a_proxy() -> PhpTarget {
    let target = start();
    let settings = "<?php return ['trust_proxy' => true];";
    std::fs::write(target.stack().folder().join("physio-config.php"), settings).unwrap();
    target
}

fn ask(target: &PhpTarget, token: &str, address: Option<&str>) -> Reply {
    let client = Client::new(&target.url(), token, DEVICE);
    let client = client
        .with_header("x-forwarded-for", address)
        .with_header("x-forwarded-proto", address.map(|_| "https"));
    client.get("sync.php?since=new")
}

/// What the server was told by this database's user, without the values that were bound.
fn statements(target: &PhpTarget, work: impl FnOnce()) -> Vec<String> {
    let mut root = target.stack().maria().connect(None).unwrap();
    root.query_drop("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = 1").unwrap();
    let user = format!("{0}[{0}]%", target.stack().database);
    // The end of a connection is noted after its answer has left.
    let told =
        "FROM mysql.general_log WHERE command_type IN ('Query', 'Prepare', 'Execute') AND user_host LIKE ?";
    let n_before: usize = root.exec_first(format!("SELECT COUNT(*) {told}"), (&user,)).unwrap().unwrap();
    work();
    let told: Vec<(String, String)> =
        root.exec(format!("SELECT command_type, CONVERT(argument USING utf8mb4) {told}"), (&user,)).unwrap();
    let line = |(kind, text): (String, String)| match kind.as_str() {
        // Values stand here; the statement itself stands in its Prepare.
        "Execute" => kind,
        _ => format!("{kind} {text}"),
    };
    told.into_iter().skip(n_before).map(line).collect()
}

#[test]
fn every_refused_token_costs_the_same_statements() {
    let target = start();
    target.add_token("Expired-Token-000000000000", Token::Expired);
    target.add_token("Revoked-Token-000000000000", Token::Revoked);
    let too_long = "x".repeat(600);
    // The first of an address inserts its count, which later ones change: it is none of the four.
    ask(&target, "Unknown-Token-000000000000", None).expect_error("token_refused");
    let tokens = [
        "Unknown-Token-000000000000",
        "Expired-Token-000000000000",
        "Revoked-Token-000000000000",
        too_long.as_str(),
    ];
    let costs = tokens
        .map(|token| statements(&target, || drop(ask(&target, token, None).expect_error("token_refused"))));
    let is_lookup = |line: &String| line.starts_with("Prepare SELECT k.`token`");
    assert!(costs[0].iter().any(is_lookup), "the log shows nothing: {costs:?}");
    for (token, cost) in tokens.iter().zip(&costs) {
        assert_eq!(cost, &costs[0], "{token}");
    }
    target.check_clean();
}

#[test]
fn refused_tokens_of_an_address_are_counted_and_lock_no_good_one_out() {
    let target = start_behind_a_proxy();
    let refused = |address: &str| ask(&target, "Unknown-Token-000000000000", Some(address));
    for attempt in 0..MOST {
        let reply = refused("192.0.2.7");
        assert_eq!(reply.status, 401, "attempt {attempt}");
        reply.expect_error("token_refused");
    }
    let reply = refused("192.0.2.7");
    reply.expect_error("too_many_attempts");
    assert_eq!(reply.headers["retry-after"], SECONDS_EACH.to_string());
    // Whoever shares the address and has a good token does not notice.
    for _ in 0..3 {
        let good = ask(&target, physio_tests::conformance::GOOD_TOKEN, Some("192.0.2.7"));
        assert_eq!(good.status, 200, "{}", good.text());
    }
    refused("192.0.2.8").expect_error("token_refused");
    // One attempt is forgotten after its time; that time is put back here.
    target.execute(&format!("UPDATE _physio_attempt SET until_s = until_s - {SECONDS_EACH}"));
    refused("192.0.2.7").expect_error("token_refused");
    refused("192.0.2.7").expect_error("too_many_attempts");
    target.check_clean();
}

#[test]
fn a_throttled_address_writes_nothing_more() {
    let target = start_behind_a_proxy();
    for _ in 0..=MOST {
        ask(&target, "Unknown-Token-000000000000", Some("192.0.2.7"));
    }
    let until = || target.query("SELECT CONCAT(until_s) FROM _physio_attempt");
    let before = until();
    for _ in 0..5 {
        ask(&target, "Unknown-Token-000000000000", Some("192.0.2.7")).expect_error("too_many_attempts");
    }
    assert_eq!(until(), before);
    assert_eq!(before.len(), 1);
}

#[test]
fn attempts_are_kept_without_their_address_in_a_table_of_bounded_size() {
    let target = start_behind_a_proxy();
    assert_eq!(ask(&target, physio_tests::conformance::GOOD_TOKEN, Some("192.0.2.1")).status, 200);
    assert_eq!(target.count("_physio_attempt"), 0, "a good token is not counted");
    for host in 1..=40 {
        ask(&target, "Unknown-Token-000000000000", Some(&format!("198.51.100.{host}")));
    }
    assert!((30..=40).contains(&target.count("_physio_attempt")), "two may share a place");
    assert_eq!(target.count("_physio_attempt WHERE place >= 4096"), 0, "the key bounds the table");
    assert_eq!(target.count("_physio_attempt WHERE address NOT REGEXP '^[0-9a-f]{32}$'"), 0);
    // Another address in the same place begins at one.
    target.execute(&format!(
        "UPDATE _physio_attempt SET address = REPEAT('0', 32), until_s = until_s + {}",
        MOST * 60
    ));
    ask(&target, "Unknown-Token-000000000000", Some("198.51.100.1")).expect_error("token_refused");
    target.check_clean();
}

#[test]
fn a_database_without_the_table_refuses_all_the_same() {
    let target = start();
    target.execute("DROP TABLE _physio_attempt");
    for _ in 0..MOST + 5 {
        ask(&target, "Unknown-Token-000000000000", None).expect_error("token_refused");
    }
    assert_eq!(target.client().get("sync.php?since=new").status, 200);
    target.check_clean();
}

#[test]
fn the_last_use_is_noted_once_a_minute_and_nothing_else_of_the_row_changes() {
    let target = start();
    // What old servers make of `timestamp NOT NULL` by themselves.
    target.execute("ALTER TABLE api_tokens MODIFY expires_at timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()");
    target.add_token("Revoked-Token-000000000000", Token::Revoked);
    let good = format!("api_tokens WHERE token = '{}'", physio_tests::conformance::GOOD_TOKEN);
    let row =
        || target.query(&format!("SELECT CONCAT_WS('|', last_used_at, expires_at, created_at) FROM {good}"));
    let poll = || assert_eq!(target.client().get("sync.php?since=new").status, 200);
    let expires = target.query(&format!("SELECT expires_at FROM {good}"));
    assert_eq!(target.count(&format!("{good} AND last_used_at IS NULL")), 1);
    poll();
    assert_eq!(target.count(&format!("{good} AND last_used_at > UTC_TIMESTAMP() - INTERVAL 30 SECOND")), 1);
    assert_eq!(target.query(&format!("SELECT expires_at FROM {good}")), expires);
    let set = |seconds: u32| {
        target.execute(&format!(
            "SET time_zone = '+00:00'; UPDATE api_tokens SET expires_at = expires_at, last_used_at = UTC_TIMESTAMP() - INTERVAL {seconds} SECOND"
        ));
    };
    set(40);
    let before = row();
    poll();
    assert_eq!(row(), before, "a minute is not over");
    set(61);
    let before = row();
    poll();
    assert_ne!(row(), before);
    assert_eq!(target.query(&format!("SELECT expires_at FROM {good}")), expires);
    // Whoever is refused leaves no trace in the token table.
    target.execute("UPDATE api_tokens SET expires_at = expires_at, last_used_at = NULL");
    ask(&target, "Revoked-Token-000000000000", None).expect_error("token_refused");
    assert_eq!(target.count("api_tokens WHERE last_used_at IS NULL"), 2);
    target.check_clean();
}

#[test]
fn a_token_table_that_cannot_be_written_keeps_nobody_out() {
    let target = start();
    target
        .execute("CREATE TRIGGER no_writes BEFORE UPDATE ON api_tokens FOR EACH ROW SIGNAL SQLSTATE '45000'");
    assert_eq!(target.client().get("sync.php?since=new").status, 200);
    assert_eq!(target.count("api_tokens WHERE last_used_at IS NULL"), 1);
    target.check_clean();
}

#[test]
fn plain_http_is_taken_from_this_machine_alone() {
    let target = start();
    assert_eq!(target.client().get("sync.php?since=new").status, 200);
    for (name, value) in
        [("x-forwarded-for", "192.0.2.7"), ("via", "1.1 proxy"), ("forwarded", "for=192.0.2.7")]
    {
        let client = || target.client().with_header(name, Some(value));
        client().get("sync.php?since=new").expect_error("tls_required");
        // A header that anybody can send makes no connection safe.
        client()
            .with_header("x-forwarded-proto", Some("https"))
            .get("sync.php?since=new")
            .expect_error("tls_required");
    }
    target.check_clean();
}
