//! Who may come in: the right host, an allowed origin, and the token.

use axum::http::header::{AUTHORIZATION, HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use axum::http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};
use std::net::SocketAddr;

/// Origins of a Tauri window, on the systems it runs on.
const TAURI_ORIGINS: [&str; 3] = ["tauri://localhost", "http://tauri.localhost", "https://tauri.localhost"];

/// Prefix of the subprotocol that carries the token of a browser's WebSocket.
const TOKEN_PROTOCOL: &str = "physio.token.";

/// What is checked before a request is looked at.
pub(super) struct Guard {
    hosts: Vec<String>,
    /// The digest: comparing digests tells nothing about the token by the time it takes.
    token: [u8; 32],
    allowed_origins: Vec<String>,
}

/// Why a request stays outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    /// It was sent to another name that leads here: DNS rebinding.
    Host,
    /// It comes from a web page that is not allowed.
    Origin,
    /// The token is missing or wrong.
    Token,
}

impl Guard {
    pub(super) fn new(address: SocketAddr, token: &str, allowed_origins: Vec<String>) -> Self {
        let port = address.port();
        let hosts = vec![address.to_string(), format!("localhost:{port}"), format!("127.0.0.1:{port}")];
        Self { hosts, token: digest(token), allowed_origins }
    }

    /// Host and origin; the allowed origin, if the request names one. Enough for a CORS preflight.
    pub(super) fn check_place<'h>(&self, headers: &'h HeaderMap) -> Result<Option<&'h HeaderValue>, Denied> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).ok_or(Denied::Host)?;
        if !self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)) {
            return Err(Denied::Host);
        }
        match headers.get(ORIGIN) {
            None => Ok(None),
            Some(origin) if origin.to_str().is_ok_and(|text| self.is_allowed(text)) => Ok(Some(origin)),
            Some(_) => Err(Denied::Origin),
        }
    }

    /// The token, from `Authorization` or a WebSocket's subprotocols.
    pub(super) fn check_token(&self, headers: &HeaderMap) -> Result<(), Denied> {
        let bearer = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        let offered = headers
            .get_all(SEC_WEBSOCKET_PROTOCOL)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .find_map(|protocol| protocol.trim().strip_prefix(TOKEN_PROTOCOL));
        match bearer.or(offered) {
            Some(token) if digest(token) == self.token => Ok(()),
            Some(_) | None => Err(Denied::Token),
        }
    }

    fn is_allowed(&self, origin: &str) -> bool {
        TAURI_ORIGINS.contains(&origin)
            || self.allowed_origins.iter().any(|allowed| allowed == origin)
            || origin == "http://localhost"
            || origin
                .strip_prefix("http://localhost:")
                .is_some_and(|port| port.len() <= 5 && port.parse::<u16>().is_ok())
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::{Denied, Guard};
    use axum::http::HeaderMap;

    fn guard() -> Guard {
        let address = "127.0.0.1:4711".parse().expect("an address");
        Guard::new(address, "right", vec!["https://app.example".into()])
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect()
    }

    #[test]
    fn another_host_name_is_refused() {
        for host in ["127.0.0.1:4711", "localhost:4711", "LOCALHOST:4711"] {
            assert_eq!(guard().check_place(&headers(&[("host", host)])), Ok(None), "{host}");
        }
        for host in ["evil.example:4711", "127.0.0.1", "127.0.0.1:80", "localhost.evil.example:4711"] {
            assert_eq!(guard().check_place(&headers(&[("host", host)])), Err(Denied::Host), "{host}");
        }
        assert_eq!(guard().check_place(&HeaderMap::new()), Err(Denied::Host));
    }

    #[test]
    fn only_listed_origins_come_in() {
        let check = |origin: &str| {
            let headers = headers(&[("host", "localhost:4711"), ("origin", origin)]);
            guard().check_place(&headers).map(|_| ())
        };
        for origin in [
            "tauri://localhost",
            "http://tauri.localhost",
            "http://localhost:5173",
            "http://localhost",
            "https://app.example",
        ] {
            assert_eq!(check(origin), Ok(()), "{origin}");
        }
        for origin in [
            "null",
            "https://evil.example",
            "http://localhost.evil.example",
            "http://localhost:5173.evil.example",
            "http://localhost:5173@evil.example",
            "https://app.example.evil.example",
            "file://",
        ] {
            assert_eq!(check(origin), Err(Denied::Origin), "{origin}");
        }
    }

    #[test]
    fn the_token_comes_as_bearer_or_as_subprotocol() {
        let check = |name: &'static str, value: &str| guard().check_token(&headers(&[(name, value)]));
        assert_eq!(check("authorization", "Bearer right"), Ok(()));
        assert_eq!(check("authorization", "bearer right"), Ok(()));
        assert_eq!(check("sec-websocket-protocol", "physio.v1, physio.token.right"), Ok(()));
        for (name, value) in [
            ("authorization", "Bearer wrong"),
            ("authorization", "Basic right"),
            ("authorization", "right"),
            ("sec-websocket-protocol", "physio.v1"),
            ("sec-websocket-protocol", "physio.token."),
            ("cookie", "right"),
        ] {
            assert_eq!(check(name, value), Err(Denied::Token), "{name}: {value}");
        }
    }
}
