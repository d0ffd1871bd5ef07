//! `cargo xtask demo`: the main job, start to end, to watch.

use crate::{Verdict, subprocess};
use anyhow::Result;

/// Show the main job: fill a cache, work offline, push, and prove both sides equal.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask demo                      the bridge runs inside the process, nothing to install
  cargo xtask demo --mariadb            a private MariaDB and PHP's web server over php-bridge/
  cargo xtask demo --rows 100000        more rows")]
pub(crate) struct Args {
    /// Use a private MariaDB and real PHP in place of the bridge inside the process.
    #[arg(long)]
    mariadb: bool,
    /// Synthetic rows on the server before the first pull.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    rows: u32,
    /// Keep the cache file here and leave it there at the end.
    #[arg(long, value_name = "FILE")]
    cache: Option<std::path::PathBuf>,
}

/// Builds the demo in release form and runs it.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let mut command = subprocess::cargo();
    command.args(["run", "--quiet", "--release", "--package", "physio-tests", "--bin", "physio-demo", "--"]);
    command.arg("--rows").arg(args.rows.to_string());
    if args.mariadb {
        command.arg("--mariadb");
    }
    if let Some(cache) = &args.cache {
        command.arg("--cache").arg(std::path::absolute(cache)?);
    }
    subprocess::run_for_verdict(&mut command)
}
