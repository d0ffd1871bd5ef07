//! `cargo xtask compare`: it finds each row that is not the same on both sides, and no other.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use mysql::prelude::Queryable;
use physio_runtime::Physio;
use physio_runtime::bridge::Token;
use physio_tests::comparison::{self, DifferenceKind};
use physio_tests::data::{Generator, load_mysql};
use physio_tests::harness::{App, Stack};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const TOKEN: &str = "a-device-of-the-tests";
/// Stands in rows that differ, and in no output.
const SECRET: &str = "nobody may read this";

fn start(app: App, n_rows: u64) -> (Stack, tempfile::TempDir) {
    let stack = Stack::start_bare(app).unwrap();
    let wanted: Vec<(&str, u64)> =
        stack.app.plan.tables.iter().map(|table| (table.name.as_str(), n_rows)).collect();
    let generator = Generator::new(&stack.app.schema, 5, &wanted).wild();
    load_mysql(&mut stack.connect().unwrap(), &generator).unwrap();
    stack.install().unwrap();
    stack.add_token(TOKEN, "'2037-01-01'", false).unwrap();
    (stack, tempfile::tempdir().unwrap())
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("cache.db")
}

/// Fills the cache and lets go of it.
fn pull(stack: &Stack, file: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let builder = Physio::builder(&*stack.app.plan).cache(file);
        let physio = builder.bridge_url(stack.url()).token(Token::new(TOKEN)).open().unwrap();
        physio.wait_until_synced().await.unwrap();
        physio.close().await;
    });
}

/// Exit code and standard output.
fn compare(stack: &Stack, file: &Path, format: &str) -> (i32, String) {
    let name = &stack.database;
    let url = format!("mysql://{name}:{name}@127.0.0.1:{}/{name}", stack.maria().port());
    let output = Command::new(env!("CARGO_BIN_EXE_physio-compare"))
        .env("PHYSIO_MYSQL_URL", url)
        .args(["--format", format, "--cache"])
        .arg(file)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains(SECRET), "{errors}");
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned() + &errors)
}

#[test]
fn a_broken_row_is_found_and_its_values_are_not_told() {
    let (stack, folder) = start(App::clinic().unwrap(), 60);
    let file = file(&folder);
    pull(&stack, &file);
    let (code, text) = compare(&stack, &file, "text");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("both sides are equal; 0 rows have unsent local changes"), "{text}");

    let mut conn = stack.connect().unwrap();
    let keys: Vec<u64> = conn.query("SELECT notification_id FROM notifications ORDER BY 1 LIMIT 3").unwrap();
    conn.query_drop(format!(
        "UPDATE notifications SET message = '{SECRET}', link_url = '{SECRET}' WHERE notification_id = {}",
        keys[0]
    ))
    .unwrap();
    conn.query_drop(format!("DELETE FROM notifications WHERE notification_id = {}", keys[1])).unwrap();
    conn.query_drop(format!(
        "INSERT INTO system_settings (setting_key, setting_value) VALUES ('new', '{SECRET}')"
    ))
    .unwrap();
    let offline = Physio::builder(&*stack.app.plan).cache(&file).open().unwrap();
    offline
        .write(|tx| {
            let sql = "UPDATE notifications SET link_url = ?1 WHERE notification_id = ?2";
            tx.execute(sql, (SECRET, keys[2].cast_signed()))
        })
        .unwrap();
    drop(offline);

    let (code, text) = compare(&stack, &file, "text");
    assert_eq!(code, 1, "{text}");
    assert!(!text.contains(SECRET), "{text}");
    for line in [
        format!("notifications [\"{}\"]: differs in message, link_url", keys[0]),
        format!("notifications [\"{}\"]: missing there", keys[1]),
        format!("notifications [\"{}\"]: unsent local changes", keys[2]),
        "system_settings [\"new\"]: missing here".to_owned(),
        "2 of 17 tables differ; 1 rows have unsent local changes".to_owned(),
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\nis not in\n{text}");
    }

    let (code, text) = compare(&stack, &file, "json");
    assert_eq!(code, 1);
    assert!(!text.contains(SECRET), "{text}");
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["equal"], false);
    let tables = told["tables"].as_array().unwrap();
    let table = |name: &str| tables.iter().find(|table| table["table"] == name).unwrap();
    let notifications = table("notifications");
    let sums = ["server", "cache", "differing", "missing_here", "missing_there", "unsent"];
    assert_eq!(sums.map(|sum| notifications[sum].clone()), [59, 60, 1, 0, 1, 1].map(Value::from));
    assert_eq!(notifications["first_unsent"], json!([[keys[2].to_string()]]));
    assert_eq!(table("system_settings")["first"], json!([{"key": ["new"], "what": "missing_here"}]));
    assert!(tables.iter().filter(|table| table["first"] != json!([])).count() == 2, "{text}");
}

#[test]
fn what_is_no_cache_or_no_server_is_an_error_and_no_difference() {
    let (stack, folder) = start(App::clinic().unwrap(), 1);
    let (code, text) = compare(&stack, &file(&folder), "text");
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("cache.db cannot be read"), "{text}");
}

/// Composite, text, binary and unsigned keys of the shop: both databases must come in one order.
#[test]
fn keys_of_every_kind_are_walked_in_one_order() {
    let (stack, folder) = start(App::shop().unwrap(), 400);
    let file = file(&folder);
    pull(&stack, &file);
    let (cache, plan) = comparison::open_cache(&file).unwrap();
    let mut conn = stack.connect().unwrap();
    let compared = comparison::compare_all(&plan, &mut conn, &cache, 5).unwrap();
    for table in &compared {
        assert!(table.is_equal(), "{table:?}");
        assert_eq!(table.n_server, table.n_cache);
    }
    assert!(compared.iter().map(|table| table.n_server).sum::<u64>() > 1_000, "{compared:?}");

    // Every seventh row of each table goes, wherever it stands in the order; each is found, and nothing else.
    conn.query_drop("SET foreign_key_checks = 0").unwrap();
    for (table, before) in plan.tables.iter().zip(&compared) {
        let keys: Vec<String> = table.key_columns().map(|column| format!("`{}`", column.name)).collect();
        let keys = keys.join(", ");
        let n_gone = before.n_server / 7;
        conn.query_drop(format!(
            "DELETE FROM `{}` ORDER BY CRC32(CONCAT({keys})) LIMIT {n_gone}",
            table.name
        ))
        .unwrap();
        let after = comparison::compare(table, &mut conn, &cache, usize::MAX).unwrap();
        // A cascade may take rows of other tables along, which are gone from both sides' sums here.
        assert_eq!((after.n_differing, after.n_missing_here), (0, 0), "{}", table.name);
        assert_eq!(after.n_missing_there, before.n_cache - after.n_server, "{}", table.name);
        assert!(after.n_missing_there >= n_gone, "{}", table.name);
        assert!(after.first.iter().all(|row| row.kind == DifferenceKind::MissingThere), "{}", table.name);
    }
}
