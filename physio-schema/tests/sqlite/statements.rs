//! The statements that the runtime prepares.

use super::Cache;
use rusqlite::params;

#[test]
fn an_upsert_writes_new_and_synced_rows_and_leaves_unsent_ones() {
    let cache = Cache::clinic();
    let sql = cache.plan.table("branches").unwrap().sql.clone();
    cache.triggers(false);
    let upsert =
        |id: i64, name: &str| cache.connection.execute(&sql.upsert, params![id, name, "now"]).unwrap();
    assert_eq!(upsert(1, "A"), 1);
    assert_eq!(upsert(1, "B"), 1);
    assert_eq!(cache.ask("SELECT * FROM branches"), "1|B|synced|now");
    for status in ["pending", "conflict"] {
        cache.connection.execute(&sql.set_status, params![status, 1]).unwrap();
        assert_eq!(upsert(1, "C"), 0);
        assert_eq!(cache.ask("SELECT name, _sync_status FROM branches"), format!("B|{status}"));
        assert_eq!(cache.connection.execute(&sql.delete_synced, [1]).unwrap(), 0);
    }
    cache.connection.execute(&sql.replace, params![1, "D", "later", "pending"]).unwrap();
    assert_eq!(cache.ask("SELECT * FROM branches"), "1|D|pending|later");
    assert_eq!(cache.connection.execute(&sql.delete, [1]).unwrap(), 1);
}

#[test]
fn a_composite_key_is_named_in_full_and_never_rewritten() {
    let cache = Cache::clinic();
    let sql = cache.plan.table("papers").unwrap().sql.clone();
    assert!(sql.upsert.contains(r#"ON CONFLICT ("folder", "page") DO UPDATE SET "body" = excluded."body""#));
    assert!(!sql.upsert.contains(r#"SET "folder""#));
    cache.triggers(false);
    cache.connection.execute(&sql.upsert, params!["a", 1, "x", "now"]).unwrap();
    cache.connection.execute(&sql.upsert, params!["a", 1, "y", "now"]).unwrap();
    let row: (String, i64, String, String) = cache
        .connection
        .query_row(&sql.select_by_key, params!["a", 1], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    assert_eq!(row, ("a".into(), 1, "y".into(), "synced".into()));
    assert_eq!(cache.connection.execute(&sql.delete_synced, params!["a", 1]).unwrap(), 1);
}

#[test]
fn all_of_it_may_be_run_again() {
    let cache = Cache::clinic();
    cache.run("INSERT INTO branches (name) VALUES ('A')");
    for statement in physio_schema::sqlite::emit_cache(&cache.plan) {
        cache.run(&statement);
    }
    cache.run("INSERT INTO branches (name) VALUES ('B')");
    assert_eq!(cache.connection.last_insert_rowid(), 4_503_599_627_370_497);
}
