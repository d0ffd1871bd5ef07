//! A child whose parent's temporary key was remapped, at each moment at which that can happen.

use super::*;
use physio_tests::faults::Point;

fn assert_child(site: &Site, remarks: &str) {
    let from = format!(
        "payments JOIN patients USING (patient_id) WHERE payments.remarks = '{remarks}' AND patients.remarks = 'parent'"
    );
    assert_eq!(site.count(&from), 1, "{remarks}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_written_after_its_parent_was_remapped() {
    let site = Site::start();
    let physio = site.synced("device").await;
    let parent = write(&physio, &patient("parent"));
    physio.sync_now().await.unwrap();
    let key: i64 = physio.resolve_key("patients", parent).unwrap().unwrap().parse().unwrap();
    assert_ne!(key, parent);
    write(&physio, &payment(key, "child"));
    physio.sync_now().await.unwrap();
    assert_child(&site, "child");
    site.assert_equal(&physio);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_written_while_its_parent_is_on_the_way() {
    let site = Site::start();
    let physio = site.synced("device").await;
    let caught = site.cable.catch("/batch.php", Point::Answer, 0);
    let parent = write(&physio, &patient("parent"));
    tokio::task::block_in_place(|| caught.wait());
    // The server has the parent; the device does not know it yet, and will not before the second try.
    write(&physio, &payment(parent, "child"));
    drop(caught);
    while physio.sync_now().await.is_err() {}
    physio.wait_until_synced().await.unwrap();
    assert_eq!(site.count("patients WHERE remarks = 'parent'"), 1, "the second try made no second parent");
    assert_child(&site, "child");
    site.assert_equal(&physio);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_queued_behind_its_parent_in_another_batch() {
    let site = Site::start();
    // Each unit is a batch of its own, so that the reference is resolved by what the first answer said.
    let physio = site.open_with("device", |plan| plan.sync.push_bytes = 1_000);
    physio.wait_until_synced().await.unwrap();
    site.unplug();
    let parent = write(&physio, &patient("parent"));
    for n in 0..12 {
        write(&physio, &payment(parent, &format!("child {n}")));
    }
    site.plug_in();
    while physio.sync_now().await.is_err() {}
    physio.wait_until_synced().await.unwrap();
    (0..12).for_each(|n| assert_child(&site, &format!("child {n}")));
    let n_batches = site.cable.requests().iter().filter(|line| line.contains("/batch.php")).count();
    assert!(n_batches > 2, "{n_batches} batches");
    site.assert_equal(&physio);
}
