//! What it costs to compare a cache with the server: when both are equal, and when one row is not.

use crate::figures::Figure;
use crate::pull::open;
use crate::{Args, Result, TOKEN};
use mysql::prelude::Queryable;
use physio_runtime::Physio;
use physio_tests::harness::Stack;
use physio_tests::timing::{Timings, grouped, shown};
use std::time::{Duration, Instant};

/// The server's part alone, the whole comparison, and one that finds a row.
pub(crate) async fn measure(args: &Args, stack: &Stack) -> Result<Vec<Figure>> {
    let folder = tempfile::Builder::new().prefix("physio-bench-").tempdir()?;
    let physio = open(stack, &folder.path().join("cache.db"))?;
    physio.wait_until_synced().await?;
    let rows = grouped(2 * args.rows_per_table());
    let (mut server, mut equal, mut mended, mut n_reread) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for round in 0..args.repetitions() {
        anstream::eprintln!("comparison, {} of {}", round + 1, args.repetitions());
        server.push(sums(stack).await?);
        equal.push(audit(&physio).await?.0);
        // A session without triggers is not to be had, so the feed is told to forget the row again.
        let mut conn = stack.connect()?;
        conn.query_drop("UPDATE payments SET amount = amount + 1 ORDER BY payment_id LIMIT 1")?;
        conn.query_drop("DELETE FROM _physio_inbox")?;
        let (took, reread) = audit(&physio).await?;
        mended.push(took);
        n_reread = reread;
    }
    let figure = |what: String, took: Vec<Duration>, against: String| Figure {
        what,
        ours: shown(Timings::from_iter(took).p50()),
        against,
        ratio: String::new(),
        promise: None,
    };
    Ok(vec![
        figure(format!("sums of {rows} rows, the server's part"), server, "rows in ranges of 1,000".into()),
        figure(format!("comparing {rows} rows that are equal"), equal, "no row is read again".into()),
        figure(
            "the same with one row that differs".into(),
            mended,
            format!("{n_reread} rows are read again"),
        ),
    ])
}

/// Every table; gives how many rows were read again.
async fn audit(physio: &Physio) -> Result<(Duration, u64)> {
    let start = Instant::now();
    let audits = physio.audit().await?;
    Ok((start.elapsed(), audits.iter().map(|audit| audit.n_reread).sum()))
}

async fn sums(stack: &Stack) -> Result<Duration> {
    let client = reqwest::Client::new();
    let start = Instant::now();
    for table in ["payments", "attendance"] {
        let mut after = String::new();
        loop {
            let url = format!("{}read.php?table={table}&sums=1000&limit=50000{after}", stack.url());
            let answer = client.get(url).header("x-physio-token", TOKEN).send().await?.text().await?;
            let end: serde_json::Value = serde_json::from_str(answer.lines().last().unwrap_or_default())?;
            if end["end"] != true {
                return Err(format!("the bridge answers {answer}").into());
            }
            if end["more"] != true {
                break;
            }
            after = format!("&after={}", end["after"]);
        }
    }
    Ok(start.elapsed())
}
