//! What reaches the outbox.

use super::Cache;

#[test]
fn an_insert_is_captured_with_its_defaults_under_a_temporary_key() {
    let cache = Cache::clinic();
    cache.run("INSERT INTO branches (name) VALUES ('North')");
    assert_eq!(cache.connection.last_insert_rowid(), 4_503_599_627_370_496);
    assert_eq!(
        cache.captured(),
        r#"insert branches ["4503599627370496"] - {"id":"4503599627370496","name":"North"}"#
    );
    assert_eq!(cache.ask("SELECT * FROM _physio_temporary_keys"), "branches|4503599627370496|NULL");
    cache.run("INSERT INTO branches (name) VALUES ('South'), ('East')");
    assert_eq!(cache.ask("SELECT max(id) FROM branches"), "4503599627370498");
}

#[test]
fn pulled_rows_are_neither_captured_nor_do_they_lower_the_sequence() {
    let cache = Cache::clinic();
    cache.pulled("INSERT INTO branches (id, name, _sync_status) VALUES (7, 'North', 'synced')");
    assert_eq!(cache.captured(), "");
    cache.run("INSERT INTO branches (name) VALUES ('South')");
    assert_eq!(cache.connection.last_insert_rowid(), 4_503_599_627_370_496);
    cache.run("DELETE FROM branches WHERE id > 7; INSERT INTO branches (name) VALUES ('East')");
    assert_eq!(
        cache.connection.last_insert_rowid(),
        4_503_599_627_370_497,
        "no temporary key is given twice"
    );
}

#[test]
fn an_update_carries_only_what_changed_and_marks_the_row() {
    let cache = Cache::clinic();
    cache.pulled(
        "INSERT INTO patients (id, branch_id, name, remarks, updated_at, _sync_status) \
         VALUES (1, 1, 'A', NULL, '2024-01-01 00:00:00', 'synced')",
    );
    cache.run("UPDATE patients SET name = 'a', remarks = 'x', visits = visits, status = 'active'");
    assert_eq!(
        cache.captured(),
        r#"update patients ["1"] {"name":"A","remarks":null} {"name":"a","remarks":"x"}"#,
        "a change of case is a change"
    );
    assert_eq!(cache.ask("SELECT _sync_status FROM patients"), "pending");
}

#[test]
fn an_update_that_changes_nothing_captures_nothing() {
    let cache = Cache::clinic();
    cache.pulled("INSERT INTO branches (id, name, _sync_status) VALUES (1, 'A', 'synced')");
    cache.run("UPDATE branches SET name = 'A', id = 1; UPDATE branches SET _last_synced_at = 'x'");
    assert_eq!(cache.captured(), "");
    assert_eq!(cache.ask("SELECT _sync_status FROM branches"), "synced");
}

#[test]
fn a_conflict_stays_a_conflict_until_it_is_decided() {
    let cache = Cache::clinic();
    cache.pulled("INSERT INTO branches (id, name, _sync_status) VALUES (1, 'A', 'conflict')");
    cache.run("UPDATE branches SET name = 'B'");
    assert_eq!(cache.ask("SELECT _sync_status FROM branches"), "conflict");
    assert_eq!(cache.captured(), r#"update branches ["1"] {"name":"A"} {"name":"B"}"#);
}

#[test]
fn a_delete_carries_the_whole_row_but_not_what_mysql_computes_or_moves() {
    let cache = Cache::clinic();
    cache.pulled(
        "INSERT INTO patients (id, branch_id, name, amount, shout, updated_at) \
         VALUES (1, 2, 'A', '1.50', 'A', '2024-01-01 00:00:00')",
    );
    cache.run("DELETE FROM patients");
    assert_eq!(
        cache.captured(),
        r#"delete patients ["1"] {"id":"1","branch_id":"2","name":"A","uid":null,"amount":"1.50","status":"active","visits":"0","remarks":null} -"#
    );
}

#[test]
fn a_null_written_over_a_default_is_captured() {
    let cache = Cache::clinic();
    cache.run("INSERT INTO patients (branch_id, name, visits, updated_at) VALUES (1, 'A', NULL, '2024-01-01 00:00:00')");
    let captured = cache.captured();
    assert!(captured.contains(r#""visits":null"#), "{captured}");
    assert!(!captured.contains("remarks"), "{captured}");
}

#[test]
fn every_storage_is_spelt_without_loss() {
    let cache = Cache::clinic();
    cache.run(
        "INSERT INTO types (k, huge, raw, short, clock) \
         VALUES (1, '18446744073709551615', x'00FF', 'é\"\\', '-1:00')",
    );
    assert_eq!(
        cache.captured(),
        r#"insert types ["1"] - {"k":"1","huge":"18446744073709551615","short":"é\"\\","raw":"00FF","clock":"-1:00"}"#
    );
    cache.run("UPDATE types SET half = 1.5, raw = x'', short = NULL");
    assert_eq!(
        cache.captured(),
        r#"update types ["1"] {"half":null,"short":"é\"\\","raw":"00FF"} {"half":"1.5","short":null,"raw":""}"#
    );
}

#[test]
fn captured_reals_read_back_to_the_same_bits() {
    let cache = Cache::clinic();
    let mut values =
        vec![0.1_f64, 1.0 / 3.0, 1e300, 5e-324, f64::MAX, f64::MIN_POSITIVE, 123_456_789.123_456_79, 9e15];
    // And a few hundred of all magnitudes (SplitMix64).
    let mut state = 7_u64;
    values.extend((0..400).map(|_| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        f64::from_bits((mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb))
    }));
    let types = cache.plan.table("types").unwrap();
    let column = &types.columns[types.position("whole").unwrap()];
    for value in values.into_iter().filter(|value| value.is_finite()).map(f64::abs) {
        cache.connection.execute("INSERT INTO types (k, whole) VALUES (1, ?1)", [value]).unwrap();
        let text = cache.ask("SELECT json_extract(changed, '$.whole') FROM _physio_outbox");
        let read = physio_schema::codec::cell_from_captured(column, Some(&text)).unwrap();
        assert_eq!(read, physio_schema::codec::Cell::Real(value), "{text}");
        cache.run("DELETE FROM types; DELETE FROM _physio_outbox");
    }
}

#[test]
fn captured_changes_know_their_unit() {
    let cache = Cache::clinic();
    cache.run("INSERT INTO branches (name) VALUES ('A')");
    cache.run("UPDATE _physio_control SET unit = 5; INSERT INTO branches (name) VALUES ('B'); UPDATE _physio_control SET unit = NULL");
    assert_eq!(cache.ask("SELECT unit_id FROM _physio_outbox ORDER BY change_id"), "NULL\n5");
}

#[test]
fn times_of_the_application_are_in_its_zone_and_timestamps_in_utc() {
    let cache = Cache::clinic();
    cache.run("INSERT INTO patients (branch_id, name) VALUES (1, 'A')");
    cache.run("INSERT INTO visits (patient_id) VALUES (4503599627370496)");
    let difference = cache.ask(
        "SELECT round((julianday(v.at) - julianday(p.updated_at)) * 1440), length(v.at), length(p.updated_at) \
         FROM visits v, patients p",
    );
    assert_eq!(difference, "330.0|23|19");
}

#[test]
fn an_upsert_that_updates_is_an_update_and_one_that_skips_is_nothing() {
    let cache = Cache::clinic();
    cache.pulled("INSERT INTO folders (code, title, _sync_status) VALUES ('a', 'One', 'synced')");
    cache.run("INSERT INTO folders (code, title) VALUES ('a', 'Two') ON CONFLICT (code) DO UPDATE SET title = excluded.title");
    assert_eq!(cache.captured(), r#"update folders ["a"] {"title":"One"} {"title":"Two"}"#);
    cache.run("INSERT INTO folders (code, title) VALUES ('a', 'Three') ON CONFLICT DO NOTHING");
    cache.run("INSERT OR IGNORE INTO folders (code, title) VALUES ('a', 'Three')");
    assert!(cache.refused("INSERT INTO folders (code, title) VALUES ('a', 'Three')").contains("UNIQUE"));
    assert!(
        cache.refused("INSERT OR FAIL INTO folders (code, title) VALUES ('a', 'Three')").contains("UNIQUE")
    );
    assert_eq!(cache.captured(), "");
    cache.run("DELETE FROM folders; INSERT INTO folders (code, title) VALUES ('a', 'Four')");
    assert_eq!(
        cache.captured(),
        "delete folders [\"a\"] {\"code\":\"a\",\"parent\":null,\"title\":\"Two\"} -\n\
         insert folders [\"a\"] - {\"code\":\"a\",\"title\":\"Four\"}"
    );
}

#[test]
fn capture_survives_or_ignore() {
    let cache = Cache::clinic();
    cache.run("INSERT OR IGNORE INTO branches (name) VALUES ('A')");
    cache.run("UPDATE OR IGNORE branches SET name = 'B'");
    assert_eq!(cache.captured().lines().count(), 2);
    let error = cache.refused("INSERT OR IGNORE INTO branches (name) VALUES (NULL)");
    assert_eq!(error, "physio: branches.name: must not be NULL; give it a value");
}

#[test]
fn a_statement_that_is_rolled_back_leaves_nothing() {
    let cache = Cache::clinic();
    cache.run("BEGIN; INSERT INTO branches (name) VALUES ('A'); ROLLBACK");
    assert!(cache.connection.execute_batch("INSERT INTO branches (name) VALUES ('A'), (NULL)").is_err());
    assert_eq!(cache.captured(), "");
    assert_eq!(cache.ask("SELECT count(*) FROM _physio_temporary_keys"), "0");
}
