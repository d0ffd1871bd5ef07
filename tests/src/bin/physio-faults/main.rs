//! Faults on the real stack: PHP, MariaDB, devices as processes. `cargo xtask faults` runs it.
//!
//! Four parts. `writers`: applications write straight to MariaDB while devices pull. `kills`: devices, PHP and MariaDB
//! are killed at any moment. `network`: connections are cut anywhere. `disk`: the device's disk is full or read-only.
//! Exit code 0: nothing was lost, doubled or passed over; 1: something was; 2: it could not run.

mod disk;
mod figures;
mod kills;
mod network;
mod writers;

use clap::{Parser, ValueEnum};
use figures::Figure;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

pub(crate) type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[derive(Debug, Clone, Parser)]
#[command(name = "cargo xtask faults", about)]
pub(crate) struct Args {
    /// One part alone.
    #[arg(long)]
    only: Option<Part>,
    /// A few of everything, in about a minute.
    #[arg(long)]
    quick: bool,
    /// Changes that are written straight to MariaDB; with --quick 20,000.
    #[arg(long, value_name = "N")]
    changes: Option<u64>,
    /// Processes that are killed; with --quick 25.
    #[arg(long, value_name = "N")]
    kills: Option<u32>,
    /// Decides the moments as far as the machine lets it; printed when it is not given.
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    Writers,
    Kills,
    Network,
    Disk,
}

impl Args {
    pub(crate) fn n_changes(&self) -> u64 {
        self.changes.unwrap_or(if self.quick { 20_000 } else { 1_000_000 })
    }

    pub(crate) fn n_kills(&self) -> u32 {
        self.kills.unwrap_or(if self.quick { 25 } else { 300 })
    }
}

/// One part, from its servers to its figures.
type Run = fn(&Setting) -> Result<Vec<Figure>>;

/// What one part runs with.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) args: Args,
    pub(crate) seed: u64,
    /// The device's program, which lies beside this one.
    pub(crate) client: PathBuf,
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            anstream::eprintln!("the faults could not be tried: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(args: Args) -> Result<bool> {
    let client = std::env::current_exe()?.with_file_name("physio-test-client");
    if !client.is_file() {
        return Err(
            format!("{} is missing: run `cargo xtask faults`, which builds it", client.display()).into()
        );
    }
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    anstream::eprintln!("--seed {seed}");
    let setting = Setting { args, seed, client };
    let parts: [(Part, Run); 4] = [
        (Part::Writers, writers::run),
        (Part::Kills, kills::run),
        (Part::Network, network::run),
        (Part::Disk, disk::run),
    ];
    let mut figures = Vec::new();
    for (part, run) in parts {
        if setting.args.only.is_none_or(|only| only == part) {
            let start = Instant::now();
            let name = format!("{part:?}").to_lowercase();
            anstream::eprintln!("{name} …");
            // A part that finds something wrong says so; the others are still tried.
            let found =
                run(&setting).unwrap_or_else(|error| vec![Figure::wrong("ended early", error.to_string())]);
            figures.extend(found.into_iter().map(|figure| figure.of(&name)));
            figures.push(Figure::plain("took", format!("{:.0} s", start.elapsed().as_secs_f64())).of(&name));
        }
    }
    Ok(figures::show(&figures))
}
