//! What was written offline, pushed through real PHP, against plain statements on the same MariaDB.

use crate::clinic::{PaymentsInsert, PaymentsOptional};
use crate::figures::Figure;
use crate::{Args, Result, clinic, local, pull};
use physio_runtime::Physio;
use physio_runtime::types::{Date, Decimal};
use physio_tests::harness::Stack;
use physio_tests::harness::app::repository;
use physio_tests::timing::{Timings, grouped, shown};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Local transactions of each kind.
const N_UNITS: u64 = 5_000;

/// Updates, then inserts, each in turn with the plain statements; medians.
pub(crate) async fn measure(args: &Args, stack: &Stack) -> Result<Vec<Figure>> {
    let n_units = if args.quick { N_UNITS / 10 } else { N_UNITS };
    let folder = tempfile::Builder::new().prefix("physio-bench-").tempdir()?;
    let cache = folder.path().join("cache.db");
    let (mut ours, mut plain) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for round in 0..args.repetitions() {
        anstream::eprintln!("push, {} of {}", round + 1, args.repetitions());
        for (kind, taken) in [update, insert].into_iter().zip(&mut ours) {
            taken.push(push(stack, &cache, n_units, kind).await?);
        }
        for (seconds, taken) in reference(stack, n_units)?.into_iter().zip(&mut plain) {
            taken.push(seconds);
        }
    }
    let names = ["updates", "inserts"];
    Ok(names
        .into_iter()
        .zip(ours.into_iter().zip(plain))
        .map(|(name, (ours, plain))| {
            let (ours, plain) = (Timings::from_iter(ours).p50(), Timings::from_iter(plain).p50());
            let rate = |took: Duration| grouped((n_units as f64 / took.as_secs_f64()) as u64);
            Figure {
                what: format!("push of {} {name}, one a local transaction", grouped(n_units)),
                ours: format!("{}, {} units/s", shown(ours), rate(ours)),
                against: format!("plain statements, a transaction each {}, {}/s", shown(plain), rate(plain)),
                ratio: format!("{:.2} x the time", ours.as_secs_f64() / plain.as_secs_f64()),
                promise: None,
            }
        })
        .collect())
}

/// Writes offline, then opens with the bridge: the time until nothing waits.
async fn push(
    stack: &Stack,
    cache: &Path,
    n_units: u64,
    write: fn(&Physio, u64) -> Result<()>,
) -> Result<Duration> {
    // What the plain statements wrote is no conflict of this device.
    let physio = pull::open(stack, cache)?;
    physio.wait_until_synced().await?;
    physio.sync_now().await?;
    physio.close().await;
    drop(physio);
    let offline = Physio::builder(clinic::plan()).cache(cache).open()?;
    for n in 1..=n_units {
        write(&offline, n)?;
    }
    offline.close().await;
    drop(offline);
    let physio = pull::open(stack, cache)?;
    let start = Instant::now();
    while physio.cache().counts()?.queued_units > 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let took = start.elapsed();
    physio.wait_until_synced().await?;
    let n_attention = physio.attention()?.len();
    physio.close().await;
    if n_attention > 0 {
        return Err(format!("{n_attention} units were not taken").into());
    }
    Ok(took)
}

fn update(physio: &Physio, n: u64) -> Result<()> {
    local::write(physio, i64::try_from(n)?, usize::try_from(n)?)?;
    Ok(())
}

fn insert(physio: &Physio, n: u64) -> Result<()> {
    physio.write(|tx| {
        tx.insert(PaymentsInsert {
            patient_id: 1,
            payment_date: Date::new(2026, 3, 2).expect("a day of the calendar"),
            amount: Decimal::new(45_000, 2),
            optional: PaymentsOptional { remarks: Some(format!("measured {n}")), ..Default::default() },
        })
    })?;
    Ok(())
}

fn reference(stack: &Stack, n_units: u64) -> Result<[Duration; 2]> {
    let output = Command::new("php")
        .arg(repository().join("tests/bench-reference/push.php"))
        .arg(n_units.to_string())
        .env("PHYSIO_DB_SOCKET", stack.maria().socket())
        .envs(["PHYSIO_DB_NAME", "PHYSIO_DB_USER", "PHYSIO_DB_PASSWORD"].map(|name| (name, &stack.database)))
        .output()
        .map_err(|error| format!("cannot start php: {error}"))?;
    let line: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("the plain statements failed:\n{}", String::from_utf8_lossy(&output.stderr)))?;
    let seconds = |name: &str| line[name].as_f64().map(Duration::from_secs_f64).ok_or("no seconds");
    Ok([seconds("updates")?, seconds("inserts")?])
}
