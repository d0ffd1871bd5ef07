//! Opening, sharing and closing.

use super::*;

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
