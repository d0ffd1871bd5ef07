//! `cargo xtask simulate`: devices, network and server in one process, where a seed decides everything.

use crate::{Verdict, subprocess};
use anyhow::Result;
use std::path::PathBuf;

/// Run the sync of several devices against one server through faults, kills and schema changes, seed by seed.
///
/// A seed that loses, doubles or leaves something stale is shrunk to few steps, which are printed and written to a
/// file; docs/simulation.md says what is simulated and what is checked.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask simulate                                     seeds 0 to 1,999
  cargo xtask simulate --seeds 5000..100000 --jobs 4
  cargo xtask simulate --plan target/simulation/seed-17.json   what happens in one plan, line by line

Exit code 1 means that a seed failed.")]
pub(crate) struct Args {
    /// The seeds, the last one not included.
    #[arg(long, value_name = "A..B", default_value = "0..2000")]
    seeds: String,
    /// How many at the same time.
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,
    /// After so many failing seeds, stop.
    #[arg(long, value_name = "N", default_value_t = 1)]
    failures: u64,
    /// Run one plan and tell what happens in it.
    #[arg(long, value_name = "FILE", conflicts_with = "seeds")]
    plan: Option<PathBuf>,
}

/// Builds the simulation in release form and runs it.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let mut command = subprocess::cargo();
    command.args([
        "run",
        "--quiet",
        "--release",
        "--package",
        "physio-tests",
        "--bin",
        "physio-simulate",
        "--",
    ]);
    match &args.plan {
        Some(plan) => command.arg("--plan").arg(std::path::absolute(plan)?),
        None => command.args(["--seeds", &args.seeds]),
    };
    command.args(["--jobs", &args.jobs.to_string(), "--failures", &args.failures.to_string()]);
    subprocess::run_for_verdict(&mut command)
}
