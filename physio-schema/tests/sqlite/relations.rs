//! Unique and foreign keys, for local writes only.

use super::Cache;

fn with_rows() -> Cache {
    let cache = Cache::clinic();
    cache.pulled(
        "INSERT INTO branches (id, name, _sync_status) VALUES (1, 'North', 'synced');
         INSERT INTO patients (id, branch_id, name, uid, updated_at, _sync_status)
           VALUES (10, 1, 'A', 'ab', '2024-01-01 00:00:00', 'synced');
         INSERT INTO visits (id, patient_id, at, _sync_status) VALUES (20, 10, '2024-01-01 00:00:00.000', 'synced'),
           (21, 10, '2024-01-02 00:00:00.000', 'synced');
         INSERT INTO notes (id, visit_id, body, _sync_status) VALUES (30, 20, 'n', 'synced'), (31, NULL, 'm', 'synced')",
    );
    cache
}

#[test]
fn a_unique_key_is_found_without_regard_to_case() {
    let cache = with_rows();
    let message = "physio: patients.uid: another row has the same value";
    assert_eq!(cache.refused("INSERT INTO patients (branch_id, name, uid) VALUES (1, 'B', 'AB')"), message);
    cache.run("INSERT INTO patients (branch_id, name, uid) VALUES (1, 'B', 'ac')");
    assert_eq!(cache.refused("UPDATE patients SET uid = 'Ab' WHERE name = 'B'"), message);
    cache.run("UPDATE patients SET uid = NULL; UPDATE patients SET name = 'C'; UPDATE patients SET uid = 'AB' WHERE id = 10");
}

#[test]
fn a_text_key_that_differs_only_in_case_is_refused() {
    let cache = Cache::clinic();
    cache.run("INSERT INTO folders (code) VALUES ('abc')");
    let error = cache.refused("INSERT INTO folders (code) VALUES ('ABC')");
    assert_eq!(error, "physio: folders.code: another row has the same value");
}

#[test]
fn a_parent_must_exist_once_all_parents_are_here() {
    let cache = with_rows();
    cache.run("INSERT INTO patients (branch_id, name) VALUES (99, 'B')");
    cache.complete("branches");
    let error = cache.refused("INSERT INTO patients (branch_id, name) VALUES (99, 'B')");
    assert_eq!(error, "physio: patients.branch_id: no such row in branches");
    assert!(cache.refused("UPDATE patients SET branch_id = 98").contains("no such row in branches"));
    cache.run("UPDATE patients SET visits = 1; INSERT INTO patients (branch_id, name) VALUES (1, 'C')");
    cache.run(
        "INSERT INTO branches (name) VALUES ('New'); UPDATE patients SET branch_id = last_insert_rowid()",
    );
}

#[test]
fn a_null_refers_to_nothing() {
    let cache = with_rows();
    cache.complete("visits");
    cache.run("INSERT INTO notes (visit_id, body) VALUES (NULL, 'x')");
    assert!(
        cache
            .refused("INSERT INTO notes (visit_id, body) VALUES (77, 'x')")
            .contains("no such row in visits")
    );
}

#[test]
fn a_row_that_is_referred_to_does_not_go() {
    let cache = with_rows();
    let error = cache.refused("DELETE FROM branches");
    assert_eq!(error, "physio: branches: rows of patients refer to it; delete them first");
    assert_eq!(cache.captured(), "");
}

#[test]
fn cascades_are_followed_and_captured_children_first() {
    for on in [false, true] {
        let cache = with_rows();
        cache.run(&format!("PRAGMA recursive_triggers = {on}"));
        cache.run("DELETE FROM patients WHERE id = 10");
        let captured = cache.captured();
        let short: Vec<&str> = captured.lines().map(|line| line.split(" {").next().unwrap()).collect();
        assert_eq!(
            short,
            [
                r#"update notes ["30"]"#,
                r#"delete visits ["20"]"#,
                r#"delete visits ["21"]"#,
                r#"delete patients ["10"]"#
            ]
        );
        assert_eq!(
            cache.ask("SELECT id, visit_id, _sync_status FROM notes ORDER BY id"),
            "30|NULL|pending\n31|NULL|synced"
        );
    }
}

#[test]
fn a_tree_goes_with_its_root_and_all_that_hangs_on_it() {
    for on in [false, true] {
        let cache = Cache::clinic();
        cache.run(&format!("PRAGMA recursive_triggers = {on}"));
        cache.pulled(
            "INSERT INTO folders (code, parent) VALUES ('a', NULL), ('b', 'a'), ('c', 'B'), ('d', 'c'), ('z', 'z');
             INSERT INTO papers (folder, page) VALUES ('a', 1), ('d', 1), ('z', 1)",
        );
        cache.run("DELETE FROM folders WHERE code = 'a'");
        assert_eq!(cache.ask("SELECT code FROM folders"), "z");
        assert_eq!(cache.ask("SELECT folder FROM papers"), "z");
        let captured = cache.captured();
        assert_eq!(
            captured.lines().filter(|line| line.starts_with("delete folders")).count(),
            4,
            "{captured}"
        );
        assert_eq!(
            captured.lines().filter(|line| line.starts_with("delete papers")).count(),
            2,
            "{captured}"
        );
        cache.run("DELETE FROM folders WHERE code = 'z'");
        assert_eq!(cache.captured().lines().count(), 2, "a row that is its own parent goes once");
    }
}

#[test]
fn a_pull_is_never_refused() {
    let cache = Cache::clinic();
    cache.complete("branches");
    cache.pulled(
        "INSERT INTO patients (id, branch_id, name, uid, status, amount, _sync_status) VALUES
           (1, 404, NULL, 'same', 'what', 'x', 'synced'), (2, NULL, 'A name that is too long', 'same', '', '', 'synced');
         UPDATE patients SET id = 3 WHERE id = 2; DELETE FROM patients WHERE id = 1; DELETE FROM roles",
    );
    assert_eq!(cache.captured(), "");
}
