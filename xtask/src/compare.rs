//! `cargo xtask compare`: the rows of a MySQL database against those of a cache file.

use crate::live::MySqlUrl;
use crate::{Verdict, subprocess};
use anyhow::Result;
use std::path::PathBuf;

/// Compare a MySQL database with a cache file, row by row, for every synced table.
///
/// Both are read in key order, two rows in memory at a time. One line a table, and the keys (never the values) of the
/// first rows that differ. Rows with unsent local changes are listed apart and make no difference. What another
/// application wrote since the device's last pull differs: compare after a pull.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask compare --mysql mysql://clinic:secret@localhost:3306/clinic --cache physio_cache.db
  cargo xtask compare --mysql @url.txt --cache physio_cache.db --show 50
  cargo xtask compare --mysql @url.txt --cache physio_cache.db --format json | jq '.tables[] | select(.differing > 0)'

Exit code 1 means that a row without unsent changes is not the same on both sides.")]
pub(crate) struct Args {
    /// mysql://user:password@host:port/database, or @FILE that holds it.
    #[arg(long, value_name = "URL")]
    mysql: String,
    /// The cache file.
    #[arg(long, value_name = "FILE")]
    cache: PathBuf,
    /// Keys of a table that are shown at the most.
    #[arg(long, value_name = "N", default_value_t = 10)]
    show: usize,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Builds the program that reads both sides, and runs it.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    args.mysql.parse::<MySqlUrl>()?;
    let mut command = subprocess::cargo();
    command.args([
        "run",
        "--quiet",
        "--release",
        "--package",
        "physio-tests",
        "--bin",
        "physio-compare",
        "--",
    ]);
    command.arg("--cache").arg(std::path::absolute(&args.cache)?);
    command.args(["--show", &args.show.to_string()]);
    command.args(["--format", if args.format == Format::Json { "json" } else { "text" }]);
    // Not on the command line, which every user of the machine can read.
    command.env("PHYSIO_MYSQL_URL", absolute(&args.mysql)?);
    subprocess::run_for_verdict(&mut command)
}

/// The program runs in another folder.
fn absolute(url: &str) -> Result<String> {
    Ok(match url.strip_prefix('@') {
        Some(file) => format!("@{}", std::path::absolute(file)?.display()),
        None => url.to_owned(),
    })
}
