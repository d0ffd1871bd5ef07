//! The first pull into an empty cache over real PHP and MariaDB, in turn with the old design.

use crate::figures::Figure;
use crate::reference::Reference;
use crate::{Args, Result, TOKEN, clinic};
use physio_runtime::Physio;
use physio_runtime::bridge::Token;
use physio_tests::harness::Stack;
use physio_tests::timing::{Timings, grouped, shown};
use std::path::Path;
use std::time::{Duration, Instant};

/// How many times faster than the old design it aims to be.
const AIM: f64 = 10.0;

/// Pulls in turn with the reference; medians.
pub(crate) async fn measure(args: &Args, stack: &Stack) -> Result<Vec<Figure>> {
    let reference = Reference::start(stack)?;
    let folder = tempfile::Builder::new().prefix("physio-bench-").tempdir()?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (mut n_ours, mut n_theirs) = (0, 0);
    for round in 0..args.repetitions() {
        anstream::eprintln!("first pull, {} of {}", round + 1, args.repetitions());
        let (n_rows, took) = pull(stack, &folder.path().join(format!("physio-{round}.db"))).await?;
        n_ours = n_rows;
        ours.push(took);
        let file = folder.path().join(format!("reference-{round}.db"));
        let tables = [("payments", "payment_id"), ("attendance", "attendance_id")];
        let (n_rows, took) = reference.pull(&file, &tables)?;
        n_theirs = n_rows;
        theirs.push(took);
    }
    let wanted = 2 * args.rows_per_table();
    if n_theirs != wanted || n_ours < wanted {
        return Err(format!(
            "{wanted} rows were to be pulled; Physio got {n_ours}, the reference {n_theirs}"
        )
        .into());
    }
    let (ours, theirs) = (Timings::from_iter(ours).p50(), Timings::from_iter(theirs).p50());
    let per_second = |n_rows: u64, took: Duration| n_rows as f64 / took.as_secs_f64();
    let (fast, slow) = (per_second(n_ours, ours), per_second(n_theirs, theirs));
    Ok(vec![Figure {
        what: format!("first pull of {} rows over PHP and MariaDB", grouped(wanted)),
        ours: format!("{}, {} rows/s", shown(ours), grouped(fast as u64)),
        against: format!("old design {}, {} rows/s", shown(theirs), grouped(slow as u64)),
        ratio: format!("{:.1} x as fast", fast / slow),
        promise: Some((format!("{AIM:.0} x"), fast / slow >= AIM)),
    }])
}

/// From an empty file to a cache in sync: every table of both waves, and the delta that follows.
async fn pull(stack: &Stack, file: &Path) -> Result<(u64, Duration)> {
    let start = Instant::now();
    let physio = open(stack, file)?;
    physio.wait_until_synced().await?;
    let took = start.elapsed();
    let n_rows = physio.status()?.tables.iter().map(|table| table.n_rows).sum();
    physio.close().await;
    Ok((n_rows, took))
}

/// A cache before the stack's bridge.
pub(crate) fn open(stack: &Stack, file: &Path) -> Result<Physio> {
    let builder = Physio::builder(clinic::plan()).cache(file);
    Ok(builder.bridge_url(stack.url()).token(Token::new(TOKEN)).open()?)
}
