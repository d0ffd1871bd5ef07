//! `cargo xtask simulate`: devices, network and server in one process, where a seed decides everything.

mod mutants;

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
  cargo xtask simulate --mutants                           does it notice faults that were put in on purpose?

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
    /// As the tests are built, instead of in release form: for few seeds that is sooner done.
    #[arg(long)]
    debug: bool,
    /// Put each fault of tests/fixtures/simulation/mutants into a copy, and see after how many seeds it is found.
    #[arg(long, conflicts_with_all = ["plan", "seeds"])]
    mutants: bool,
    /// Only mutants with this in their name.
    #[arg(long, value_name = "NAME", requires = "mutants")]
    only: Option<String>,
    /// Seeds that a mutant may take at the most.
    #[arg(long, value_name = "N", default_value_t = 2000, requires = "mutants")]
    most: u64,
}

/// Builds the simulation and runs it.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    if args.mutants {
        return mutants::run(args.most, args.only.as_deref());
    }
    let mut command = subprocess::cargo();
    command.args(["run", "--quiet", "--package", "physio-tests", "--bin", "physio-simulate"]);
    if !args.debug {
        command.arg("--release");
    }
    command.arg("--");
    match &args.plan {
        Some(plan) => command.arg("--plan").arg(std::path::absolute(plan)?),
        None => command.args(["--seeds", &args.seeds]),
    };
    command.args(["--jobs", &args.jobs.to_string(), "--failures", &args.failures.to_string()]);
    subprocess::run_for_verdict(&mut command)
}
