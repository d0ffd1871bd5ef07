//! What the tests need on the machine, and where Debian has it.

use crate::subprocess::{self, find_program};
use crate::terminal::{say, say_heading};
use anyhow::{Result, bail};
use std::process::{Command, Stdio};

/// A program, how to see that it serves, and the package that brings it.
struct Tool {
    program: &'static str,
    /// Run to see that the program can do what is asked of it; empty when being there is enough.
    probe: &'static [&'static str],
    package: &'static str,
}

/// The `-core` packages bring the programs without a system service that would start by itself.
const TOOLS: &[Tool] = &[
    Tool { program: "mariadbd", probe: &[], package: "mariadb-server-core" },
    Tool { program: "mariadb-install-db", probe: &[], package: "mariadb-server-core" },
    Tool { program: "mariadb", probe: &[], package: "mariadb-client-core" },
    Tool { program: "php", probe: &[], package: "php-cli" },
    Tool {
        program: "php",
        probe: &["-r", "exit(extension_loaded('mysqli') && extension_loaded('pdo_mysql') ? 0 : 1);"],
        package: "php-mysql",
    },
    Tool { program: "php-cgi", probe: &[], package: "php-cgi" },
    // php-fpm bears its version in its name.
    Tool { program: "sh", probe: &["-c", "ls /usr/sbin/php-fpm*"], package: "php-fpm" },
    Tool { program: "nginx", probe: &[], package: "nginx" },
    Tool { program: "apache2", probe: &[], package: "apache2-bin" },
    Tool { program: "node", probe: &[], package: "nodejs" },
    Tool { program: "npm", probe: &[], package: "npm" },
    Tool { program: "sqlite3", probe: &[], package: "sqlite3" },
    // libFuzzer is written in it.
    Tool { program: "g++", probe: &[], package: "g++" },
    // SQLCipher is compiled with it.
    Tool {
        program: "g++",
        probe: &["-E", "-include", "openssl/evp.h", "-x", "c", "/dev/null"],
        package: "libssl-dev",
    },
    // A real keychain, in a session of its own.
    Tool { program: "dbus-run-session", probe: &[], package: "dbus-daemon" },
    Tool { program: "gnome-keyring-daemon", probe: &[], package: "gnome-keyring" },
];

/// Makes sure that everything is there: cargo's components, and the packages when `packages` says so.
///
/// # Errors
///
/// When something is missing and may not be installed; the message is the line to run.
pub(super) fn ensure(packages: bool, may_install: bool) -> Result<()> {
    ensure_components(may_install)?;
    if packages { ensure_packages(may_install) } else { Ok(()) }
}

fn ensure_components(may_install: bool) -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let mut probe = subprocess::cargo();
        probe.args([subcommand, "--version"]);
        if succeeds(&mut probe) {
            continue;
        }
        let mut add = subprocess::program("rustup");
        add.args(["component", "add", component]);
        if !may_install || find_program("rustup").is_none() || !subprocess::run_to_end(&mut add)? {
            bail!("`cargo {subcommand}` is missing. Run:\n  rustup component add {component}");
        }
    }
    Ok(())
}

fn ensure_packages(may_install: bool) -> Result<()> {
    let missing = missing_packages();
    if missing.is_empty() {
        return Ok(());
    }
    let line = format!("apt-get install -y --no-install-recommends {}", missing.join(" "));
    let Some(mut prefix) = privileged().filter(|_| may_install && find_program("apt-get").is_some()) else {
        bail!(
            "the tests need programs that are not installed ({}). On Debian or Ubuntu run:\n  sudo {line}",
            missing.join(", ")
        );
    };
    say_heading("Installing what the tests need");
    say(&line);
    prefix.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    // The lists of a fresh machine are empty; failing to refresh them matters only if the install fails.
    subprocess::run_to_end(&mut command(&prefix, &["update", "-qq"]))?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(&missing);
    if !subprocess::run_to_end(&mut command(&prefix, &arguments))? {
        bail!("the packages could not be installed. Run this and see why:\n  sudo {line}");
    }
    let still = missing_packages();
    if !still.is_empty() {
        bail!("{} was installed, but the programs are still not on the path", still.join(", "));
    }
    Ok(())
}

/// Package names, each once, in the order of the list.
fn missing_packages() -> Vec<&'static str> {
    let mut packages = Vec::new();
    for tool in TOOLS {
        if !is_there(tool) && !packages.contains(&tool.package) {
            packages.push(tool.package);
        }
    }
    packages
}

fn is_there(tool: &Tool) -> bool {
    find_program(tool.program)
        .is_some_and(|path| tool.probe.is_empty() || succeeds(Command::new(path).args(tool.probe)))
}

/// What to put before a command that needs root, if this user may have it without being asked.
fn privileged() -> Option<Vec<&'static str>> {
    let user = Command::new("id").arg("-u").output().ok()?;
    if user.stdout.trim_ascii() == b"0" {
        return Some(Vec::new());
    }
    succeeds(Command::new("sudo").args(["-n", "true"])).then(|| vec!["sudo", "-n"])
}

fn command(prefix: &[&str], arguments: &[&str]) -> Command {
    let (program, first) = prefix.split_first().expect("the prefix ends with apt-get");
    let mut command = subprocess::program(program);
    command.args(first).args(arguments);
    command
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_decides_and_not_the_file_alone() {
        let yes = Tool { program: "sh", probe: &["-c", "exit 0"], package: "x" };
        let no = Tool { program: "sh", probe: &["-c", "exit 1"], package: "x" };
        assert!(is_there(&yes));
        assert!(!is_there(&no));
    }

    #[test]
    fn the_install_line_is_built_from_the_prefix() {
        let built = command(&["sudo", "-n", "env", "A=b", "apt-get"], &["install", "php-cli"]);
        assert_eq!(subprocess::shown(&built), "sudo -n env A=b apt-get install php-cli");
    }
}
