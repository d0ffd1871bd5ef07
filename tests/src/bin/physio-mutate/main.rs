//! Random changes of the clinic's dump, and who tells of each. `cargo xtask mutate` runs it.
//!
//! Exit code 0: every change was caught before a row was touched; 1: one escaped, or rustc or MariaDB contradicts
//! what was foreseen; 2: it could not run.

use clap::Parser;
use comfy_table::{CellAlignment, Table, presets};
use physio_tests::harness::{PrivateMariaDb, app::repository};
use physio_tests::mutation::handshake::Outcome;
use physio_tests::mutation::judge::{Compiled, Verdict, judge};
use physio_tests::mutation::kind::{Kind, Mutation, mutations};
use physio_tests::mutation::{compiler, server};
use std::path::PathBuf;
use std::process::ExitCode;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask mutate", about)]
struct Args {
    /// How many changes, one at a time.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    count: usize,
    /// Where the random choices begin.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many of each kind are confirmed by rustc.
    #[arg(long, value_name = "N", default_value_t = 10)]
    rustc: usize,
    /// How many of each kind are confirmed by a MariaDB.
    #[arg(long, value_name = "N", default_value_t = 10)]
    mariadb: usize,
    /// The dump that is changed.
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
    /// Where the probe is compiled; kept between runs.
    #[arg(long, value_name = "FOLDER")]
    target: Option<PathBuf>,
}

/// A kind's line of the table.
#[derive(Debug, Default)]
struct Line {
    count: usize,
    compiler: usize,
    check: usize,
    /// What the handshake of the application as it was compiled does: goes on, holds, pauses push, pauses both.
    handshake: [usize; 4],
    dangerous: usize,
    untold: usize,
    escaped: usize,
    rustc: (usize, usize),
    mariadb: (usize, usize),
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            anstream::eprintln!("the mutations could not go on: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> Result<bool> {
    let path = args.dump.clone().unwrap_or_else(|| repository().join("physio-schema/schema/clinic.sql"));
    let app = Compiled::of(&std::fs::read_to_string(path)?)?;
    let all = mutations(&app.version.schema, args.count, args.seed);
    let verdicts: Vec<Verdict> = all.iter().map(|mutation| judge(&app, mutation)).collect();
    let mut faults: Vec<String> = Vec::new();
    let mut lines: Vec<(Kind, Line)> = Kind::ALL.map(|kind| (kind, Line::default())).into();
    let at = |kind: Kind| Kind::ALL.iter().position(|other| *other == kind).expect("ALL has every kind");
    for (mutation, verdict) in all.iter().zip(&verdicts) {
        count(&mut lines[at(mutation.kind)].1, verdict);
        let all = verdict.faults.iter().chain(&verdict.escaped);
        faults.extend(all.map(|fault| told(mutation, fault)));
    }
    let sample = sample_of(&all, args.rustc);
    if !sample.is_empty() {
        let folder = tempfile::tempdir()?;
        let target = args.target.clone().unwrap_or_else(|| repository().join("target/probe"));
        for answer in compiler::compile(&app.version.schema, &sample, folder.path(), &target)? {
            let line = &mut lines[at(sample[answer.at].kind)].1;
            line.rustc.1 += 1;
            if answer.foreseen == answer.refused {
                line.rustc.0 += 1;
            } else {
                let fault = format!("foreseen: refused = {}, rustc: {}", answer.foreseen, answer.refused);
                faults.push(told(sample[answer.at], &fault));
            }
        }
    }
    let sample = sample_of(&all, args.mariadb);
    if !sample.is_empty() {
        let mariadb = PrivateMariaDb::start(&[])?;
        for mutation in sample {
            let line = &mut lines[at(mutation.kind)].1;
            let found = server::confirm(&mariadb, &app, mutation)?;
            line.mariadb.1 += 1;
            line.mariadb.0 += usize::from(found.is_empty());
            faults.extend(found.iter().map(|fault| told(mutation, fault)));
        }
    }
    print(args, &lines);
    print_handshakes(&verdicts);
    for fault in &faults {
        anstream::println!("{fault}");
    }
    Ok(faults.is_empty())
}

fn count(line: &mut Line, verdict: &Verdict) {
    line.count += 1;
    line.compiler += usize::from(verdict.compiler);
    line.check += usize::from(verdict.check.is_some());
    let outcomes = [Outcome::GoesOn, Outcome::Held, Outcome::PushPaused, Outcome::Paused];
    for (count, outcome) in line.handshake.iter_mut().zip(outcomes) {
        *count += usize::from(verdict.handshake == outcome);
    }
    line.dangerous += usize::from(!verdict.dangers.is_empty());
    line.untold += usize::from(verdict.first().is_none());
    line.escaped += usize::from(!verdict.escaped.is_empty());
}

fn told(mutation: &Mutation, fault: &str) -> String {
    format!("{} ({}): {fault}\n  {}", mutation.table, mutation.kind, mutation.sql.join("; "))
}

/// The first `n` of each kind.
fn sample_of(all: &[Mutation], n: usize) -> Vec<&Mutation> {
    Kind::ALL.iter().flat_map(|kind| all.iter().filter(|mutation| mutation.kind == *kind).take(n)).collect()
}

fn print(args: &Args, lines: &[(Kind, Line)]) {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header([
        "change",
        "count",
        "compiler",
        "check",
        "goes on",
        "held",
        "push waits",
        "both wait",
        "could fail",
        "untold",
        "escaped",
        "rustc agrees",
        "MariaDB agrees",
    ]);
    let mut sum = Line::default();
    for (kind, line) in lines.iter().filter(|(_, line)| line.count > 0) {
        table.add_row(row(&kind.to_string(), line));
        for (total, part) in [
            (&mut sum.count, line.count),
            (&mut sum.compiler, line.compiler),
            (&mut sum.check, line.check),
            (&mut sum.dangerous, line.dangerous),
            (&mut sum.untold, line.untold),
            (&mut sum.escaped, line.escaped),
            (&mut sum.rustc.0, line.rustc.0),
            (&mut sum.rustc.1, line.rustc.1),
            (&mut sum.mariadb.0, line.mariadb.0),
            (&mut sum.mariadb.1, line.mariadb.1),
        ] {
            *total += part;
        }
        sum.handshake.iter_mut().zip(line.handshake).for_each(|(total, part)| *total += part);
    }
    table.add_row(row("all", &sum));
    table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    anstream::println!("{table}");
    let told = 100.0 * (sum.count - sum.untold) as f64 / sum.count.max(1) as f64;
    anstream::println!(
        "seed {}: {told:.1} % of {} changes are told by compiler, check or handshake; what could fail is let \
         through by the handshake in {}",
        args.seed,
        sum.count,
        sum.escaped
    );
}

/// How the handshakes of the three ways in which two versions can meet end.
fn print_handshakes(verdicts: &[Verdict]) {
    type Way = fn(&Verdict) -> Outcome;
    let ways = [
        ("older application, met the older bridge before", (|verdict| verdict.handshake) as Way),
        ("older application, newly installed", |verdict| verdict.newcomer),
        ("newer application, older bridge", |verdict| verdict.app_first),
    ];
    for (way, outcome) in ways {
        let count = |wanted: Outcome| verdicts.iter().filter(|verdict| outcome(verdict) == wanted).count();
        anstream::println!(
            "{way}: {} same, {} go on, {} held, {} push waits, {} both wait",
            count(Outcome::Same),
            count(Outcome::GoesOn),
            count(Outcome::Held),
            count(Outcome::PushPaused),
            count(Outcome::Paused)
        );
    }
}

fn row(name: &str, line: &Line) -> Vec<String> {
    let of = |(n, all): (usize, usize)| if all == 0 { String::new() } else { format!("{n} of {all}") };
    let mut row = vec![name.to_owned()];
    row.extend([line.count, line.compiler, line.check].map(|n| n.to_string()));
    row.extend(line.handshake.map(|n| n.to_string()));
    row.extend([line.dangerous, line.untold, line.escaped].map(|n| n.to_string()));
    row.extend([of(line.rustc), of(line.mariadb)]);
    row
}
