//! Numbered batches: applied once, answered as often as asked.

use super::Target;
use super::push::{assert_applied, branch};
use serde_json::{Value, json};

fn one_branch(name: &str) -> Value {
    // A temporary key is given out once in the life of a device: the name stands for it.
    json!([{"unit": "1", "changes": [{"op": "insert", "table": "branches", "temp": name, "values": branch(name)}]}])
}

/// Byte for byte, however often.
pub fn the_same_bytes_get_the_same_answer_and_change_nothing(target: &impl Target) {
    let client = target.client();
    let bytes = client.batch_bytes(1, &one_branch("New"));
    let first = client.post(&bytes);
    assert_eq!(first.status, 200, "{}", first.text());
    assert_applied(&first.json());
    target.execute("UPDATE branches SET branch_name = 'Changed'");
    for _ in 0..3 {
        let again = client.post(&bytes);
        assert_eq!((again.status, &again.body), (200, &first.body));
    }
    assert_eq!(target.query("SELECT branch_name FROM branches"), [Some("Changed".to_owned())]);
    assert_eq!(client.sync("new").end["ack"], 1);
}

/// 422: the client would lose a batch.
pub fn the_same_number_with_other_bytes_is_refused(target: &impl Target) {
    let client = target.client();
    client.push(1, one_branch("New"));
    client.post(&client.batch_bytes(1, &one_branch("Other"))).expect_error("batch_reused");
    let mut spaced = client.batch_bytes(1, &one_branch("New"));
    spaced.push(b' ');
    client.post(&spaced).expect_error("batch_reused");
    assert_eq!(target.count("branches"), 1);
}

/// 409: a late copy of an old request.
pub fn an_older_number_is_stale(target: &impl Target) {
    let client = target.client();
    let first = client.batch_bytes(1, &one_branch("New"));
    client.post(&first);
    client.push(2, one_branch("Second"));
    client.post(&first).expect_error("batch_stale");
    assert_eq!(target.count("branches"), 2);
}

/// 409 with the last number that the server knows.
pub fn a_number_too_high_is_a_gap(target: &impl Target) {
    let client = target.client();
    client.push(1, one_branch("New"));
    let error = client.post(&client.batch_bytes(3, &one_branch("Third"))).expect_error("batch_gap");
    assert_eq!(error["last"], 1);
    let fresh = target.client_of("ffeeddccbbaa99887766554433221100");
    let error = fresh.post(&fresh.batch_bytes(2, &one_branch("Second"))).expect_error("batch_gap");
    assert_eq!(error["last"], 0);
    assert_eq!(target.count("branches"), 1);
}

/// Batch 1 of each is a batch of its own.
pub fn devices_count_on_their_own(target: &impl Target) {
    for device in ["00000000000000000000000000000001", "00000000000000000000000000000002"] {
        assert_applied(&target.client_of(device).push(1, one_branch("New")));
    }
    assert_eq!(target.count("branches"), 2);
}

/// The answer is stored: a repeat does not try again.
pub fn a_failed_unit_uses_its_number_up(target: &impl Target) {
    let client = target.client();
    let units = json!([{"unit": "1", "changes": [{"op": "insert", "table": "notifications", "temp": "1",
                         "values": {"branch_id": "1", "message": "hello"}}]}]);
    let bytes = client.batch_bytes(1, &units);
    let first = client.post(&bytes);
    assert_eq!(first.json()["units"][0]["code"], "parent_missing", "{}", first.text());
    target.execute("INSERT INTO branches (branch_id, branch_name, clinic_name) VALUES (1, 'Main', 'Clinic')");
    assert_eq!(client.post(&bytes).body, first.body);
    assert_applied(&client.push(2, units));
}

/// 413 above 131,072 bytes; exactly that many are taken.
pub fn a_body_that_is_too_large_is_refused(target: &impl Target) {
    let client = target.client();
    let mut bytes = client.batch_bytes(1, &one_branch("New"));
    bytes.resize(131_072, b' ');
    assert_eq!(client.post(&bytes).status, 200);
    bytes.push(b' ');
    client.post(&bytes).expect_error("body_too_large");
    bytes.resize(1_000_000, b' ');
    client.post(&bytes).expect_error("body_too_large");
}

/// Broken JSON, wrong types, missing and surplus members, bytes that are no UTF-8.
pub fn bodies_that_are_not_a_batch_are_refused(target: &impl Target) {
    let client = target.client();
    let good = json!({"v": 1, "device": client.device(), "batch": 1, "units": one_branch("New")});
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body.to_string().into_bytes()
    };
    let mut bodies: Vec<Vec<u8>> = [&b""[..], b"{", b"null", b"[]", b"\"x\"", b"{}", b"\xff\xfe", b"a=1&b=2"]
        .map(<[u8]>::to_vec)
        .to_vec();
    bodies.push(with("v", json!(2)));
    bodies.push(with("v", json!("1")));
    bodies.push(with("batch", json!("1")));
    bodies.push(with("batch", json!(0)));
    bodies.push(with("batch", json!(-1)));
    bodies.push(with("batch", json!(1.5)));
    bodies.push(with("units", json!([])));
    bodies.push(with("units", json!({})));
    bodies.push(with("units", json!([{"unit": "1", "changes": []}])));
    bodies.push(with(
        "units",
        json!([{"unit": 1, "changes": [{"op": "delete", "table": "tests", "key": ["1"], "base": {}}]}]),
    ));
    bodies.push(with(
        "units",
        json!([{"unit": "1", "changes": [{"op": "upsert", "table": "tests", "values": {}}]}]),
    ));
    bodies.push(with(
        "units",
        json!([{"unit": "1", "changes": [{"op": "delete", "table": "tests", "base": {}}]}]),
    ));
    bodies
        .push(with("units", json!([{"unit": "1", "changes": [{"op": "delete", "key": ["1"], "base": {}}]}])));
    bodies.push(with(
        "units",
        json!([{"unit": "1", "changes": [{"op": "delete", "table": "tests", "key": "1", "base": {}}]}]),
    ));
    bodies.push(with("units", json!([{"unit": "1", "changes": [{"op": "delete", "table": "tests", "key": ["1"], "base": {}, "where": "1"}]}])));
    bodies.push(with("units", json!([one_branch("A")[0], one_branch("B")[0]])));
    bodies.push(with("extra", json!(1)));
    for body in bodies {
        let reply = client.post(&body);
        assert_eq!(reply.status, 400, "{}: {}", String::from_utf8_lossy(&body), reply.text());
        reply.expect_error("bad_request");
    }
    assert_eq!(target.count("branches"), 0);
    assert_eq!(client.sync("new").end["ack"], 0);
}

/// A batch of another device under this one's number would be lost.
pub fn the_device_in_the_body_must_be_the_headers(target: &impl Target) {
    let client = target.client();
    let other = target.client_of("ffeeddccbbaa99887766554433221100");
    client.post(&other.batch_bytes(1, &one_branch("New"))).expect_error("bad_request");
}

/// One count for a device, whichever endpoint it uses.
pub fn write_and_batch_share_their_numbers(target: &impl Target) {
    let client = target.client();
    client.push(1, one_branch("New"));
    let bytes = client.batch_bytes(2, &one_branch("Second"));
    let written = client.send("POST", "write.php", Some(&bytes));
    assert_eq!(written.status, 200, "{}", written.text());
    assert_eq!(client.post(&bytes).body, written.body);
    client.push(3, one_branch("Third"));
    assert_eq!(target.count("branches"), 3);
}

/// A refused request is as if it had not been sent.
pub fn a_refused_batch_uses_no_number(target: &impl Target) {
    let client = target.client();
    client.post(b"{").expect_error("bad_request");
    client.post(&client.batch_bytes(5, &one_branch("Far"))).expect_error("batch_gap");
    assert_applied(&client.push(1, one_branch("New")));
}
