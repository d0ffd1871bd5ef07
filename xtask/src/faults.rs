//! `cargo xtask faults`: everything that breaks, on real PHP, MariaDB and processes.

use crate::{Verdict, subprocess};
use anyhow::Result;

/// Break things on the real stack, and see that nothing is lost, doubled or passed over.
///
/// Applications that write straight to MariaDB while devices pull; devices, PHP and MariaDB killed at any moment; a
/// network that cuts connections anywhere; a device's disk that is full or read-only. docs/faults.md says what each
/// part proves.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask faults                            all of it: 1,000,000 changes, 300 kills
  cargo xtask faults --quick                    a few of everything, in about a minute
  cargo xtask faults --only kills --kills 1000
  cargo xtask faults --only writers --changes 50000 --seed 7

Exit code 1 means that something was lost, doubled, passed over, or not said clearly.")]
pub(crate) struct Args {
    /// One part alone.
    #[arg(long, value_name = "PART")]
    only: Option<Part>,
    /// A few of everything.
    #[arg(long)]
    quick: bool,
    /// Changes that are written straight to MariaDB.
    #[arg(long, value_name = "N")]
    changes: Option<u64>,
    /// Processes that are killed.
    #[arg(long, value_name = "N")]
    kills: Option<u32>,
    /// Where the random choices begin.
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Part {
    /// Long and short transactions of other applications while devices pull.
    Writers,
    /// Signal 9 for devices, PHP and MariaDB.
    Kills,
    /// Connections that are cut at any byte.
    Network,
    /// A device's disk that is full, or read-only.
    Disk,
}

/// Builds the program and the device that it starts, and runs it.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let mut build = subprocess::cargo();
    build.args(["build", "--quiet", "--release", "--package", "physio-tests", "--bin", "physio-test-client"]);
    if !subprocess::run_to_end(&mut build)? {
        anyhow::bail!("the device's program cannot be built; see above");
    }
    let mut command = subprocess::cargo();
    command.args([
        "run",
        "--quiet",
        "--release",
        "--package",
        "physio-tests",
        "--bin",
        "physio-faults",
        "--",
    ]);
    let part = args.only.map(|part| match part {
        Part::Writers => "writers",
        Part::Kills => "kills",
        Part::Network => "network",
        Part::Disk => "disk",
    });
    command.args(part.iter().flat_map(|part| ["--only", part]));
    if args.quick {
        command.arg("--quick");
    }
    let numbers = [
        ("--changes", args.changes.map(|n| n.to_string())),
        ("--kills", args.kills.map(|n| n.to_string())),
        ("--seed", args.seed.map(|n| n.to_string())),
    ];
    for (name, number) in numbers {
        command.args(number.iter().flat_map(|number| [name, number.as_str()]));
    }
    subprocess::run_for_verdict(&mut command)
}
