//! Whether a MySQL database and a cache file hold the same rows. `cargo xtask compare` runs it.
//!
//! Exit code 0: every row without unsent changes is equal; 1: one is not; 2: it could not compare.

/// The one reader of a server's URL, which the project's own commands use too.
#[path = "../../../../xtask/src/live/connect.rs"]
mod connect;
mod report;

use clap::{Parser, ValueEnum};
use connect::MySqlUrl;
use physio_tests::comparison;
use std::path::PathBuf;
use std::process::ExitCode;

/// Compare the rows of a MySQL database with those of a cache file.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask compare", about)]
struct Args {
    /// mysql://user:password@host:port/database, or @FILE that holds it.
    #[arg(long, value_name = "URL", env = "PHYSIO_MYSQL_URL", hide_env_values = true)]
    mysql: MySqlUrl,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            anstream::eprintln!("the two sides could not be compared: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> anyhow::Result<bool> {
    let (cache, plan) = comparison::open_cache(&args.cache)?;
    let mut server = connect::connect(&args.mysql)?;
    let compared = comparison::compare_all(&plan, &mut server, &cache, args.show)?;
    match args.format {
        Format::Text => report::print_text(args.mysql.database(), &args.cache, &compared),
        Format::Json => report::print_json(&compared)?,
    }
    Ok(compared.iter().all(comparison::TableComparison::is_equal))
}
