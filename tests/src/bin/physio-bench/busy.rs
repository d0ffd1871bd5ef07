//! Reads and writes as an interface makes them, while the sync applies rows to the same file.
//!
//! Server, sync and interface share this machine's cores and disk. What that alone costs is seen beside them: raw
//! rusqlite writes at the same pace to a file of its own, which nobody else touches.

use crate::clinic::Payments;
use crate::figures::Figure;
use crate::{Args, Result, local, pull};
use mysql::prelude::Queryable;
use physio_runtime::Physio;
use physio_runtime::bridge::wire::Cursor;
use physio_runtime::cache::TableState;
use physio_runtime::rusqlite::Connection;
use physio_tests::harness::Stack;
use physio_tests::timing::{Timings, grouped, shown};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// An interface that shows a list reads every half millisecond at the most…
const READ_PAUSE: Duration = Duration::from_micros(500);
/// …and nobody types faster than this.
const WRITE_PAUSE: Duration = Duration::from_millis(4);
const READ_PROMISE: Duration = Duration::from_millis(2);
const WRITE_PROMISE: Duration = Duration::from_millis(10);
/// Rows that change on the server between two rounds, as after a night offline.
const DELTA_ROWS: u64 = 5_000;

/// Fills a cache, then measures while all rows are read anew and while deltas arrive.
pub(crate) async fn measure(args: &Args, stack: &Stack) -> Result<Vec<Figure>> {
    let folder = tempfile::Builder::new().prefix("physio-bench-").tempdir()?;
    let cache = folder.path().join("cache.db");
    let physio = pull::open(stack, &cache)?;
    physio.wait_until_synced().await?;
    let raw = local::open_raw(&folder.path().join("raw.db"), &cache)?;
    let n_rows = grouped(2 * args.rows_per_table());
    let mut figures = Vec::new();

    anstream::eprintln!("reads and writes while all rows are pulled again");
    let mut samples = Samples::default();
    for round in 0..args.repetitions() {
        // A new epoch (eight hex digits) makes the device read every page again, over the rows that it has.
        stack.connect()?.query_drop(format!("UPDATE _physio_state SET epoch = 'be{round:06}'"))?;
        samples.add(during_sync(args, &physio, &raw).await?);
    }
    figures.extend(samples.figures(&format!("while {n_rows} rows are pulled again")));

    anstream::eprintln!("reads and writes while changes arrive");
    let mut samples = Samples::default();
    for round in 0..args.repetitions() * 4 {
        let day = 1 + round % 28;
        stack.connect()?.query_drop(format!(
            "UPDATE attendance SET attendance_date = '2026-01-{day:02}', remarks = 'round {round}'
             ORDER BY attendance_id LIMIT {DELTA_ROWS}"
        ))?;
        samples.add(during_sync(args, &physio, &raw).await?);
    }
    figures.extend(samples.figures(&format!("while {} changed rows arrive", grouped(DELTA_ROWS))));
    physio.close().await;
    Ok(figures)
}

#[derive(Debug, Default)]
struct Samples {
    reads: Vec<Timings>,
    writes: Vec<Timings>,
    raw_writes: Vec<Timings>,
}

impl Samples {
    fn add(&mut self, [reads, writes, raw_writes]: [Timings; 3]) {
        self.reads.push(reads);
        self.writes.push(writes);
        self.raw_writes.push(raw_writes);
    }

    fn figures(self, when: &str) -> [Figure; 2] {
        let [reads, writes, raw] = [self.reads, self.writes, self.raw_writes].map(Timings::merged);
        [
            Figure {
                against: format!("longest of {}: {}", grouped(reads.len() as u64), shown(reads.max())),
                ..figure("read by key", when, &reads, READ_PROMISE)
            },
            Figure {
                against: format!("raw rusqlite, file of its own {}", both(&raw)),
                ratio: format!("p99 {:.2} x", writes.p99().as_secs_f64() / raw.p99().as_secs_f64()),
                ..figure("durable write", when, &writes, WRITE_PROMISE)
            },
        ]
    }
}

fn both(timings: &Timings) -> String {
    format!("{} / {}", shown(timings.p50()), shown(timings.p99()))
}

fn figure(what: &str, when: &str, timings: &Timings, promise: Duration) -> Figure {
    Figure {
        what: format!("{what} {when} (p50 / p99)"),
        ours: both(timings),
        against: String::new(),
        ratio: String::new(),
        promise: Some((format!("p99 < {}", shown(promise)), timings.p99() < promise)),
    }
}

/// Runs one round of the sync; until its rows are applied, three threads read and write.
async fn during_sync(args: &Args, physio: &Physio, raw: &Connection) -> Result<[Timings; 3]> {
    let n_rows = i64::try_from(args.rows_per_table())?;
    let before = physio.cache().pull_state()?.cursor;
    let is_applied = AtomicBool::new(false);
    let key = |n: usize| (n as i64).wrapping_mul(7_919).rem_euclid(n_rows) + 1;
    let runtime = tokio::runtime::Handle::current();
    let (synced, watched, taken) = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let reader = scope
                .spawn(|| repeat(&is_applied, READ_PAUSE, |n| physio.get::<Payments>(key(n)).map(|_| ())));
            let writer = scope
                .spawn(|| repeat(&is_applied, WRITE_PAUSE, |n| local::write(physio, key(n), n).map(|_| ())));
            // What was written meanwhile is pushed after that, which takes as long as it takes.
            let sync = scope.spawn(|| {
                let synced = runtime.block_on(physio.sync_now());
                is_applied.store(true, Ordering::SeqCst);
                synced
            });
            let watch = scope.spawn(|| {
                let watched = wait_until_applied(physio, before.as_ref(), &is_applied);
                is_applied.store(true, Ordering::SeqCst);
                watched
            });
            // A connection belongs to one thread: this one stays here.
            let raw_writes =
                repeat(&is_applied, WRITE_PAUSE, |n| Ok(local::write_raw(raw, key(n), n).map(|_| ())?));
            (sync.join(), watch.join(), [reader.join(), writer.join(), Ok(raw_writes)])
        })
    });
    synced.map_err(|_| "the sync panicked")??;
    watched.map_err(|_| "the watching thread panicked")??;
    let [reads, writes, raw_writes] = taken.map(|taken| taken.map_err(|_| "a measuring thread panicked"));
    physio.wait_until_synced().await?;
    Ok([reads??, writes??, raw_writes??])
}

/// Waits for a new cursor with every table complete, or for the end of the round.
fn wait_until_applied(
    physio: &Physio,
    before: Option<&Cursor>,
    has_ended: &AtomicBool,
) -> physio_runtime::Result<()> {
    while !has_ended.load(Ordering::SeqCst) {
        let state = physio.cache().pull_state()?;
        let is_complete = state.tables.iter().all(|table| table.state == TableState::Complete);
        if is_complete && state.cursor.is_some() && state.cursor.as_ref() != before {
            break;
        }
        std::thread::sleep(WRITE_PAUSE);
    }
    Ok(())
}

fn repeat(
    has_ended: &AtomicBool,
    pause: Duration,
    mut operation: impl FnMut(usize) -> physio_runtime::Result<()>,
) -> physio_runtime::Result<Timings> {
    let mut taken = Vec::new();
    while !has_ended.load(Ordering::SeqCst) {
        let start = Instant::now();
        operation(taken.len())?;
        taken.push(start.elapsed());
        std::thread::sleep(pause);
    }
    Ok(taken.into_iter().collect())
}
