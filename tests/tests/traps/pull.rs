//! Traps of what comes from the server.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn equal_timestamps() {
    let site = Site::start();
    let physio = site.synced("device").await;
    let mut conn = site.stack.connect().unwrap();
    // Four changes within one second of the server, two of them before a pull and two after it.
    conn.query_drop("SET timestamp = 1767600000").unwrap();
    let set = "INSERT INTO system_settings (setting_key, setting_value) VALUES";
    conn.query_drop(format!("{set} ('a', '1'), ('b', '1')")).unwrap();
    physio.sync_now().await.unwrap();
    conn.query_drop("UPDATE system_settings SET setting_value = '2' WHERE setting_key = 'a'").unwrap();
    conn.query_drop(format!("{set} ('c', '1')")).unwrap();
    let times: Vec<String> = conn.query("SELECT DISTINCT updated_at FROM system_settings").unwrap();
    assert_eq!(times.len(), 1, "all of them bear the same time");
    physio.sync_now().await.unwrap();
    assert_eq!(
        count_here(&physio, "system_settings WHERE setting_key || setting_value IN ('a2', 'b1', 'c1')"),
        3
    );
    site.assert_equal(&physio);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_exactly_full() {
    const PAGE_ROWS: u32 = 20;
    for n_pages in [1, 2] {
        let site = Site::start();
        let n_rows = n_pages * PAGE_ROWS;
        let rows: Vec<String> = (0..n_rows).map(|n| format!("('key {n:03}', '{n}')")).collect();
        let rows = rows.join(",");
        site.execute(&format!("INSERT INTO system_settings (setting_key, setting_value) VALUES {rows}"));
        let physio = site.open_with("device", |plan| plan.sync.page_rows = PAGE_ROWS);
        physio.wait_until_synced().await.unwrap();
        assert_eq!(count_here(&physio, "system_settings"), i64::from(n_rows));
        let asked = site.cable.requests();
        let n_asked = asked.iter().filter(|line| line.contains("table=system_settings")).count();
        assert_eq!(n_asked, n_pages as usize, "no page is asked for that would be empty");
        site.assert_equal(&physio);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_page_that_is_exactly_full() {
    /// What the runtime asks for at once.
    const DELTA_LIMIT: u32 = 5_000;
    let site = Site::start();
    let physio = site.synced("device").await;
    for (n_rows, prefix) in [(DELTA_LIMIT, "a"), (2 * DELTA_LIMIT, "b"), (DELTA_LIMIT + 1, "c")] {
        let rows: Vec<String> = (0..n_rows).map(|n| format!("('{prefix}{n}', '{n}')")).collect();
        let rows = rows.join(",");
        site.execute(&format!("INSERT INTO system_settings (setting_key, setting_value) VALUES {rows}"));
        physio.sync_now().await.unwrap();
        let n_here = count_here(&physio, &format!("system_settings WHERE setting_key LIKE '{prefix}%'"));
        assert_eq!(n_here, i64::from(n_rows));
    }
    let asked = site.cable.requests();
    assert!(asked.iter().any(|line| line.contains(&format!("limit={DELTA_LIMIT}"))), "{asked:?}");
    site.assert_equal(&physio);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cursor_across_a_restart() {
    let site = Site::start();
    let physio = site.synced("device").await;
    let before = physio.cache().pull_state().unwrap().cursor.unwrap();
    physio.close().await;
    drop(physio);
    site.execute("UPDATE branches SET city = 'Pune' WHERE branch_id = 2");
    site.execute("DELETE FROM patients WHERE patient_id = 11");
    let n_pages = || site.cable.requests().iter().filter(|line| line.contains("/read.php")).count();
    let n_before = n_pages();
    let physio = site.open("device");
    assert_eq!(physio.cache().pull_state().unwrap().cursor.unwrap(), before, "the file remembers it");
    physio.sync_now().await.unwrap();
    assert_eq!(n_pages(), n_before, "nothing is read anew");
    assert_eq!(count_here(&physio, "branches WHERE city = 'Pune'"), 1);
    assert_eq!(count_here(&physio, "patients"), 0);
    site.assert_equal(&physio);
}

#[tokio::test(flavor = "multi_thread")]
async fn own_writes_echo_back() {
    let site = Site::start();
    let physio = site.synced("device").await;
    let key = write(&physio, &patient("mine"));
    write(&physio, "UPDATE branches SET city = 'First' WHERE branch_id = 1");
    physio.sync_now().await.unwrap();
    assert_eq!(site.count("patients WHERE remarks = 'mine'"), 1);
    // The echo of both is still to come, or has come just now, when the same rows are edited again.
    let caught = site.cable.catch("/sync.php", physio_tests::faults::Point::Answer, 0);
    let asked = tokio::spawn({
        let physio = physio.clone();
        async move { physio.sync_now().await }
    });
    tokio::task::block_in_place(|| caught.wait());
    write(&physio, "UPDATE branches SET city = 'Second' WHERE branch_id = 1");
    let server_key = physio.resolve_key("patients", key).unwrap().unwrap();
    write(&physio, &format!("UPDATE patients SET remarks = 'mine again' WHERE patient_id = {server_key}"));
    drop(caught);
    // The answer that was held back is lost; the next rounds bring it again.
    drop(asked.await.unwrap());
    while physio.sync_now().await.is_err() {}
    physio.wait_until_synced().await.unwrap();
    assert_eq!(site.count("branches WHERE branch_id = 1 AND city = 'Second'"), 1);
    assert_eq!(site.count("patients WHERE remarks LIKE 'mine%'"), 1, "no row came twice");
    assert_eq!(count_here(&physio, "patients WHERE remarks = 'mine again'"), 1);
    site.assert_equal(&physio);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_moves_between_branches() {
    let site = Site::start();
    let (one, other) = (site.synced("one").await, site.synced("other").await);
    site.execute("UPDATE patients SET branch_id = 2 WHERE patient_id = 11");
    one.sync_now().await.unwrap();
    assert_eq!(count_here(&one, "patients WHERE branch_id = 2"), 1);
    assert_eq!(count_here(&one, "patients WHERE branch_id = 1"), 0);
    write(&one, "UPDATE patients SET branch_id = 1 WHERE patient_id = 11");
    one.sync_now().await.unwrap();
    other.sync_now().await.unwrap();
    assert_eq!(count_here(&other, "patients WHERE branch_id = 1"), 1, "the other device saw it come back");
    site.assert_equal(&one);
    site.assert_equal(&other);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cascading_delete_on_the_server() {
    let site = Site::start();
    site.execute(
        "INSERT INTO quick_inquiry (inquiry_id, name, gender, phone_number) VALUES (5, 'P', 'Other', '1')",
    );
    site.execute(
        "INSERT INTO registration (patient_name, phone_number, gender, inquiry_id)
         VALUES ('A', '1', 'Other', 5), ('B', '2', 'Other', 5), ('C', '3', 'Other', NULL)",
    );
    site.execute("INSERT INTO patients_treatment (patient_id, treatment_type) VALUES (11, 'daily')");
    let physio = site.synced("device").await;
    assert_eq!(count_here(&physio, "registration"), 3);
    // Foreign keys delete the children; triggers do not fire for that.
    site.execute("DELETE FROM quick_inquiry WHERE inquiry_id = 5");
    site.execute("DELETE FROM patients WHERE patient_id = 11");
    physio.sync_now().await.unwrap();
    assert_eq!(count_here(&physio, "registration"), 1);
    assert_eq!(count_here(&physio, "patients_treatment"), 0);
    site.assert_equal(&physio);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_key_update_on_the_server() {
    let site = Site::start();
    site.execute("INSERT INTO quick_inquiry (inquiry_id, branch_id, name, gender, phone_number) VALUES (5, 2, 'P', 'Other', '1')");
    site.execute("INSERT INTO system_settings (setting_key, setting_value) VALUES ('theme', 'dark')");
    let physio = site.synced("device").await;
    // The inquiry follows by ON UPDATE CASCADE; the setting's key changes in its case alone.
    site.execute("UPDATE branches SET branch_id = 77 WHERE branch_id = 2");
    site.execute("UPDATE system_settings SET setting_key = 'Theme' WHERE setting_key = 'theme'");
    physio.sync_now().await.unwrap();
    assert_eq!(count_here(&physio, "branches WHERE branch_id = 77"), 1);
    assert_eq!(count_here(&physio, "branches"), 2, "the old key is gone");
    assert_eq!(count_here(&physio, "quick_inquiry WHERE branch_id = 77"), 1);
    assert_eq!(count_here(&physio, "system_settings WHERE setting_key = 'Theme' COLLATE BINARY"), 1);
    site.assert_equal(&physio);
}

/// No trigger fires at TRUNCATE, and the feed is silent: rows that are gone are found by reading the table anew,
/// which a new epoch of the feed makes every device do.
#[tokio::test(flavor = "multi_thread")]
async fn truncate_on_the_server() {
    let site = Site::start();
    let set = "INSERT INTO system_settings (setting_key, setting_value) VALUES";
    site.execute(&format!("{set} ('a', '1'), ('b', '1')"));
    let physio = site.synced("device").await;
    write(&physio, "UPDATE branches SET city = 'Kept' WHERE branch_id = 1");
    site.execute("TRUNCATE system_settings");
    site.execute(&format!("{set} ('c', '1')"));
    site.execute("UPDATE _physio_state SET epoch = 'feedbac1'");
    physio.sync_now().await.unwrap();
    assert_eq!(count_here(&physio, "system_settings"), 1);
    site.assert_equal(&physio);
}
