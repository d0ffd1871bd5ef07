//! The project's own commands: `cargo xtask help`.
//!
//! One subcommand a file. Of the workspace only `physio-schema` is used here, so that `regenerate` runs
//! even when a changed dump stops everything else from compiling; what needs the runtime (`demo`, `bench`)
//! is a program of its own that is started from here.

mod artefact;
mod attack;
mod bench;
mod bundle;
mod changes;
mod check;
mod compare;
mod demo;
mod diff;
mod doctor;
mod dump_file;
mod dump_lines;
mod faults;
mod fuzz;
mod hosts;
mod install_bridge;
mod live;
mod model;
mod mutate;
mod project;
mod protocol;
mod pull_schema;
mod regenerate;
mod releases;
mod simulate;
mod subprocess;
mod terminal;
mod test;
mod token;
mod verify_dump;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Everything one does to this project: generate, check, try, test, measure.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    after_help = "Exit codes: 0 all well, 1 a difference or a failed test was found, 2 the command could not run."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Regenerate(regenerate::Args),
    Check(check::Args),
    Model(model::Args),
    VerifyDump(verify_dump::Args),
    Diff(diff::Args),
    PullSchema(pull_schema::Args),
    InstallBridge(install_bridge::Args),
    Bundle(bundle::Args),
    Token(token::Args),
    Doctor(doctor::Args),
    Demo(demo::Args),
    Test(test::Args),
    Bench(bench::Args),
    Fuzz(fuzz::Args),
    Mutate(mutate::Args),
    Compare(compare::Args),
    Faults(faults::Args),
    Simulate(simulate::Args),
    Attack(attack::Args),
    Hosts(hosts::Args),
    Releases(releases::Args),
}

/// How a command that could run has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Nothing to complain about.
    Good,
    /// A difference was found, a test failed, two sides are not equal.
    Different,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Regenerate(args) => regenerate::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Model(args) => model::run(&args),
        Command::VerifyDump(args) => verify_dump::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::PullSchema(args) => pull_schema::run(&args),
        Command::InstallBridge(args) => install_bridge::run(&args),
        Command::Bundle(args) => bundle::run(&args),
        Command::Token(args) => token::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Mutate(args) => mutate::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Faults(args) => faults::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Attack(args) => attack::run(&args),
        Command::Hosts(args) => hosts::run(&args),
        Command::Releases(args) => releases::run(&args),
    };
    match result {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Different) => ExitCode::from(1),
        Err(error) => {
            terminal::report_error(&error);
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_flag_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_subcommand_shows_an_example() {
        for subcommand in Cli::command().get_subcommands() {
            let help = subcommand.get_after_help().map(ToString::to_string).unwrap_or_default();
            let example = format!("cargo xtask {}", subcommand.get_name());
            assert!(help.contains(&example), "{} has no example", subcommand.get_name());
        }
    }
}
