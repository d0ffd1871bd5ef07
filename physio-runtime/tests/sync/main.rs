//! The loop, end to end: a real cache file against the embedded bridge over loopback HTTP.
#![cfg(feature = "embedded-bridge")]

mod ahead;
mod audit;
mod drift;
mod life;
mod pull;
mod push;
mod trouble;

mod clinic {
    physio_runtime::schema!("physio.toml");
}

use clinic::{Branches, BranchesInsert, BranchesPatch};
use physio_runtime::bridge::Token;
use physio_runtime::bridge::embedded::{EmbeddedBridge, Endpoint, Fault, Faults};
use physio_runtime::cache::Resolution;
use physio_runtime::{Cause, ErrorKind, Event, Physio, Plan, SyncState, SyncStatus};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::broadcast::Receiver;

const TOKEN: &str = "a-token";

fn bridge() -> EmbeddedBridge {
    let bridge = EmbeddedBridge::start(Arc::new(clinic::plan().clone())).expect("a bridge");
    bridge.add_token(TOKEN);
    bridge
}

fn open_with(plan: &Plan, folder: &TempDir, bridge: &EmbeddedBridge) -> Physio {
    Physio::builder(plan.clone())
        .cache(folder.path().join("cache.db"))
        .bridge_url(bridge.url())
        .token(Token::new(TOKEN))
        .open()
        .expect("a cache")
}

fn open(folder: &TempDir, bridge: &EmbeddedBridge) -> Physio {
    open_with(clinic::plan(), folder, bridge)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn branch(name: &str) -> BranchesInsert {
    BranchesInsert { branch_name: name.into(), clinic_name: "C".into(), optional: Default::default() }
}

fn add_branches(bridge: &EmbeddedBridge, n: usize) {
    bridge.with_store(|store| {
        let insert = "INSERT INTO branches (branch_name, clinic_name, is_active, created_at)
                      VALUES (?1, 'C', 1, '2025-01-02 03:04:05')";
        for number in 0..n {
            store.execute(insert, [format!("branch {number}")]).expect("a row");
        }
    });
}

fn server_count(bridge: &EmbeddedBridge, condition: &str) -> i64 {
    bridge.with_store(|store| {
        let sql = format!("SELECT count(*) FROM branches WHERE {condition}");
        store.query_row(&sql, [], |row| row.get(0)).expect("a count")
    })
}

/// The next event that `is_meant`; the test harness ends a test that waits for ever.
async fn event(events: &mut Receiver<Event>, is_meant: impl Fn(&Event) -> bool) -> Event {
    let wait = async {
        loop {
            let event = events.recv().await.expect("the loop runs");
            if is_meant(&event) {
                return event;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("the event comes")
}
