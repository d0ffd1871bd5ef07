//! What an encrypted cache costs, against a plain one in the same program: opening, filling, reading, writing.

use crate::clinic::{self, Payments};
use crate::figures::Figure;
use crate::local::{fill_cache, write};
use crate::{Args, Result};
use physio_runtime::Physio;
use physio_runtime::secret::CacheKey;
use physio_tests::harness::App;
use physio_tests::timing::{Timings, grouped, shown};
use std::path::Path;

/// Blocks of the two sides take turns, so that what else the machine does meets both.
const N_BLOCKS: usize = 10;
const OPENINGS_A_BLOCK: usize = 5;
const READS_A_BLOCK: usize = 1_000;
const WRITES_A_BLOCK: usize = 50;

/// One of the two caches, and what it took.
struct Side {
    physio: Physio,
    fills: Timings,
    openings: Vec<Timings>,
    scans: Vec<Timings>,
    reads: Vec<Timings>,
    writes: Vec<Timings>,
}

/// Measures both, block by block.
pub(crate) fn measure(args: &Args, app: &App) -> Result<Vec<Figure>> {
    let rows = grouped(args.rows_per_table());
    anstream::eprintln!("encrypted and plain caches of {rows} payments");
    let folder = tempfile::Builder::new().prefix("physio-bench-").tempdir()?;
    let key = CacheKey::random()?;
    let plain = || open(&folder.path().join("plain.db"), None);
    let encrypted = || open(&folder.path().join("encrypted.db"), Some(&key));
    let mut sides = [Side::new(args, app, plain()?)?, Side::new(args, app, encrypted()?)?];
    let n_rows = i64::try_from(args.rows_per_table())?;
    for block in 0..N_BLOCKS {
        sides[0].block(block, n_rows, &plain)?;
        sides[1].block(block, n_rows, &encrypted)?;
    }
    let [plain, encrypted] = sides;
    let pairs = [
        (format!("first fill with {rows} rows"), encrypted.fills, plain.fills),
        (
            "opening the cache".to_owned(),
            Timings::merged(encrypted.openings),
            Timings::merged(plain.openings),
        ),
        (
            format!("reading {rows} rows after opening"),
            Timings::merged(encrypted.scans),
            Timings::merged(plain.scans),
        ),
        ("typed read by key".to_owned(), Timings::merged(encrypted.reads), Timings::merged(plain.reads)),
        (
            "durable write, captured".to_owned(),
            Timings::merged(encrypted.writes),
            Timings::merged(plain.writes),
        ),
    ];
    Ok(pairs.into_iter().map(|(what, ours, plain)| figure(&what, &ours, &plain)).collect())
}

fn open(path: &Path, key: Option<&CacheKey>) -> Result<Physio> {
    let builder = Physio::builder(clinic::plan()).cache(path);
    Ok(match key {
        Some(key) => builder.cache_key(key.clone()).open()?,
        None => builder.open()?,
    })
}

impl Side {
    fn new(args: &Args, app: &App, physio: Physio) -> Result<Self> {
        let fills = Timings::try_measure(1, |_| fill_cache(args, app, &physio))?;
        let (openings, scans, reads, writes) = Default::default();
        Ok(Self { physio, fills, openings, scans, reads, writes })
    }

    fn block(&mut self, block: usize, n_rows: i64, open: &dyn Fn() -> Result<Physio>) -> Result<()> {
        let key = |n: usize| (n as i64).wrapping_mul(7_919).rem_euclid(n_rows) + 1;
        self.openings.push(Timings::try_measure(OPENINGS_A_BLOCK, |_| open().map(drop))?);
        // No page is in the memory of this connection yet.
        let fresh = open()?;
        self.scans.push(Timings::try_measure(1, |_| {
            fresh.query_rows("SELECT sum(length(remarks)) FROM payments", [], |row| Ok(row.get::<_, i64>(0)?))
        })?);
        let (first_read, first_write) = (block * READS_A_BLOCK, block * WRITES_A_BLOCK);
        self.reads
            .push(Timings::try_measure(READS_A_BLOCK, |n| self.physio.get::<Payments>(key(first_read + n)))?);
        self.writes
            .push(Timings::try_measure(WRITES_A_BLOCK, |n| write(&self.physio, key(first_write + n), n))?);
        Ok(())
    }
}

fn figure(what: &str, ours: &Timings, plain: &Timings) -> Figure {
    Figure {
        what: format!("{what}, encrypted (p50)"),
        ours: shown(ours.p50()),
        against: format!("plain {}", shown(plain.p50())),
        ratio: format!("{:.2} x the time", ours.p50().as_secs_f64() / plain.p50().as_secs_f64()),
        promise: None,
    }
}
