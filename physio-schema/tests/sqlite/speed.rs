//! Capture must cost little: a local write is promised in ten milliseconds, and most of that is the disk's.

use super::Cache;
use std::time::Instant;

#[test]
fn a_captured_write_costs_a_fraction_of_a_millisecond() {
    let cache = Cache::clinic();
    cache.complete("branches");
    cache.pulled("INSERT INTO branches (id, name) VALUES (1, 'A')");
    let rows = 2_000_u32;
    let started = Instant::now();
    cache.run("BEGIN");
    {
        let mut insert = cache
            .connection
            .prepare("INSERT INTO patients (branch_id, name, uid, amount) VALUES (1, 'Asha', ?1, '12.50')")
            .unwrap();
        for at in 0..rows {
            insert.execute([format!("uid {at}")]).unwrap();
        }
        let mut update = cache.connection.prepare("UPDATE patients SET visits = 1 WHERE uid = ?1").unwrap();
        for at in 0..rows {
            update.execute([format!("uid {at}")]).unwrap();
        }
    }
    cache.run("COMMIT");
    let each = started.elapsed() / (2 * rows);
    assert_eq!(cache.ask("SELECT count(*) FROM _physio_outbox"), (2 * rows).to_string());
    assert!(each.as_micros() < 1_000, "{each:?} a write");
}
