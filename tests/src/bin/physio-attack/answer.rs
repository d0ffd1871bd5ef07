//! Whether an answer is one that a bridge may give.

use crate::payload::MARK;
use crate::socket::{Answer, Request};
use physio_schema::wire_codes::wire_code;
use serde_json::Value;

/// What no answer of ours says, whatever was asked.
const SECRETS: [&str; 10] = [
    "<?php",
    "sqlstate",
    "mysqli",
    "pdoexception",
    "stack trace",
    "uncaught",
    "you have an error in your sql",
    "warning: ",
    ".php:",
    "select ",
];

/// What is wrong with an answer; `None` when nothing is.
pub(crate) fn complaint(request: &Request, answer: &Answer) -> Option<String> {
    let text = String::from_utf8_lossy(&answer.body);
    let lower = text.to_lowercase();
    if !answer.head.contains("x-physio-protocol: 1") {
        // The web server itself refused what is no HTTP, or there is no such file.
        let is_refusal = matches!(answer.status, 0 | 400 | 403 | 404 | 405 | 413 | 414 | 431 | 501);
        return (!is_refusal || lower.contains("<?php"))
            .then(|| format!("{} from something else than the bridge", answer.status));
    }
    for header in [
        "x-content-type-options: nosniff",
        "cache-control: no-store",
        "content-security-policy: default-src 'none'",
    ] {
        if !answer.head.contains(header) {
            return Some(format!("the answer lacks {header}"));
        }
    }
    if answer.head.contains("x-injected") {
        return Some("a header was injected".to_owned());
    }
    if request.method == "HEAD" {
        return None;
    }
    if answer.status == 200 {
        return success_complaint(&text);
    }
    if let Some(secret) = SECRETS.iter().find(|secret| lower.contains(*secret)) {
        return Some(format!("an error tells of `{secret}`"));
    }
    if text.contains(MARK) {
        return Some("an error repeats what was sent".to_owned());
    }
    let error = serde_json::from_str::<Value>(&text).unwrap_or_default()["error"].clone();
    let code = error["code"].as_str().unwrap_or_default();
    match wire_code(code) {
        None => Some(format!("{} without a code of the wire", answer.status)),
        Some(entry) if entry.status != answer.status => Some(format!("{code} came as {}", answer.status)),
        // The one error of its own that a bridge may mean: others hold the rows.
        Some(_) if answer.status >= 500 && code != "busy" => Some(format!("the bridge failed: {code}")),
        Some(_) => None,
    }
}

/// Every line is JSON, an error never follows good lines, and refused units tell a code and a field of the schema.
fn success_complaint(text: &str) -> Option<String> {
    for line in text.lines() {
        let Ok(value) = serde_json::from_str::<Value>(line) else {
            return Some("a line that is no JSON".to_owned());
        };
        if value.get("error").is_some_and(|error| error["code"] != "busy") {
            return Some(format!("an error after good lines: {}", value["error"]["code"]));
        }
        for unit in value["units"].as_array().into_iter().flatten() {
            let told = format!("{}{}", unit["code"], unit["field"]);
            if told.contains(MARK) {
                return Some("a unit's refusal repeats what was sent".to_owned());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "http/1.0 400\r\nx-physio-protocol: 1\r\nx-content-type-options: nosniff\r\ncache-control: no-store\r\n\
                        content-security-policy: default-src 'none'";

    fn complaint_about(status: u16, head: &str, body: &str) -> Option<String> {
        let request = Request {
            method: "GET".to_owned(),
            path: "sync.php".to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        complaint(&request, &Answer { status, head: head.to_owned(), body: body.as_bytes().to_vec() })
    }

    #[test]
    fn good_answers_are_let_pass() {
        assert_eq!(complaint_about(400, HEAD, r#"{"error":{"code":"bad_request","message":"m"}}"#), None);
        assert_eq!(complaint_about(503, HEAD, r#"{"error":{"code":"busy","message":"m"}}"#), None);
        assert_eq!(complaint_about(200, HEAD, "{\"v\":1}\n[\"1\"]\n{\"end\":true}\n"), None);
        assert_eq!(complaint_about(404, "http/1.0 404", "Not found"), None);
    }

    #[test]
    fn failures_leaks_and_repeated_values_are_found() {
        for (status, head, body) in [
            (500, HEAD, r#"{"error":{"code":"internal","message":"m"}}"#),
            (503, HEAD, r#"{"error":{"code":"database_unavailable","message":"m"}}"#),
            (400, HEAD, r#"{"error":{"code":"token_missing","message":"m"}}"#),
            (
                400,
                HEAD,
                r#"{"error":{"code":"bad_request","message":"You have an error in your SQL syntax"}}"#,
            ),
            (400, HEAD, r#"{"error":{"code":"bad_request","message":"m","field":"zqxjkmark"}}"#),
            (400, HEAD, "<b>Warning: x"),
            (200, HEAD, "{\"v\":1}\nWarning"),
            (200, HEAD, "{\"v\":1}\n{\"error\":{\"code\":\"internal\"}}"),
            (
                200,
                HEAD,
                r#"{"units":[{"unit":"1","status":"failed","code":"bad_value","field":"zqxjkmark"}]}"#,
            ),
            (200, "http/1.0 200", "{}"),
            (500, "http/1.0 500", ""),
            (404, "http/1.0 404", "<?php"),
            (200, "http/1.0 200\r\nx-physio-protocol: 1", "{}"),
        ] {
            assert!(complaint_about(status, head, body).is_some(), "{status} {body}");
        }
    }
}
