//! The sidecar as a program; see `physio_runtime::sidecar`.

use clap::Parser;
use physio_runtime::sidecar::command::{Arguments, Exit, run};
use std::io::Write;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let exit = match run(Arguments::parse(), &mut std::io::stdout()).await {
        Ok(exit) => exit,
        Err(error) => {
            // Nobody may be listening on stderr; the exit code tells then.
            let _ = writeln!(std::io::stderr(), "physio-sidecar: {error}");
            Exit::Failed
        }
    };
    ExitCode::from(exit as u8)
}
