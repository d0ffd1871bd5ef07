//! Whether a token arrives, and whether it opens the bridge.

use super::Finding;
use super::visit::{Answer, Shown, Visitor};
use serde_json::Value;

/// What was seen, and the host's report when the token was accepted.
pub(super) fn look(visitor: &Visitor, token: &str) -> (Vec<Finding>, Option<Value>) {
    let ask = |shown| visitor.get_with("sync.php?report=1", token, shown).unwrap_or_default();
    let answer = ask(Shown::Authorization);
    if answer.code().as_deref() != Some("token_missing") {
        let arrives = Finding::good("the Authorization header arrives");
        let (accepted, report) = verdict(&answer);
        return (vec![arrives, accepted], report);
    }
    let answer = ask(Shown::PhysioHeader);
    if answer.code().as_deref() == Some("token_missing") {
        let lost = Finding::bad(
            "neither Authorization nor X-Physio-Token arrives at PHP",
            "upload .htaccess; if it is there, ask the host which firewall removes the headers",
        );
        return (vec![lost], None);
    }
    let stripped = Finding::worse(
        "the host removes the Authorization header; the token arrives in X-Physio-Token, which devices send too",
        "nothing must be done; the last lines of .htaccess bring Authorization back where the host allows it",
    );
    let (accepted, report) = verdict(&answer);
    (vec![stripped, accepted], report)
}

fn verdict(answer: &Answer) -> (Finding, Option<Value>) {
    let Some(code) = answer.code() else {
        return match (answer.status, serde_json::from_str(&answer.body)) {
            (200, Ok(report)) => (Finding::good("the token is accepted"), Some(report)),
            (status, _) => {
                let what = format!("a request with a token gets {status}, and not as a bridge answers");
                (Finding::bad(what, "the host's error log may tell why"), None)
            }
        };
    };
    let finding = match code.as_str() {
        "token_refused" => Finding::bad(
            "the token is refused: it is unknown, revoked or expired",
            "`cargo xtask token list` shows which hold; `token_storage` in physio-config.php must be how the table \
             holds them",
        ),
        "database_unavailable" => Finding::bad(
            "the bridge does not reach the database",
            "correct name, user, password and host in physio-config.php; the error log has MySQL's error number",
        ),
        "bad_request" => Finding::worse(
            "the bridge is older than this command and tells nothing of its host",
            "upload a new bundle",
        ),
        "too_many_attempts" => Finding::bad(
            "too many requests with wrong tokens came from here",
            "wait some minutes and try again",
        ),
        other => Finding::bad(
            format!("a request with a token gets {} {other}", answer.status),
            "PROTOCOL.md says what the code means; the host's error log has more",
        ),
    };
    (finding, None)
}
