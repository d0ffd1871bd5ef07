//! `cargo xtask check`: has anything drifted from the committed dump?

mod bridge;
mod files;
mod report;

use crate::live::{self, Facts, MySqlUrl};
use crate::project::Project;
use crate::{Verdict, artefact::Artefact};
use anyhow::Result;
use report::{Finding, Format};
use std::path::PathBuf;

/// Compare the generated files, a live database and a deployed bridge with the dump.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask check                                         the committed files
  cargo xtask check --mysql @url.txt                        and the live database
  cargo xtask check --bridge https://example.org/physio --token-file token.txt
  cargo xtask check --format json                           for a program

Exit code 1 means that something differs; the report says what. A password given in a file (@url.txt) stays
out of the shell's history.")]
pub(crate) struct Args {
    /// The sync description.
    #[arg(long, value_name = "FILE", default_value = "physio.toml")]
    config: PathBuf,
    /// A live server to compare with the dump: mysql://user:password@host:port/database, or @FILE.
    #[arg(long, value_name = "URL")]
    mysql: Option<MySqlUrl>,
    /// The folder of a deployed bridge, such as `https://example.org/physio`.
    #[arg(long, value_name = "URL", requires = "token_file")]
    bridge: Option<String>,
    /// A file whose first line is a bearer token for the bridge.
    #[arg(long, value_name = "FILE", requires = "bridge")]
    token_file: Option<PathBuf>,
    /// How to print what was found.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Runs every comparison that was asked for and reports all of them at once.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let project = Project::load(&args.config)?;
    let mut findings = Vec::new();
    let mut compared = Vec::new();

    let artefacts: Vec<Artefact> = project.artefacts()?;
    compared.push(format!("{} generated files", artefacts.len()));
    findings.extend(files::check_files(&project, &artefacts)?);

    if let Some(url) = &args.mysql {
        let mut conn = live::connect(url)?;
        let live = live::load_facts(&mut conn, url)?;
        compared.push(format!("{} tables of the live database {url}", live.tables.len()));
        let differences = live::compare(&Facts::of_schema(&project.schema), &live);
        findings.extend(differences.into_iter().map(|difference| Finding::Live {
            synced: project.plan.table(&difference.table).is_some(),
            difference,
        }));
    }
    if let (Some(url), Some(token_file)) = (&args.bridge, &args.token_file) {
        compared.push(format!("the bridge at {}", bridge::shown(url)));
        findings.extend(bridge::check_bridge(url, token_file, &project.plan)?);
    }

    report::print(args.format, &compared, &findings);
    Ok(if findings.is_empty() { Verdict::Good } else { Verdict::Different })
}
