//! Whether dumps are read as a real server reads them. `cargo xtask verify-dump` runs it.
//!
//! Exit code 0: all equal; 1: a difference, or something that was not understood; 2: it could not run.

use clap::Parser;
use physio_tests::oracle::{Oracle, Reading, Refusal, Verified, verify};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Load the structure of dumps into a private MariaDB and compare it with the model, value by value.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask verify-dump", about)]
struct Args {
    /// The dumps.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Text for a placeholder of the files.
    #[arg(long, value_name = "NAME=VALUE")]
    define: Vec<String>,
    /// Only the tables of this database.
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
    /// Collation of databases that name none.
    #[arg(long, value_name = "COLLATION", default_value = "utf8mb4_general_ci")]
    default_collation: String,
    /// Load the rows too, the file as it is.
    #[arg(long)]
    with_data: bool,
    /// All differences and refused statements of a dump, not the first ten.
    #[arg(long)]
    verbose: bool,
    /// Write what the server says of each dump beside it, as FILE.facts.
    #[arg(long)]
    record: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            anstream::eprintln!("the dumps could not be verified: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> Result<bool, Box<dyn std::error::Error>> {
    let mut reading = Reading {
        default_collation: args.default_collation.clone(),
        database: args.database.clone(),
        with_data: args.with_data,
        ..Reading::default()
    };
    for define in &args.define {
        let (name, value) = define.split_once('=').ok_or("write --define NAME=VALUE")?;
        reading.defines.insert(name.to_owned(), value.to_owned());
    }
    let mut oracle = Oracle::start()?;
    let (mut n_equal, mut n_unreadable) = (0, 0);
    for file in &args.files {
        match verify(&mut oracle, file, &reading) {
            Ok(verified) => {
                n_equal += usize::from(verified.is_equal());
                show(file, &verified, args.verbose);
                if args.record {
                    record(file, &verified)?;
                }
            }
            // One file that is not there does not hide what the others are.
            Err(error) => {
                n_unreadable += 1;
                anstream::println!("✗ {}: {error}", file.display());
            }
        }
    }
    if args.files.len() > 1 {
        anstream::println!(
            "\n{n_equal} of {} dumps are read as MariaDB {} reads them",
            args.files.len(),
            oracle.version()
        );
    }
    if n_unreadable == args.files.len() {
        return Err("none of the files could be verified".into());
    }
    Ok(n_equal == args.files.len())
}

/// One line, and what is not as it should be below it.
fn show(file: &Path, verified: &Verified, verbose: bool) {
    let tables = &verified.server;
    let n_columns: usize = tables.iter().map(|table| table.columns.len()).sum();
    let n_keys: usize = tables.iter().map(|table| table.keys.len()).sum();
    let n_foreign_keys: usize = tables.iter().map(|table| table.foreign_keys.len()).sum();
    let mark = if verified.is_equal() { "✓" } else { "✗" };
    let mut line = format!(
        "{mark} {}: {} tables, {n_columns} columns, {n_keys} keys, {n_foreign_keys} foreign keys, {} differences",
        file.display(),
        tables.len(),
        verified.differences.len() + verified.errors.len()
    );
    if !verified.refused.is_empty() {
        line.push_str(&format!("; {} statements refused by the server", verified.refused.len()));
    }
    anstream::println!("{line}");
    let most = if verbose { usize::MAX } else { 10 };
    let below = (verified.differences.iter().map(ToString::to_string))
        .chain(
            verified.errors.iter().map(|error| format!("only the model refuses {error}").replace('\n', " ")),
        )
        .chain(verified.notes.iter().map(|note| format!("note: {note}")));
    show_list(below.collect(), most);
    show_list(verified.refused.iter().map(refusal_text).collect(), most);
    if verbose && verified.n_refused_others > 0 {
        anstream::println!(
            "    refused besides, of views, triggers and the like: {}",
            verified.n_refused_others
        );
    }
}

fn refusal_text(refusal: &Refusal) -> String {
    let statement: String = refusal.statement.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
    format!("refused, line {}: {} (ERROR {}: {})", refusal.line, statement, refusal.code, refusal.message)
}

fn show_list(lines: Vec<String>, most: usize) {
    for line in lines.iter().take(most) {
        anstream::println!("    {line}");
    }
    if lines.len() > most {
        anstream::println!("    … and {} more: --verbose shows them", lines.len() - most);
    }
}

fn record(file: &Path, verified: &Verified) -> std::io::Result<()> {
    let mut lines: Vec<String> =
        verified.server.iter().flat_map(physio_schema::facts::TableFacts::lines).collect();
    lines.sort();
    lines.push(String::new());
    std::fs::write(file.with_extension("facts"), lines.join("\n"))
}
