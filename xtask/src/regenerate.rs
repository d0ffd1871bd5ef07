//! `cargo xtask regenerate`: the dump and physio.toml in, every committed generated file out.

use crate::artefact::{State, write_whole};
use crate::project::Project;
use crate::terminal::{FAINT, paint, say, say_bad, say_good};
use crate::{Verdict, artefact::Artefact};
use anyhow::Result;
use physio_schema::plan;
use std::path::PathBuf;

/// Write every generated file anew from the dump and physio.toml.
///
/// All of them are made in memory first: when the dump or physio.toml has a mistake, nothing is written.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask regenerate
  cargo xtask regenerate --config shop/physio.toml      another application; files go beside its physio.toml")]
pub(crate) struct Args {
    /// The sync description.
    #[arg(long, value_name = "FILE", default_value = "physio.toml")]
    config: PathBuf,
}

/// Generates, writes what is not current, and says what that was.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let project = Project::load(&args.config)?;
    let stale: Vec<(Artefact, State)> = project
        .artefacts()?
        .into_iter()
        .map(|artefact| artefact.state().map(|state| (artefact, state)))
        .collect::<Result<_>>()?;
    for (artefact, state) in &stale {
        let path = project.shown(&artefact.path);
        match state {
            State::Current => say(paint(FAINT, format!("  {path} is current"))),
            State::Missing | State::Different(_) => {
                write_whole(&artefact.path, &artefact.content)?;
                let what = if *state == State::Missing { "new" } else { "changed" };
                say_good(format!("{path} ({what})"));
            }
        }
    }
    say_keyless(&project);
    say(format!(
        "{} synced tables of {}, fingerprint {}",
        project.plan.tables.len(),
        project.schema.tables.len(),
        project.plan.fingerprint
    ));
    Ok(Verdict::Good)
}

/// Names the tables that `"*"` passes over: they are not synced, and nobody wrote that down.
pub(crate) fn say_keyless(project: &Project) {
    for plan::Keyless { table, help } in plan::keyless(&project.schema, &project.config) {
        say_bad(format!("{table} is not synced: it has no key that tells its rows apart; {help}"));
    }
}
