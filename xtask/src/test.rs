//! `cargo xtask test`: everything that must hold, in one command, on a fresh machine too.

mod steps;
mod tools;

use crate::terminal::{BAD, FAINT, GOOD, paint, say, say_bad, say_good, say_heading};
use crate::{Verdict, subprocess};
use anyhow::Result;
use std::time::{Duration, Instant};
use steps::Step;

/// Run every test: formatting, lints, documentation, Rust, PHP on real MariaDB, generated files.
///
/// MariaDB, PHP, Node, sqlite3, OpenSSL's headers and a keychain are installed from Debian's packages when they are missing and this user
/// may install packages; otherwise the line to run is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask test                      everything, as CI runs it
  cargo xtask test --only rust          one part; may be repeated
  cargo xtask test --no-install         never install a package")]
pub(crate) struct Args {
    /// One part alone; may be given several times.
    #[arg(long, value_name = "PART")]
    only: Vec<Part>,
    /// Never install anything: fail with the line to run instead.
    #[arg(long)]
    no_install: bool,
}

/// The parts of a test run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Part {
    /// `cargo fmt --check`.
    Format,
    /// `cargo clippy` with warnings as errors.
    Lint,
    /// `cargo doc` with warnings as errors.
    Doc,
    /// `cargo test`, all crates and features.
    Rust,
    /// Devices, network and server in one process, 2,000 seeds.
    Simulation,
    /// The fuzz targets, for a short time.
    Fuzz,
    /// The PHP bridge's own tests.
    Php,
    /// `cargo xtask check`: generated files against the dump.
    Generated,
}

/// How one step ended.
struct Ended {
    title: &'static str,
    passed: bool,
    took: Duration,
}

/// Installs what is missing, runs the steps one after the other, and sums up.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let steps: Vec<Step> = steps::all()
        .into_iter()
        .filter(|step| args.only.is_empty() || args.only.contains(&step.part))
        .collect();
    tools::ensure(steps.iter().any(|step| step.needs_packages), !args.no_install)?;

    let mut ended = Vec::new();
    for mut step in steps {
        say_heading(format!("{}  {}", step.title, paint(FAINT, subprocess::shown(&step.command))));
        let start = Instant::now();
        // A step that cannot start is a failed step; the others still tell something.
        let passed = subprocess::run_to_end(&mut step.command).unwrap_or_else(|error| {
            say_bad(format!("{error:#}"));
            false
        });
        ended.push(Ended { title: step.title, passed, took: start.elapsed() });
    }
    Ok(sum_up(&ended))
}

fn sum_up(ended: &[Ended]) -> Verdict {
    say_heading("Summary");
    for step in ended {
        let line = format!("{:<42}{:>7.1} s", step.title, step.took.as_secs_f64());
        if step.passed { say_good(line) } else { say_bad(line) }
    }
    let n_failed = ended.iter().filter(|step| !step.passed).count();
    if n_failed == 0 {
        say(format!("\n{} {} of {} steps", paint(GOOD, "passed:"), ended.len(), ended.len()));
        Verdict::Good
    } else {
        say(format!("\n{} {n_failed} of {} steps", paint(BAD, "failed:"), ended.len()));
        Verdict::Different
    }
}
