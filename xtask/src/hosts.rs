//! `cargo xtask hosts`: a large table through the least that hosts give.

use crate::{Verdict, subprocess};
use anyhow::Result;

/// Pull a large table through nginx with php-fpm and Apache with php-cgi, with little memory and time for PHP.
///
/// Every row is compared with the database afterwards. Prints how long it took and how many requests it needed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask hosts                                       1,000,000 rows, 64 MB, 5 seconds
  cargo xtask hosts --rows 100000 --memory 16M --seconds 2
  cargo xtask hosts --only apache

Exit code 1 means that a pull failed or rows differ.")]
pub(crate) struct Args {
    /// Rows of the table.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    rows: u64,
    /// `memory_limit` of PHP.
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    memory: String,
    /// `max_execution_time` of PHP.
    #[arg(long, value_name = "S", default_value_t = 5)]
    seconds: u32,
    /// One web server alone: built-in, nginx or apache.
    #[arg(long, value_name = "SERVER")]
    only: Option<String>,
}

/// Builds the program and runs it.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let mut command = subprocess::cargo();
    command.args(["run", "--quiet", "--package", "physio-tests", "--bin", "physio-hosts", "--"]);
    command.args(["--rows", &args.rows.to_string(), "--memory", &args.memory]);
    command.args(["--seconds", &args.seconds.to_string()]);
    command.args(args.only.iter().flat_map(|server| ["--only", server.as_str()]));
    subprocess::run_for_verdict(&mut command)
}
