//! What no feed tells is found by comparing, and brought in line.

use super::*;
use physio_runtime::TableAudit;
use physio_runtime::bridge::wire::{
    BatchAnswer, BridgeError, PageRequest, RangeRequest, RowSink, StreamEnd, SyncRequest,
};
use physio_runtime::bridge::{Bridge, HttpBridge};
use physio_runtime::rusqlite::config::DbConfig;
use std::sync::atomic::{AtomicBool, Ordering};

/// Changes the server's rows behind its triggers, as TRUNCATE and bulk loads do.
fn behind_the_triggers(bridge: &EmbeddedBridge, sql: &str) {
    bridge.with_store(|store| {
        store.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).expect("a setting");
        store.execute_batch(sql).expect("a good statement");
        store.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true).expect("a setting");
    });
}

async fn audit(physio: &Physio, table: &str) -> TableAudit {
    let audits = physio.audit().await.expect("an audit");
    assert_eq!(audits.len(), physio.plan().tables.len(), "every table is compared");
    audits.into_iter().find(|audit| audit.table == table).expect("compared")
}

/// Every visible value of both sides.
fn rows_here(physio: &Physio, table: &str, columns: &str) -> Vec<String> {
    let sql = format!("SELECT concat_ws('|', {columns}) FROM {table} ORDER BY 1");
    physio.query_rows(&sql, [], |row| Ok(row.get(0)?)).expect("rows")
}

fn rows_there(bridge: &EmbeddedBridge, table: &str, columns: &str) -> Vec<String> {
    bridge.with_store(|store| {
        let sql = format!("SELECT concat_ws('|', {columns}) FROM {table} ORDER BY 1");
        let mut rows = store.prepare(&sql).expect("a good statement");
        let rows = rows.query_map([], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("texts")
    })
}

#[tokio::test]
async fn what_passed_the_triggers_is_found_and_brought_in_line() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 3000);
    let physio = open(&folder, &bridge);
    physio.sync_now().await.expect("a round");
    let first = audit(&physio, "branches").await;
    assert_eq!((first.n_rows, first.n_reread, first.n_repaired), (3000, 0, 0));

    behind_the_triggers(
        &bridge,
        "UPDATE branches SET city = 'Pune' WHERE branch_id IN (5, 1000, 1001);
         DELETE FROM branches WHERE branch_id IN (7, 3000);
         INSERT INTO branches (branch_id, branch_name, clinic_name, is_active, created_at)
           VALUES (7007, 'last', 'C', 1, '2025-01-02 03:04:05');",
    );
    physio.sync_now().await.expect("a round");
    assert!(physio.get::<Branches>(7).expect("a read").is_some(), "the feed told nothing of it");
    let mut events = physio.events();
    let second = audit(&physio, "branches").await;
    assert_eq!((second.n_rows, second.n_repaired, second.n_repaired_ever), (2999, 6, 6));
    assert!(second.n_reread <= 3000, "only ranges that differ are read: {}", second.n_reread);
    assert!(second.in_sync_as_of > first.in_sync_as_of);
    let columns = "branch_id, branch_name, city";
    assert_eq!(rows_here(&physio, "branches", columns), rows_there(&bridge, "branches", columns));
    event(&mut events, |event| {
        matches!(event, Event::Rows { keys, cause: Cause::Pull, status: None, .. } if keys.contains(&"[\"7\"]".to_owned()))
    })
    .await;
    let third = audit(&physio, "branches").await;
    assert_eq!((third.n_reread, third.n_repaired, third.n_repaired_ever), (0, 0, 6));
    let status = physio.status().expect("a status");
    let branches = status.tables.iter().find(|table| table.table == "branches").expect("listed");
    assert_eq!(branches.in_sync_as_of, Some(third.in_sync_as_of));
}

#[tokio::test]
async fn only_ranges_that_differ_are_read_again() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 5000);
    let physio = open(&folder, &bridge);
    physio.sync_now().await.expect("a round");
    behind_the_triggers(&bridge, "UPDATE branches SET city = 'Pune' WHERE branch_id = 2500");
    let found = audit(&physio, "branches").await;
    assert_eq!((found.n_reread, found.n_repaired), (1000, 1));
}

#[tokio::test]
async fn an_emptied_and_refilled_table_is_the_servers_again() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 40);
    let physio = open(&folder, &bridge);
    physio.sync_now().await.expect("a round");
    behind_the_triggers(&bridge, "PRAGMA foreign_keys = OFF; DELETE FROM branches;");
    let emptied = audit(&physio, "branches").await;
    assert_eq!((emptied.n_rows, emptied.n_repaired), (0, 40));
    assert!(rows_here(&physio, "branches", "branch_id").is_empty());
    behind_the_triggers(
        &bridge,
        "INSERT INTO branches (branch_id, branch_name, clinic_name, is_active, created_at)
           VALUES (3, 'x', 'C', 1, '2025-01-02 03:04:05'), (99, 'y', 'C', 0, '2025-01-02 03:04:05');",
    );
    assert_eq!(audit(&physio, "branches").await.n_repaired, 2);
    assert_eq!(rows_here(&physio, "branches", "branch_id, branch_name"), ["3|x", "99|y"]);
}

#[tokio::test]
async fn tables_whose_keys_are_text_are_compared_row_by_row() {
    let (bridge, folder) = (bridge(), folder());
    bridge.with_store(|store| {
        for key in ["b", "A", "a b", "ä", "Z", "zz", "0", "10", "9"] {
            let insert = "INSERT INTO system_settings (setting_key, setting_value) VALUES (?1, 'old')";
            store.execute(insert, [key]).expect("a row");
        }
    });
    let physio = open(&folder, &bridge);
    physio.sync_now().await.expect("a round");
    assert_eq!(audit(&physio, "system_settings").await.n_reread, 0);
    behind_the_triggers(
        &bridge,
        "UPDATE system_settings SET setting_value = 'new' WHERE setting_key IN ('A', '9');
         DELETE FROM system_settings WHERE setting_key = 'ä';
         INSERT INTO system_settings (setting_key, setting_value) VALUES ('B2', 'new');",
    );
    assert_eq!(audit(&physio, "system_settings").await.n_repaired, 4);
    let columns = "setting_key, setting_value";
    assert_eq!(
        rows_here(&physio, "system_settings", columns),
        rows_there(&bridge, "system_settings", columns)
    );
    assert_eq!(audit(&physio, "system_settings").await.n_reread, 0);
}

#[tokio::test]
async fn unsent_changes_survive_a_repair() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 3);
    let physio = open(&folder, &bridge);
    physio.sync_now().await.expect("a round");
    // Both sides change the same column: the row waits for a person.
    behind_the_triggers(&bridge, "UPDATE branches SET city = 'Pune' WHERE branch_id = 1");
    let mine = BranchesPatch { city: Some(Some("Delhi".into())), ..Default::default() };
    physio.write(|tx| tx.update::<Branches>(1, mine)).expect("a write");
    physio.sync_now().await.expect("a round");
    behind_the_triggers(&bridge, "UPDATE branches SET state = 'MH', city = 'Mumbai'");
    let found = audit(&physio, "branches").await;
    assert_eq!(found.n_repaired, 2, "the two rows without unsent changes");
    let row = physio.get::<Branches>(1).expect("a read").expect("there");
    assert_eq!((row.city.as_deref(), row.state.as_deref()), (Some("Delhi"), Some("MH")));
    let attention = physio.attention().expect("a list");
    let theirs = attention[0].changes[0].theirs.clone().expect("the server's version");
    assert_eq!(theirs["city"], "Mumbai");
    assert_eq!(
        rows_here(&physio, "branches", "branch_id, city, _sync_status"),
        ["1|Delhi|conflict", "2|Mumbai|synced", "3|Mumbai|synced"]
    );
}

/// Changes a row when sums are asked for the first time: after the round's delta.
struct ChangesMeanwhile {
    inner: HttpBridge,
    server: Arc<EmbeddedBridge>,
    is_changed: AtomicBool,
}

impl Bridge for ChangesMeanwhile {
    async fn sync<S: RowSink>(&self, request: &SyncRequest, sink: &mut S) -> Result<StreamEnd, BridgeError> {
        self.inner.sync(request, sink).await
    }
    async fn page<S: RowSink>(&self, request: &PageRequest, sink: &mut S) -> Result<StreamEnd, BridgeError> {
        self.inner.page(request, sink).await
    }
    async fn range<S: RowSink>(
        &self,
        request: &RangeRequest,
        sink: &mut S,
    ) -> Result<StreamEnd, BridgeError> {
        if request.table == "branches" && !self.is_changed.swap(true, Ordering::SeqCst) {
            self.server.with_store(|store| {
                let change = "UPDATE branches SET city = 'Pune' WHERE branch_id IN (9, 10)";
                store.execute(change, []).expect("an update");
                store.execute("DELETE FROM branches WHERE branch_id = 50", []).expect("a delete");
            });
        }
        self.inner.range(request, sink).await
    }
    async fn push(&self, request: &[u8]) -> Result<BatchAnswer, BridgeError> {
        self.inner.push(request).await
    }
}

#[tokio::test]
async fn what_the_feed_is_about_to_bring_is_no_difference() {
    let (server, folder) = (Arc::new(bridge()), folder());
    add_branches(&server, 50);
    let inner =
        HttpBridge::new(&server.url(), Token::new(TOKEN), &"0".repeat(32), clinic::plan()).expect("a client");
    let bridge = ChangesMeanwhile { inner, server: Arc::clone(&server), is_changed: AtomicBool::new(false) };
    let physio = Physio::builder(clinic::plan())
        .cache(folder.path().join("cache.db"))
        .bridge(bridge)
        .open()
        .expect("a cache");
    let found = audit(&physio, "branches").await;
    assert_eq!((found.n_reread, found.n_repaired), (0, 0), "the delta brought it");
    assert_eq!(physio.get::<Branches>(9).expect("a read").expect("there").city.as_deref(), Some("Pune"));
    assert!(physio.get::<Branches>(50).expect("a read").is_none());
}

/// Knows no ranges, as a bridge of an earlier version.
struct Older(HttpBridge);

impl Bridge for Older {
    async fn sync<S: RowSink>(&self, request: &SyncRequest, sink: &mut S) -> Result<StreamEnd, BridgeError> {
        self.0.sync(request, sink).await
    }
    async fn page<S: RowSink>(&self, request: &PageRequest, sink: &mut S) -> Result<StreamEnd, BridgeError> {
        self.0.page(request, sink).await
    }
    async fn push(&self, request: &[u8]) -> Result<BatchAnswer, BridgeError> {
        self.0.push(request).await
    }
}

#[tokio::test]
async fn a_bridge_that_knows_no_ranges_is_told_apart() {
    let (server, folder) = (bridge(), folder());
    let inner =
        HttpBridge::new(&server.url(), Token::new(TOKEN), &"0".repeat(32), clinic::plan()).expect("a client");
    let builder = Physio::builder(clinic::plan()).cache(folder.path().join("cache.db"));
    let physio = builder.bridge(Older(inner)).open().expect("a cache");
    assert_eq!(physio.audit().await.expect_err("it cannot").kind(), ErrorKind::Refused);
    assert!(physio.audits().expect("readable").is_empty(), "nothing is proven");
    physio.sync_now().await.expect("a round without a comparison");
}
