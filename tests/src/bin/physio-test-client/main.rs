//! A device as a process of its own, for tests that kill it: it opens the clinic's cache, writes when told to,
//! and says on standard output what is on the disk and what the sync does, one line each.

mod unit;

mod clinic {
    physio_runtime::schema!("physio.toml");
}

use clap::Parser;
use physio_runtime::bridge::Token;
use physio_runtime::{Cause, ErrorKind, Event, Physio};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// What the device does: write, then sync to the end or until it is killed.
#[derive(Debug, Parser)]
struct Arguments {
    /// The cache file.
    #[arg(long)]
    cache: PathBuf,
    /// The folder of the bridge's PHP files.
    #[arg(long)]
    url: String,
    /// The bearer token.
    #[arg(long)]
    token: String,
    /// Begins the markers of this run: `RUN-0`, `RUN-1`, …
    #[arg(long, default_value = "run")]
    run: String,
    /// Local transactions to write, one after another, while the sync runs.
    #[arg(long, default_value_t = 0)]
    units: u32,
    /// Rows of one page of the first pull.
    #[arg(long)]
    page_rows: Option<u32>,
    /// Bytes of one push request at the most.
    #[arg(long)]
    push_bytes: Option<u32>,
    /// Seconds without a byte after which a request is given up.
    #[arg(long)]
    timeout_s: Option<u64>,
    /// The branch that this device edits.
    #[arg(long, default_value_t = 1)]
    branch: i64,
    /// Makes, after every third transaction, a test under a number that the other devices give out too; the first
    /// is this.
    #[arg(long)]
    contend_from: Option<u32>,
    /// Milliseconds between two transactions.
    #[arg(long, default_value_t = 0)]
    pace_ms: u64,
    /// Says `refused` of a transaction that the disk does not take, and goes on with the next.
    #[arg(long)]
    stubborn: bool,
    /// Asks for the next round at once when one has failed, instead of waiting as long as an application does.
    #[arg(long)]
    eager: bool,
    /// Ends with `synced` when nothing waits; otherwise it runs until it is killed.
    #[arg(long)]
    until_synced: bool,
}

/// Between two rounds of an eager device that failed.
const EAGER_PAUSE: Duration = Duration::from_millis(20);

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be listening; the exit code tells then.
            let _ = writeln!(std::io::stderr(), "physio-test-client: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let mut plan = clinic::plan().clone();
    plan.sync.page_rows = arguments.page_rows.unwrap_or(plan.sync.page_rows);
    plan.sync.push_bytes = arguments.push_bytes.unwrap_or(plan.sync.push_bytes);
    plan.sync.timeout_s = arguments.timeout_s.unwrap_or(plan.sync.timeout_s);
    let physio = Physio::builder(plan)
        .cache(&arguments.cache)
        .bridge_url(&arguments.url)
        .token(Token::new(&arguments.token))
        .open()?;
    let listener = tokio::spawn(tell(physio.events()));
    write(&physio, &arguments).await?;
    if arguments.until_synced {
        while arguments.eager && physio.sync_now().await.is_err() {
            tokio::time::sleep(EAGER_PAUSE).await;
        }
        physio.wait_until_synced().await?;
        say("synced");
        physio.close().await;
        return Ok(());
    }
    listener.await?;
    Ok(())
}

/// Writes what it was told to; every acknowledged transaction is said after it is on the disk.
async fn write(physio: &Physio, arguments: &Arguments) -> Result<()> {
    let mut previous = None;
    for number in 0..arguments.units {
        let marker = format!("{}-{number}", arguments.run);
        match unit::write(physio, &marker, number, arguments.branch, previous) {
            Ok(payment) => {
                previous = Some(payment);
                say(&format!("written {marker}"));
            }
            Err(error) if arguments.stubborn => {
                previous = None;
                say(&format!("refused {marker} {:?}: {error}", error.kind()));
            }
            Err(error) => return Err(error.into()),
        }
        if let Some(first) = arguments.contend_from.filter(|_| number % 3 == 2) {
            let marker = format!("contended-{marker}");
            match unit::contend(physio, &marker, first + number) {
                Ok(_) => say(&format!("contended {marker}")),
                // The number of another device has come already.
                Err(error) if error.kind() == ErrorKind::Constraint => {}
                Err(error) => return Err(error.into()),
            }
        }
        if arguments.pace_ms > 0 {
            tokio::time::sleep(Duration::from_millis(arguments.pace_ms)).await;
        }
    }
    Ok(())
}

/// Says what happens until the sync ends.
async fn tell(mut events: Receiver<Event>) {
    loop {
        match events.recv().await {
            Ok(Event::Progress { table, n_rows, .. }) => say(&format!("progress {table} {n_rows}")),
            Ok(Event::Remapped { table, server_key, .. }) => say(&format!("remapped {table} {server_key}")),
            Ok(Event::Rows { table, cause: Cause::Push, .. }) => say(&format!("pushed {table}")),
            Ok(Event::Attention { table, code, .. }) => say(&format!("attention {table} {code}")),
            Ok(Event::Online { online }) => say(if online { "online" } else { "offline" }),
            Ok(
                Event::Rows { .. }
                | Event::Round { .. }
                | Event::Drift(_)
                | Event::Migrated { .. }
                | Event::LoginNeeded
                | Event::WipeAsked { .. }
                | Event::Wiped
                | Event::WipeFailed { .. },
            )
            | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// One line in one piece, so that a reader never sees half of it.
fn say(line: &str) {
    // A reader that has gone is about to kill us.
    let _ = std::io::stdout().write_all(format!("{line}\n").as_bytes());
}
