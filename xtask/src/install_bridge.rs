//! `cargo xtask install-bridge`: the sync tables and triggers, created over a database connection.
//!
//! The same statements as `php-bridge/generated/install.sql`, for those who can reach the database; others
//! import that file in phpMyAdmin. Here a table whose triggers the server refuses stops nothing: the bridge looks at
//! that table by itself (docs/change-capture.md).

mod foresee;
mod modes;

use crate::Verdict;
use crate::live::{self, MySqlUrl};
use crate::project::Project;
use crate::terminal::{FAINT, paint, progress_bar, say, say_good};
use anyhow::{Context, Result};
use modes::{Mode, modes_of};
use mysql::Conn;
use mysql::prelude::Queryable;
use physio_schema::server::{Install, TableTriggers};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Create (or take away) the sync tables and triggers of a database.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask install-bridge --mysql @url.txt --dry-run
  cargo xtask install-bridge --mysql @url.txt
  cargo xtask install-bridge --mysql @url.txt --uninstall

Without access to the database from here, import php-bridge/generated/install.sql in phpMyAdmin instead.
Run it again after each `cargo xtask regenerate`, and whenever the host begins to allow triggers.")]
pub(crate) struct Args {
    /// The server: mysql://user:password@host:port/database, or @FILE that holds it.
    #[arg(long, value_name = "URL")]
    mysql: MySqlUrl,
    /// The sync description.
    #[arg(long, value_name = "FILE", default_value = "physio.toml")]
    config: PathBuf,
    /// Say what each table would get, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Take the triggers and tables away again. Devices then need a full pull after the next install.
    #[arg(long)]
    uninstall: bool,
}

/// Runs the generated statements one after the other; each may be repeated, so a second run is harmless.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let project = Project::load(&args.config)?;
    let mut conn = live::connect(&args.mysql)?;
    if args.uninstall {
        return uninstall(args, &project, &mut conn);
    }
    let install = project.install();
    let refused = if args.dry_run {
        foresee::refusals(&mut conn, &install)?
    } else {
        carry_out(args, &mut conn, &install)?
    };
    let modes = modes_of(&install, &refused);
    if !args.dry_run {
        let with_triggers =
            |table: &str| modes.iter().any(|mode| mode.table == table && mode.reason.is_none());
        execute(args, &mut conn, &install.after(with_triggers))?;
    }
    report(&modes);
    let what = if args.dry_run { "would be installed in" } else { "are installed in" };
    let n_triggers = modes.iter().filter(|mode| mode.reason.is_none()).count();
    say_good(format!(
        "the sync tables, and triggers for {n_triggers} of {} tables, {what} {}",
        modes.len(),
        args.mysql
    ));
    Ok(Verdict::Good)
}

fn uninstall(args: &Args, project: &Project, conn: &mut Conn) -> Result<Verdict> {
    let statements = project.uninstall_statements();
    if args.dry_run {
        statements.iter().for_each(say);
        return Ok(Verdict::Good);
    }
    execute(args, conn, &statements)?;
    say_good(format!("sync tables and triggers are taken away from {}", args.mysql));
    Ok(Verdict::Good)
}

/// Runs what must succeed.
fn execute(args: &Args, conn: &mut Conn, statements: &[String]) -> Result<()> {
    for statement in statements {
        conn.query_drop(statement)
            .map_err(live::plain)
            .with_context(|| format!("{} refuses: {}", args.mysql, first_line(statement)))?;
    }
    Ok(())
}

/// Makes tables and triggers; gives why a table has none, by its name.
fn carry_out(args: &Args, conn: &mut Conn, install: &Install) -> Result<BTreeMap<String, String>> {
    execute(args, conn, &install.tables)?;
    execute(args, conn, &install.before)?;
    let bar = progress_bar(install.triggers.len() as u64, "triggers");
    let mut refused = BTreeMap::new();
    for table in &install.triggers {
        if let Some(reason) = make_triggers(args, conn, table)? {
            refused.insert(table.table.clone(), reason);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(refused)
}

/// All triggers of a table or none; `Some`: why the server does not take them.
fn make_triggers(args: &Args, conn: &mut Conn, table: &TableTriggers) -> Result<Option<String>> {
    for drop in &table.drops {
        match conn.query_drop(drop) {
            Ok(()) => {}
            // Nothing of ours belongs there, and what is not there cannot be in the way.
            Err(mysql::Error::MySqlError(_)) if table.creates.is_empty() => return Ok(None),
            Err(mysql::Error::MySqlError(error)) => return Ok(Some(foresee::reason_of(&error))),
            Err(error) => {
                return Err(live::plain(error)).with_context(|| format!("{} went away", args.mysql));
            }
        }
    }
    for create in &table.creates {
        match conn.query_drop(create) {
            Ok(()) => {}
            Err(mysql::Error::MySqlError(error)) => {
                execute(args, conn, &table.drops)?;
                return Ok(Some(foresee::reason_of(&error)));
            }
            Err(error) => {
                return Err(live::plain(error)).with_context(|| format!("{} went away", args.mysql));
            }
        }
    }
    Ok(None)
}

fn report(modes: &[Mode]) {
    let width = modes.iter().map(|mode| mode.table.len()).max().unwrap_or(0);
    for mode in modes {
        let reason = mode.reason.as_deref().map(|reason| paint(FAINT, reason)).unwrap_or_default();
        say(format!("  {:width$}  {:9}  {reason}", mode.table, mode.mode).trim_end());
    }
}

fn first_line(statement: &str) -> &str {
    statement.trim_start().lines().next().unwrap_or_default()
}
