//! `cargo xtask doctor`: what a deployed bridge can do, in plain words.

mod host;
mod login;
mod outside;
mod visit;

use crate::Verdict;
use crate::project::Project;
use crate::terminal::{BAD, FAINT, GOOD, WARN, paint, say};
use anyhow::{Context, Result};
use std::path::PathBuf;
use visit::Visitor;

/// Look at a deployed bridge from outside, and at its host from inside, and say what to do where something is wrong.
///
/// It only reads. Without a token it sees what anybody sees.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask doctor https://example.org/physio
  cargo xtask doctor https://example.org/physio --token-file token.txt

A token is made by `cargo xtask token create`. Exit code 1: something keeps the bridge from working, or lets others in.")]
pub(crate) struct Args {
    /// The folder of the bridge.
    url: String,
    /// A file whose first line is a bearer token.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The sync description that the bridge should have been made from.
    #[arg(long, value_name = "FILE", default_value = "physio.toml")]
    config: PathBuf,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    level: Level,
    what: String,
    /// What to do; empty where all is well.
    help: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Good,
    /// It works, but not as well as it could.
    Worse,
    /// It does not work, or is open to others.
    Bad,
}

impl Finding {
    fn good(what: impl Into<String>) -> Self {
        Self { level: Level::Good, what: what.into(), help: String::new() }
    }

    fn worse(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { level: Level::Worse, what: what.into(), help: help.into() }
    }

    fn bad(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { level: Level::Bad, what: what.into(), help: help.into() }
    }

    fn print(&self) {
        let (mark, colour) = match self.level {
            Level::Good => ("✓", GOOD),
            Level::Worse => ("!", WARN),
            Level::Bad => ("✗", BAD),
        };
        say(format!("{} {}", paint(colour, mark), self.what));
        if !self.help.is_empty() {
            say(format!("    {} {}", paint(FAINT, "→"), self.help));
        }
    }
}

/// Looks at everything that can be looked at and prints it as it comes.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let project = Project::load(&args.config)?;
    let token = args.token_file.as_deref().map(std::fs::read_to_string).transpose();
    let token = token.context("cannot read the file of the token")?;
    let visitor = Visitor::new(&args.url)?;

    let mut findings = outside::look(&visitor);
    // Where no bridge answers there is nothing more to see.
    if findings.iter().all(|finding| finding.level < Level::Bad) {
        findings.extend(outside::look_at_closed_files(&visitor));
        match token.as_deref().and_then(|text| text.lines().next()).map(str::trim) {
            None => findings.push(Finding::worse(
                "without a token nothing of the host can be seen",
                "make one with `cargo xtask token create` and give it with --token-file",
            )),
            Some(token) => {
                let (seen, report) = login::look(&visitor, token);
                findings.extend(seen);
                findings.extend(report.iter().flat_map(|report| host::look(report, &project.plan)));
            }
        }
    }
    findings.iter().for_each(Finding::print);
    let count = |level: Level| findings.iter().filter(|finding| finding.level == level).count();
    let (n_bad, n_worse) = (count(Level::Bad), count(Level::Worse));
    say(format!("{} looked at, {n_bad} to mend, {n_worse} that could be better", findings.len()));
    Ok(if n_bad > 0 { Verdict::Different } else { Verdict::Good })
}
