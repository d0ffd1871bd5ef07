//! `cargo xtask attack`: requests that nobody should send, against a private bridge.

use crate::{Verdict, subprocess};
use anyhow::Result;

/// Attack the bridge on real PHP and MariaDB: changed requests, or sqlmap.
///
/// Valid requests are changed in every field and sent; no answer may be an error of the bridge's own, tell anything of
/// values, SQL or the host, or change a row that no valid unit changed. A third of the requests comes from a receptionist
/// of one branch of the clinic, who must neither read nor write anything of another branch. THREAT-MODEL.md says what is
/// defended.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask attack                            200,000 changed requests
  cargo xtask attack --requests 5000 --seed 7
  cargo xtask attack --host apache              behind Apache and php-cgi, or nginx and php-fpm
  cargo xtask attack --sqlmap                   sqlmap, level 3 and risk 2, on every endpoint and parameter, by both
                                                kinds of token

Exit code 1 means that something was found.")]
pub(crate) struct Args {
    /// Changed requests.
    #[arg(long, value_name = "N")]
    requests: Option<u64>,
    /// Where the random choices begin.
    #[arg(long)]
    seed: Option<u64>,
    /// The web server before PHP: built-in, nginx or apache.
    #[arg(long, value_name = "SERVER")]
    host: Option<String>,
    /// Let sqlmap try instead.
    #[arg(long)]
    sqlmap: bool,
}

/// Builds the attacker and runs it.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let mut command = subprocess::cargo();
    command.args(["run", "--quiet", "--package", "physio-tests", "--bin", "physio-attack", "--"]);
    let options = [
        ("--requests", args.requests.map(|n| n.to_string())),
        ("--seed", args.seed.map(|n| n.to_string())),
        ("--host", args.host.clone()),
    ];
    for (name, value) in options {
        command.args(value.iter().flat_map(|value| [name, value.as_str()]));
    }
    if args.sqlmap {
        command.arg("--sqlmap");
    }
    subprocess::run_for_verdict(&mut command)
}
