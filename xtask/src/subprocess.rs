//! Programs started from here: found, run in the project's root, their output streamed.

use crate::{Verdict, project};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The cargo that runs this very command, or the one on the path.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(project::root());
    command
}

/// A program in the project's root.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(project::root());
    command
}

/// Runs to the end with the terminal's own input and output; whether it succeeded.
///
/// # Errors
///
/// When the program cannot be started.
pub(crate) fn run_to_end(command: &mut Command) -> Result<bool> {
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(command)))?;
    Ok(status.success())
}

/// Runs one of the workspace's own programs, which end as this one does: 0 good, 1 different.
///
/// # Errors
///
/// When it cannot be started or built, or could not do its work; it has said why.
pub(crate) fn run_for_verdict(command: &mut Command) -> Result<Verdict> {
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(command)))?;
    match status.code() {
        Some(0) => Ok(Verdict::Good),
        Some(1) => Ok(Verdict::Different),
        Some(_) | None => bail!("`{}` could not do its work ({status}); see above", shown(command)),
    }
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program()).to_string_lossy();
    let mut words = vec![name.into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}

/// Where a program lies, looked up on the path and where Debian keeps server programs.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_without_its_folder() {
        let mut command = Command::new("/usr/bin/apt-get");
        command.args(["install", "php-cli"]);
        assert_eq!(shown(&command), "apt-get install php-cli");
    }

    #[test]
    fn a_program_that_could_not_work_is_an_error_and_no_difference() {
        let ended = |code: &str| run_for_verdict(Command::new("sh").args(["-c", code]));
        assert!(matches!(ended("exit 0"), Ok(Verdict::Good)));
        assert!(matches!(ended("exit 1"), Ok(Verdict::Different)));
        assert!(ended("exit 2").is_err());
    }

    #[test]
    fn a_program_that_does_not_exist_is_not_found() {
        assert_eq!(find_program("no-such-program-anywhere"), None);
        assert!(find_program("sh").is_some());
    }
}
