//! The address of a bridge: a folder, over HTTPS unless it is on this machine.

use crate::error::{Error, ErrorKind, Result};
use reqwest::Url;

/// The base URL, its path ending in `/`.
pub(super) fn parse_base(text: &str) -> Result<Url> {
    let refuse = |reason: &str| Err(Error::new(ErrorKind::Usage, format!("the bridge URL {reason}")));
    let Ok(mut url) = Url::parse(text) else {
        return refuse("is not a URL such as https://example.org/bridge/");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("must not carry a user name or password; the token is given separately");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("must end with the folder of the PHP files, without ? and #");
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return refuse("must begin with https:// (plain http is taken on this machine only)"),
        _ => return refuse("must begin with https://"),
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => bare == "localhost",
    }
}

#[cfg(test)]
mod tests {
    use super::parse_base;

    #[test]
    fn plain_http_is_taken_on_loopback_only() {
        for good in
            ["http://127.0.0.1:80/b", "http://localhost:1/", "http://[::1]:1/b/", "https://example.org/b"]
        {
            let url = parse_base(good).expect(good);
            assert!(url.path().ends_with('/'), "{url}");
        }
        for bad in [
            "http://example.org/b/",
            "http://localhost.example.org/",
            "http://127.0.0.1.example.org/",
            "http://10.0.0.1/",
            "ftp://example.org/",
            "https://user:pass@example.org/",
            "https://example.org/?token=x",
            "example.org",
        ] {
            assert!(parse_base(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_error_does_not_repeat_the_address() {
        let error = parse_base("https://user:secret@example.org/").expect_err("refused");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
