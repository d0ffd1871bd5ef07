//! `cargo xtask verify-dump`: dumps against a real server.

use crate::dump_file::Reading;
use crate::{Verdict, subprocess};
use anyhow::Result;
use std::path::PathBuf;

/// Load the structure of dumps into a private MariaDB and compare it with the model, value by value.
///
/// One line a dump; below it what differs, and what the server itself refused. Statements that carry rows are
/// not sent unless --with-data says so.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask verify-dump dump.sql
  cargo xtask verify-dump --verbose dumps/*.sql
  cargo xtask verify-dump schema.sql --define 'PREFIX_=ps_' --define ENGINE_TYPE=InnoDB
  cargo xtask verify-dump --record physio-schema/tests/fixtures/dumps/new.sql    what the server says, for a test")]
pub(crate) struct Args {
    /// The dumps.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Load the rows too, the file as it is.
    #[arg(long)]
    with_data: bool,
    /// All differences and refused statements of a dump, not the first ten.
    #[arg(long)]
    verbose: bool,
    /// Write what the server says of each dump beside it, as FILE.facts.
    #[arg(long)]
    record: bool,
    #[command(flatten)]
    reading: Reading,
}

/// Builds the program that has the server, and runs it.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let mut command = subprocess::cargo();
    command.args(["run", "--quiet", "--package", "physio-tests", "--bin", "physio-verify-dump", "--"]);
    command.args(args.reading.arguments());
    let flags = [("--with-data", args.with_data), ("--verbose", args.verbose), ("--record", args.record)];
    command.args(flags.iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag));
    command.arg("--");
    for file in &args.files {
        command.arg(std::path::absolute(file)?);
    }
    subprocess::run_for_verdict(&mut command)
}
