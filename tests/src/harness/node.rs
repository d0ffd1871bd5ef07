//! Node programs of `tests/` with their packages, installed below the build folder.

use super::app::repository;
use super::{HarnessError, Result};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Copies `tests/NAME` into the build folder and installs what its lock file names, once for each lock file.
///
/// # Errors
///
/// When npm is missing or fails.
pub fn install_node_program(name: &str) -> Result<PathBuf> {
    // Two tests of one process must not install into the same folder.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    // target/debug/deps/some_test lies below the build folder.
    let program = std::env::current_exe()?;
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let target = target.ok_or_else(|| HarnessError::new("the program lies in no build folder of cargo"))?;
    let (source, folder) = (repository().join("tests").join(name), target.join(name));
    std::fs::create_dir_all(&folder)?;
    for entry in std::fs::read_dir(&source)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    let lock = std::fs::read(source.join("package-lock.json"))?;
    // Holds the lock file of the last installation that was whole.
    let mark = folder.join("installed");
    if std::fs::read(&mark).unwrap_or_default() != lock {
        let output = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| {
                HarnessError::new(format!(
                    "cannot start npm: {error}; on Debian: apt-get install -y nodejs npm"
                ))
            })?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(HarnessError::new(format!("npm ci failed in {}:\n{text}", folder.display())));
        }
        std::fs::write(mark, lock)?;
    }
    Ok(folder)
}
