//! Reads and writes as an interface makes them, while the sync applies rows to the same file.

use crate::clinic::Payments;
use crate::figures::Figure;
use crate::{Args, Result, local, pull};
use mysql::prelude::Queryable;
use physio_runtime::Physio;
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
    let physio = pull::open(stack, &folder.path().join("cache.db"))?;
    physio.wait_until_synced().await?;
    let n_rows = grouped(2 * args.rows_per_table());
    let mut figures = Vec::new();

    anstream::eprintln!("reads and writes while all rows are pulled again");
    let mut samples = Samples::default();
    for round in 0..args.repetitions() {
        // A new epoch (eight hex digits) makes the device read every page again, over the rows that it has.
        stack.connect()?.query_drop(format!("UPDATE _physio_state SET epoch = 'be{round:06}'"))?;
        samples.add(during_sync(args, &physio).await?);
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
        samples.add(during_sync(args, &physio).await?);
    }
    figures.extend(samples.figures(&format!("while {} changed rows arrive", grouped(DELTA_ROWS))));
    physio.close().await;
    Ok(figures)
}

#[derive(Debug, Default)]
struct Samples {
    reads: Vec<Timings>,
    writes: Vec<Timings>,
}

impl Samples {
    fn add(&mut self, (reads, writes): (Timings, Timings)) {
        self.reads.push(reads);
        self.writes.push(writes);
    }

    fn figures(self, when: &str) -> [Figure; 2] {
        [
            figure("read by key", when, &Timings::merged(self.reads), READ_PROMISE),
            figure("durable write", when, &Timings::merged(self.writes), WRITE_PROMISE),
        ]
    }
}

fn figure(what: &str, when: &str, timings: &Timings, promise: Duration) -> Figure {
    Figure {
        what: format!("{what} {when} (p50 / p99)"),
        ours: format!("{} / {}", shown(timings.p50()), shown(timings.p99())),
        against: format!("longest of {}: {}", grouped(timings.len() as u64), shown(timings.max())),
        ratio: String::new(),
        promise: Some((format!("p99 < {}", shown(promise)), timings.p99() < promise)),
    }
}

/// Runs one round of the sync; two threads read and write until it has ended.
async fn during_sync(args: &Args, physio: &Physio) -> Result<(Timings, Timings)> {
    let n_rows = i64::try_from(args.rows_per_table())?;
    let has_ended = AtomicBool::new(false);
    let key = |n: usize| (n as i64).wrapping_mul(7_919).rem_euclid(n_rows) + 1;
    let runtime = tokio::runtime::Handle::current();
    let (synced, reads, writes) = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let reader = scope
                .spawn(|| repeat(&has_ended, READ_PAUSE, |n| physio.get::<Payments>(key(n)).map(|_| ())));
            let writer = scope
                .spawn(|| repeat(&has_ended, WRITE_PAUSE, |n| local::write(physio, key(n), n).map(|_| ())));
            let synced = runtime.block_on(physio.sync_now());
            has_ended.store(true, Ordering::SeqCst);
            (synced, reader.join(), writer.join())
        })
    });
    synced?;
    let reads = reads.map_err(|_| "the reading thread panicked")??;
    let writes = writes.map_err(|_| "the writing thread panicked")??;
    physio.wait_until_synced().await?;
    Ok((reads, writes))
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
