//! The server's rows arrive.

use super::*;

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
