//! Who may ask, and how.

use super::target::{DEVICE, GOOD_TOKEN};
use super::{Client, Target, Token};

const PATHS: [&str; 2] = ["sync.php?since=new", "read.php?table=branches"];

/// 401 `token_missing` at every endpoint.
pub fn a_request_without_a_token_is_refused(target: &impl Target) {
    let client = || target.client().with_header("authorization", None).with_header("x-physio-token", None);
    for path in PATHS {
        client().get(path).expect_error("token_missing");
    }
    for path in ["batch.php", "write.php"] {
        client().send("POST", path, Some(b"{}")).expect_error("token_missing");
    }
}

/// `Basic …` and a bare token are not `Bearer …`.
pub fn a_malformed_authorization_header_is_no_token(target: &impl Target) {
    let client = |value: &str| {
        target.client().with_header("x-physio-token", None).with_header("authorization", Some(value))
    };
    for value in ["Basic R29vZA==", GOOD_TOKEN, "Bearer", "Bearer a b"] {
        let reply = client(value).get("sync.php?since=new");
        assert_eq!(reply.status, 401, "{value}");
    }
    let scheme_in_lower_case = client(&format!("bearer {GOOD_TOKEN}")).get("sync.php?since=new");
    assert_eq!(scheme_in_lower_case.status, 200);
}

/// `X-Physio-Token` alone is enough.
pub fn the_plain_header_stands_in_for_a_stripped_one(target: &impl Target) {
    let client = target.client().with_header("authorization", None);
    assert_eq!(client.get("sync.php?since=new").status, 200);
    let client =
        target.client().with_header("authorization", None).with_header("x-physio-token", Some("wrong"));
    client.get("sync.php?since=new").expect_error("token_refused");
}

/// Nothing in the answers tells the three apart.
pub fn unknown_revoked_and_expired_tokens_look_the_same(target: &impl Target) {
    target.add_token("Expired-Token-000000000000", Token::Expired);
    target.add_token("Revoked-Token-000000000000", Token::Revoked);
    let ask = |token: &str| Client::new(&target.url(), token, DEVICE).get("sync.php?since=new");
    let answers =
        ["Expired-Token-000000000000", "Revoked-Token-000000000000", "Unknown-Token-000000000000"].map(ask);
    for answer in &answers {
        answer.expect_error("token_refused");
        assert_eq!(answer.body, answers[0].body);
    }
    target.add_token("Another-Good-Token-0000000", Token::Good);
    assert_eq!(ask("Another-Good-Token-0000000").status, 200);
}

/// Logs and histories keep URLs, so a token there is refused even when a good one is in the header.
pub fn a_token_in_the_url_is_refused(target: &impl Target) {
    for name in ["token", "access_token", "api_key"] {
        let path = format!("sync.php?since=new&{name}={GOOD_TOKEN}");
        target.client().get(&path).expect_error("bad_request");
        let bare = target.client().with_header("authorization", None).with_header("x-physio-token", None);
        assert!(matches!(bare.get(&path).status, 400 | 401));
    }
}

/// The token table's collation may fold case; tokens do not.
pub fn a_token_that_differs_in_case_is_unknown(target: &impl Target) {
    let client = Client::new(&target.url(), &GOOD_TOKEN.to_lowercase(), DEVICE);
    client.get("sync.php?since=new").expect_error("token_refused");
}

/// Each request looks the token up again.
pub fn a_revoked_token_stops_working_at_once(target: &impl Target) {
    target.add_token("Short-Lived-Token-00000000", Token::Good);
    let client = Client::new(&target.url(), "Short-Lived-Token-00000000", DEVICE);
    assert_eq!(client.get("sync.php?since=new").status, 200);
    target.revoke("Short-Lived-Token-00000000");
    client.get("sync.php?since=new").expect_error("token_refused");
}

/// 405 with `Allow`.
pub fn another_method_is_refused_and_the_right_one_named(target: &impl Target) {
    let client = target.client();
    for (method, path, allowed) in [
        ("POST", "sync.php?since=new", "GET"),
        ("DELETE", "read.php?table=branches", "GET"),
        ("GET", "batch.php", "POST"),
        ("PUT", "write.php", "POST"),
    ] {
        let reply = client.send(method, path, None);
        reply.expect_error("method_not_allowed");
        assert_eq!(reply.headers["allow"], allowed);
    }
}

/// A client of a later protocol is told so at once.
pub fn another_protocol_version_is_refused(target: &impl Target) {
    target
        .client()
        .with_header("x-physio-protocol", Some("2"))
        .get("sync.php?since=new")
        .expect_error("bad_request");
}

/// The headers of PROTOCOL.md, on answers and on errors.
pub fn answers_are_never_cached_and_name_the_fingerprint(target: &impl Target) {
    let good = target.client().get("sync.php?since=new");
    let refused = target.client().get("read.php?table=nothing");
    refused.expect_error("unknown_table");
    for reply in [good, refused] {
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert_eq!(reply.headers["x-physio-protocol"], "1");
        assert_eq!(reply.headers["x-physio-fingerprint"], target.app().plan.fingerprint);
    }
}

/// Missing, too short, upper case, not hex.
pub fn a_device_must_be_named_by_32_hex_digits(target: &impl Target) {
    let upper = DEVICE.to_uppercase();
    for device in [None, Some("00112233"), Some(upper.as_str()), Some("g0112233445566778899aabbccddeeff")] {
        let client = || target.client().with_header("x-physio-device", device);
        client().get("sync.php?since=new").expect_error("bad_request");
        client().post(b"{}").expect_error("bad_request");
        assert_eq!(client().get("read.php?table=branches").status, 200, "read.php needs no device");
    }
}

/// A misspelt parameter must not be ignored.
pub fn unknown_parameters_are_refused(target: &impl Target) {
    for path in ["sync.php?since=new&table=branches", "read.php?table=branches&where=1", "batch.php?x=1"] {
        let method = if path.starts_with("batch") { "POST" } else { "GET" };
        target.client().send(method, path, None).expect_error("bad_request");
    }
}

/// One reader would take the first, another the last.
pub fn a_parameter_that_comes_twice_is_refused(target: &impl Target) {
    for path in ["sync.php?since=new&since=new", "read.php?table=branches&limit=1&limit=2"] {
        target.client().get(path).expect_error("bad_request");
    }
}

/// Too short, upper case, not hex: such a client would be taken for one of another schema.
pub fn a_fingerprint_is_32_hex_digits(target: &impl Target) {
    for name in ["x-physio-fingerprint", "x-physio-known"] {
        for wrong in ["0", "0123456789ABCDEF0123456789ABCDEF", "' OR 1=1 -- 23456789abcdef012345"] {
            let client = target.client().with_header(name, Some(wrong));
            client.get("sync.php?since=new").expect_error("bad_request");
        }
    }
}
