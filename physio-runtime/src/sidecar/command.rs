//! The program `physio-sidecar`: its options, and what it does with them.

use super::report::write_report;
use super::security::{Security, SecurityArguments, warn_of_readers};
use super::{Sidecar, SidecarOptions};
use crate::bridge::Token;
use crate::error::{Error, ErrorKind, Result};
use crate::physio::{Physio, PhysioBuilder};
use clap::Parser;
use physio_schema::plan::Plan;
use serde_json::json;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Keeps a local SQLite cache the same as a remote MySQL, with a local HTTP and WebSocket door for user interfaces.
///
/// Prints one line of JSON with the door's address and the token of this start, then runs until it is stopped.
#[derive(Debug, Parser)]
#[command(name = "physio-sidecar", version, after_help = EXIT_CODES)]
pub struct Arguments {
    /// The description of what is synced; its dump is found relative to it.
    #[arg(long, value_name = "physio.toml")]
    config: PathBuf,
    /// The folder that holds the bridge's PHP files; without it the cache is local only.
    #[arg(long, value_name = "URL", requires = "token_file")]
    bridge: Option<String>,
    /// A file that holds the bearer token for the bridge.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The cache file; created when absent.
    #[arg(long, value_name = "FILE", default_value = "physio_cache.db")]
    cache: PathBuf,
    /// Where the door listens: a loopback address; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// A further origin that may use the door, such as `https://app.example`; may be repeated.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// Syncs without a door.
    #[arg(long, requires = "bridge", conflicts_with_all = ["once", "status"])]
    headless: bool,
    /// Runs one full sync and ends; the exit code tells how it went.
    #[arg(long, requires = "bridge", conflicts_with = "status")]
    once: bool,
    /// Runs one full sync, compares every table with the server, brings what differs to what the server has, and ends.
    #[arg(long, requires = "bridge", conflicts_with_all = ["once", "status", "headless"])]
    audit: bool,
    /// Prints how the cache stands and ends; uses no network.
    #[arg(long)]
    status: bool,
    #[command(flatten)]
    security: SecurityArguments,
}

const EXIT_CODES: &str = "\
Exit codes of --once, --audit and --wipe:
  0  in sync
  1  the cache could not be used, or another process syncs it
  2  some tables failed
  3  offline
  4  a new token is needed
  5  changes wait for a person's decision (see --status), or would be lost by --wipe";

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// In sync, or ended as asked.
    Fine = 0,
    /// The cache could not be used.
    Failed = 1,
    /// Some tables failed.
    TablesFailed = 2,
    /// Nobody answered.
    Offline = 3,
    /// The token was refused.
    LoginNeeded = 4,
    /// Units wait for a person.
    AttentionNeeded = 5,
}

/// Does what the arguments say and writes what a person or a parent process reads to `out`.
///
/// # Errors
///
/// What cannot be told by an [`Exit`]: a configuration that cannot be read, a cache that cannot be opened.
pub async fn run(arguments: Arguments, out: &mut impl Write) -> Result<Exit> {
    let plan = read_plan(&arguments.config)?;
    let security = Security::of(&arguments.security, &plan)?;
    if let Some(text) = security.convert(&arguments.cache)? {
        print(out, &text)?;
        return Ok(Exit::Fine);
    }
    let builder = security.apply_to(Physio::builder(plan).cache(&arguments.cache));
    if security.is_wipe() {
        let (exit, text) = security.wipe(&builder.open()?, arguments.token_file.as_deref()).await?;
        print(out, &text)?;
        return Ok(exit);
    }
    if arguments.status {
        let physio = builder.open()?;
        print(out, &write_report(&physio.status()?, &physio.attention()?))?;
        return Ok(Exit::Fine);
    }
    let physio = with_bridge(builder, &arguments)?.open()?;
    if arguments.once || arguments.audit {
        let outcome = match arguments.audit {
            true => told(&physio, audit_once(&physio).await),
            false => told(&physio, physio.sync_now().await.map(|()| "in sync".to_owned())),
        };
        physio.close().await;
        let (exit, text) = outcome?;
        print(out, &format!("{text}\n"))?;
        return Ok(exit);
    }
    let door = if arguments.headless {
        print(out, &format!("{}\n", json!({"cache": arguments.cache})))?;
        None
    } else {
        let options = SidecarOptions { listen: arguments.listen, allowed_origins: arguments.allow_origin };
        let door = Sidecar::start(physio.clone(), options).await?;
        print(out, &format!("{}\n", json!({"url": door.url(), "token": door.token()})))?;
        Some(door)
    };
    stop_signal().await;
    if let Some(door) = door {
        door.shutdown().await;
    }
    physio.close().await;
    Ok(Exit::Fine)
}

/// A line for each table that was compared.
async fn audit_once(physio: &Physio) -> Result<String> {
    let tables = physio.audit().await?;
    let lines = tables.iter().map(|table| {
        let (name, rows, repaired) = (&table.table, table.n_rows, table.n_repaired);
        format!("{name}: {rows} rows, {repaired} repaired, in sync as of {}\n", table.in_sync_as_of)
    });
    Ok(lines.collect::<String>() + "in sync")
}

fn told(physio: &Physio, outcome: Result<String>) -> Result<(Exit, String)> {
    let exit = match outcome {
        Ok(text) => match physio.cache().counts()?.attention {
            0 => (Exit::Fine, text),
            n => (Exit::AttentionNeeded, format!("{text}; {n} transactions wait for a decision")),
        },
        Err(error) => {
            let exit = match error.kind() {
                ErrorKind::Offline => Exit::Offline,
                ErrorKind::Login => Exit::LoginNeeded,
                ErrorKind::Refused | ErrorKind::Schema => Exit::TablesFailed,
                ErrorKind::Sql
                | ErrorKind::Constraint
                | ErrorKind::Storage
                | ErrorKind::CacheFromTheFuture
                | ErrorKind::Field
                | ErrorKind::Busy
                | ErrorKind::Key
                | ErrorKind::Unsent
                | ErrorKind::Usage => Exit::Failed,
            };
            (exit, error.to_string())
        }
    };
    Ok(exit)
}

fn with_bridge(builder: PhysioBuilder, arguments: &Arguments) -> Result<PhysioBuilder> {
    let (Some(url), Some(file)) = (&arguments.bridge, &arguments.token_file) else { return Ok(builder) };
    warn_of_readers(file);
    Ok(builder.bridge_url(url).token(Token::new(read_text(file)?)))
}

/// The plan of a physio.toml and the dump that it names.
fn read_plan(path: &Path) -> Result<Plan> {
    let listed = |file: &Path, errors: Vec<String>| {
        Error::new(ErrorKind::Usage, format!("{}: {}", file.display(), errors.join("\n")))
    };
    let config = physio_schema::config::parse(&read_text(path)?)
        .map_err(|errors| listed(path, errors.iter().map(ToString::to_string).collect()))?;
    let dump_path = path.parent().unwrap_or(Path::new("")).join(&config.app.dump);
    let dump = std::fs::read(&dump_path).map_err(|error| unreadable(&dump_path, error))?;
    let dump = physio_schema::dump::parse(&dump, &config.app.dump_options())
        .map_err(|errors| listed(&dump_path, vec![errors.to_string()]))?;
    physio_schema::plan::build(&dump.schema, &config)
        .map_err(|errors| listed(path, errors.iter().map(ToString::to_string).collect()))
}

fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::with_source(ErrorKind::Usage, format!("{} cannot be read", path.display()), error)
}

fn print(out: &mut impl Write, text: &str) -> Result<()> {
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| Error::with_source(ErrorKind::Usage, "the output cannot be written", error))
}

/// Ctrl-C, or the signal that a service manager sends.
async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without signals it runs until it is killed, which is safe at any point.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::{CommandFactory, Parser};

    #[test]
    fn the_options_fit_together() {
        Arguments::command().debug_assert();
        let parse = |line: &str| Arguments::try_parse_from(line.split(' '));
        assert!(
            parse("physio-sidecar --config a --bridge https://x/ --token-file t --cache c --once").is_ok()
        );
        assert!(parse("physio-sidecar --config a --bridge https://x/ --token-file t --audit").is_ok());
        assert!(parse("physio-sidecar --config a --status").is_ok());
        assert!(parse("physio-sidecar --config a --encrypt --key-file k --convert new-key").is_ok());
        assert!(parse("physio-sidecar --config a --wipe").is_ok());
        assert!(parse("physio-sidecar --config a --encrypt --wipe 5.0.abcdef01").is_ok());
        for bad in
            ["--key-file k", "--keychain-name n", "--convert plain", "--wipe --once", "--wipe --status"]
        {
            assert!(
                parse(&format!("physio-sidecar --config a --bridge b --token-file t {bad}")).is_err(),
                "{bad}"
            );
        }
        for bad in ["--bridge https://x/", "--once", "--headless", "--status --once", "--audit"] {
            assert!(parse(&format!("physio-sidecar --config a {bad}")).is_err(), "{bad}");
        }
    }
}
