//! The loop, end to end: a real cache file against the embedded bridge over loopback HTTP.
#![cfg(feature = "embedded-bridge")]

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

#[tokio::test]
async fn an_empty_cache_fills_wave_by_wave() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 2500);
    let mut plan = clinic::plan().clone();
    plan.sync.page_rows = 1000;
    let physio = open_with(&plan, &folder, &bridge);
    let mut events = physio.events();
    physio.wait_until_synced().await.expect("in sync");
    let names: Vec<(i64, String)> = physio
        .query_rows("SELECT branch_id, branch_name FROM branches ORDER BY branch_id", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("rows");
    assert_eq!((names.len(), names[2499].1.as_str()), (2500, "branch 2499"));
    let mut completed = Vec::new();
    let mut n_pages = 0;
    while let Ok(event) = events.try_recv() {
        if let Event::Progress { wave, table, complete, .. } = event {
            n_pages += usize::from(table == "branches");
            if complete {
                completed.push((wave, table));
            }
        }
    }
    let in_order: Vec<(String, String)> = plan
        .waves
        .iter()
        .flat_map(|wave| wave.tables.iter().map(|table| (wave.name.clone(), table.clone())))
        .collect();
    assert_eq!(completed, in_order);
    assert_eq!(n_pages, 3);
    let status = physio.status().expect("a status");
    assert_eq!((status.state, status.online, status.trouble), (SyncState::Waiting, Some(true), None));
    let branches = status.tables.iter().find(|table| table.table == "branches").expect("listed");
    assert_eq!((branches.n_rows, branches.is_complete, &branches.error), (2500, true, &None));
    assert!(branches.age_s.is_some_and(|age| age < 30));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_pushed_and_its_temporary_key_becomes_real() {
    let (bridge, folder) = (bridge(), folder());
    let physio = open(&folder, &bridge);
    physio.wait_until_synced().await.expect("in sync");
    let mut events = physio.events();
    let key = physio.write(|tx| tx.insert(branch("New"))).expect("a local write");
    let local = event(&mut events, |event| matches!(event, Event::Rows { .. })).await;
    assert_eq!(
        local,
        Event::Rows {
            table: "branches".into(),
            keys: vec![format!("[\"{key}\"]")],
            cause: Cause::Local,
            status: Some(SyncStatus::Pending)
        }
    );
    let remapped = event(&mut events, |event| matches!(event, Event::Remapped { .. })).await;
    let Event::Remapped { temporary_key, server_key, .. } = remapped else { unreachable!() };
    assert_eq!(temporary_key, key);
    event(&mut events, |event| matches!(event, Event::Rows { cause: Cause::Push, .. })).await;
    physio.wait_until_synced().await.expect("in sync");
    assert_eq!(physio.resolve_key("branches", key).expect("a look-up"), Some(server_key.clone()));
    let row = physio.get::<Branches>(key).expect("a read").expect("found by its temporary key");
    assert_eq!((row.branch_id.to_string(), row.branch_name), (server_key, "New".into()));
    assert_eq!(server_count(&bridge, "branch_name = 'New'"), 1);
}

#[tokio::test]
async fn what_others_change_on_the_server_arrives() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 2);
    let physio = open(&folder, &bridge);
    physio.sync_now().await.expect("a round");
    let mut events = physio.events();
    bridge.with_store(|store| {
        store.execute("UPDATE branches SET city = 'Pune' WHERE branch_id = 1", []).expect("an update");
        store.execute("DELETE FROM branches WHERE branch_id = 2", []).expect("a delete");
    });
    physio.sync_now().await.expect("a round");
    let row = physio.get::<Branches>(1).expect("a read").expect("there");
    assert_eq!(row.city.as_deref(), Some("Pune"));
    assert!(physio.get::<Branches>(2).expect("a read").is_none());
    event(&mut events, |event| {
        matches!(event, Event::Rows { table, cause: Cause::Pull, status: None, .. } if table == "branches")
    })
    .await;
}

#[tokio::test]
async fn offline_writes_wait_and_are_sent_when_the_bridge_is_back() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 1);
    let physio = open(&folder, &bridge);
    physio.sync_now().await.expect("a round");
    let mut events = physio.events();
    bridge.stop();
    physio.write(|tx| tx.insert(branch("Offline"))).expect("a local write");
    physio
        .write(|tx| {
            tx.update::<Branches>(
                1,
                BranchesPatch { city: Some(Some("Nashik".into())), ..Default::default() },
            )
        })
        .expect("a local write");
    event(&mut events, |event| *event == Event::Online { online: false }).await;
    let error = physio.sync_now().await.expect_err("nobody answers");
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Offline, true));
    let status = physio.status().expect("a status");
    assert_eq!((status.n_pending, status.n_queued_units, status.online), (2, 2, Some(false)));
    bridge.restart().expect("the port is free");
    physio.sync_now().await.expect("a round");
    physio.wait_until_synced().await.expect("in sync");
    assert_eq!(server_count(&bridge, "branch_name = 'Offline'"), 1);
    assert_eq!(server_count(&bridge, "city = 'Nashik'"), 1);
}

#[tokio::test]
async fn a_lost_answer_does_not_double_the_row() {
    let (bridge, folder) = (bridge(), folder());
    let physio = open(&folder, &bridge);
    physio.sync_now().await.expect("a round");
    bridge.set_faults(Faults::none().times(2, Some(Endpoint::Batch), Fault::DropReply));
    physio.write(|tx| tx.insert(branch("Once"))).expect("a local write");
    physio.wait_until_synced().await.expect("the answer is fetched at last");
    assert_eq!(server_count(&bridge, "branch_name = 'Once'"), 1);
    assert_eq!(physio.query::<Branches>("SELECT * FROM branches", []).expect("rows").len(), 1);
}

#[tokio::test]
async fn a_refused_token_waits_for_a_new_one_and_keeps_the_queue() {
    let (bridge, folder) = (bridge(), folder());
    let physio = open(&folder, &bridge);
    physio.sync_now().await.expect("a round");
    let mut events = physio.events();
    bridge.revoke_token(TOKEN);
    physio.write(|tx| tx.insert(branch("Kept"))).expect("a local write");
    event(&mut events, |event| *event == Event::LoginNeeded).await;
    assert!(physio.wait_until_synced().await.expect_err("no token").needs_login());
    assert!(physio.sync_now().await.expect_err("no token").needs_login());
    assert_eq!(physio.status().expect("a status").n_pending, 1);
    bridge.add_token("newer");
    physio.set_token(Token::new("newer")).await.expect("a token");
    physio.sync_now().await.expect("a round");
    physio.wait_until_synced().await.expect("in sync");
    assert_eq!(server_count(&bridge, "branch_name = 'Kept'"), 1);
}

#[tokio::test]
async fn a_table_that_fails_on_the_server_does_not_stop_the_others() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 3);
    bridge.with_store(|store| {
        store.execute_batch("ALTER TABLE attendance RENAME TO gone").expect("the store takes it");
    });
    let physio = open(&folder, &bridge);
    let error = physio.sync_now().await.expect_err("one table fails");
    assert!(error.to_string().starts_with("attendance could not be synced"), "{error}");
    let status = physio.status().expect("a status");
    for table in &status.tables {
        assert_eq!(table.is_complete, table.table != "attendance", "{table:?}");
        assert_eq!(table.error.is_some(), table.table == "attendance", "{table:?}");
    }
    bridge.with_store(|store| {
        store.execute_batch("ALTER TABLE gone RENAME TO attendance").expect("the store takes it");
    });
    physio.sync_now().await.expect("mended");
    assert!(physio.status().expect("a status").tables.iter().all(|table| table.is_complete));
}

#[tokio::test]
async fn a_conflict_waits_for_a_person_who_decides() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 1);
    let physio = open(&folder, &bridge);
    physio.sync_now().await.expect("a round");
    bridge.stop();
    let mine = BranchesPatch { city: Some(Some("Mine".into())), ..Default::default() };
    physio.write(|tx| tx.update::<Branches>(1, mine)).expect("a local write");
    bridge.with_store(|store| {
        store.execute("UPDATE branches SET city = 'Theirs' WHERE branch_id = 1", []).expect("an update");
    });
    let mut events = physio.events();
    bridge.restart().expect("the port is free");
    physio.sync_now().await.expect("a conflict is no error of the round");
    let told = event(&mut events, |event| matches!(event, Event::Attention { .. })).await;
    assert_eq!(
        told,
        Event::Attention {
            table: "branches".into(),
            code: "changed".into(),
            field: Some("branches.city".into())
        }
    );
    let attention = physio.attention().expect("a list");
    let change = &attention[0].changes[0];
    assert_eq!(change.mine["city"], "Mine");
    assert_eq!(change.theirs.as_ref().expect("known")["city"], "Theirs");
    physio.resolve_conflict(change.change, Resolution::Mine).expect("decided");
    physio.wait_until_synced().await.expect("in sync");
    assert_eq!(server_count(&bridge, "city = 'Mine'"), 1);
    assert_eq!(physio.attention().expect("a list"), []);
}

#[tokio::test]
async fn a_write_of_another_program_is_noticed_and_pushed() {
    let (bridge, folder) = (bridge(), folder());
    let physio = open(&folder, &bridge);
    physio.sync_now().await.expect("a round");
    let mut events = physio.events();
    let shell = rusqlite::Connection::open(folder.path().join("cache.db")).expect("the file");
    shell.busy_timeout(Duration::from_secs(5)).expect("a timeout");
    shell
        .execute("INSERT INTO branches (branch_name, clinic_name) VALUES ('Shell', 'C')", [])
        .expect("the triggers take it");
    event(
        &mut events,
        |event| matches!(event, Event::Rows { table, cause: Cause::Local, .. } if table == "branches"),
    )
    .await;
    event(&mut events, |event| matches!(event, Event::Remapped { .. })).await;
    assert_eq!(server_count(&bridge, "branch_name = 'Shell'"), 1);
}

#[tokio::test]
async fn one_process_syncs_and_the_others_lend_it_their_writes() {
    let (bridge, folder) = (bridge(), folder());
    let first = open(&folder, &bridge);
    first.sync_now().await.expect("a round");
    let second = open(&folder, &bridge);
    second.wait_until_synced().await.expect("the first one does it");
    assert_eq!(second.status().expect("a status").state, SyncState::Elsewhere);
    assert_eq!(second.sync_now().await.expect_err("not its task").kind(), ErrorKind::Busy);
    let mut events = first.events();
    second.write(|tx| tx.insert(branch("Second"))).expect("a local write");
    event(&mut events, |event| matches!(event, Event::Remapped { .. })).await;
    assert_eq!(server_count(&bridge, "branch_name = 'Second'"), 1);
    first.close().await;
    // The lock is free now: the second one takes over.
    second.write(|tx| tx.insert(branch("Third"))).expect("a local write");
    let mut events = second.events();
    event(&mut events, |event| matches!(event, Event::Remapped { .. })).await;
    assert_eq!(server_count(&bridge, "branch_name = 'Third'"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_read_of_an_old_table_wakes_one_refresh() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 1);
    let mut plan = clinic::plan().clone();
    plan.sync.interval_s = 1_000_000;
    plan.tables.iter_mut().for_each(|table| table.stale_after_s = 60);
    let physio = open_with(&plan, &folder, &bridge);
    physio.sync_now().await.expect("a round");
    bridge.with_store(|store| {
        store.execute("UPDATE branches SET city = 'Pune' WHERE branch_id = 1", []).expect("an update");
    });
    let mut events = physio.events();
    tokio::time::advance(Duration::from_secs(59)).await;
    physio.get::<Branches>(1).expect("a read");
    assert!(events.try_recv().is_err(), "59 s old is not old");
    tokio::time::advance(Duration::from_secs(2)).await;
    for _ in 0..100 {
        let row = physio.query::<Branches>("SELECT * FROM branches WHERE branch_id = 1", []).expect("a read");
        assert_eq!(row[0].city, None, "a read never waits for the network");
    }
    event(&mut events, |event| matches!(event, Event::Rows { cause: Cause::Pull, .. })).await;
    assert_eq!(physio.get::<Branches>(1).expect("a read").expect("there").city.as_deref(), Some("Pune"));
}

#[tokio::test]
async fn a_rebuilt_feed_rebuilds_the_mirror_and_keeps_the_outbox() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 5);
    let physio = open(&folder, &bridge);
    physio.sync_now().await.expect("a round");
    bridge.stop();
    physio.write(|tx| tx.insert(branch("Unsent"))).expect("a local write");
    bridge.with_store(|store| {
        store.execute("DELETE FROM branches WHERE branch_id = 3", []).expect("a delete");
    });
    bridge.with_core(|core| core.start_epoch()).expect("a new epoch");
    bridge.restart().expect("the port is free");
    physio.sync_now().await.expect("a round");
    physio.wait_until_synced().await.expect("in sync");
    assert!(physio.get::<Branches>(3).expect("a read").is_none(), "it was deleted meanwhile");
    assert_eq!(physio.query::<Branches>("SELECT * FROM branches", []).expect("rows").len(), 5);
    assert_eq!(server_count(&bridge, "branch_name = 'Unsent'"), 1);
}

#[tokio::test]
async fn a_page_that_breaks_off_goes_on_where_it_stopped() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 20_000);
    bridge.set_faults(Faults::none().times(3, Some(Endpoint::Read), Fault::CutBody(300_000)));
    let physio = open(&folder, &bridge);
    physio.wait_until_synced().await.expect("in sync");
    assert_eq!(
        physio.status().expect("a status").tables.iter().map(|table| table.n_rows).sum::<u64>(),
        20_000
    );
}

#[tokio::test]
async fn without_a_bridge_it_is_a_local_database() {
    let folder = folder();
    let physio =
        Physio::builder(clinic::plan()).cache(folder.path().join("cache.db")).open().expect("a cache");
    let key = physio.write(|tx| tx.insert(branch("Local"))).expect("a local write");
    assert_eq!(physio.get::<Branches>(key).expect("a read").expect("there").branch_name, "Local");
    assert_eq!(physio.sync_now().await.expect_err("no bridge").kind(), ErrorKind::Usage);
    let status = physio.status().expect("a status");
    assert_eq!((status.state, status.n_pending), (SyncState::Local, 1));
}

#[test]
fn a_bridge_needs_a_runtime_and_a_token() {
    let folder = folder();
    let builder = || Physio::builder(clinic::plan()).cache(folder.path().join("cache.db"));
    let error = builder().bridge_url("https://example.org/").open().expect_err("no token");
    assert_eq!(error.kind(), ErrorKind::Usage);
    let error =
        builder().bridge_url("https://example.org/").token(Token::new(TOKEN)).open().expect_err("no runtime");
    assert!(error.to_string().contains("tokio"), "{error}");
}

#[tokio::test]
async fn closing_does_not_wait_for_a_slow_server() {
    let (bridge, folder) = (bridge(), folder());
    bridge.set_faults(Faults::none().always(None, Fault::Delay(Duration::from_secs(25))));
    let physio = open(&folder, &bridge);
    tokio::task::yield_now().await;
    tokio::time::timeout(Duration::from_secs(10), physio.close()).await.expect("it ends at once");
    assert_eq!(physio.status().expect("still readable").state, SyncState::Closed);
    assert_eq!(physio.sync_now().await.expect_err("closed").kind(), ErrorKind::Usage);
    // The file's sync is free again.
    bridge.set_faults(Faults::none());
    let again = open(&folder, &bridge);
    again.sync_now().await.expect("a round");
}

#[test]
fn a_runtime_that_goes_away_takes_the_loop_with_it() {
    let (bridge, folder) = (bridge(), folder());
    bridge.set_faults(Faults::none().always(None, Fault::Delay(Duration::from_secs(25))));
    let begin = std::time::Instant::now();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let physio = runtime.block_on(async {
        let physio = open(&folder, &bridge);
        let mut events = physio.events();
        physio.write(|tx| tx.insert(branch("Early"))).expect("a local write");
        event(&mut events, |event| matches!(event, Event::Rows { .. })).await;
        physio
    });
    drop(runtime);
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    // Reads and writes need no runtime.
    physio.write(|tx| tx.insert(branch("Late"))).expect("a local write");
    assert_eq!(physio.query::<Branches>("SELECT * FROM branches", []).expect("rows").len(), 2);
    bridge.set_faults(Faults::none());
    drop(physio);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { open(&folder, &bridge).sync_now().await }).expect("a round");
    assert_eq!(server_count(&bridge, "branch_name IN ('Early', 'Late')"), 2);
}
