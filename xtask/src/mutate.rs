//! `cargo xtask mutate`: random changes of the clinic's dump, and who tells of each before a row is touched.

use crate::{Verdict, subprocess};
use anyhow::Result;

/// Change the clinic's dump at random, and see that compiler, check or handshake tells of every change.
///
/// What is foreseen is confirmed by rustc and by a private MariaDB for a sample of each kind.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask mutate                              1,000 changes; 10 of each kind by rustc, 10 by MariaDB
  cargo xtask mutate --seed 7 --count 5000
  cargo xtask mutate --rustc 0 --mariadb 0        without both: two minutes

Exit code 1 means that a change escaped, or that rustc or MariaDB contradicts what was foreseen.")]
pub(crate) struct Args {
    /// How many changes, one at a time.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    count: usize,
    /// Where the random choices begin; the same seed gives the same changes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many of each kind are confirmed by rustc.
    #[arg(long, value_name = "N", default_value_t = 10)]
    rustc: usize,
    /// How many of each kind are confirmed by a MariaDB.
    #[arg(long, value_name = "N", default_value_t = 10)]
    mariadb: usize,
}

/// Builds the program and runs it; what takes long is rustc, not the program.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let mut command = subprocess::cargo();
    command.args(["run", "--quiet", "--package", "physio-tests", "--bin", "physio-mutate", "--"]);
    command.args(["--count", &args.count.to_string(), "--seed", &args.seed.to_string()]);
    command.args(["--rustc", &args.rustc.to_string(), "--mariadb", &args.mariadb.to_string()]);
    subprocess::run_for_verdict(&mut command)
}
