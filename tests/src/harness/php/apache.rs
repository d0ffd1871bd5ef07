//! Apache that runs php-cgi, as hosts of old do, with everything left to the bridge's `.htaccess`.

use super::super::Result;
use super::super::leash::{Leash, find_program};
use super::{Setup, missing_module, nobody};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

const MODULES_FOLDER: &str = "/usr/lib/apache2/modules";

/// What a host has: the modules that `.htaccess` speaks to, those that would list a folder, CGI.
const MODULES: [&str; 12] = [
    "mpm_prefork",
    "authz_core",
    "authz_host",
    "access_compat",
    "mime",
    "dir",
    "alias",
    "actions",
    "autoindex",
    "rewrite",
    "setenvif",
    "cgi",
];

impl Setup<'_> {
    pub(super) fn start_apache(&self) -> Result<Leash> {
        let apache = find_program("apache2")?;
        let run = self.run.display();
        self.write_cgi()?;
        let mut config = format!(
            "ServerRoot \"{run}\"\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {run}/apache.pid\n\
             DefaultRuntimeDir {run}\nErrorLog /dev/stderr\nLogLevel notice\nStartServers 2\nMinSpareServers 1\n\
             MaxRequestWorkers 8\nTypesConfig /dev/null\n",
            port = self.port
        );
        for module in MODULES {
            let file = Path::new(MODULES_FOLDER).join(format!("mod_{module}.so"));
            if !file.is_file() {
                return Err(missing_module(module));
            }
            config.push_str(&format!("LoadModule {module}_module {}\n", file.display()));
        }
        if let Some((user, group)) = nobody() {
            config.push_str(&format!("User {user}\nGroup {group}\n"));
        }
        config.push_str(&format!(
            "DocumentRoot {run}/public_html\nDirectoryIndex index.php index.html\n\
             <Directory />\n  AllowOverride None\n  Require all denied\n</Directory>\n\
             <Directory {run}/public_html>\n  Options Indexes FollowSymLinks\n  AllowOverride All\n  \
             Require all granted\n</Directory>\n\
             ScriptAlias /cgi-bin/ {run}/cgi-bin/\n\
             <Directory {run}/cgi-bin>\n  Require all granted\n</Directory>\n\
             AddHandler application/x-httpd-php .php\nAction application/x-httpd-php /cgi-bin/php\n"
        ));
        let file = self.write("apache.conf", &config)?.display().to_string();
        let arguments = ["-f", &file, "-D", "FOREGROUND"].map(str::to_owned);
        let apache = Leash::start(&apache, &arguments, &[], Some(self.run))?;
        apache.wait_for(&["resuming normal operations"], Duration::from_secs(20))?;
        Ok(apache)
    }

    /// The program that Apache runs for each request: php-cgi with our settings.
    fn write_cgi(&self) -> Result<()> {
        let ini = self.write_ini()?;
        std::fs::create_dir(self.run.join("cgi-bin"))?;
        let variables: String =
            self.environment.iter().map(|(name, value)| format!("export {name}='{value}'\n")).collect();
        let php = find_program("php-cgi")?;
        let script = format!("#!/bin/sh\n{variables}exec {php} -c {}\n", ini.display());
        let file = self.write("cgi-bin/php", &script)?;
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755))?;
        Ok(())
    }
}
