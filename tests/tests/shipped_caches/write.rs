//! Making the three caches of the present schema.

use super::dump::dump;
use super::generations::Generation;
use super::{File, TOKEN, home, shipped};
use physio_runtime::Physio;
use physio_runtime::bridge::Token;
use physio_runtime::bridge::embedded::EmbeddedBridge;
use physio_runtime::bridge::wire::{BatchAnswer, UnitOutcome, UnitStatus};
use physio_runtime::cache::Cache;
use physio_schema::plan::PLAN_FORMAT;
use physio_schema::sqlite::internal::INTERNAL_TABLES;
use physio_tests::harness::App;
use std::path::Path;
use std::sync::Arc;

fn folder(name: &str, number: usize, app: &App) -> String {
    format!("{name}-{number}-{}", app.plan.fingerprint)
}

/// Whether there is a cache of this version; of the present one, also in the present format and with the present
/// inner tables.
pub(crate) fn is_shipped(name: &str, number: usize, app: &App, is_present: bool) -> bool {
    if !is_present {
        // Its fingerprint then; it may be worked out otherwise today.
        return shipped(name).iter().any(|(known, _)| *known == number);
    }
    let path = home().join(folder(name, number, app));
    if !path.exists() {
        return false;
    }
    let schema = std::fs::read_to_string(path.join("schema.sql")).unwrap();
    let rows = std::fs::read_to_string(path.join("empty.sql")).unwrap();
    let has_tables = INTERNAL_TABLES
        .iter()
        .filter(|sql| sql.starts_with("CREATE TABLE"))
        .all(|sql| schema.contains(&sql.replacen("IF NOT EXISTS ", "", 1)));
    has_tables && rows.contains(&format!("('plan_format', '{PLAN_FORMAT}')"))
}

/// Writes the caches of a generation; what is there is never touched.
pub(crate) async fn ship(name: &str, number: usize, app: &App, generation: &Generation) {
    let target = home().join(folder(name, number, app));
    assert!(!target.exists(), "{} is what people have on their disks", target.display());
    let file = File { folder: tempfile::tempdir().unwrap() };
    drop(Cache::open(&file.path(), Arc::clone(&app.plan)).unwrap());
    let (schema, empty) = dump(&file.raw());

    let bridge = EmbeddedBridge::start(Arc::clone(&app.plan)).unwrap();
    bridge.add_token(TOKEN);
    bridge.with_store(|store| store.execute_batch(generation.server_rows)).unwrap();
    let physio = Physio::builder(&*app.plan)
        .cache(file.path())
        .bridge_url(bridge.url())
        .token(Token::new(TOKEN))
        .open()
        .unwrap();
    physio.sync_now().await.unwrap();
    physio.close().await;
    drop(physio);
    let (_, data) = dump(&file.raw());

    leave_unsent(&Cache::open(&file.path(), Arc::clone(&app.plan)).unwrap(), generation);
    let (same, unsent) = dump(&file.raw());
    assert_eq!(same, schema);
    write_all(&target, &[("schema", schema), ("empty", empty), ("data", data), ("unsent", unsent)]);
}

fn leave_unsent(cache: &Cache, generation: &Generation) {
    let write = |statements: &[&str]| {
        let all = |tx: &physio_runtime::cache::WriteTransaction<'_>| {
            statements.iter().try_for_each(|statement| tx.execute(statement, []).map(drop))
        };
        cache.write(all).unwrap();
    };
    write(&[generation.conflict]);
    let batch = cache.next_batch().unwrap().unwrap();
    let sent: serde_json::Value = serde_json::from_slice(&batch.bytes).unwrap();
    let unit = UnitOutcome {
        unit: sent["units"][0]["unit"].as_str().unwrap().to_owned(),
        status: UnitStatus::Conflict,
        change: Some(0),
        code: Some("changed".into()),
        field: Some(generation.conflict_field.into()),
        blocked_by: None,
        kept: Vec::new(),
    };
    let answer = BatchAnswer {
        v: 1,
        fingerprint: cache.plan().fingerprint.clone(),
        epoch: None,
        batch: batch.batch,
        units: vec![unit],
        keys: Vec::new(),
        rows: Vec::new(),
        deleted: Vec::new(),
    };
    cache.apply_answer(&answer).unwrap();
    write(&[generation.in_flight]);
    cache.next_batch().unwrap().unwrap();
    generation.queued.iter().for_each(|unit| write(unit));
}

fn write_all(folder: &Path, files: &[(&str, String)]) {
    std::fs::create_dir_all(folder).unwrap();
    for (name, text) in files {
        std::fs::write(folder.join(format!("{name}.sql")), text).unwrap();
    }
}
