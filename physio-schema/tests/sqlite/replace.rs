//! `INSERT OR REPLACE` on rows that exist: an update, whatever SQLite does underneath.

use super::Cache;

fn with_recursion(on: bool) -> Cache {
    let cache = Cache::clinic();
    cache.run(&format!("PRAGMA recursive_triggers = {on}"));
    cache
}

#[test]
fn replacing_a_row_is_an_update_of_what_differs() {
    for on in [false, true] {
        let cache = with_recursion(on);
        cache.pulled(
            "INSERT INTO patients (id, branch_id, name, remarks, updated_at, _sync_status, _last_synced_at) \
             VALUES (5, 1, 'A', 'old', '2024-01-01 00:00:00', 'synced', 'then')",
        );
        cache.run("REPLACE INTO patients (id, branch_id, name, updated_at) VALUES (5, 2, 'A', '2024-01-01 00:00:00')");
        assert_eq!(
            cache.captured(),
            r#"update patients ["5"] {"branch_id":"1","remarks":"old"} {"branch_id":"2","remarks":null}"#,
            "recursive_triggers = {on}"
        );
        assert_eq!(cache.ask("SELECT id, _sync_status, _last_synced_at FROM patients"), "5|pending|then");
        assert_eq!(cache.ask("SELECT count(*) FROM _physio_replaced"), "0");
        assert_eq!(cache.ask("SELECT count(*) FROM _physio_temporary_keys"), "0");
    }
}

#[test]
fn replacing_a_row_by_itself_changes_nothing() {
    for on in [false, true] {
        for status in ["synced", "conflict", "pending"] {
            let cache = with_recursion(on);
            cache.pulled(&format!(
                "INSERT INTO folders (code, title, _sync_status) VALUES ('a', 'T', '{status}')"
            ));
            cache.run("INSERT OR REPLACE INTO folders (code, title) VALUES ('a', 'T')");
            assert_eq!(cache.captured(), "");
            assert_eq!(cache.ask("SELECT _sync_status FROM folders"), status);
        }
    }
}

#[test]
fn replacing_with_a_new_key_is_an_insert() {
    for on in [false, true] {
        let cache = with_recursion(on);
        cache.run("REPLACE INTO folders (code, title) VALUES ('a', 'T')");
        cache.run("REPLACE INTO branches (name) VALUES ('B')");
        assert_eq!(
            cache.captured(),
            "insert folders [\"a\"] - {\"code\":\"a\",\"title\":\"T\"}\n\
             insert branches [\"4503599627370496\"] - {\"id\":\"4503599627370496\",\"name\":\"B\"}"
        );
        let error = cache.refused("REPLACE INTO branches (id, name) VALUES (9, 'B')");
        assert_eq!(error, "physio: branches.id: leave it out; the server gives the key");
    }
}

#[test]
fn a_mixed_statement_is_taken_apart_row_by_row() {
    for on in [false, true] {
        let cache = with_recursion(on);
        cache.pulled("INSERT INTO papers (folder, page, body, _sync_status) VALUES ('a', 1, 'x', 'synced')");
        cache.run(
            "REPLACE INTO papers (folder, page, body) VALUES ('a', 1, 'y'), ('a', 2, 'z'), ('a', 1, 'w')",
        );
        assert_eq!(
            cache.captured(),
            "update papers [\"a\",\"1\"] {\"body\":\"x\"} {\"body\":\"y\"}\n\
             insert papers [\"a\",\"2\"] - {\"folder\":\"a\",\"page\":\"2\",\"body\":\"z\"}\n\
             update papers [\"a\",\"1\"] {\"body\":\"y\"} {\"body\":\"w\"}",
            "recursive_triggers = {on}"
        );
    }
}

#[test]
fn a_skipped_insert_leaves_nothing_that_a_later_one_could_take_for_its_own() {
    let cache = Cache::clinic();
    cache.pulled("INSERT INTO folders (code, title, _sync_status) VALUES ('a', 'T', 'synced')");
    cache.run(
        "INSERT OR IGNORE INTO folders (code, title) VALUES ('a', 'U'); DELETE FROM folders WHERE code = 'a'",
    );
    cache.captured();
    cache.run("INSERT INTO folders (code, title) VALUES ('a', 'V')");
    assert_eq!(cache.captured(), r#"insert folders ["a"] - {"code":"a","title":"V"}"#);
}
