//! `cargo xtask token`: make, list and revoke the tokens with which devices log in at the bridge.

mod create;
mod list;
mod revoke;
mod table;

use crate::Verdict;
use crate::live::{self, MySqlUrl};
use crate::project::Project;
use anyhow::Result;
use clap::Subcommand;
use std::path::PathBuf;
use table::TokenTable;

/// Make, list and revoke the tokens of devices, in the table that physio.toml names.
///
/// A token is told from others by its id: the first 12 hex digits of the SHA-256 of what the table holds. Neither
/// tokens nor what the table holds are printed, except a new token, once.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask token create --mysql @url.txt --user 7 --days 365
  cargo xtask token create --mysql @url.txt --user 7 --token-file token.txt    not on the screen
  cargo xtask token list --mysql @url.txt
  cargo xtask token revoke --mysql @url.txt --id 3f9a1c20b7d4
  cargo xtask token revoke --mysql @url.txt --user 7                           all of a user's")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Create(create::Args),
    List(list::Args),
    Revoke(revoke::Args),
}

/// Where the tokens are.
#[derive(Debug, clap::Args)]
struct Place {
    /// The server: mysql://user:password@host:port/database, or @FILE that holds it.
    #[arg(long, value_name = "URL")]
    mysql: MySqlUrl,
    /// The sync description, which names the table of tokens.
    #[arg(long, value_name = "FILE", default_value = "physio.toml")]
    config: PathBuf,
}

impl Place {
    fn open(&self) -> Result<TokenTable> {
        let project = Project::load(&self.config)?;
        TokenTable::new(live::connect(&self.mysql)?, &project)
    }
}

/// Runs one of the subcommands.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    match &args.command {
        Command::Create(args) => create::run(args),
        Command::List(args) => list::run(args),
        Command::Revoke(args) => revoke::run(args),
    }
}
