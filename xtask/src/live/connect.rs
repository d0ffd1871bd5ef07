//! The URL of a server and the connection to it. The password is never printed.

use anyhow::{Context, Result, anyhow};
use mysql::{Conn, Opts, OptsBuilder, SslOpts};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// `mysql://user:password@host:port/database`, or `@FILE` that holds it in its first line.
///
/// A file keeps the password out of the shell's history and the process list. A socket is named by
/// `?socket=/path`. `?tls=verify` encrypts and checks the server's certificate, `?tls=unverified` encrypts only
/// (many hosts sign their own certificates).
#[derive(Clone)]
pub(crate) struct MySqlUrl(Opts);

impl FromStr for MySqlUrl {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let url = match text.strip_prefix('@') {
            None => text.to_owned(),
            Some(file) => std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {file}, which should hold the server's URL"))?
                .lines()
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned(),
        };
        let (url, tls) = take_tls(&url)?;
        // The parser's own error is left out: it may quote the URL, password included.
        let opts = Opts::from_url(&url)
            .map_err(|_| anyhow!("not a URL of the form mysql://user:password@host:3306/database"))?;
        let opts = Opts::from(OptsBuilder::from_opts(opts).ssl_opts(tls));
        if opts.get_db_name().is_none_or(str::is_empty) {
            return Err(anyhow!("the URL names no database: end it with /database"));
        }
        Ok(Self(opts))
    }
}

/// Takes the parameter `tls`, which is ours, out of the URL.
fn take_tls(url: &str) -> Result<(String, Option<SslOpts>)> {
    let Some((base, query)) = url.split_once('?') else { return Ok((url.to_owned(), None)) };
    let mut tls = None;
    let mut others = Vec::new();
    for parameter in query.split('&') {
        match parameter.strip_prefix("tls=") {
            None => others.push(parameter),
            Some("verify") => tls = Some(SslOpts::default()),
            Some("unverified") => {
                tls = Some(SslOpts::default().with_danger_accept_invalid_certs(true));
            }
            Some(_) => return Err(anyhow!("the URL's `tls` is either `verify` or `unverified`")),
        }
    }
    let url = if others.is_empty() { base.to_owned() } else { format!("{base}?{}", others.join("&")) };
    Ok((url, tls))
}

impl MySqlUrl {
    /// The database that the URL names.
    pub(crate) fn database(&self) -> &str {
        self.0.get_db_name().unwrap_or_default()
    }
}

impl fmt::Display for MySqlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.0.get_socket() {
            Some(socket) => socket.to_owned(),
            None => format!("{}:{}", self.0.get_ip_or_hostname(), self.0.get_tcp_port()),
        };
        write!(f, "{}/{}", place, self.database())
    }
}

impl fmt::Debug for MySqlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Opens a connection in utf8mb4.
///
/// # Errors
///
/// When the server cannot be reached or refuses the login; the message never holds the password.
pub(crate) fn connect(url: &MySqlUrl) -> Result<Conn> {
    let opts = OptsBuilder::from_opts(url.0.clone())
        .tcp_connect_timeout(Some(Duration::from_secs(10)))
        .prefer_socket(false)
        .init(vec!["SET NAMES utf8mb4"]);
    Conn::new(opts).map_err(plain).with_context(|| format!("cannot connect to {url}"))
}

/// The server's own sentence, without the library's brackets around it.
pub(crate) fn plain(error: mysql::Error) -> anyhow::Error {
    match error {
        mysql::Error::MySqlError(error) => anyhow!(error.to_string()),
        other => anyhow!(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_never_shown() {
        let url: MySqlUrl = "mysql://clinic:s3cret@db.example:3307/clinic".parse().expect("a good URL");
        assert_eq!(url.to_string(), "db.example:3307/clinic");
        assert_eq!(format!("{url:?}"), "db.example:3307/clinic");
    }

    #[test]
    fn a_bad_url_is_refused_without_being_quoted() {
        for text in ["mysql://clinic:s3cret@db.example:99999/x", "s3cret", "mysql://clinic:s3cret@db.example"]
        {
            let error = text.parse::<MySqlUrl>().expect_err("a bad URL");
            assert!(!format!("{error:#}").contains("s3cret"), "{error:#}");
        }
    }

    #[test]
    fn tls_is_asked_for_in_the_url() {
        let parse = |query: &str| format!("mysql://a:b@localhost/shop{query}").parse::<MySqlUrl>();
        let certificate = |query: &str| {
            let url = parse(query).expect("a good URL");
            url.0.get_ssl_opts().map(|tls| !tls.accept_invalid_certs())
        };
        assert_eq!(certificate(""), None);
        assert_eq!(certificate("?tls=verify"), Some(true));
        assert_eq!(certificate("?tcp_keepalive_time_ms=1000&tls=unverified"), Some(false));
        assert!(parse("?tls=yes").is_err());
    }

    #[test]
    fn a_file_may_hold_the_url() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), "mysql://a:b@localhost/shop\n").expect("writable");
        let url: MySqlUrl = format!("@{}", file.path().display()).parse().expect("a good URL");
        assert_eq!(url.database(), "shop");
    }
}
