//! Answers that are not what was asked for: the bridge's errors, and pages of the host in its place.

use crate::bridge::wire::{BatchAnswer, BridgeError, ErrorAnswer, ErrorBody};
use physio_schema::wire_codes::wire_code;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use std::time::Duration;

/// An error answer is a few hundred bytes; a host's page may be longer and is not needed.
pub(super) const MAX_ERROR_BYTES: usize = 64 << 10;

/// A server that asks for more than a day is not believed.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// `Retry-After` in seconds; its date form is left to the backoff.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
}

/// What an answer with another status than 200 says.
pub(super) fn parse_refusal(status: u16, retry_after: Option<Duration>, body: &[u8]) -> BridgeError {
    match serde_json::from_slice::<ErrorAnswer>(strip_mark(body)) {
        Ok(answer) => refused(status, retry_after, answer.error),
        Err(_) => BridgeError::NotABridge { status, message: explain(status, body), retry_after },
    }
}

/// An error of the protocol. Known codes get our own sentence: it is certain to hold no value.
pub(super) fn refused(status: u16, retry_after: Option<Duration>, error: ErrorBody) -> BridgeError {
    let (status, message) = match wire_code(&error.code) {
        Some(entry) => (entry.status, entry.meaning.to_owned()),
        None => (status, "the bridge knows this code, this client does not".to_owned()),
    };
    let is_plain = |text: &str| {
        text.len() <= 200
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'$'))
    };
    BridgeError::Refused {
        code: if is_plain(&error.code) { error.code } else { "unknown".into() },
        status,
        message,
        field: error.field.filter(|field| is_plain(field)),
        retry_after,
        last_batch: error.last,
    }
}

/// The answer is of another epoch than what it was asked for goes with.
pub(super) fn epoch_changed() -> BridgeError {
    let (code, message) = ("epoch_changed".to_owned(), String::new());
    refused(409, None, ErrorBody { code, message, field: None, last: None })
}

/// The answer to a push.
pub(super) fn parse_answer(body: &[u8]) -> Result<BatchAnswer, BridgeError> {
    let body = strip_mark(body);
    let failure = match serde_json::from_slice::<BatchAnswer>(body) {
        Ok(answer) if answer.v == 1 => return Ok(answer),
        Ok(_) => "the bridge speaks another version of the protocol".to_owned(),
        Err(error) if error.is_eof() => {
            return Err(BridgeError::Unreachable("the answer broke off".into()));
        }
        Err(_) => explain(200, body),
    };
    Err(BridgeError::NotABridge { status: 200, message: failure, retry_after: None })
}

/// A host's page comes as HTML, with status 200 too (a captive portal, a parked domain).
pub(super) fn check_content_type(headers: &HeaderMap) -> Result<(), BridgeError> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content_type.trim_start().get(..9).is_some_and(|start| start.eq_ignore_ascii_case("text/html")) {
        let message =
            "an HTML page came instead of JSON (a login page of the network, or the host's own page)";
        return Err(BridgeError::NotABridge { status: 200, message: message.into(), retry_after: None });
    }
    Ok(())
}

/// What went wrong on the way, without the URL.
pub(super) fn describe(error: &reqwest::Error) -> String {
    if error.is_connect() {
        "no connection".into()
    } else if error.is_timeout() {
        "the connection timed out".into()
    } else if error.is_decode() || error.is_body() {
        "the answer broke off".into()
    } else {
        "the request failed on the way".into()
    }
}

/// A guess at who answered, from the status and the first bytes alone.
fn explain(status: u16, body: &[u8]) -> String {
    let is_html = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
    let what = if is_html { "an HTML page" } else { "something that is not JSON" };
    let why = match status {
        300..=399 => "the address redirects; give the final address of the bridge",
        403 | 406 => "the host's firewall or its access rules stand before the bridge",
        404 => "there is no bridge at this address",
        408 | 429 | 502..=504 | 508 => "the host is overloaded or in maintenance",
        500 => "PHP failed before the bridge could answer; see the host's error log",
        _ => "text before the JSON (a PHP warning?) or another program at this address",
    };
    format!("{what} came: {why}")
}

fn strip_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}
