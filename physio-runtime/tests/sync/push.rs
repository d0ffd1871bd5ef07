//! Local writes reach the server, once.

use super::*;

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
async fn a_server_that_forgot_this_device_is_told_again() {
    // A restored backup: the batches that this device pushed since are unknown there.
    let (bridge, folder) = (bridge(), folder());
    let physio = open(&folder, &bridge);
    for name in ["First", "Second"] {
        physio.write(|tx| tx.insert(branch(name))).expect("a local write");
        physio.wait_until_synced().await.expect("in sync");
    }
    bridge.with_store(|store| {
        store.execute_batch("DELETE FROM _physio_device").expect("the store takes it");
    });
    physio.write(|tx| tx.insert(branch("Third"))).expect("a local write");
    physio.wait_until_synced().await.expect("in sync");
    assert_eq!(server_count(&bridge, "1"), 3);
    assert_eq!(physio.query::<Branches>("SELECT * FROM branches", []).expect("rows").len(), 3);
}
