//! The feed stays as small as it can: one entry a key, and none that every device has passed.

use super::Target;

const OTHER: &str = "ffeeddccbbaa99887766554433221100";
const THIRD: &str = "0123456789abcdef0123456789abcdef";

/// More changed keys than a feed keeps without being looked through.
fn change_many(target: &impl Target, first: u32) {
    let rows: Vec<String> = (first..first + 2100).map(|key| format!("('key {key}', 'x')")).collect();
    target.execute(&format!(
        "INSERT INTO system_settings (setting_key, setting_value) VALUES {}",
        rows.join(", ")
    ));
}

/// Follows the feed to its end; gives the cursor there.
fn follow(target: &impl Target, device: &str, cursor: &str) -> (String, usize) {
    let (client, mut cursor, mut n_changes) = (target.client_of(device), cursor.to_owned(), 0);
    loop {
        let pull = client.sync(&cursor);
        n_changes += pull.n_changes();
        cursor = pull.cursor();
        if pull.end["more"] == false {
            return (cursor, n_changes);
        }
    }
}

/// A key that changes again and again.
pub fn a_key_has_one_entry_however_often_it_changes(target: &impl Target) {
    let client = target.client();
    let mut cursor = client.cursor();
    for n in 0..5 {
        target.execute(&format!(
            "REPLACE INTO system_settings (setting_key, setting_value) VALUES ('a', '{n}')"
        ));
        cursor = client.sync(&cursor).cursor();
    }
    target.execute("DELETE FROM system_settings WHERE setting_key = 'a'");
    client.sync(&cursor);
    assert_eq!(target.count("_physio_feed"), 1);
}

/// What all have passed is forgotten; who is behind keeps what it has not seen.
pub fn what_every_device_has_passed_is_forgotten(target: &impl Target) {
    let (quick, slow) = (target.client().cursor(), target.client_of(OTHER).cursor());
    change_many(target, 0);
    let (quick, n_first) = follow(target, super::DEVICE, &quick);
    assert_eq!((n_first, target.count("_physio_feed")), (2100, 2100), "the other device has seen nothing");
    change_many(target, 10_000);
    let (_, n_second) = follow(target, super::DEVICE, &quick);
    assert_eq!((n_second, target.count("_physio_feed")), (2100, 4200));
    let (slow, n_slow) = follow(target, OTHER, &slow);
    assert_eq!(n_slow, 4200, "nothing was forgotten that it had not seen");

    // Both say where they are with their next request; the changes after that have the feed looked through.
    let (quick, _) = follow(target, super::DEVICE, &quick);
    let (slow, _) = follow(target, OTHER, &slow);
    change_many(target, 20_000);
    let (_, n_third) = follow(target, super::DEVICE, &quick);
    assert_eq!((n_third, target.count("_physio_feed")), (2100, 2100));
    assert_eq!(follow(target, OTHER, &slow).1, 2100);
}

/// A device that was away for months reads everything anew, and its pushes still count.
pub fn a_device_that_was_not_seen_for_long_holds_nothing_up(target: &impl Target) {
    let (quick, away) = (target.client().cursor(), target.client_of(OTHER).cursor());
    change_many(target, 0);
    let (quick, _) = follow(target, super::DEVICE, &quick);
    let (quick, _) = follow(target, super::DEVICE, &quick);
    target
        .execute(&format!("UPDATE _physio_reader SET seen_s = seen_s - 91 * 86400 WHERE device = '{OTHER}'"));
    change_many(target, 10_000);
    assert_eq!(follow(target, super::DEVICE, &quick).1, 2100);
    assert_eq!(target.count("_physio_feed"), 2100, "the first 2,100 are forgotten");
    let client = target.client_of(OTHER);
    client.get(&format!("sync.php?since={away}")).expect_error("cursor_expired");
    let insert = serde_json::json!([{"op": "insert", "table": "system_settings",
        "values": {"setting_key": "from afar", "setting_value": "1"}}]);
    assert_eq!(client.push_changes(1, insert)["units"][0]["status"], "applied");
    let anew = client.cursor();
    target.execute("UPDATE system_settings SET setting_value = '2' WHERE setting_key = 'from afar'");
    assert_eq!(follow(target, OTHER, &anew).1, 1);
}

/// Asking for the present cursor, as a device does now and then, lets nothing be forgotten.
pub fn a_greeting_does_not_pass_what_was_not_seen(target: &impl Target) {
    let behind = target.client_of(OTHER).cursor();
    let quick = target.client_of(THIRD).cursor();
    change_many(target, 0);
    let (quick, _) = follow(target, THIRD, &quick);
    target.client_of(OTHER).cursor();
    let (quick, _) = follow(target, THIRD, &quick);
    change_many(target, 10_000);
    follow(target, THIRD, &quick);
    assert_eq!(follow(target, OTHER, &behind).1, 4200);
}

/// The second of two requests without news.
pub fn an_idle_poll_writes_nothing(target: &impl Target) {
    target.add_clinic_rows();
    let client = target.client();
    let cursor = client.sync(&client.cursor()).cursor();
    client.sync(&cursor);
    let look = || target.query("SELECT seen_s FROM _physio_reader");
    target.execute("UPDATE _physio_reader SET seen_s = seen_s - 3600");
    let before = look();
    client.sync(&cursor);
    assert_eq!(look(), before);
    target.execute("UPDATE _physio_reader SET seen_s = seen_s - 90000");
    let before = look();
    client.sync(&cursor);
    assert_ne!(look(), before, "once a day it is noted that the device lives");
}
