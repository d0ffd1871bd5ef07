//! Every cache that was ever shipped opens with the present application, and nothing unsent is lost.
//!
//! `tests/fixtures/caches` keeps, for each fingerprint, three caches as SQL text: empty, with data, and with unsent
//! changes (a new row and its child, an edit, a delete, a unit in flight, a conflict). The clinic is the project's
//! own application; the ward is a small one that has been through every kind of schema change. When the schema, the
//! plan's format or the inner tables change, a test here says how to add the present one. Files that are there are
//! never written again: they are what people have on their disks.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

#[path = "shipped_caches/dump.rs"]
mod dump;
#[path = "shipped_caches/generations.rs"]
mod generations;
#[path = "shipped_caches/write.rs"]
mod write;

use generations::{Generation, clinic, ward};
use physio_runtime::bridge::Token;
use physio_runtime::bridge::embedded::EmbeddedBridge;
use physio_runtime::cache::{Attention, Cache, ParkedState, Resolution};
use physio_runtime::{Physio, Plan};
use physio_schema::model::ColumnType;
use physio_schema::plan::{ColumnPlan, TablePlan};
use physio_tests::harness::app::repository;
use physio_tests::harness::compare;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const TOKEN: &str = "a-token";

fn home() -> PathBuf {
    repository().join("tests/fixtures/caches")
}

/// The shipped generations of an application, oldest first: number and folder.
fn shipped(app: &str) -> Vec<(usize, PathBuf)> {
    let mut found: Vec<(usize, PathBuf)> = std::fs::read_dir(home())
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name()?.to_str()?.to_owned();
            let (number, _) = name.strip_prefix(app)?.strip_prefix('-')?.split_once('-')?;
            Some((number.parse().ok()?, path))
        })
        .collect();
    found.sort();
    found
}

/// One restored file.
struct File {
    folder: tempfile::TempDir,
}

impl File {
    fn restored(folder: &Path, state: &str) -> Self {
        let text = std::fs::read_to_string(folder.join("schema.sql")).unwrap()
            + &std::fs::read_to_string(folder.join(format!("{state}.sql"))).unwrap();
        let file = Self { folder: tempfile::tempdir().unwrap() };
        let raw = file.raw();
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).unwrap();
        raw.execute_batch(&text).unwrap();
        drop(raw);
        file
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("cache.db")
    }

    fn raw(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    fn ask(&self, sql: &str) -> Vec<String> {
        let raw = self.raw();
        let mut statement = raw.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    fn tables(&self) -> BTreeMap<String, i64> {
        let raw = self.raw();
        let count = |table: &String| {
            let sql = format!("SELECT count(*) FROM \"{table}\"");
            raw.query_row(&sql, [], |row| row.get(0)).unwrap()
        };
        let names = self.ask("SELECT table_name FROM _physio_tables");
        names.iter().map(|table| (table.clone(), count(table))).collect()
    }
}

fn present_name<'p>(plan: &'p Plan, table: &str) -> Option<&'p TablePlan> {
    let renamed = plan.renames.iter().find(|rename| rename.column.is_none() && rename.from == table);
    plan.table(table).or_else(|| plan.table(&renamed?.table))
}

/// What is promised of every shipped file, whatever is in it.
fn assert_opens(file: &File, plan: &Arc<Plan>, generation: &Generation) -> Vec<Attention> {
    let device = file.ask("SELECT value FROM _physio_meta WHERE name = 'device'");
    let changes = file.ask("SELECT CAST(change_id AS TEXT) FROM _physio_outbox");
    let conflicts = file.ask("SELECT CAST(change_id AS TEXT) FROM _physio_conflicts");
    let in_flight = file.ask("SELECT hex(request) FROM _physio_in_flight");
    let rows = file.tables();

    let cache = Cache::open(&file.path(), Arc::clone(plan)).unwrap();
    let attention = cache.attention().unwrap();
    drop(cache);

    assert_eq!(file.ask("PRAGMA integrity_check"), ["ok"]);
    assert_eq!(file.ask("SELECT value FROM _physio_meta WHERE name = 'device'"), device);
    assert_eq!(
        file.ask("SELECT hex(request) FROM _physio_in_flight"),
        in_flight,
        "a retry sends the same bytes"
    );
    let kept: BTreeSet<String> = file
        .ask("SELECT CAST(change_id AS TEXT) FROM _physio_outbox UNION SELECT CAST(-change_id AS TEXT) FROM _physio_conflicts")
        .into_iter()
        .collect();
    for change in &changes {
        assert!(kept.contains(change), "change {change} is neither queued nor shown");
    }
    let still = file.ask("SELECT CAST(change_id AS TEXT) FROM _physio_conflicts");
    assert!(conflicts.iter().all(|conflict| still.contains(conflict)), "conflicts stay");
    let now = file.tables();
    for (table, n_rows) in &rows {
        let present = present_name(plan, table)
            .filter(|present| !generation.lost_rows.contains(&present.name.as_str()));
        if let Some(present) = present {
            assert_eq!(now[&present.name], *n_rows, "rows of {table}");
        }
    }

    let before = dump::dump(&file.raw());
    let again = Cache::open(&file.path(), Arc::clone(plan)).unwrap();
    assert!(again.migration().is_none(), "a second opening changes nothing");
    drop(again);
    assert!(dump::dump(&file.raw()) == before, "a second opening changes nothing");
    attention
}

/// A server of the present schema that holds what the file's server held.
fn server(plan: &Arc<Plan>, folder: &Path) -> EmbeddedBridge {
    let file = File::restored(folder, "data");
    drop(Cache::open(&file.path(), Arc::clone(plan)).unwrap());
    let bridge = EmbeddedBridge::start(Arc::clone(plan)).unwrap();
    bridge.add_token(TOKEN);
    for table in &plan.tables {
        let written = |column: &&ColumnPlan| !column.generated;
        let columns: Vec<&str> =
            table.columns.iter().filter(written).map(|column| column.name.as_str()).collect();
        let rows = compare::sqlite_rows(&file.raw(), table).unwrap().into_values().map(|row| {
            let cells = table.columns.iter().zip(row).filter(|(column, _)| !column.generated);
            // What ALTER TABLE would have filled in.
            cells.map(|(column, value)| value.or_else(|| filled(column))).collect()
        });
        bridge.with_core(|core| core.load_rows(&table.name, &columns, rows)).unwrap();
    }
    bridge
}

fn filled(column: &ColumnPlan) -> Option<String> {
    (!column.nullable).then(|| match &column.column_type {
        ColumnType::Enum { members } => members[0].clone(),
        ColumnType::Date => "2026-01-01".into(),
        ColumnType::DateTime { .. } | ColumnType::Timestamp { .. } => "2026-01-01 00:00:00".into(),
        ColumnType::Varchar { .. } | ColumnType::Char { .. } | ColumnType::Text { .. } => String::new(),
        _ => "0".into(),
    })
}

/// After a sync and a person's decisions, both sides are equal and nothing waits.
async fn assert_syncs(file: &File, plan: &Arc<Plan>, bridge: &EmbeddedBridge) {
    let physio = Physio::builder(&**plan)
        .cache(file.path())
        .bridge_url(bridge.url())
        .token(Token::new(TOKEN))
        .open()
        .unwrap();
    for _ in 0..3 {
        physio.sync_now().await.unwrap();
    }
    for unit in physio.attention().unwrap() {
        match unit.state {
            ParkedState::Notice => {
                physio.resolve_conflict(unit.changes[0].change, Resolution::Theirs).unwrap();
            }
            ParkedState::Conflict | ParkedState::Failed => physio.discard_unit(unit.unit).unwrap(),
        }
    }
    physio.sync_now().await.unwrap();
    let status = physio.status().unwrap();
    assert_eq!((status.n_pending, status.n_attention), (0, 0));
    for table in &plan.tables {
        let server = bridge.with_store(|store| compare::sqlite_rows(store, table)).unwrap();
        let local = physio.read(|local| Ok(compare::sqlite_rows(local, table).unwrap())).unwrap();
        assert_eq!(compare::differing(table, &server, &local), Vec::<String>::new());
    }
    physio.close().await;
}

async fn assert_all_open(app: &str, plan: &Arc<Plan>, generations: &[Generation]) {
    let shipped = shipped(app);
    assert!(!shipped.is_empty(), "no shipped cache of {app}");
    for (number, folder) in shipped {
        let generation = &generations[number - 1];
        let bridge = server(plan, &folder);
        for state in ["empty", "data"] {
            let file = File::restored(&folder, state);
            assert!(assert_opens(&file, plan, generation).is_empty());
            assert_syncs(&file, plan, &bridge).await;
        }
        let file = File::restored(&folder, "unsent");
        let waiting = assert_opens(&file, plan, generation);
        let mut seen: Vec<String> = waiting
            .iter()
            .map(|unit| format!("{} {}", unit.code, unit.field.as_deref().unwrap_or("-")))
            .collect();
        seen.sort();
        assert_eq!(seen, generation.needs_attention, "{}", folder.display());
        assert_syncs(&file, plan, &bridge).await;
        for (table, condition) in generation.delivered {
            let sql = format!("SELECT count(*) FROM {table} WHERE {condition}");
            let n_rows: i64 = bridge.with_store(|store| store.query_row(&sql, [], |row| row.get(0)).unwrap());
            assert_eq!(n_rows, 1, "{condition} reached the server");
        }
    }
}

#[tokio::test]
async fn every_shipped_cache_of_the_clinic_opens_and_syncs() {
    assert_all_open("clinic", &clinic::app().plan, &clinic::generations()).await;
}

#[tokio::test]
async fn every_shipped_cache_of_the_ward_opens_and_syncs() {
    let generations = ward::generations();
    assert_all_open("ward", &ward::app(generations.last().unwrap()).plan, &generations).await;
}

/// With `PHYSIO_SHIP_CACHES=1` it writes what is missing instead of failing.
#[tokio::test]
async fn the_present_schema_is_among_the_shipped_caches() {
    let clinic = clinic::generations();
    let mut missing = Vec::new();
    if !write::is_shipped("clinic", clinic.len(), &clinic::app(), true) {
        missing.push(("clinic", clinic.len(), clinic::app(), clinic.last().unwrap().clone()));
    }
    let ward = ward::generations();
    let present = ward.len() - 1;
    for (position, generation) in ward.into_iter().enumerate() {
        let app = ward::app(&generation);
        if !write::is_shipped("ward", position + 1, &app, position == present) {
            missing.push(("ward", position + 1, app, generation));
        }
    }
    if std::env::var_os("PHYSIO_SHIP_CACHES").is_some() {
        for (name, number, app, generation) in missing {
            write::ship(name, number, &app, &generation).await;
        }
        return;
    }
    let names: Vec<String> = missing
        .iter()
        .map(|(name, number, app, _)| format!("{name} {number} ({})", app.plan.fingerprint))
        .collect();
    assert!(
        names.is_empty(),
        "no shipped cache of {}; if the schema or the inner tables changed, add a generation to \
         tests/tests/shipped_caches/generations.rs, and then run\n  \
         PHYSIO_SHIP_CACHES=1 cargo test -p physio-tests --test shipped_caches the_present_schema",
        names.join(", ")
    );
}
