//! What one table or a token cannot stop.

use super::*;

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
async fn a_table_whose_changes_cannot_be_read_is_found_and_left_out() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 1);
    let physio = open(&folder, &bridge);
    physio.sync_now().await.expect("a round");
    bridge.with_store(|store| {
        store
            .execute_batch(
                "INSERT INTO roles (role_id, role_name) VALUES (1, 'admin');
                 UPDATE branches SET city = 'Pune' WHERE branch_id = 1;
                 ALTER TABLE roles RENAME TO gone",
            )
            .expect("the store takes it");
    });
    let error = physio.sync_now().await.expect_err("one table fails");
    assert!(error.to_string().starts_with("roles could not be synced"), "{error}");
    let row = physio.get::<Branches>(1).expect("a read").expect("there");
    assert_eq!(row.city.as_deref(), Some("Pune"), "the others' changes arrive");
    bridge.with_store(|store| {
        store.execute_batch("ALTER TABLE gone RENAME TO roles").expect("the store takes it");
    });
    physio.sync_now().await.expect("mended");
    let names = physio
        .query_rows("SELECT role_name FROM roles", [], |row| Ok(row.get::<_, String>(0)?))
        .expect("rows");
    assert_eq!(names, ["admin"], "what it missed is read anew");
}
