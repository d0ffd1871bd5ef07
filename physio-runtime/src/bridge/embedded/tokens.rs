//! The token table: who may ask.

use super::refusal::Refusal;
use super::request::Request;
use super::rights::Bearer;
use std::collections::BTreeMap;

/// One bearer token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Token {
    bearer: Bearer,
    expires_at_ms: Option<i64>,
    revoked: bool,
}

/// Every token that the bridge knows.
#[derive(Debug, Default)]
pub(super) struct Tokens(BTreeMap<String, Token>);

impl Tokens {
    pub(super) fn add(&mut self, token: &str, bearer: Bearer, expires_at_ms: Option<i64>) {
        self.0.insert(token.to_owned(), Token { bearer, expires_at_ms, revoked: false });
    }

    /// Whether there was such a token.
    pub(super) fn revoke(&mut self, token: &str) -> bool {
        self.0.get_mut(token).map(|entry| entry.revoked = true).is_some()
    }

    /// Whether there was such a token.
    pub(super) fn expire(&mut self, token: &str, at_ms: i64) -> bool {
        self.0.get_mut(token).map(|entry| entry.expires_at_ms = Some(at_ms)).is_some()
    }

    /// Who bears the token of a request; one that is missing, unknown, revoked or expired is refused.
    pub(super) fn check(&self, request: &Request, now_ms: i64) -> Result<&Bearer, Refusal> {
        let token = bearer(request).ok_or_else(|| Refusal::of("token_missing"))?;
        match self.0.get(token) {
            Some(entry) if !entry.revoked && entry.expires_at_ms.is_none_or(|at| at > now_ms) => {
                Ok(&entry.bearer)
            }
            _ => Err(Refusal::of("token_refused")),
        }
    }
}

/// `Authorization: Bearer …`, or the copy in `X-Physio-Token` for hosts that strip it.
fn bearer(request: &Request) -> Option<&str> {
    let from_authorization = request.header("authorization").and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    from_authorization
        .or_else(|| request.header("x-physio-token"))
        .filter(|token| !token.is_empty() && !token.contains(char::is_whitespace))
}
