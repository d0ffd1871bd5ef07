//! What anybody sees: does a bridge answer, encrypted, and is everything else closed?

use super::Finding;
use super::visit::{Answer, Visitor};

/// Files of a bridge that show nothing to a browser.
const CLOSED: [&str; 7] = [
    "config.php",
    "generated/install.sql",
    "generated/whitelist.php",
    "src/Bridge.php",
    "README.md",
    "physio-config.php",
    ".htaccess",
];

pub(super) fn look(visitor: &Visitor) -> Vec<Finding> {
    let mut findings = vec![match visitor.get("sync.php") {
        Ok(answer) => bridge_or_not(&answer),
        Err(error) => Finding::bad(
            format!("nothing answers: {error}"),
            "look for a typing error in the address, and whether the site opens in a browser",
        ),
    }];
    findings.push(match (visitor.is_tls(), visitor.is_loopback()) {
        (true, _) => Finding::good("requests are encrypted, and the certificate is good"),
        (false, true) => Finding::good("requests stay on this machine, so they need no encryption"),
        (false, false) => Finding::bad(
            "requests are not encrypted: everybody on the way reads patients' data and the token",
            "use https://; hosts give certificates for nothing (Let's Encrypt)",
        ),
    });
    if let Some(Ok(answer)) = visitor.without_tls().map(|plain| plain.get("sync.php")) {
        if answer.code().as_deref() == Some("token_missing") {
            findings.push(Finding::bad(
                "the bridge answers plain HTTP too: a device with a wrong address would send its token in the open",
                "set `require_tls` in physio-config.php to true",
            ));
        } else {
            findings.push(Finding::good("plain HTTP is refused or sent on to HTTPS"));
        }
    }
    findings
}

fn bridge_or_not(answer: &Answer) -> Finding {
    let status = answer.status;
    match answer.code().as_deref() {
        Some("token_missing") => return Finding::good("a bridge answers"),
        Some("tls_required") => {
            return Finding::bad(
                "a bridge answers, but takes no plain HTTP",
                "use https://; where the host ends TLS at a proxy of its own, set `trust_proxy` in physio-config.php",
            );
        }
        Some(code) => {
            return Finding::bad(
                format!("a bridge answers {status} {code} to a request without a token"),
                "the host's error log has a line that begins with `physio:`",
            );
        }
        None => {}
    }
    if answer.body.contains("<?php") {
        return Finding::bad(
            "the host shows the source of PHP files",
            "take the folder off the web at once; then ask the host to switch PHP on for it",
        );
    }
    match (status, &answer.location) {
        (300..=399, Some(location)) => Finding::bad(
            format!("the address sends on to {location}"),
            "use that address, without sync.php: a token is not carried along",
        ),
        (401, _) => Finding::bad(
            "the host asks for a password of its own before the bridge is reached",
            "take the password protection off this folder; the bridge has its tokens",
        ),
        (403 | 406, _) => Finding::bad(
            format!("the host refuses ({status})"),
            "look at the .htaccess of the folders above; a firewall of the host may be in the way",
        ),
        (404, _) => {
            Finding::bad("there is no sync.php at this address", "upload web/physio, or correct the address")
        }
        (500, _) => Finding::bad(
            "the host answers 500 with a page of its own",
            "it forbids a line of .htaccess: take out `Options -Indexes` first; it may also have a PHP older than 7.4",
        ),
        (503 | 508, _) => Finding::bad(
            format!("the host is overloaded or stops the account ({status})"),
            "try again later, ask the host",
        ),
        _ => Finding::bad(
            format!("something answers {status}, but not a bridge"),
            "upload web/physio into this folder, or correct the address",
        ),
    }
}

/// Everything but the endpoints shows nothing.
pub(super) fn look_at_closed_files(visitor: &Visitor) -> Vec<Finding> {
    let is_open = |answer: &Answer| answer.status == 200 && !answer.body.trim().is_empty();
    let shows = |file: &&&str| visitor.get(file).is_ok_and(|answer| is_open(&answer));
    let open: Vec<&str> = CLOSED.iter().filter(shows).copied().collect();
    let mut findings = Vec::new();
    if visitor.get("").is_ok_and(|answer| answer.body.contains("sync.php")) {
        findings.push(Finding::bad(
            "the host lists the files of the folder",
            "upload .htaccess; on nginx, use the block in the bridge's README",
        ));
    }
    findings.push(if open.is_empty() {
        Finding::good("only the endpoints answer")
    } else {
        Finding::bad(
            format!("anybody can read {}", open.join(", ")),
            "upload .htaccess; on nginx, use the block in the bridge's README; what no browser needs can be deleted",
        )
    });
    findings
}
