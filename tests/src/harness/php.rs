//! PHP behind a web server, over a copy of `php-bridge/`.

mod apache;
mod nginx;

use super::host::{Host, WebServer, find_php};
use super::leash::{Leash, free_port};
use super::{HarnessError, Result};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A running web server with PHP; it ends with the process that started it.
#[derive(Debug)]
pub struct PhpServer {
    port: u16,
    /// What comes between the port and the folder's files.
    path: &'static str,
    error_log: PathBuf,
    leashes: Vec<Leash>,
}

/// What each web server is set up from.
struct Setup<'s> {
    /// The command line's PHP.
    php: String,
    port: u16,
    /// For configuration, sockets and what is served.
    run: &'s Path,
    /// Lines of php.ini.
    settings: Vec<String>,
    /// Environment of PHP.
    environment: Vec<(String, String)>,
}

impl PhpServer {
    /// Serves `folder` by PHP's own web server; `environment` is what `config.php` reads.
    ///
    /// # Errors
    ///
    /// When PHP or its MySQL extension is not installed, or the server does not get ready.
    pub fn start(folder: &Path, environment: &[(String, String)]) -> Result<Self> {
        Self::start_on(&Host::default(), folder, environment)
    }

    /// Serves `folder` as the host does. Web servers that pass no environment on get it as `physio-config.php`.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), also when the web server is not installed.
    pub fn start_on(host: &Host, folder: &Path, environment: &[(String, String)]) -> Result<Self> {
        // Removed by itself when the start fails; from then on by the server's keeper.
        let run = tempfile::Builder::new().prefix("physio-host-").tempdir()?;
        let error_log = folder.join("php-errors.log");
        let php = find_php()?;
        let mut environment = environment.to_vec();
        if host.server != WebServer::BuiltIn {
            // Web servers that root starts run PHP as somebody else.
            for open in [run.path(), folder] {
                std::fs::set_permissions(open, std::fs::Permissions::from_mode(0o755))?;
            }
            std::fs::OpenOptions::new().append(true).create(true).open(&error_log)?;
            std::fs::set_permissions(&error_log, std::fs::Permissions::from_mode(0o666))?;
            write_config(folder, &environment)?;
            environment.clear();
            let public = run.path().join("public_html");
            std::fs::create_dir(&public)?;
            std::os::unix::fs::symlink(folder, public.join("physio"))?;
        }
        let scanned = host.write_extensions(&php, run.path())?;
        environment.extend(scanned.map(|folder| ("PHP_INI_SCAN_DIR".to_owned(), folder)));
        let setup = Setup {
            php,
            port: free_port()?,
            run: run.path(),
            settings: host.settings(&error_log),
            environment,
        };
        let leashes = match host.server {
            WebServer::BuiltIn => vec![setup.start_built_in(folder)?],
            WebServer::NginxFpm => setup.start_nginx_and_fpm()?,
            WebServer::ApacheCgi => vec![setup.start_apache()?],
        };
        let port = setup.port;
        let path = if host.server == WebServer::BuiltIn { "" } else { "physio/" };
        drop(run.keep());
        Ok(Self { port, path, error_log, leashes })
    }

    /// The loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:PORT/`, or the folder below it that the bridge is in.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/{}", self.port, self.path)
    }

    /// What PHP complained about so far.
    pub fn complaints(&self) -> Vec<String> {
        let logged = std::fs::read_to_string(&self.error_log).unwrap_or_default();
        let printed = self.leashes.iter().flat_map(Leash::log).filter(|line| {
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

impl Setup<'_> {
    fn start_built_in(&self, folder: &Path) -> Result<Leash> {
        let mut arguments: Vec<String> = vec!["-S".into(), format!("127.0.0.1:{}", self.port), "-t".into()];
        arguments.push(folder.display().to_string());
        for setting in &self.settings {
            arguments.extend(["-d".into(), setting.clone()]);
        }
        let mut environment = self.environment.clone();
        environment.push(("PHP_CLI_SERVER_WORKERS".into(), "4".into()));
        let leash = Leash::start(&self.php, &arguments, &environment, Some(self.run))?;
        leash.wait_for(&["Development Server"], Duration::from_secs(20))?;
        Ok(leash)
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let file = self.run.join(name);
        std::fs::write(&file, text)?;
        Ok(file)
    }

    /// php.ini for the SAPIs that take a file.
    fn write_ini(&self) -> Result<PathBuf> {
        self.write("php.ini", &format!("{}\n", self.settings.join("\n")))
    }
}

/// `PHYSIO_DB_NAME=x` as `'db_name' => 'x'`, beside the bridge's files: where an owner puts it who has no other place.
fn write_config(folder: &Path, environment: &[(String, String)]) -> Result<()> {
    let setting = |(name, value): &(String, String)| {
        let name = name.trim_start_matches("PHYSIO_").to_lowercase();
        format!("    '{name}' => '{}',\n", value.replace('\\', "\\\\").replace('\'', "\\'"))
    };
    let settings: String = environment.iter().map(setting).collect();
    std::fs::write(folder.join("physio-config.php"), format!("<?php\nreturn [\n{settings}];\n"))?;
    Ok(())
}

/// Root's web servers give their rights away: to this user and group.
fn nobody() -> Option<(&'static str, &'static str)> {
    super::mariadb::is_root().then_some(("nobody", "nogroup"))
}

fn missing_module(module: &str) -> HarnessError {
    HarnessError::missing(&format!("Apache's module {module}"))
}
