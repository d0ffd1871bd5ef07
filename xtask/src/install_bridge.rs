//! `cargo xtask install-bridge`: the sync tables and triggers, created over a database connection.
//!
//! The same statements as `php-bridge/generated/install.sql`, for those who can reach the database; others
//! import that file in phpMyAdmin.

use crate::Verdict;
use crate::live::{self, MySqlUrl};
use crate::project::Project;
use crate::terminal::{progress_bar, say_good};
use anyhow::{Context, Result};
use mysql::prelude::Queryable;
use std::path::PathBuf;

/// Create (or take away) the sync tables and triggers of a database.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask install-bridge --mysql @url.txt
  cargo xtask install-bridge --mysql @url.txt --uninstall

Without access to the database from here, import php-bridge/generated/install.sql in phpMyAdmin instead.
Run it again after each `cargo xtask regenerate`.")]
pub(crate) struct Args {
    /// The server: mysql://user:password@host:port/database, or @FILE that holds it.
    #[arg(long, value_name = "URL")]
    mysql: MySqlUrl,
    /// The sync description.
    #[arg(long, value_name = "FILE", default_value = "physio.toml")]
    config: PathBuf,
    /// Take the triggers and tables away again. Devices then need a full pull after the next install.
    #[arg(long)]
    uninstall: bool,
}

/// Runs the generated statements one after the other; each may be repeated, so a second run is harmless.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let project = Project::load(&args.config)?;
    let statements =
        if args.uninstall { project.uninstall_statements() } else { project.install_statements() };
    let mut conn = live::connect(&args.mysql)?;
    let bar = progress_bar(statements.len() as u64, "statements");
    for statement in &statements {
        conn.query_drop(statement)
            .map_err(live::plain)
            .with_context(|| format!("{} refuses: {}", args.mysql, first_line(statement)))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    let what = if args.uninstall { "taken away from" } else { "installed in" };
    say_good(format!("{} statements: sync tables and triggers {what} {}", statements.len(), args.mysql));
    Ok(Verdict::Good)
}

fn first_line(statement: &str) -> &str {
    statement.trim_start().lines().next().unwrap_or_default()
}
