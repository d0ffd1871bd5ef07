//! What a shared host may be: the web server before PHP, the extensions that PHP has, and what PHP may use.

use super::leash::find_program;
use super::{HarnessError, Result};
use std::path::Path;
use std::process::Command;

/// How PHP is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WebServer {
    /// `php -S`.
    #[default]
    BuiltIn,
    /// nginx before php-fpm, with the lines that php-bridge/README.md gives to owners.
    NginxFpm,
    /// Apache that runs php-cgi for each request and reads the bridge's `.htaccess`.
    ApacheCgi,
}

/// Which of the two database extensions PHP has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extensions {
    /// What the machine's PHP has by itself.
    #[default]
    All,
    /// mysqli, and no PDO at all.
    MysqliOnly,
    /// PDO, and no mysqli.
    PdoOnly,
}

/// A host as one finds it.
///
/// ```
/// use physio_tests::harness::{Extensions, Host, WebServer};
/// let host = Host { server: WebServer::NginxFpm, extensions: Extensions::PdoOnly, ..Host::SMALL };
/// assert_eq!((host.memory_limit, host.max_execution_s), (Some("64M"), Some(5)));
/// assert_eq!(Host::default().memory_limit, None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Host {
    /// How PHP is reached.
    pub server: WebServer,
    /// Which database extensions it has.
    pub extensions: Extensions,
    /// `memory_limit`; `None`: PHP's own.
    pub memory_limit: Option<&'static str>,
    /// `max_execution_time` in seconds; `None`: PHP's own.
    pub max_execution_s: Option<u32>,
}

impl Host {
    /// The least that hosts give: 64 MB and 5 seconds.
    pub const SMALL: Self = Self {
        server: WebServer::BuiltIn,
        extensions: Extensions::All,
        memory_limit: Some("64M"),
        max_execution_s: Some(5),
    };

    /// The `name=value` lines of php.ini: every notice is logged, and none is printed into an answer.
    pub(super) fn settings(&self, error_log: &Path) -> Vec<String> {
        let mut settings: Vec<String> = [
            "error_reporting=-1",
            "display_errors=0",
            "display_startup_errors=0",
            "log_errors=1",
            // A bridge that a test uploads is served at once, not two seconds later.
            "opcache.revalidate_freq=0",
        ]
        .map(str::to_owned)
        .into();
        settings.push(format!("error_log={}", error_log.display()));
        settings.extend(self.memory_limit.map(|limit| format!("memory_limit={limit}")));
        settings.extend(self.max_execution_s.map(|seconds| format!("max_execution_time={seconds}")));
        settings
    }

    /// Writes the folder that PHP is to look for further settings in; `None` where PHP's own will do.
    pub(super) fn write_extensions(&self, php: &str, folder: &Path) -> Result<Option<String>> {
        let wanted: &[&str] = match self.extensions {
            Extensions::All => return Ok(None),
            Extensions::MysqliOnly => &["mysqlnd", "mysqli"],
            Extensions::PdoOnly => &["mysqlnd", "PDO", "pdo_mysql"],
        };
        let built_in = modules(php, &["-n"])?;
        let unwanted = if self.extensions == Extensions::PdoOnly { "mysqli" } else { "pdo_mysql" };
        if built_in.iter().any(|module| module == unwanted) {
            return Err(HarnessError::new(format!("this PHP cannot do without {unwanted}: it is built in")));
        }
        let scanned = folder.join("conf.d");
        std::fs::create_dir_all(&scanned)?;
        let missing = wanted.iter().filter(|name| !built_in.contains(&name.to_lowercase()));
        let lines: Vec<String> = missing.map(|name| format!("extension={}\n", name.to_lowercase())).collect();
        std::fs::write(scanned.join("extensions.ini"), lines.concat())?;
        Ok(Some(scanned.display().to_string()))
    }
}

/// Names of PHP's modules in lower case.
fn modules(php: &str, arguments: &[&str]) -> Result<Vec<String>> {
    let output = Command::new(php)
        .args(arguments)
        .arg("-m")
        .output()
        .map_err(|error| HarnessError::start("php", &error))?;
    let text = String::from_utf8_lossy(&output.stdout).to_lowercase();
    Ok(text.lines().map(|line| line.trim().to_owned()).collect())
}

/// The `php` of the command line, with mysqli.
pub(super) fn find_php() -> Result<String> {
    let php = find_program("php")?;
    if modules(&php, &[])?.iter().any(|module| module == "mysqli") {
        Ok(php)
    } else {
        Err(HarnessError::missing("PHP's mysqli extension"))
    }
}

/// `php-fpm` under whatever name the distribution gives it (`php-fpm8.2`).
pub(super) fn find_fpm() -> Result<String> {
    find_program("php-fpm").or_else(|missing| {
        let mut found: Vec<_> = std::fs::read_dir("/usr/sbin")?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("php-fpm")))
            .collect();
        found.sort();
        found.pop().map(|path| path.display().to_string()).ok_or(missing)
    })
}
