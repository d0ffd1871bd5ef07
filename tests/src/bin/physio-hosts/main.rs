//! A large table through the least that hosts give: `cargo xtask hosts` runs it.
//!
//! An empty cache pulls a table through each web server while PHP has little memory and time, and every row is compared
//! with the database afterwards. Exit code 0: equal; 1: not; 2: it could not run.

use clap::{Parser, ValueEnum};
use mysql::prelude::Queryable;
use physio_runtime::Physio;
use physio_runtime::bridge::Token;
use physio_tests::comparison::{compare_all, open_cache};
use physio_tests::data::{Generator, load_mysql};
use physio_tests::harness::{App, Host, Stack, WebServer};
use physio_tests::timing::grouped;
use std::process::ExitCode;
use std::time::Instant;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const TOKEN: &str = "Hosts-Token-0123456789abcdef";
const TABLE: &str = "payments";

#[derive(Debug, Clone, Parser)]
#[command(name = "cargo xtask hosts", about)]
struct Args {
    /// Rows of the table.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    rows: u64,
    /// `memory_limit` of PHP.
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    memory: String,
    /// `max_execution_time` of PHP.
    #[arg(long, value_name = "S", default_value_t = 5)]
    seconds: u32,
    /// One web server alone.
    #[arg(long, value_name = "SERVER")]
    only: Option<Server>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Server {
    BuiltIn,
    Nginx,
    Apache,
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            anstream::eprintln!("the hosts could not be tried: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(args: Args) -> Result<bool> {
    let app = App::clinic()?;
    let generator = Generator::new(&app.schema, 200, &[("patients", 1_000), (TABLE, args.rows)]);
    let servers = [
        (Server::Nginx, WebServer::NginxFpm, "nginx, php-fpm"),
        (Server::Apache, WebServer::ApacheCgi, "Apache, php-cgi"),
        (Server::BuiltIn, WebServer::BuiltIn, "PHP's own web server"),
    ];
    // Lives as long as the program, as the host's settings do.
    let memory: &'static str = Box::leak(args.memory.clone().into_boxed_str());
    let mut is_good = true;
    for (server, web_server, name) in servers {
        // Two kinds of host are enough where nobody asks for the third: both run PHP as hosts do.
        let is_wanted = args.only.map_or(server != Server::BuiltIn, |only| only == server);
        if is_wanted {
            let host = Host {
                server: web_server,
                memory_limit: Some(memory),
                max_execution_s: Some(args.seconds),
                ..Host::default()
            };
            let stack = Stack::start_bare_on(app.clone(), host)?;
            load_mysql(&mut stack.connect()?, &generator)?;
            stack.install()?;
            stack.add_token(TOKEN, "UTC_TIMESTAMP() + INTERVAL 1 DAY", false)?;
            is_good &= pull(&stack, name, &args)?;
        }
    }
    Ok(is_good)
}

/// From an empty file to a cache in sync; whether every row is there and PHP complained about nothing.
fn pull(stack: &Stack, name: &str, args: &Args) -> Result<bool> {
    let folder = tempfile::Builder::new().prefix("physio-hosts-").tempdir()?;
    let file = folder.path().join("cache.db");
    let n_before = n_connections(stack)?;
    let start = Instant::now();
    tokio::runtime::Runtime::new()?.block_on(async {
        let builder = Physio::builder(&*stack.app.plan).cache(&file);
        let physio = builder.bridge_url(stack.url()).token(Token::new(TOKEN)).open()?;
        let synced = physio.wait_until_synced().await;
        physio.close().await;
        synced
    })?;
    let took = start.elapsed().as_secs_f64();
    // The second look is a connection of its own.
    let n_requests = n_connections(stack)? - n_before - 1;
    let (connection, plan) = open_cache(&file)?;
    let compared = compare_all(&plan, &mut stack.connect()?, &connection, 5)?;
    let is_equal = compared.iter().all(physio_tests::comparison::TableComparison::is_equal);
    let n_rows = compared.iter().find(|table| table.table == TABLE).map_or(0, |table| table.n_cache);
    let complaints = stack.php.complaints();
    for line in complaints.iter().take(5) {
        anstream::println!("PHP complained: {line}");
    }
    let is_good = is_equal && complaints.is_empty() && n_rows == args.rows;
    anstream::println!(
        "{name}, memory_limit={}, max_execution_time={}: {} rows in {took:.1} s, {n_requests} requests, {}",
        args.memory,
        args.seconds,
        grouped(n_rows),
        if is_good { "every row equal" } else { "NOT AS THEY SHOULD BE" }
    );
    Ok(is_good)
}

/// Every request of PHP is one connection; other servers of this process have none open.
fn n_connections(stack: &Stack) -> Result<u64> {
    let row: Option<(String, u64)> = stack.connect()?.query_first("SHOW GLOBAL STATUS LIKE 'Connections'")?;
    row.map(|(_, n)| n).ok_or_else(|| "the server does not count its connections".into())
}
