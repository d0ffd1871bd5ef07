//! The cache on real files: what it promises to the sync loop and to the application.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

mod answers;
mod attention;
mod batches;
mod convergence;
mod deltas;
mod migration;
mod opening;
mod pages;
mod rebasing;
mod renaming;
mod writing;

use physio_runtime::Plan;
use physio_runtime::bridge::wire::{
    BatchAnswer, Cursor, DeletedBlock, KeptColumns, MappedKey, RowBlock, RowSink, StreamEnd, UnitOutcome,
    UnitStatus,
};
use physio_runtime::cache::{Cache, DeltaOutcome, LocalChange, PageReport, PushReport};
use rusqlite::types::Value;
use rusqlite::{Connection, Params};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

/// The first temporary key, as text.
const TEMP: &str = "4503599627370496";

const DUMP: &str = "
CREATE TABLE roles (role_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, role_name varchar(40) NOT NULL);
CREATE TABLE patients (
  patient_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(80) NOT NULL,
  remarks mediumtext DEFAULT NULL,
  referred_by int DEFAULT NULL,
  CONSTRAINT fk_referred FOREIGN KEY (referred_by) REFERENCES patients (patient_id)
);
CREATE TABLE payments (
  payment_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  patient_id int NOT NULL,
  amount decimal(10,2) NOT NULL,
  note varchar(100) DEFAULT NULL,
  KEY patient_id (patient_id),
  CONSTRAINT fk_patient FOREIGN KEY (patient_id) REFERENCES patients (patient_id)
);
CREATE TABLE visits (
  patient_id int NOT NULL,
  visit_no int NOT NULL,
  finding varchar(200) DEFAULT NULL,
  PRIMARY KEY (patient_id, visit_no),
  CONSTRAINT fk_visit FOREIGN KEY (patient_id) REFERENCES patients (patient_id)
);
CREATE TABLE rooms (code varchar(10) NOT NULL PRIMARY KEY, label varchar(40) DEFAULT NULL);
CREATE TABLE scans (scan_id binary(4) NOT NULL PRIMARY KEY, image blob DEFAULT NULL, weight double DEFAULT NULL);
";

const CONFIG: &str = "
[app]
name = \"clinic\"
dump = \"clinic.sql\"
[server]
time_zone = \"+00:00\"
[server.tokens]
table = \"api_tokens\"
token = \"token\"
[access]
open = true

[[waves]]
name = \"first\"
tables = [\"patients\", \"payments\", \"visits\", \"rooms\", \"scans\"]
[[waves]]
name = \"second\"
tables = [\"roles\"]
[tables.roles]
writable = false
";

fn plan_of(dump: &str, config: &str) -> Arc<Plan> {
    let dump = physio_schema::dump::parse(dump.as_bytes(), &physio_schema::dump::DumpOptions::default())
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    let config = physio_schema::config::parse(config).unwrap_or_else(|errors| panic!("{errors:?}"));
    Arc::new(physio_schema::plan::build(&dump.schema, &config).unwrap_or_else(|errors| panic!("{errors:?}")))
}

fn plan() -> Arc<Plan> {
    plan_of(DUMP, CONFIG)
}

/// One cache file in a folder of its own.
struct Device {
    folder: tempfile::TempDir,
    cache: Cache,
}

impl Device {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(&folder.path().join("physio_cache.db"), plan()).unwrap();
        Self { folder, cache }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("physio_cache.db")
    }

    /// Drops everything and opens the file again, as after a kill.
    fn reopened(self) -> Self {
        self.reopened_with(plan())
    }

    fn reopened_with(self, plan: Arc<Plan>) -> Self {
        let Self { folder, cache } = self;
        drop(cache);
        let cache = Cache::open(&folder.path().join("physio_cache.db"), plan).unwrap();
        Self { folder, cache }
    }

    /// Another program that has the file open: it knows nothing of units.
    fn foreign(&self) -> Connection {
        Connection::open(self.file()).unwrap()
    }

    /// One unit of raw statements.
    fn write(&self, statements: &[&str]) -> Vec<LocalChange> {
        let (_, changes) = self
            .cache
            .write(|transaction| {
                for statement in statements {
                    transaction.execute(statement, [])?;
                }
                Ok(())
            })
            .unwrap();
        changes
    }

    /// All values of a query, as text with `|` between columns and a line a row.
    fn ask(&self, sql: &str) -> String {
        self.ask_with(sql, [])
    }

    fn ask_with(&self, sql: &str, params: impl Params) -> String {
        self.cache
            .read(|connection| {
                let mut statement = connection.prepare(sql)?;
                let width = statement.column_count();
                let mut rows = statement.query(params)?;
                let mut lines = Vec::new();
                while let Some(row) = rows.next()? {
                    let cells: Vec<String> =
                        (0..width).map(|at| row.get(at).map(shown)).collect::<Result<_, _>>()?;
                    lines.push(cells.join("|"));
                }
                Ok(lines.join("\n"))
            })
            .unwrap()
    }

    /// One page of a table.
    fn page(&self, table: &str, columns: &[&str], rows: &[&str], more: bool) -> PageReport {
        let mut sink = self.cache.page_sink(table).unwrap();
        sink.table(table, &texts(columns), &[]).unwrap();
        for row in rows {
            sink.row(row).unwrap();
        }
        sink.finish(&StreamEnd { more, n_rows: rows.len() as u64, ..StreamEnd::default() }).unwrap()
    }

    fn patients(&self, rows: &[&str]) -> PageReport {
        self.page("patients", PATIENT, rows, false)
    }

    fn payments(&self, rows: &[&str]) -> PageReport {
        self.page("payments", PAYMENT, rows, false)
    }

    /// A delta of one page.
    fn delta(
        &self,
        ack: u64,
        tables: &[(&str, &[&str], &[&str])],
        deleted: &[(&str, &[&str])],
    ) -> DeltaOutcome {
        let mut sink = self.cache.delta_sink();
        for (table, columns, rows) in tables {
            sink.table(table, &texts(columns), &[]).unwrap();
            for row in *rows {
                sink.row(row).unwrap();
            }
        }
        for (table, keys) in deleted {
            sink.deleted(table, texts(keys)).unwrap();
        }
        let end = StreamEnd { cursor: Some(Cursor("e.9".into())), ack, exact: true, ..StreamEnd::default() };
        self.cache.apply_delta(sink, &end).unwrap()
    }

    /// The next batch as JSON.
    fn batch(&self) -> Option<serde_json::Value> {
        let outgoing = self.cache.next_batch().unwrap()?;
        let batch: serde_json::Value = serde_json::from_slice(&outgoing.bytes).unwrap();
        assert_eq!(batch["batch"], outgoing.batch);
        assert_eq!(batch["device"], self.cache.device());
        Some(batch)
    }

    /// The units of the next batch.
    fn units(&self) -> serde_json::Value {
        self.batch().expect("something to send")["units"].take()
    }

    fn answer(&self, answer: &BatchAnswer) -> PushReport {
        self.cache.apply_answer(answer).unwrap()
    }
}

const PATIENT: &[&str] = &["patient_id", "name", "remarks", "referred_by"];
const PAYMENT: &[&str] = &["payment_id", "patient_id", "amount", "note"];
const VISIT: &[&str] = &["patient_id", "visit_no", "finding"];
const ROOM: &[&str] = &["code", "label"];

fn shown(value: Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => format!("{number:?}"),
        Value::Text(text) => text,
        Value::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn empty_answer(batch: u64) -> BatchAnswer {
    BatchAnswer {
        v: 1,
        fingerprint: String::new(),
        epoch: None,
        batch,
        units: Vec::new(),
        keys: Vec::new(),
        rows: Vec::new(),
        deleted: Vec::new(),
    }
}

fn applied(unit: &serde_json::Value) -> UnitOutcome {
    outcome(unit, UnitStatus::Applied, None, None)
}

fn outcome(
    unit: &serde_json::Value,
    status: UnitStatus,
    code: Option<&str>,
    field: Option<&str>,
) -> UnitOutcome {
    UnitOutcome {
        unit: unit["unit"].as_str().unwrap().to_owned(),
        status,
        change: code.map(|_| 0),
        code: code.map(str::to_owned),
        field: field.map(str::to_owned),
        blocked_by: None,
        kept: Vec::new(),
    }
}

fn mapped(table: &str, temp: &str, key: &str) -> MappedKey {
    MappedKey { table: table.into(), temp: temp.into(), key: key.into() }
}

fn row_block(table: &str, columns: &[&str], rows: serde_json::Value) -> RowBlock {
    let rows = serde_json::from_value(rows).unwrap();
    RowBlock { table: table.into(), columns: texts(columns), base64: Vec::new(), rows }
}

fn deleted_block(table: &str, keys: serde_json::Value) -> DeletedBlock {
    DeletedBlock { table: table.into(), keys: serde_json::from_value(keys).unwrap() }
}

#[test]
fn the_plan_of_these_tests_has_what_they_need() {
    let plan = plan();
    let visits = plan.table("visits").unwrap();
    assert_eq!(visits.key.len(), 2);
    assert_eq!(visits.temporary_key, None);
    assert_eq!(plan.table("payments").unwrap().references.len(), 1);
    assert!(!plan.table("roles").unwrap().writable);
    assert_eq!(json!(plan.waves.len()), json!(2));
}
