//! `cargo xtask releases`: the bridge on the versions of PHP, MariaDB and MySQL that other distributions have.

mod list;
mod outcome;
mod programs;
mod root;

use crate::terminal::{BAD, GOOD, paint, say, say_heading};
use crate::{Verdict, subprocess};
use anyhow::{Context, Result, anyhow, bail};
use list::{Release, Server};
use outcome::Outcome;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// Run the bridge's tests on the PHP, MariaDB and MySQL of other releases of Debian and Ubuntu.
///
/// For each, debootstrap makes a root folder under `target/releases` once (about 1 GB and some minutes); the tests find its
/// programs first in PATH. Needs root and a Debian or Ubuntu; not a part of `cargo xtask test`. Signatures of Ubuntu's
/// packages are checked where its keyring is installed; debootstrap says when it is not.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask releases                                  every pair of PHP and database
  cargo xtask releases --only mysql-9 --only mariadb-10.3
  cargo xtask releases --only mysql-9 --test tokens     one test program

Exit code 1 means that a test failed.")]
pub(crate) struct Args {
    /// One pair alone, by the name in the table; may be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// One test program alone; may be given several times.
    #[arg(long, value_name = "PROGRAM")]
    test: Vec<String>,
    /// Only tests whose name has this in it.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Say what would be run, and change nothing.
    #[arg(long)]
    list: bool,
}

/// Test programs that ask the database or PHP anything that could differ. `facts` and the oracle of dumps are about
/// MariaDB's own spelling of this very dump.
const TESTS: &[&str] = &[
    "conformance_php",
    "conformance_hosts",
    "access",
    "another_application",
    "audit",
    "cascades",
    "check_bridge",
    "clinic_tables",
    "drift_matrix",
    "harness",
    "hosts",
    "idle_poll",
    "kill",
    "round_trip",
    "tokens",
    "traps",
    "without_triggers",
    "live_database",
];

/// One line of the table.
struct Line {
    name: &'static str,
    versions: [String; 2],
    outcome: Outcome,
    is_good: bool,
}

/// Makes the roots, runs the tests in each, prints the table.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let releases = list::chosen(&args.only).map_err(|error| anyhow!(error))?;
    if args.list {
        for release in releases {
            say(format!(
                "{:<14} PHP of {}, database of {}",
                release.name, release.php.suite, release.database.suite
            ));
        }
        return Ok(Verdict::Good);
    }
    root::ensure_possible()?;
    let mut lines = Vec::new();
    for release in releases {
        root::ensure(release.php)?;
        root::ensure(release.database)?;
        lines.push(run_one(release, args)?);
    }
    Ok(sum_up(&lines))
}

fn run_one(release: &'static Release, args: &Args) -> Result<Line> {
    let folder = programs::write(release)?;
    let versions = [php_version(release, &folder)?, server_version(release, &folder)?];
    say_heading(format!("{}: PHP {}, {}", release.name, versions[0], versions[1]));
    let (mut outcome, mut is_good) = (Outcome::default(), true);
    if args.test.is_empty() {
        let mut own = Command::new("php");
        own.arg("php-bridge/tests/run.php");
        is_good &= read_output(&mut inside(release, &folder, &own), &mut outcome)?;
    }
    let tests: Vec<&str> =
        if args.test.is_empty() { TESTS.to_vec() } else { args.test.iter().map(String::as_str).collect() };
    let mut cargo = subprocess::cargo();
    cargo.args(["test", "--workspace", "--all-features", "--no-fail-fast"]);
    for test in &tests {
        cargo.args(["--test", test]);
    }
    cargo.arg("--").args(&args.filter);
    is_good &= read_output(&mut inside(release, &folder, &cargo), &mut outcome)?;
    is_good &= outcome.is_good();
    Ok(Line { name: release.name, versions, outcome, is_good })
}

/// The command with the release's programs first in PATH and the machine's folders in its roots.
fn inside(release: &Release, folder: &Path, command: &Command) -> Command {
    let mut script = Command::new("sh");
    script.args(["-c", &programs::mounting_script(release), "sh"]).arg(command.get_program());
    script.args(command.get_args());
    let mut inside = root::in_namespace(&script);
    let path = std::env::var("PATH").unwrap_or_default();
    inside.env("PATH", format!("{}:{path}", folder.display()));
    inside.env("PHYSIO_TEST_SERVER", release.server.name());
    inside
}

/// Shows what a command prints and counts it; whether the command itself was content.
fn read_output(command: &mut Command, outcome: &mut Outcome) -> Result<bool> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", subprocess::shown(command)))?;
    let stdout = child.stdout.take().context("the command has no output")?;
    for line in BufReader::new(stdout).split(b'\n') {
        let line =
            String::from_utf8_lossy(&line.context("the command's output cannot be read")?).into_owned();
        outcome.read(&line);
        say(line);
    }
    Ok(child.wait().context("the command cannot be waited for")?.success())
}

fn php_version(release: &Release, folder: &Path) -> Result<String> {
    let mut php = Command::new("php");
    php.args(["-r", "echo PHP_VERSION;"]);
    let text = printed(&mut inside(release, folder, &php))?;
    text.split(['-', '+']).next().map(str::to_owned).context("PHP does not say its version")
}

fn server_version(release: &Release, folder: &Path) -> Result<String> {
    let (program, name) =
        if release.server == Server::MySql { ("mysqld", "MySQL") } else { ("mariadbd", "MariaDB") };
    let mut server = Command::new(program);
    server.arg("--version");
    let text = printed(&mut inside(release, folder, &server))?;
    let version = version_in(&text).with_context(|| format!("{program} does not say its version: {text}"))?;
    Ok(format!("{name} {version}"))
}

fn printed(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        bail!(
            "`{}` failed:\n{}",
            command.get_args().last().unwrap_or_default().to_string_lossy(),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// `11.8.3` of `mariadbd  Ver 11.8.3-MariaDB-…`.
fn version_in(text: &str) -> Option<&str> {
    let version = text.split("Ver ").nth(1)?.trim_start();
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    (end > 0).then(|| &version[..end])
}

fn sum_up(lines: &[Line]) -> Verdict {
    say_heading(format!("{:<14}{:<10}{:<18}{:>7}{:>8}", "release", "PHP", "database", "passed", "failed"));
    for line in lines {
        let [php, server] = &line.versions;
        let (style, word) = if line.is_good { (GOOD, "") } else { (BAD, "  not good") };
        let Outcome { n_passed, n_failed, .. } = line.outcome;
        say(paint(style, format!("{:<14}{php:<10}{server:<18}{n_passed:>7}{n_failed:>8}{word}", line.name)));
        line.outcome.failed.iter().for_each(|test| say(format!("    {test}")));
    }
    if lines.iter().all(|line| line.is_good) { Verdict::Good } else { Verdict::Different }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_every_kind_of_server() {
        let printed = [
            ("mysqld  Ver 10.3.39-MariaDB-0ubuntu0.20.04.2 for debian-linux-gnu on x86_64", "10.3.39"),
            ("/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))", "9.7.4"),
            ("mysqld  Ver 5.7.42-0ubuntu0.18.04.1 for Linux on x86_64 ((Ubuntu))", "5.7.42"),
        ];
        for (text, version) in printed {
            assert_eq!(version_in(text), Some(version));
        }
        assert_eq!(version_in("no such thing"), None);
    }

    #[test]
    fn every_test_program_of_the_list_is_there() {
        let root = crate::project::root();
        for test in TESTS {
            let places =
                ["tests/tests", "xtask/tests"].map(|folder| root.join(folder).join(format!("{test}.rs")));
            assert!(places.iter().any(|place| place.is_file()), "{test}");
        }
    }

    #[test]
    fn the_releases_programs_come_first() {
        let release = list::ALL.last().unwrap();
        let command = inside(release, Path::new("/programs"), Command::new("php").arg("-v"));
        let path = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap();
        assert!(path.to_string_lossy().starts_with("/programs:"));
        assert!(subprocess::shown(&command).starts_with("unshare --mount --propagation private -- sh -c "));
    }
}
