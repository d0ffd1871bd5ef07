//! Traps of what goes to the server.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn created_then_deleted_before_the_first_push() {
    let site = Site::start();
    site.execute("CREATE TABLE seen (what TEXT)");
    site.execute(
        "CREATE TRIGGER see AFTER INSERT ON patients FOR EACH ROW INSERT INTO seen VALUES (NEW.remarks)",
    );
    site.synced("device").await.close().await;
    // Without a bridge: what was sent once is sent again as it was, because it may have arrived.
    let offline = Physio::builder(&*site.stack.app.plan).cache(site.file("device")).open().unwrap();
    let physio = &offline;
    let born = write(physio, &patient("never"));
    write(physio, &format!("UPDATE patients SET remarks = 'not at all' WHERE patient_id = {born}"));
    let child = write(physio, &payment(born, "neither"));
    write(physio, &format!("DELETE FROM payments WHERE payment_id = {child}"));
    write(physio, &format!("DELETE FROM patients WHERE patient_id = {born}"));
    write(physio, &patient("stays"));
    offline.close().await;
    let physio = site.synced("device").await;
    assert_eq!(site.count("seen"), 1, "the server never saw the row that came and went");
    assert_eq!(site.count("seen WHERE what = 'stays'"), 1);
    assert_eq!(count_here(&physio, "patients"), 2);
    site.assert_equal(&physio);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_change_at_the_head_of_the_queue() {
    let site = Site::start();
    let physio = site.synced("device").await;
    site.unplug();
    // What it refers to is gone by the time it is sent.
    write(&physio, &payment(11, "poison"));
    let good = write(&physio, &patient("good"));
    write(&physio, &payment(good, "good too"));
    site.execute("DELETE FROM patients WHERE patient_id = 11");
    site.plug_in();
    while physio.sync_now().await.is_err() {}
    assert_eq!(site.count("patients WHERE remarks = 'good'"), 1, "the queue goes on");
    assert_eq!(site.count("payments WHERE remarks = 'good too'"), 1);
    let attention = physio.attention().unwrap();
    assert_eq!(attention.len(), 1, "{attention:?}");
    assert_eq!(attention[0].code, "parent_missing");
    assert_eq!(attention[0].field.as_deref(), Some("payments.patient_id"));
    physio.discard_unit(attention[0].unit).unwrap();
    physio.sync_now().await.unwrap();
    site.assert_equal(&physio);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_create_the_same_unique_key() {
    let site = Site::start();
    let (one, other) = (site.synced("one").await, site.synced("other").await);
    site.unplug();
    for (device, name) in [(&one, "one"), (&other, "other")] {
        write(
            device,
            &format!(
                "INSERT INTO tests (test_uid, visit_date, assigned_test_date, patient_name, test_name, test_done_by, total_amount)
                 VALUES ('T-1', '2026-01-02', '2026-01-03', '{name}', 'ncv', 'Doctor', '10.00')"
            ),
        );
    }
    site.plug_in();
    while one.sync_now().await.is_err() || other.sync_now().await.is_err() {}
    // Either may have come first.
    let (first, second) = if one.attention().unwrap().is_empty() { (&one, &other) } else { (&other, &one) };
    assert_eq!(site.count("tests WHERE test_uid = 'T-1'"), 1);
    assert_eq!(count_here(first, "tests WHERE _sync_status = 'synced'"), 1);
    second.sync_now().await.unwrap();
    let attention = second.attention().unwrap();
    assert_eq!((attention.len(), attention[0].code.as_str()), (1, "duplicate_key"));
    assert_eq!(attention[0].field.as_deref(), Some("tests.test_uid"));
    assert_eq!(
        count_here(second, "tests"),
        2,
        "its own row is kept beside the other's until somebody decides"
    );
    second.discard_unit(attention[0].unit).unwrap();
    second.sync_now().await.unwrap();
    site.assert_equal(&one);
    site.assert_equal(&other);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cascading_delete_on_the_device() {
    let site = Site::start();
    site.execute(
        "INSERT INTO patients_treatment (patient_id, treatment_type) VALUES (11, 'daily'), (11, 'weekly')",
    );
    let (one, other) = (site.synced("one").await, site.synced("other").await);
    write(&one, "DELETE FROM patients WHERE patient_id = 11");
    one.sync_now().await.unwrap();
    one.wait_until_synced().await.unwrap();
    one.sync_now().await.unwrap();
    other.sync_now().await.unwrap();
    assert_eq!(site.count("patients_treatment"), 0);
    assert_eq!(count_here(&one, "patients_treatment"), 0);
    site.assert_equal(&one);
    site.assert_equal(&other);
}
