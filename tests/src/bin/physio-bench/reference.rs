//! The design that Physio replaces, in Node, on the same MariaDB: see tests/bench-reference/.

use crate::Result;
use physio_tests::harness::app::repository;
use physio_tests::harness::{PhpServer, Stack};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Node's packages, installed, and PHP's web server over the reference's own `read.php`.
#[derive(Debug)]
pub(crate) struct Reference {
    folder: PathBuf,
    php: PhpServer,
}

impl Reference {
    /// Installs the packages into the build folder (once; better-sqlite3 may have to be compiled) and starts
    /// PHP before the stack's database.
    ///
    /// # Errors
    ///
    /// When Node, npm or PHP is missing, or npm fails.
    pub(crate) fn start(stack: &Stack) -> Result<Self> {
        let folder = install()?;
        let environment = [
            ("PHYSIO_DB_SOCKET", stack.maria().socket().display().to_string()),
            ("PHYSIO_DB_NAME", stack.database.clone()),
            ("PHYSIO_DB_USER", stack.database.clone()),
            ("PHYSIO_DB_PASSWORD", stack.database.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let php = PhpServer::start(&folder, &environment)?;
        Ok(Self { folder, php })
    }

    /// Pulls the tables (name and key column) into a new file; rows and the time that Node measured, its own
    /// start not included.
    ///
    /// # Errors
    ///
    /// When the script fails or prints something else than its one line.
    pub(crate) fn pull(&self, file: &Path, tables: &[(&str, &str)]) -> Result<(u64, Duration)> {
        let mut node = Command::new("node");
        node.current_dir(&self.folder).arg("pull.mjs").arg(format!("{}read.php", self.php.url())).arg(file);
        node.args(tables.iter().flat_map(|(table, key)| [table, key]));
        let output = node.output().map_err(|error| format!("cannot start node: {error}"))?;
        if !output.status.success() {
            return Err(format!("the reference failed:\n{}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let line: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        match (line["rows"].as_u64(), line["seconds"].as_f64()) {
            (Some(n_rows), Some(seconds)) => Ok((n_rows, Duration::from_secs_f64(seconds))),
            _ => Err("the reference printed neither rows nor seconds".into()),
        }
    }
}

fn install() -> Result<PathBuf> {
    // target/release/physio-bench lies two folders below the build folder.
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(2).ok_or("the program lies in no build folder")?;
    let folder = target.join("bench-reference");
    std::fs::create_dir_all(&folder)?;
    let source = repository().join("tests/bench-reference");
    let lock = std::fs::read(source.join("package-lock.json"))?;
    for file in ["package.json", "package-lock.json", "pull.mjs", "read.php"] {
        std::fs::copy(source.join(file), folder.join(file))?;
    }
    // Holds the lock file of the last installation that was whole.
    let mark = folder.join("installed");
    if std::fs::read(&mark).unwrap_or_default() != lock {
        anstream::eprintln!("installing the reference's packages into {}", folder.display());
        let status = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(&folder)
            .status()
            .map_err(|error| {
                format!("cannot start npm: {error}; on Debian: apt-get install -y nodejs npm")
            })?;
        if !status.success() {
            return Err("npm ci failed; its output is above".into());
        }
        std::fs::write(mark, lock)?;
    }
    Ok(folder)
}
