//! How fast Physio is, measured against its references in the same run. `cargo xtask bench` runs it.
//!
//! Its parts: `local` (reads and writes of the cache against raw rusqlite), `busy` (the same while the sync
//! applies rows), `pull` (the first pull over PHP and MariaDB against the old design in Node), `push` (what was written
//! offline against plain statements), and, only when they are asked for, `compile` (the compilation of `schema!` against
//! diesel's `table!`), `audit` (comparing a cache with the server) and `encryption` (an encrypted cache against a plain
//! one). Exit code 0: every promise was kept; 1: one was not; 2: it could not run.

mod audit;
mod busy;
mod compile;
mod encryption;
mod figures;
mod local;
mod pull;
mod push;
mod reference;

use clap::{Parser, ValueEnum};
use figures::Figure;
use physio_tests::data::{Generator, load_mysql};
use physio_tests::harness::{App, Stack};
use std::process::ExitCode;

/// The clinic's tables as Rust types, made from its dump when this was compiled.
mod clinic {
    physio_runtime::schema!("physio.toml");
}

pub(crate) type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// The bearer token of the benchmark's one user.
pub(crate) const TOKEN: &str = "token-of-the-benchmark";

#[derive(Debug, Clone, Parser)]
#[command(name = "cargo xtask bench", about)]
pub(crate) struct Args {
    /// Rows in the cache and in the first pull, half payments and half attendance.
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    rows: u64,
    /// A tenth of the rows and one repetition, to see that it runs.
    #[arg(long)]
    quick: bool,
    /// One part alone.
    #[arg(long)]
    only: Option<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    Local,
    Busy,
    Pull,
    Push,
    Compile,
    Audit,
    Encryption,
}

impl Args {
    fn has(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }

    /// Rows of each of the two tables.
    pub(crate) fn rows_per_table(&self) -> u64 {
        (if self.quick { self.rows / 10 } else { self.rows }) / 2
    }

    /// How often a long measurement is repeated.
    pub(crate) fn repetitions(&self) -> usize {
        if self.quick { 1 } else { 3 }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    match measure(&args) {
        Ok(figures) if figures::show(&figures) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            anstream::eprintln!("the benchmark could not go on: {error}");
            ExitCode::from(2)
        }
    }
}

fn measure(args: &Args) -> Result<Vec<Figure>> {
    if cfg!(debug_assertions) {
        anstream::eprintln!("this is a debug build: the figures mean nothing. Run `cargo xtask bench`.");
    }
    let app = App::clinic()?;
    let mut figures = Vec::new();
    if args.has(Part::Local) {
        figures.extend(local::measure(args, &app)?);
    }
    if args.only == Some(Part::Compile) {
        figures.extend(compile::measure(args, &app)?);
    }
    if args.only == Some(Part::Encryption) {
        figures.extend(encryption::measure(args, &app)?);
    }
    if args.only == Some(Part::Audit) {
        let stack = start_stack(args, &app)?;
        figures.extend(tokio::runtime::Runtime::new()?.block_on(audit::measure(args, &stack))?);
    }
    if args.has(Part::Busy) || args.has(Part::Pull) || args.has(Part::Push) {
        let stack = start_stack(args, &app)?;
        let runtime = tokio::runtime::Runtime::new()?;
        if args.has(Part::Pull) {
            figures.extend(runtime.block_on(pull::measure(args, &stack))?);
        }
        if args.has(Part::Push) {
            figures.extend(runtime.block_on(push::measure(args, &stack))?);
        }
        if args.has(Part::Busy) {
            figures.extend(runtime.block_on(busy::measure(args, &stack))?);
        }
    }
    Ok(figures)
}

/// Synthetic payments and attendance, and a few rows of what they refer to.
pub(crate) fn generator<'a>(args: &Args, app: &'a App) -> Generator<'a> {
    let n_rows = args.rows_per_table();
    Generator::new(&app.schema, 200, &[("patients", 1_000), ("payments", n_rows), ("attendance", n_rows)])
}

fn start_stack(args: &Args, app: &App) -> Result<Stack> {
    anstream::eprintln!("starting MariaDB and PHP with {} rows", 2 * args.rows_per_table());
    let stack = Stack::start_bare(app.clone())?;
    load_mysql(&mut stack.connect()?, &generator(args, app))?;
    stack.install()?;
    stack.add_token(TOKEN, "NOW() + INTERVAL 1 DAY", false)?;
    Ok(stack)
}
