//! `cargo xtask pull-schema`: a structure-only dump of a live database, ready to be committed.

use crate::live::{self, BRIDGE_TABLE_PREFIX, Facts, MySqlUrl};
use crate::terminal::{progress_bar, say_good};
use crate::{Verdict, artefact, project};
use anyhow::{Context, Result, bail};
use mysql::Conn;
use mysql::prelude::Queryable;
use std::path::PathBuf;

/// Write a structure-only dump of a live MySQL or MariaDB: no rows, no counters, no users.
///
/// The result is read back and compared with the server before it is kept.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask pull-schema --mysql mysql://clinic:PASSWORD@db.example/clinic
  cargo xtask pull-schema --mysql @url.txt --output physio-schema/schema/clinic.sql

A password given in a file (@url.txt) stays out of the shell's history. Afterwards: cargo xtask regenerate")]
pub(crate) struct Args {
    /// The server: mysql://user:password@host:port/database, or @FILE that holds it.
    #[arg(long, value_name = "URL")]
    mysql: MySqlUrl,
    /// Where to write it; without it, to standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Reads every table's definition, writes the dump, and proves that it says what the server says.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let mut conn = live::connect(&args.mysql)?;
    let dump = read_dump(&mut conn)?;
    let schema = project::parse_printed(&dump, "the dump that was just read")?;
    let differences = live::compare(&Facts::of_schema(&schema), &live::load_facts(&mut conn, &args.mysql)?);
    if let Some(first) = differences.first() {
        bail!(
            "the dump of {} would not say what the server says ({} differences, the first in table {}: {}); \
             nothing was written",
            args.mysql,
            differences.len(),
            first.table,
            first.what
        );
    }
    match &args.output {
        None => anstream::print!("{dump}"),
        Some(path) => {
            artefact::write_whole(path, &dump)?;
            say_good(format!("{}: {} tables of {}", path.display(), schema.tables.len(), args.mysql));
        }
    }
    Ok(Verdict::Good)
}

/// The text of the dump. The order is by name: foreign key checks are off while it is loaded.
///
/// # Errors
///
/// When a query is refused.
pub(crate) fn read_dump(conn: &mut Conn) -> Result<String> {
    let version: String =
        conn.query_first("SELECT VERSION()")?.context("the server does not tell its version")?;
    let kind = if version.to_ascii_lowercase().contains("mariadb") { "MariaDB" } else { "MySQL" };
    // Keeps expressions, quotes and table options the way dumps have them.
    conn.query_drop("SET SESSION sql_quote_show_create = 1, sql_mode = ''")?;
    let mut names: Vec<String> = conn
        .query("SHOW FULL TABLES WHERE Table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')")
        .map(|rows: Vec<(String, String)>| rows.into_iter().map(|(name, _)| name).collect())?;
    names.retain(|name| !name.starts_with(BRIDGE_TABLE_PREFIX));
    names.sort();

    let mut dump = format!(
        "-- {kind} dump: structure only, written by `cargo xtask pull-schema`\n-- Server version\t{version}\n\n\
         SET NAMES utf8mb4;\nSET FOREIGN_KEY_CHECKS = 0;\n"
    );
    let bar = progress_bar(names.len() as u64, "tables");
    for name in &names {
        bar.set_message(name.clone());
        let quoted = format!("`{}`", name.replace('`', "``"));
        let (_, create): (String, String) = conn
            .query_first(format!("SHOW CREATE TABLE {quoted}"))?
            .with_context(|| format!("table {name} vanished while the schema was read"))?;
        dump.push_str(&format!("\n{};\n", without_counter(&create)));
        bar.inc(1);
    }
    bar.finish_and_clear();
    dump.push_str("\nSET FOREIGN_KEY_CHECKS = 1;\n");
    Ok(dump)
}

/// Takes the table's ` AUTO_INCREMENT=123` out: it changes with every insert and says nothing of structure.
///
/// Only the options after the last closing parenthesis at the start of a line are looked at, and there only
/// outside of quotes: a comment may well contain the words.
fn without_counter(create: &str) -> String {
    const COUNTER: &str = " AUTO_INCREMENT=";
    let Some(options) = create.rfind("\n)") else { return create.to_owned() };
    let mut quoted = false;
    for (offset, c) in create[options..].char_indices() {
        let at = options + offset;
        if c == '\'' {
            quoted = !quoted;
        } else if !quoted && create[at..].starts_with(COUNTER) {
            let rest = create[at + COUNTER.len()..].trim_start_matches(|c: char| c.is_ascii_digit());
            return format!("{}{rest}", &create[..at]);
        }
    }
    create.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_goes_and_the_comment_stays() {
        let create = "CREATE TABLE `t` (\n  `id` int(11) NOT NULL AUTO_INCREMENT COMMENT 'x AUTO_INCREMENT=7',\n  \
                      PRIMARY KEY (`id`)\n) ENGINE=InnoDB AUTO_INCREMENT=123 COMMENT='y AUTO_INCREMENT=8'";
        let without = without_counter(create);
        assert!(without.contains("ENGINE=InnoDB COMMENT='y AUTO_INCREMENT=8'"), "{without}");
        assert!(without.contains("'x AUTO_INCREMENT=7'"), "{without}");
        assert_eq!(without_counter(&without), without);
    }

    #[test]
    fn a_counter_inside_a_comment_alone_stays() {
        let create = "CREATE TABLE `t` (\n  `id` int(11)\n) ENGINE=InnoDB COMMENT='it''s AUTO_INCREMENT=8'";
        assert_eq!(without_counter(create), create);
    }
}
