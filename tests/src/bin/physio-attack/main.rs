//! Requests that nobody should send, against a private bridge. `cargo xtask attack` runs it.
//!
//! Valid requests are changed at random in every field. No answer may be an error of the bridge's own, tell anything of
//! values, SQL or the host, or change a row that no valid unit changed. A third of them comes from a user of one branch
//! at the clinic: nothing of another branch may be read or written by it. `--sqlmap` lets sqlmap try the same endpoints.
//! Exit code 0: nothing was found; 1: something was; 2: it could not run.

mod answer;
mod ledger;
mod mutate;
mod payload;
mod reach;
mod relay;
mod run;
mod scope;
mod seeds;
mod socket;
mod sqlmap;
mod timing;

use clap::Parser;
use physio_tests::harness::{App, Extensions, Host, Stack, WebServer};
use std::process::ExitCode;

pub(crate) type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// The token that the bridge lets in.
pub(crate) const TOKEN: &str = "Attack-Token-0123456789abcdef";

/// A token that sees everything, for finding out what there is to attack.
pub(crate) const READER: &str = "Reader-Token-0123456789abcdef";

#[derive(Debug, Clone, Parser)]
#[command(name = "cargo xtask attack", about)]
pub(crate) struct Args {
    /// Changed requests: a third by a user of one branch, the others where every token may do everything.
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    requests: u64,
    /// Decides every change; printed when it is not given.
    #[arg(long)]
    seed: Option<u64>,
    /// The web server before PHP.
    #[arg(long, value_enum, default_value_t = Server::BuiltIn)]
    host: Server,
    /// Let sqlmap (level 3, risk 2) try every endpoint and parameter instead.
    #[arg(long)]
    sqlmap: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Server {
    BuiltIn,
    Nginx,
    Apache,
}

impl Server {
    fn host(self) -> Host {
        let server = match self {
            Self::BuiltIn => WebServer::BuiltIn,
            Self::Nginx => WebServer::NginxFpm,
            Self::Apache => WebServer::ApacheCgi,
        };
        Host { server, extensions: Extensions::All, ..Host::SMALL }
    }
}

fn main() -> ExitCode {
    match attack(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            anstream::eprintln!("the attack could not be tried: {error}");
            ExitCode::from(2)
        }
    }
}

fn attack(args: &Args) -> Result<bool> {
    if args.sqlmap {
        let mut is_good = true;
        for app in [App::clinic_by_role()?, App::clinic()?] {
            let (stack, branch) = start(app, args.host)?;
            anstream::println!(
                "{}",
                if branch.is_some() { "a user of one branch" } else { "a token for everything" }
            );
            is_good &= sqlmap::run(&stack, branch)?;
        }
        return Ok(is_good);
    }
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    anstream::println!("--seed {seed}");
    let mut is_good = true;
    for app in [App::clinic_by_role()?, App::clinic()?, App::shop()?] {
        let (stack, branch) = start(app, args.host)?;
        is_good &= run::run(&stack, branch, args.requests.div_ceil(3), seed)?;
        if branch.is_some() {
            timing::show(&stack)?;
        }
    }
    Ok(is_good)
}

/// A bridge with rows in every synced table, and the branch of the token's user, where access is not open.
fn start(app: App, server: Server) -> Result<(Stack, Option<u32>)> {
    let stack = Stack::start_bare_on(app, server.host())?;
    let wanted: Vec<(&str, u64)> =
        stack.app.plan.tables.iter().map(|table| (table.name.as_str(), 40)).collect();
    let generator = physio_tests::data::Generator::new(&stack.app.schema, 1, &wanted);
    physio_tests::data::load_mysql(&mut stack.connect()?, &generator)?;
    let branch = if stack.app.config.access.open { None } else { Some(scope::divide(&stack)?) };
    stack.install()?;
    match branch {
        Some(_) => {
            stack.add_user(TOKEN, scope::ROLE, branch)?;
            stack.add_user(READER, "owner", branch)?;
        }
        None => {
            for token in [TOKEN, READER] {
                stack.add_token(token, "UTC_TIMESTAMP() + INTERVAL 2 DAY", false)?;
            }
        }
    }
    Ok((stack, branch))
}
