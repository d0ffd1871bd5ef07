//! `cargo xtask check`: has anything drifted from the committed dump?

mod bridge;
mod files;
mod report;

use crate::changes::Changes;
use crate::dump_lines::DumpLines;
use crate::live::{self, MySqlUrl};
use crate::project::{self, Project};
use crate::regenerate::say_keyless;
use crate::{Verdict, artefact::Artefact, pull_schema};
use anyhow::Result;
use physio_schema::diff::{Class, DiffOptions};
use report::{Finding, Format, Report};
use std::path::PathBuf;

/// Compare the generated files, a live database and a deployed bridge with the dump.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask check                                         the committed files
  cargo xtask check --mysql @url.txt                        and the live database
  cargo xtask check --bridge https://example.org/physio --token-file token.txt
  cargo xtask check --format json                           for a program
  cargo xtask check --mysql @url.txt --format github        annotations at the lines of the dump
  cargo xtask check --mysql @url.txt --fail-on needs-re-pull

Exit code 1 means that something differs; the report says what, and what it means for an application that was
compiled with the dump (docs/schema-change.md). A password given in a file (@url.txt) stays
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
    /// The lightest change of a live database that is a failure; lighter ones are only printed.
    #[arg(long, value_enum, value_name = "CLASS", default_value_t = Threshold::Compatible)]
    fail_on: Threshold,
}

/// The classes, as words of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Threshold {
    /// Any difference.
    Compatible,
    /// Something new.
    Additive,
    /// Values that a cache holds may be others.
    NeedsRePull,
    /// Code no longer compiles.
    BreaksCode,
}

impl From<Threshold> for Class {
    fn from(threshold: Threshold) -> Self {
        match threshold {
            Threshold::Compatible => Self::Compatible,
            Threshold::Additive => Self::Additive,
            Threshold::NeedsRePull => Self::NeedsRePull,
            Threshold::BreaksCode => Self::BreaksCode,
        }
    }
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
        let dump = pull_schema::read_dump(&mut conn)?;
        let mut live = project::parse_printed(&dump, "the live database")?;
        compared.push(format!("{} tables of the live database {url}", live.tables.len()));
        let mut ours = project.schema.clone();
        live::bring_to_one_spelling(&mut ours, &mut live);
        let changes = Changes::between(&ours, &live, &DiffOptions::of_config(&project.config));
        if !changes.found.is_empty() {
            findings.push(Finding::Live(changes));
        }
    }
    if let (Some(url), Some(token_file)) = (&args.bridge, &args.token_file) {
        compared.push(format!("the bridge at {}", bridge::shown(url)));
        let options = DiffOptions::of_config(&project.config);
        findings.extend(bridge::check_bridge(url, token_file, &project.plan, &options)?);
    }

    let is_failure = findings.iter().any(|finding| finding.is_failure(args.fail_on.into()));
    let (dump, text) = project.dump_text()?;
    if args.format == Format::Text {
        say_keyless(&project);
    }
    let report = Report { compared, findings, dump, lines: DumpLines::of_text(&text) };
    report.print(args.format);
    Ok(if is_failure { Verdict::Different } else { Verdict::Good })
}
