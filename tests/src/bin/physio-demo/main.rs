//! The main job, start to end, to watch: fill a cache, work offline, push, and prove both sides equal.
//!
//! `cargo xtask demo` runs it. Exit code 0: both sides are equal; 1: they are not; 2: it could not run.

mod cable;
mod first_pull;
mod office_day;
mod proof;
mod screen;
mod server;
mod speed;

use cable::Cable;
use clap::Parser;
use physio_runtime::Physio;
use physio_runtime::bridge::{HttpBridge, Token};
use physio_runtime::cache::Cache;
use physio_tests::harness::App;
use physio_tests::timing::{grouped, shown};
use screen::Screen;
use server::{Server, TOKEN};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// The clinic's tables as Rust types, made from its dump when this was compiled.
mod clinic {
    physio_runtime::schema!("physio.toml");
}

pub(crate) type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask demo", about)]
struct Args {
    /// A private MariaDB and PHP's web server in place of the bridge inside the process.
    #[arg(long)]
    mariadb: bool,
    /// Synthetic rows on the server before the first pull.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    rows: u64,
    /// Keep the cache file here.
    #[arg(long, value_name = "FILE")]
    cache: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(run(&args)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => fail(&*error),
    }
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    anstream::eprintln!("the demo could not go on: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        anstream::eprintln!("  because: {error}");
        cause = error.source();
    }
    ExitCode::from(2)
}

async fn run(args: &Args) -> Result<bool> {
    let mut screen = Screen::default();
    screen.title("Physio: a day at the clinic");

    screen.step("The dump says what there is");
    let app = App::clinic()?;
    let n_columns: usize = app.schema.tables.iter().map(|table| table.columns.len()).sum();
    screen.say(format!(
        "{}: {} tables, {n_columns} columns; physio.toml picks {} tables in {} waves",
        app.config.app.dump,
        app.schema.tables.len(),
        app.plan.tables.len(),
        app.plan.waves.len(),
    ));
    screen.note(format!("fingerprint {}, the same in this program as in the bridge", app.plan.fingerprint));

    screen.step("A server with synthetic rows");
    let start = Instant::now();
    let server = Server::start(&app, args.mariadb, args.rows)?;
    screen.say(server.describe());
    let n_rows: u64 = proof::count_server(&app, &server)?.iter().map(|(_, n_rows)| n_rows).sum();
    screen.note(format!("{} rows, ready after {}", grouped(n_rows), shown(start.elapsed())));

    let folder = tempfile::Builder::new().prefix("physio-demo-").tempdir()?;
    let file = args.cache.clone().unwrap_or_else(|| folder.path().join("physio_cache.db"));
    screen.step("An empty cache fills itself, wave by wave");
    let (physio, cable) = open(&file, &server)?;
    first_pull::watch(&screen, &app, &server, &physio).await?;

    screen.step("Reading and writing here, while the sync goes on");
    let is_fast = speed::measure(&screen, &physio)?;
    physio.wait_until_synced().await?;

    screen.step("Offline: the work goes on");
    cable.pull();
    let day = office_day::work(&screen, &physio, &server)?;

    screen.step("Online again");
    cable.plug_in();
    physio.sync_now().await?;
    physio.wait_until_synced().await?;
    let is_remapped = day.show_outcome(&screen, &physio)?;

    screen.step("The proof: every table on both sides");
    let is_equal = proof::compare(&screen, &app, &server, &physio)?;
    physio.close().await;
    if let Some(kept) = &args.cache {
        screen.note(format!("the cache stays at {}; look into it with sqlite3", kept.display()));
    }
    if !is_fast {
        screen.note("a promised time was not kept; on a machine that does other work too that can happen");
    }
    Ok(is_equal && is_remapped)
}

/// Opens the cache behind a cable that can be pulled.
fn open(file: &Path, server: &Server) -> Result<(Physio, Cable)> {
    let plan = clinic::plan();
    // The device's name lies in the file: every request carries it.
    let device = Cache::open(file, Arc::new(plan.clone()))?.device().to_owned();
    let cable = Cable::new(HttpBridge::new(&server.url(), Token::new(TOKEN), &device, plan)?);
    Ok((Physio::builder(plan).cache(file).bridge(cable.clone()).open()?, cable))
}
