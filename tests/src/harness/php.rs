//! PHP's own web server over a copy of `php-bridge/`.

use super::leash::{Leash, find_program, free_port};
use super::{HarnessError, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A running `php -S`; it ends with the process that started it.
#[derive(Debug)]
pub struct PhpServer {
    port: u16,
    error_log: PathBuf,
    leash: Leash,
}

impl PhpServer {
    /// Serves `folder`; `environment` is what `config.php` reads.
    ///
    /// # Errors
    ///
    /// When PHP or its MySQL extension is not installed, or the server does not get ready.
    pub fn start(folder: &Path, environment: &[(String, String)]) -> Result<Self> {
        let php = find_program("php")?;
        check_extension(&php)?;
        let error_log = folder.join("php-errors.log");
        let port = free_port()?;
        let mut arguments: Vec<String> = vec!["-S".into(), format!("127.0.0.1:{port}"), "-t".into()];
        arguments.push(folder.display().to_string());
        // Every notice is logged, and none is printed into an answer.
        let settings = [
            "error_reporting=-1",
            "display_errors=0",
            "display_startup_errors=0",
            "log_errors=1",
            // A bridge that a test uploads is served at once, not two seconds later.
            "opcache.revalidate_freq=0",
        ];
        for setting in
            settings.map(str::to_owned).into_iter().chain([format!("error_log={}", error_log.display())])
        {
            arguments.extend(["-d".into(), setting]);
        }
        let mut environment = environment.to_vec();
        environment.push(("PHP_CLI_SERVER_WORKERS".into(), "4".into()));
        let leash = Leash::start(&php, &arguments, &environment, None)?;
        leash.wait_for(&["Development Server"], Duration::from_secs(20))?;
        Ok(Self { port, error_log, leash })
    }

    /// The loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:PORT/`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// What PHP complained about so far.
    pub fn complaints(&self) -> Vec<String> {
        let logged = std::fs::read_to_string(&self.error_log).unwrap_or_default();
        let printed = self.leash.log().into_iter().filter(|line| {
            ["PHP ", "Warning:", "Notice:", "Fatal error:", "Deprecated:"]
                .iter()
                .any(|mark| line.contains(mark))
                && !line.contains("Development Server")
        });
        logged.lines().map(str::to_owned).chain(printed).collect()
    }

    /// # Panics
    ///
    /// When PHP logged a warning or an error.
    pub fn assert_clean(&self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "PHP complained:\n{}", complaints.join("\n"));
    }
}

fn check_extension(php: &str) -> Result<()> {
    let output = Command::new(php).arg("-m").output().map_err(|error| HarnessError::start("php", &error))?;
    let modules = String::from_utf8_lossy(&output.stdout).to_lowercase();
    if modules.lines().any(|module| module.trim() == "mysqli") {
        Ok(())
    } else {
        Err(HarnessError::missing("PHP's mysqli extension"))
    }
}
