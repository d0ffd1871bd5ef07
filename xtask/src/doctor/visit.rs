//! Requests to a bridge, whatever answers them.

use anyhow::{Result, anyhow, bail};
use serde_json::Value;
use std::time::Duration;

/// Bytes of an answer that are looked at.
const ANSWER_BYTES: u64 = 256 * 1024;

/// Somebody with the address of a bridge.
pub(super) struct Visitor {
    agent: ureq::Agent,
    /// Without a slash at its end.
    base: String,
}

/// How a token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Authorization,
    PhysioHeader,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) body: String,
}

impl Visitor {
    pub(super) fn new(url: &str) -> Result<Self> {
        let base = url.trim_end_matches('/').to_owned();
        if !base.starts_with("https://") && !base.starts_with("http://") {
            bail!("the address of a bridge begins with https://, such as https://example.org/physio");
        }
        if base.contains('@') || base.contains('?') {
            bail!(
                "the address holds more than a host and a folder; a password or a token does not belong there"
            );
        }
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(30)))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build();
        Ok(Self { agent: config.new_agent(), base })
    }

    pub(super) fn is_tls(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// Whether the bridge is on this machine, where nobody can listen in between.
    pub(super) fn is_loopback(&self) -> bool {
        let rest = self.base.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or_default();
        host == "localhost"
            || host.starts_with("localhost:")
            || host.starts_with("127.")
            || host.starts_with("[::1]")
    }

    /// The same folder over plain HTTP, where its address names no port.
    pub(super) fn without_tls(&self) -> Option<Self> {
        let rest = self.base.strip_prefix("https://")?;
        let has_port = rest.split('/').next().is_some_and(|host| host.contains(':'));
        (!has_port).then(|| Self { agent: self.agent.clone(), base: format!("http://{rest}") })
    }

    /// Asks for a file, as anybody can.
    pub(super) fn get(&self, file: &str) -> Result<Answer> {
        self.call(file, None)
    }

    /// Asks for a file with a token.
    pub(super) fn get_with(&self, file: &str, token: &str, shown: Shown) -> Result<Answer> {
        self.call(file, Some((token, shown)))
    }

    fn call(&self, file: &str, token: Option<(&str, Shown)>) -> Result<Answer> {
        let mut request = self.agent.get(format!("{}/{file}", self.base)).header("X-Physio-Protocol", "1");
        request = match token {
            None => request,
            Some((token, Shown::Authorization)) => request.header("Authorization", format!("Bearer {token}")),
            Some((token, Shown::PhysioHeader)) => request.header("X-Physio-Token", token),
        };
        let mut answer = request.call().map_err(|error| anyhow!(error))?;
        let location =
            answer.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES).lossy_utf8(true).read_to_string();
        Ok(Answer { status: answer.status().as_u16(), location, body: body.unwrap_or_default() })
    }
}

impl Answer {
    /// The code of a bridge's error.
    pub(super) fn code(&self) -> Option<String> {
        let body: Value = serde_json::from_str(self.body.lines().next()?).ok()?;
        Some(body["error"]["code"].as_str()?.to_owned())
    }
}
