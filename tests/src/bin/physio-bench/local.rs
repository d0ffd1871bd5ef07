//! A typed read by key and a durable, captured write, against rusqlite with nothing around it.

use crate::clinic::{self, Payments, PaymentsPatch};
use crate::figures::Figure;
use crate::{Args, Result, generator};
use physio_runtime::Physio;
use physio_runtime::bridge::wire::{RowSink, StreamEnd};
use physio_runtime::rusqlite::{Connection, params};
use physio_tests::harness::App;
use physio_tests::timing::{Timings, grouped, shown};
use std::path::Path;
use std::time::Duration;

/// Blocks of the two sides take turns, so that what else the machine does meets both.
const N_BLOCKS: usize = 20;
const READS_A_BLOCK: usize = 2_000;
const WRITES_A_BLOCK: usize = 50;

/// Fills a cache and a plain SQLite file with the same payments and measures both.
pub(crate) fn measure(args: &Args, app: &App) -> Result<Vec<Figure>> {
    anstream::eprintln!("local reads and writes on {} payments", grouped(args.rows_per_table()));
    let folder = tempfile::Builder::new().prefix("physio-bench-").tempdir()?;
    let physio = Physio::builder(clinic::plan()).cache(folder.path().join("cache.db")).open()?;
    fill_cache(args, app, &physio)?;
    let raw = open_raw(&folder.path().join("raw.db"), &folder.path().join("cache.db"))?;

    let n_rows = i64::try_from(args.rows_per_table())?;
    let key = |n: usize| (n as i64).wrapping_mul(7_919).rem_euclid(n_rows) + 1;
    let (mut reads, mut raw_reads) = (Vec::new(), Vec::new());
    let (mut writes, mut raw_writes) = (Vec::new(), Vec::new());
    for block in 0..N_BLOCKS {
        let first = block * READS_A_BLOCK;
        reads.push(Timings::try_measure(READS_A_BLOCK, |n| physio.get::<Payments>(key(first + n)))?);
        raw_reads.push(Timings::try_measure(READS_A_BLOCK, |n| read_raw(&raw, key(first + n)))?);
        let first = block * WRITES_A_BLOCK;
        writes.push(Timings::try_measure(WRITES_A_BLOCK, |n| write(&physio, key(first + n), n))?);
        raw_writes.push(Timings::try_measure(WRITES_A_BLOCK, |n| write_raw(&raw, key(first + n), n))?);
    }
    Ok(vec![
        figure(
            "typed read by key",
            &Timings::merged(reads),
            &Timings::merged(raw_reads),
            Duration::from_millis(2),
        ),
        figure(
            "durable write, captured",
            &Timings::merged(writes),
            &Timings::merged(raw_writes),
            Duration::from_millis(10),
        ),
    ])
}

fn figure(what: &str, ours: &Timings, raw: &Timings, promise: Duration) -> Figure {
    let both = |timings: &Timings| format!("{} / {}", shown(timings.p50()), shown(timings.p99()));
    Figure {
        what: format!("{what}, idle (p50 / p99)"),
        ours: both(ours),
        against: format!("raw rusqlite {}", both(raw)),
        ratio: format!("{:.2} x the time", ours.p50().as_secs_f64() / raw.p50().as_secs_f64()),
        promise: Some((format!("p99 < {}", shown(promise)), ours.p99() < promise)),
    }
}

/// Puts the payments into the cache the way a page of the first pull does.
pub(crate) fn fill_cache(args: &Args, app: &App, physio: &Physio) -> Result<()> {
    let generator = generator(args, app);
    let columns: Vec<String> = generator.columns("payments").into_iter().map(str::to_owned).collect();
    let mut sink = physio.cache().page_sink("payments")?;
    let stopped = |error| format!("the cache does not take the rows: {error:?}");
    sink.table("payments", &columns, &[]).map_err(stopped)?;
    for row in generator.rows("payments") {
        sink.row(&serde_json::to_string(&row)?).map_err(stopped)?;
    }
    sink.finish(&StreamEnd { n_rows: args.rows_per_table(), ..StreamEnd::default() })?;
    Ok(())
}

/// The same rows in a file of its own: same columns, same settings for durability, no triggers.
pub(crate) fn open_raw(path: &Path, cache: &Path) -> Result<Connection> {
    let raw = Connection::open(path)?;
    raw.pragma_update(None, "journal_mode", "WAL")?;
    raw.pragma_update(None, "synchronous", "FULL")?;
    raw.execute_batch(
        "CREATE TABLE payments (payment_id INTEGER PRIMARY KEY, patient_id INTEGER, branch_id INTEGER,
           processed_by_employee_id INTEGER, payment_date TEXT, amount TEXT, mode TEXT, remarks TEXT,
           created_at TEXT) STRICT",
    )?;
    raw.execute("ATTACH ?1 AS cache", [cache.display().to_string()])?;
    raw.execute_batch(
        "INSERT INTO payments SELECT payment_id, patient_id, branch_id, processed_by_employee_id, payment_date,
           amount, mode, remarks, created_at FROM cache.payments;
         DETACH cache;",
    )?;
    Ok(raw)
}

/// The row as SQLite has it: numbers and texts, nothing parsed.
type RawPayment =
    (i64, i64, Option<i64>, Option<i64>, String, String, Option<String>, Option<String>, String);

fn read_raw(raw: &Connection, key: i64) -> Result<RawPayment, physio_runtime::rusqlite::Error> {
    raw.prepare_cached(
        "SELECT payment_id, patient_id, branch_id, processed_by_employee_id, payment_date, amount, mode, remarks,
           created_at FROM payments WHERE payment_id = ?1",
    )?
    .query_row([key], |row| row.try_into())
}

pub(crate) fn write_raw(
    raw: &Connection,
    key: i64,
    n: usize,
) -> Result<usize, physio_runtime::rusqlite::Error> {
    raw.prepare_cached("UPDATE payments SET remarks = ?2 WHERE payment_id = ?1")?
        .execute(params![key, remark(n)])
}

/// One typed update in a transaction of its own.
pub(crate) fn write(physio: &Physio, key: i64, n: usize) -> physio_runtime::Result<bool> {
    let patch = PaymentsPatch { remarks: Some(Some(remark(n))), ..Default::default() };
    physio.write(|tx| tx.update::<Payments>(key, patch))
}

/// Never the same twice: a row that is written as it already stands costs SQLite nothing.
fn remark(n: usize) -> String {
    format!("measured {n} {:08x}", fastrand::u32(..))
}
