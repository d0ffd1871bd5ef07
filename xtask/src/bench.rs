//! `cargo xtask bench`: how fast it is, as ratios measured in one run.

use crate::{Verdict, subprocess};
use anyhow::Result;

/// Measure reads, writes and the first pull against their references, in one run.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask bench                     all measurements with 200,000 rows
  cargo xtask bench --quick             a tenth of the rows, to see that it runs
  cargo xtask bench --only local        without MariaDB, PHP and Node
  cargo xtask bench --only push         local transactions a second through PHP
  cargo xtask bench --only dump         how fast a dump is read, against sqlparser
  cargo xtask bench --only compile      what schema! costs at compile time, against diesel (from the registry)
  cargo xtask bench --only audit        what it costs to compare a cache with the server
  cargo xtask bench --only encryption   what an encrypted cache costs, against a plain one (needs libssl-dev)")]
pub(crate) struct Args {
    /// Rows in the cache and in the first pull.
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    rows: u32,
    /// A tenth of the rows and one repetition.
    #[arg(long)]
    quick: bool,
    /// One part alone.
    #[arg(long, value_name = "PART")]
    only: Option<Part>,
}

/// The parts of the benchmark.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Part {
    /// Reads and writes of the cache against raw rusqlite.
    Local,
    /// The same while a pull applies.
    Busy,
    /// The first pull over PHP and MariaDB against the old design in Node.
    Pull,
    /// What was written offline, pushed through PHP, against plain statements.
    Push,
    /// A dump with a gigabyte of rows, and one of 500 tables.
    Dump,
    /// The compilation of `schema!` for every table of the clinic against diesel's `table!`. Only when asked for.
    Compile,
    /// Comparing a cache with the server. Only when asked for.
    Audit,
    /// An encrypted cache against a plain one. Only when asked for.
    Encryption,
}

/// Builds the benchmarks in release form and runs them.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let dump = match args.only {
        None | Some(Part::Dump) => subprocess::run_for_verdict(&mut dump_bench(args))?,
        Some(
            Part::Local
            | Part::Busy
            | Part::Pull
            | Part::Push
            | Part::Compile
            | Part::Audit
            | Part::Encryption,
        ) => Verdict::Good,
    };
    let part = match args.only {
        Some(Part::Dump) => return Ok(dump),
        Some(Part::Local) => Some("local"),
        Some(Part::Busy) => Some("busy"),
        Some(Part::Pull) => Some("pull"),
        Some(Part::Push) => Some("push"),
        Some(Part::Compile) => Some("compile"),
        Some(Part::Audit) => Some("audit"),
        Some(Part::Encryption) => Some("encryption"),
        None => None,
    };
    let mut command = subprocess::cargo();
    command.args(["run", "--quiet", "--release", "--package", "physio-tests", "--bin", "physio-bench"]);
    if matches!(args.only, Some(Part::Encryption)) {
        // The other figures are those of the SQLite that most applications have.
        command.args(["--features", "encryption"]);
    }
    command.arg("--");
    command.arg("--rows").arg(args.rows.to_string());
    if args.quick {
        command.arg("--quick");
    }
    command.args(part.iter().flat_map(|part| ["--only", part]));
    let rest = subprocess::run_for_verdict(&mut command)?;
    Ok(if dump == Verdict::Good { rest } else { dump })
}

/// The benchmark of the reader needs nothing but the reader.
fn dump_bench(args: &Args) -> std::process::Command {
    let mut command = subprocess::cargo();
    command.args(["bench", "--quiet", "--package", "physio-schema", "--bench", "dump", "--"]);
    if args.quick {
        command.arg("--quick");
    }
    command
}
