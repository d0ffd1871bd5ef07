//! What comes in and what goes out, free of any HTTP library.

use super::refusal::Refusal;
use std::collections::BTreeMap;

/// One HTTP request as the bridge sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path; its last segment names the endpoint.
    pub path: String,
    /// The part after `?`, still percent-encoded.
    pub query: String,
    /// Header names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

/// One HTTP answer, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Header names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

/// The four endpoints that take requests (`config.php` answers nothing).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// `sync.php`
    Sync,
    /// `read.php`
    Read,
    /// `batch.php`
    Batch,
    /// `write.php`
    Write,
}

impl Endpoint {
    /// The endpoint that a path names by its last segment.
    pub fn of_path(path: &str) -> Option<Self> {
        match path.rsplit('/').next()? {
            "sync.php" => Some(Self::Sync),
            "read.php" => Some(Self::Read),
            "batch.php" => Some(Self::Batch),
            "write.php" => Some(Self::Write),
            _ => None,
        }
    }

    pub(super) fn method(self) -> &'static str {
        match self {
            Self::Sync | Self::Read => "GET",
            Self::Batch | Self::Write => "POST",
        }
    }

    fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Sync => &["since", "limit", "tables", "describe"],
            Self::Read => &["table", "after", "until", "key", "limit", "sums"],
            Self::Batch | Self::Write => &[],
        }
    }
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The query's parameters; one that the endpoint does not know (a token, say) is refused.
    pub(super) fn parameters(&self, endpoint: Endpoint) -> Result<BTreeMap<String, String>, Refusal> {
        let mut parameters = BTreeMap::new();
        for pair in self.query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (percent_decoded(name)?, percent_decoded(value)?);
            if !endpoint.parameters().contains(&name.as_str()) || parameters.insert(name, value).is_some() {
                return Err(Refusal::of("bad_request"));
            }
        }
        Ok(parameters)
    }
}

fn percent_decoded(text: &str) -> Result<String, Refusal> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = [rest.next().unwrap_or(b'?'), rest.next().unwrap_or(b'?')];
                let code = std::str::from_utf8(&digits).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
                bytes.push(code.ok_or_else(|| Refusal::of("bad_request"))?);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).map_err(|_| Refusal::of("bad_request"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_unknown_ones_refused() {
        let request = Request { query: "table=a%20b&after=%5B%221%22%5D".into(), ..Request::default() };
        let parameters = request.parameters(Endpoint::Read).expect("known parameters");
        assert_eq!(parameters["table"], "a b");
        assert_eq!(parameters["after"], "[\"1\"]");
        let request = Request { query: "table=a&token=secret".into(), ..Request::default() };
        assert_eq!(request.parameters(Endpoint::Read).expect_err("a token in the URL").code(), "bad_request");
        let request = Request { query: "table=%zz".into(), ..Request::default() };
        assert!(request.parameters(Endpoint::Read).is_err());
    }
}
