//! `cargo xtask fuzz`: inputs that nobody would think of, steered by coverage.

use crate::terminal::{say_bad, say_good, say_heading};
use crate::{Verdict, project, subprocess};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Throw inputs at the dump reader and the type codecs, steered by what code they reach (libFuzzer).
///
/// It needs stable Rust and a C++ compiler. What it finds interesting is kept below `target/`; an input that
/// breaks something is written to physio-schema/fuzz/artifacts/ and becomes a seed and a test.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask fuzz                          both targets, 20 seconds each
  cargo xtask fuzz dump --seconds 600
  cargo xtask fuzz codec --runs 10000000
  cargo xtask fuzz dump --input physio-schema/fuzz/artifacts/dump-crash-1    once more what broke it")]
pub(crate) struct Args {
    /// One target alone.
    target: Option<Target>,
    /// How long each target runs.
    #[arg(long, value_name = "N", default_value_t = 20)]
    seconds: u64,
    /// How many inputs each target gets, instead of a time.
    #[arg(long, value_name = "N")]
    runs: Option<u64>,
    /// Run one input alone.
    #[arg(long, value_name = "FILE", requires = "target")]
    input: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Target {
    /// Bytes as a dump.
    Dump,
    /// Text as a value of each type.
    Codec,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Dump => "dump",
            Self::Codec => "codec",
        }
    }
}

/// What makes LLVM count the edges that libFuzzer steers by; all of it is known to stable Rust.
const INSTRUMENTATION: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";

/// Builds the targets and runs them one after the other.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let folder = project::root().join("physio-schema/fuzz");
    let programs = build(&folder)?;
    let targets = match args.target {
        Some(target) => vec![target],
        None => vec![Target::Dump, Target::Codec],
    };
    let mut verdict = Verdict::Good;
    for target in targets {
        let name = target.name();
        say_heading(format!("Fuzzing: {name}"));
        let mut command = command(args, target, &folder, &programs)?;
        if subprocess::run_to_end(&mut command)? {
            say_good(format!("{name}: nothing broke"));
        } else {
            say_bad(format!("{name}: an input broke it; see physio-schema/fuzz/artifacts/"));
            verdict = Verdict::Different;
        }
    }
    Ok(verdict)
}

/// Builds with instrumentation, into a folder of its own; where the programs lie.
fn build(folder: &Path) -> Result<PathBuf> {
    let host = host()?;
    let target_folder = project::root().join("target/fuzz");
    let mut cargo = subprocess::cargo();
    cargo.current_dir(folder).env("RUSTFLAGS", INSTRUMENTATION).env_remove("CARGO_ENCODED_RUSTFLAGS");
    // With --target, build scripts and macros stay without instrumentation.
    cargo.args(["build", "--quiet", "--release", "--target", &host, "--target-dir"]);
    cargo.arg(&target_folder);
    if !subprocess::run_to_end(&mut cargo)? {
        bail!("the fuzz targets could not be built; on Debian they need: apt-get install g++");
    }
    Ok(target_folder.join(host).join("release"))
}

fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot start rustc")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("rustc does not tell its host")?.to_owned())
}

fn command(args: &Args, target: Target, folder: &Path, programs: &Path) -> Result<Command> {
    let name = target.name();
    let artifacts = folder.join("artifacts");
    let found = project::root().join("target/fuzz/corpus").join(name);
    for folder in [&artifacts, &found] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut command = Command::new(programs.join(name));
    command.current_dir(project::root());
    command.arg(format!("-artifact_prefix={}/{name}-", artifacts.display()));
    if let Some(input) = &args.input {
        command.arg(std::path::absolute(input)?);
        return Ok(command);
    }
    command.args([
        "-max_len=400",
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        "-verbosity=1",
    ]);
    match args.runs {
        Some(runs) => command.arg(format!("-runs={runs}")),
        None => command.arg(format!("-max_total_time={}", args.seconds)),
    };
    let dictionary = folder.join(format!("{name}.dict"));
    if dictionary.is_file() {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    command.arg(found).arg(folder.join("seeds").join(name));
    Ok(command)
}
