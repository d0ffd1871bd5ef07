//! `cargo xtask diff`: what happened between two dumps, and what it means.

use crate::changes::{Changes, Sides};
use crate::dump_lines::DumpLines;
use crate::terminal::{say, say_good};
use crate::{Verdict, project};
use anyhow::{Context, Result, anyhow};
use physio_schema::config;
use physio_schema::diff::{DiffOptions, Rename, emit_sql};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Compare two dumps: an ordered list of changes, each with what it means for an application.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask diff old.sql physio-schema/schema/clinic.sql
  cargo xtask diff old.sql new.sql --format sql                    the statements that make the new one of the old
  cargo xtask diff old.sql new.sql --renamed patients.notes=remarks
  git show main:physio-schema/schema/clinic.sql > /tmp/old.sql; cargo xtask diff /tmp/old.sql physio-schema/schema/clinic.sql --format github

Exit code 1 means that the two differ. docs/schema-change.md explains the classes.")]
pub(crate) struct Args {
    /// The older dump.
    old: PathBuf,
    /// The newer dump.
    new: PathBuf,
    /// How to print the changes.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The sync description: which tables are synced, and their keys and references. Without it every table
    /// counts as synced.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A rename that took place: TABLE.OLD=NEW for a column (under the table's newer name), OLD=NEW for a table.
    #[arg(long, value_name = "RENAME", value_parser = parse_rename)]
    renamed: Vec<Rename>,
}

/// How to print the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
    /// The statements that carry the changes out.
    Sql,
    /// Workflow commands: annotations at the lines of the newer dump.
    Github,
}

fn parse_rename(text: &str) -> Result<Rename> {
    let (old, new) = text.split_once('=').context("write TABLE.OLD=NEW or OLD=NEW")?;
    let new = new.trim().to_owned();
    Ok(match old.trim().split_once('.') {
        Some((table, old)) => Rename::Column { table: table.to_owned(), old: old.to_owned(), new },
        None => Rename::Table { old: old.trim().to_owned(), new },
    })
}

/// Prints the changes.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let mut options = match &args.config {
        Some(path) => {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            let config = config::parse(&text).map_err(|errors| anyhow!(project::listed(&errors)))?;
            DiffOptions::of_config(&config)
        }
        None => DiffOptions::default(),
    };
    options.renames.extend(args.renamed.iter().cloned());
    let (old, _) = load(&args.old)?;
    let (new, text) = load(&args.new)?;
    let changes = Changes::between(&old, &new, &options);
    let (file, lines) = (args.new.display().to_string(), DumpLines::of_text(&text));
    let sides = Sides { before: "before", after: "after" };
    match args.format {
        Format::Text if changes.found.is_empty() => say_good("no difference"),
        Format::Text => {
            changes.print(sides);
            say(format!("\n{}", changes.summary()));
        }
        Format::Json => say(json!({
            "ok": changes.found.is_empty(),
            "worst": changes.worst(),
            "changes": changes.to_json(sides, &file, &lines),
            "renames": changes.offers_json(),
        })),
        Format::Sql => {
            if !changes.found.is_empty() {
                say("SET FOREIGN_KEY_CHECKS = 0;");
                emit_sql(&changes.found).iter().for_each(|statement| say(format!("{statement};")));
                say("SET FOREIGN_KEY_CHECKS = 1;");
            }
        }
        Format::Github => changes.to_github(&file, &lines).iter().for_each(say),
    }
    Ok(if changes.found.is_empty() { Verdict::Good } else { Verdict::Different })
}

fn load(path: &Path) -> Result<(physio_schema::model::Schema, String)> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let schema = project::parse_dump(&bytes, &path.display().to_string())?;
    Ok((schema, String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renames_are_read_in_both_forms() {
        let column = Rename::Column { table: "a".into(), old: "b".into(), new: "c".into() };
        assert_eq!(parse_rename("a.b = c").expect("a column"), column);
        assert_eq!(parse_rename("a=b").expect("a table"), Rename::Table { old: "a".into(), new: "b".into() });
        assert!(parse_rename("a").is_err());
    }
}
