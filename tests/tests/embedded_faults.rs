//! Faults on order: each does what it says over real HTTP, and the store is never half changed.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_runtime::bridge::embedded::{BridgeCore, EmbeddedBridge, Endpoint, Fault, Faults, Request};
use physio_tests::conformance::{Client, EmbeddedTarget, Target};
use physio_tests::harness::App;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const DEVICE: &str = "00112233445566778899aabbccddeeff";
const TOKEN: &str = "a-token-of-this-test";

fn start() -> (EmbeddedBridge, reqwest::Client) {
    let bridge = EmbeddedBridge::start(App::clinic().unwrap().plan).unwrap();
    bridge.add_token(TOKEN);
    (bridge, reqwest::Client::new())
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn batch() -> Vec<u8> {
    json!({"v": 1, "device": DEVICE, "batch": 1, "units": [{"unit": "1", "changes": [
        {"op": "insert", "table": "branches", "temp": "1", "values": {"branch_name": "New", "clinic_name": "Clinic"}}]}]})
    .to_string()
    .into_bytes()
}

async fn post(bridge: &EmbeddedBridge, client: &reqwest::Client) -> reqwest::Result<(u16, String)> {
    let request = client.post(format!("{}batch.php", bridge.url())).bearer_auth(TOKEN);
    let answer = request.header("x-physio-device", DEVICE).body(batch()).send().await?;
    let status = answer.status().as_u16();
    Ok((status, answer.text().await?))
}

fn n_branches(bridge: &EmbeddedBridge) -> i64 {
    bridge.with_store(|store| store.query_row("SELECT count(*) FROM branches", [], |row| row.get(0))).unwrap()
}

#[test]
fn a_lost_reply_has_been_applied_and_the_retry_gets_its_answer() {
    let (bridge, client) = start();
    bridge.set_faults(Faults::none().times(2, Some(Endpoint::Batch), Fault::DropReply));
    block_on(async {
        assert!(post(&bridge, &client).await.is_err());
        assert_eq!(n_branches(&bridge), 1);
        assert!(post(&bridge, &client).await.is_err());
        let (status, body) = post(&bridge, &client).await.unwrap();
        assert_eq!(status, 200);
        assert!(body.contains("applied"), "{body}");
    });
    assert_eq!(n_branches(&bridge), 1);
}

#[test]
fn a_bridge_that_is_offline_does_nothing() {
    let (bridge, client) = start();
    bridge.set_faults(Faults::none().always(None, Fault::Offline));
    assert!(block_on(post(&bridge, &client)).is_err());
    assert_eq!(n_branches(&bridge), 0);
    bridge.set_faults(Faults::none());
    assert_eq!(block_on(post(&bridge, &client)).unwrap().0, 200);
}

#[test]
fn a_cut_body_ends_with_an_error_after_its_bytes() {
    let (bridge, client) = start();
    bridge.set_faults(Faults::none().times(1, None, Fault::CutBody(10)));
    block_on(async {
        let request = client.get(format!("{}read.php?table=branches", bridge.url())).bearer_auth(TOKEN);
        let mut answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        let mut n_bytes = 0;
        let ended = loop {
            match answer.chunk().await {
                Ok(Some(piece)) => n_bytes += piece.len(),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        assert!(ended.is_err(), "the cut looks like a good end");
        assert!(n_bytes <= 10, "{n_bytes} bytes came");
    });
}

#[test]
fn refusals_and_host_pages_come_with_their_status() {
    let (bridge, client) = start();
    let faults = Faults::none().times(1, None, Fault::Refuse("busy")).times(1, None, Fault::Html(403));
    bridge.set_faults(faults);
    block_on(async {
        let (status, body) = post(&bridge, &client).await.unwrap();
        assert_eq!(status, 503);
        assert!(body.contains("\"busy\""), "{body}");
        let (status, body) = post(&bridge, &client).await.unwrap();
        assert_eq!(status, 403);
        assert!(body.starts_with("<!DOCTYPE html>"), "{body}");
        assert_eq!(n_branches(&bridge), 0);
        assert_eq!(post(&bridge, &client).await.unwrap().0, 200);
    });
}

#[test]
fn a_delay_is_waited_for() {
    let (bridge, client) = start();
    bridge.set_faults(Faults::none().times(1, None, Fault::Delay(Duration::from_millis(80))));
    let began = std::time::Instant::now();
    assert_eq!(block_on(post(&bridge, &client)).unwrap().0, 200);
    assert!(began.elapsed() >= Duration::from_millis(80));
}

#[test]
fn a_restart_keeps_address_and_store() {
    let (bridge, client) = start();
    block_on(async {
        assert_eq!(post(&bridge, &client).await.unwrap().0, 200);
        let url = bridge.url();
        bridge.stop();
        assert!(post(&bridge, &client).await.is_err(), "nobody listens");
        bridge.restart().unwrap();
        assert_eq!(bridge.url(), url);
        assert_eq!(post(&bridge, &client).await.unwrap().0, 200);
    });
    assert_eq!(n_branches(&bridge), 1);
}

#[test]
fn a_new_epoch_and_a_forgotten_feed_send_devices_back() {
    let target = EmbeddedTarget::start(App::clinic().unwrap());
    let client: Client = target.client();
    let cursor = client.cursor();
    target.bridge().with_core(|core| core.start_epoch()).unwrap();
    client.get(&format!("sync.php?since={cursor}")).expect_error("epoch_changed");
    let cursor = client.cursor();
    target.execute("INSERT INTO system_settings (setting_key, setting_value) VALUES ('a', 'b')");
    target.bridge().with_core(|core| core.forget_feed()).unwrap();
    client.get(&format!("sync.php?since={cursor}")).expect_error("cursor_expired");
}

/// Nothing in the core reads a clock or draws a random number.
#[test]
fn the_same_seed_requests_and_times_give_the_same_bytes() {
    let plan = App::clinic().unwrap().plan;
    let run = |seed: u64| {
        let mut core = BridgeCore::new(Arc::clone(&plan), seed).unwrap();
        core.add_token(TOKEN, None);
        let request = |method: &str, path: &str, query: &str, body: Vec<u8>| Request {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: [("authorization", format!("Bearer {TOKEN}")), ("x-physio-device", DEVICE.to_owned())]
                .map(|(name, value)| (name.to_owned(), value))
                .to_vec(),
            body,
        };
        let mut bytes = Vec::new();
        for (n, request) in [
            request("GET", "/sync.php", "since=new", Vec::new()),
            request("POST", "/batch.php", "", batch()),
            request("GET", "/read.php", "table=branches", Vec::new()),
        ]
        .iter()
        .enumerate()
        {
            bytes.extend(core.answer(request, 1_770_000_000_000 + n as i64).body);
        }
        String::from_utf8(bytes).unwrap()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8), "the epoch comes from the seed");
    assert!(run(7).contains("2026-02-02 02:40:00"), "defaults read the given clock: {}", run(7));
}
