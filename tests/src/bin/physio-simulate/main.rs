//! Runs the simulation over a range of seeds, or one plan. `cargo xtask simulate` starts it.
//!
//! Exit code 0: nothing was lost, doubled or left stale; 1: a seed failed, and its shrunk plan was written; 2: it
//! could not run.

use clap::Parser;
use comfy_table::{CellAlignment, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use physio_tests::harness::app::repository;
use physio_tests::simulation::{
    Failure, Figures, Plan, Report, Runner, plan_of_seed, shrink_seed, stay_on_processor,
};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask simulate", about)]
struct Args {
    /// The seeds, the last one not included.
    #[arg(long, value_name = "A..B", default_value = "0..2000", value_parser = range)]
    seeds: (u64, u64),
    /// How many at the same time.
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,
    /// Run one plan instead and tell what happens in it.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Tell what happens in one seed's plan.
    #[arg(long, value_name = "SEED", conflicts_with_all = ["plan", "seeds"])]
    tell: Option<u64>,
    /// Where plans of failing seeds are written.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Every so many seeds, run one a second time and compare the files.
    #[arg(long, value_name = "N", default_value_t = 50)]
    twice: u64,
    /// Runs with which a failing plan is shrunk, at the most.
    #[arg(long, value_name = "N", default_value_t = 3000)]
    shrinking_runs: usize,
    /// After so many failing seeds, stop.
    #[arg(long, value_name = "N", default_value_t = 1)]
    failures: u64,
}

fn range(text: &str) -> std::result::Result<(u64, u64), String> {
    let parts = text.split_once("..").ok_or("give two numbers, as in 0..2000")?;
    let number = |text: &str| text.trim().parse::<u64>().map_err(|error| format!("{text}: {error}"));
    Ok((number(parts.0)?, number(parts.1)?))
}

fn main() -> ExitCode {
    let args = Args::parse();
    // A panic of the code under test is a finding; what it was is told with the plan.
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        std::panic::set_hook(Box::new(|_| {}));
    }
    let ended = match (&args.plan, args.tell) {
        (Some(file), _) => read_plan(file).and_then(|plan| replay(&plan)),
        (None, Some(seed)) => replay(&plan_of_seed(seed)),
        (None, None) => simulate(&args),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            anstream::eprintln!("the simulation could not run: {error}");
            ExitCode::from(2)
        }
    }
}

fn read_plan(file: &Path) -> Result<Plan> {
    Ok(serde_json::from_str(&std::fs::read_to_string(file)?)?)
}

fn replay(plan: &Plan) -> Result<bool> {
    let (trace, verdict) = match Runner::new().traced().run(plan) {
        Ok(report) => (report.trace, Ok(())),
        Err(failure) => (failure.trace, Err(failure.message)),
    };
    for line in trace {
        anstream::println!("{line}");
    }
    match &verdict {
        Ok(()) => anstream::println!("nothing was lost, doubled or left stale"),
        Err(fault) => anstream::println!("{fault}"),
    }
    Ok(verdict.is_ok())
}

struct Found {
    seed: u64,
    failure: Failure,
}

fn simulate(args: &Args) -> Result<bool> {
    let (first, end) = args.seeds;
    let bar = ProgressBar::new(end.saturating_sub(first));
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {pos}/{len} seeds, {elapsed_precise}, {eta} to go",
    )?);
    let (next, n_failed) = (AtomicU64::new(first), AtomicU64::new(0));
    let is_over = AtomicBool::new(false);
    let sum = Mutex::new(Figures::default());
    let found: Mutex<Vec<Found>> = Mutex::default();
    let is_pinned = args.jobs > 1;
    std::thread::scope(|scope| {
        for job in 0..args.jobs.max(1) {
            let (next, n_failed, is_over) = (&next, &n_failed, &is_over);
            let (sum, found, bar) = (&sum, &found, &bar);
            scope.spawn(move || {
                if is_pinned {
                    stay_on_processor(job);
                }
                let mut runner = Runner::new();
                let mut n_runs = 0_u32;
                while !is_over.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    match run(&runner, seed, args.twice > 0 && seed % args.twice == 0) {
                        Ok(report) => {
                            let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                            sum.merge(&report.figures);
                            sum.add("seeds", 1);
                        }
                        Err(failure) => {
                            bar.suspend(|| anstream::println!("seed {seed}: {}", failure.message));
                            found
                                .lock()
                                .unwrap_or_else(PoisonError::into_inner)
                                .push(Found { seed, failure });
                            if n_failed.fetch_add(1, Ordering::Relaxed) + 1 >= args.failures {
                                is_over.store(true, Ordering::Relaxed);
                            }
                        }
                    }
                    bar.inc(1);
                    // Where there is no terminal, there is no bar.
                    if bar.is_hidden() && bar.position().is_multiple_of(5000) {
                        anstream::println!("{} seeds, {:.0} s", bar.position(), bar.elapsed().as_secs_f64());
                    }
                    n_runs += 1;
                    if n_runs.is_multiple_of(1000) {
                        runner = Runner::new();
                    }
                }
            });
        }
    });
    bar.finish_and_clear();
    print(&sum.into_inner().unwrap_or_else(PoisonError::into_inner), bar.elapsed());
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_by_key(|found| found.seed);
    for found in &found {
        tell(args, found)?;
    }
    Ok(found.is_empty())
}

/// One seed; with `is_twice`, a second time, which must give the same.
fn run(runner: &Runner, seed: u64, is_twice: bool) -> Result<Report, Failure> {
    let plan = plan_of_seed(seed);
    let report = runner.run(&plan)?;
    if is_twice && runner.run(&plan)? != report {
        let message = "the same seed gave other files".to_owned();
        return Err(Failure { message, trace: Vec::new() });
    }
    Ok(report)
}

fn tell(args: &Args, found: &Found) -> Result<()> {
    let plan = shrink_seed(found.seed, &found.failure, args.shrinking_runs);
    let message = plan.why.as_deref().unwrap_or_default();
    anstream::println!("seed {} shrunk to {} steps: {message}", found.seed, plan.steps.len());
    let folder = args.keep.clone().unwrap_or_else(|| repository().join("target/simulation"));
    std::fs::create_dir_all(&folder)?;
    let file = folder.join(format!("seed-{}.json", found.seed));
    std::fs::write(&file, format!("{}\n", plan.to_text()))?;
    anstream::println!("{}\ncargo xtask simulate --plan {}", plan.to_text(), file.display());
    Ok(())
}

fn print(sum: &Figures, took: std::time::Duration) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["what", "how many"]);
    for (name, n) in sum.iter() {
        table.add_row([name.to_owned(), n.to_string()]);
    }
    table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    anstream::println!("{table}\n{:.1} s", took.as_secs_f64());
}
