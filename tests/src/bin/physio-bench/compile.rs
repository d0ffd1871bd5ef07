//! What the whole expansion of `schema!` adds to a compilation, against diesel's `table!` for the same tables.
//!
//! Three crates with the same dependencies, which are built beforehand: an empty one, one with `schema!`, one with
//! what `diesel print-schema` writes. Each is compiled anew several times, in turn; the medians of processor
//! time minus the empty crate's are compared. Diesel comes from the registry: this part needs the network once.

mod diesel;

use crate::figures::Figure;
use crate::{Args, Result};
use physio_schema::model::Schema;
use physio_tests::harness::{App, app::repository};
use physio_tests::mutation::config_text;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The crates, the empty one first.
const CRATES: [&str; 3] = ["bench-empty", "bench-physio", "bench-diesel"];

pub(crate) fn measure(args: &Args, app: &App) -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    write_crates(folder.path(), &app.schema)?;
    std::fs::write(folder.path().join("bench-physio/dump.sql"), &app.dump)?;
    let target = repository().join("target/bench-compile");
    let mut figures = Vec::new();
    for command in ["check", "build"] {
        anstream::eprintln!("cargo {command} of what the three crates depend on");
        cargo(folder.path(), &target, command, None)?;
        let mut times: [Vec<Duration>; 3] = Default::default();
        for round in 0..if args.quick { 1 } else { 7 } {
            for (name, times) in CRATES.iter().zip(&mut times) {
                let source = folder.path().join(name).join("src/lib.rs");
                let text = std::fs::read_to_string(&source)?;
                std::fs::write(&source, format!("{text}\n// {round}"))?;
                times.push(cargo(folder.path(), &target, command, Some(name))?);
            }
        }
        let [empty, ours, theirs] = times.map(median);
        anstream::eprintln!("medians: empty {empty:.2} s, physio {ours:.2} s, diesel {theirs:.2} s");
        let (ours, theirs) = ((ours - empty).max(0.0), (theirs - empty).max(0.0));
        let ratio = ours / theirs;
        figures.push(Figure {
            what: format!("cargo {command} of {} tables", app.schema.tables.len()),
            ours: format!("{ours:.2} s"),
            against: format!("diesel table!: {theirs:.2} s"),
            ratio: format!("{ratio:.2} x the time"),
            promise: Some(("less than 1.0 x".to_owned(), ratio < 1.0)),
        });
    }
    Ok(figures)
}

/// In seconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, Duration::as_secs_f64)
}

fn write_crates(folder: &Path, schema: &Schema) -> Result<()> {
    let members = CRATES.map(|name| format!("{name:?}")).join(", ");
    // Each is compiled whole every time, as in CI; nothing of the round before is used again.
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{members}]\n\n[profile.dev]\nincremental = false\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest)?;
    let runtime = repository().join("physio-runtime");
    for name in CRATES {
        std::fs::create_dir_all(folder.join(name).join("src"))?;
        let manifest = format!(
            "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             physio-runtime = {{ path = {runtime:?} }}\n\
             diesel = {{ version = \"2\", default-features = false, features = [\"mysql_backend\", \"64-column-tables\"] }}\n"
        );
        std::fs::write(folder.join(name).join("Cargo.toml"), manifest)?;
        std::fs::write(folder.join(name).join("src/lib.rs"), "")?;
    }
    let ours = "pub mod clinic {\n    physio_runtime::schema!(\"physio.toml\");\n}\n";
    std::fs::write(folder.join("bench-physio/src/lib.rs"), ours)?;
    std::fs::write(folder.join("bench-physio/physio.toml"), config_text(&[]))?;
    std::fs::write(folder.join("bench-diesel/src/lib.rs"), diesel::emit_schema(schema))?;
    Ok(())
}

/// Processor time of one cargo run; of a single crate, when one is named.
fn cargo(folder: &Path, target: &Path, subcommand: &str, package: Option<&str>) -> Result<Duration> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.arg(subcommand).args(["--quiet", "--target-dir"]).arg(target).current_dir(folder);
    command.env_remove("RUSTFLAGS").stdout(Stdio::null());
    if let Some(package) = package {
        command.args(["--package", package]);
    }
    let (before, began) = (processor_time(), std::time::Instant::now());
    if !command.status()?.success() {
        return Err(format!("cargo {subcommand} of {package:?} failed").into());
    }
    // The clock on the wall also counts what else the machine does; where there is nothing better, it serves.
    Ok(match (before, processor_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => began.elapsed(),
    })
}

/// What the children of this process have used so far, as Linux counts it: hundredths of a second.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold blanks; behind it the fields begin with the third.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(13)?.parse::<u64>().ok()? + fields.get(14)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}
