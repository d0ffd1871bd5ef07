//! nginx before php-fpm.

use super::super::app::repository;
use super::super::host::find_fpm;
use super::super::leash::{Leash, find_program};
use super::super::{HarnessError, Result};
use super::{Setup, nobody};
use std::time::Duration;

const PARAMETERS: &str = "\
fastcgi_param QUERY_STRING $query_string;
fastcgi_param REQUEST_METHOD $request_method;
fastcgi_param CONTENT_TYPE $content_type;
fastcgi_param CONTENT_LENGTH $content_length;
fastcgi_param SCRIPT_NAME $fastcgi_script_name;
fastcgi_param REQUEST_URI $request_uri;
fastcgi_param DOCUMENT_ROOT $document_root;
fastcgi_param SERVER_PROTOCOL $server_protocol;
fastcgi_param HTTPS $https if_not_empty;
fastcgi_param GATEWAY_INTERFACE CGI/1.1;
fastcgi_param REMOTE_ADDR $remote_addr;
fastcgi_param SERVER_ADDR $server_addr;
fastcgi_param SERVER_PORT $server_port;
fastcgi_param SERVER_NAME $server_name;
fastcgi_param REDIRECT_STATUS 200;
";

/// Where the README has php-fpm's socket.
const README_SOCKET: &str = "unix:/run/php/php-fpm.sock";

impl Setup<'_> {
    /// Both, in the order in which they must end: nginx first.
    pub(super) fn start_nginx_and_fpm(&self) -> Result<Vec<Leash>> {
        let nginx = find_program("nginx")?;
        let fpm = self.start_fpm()?;
        let run = self.run.display();
        let user = nobody().map(|(user, group)| format!("user {user} {group};\n")).unwrap_or_default();
        self.write("fastcgi_params", PARAMETERS)?;
        let bridge = readme_block()?.replace(README_SOCKET, &format!("unix:{run}/fpm.sock"));
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("  {kind}_temp_path {run}/nginx-{kind};\n"))
            .concat();
        let config = format!(
            "{user}worker_processes 2;\nerror_log stderr notice;\npid {run}/nginx.pid;\n\
             events {{ worker_connections 128; }}\n\
             http {{\n  access_log off;\n{temporary}  server {{\n    listen 127.0.0.1:{port};\n    \
             root {run}/public_html;\n    autoindex on;\n{bridge}\n  }}\n}}\n",
            port = self.port
        );
        let file = self.write("nginx.conf", &config)?.display().to_string();
        let arguments = ["-e", "stderr", "-c", &file, "-g", "daemon off;"].map(str::to_owned);
        let nginx = Leash::start(&nginx, &arguments, &[], Some(self.run))?;
        nginx.wait_for(&["start worker process "], Duration::from_secs(20))?;
        Ok(vec![nginx, fpm])
    }

    fn start_fpm(&self) -> Result<Leash> {
        let fpm = find_fpm()?;
        let run = self.run.display();
        let user =
            nobody().map(|(user, group)| format!("user = {user}\ngroup = {group}\n")).unwrap_or_default();
        let config = format!(
            "[global]\nerror_log = /dev/stderr\nlog_level = notice\ndaemonize = no\n\
             [www]\n{user}listen = {run}/fpm.sock\nlisten.mode = 0666\npm = static\npm.max_children = 4\n"
        );
        let file = self.write("fpm.conf", &config)?.display().to_string();
        let ini = self.write_ini()?.display().to_string();
        let arguments = ["-F", "-y", &file, "-c", &ini].map(str::to_owned);
        let fpm = Leash::start(&fpm, &arguments, &self.environment, None)?;
        fpm.wait_for(&["ready to handle connections"], Duration::from_secs(20))?;
        Ok(fpm)
    }
}

/// The lines that an owner copies from the bridge's README: what is tested is what is recommended.
fn readme_block() -> Result<String> {
    let readme = std::fs::read_to_string(repository().join("php-bridge/README.md"))?;
    let block = readme.split("```nginx\n").nth(1).and_then(|rest| rest.split("```").next());
    match block {
        Some(block) if block.contains(README_SOCKET) => Ok(block.to_owned()),
        _ => Err(HarnessError::new("php-bridge/README.md has no nginx lines any more")),
    }
}
