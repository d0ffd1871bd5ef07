//! The client against a server that answers byte for byte what a test wants.

use super::{HttpBridge, Token};
use crate::bridge::Bridge;
use crate::bridge::wire::{BridgeError, Cursor, PageFrom, PageRequest, RowSink, StreamEnd, SyncRequest};
use physio_schema::plan::{Plan, SyncSettings};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const DEVICE: &str = "00112233445566778899aabbccddeeff";

fn plan(timeout_s: u64) -> Plan {
    Plan {
        format: 1,
        app: "test".into(),
        fingerprint: "f".repeat(32),
        renames: Vec::new(),
        access: Default::default(),
        utc_offset_minutes: 0,
        waves: Vec::new(),
        sync: SyncSettings {
            interval_s: 30,
            page_rows: 100,
            push_bytes: 1000,
            stale_after_s: 60,
            timeout_s,
            audit_interval_s: 0,
            audit_tables: 1,
            device_days: 90,
        },
        tables: Vec::new(),
    }
}

/// Answers one connection with these bytes and gives back what was asked.
async fn serve_once(answer: Vec<u8>, hold_open: bool) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/bridge", listener.local_addr().expect("bound"));
    let task = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("the client connects");
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let n = socket.read(&mut buffer).await.expect("the request");
            request.extend_from_slice(&buffer[..n]);
            let text = String::from_utf8_lossy(&request);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "))
                    .map_or(0, |n| n.parse().expect("a number"));
                if body.len() >= length {
                    break;
                }
            }
        }
        socket.write_all(&answer).await.expect("the client reads");
        if hold_open {
            // The client gives up first and closes.
            let _ = socket.read(&mut buffer).await;
        }
        String::from_utf8(request).expect("ASCII")
    });
    (url, task)
}

fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n{body}").into_bytes()
}

fn ndjson(body: &str) -> Vec<u8> {
    http("200 OK", "Content-Type: application/x-ndjson\r\n", body)
}

#[derive(Default, Debug, PartialEq)]
struct Seen {
    lines: Vec<String>,
    is_full: bool,
}

impl RowSink for Seen {
    fn table(&mut self, table: &str, columns: &[String], base64: &[usize]) -> Result<(), BridgeError> {
        self.lines.push(format!("{table}({}){base64:?}", columns.join(",")));
        Ok(())
    }
    fn row(&mut self, line: &str) -> Result<(), BridgeError> {
        if self.is_full {
            return Err(BridgeError::Stopped("the disk is full".into()));
        }
        self.lines.push(line.into());
        Ok(())
    }
    fn deleted(&mut self, table: &str, keys: Vec<String>) -> Result<(), BridgeError> {
        self.lines.push(format!("{table} without {keys:?}"));
        Ok(())
    }
}

async fn fetch(answer: Vec<u8>) -> (Result<StreamEnd, BridgeError>, Seen) {
    let (url, _server) = serve_once(answer, false).await;
    let bridge = HttpBridge::new(&url, Token::new("secret"), DEVICE, &plan(5)).expect("a bridge");
    let mut seen = Seen::default();
    let request = SyncRequest { since: None, tables: vec!["a".into()], limit: 10, describe: Vec::new() };
    (bridge.sync(&request, &mut seen).await, seen)
}

#[tokio::test]
async fn a_request_carries_every_header_and_no_token_in_its_address() {
    let (url, server) =
        serve_once(ndjson("{\"v\":1,\"fingerprint\":\"x\"}\n{\"end\":true,\"rows\":0}\n"), false).await;
    let bridge = HttpBridge::new(&url, Token::new(" secret\n"), DEVICE, &plan(5)).expect("a bridge");
    bridge.set_token(&Token::new("newer")).expect("a token");
    let request = PageRequest {
        table: "payments".into(),
        from: PageFrom::After("[\"9 & 1\"]".into()),
        limit: 7,
        epoch: None,
    };
    bridge.page(&request, &mut Seen::default()).await.expect("an empty page");
    let asked = server.await.expect("served");
    let (line, headers) = asked.split_once("\r\n").expect("a request line");
    assert_eq!(line, "GET /bridge/read.php?table=payments&limit=7&after=%5B%229+%26+1%22%5D HTTP/1.1");
    for header in [
        "authorization: Bearer newer",
        "x-physio-token: newer",
        &format!("x-physio-device: {DEVICE}"),
        &format!("x-physio-fingerprint: {}", "f".repeat(32)),
        "x-physio-protocol: 1",
        "accept-encoding: gzip",
    ] {
        assert!(headers.lines().any(|found| found == header), "{header} is missing");
    }
}

#[tokio::test]
async fn a_complete_answer_reaches_the_sink_line_by_line() {
    let body = concat!(
        "\u{feff}{\"v\":1,\"fingerprint\":\"fp\",\"epoch\":\"e\",\"tables\":{\"a\":\"1\"}}\n",
        "{\"table\":\"a\",\"columns\":[\"k\",\"b\"],\"base64\":[1]}\n[\"1\",null]\n[\"2\",\"AA==\"]\n",
        "{\"table\":\"b\",\"deleted\":[[\"4\"],[\"5\",\"x\"]]}\n",
        "{\"end\":true,\"cursor\":\"e.7\",\"more\":true,\"exact\":true,\"ack\":3}",
    );
    let (end, seen) = fetch(ndjson(body)).await;
    let end = end.expect("complete");
    assert_eq!(end.cursor, Some(Cursor("e.7".into())));
    assert!(end.more && end.exact && end.ack == 3 && end.n_rows == 2);
    assert_eq!(end.table_fingerprints.expect("differ")["a"], "1");
    assert_eq!(
        seen.lines,
        [
            "a(k,b)[1]",
            "[\"1\",null]",
            "[\"2\",\"AA==\"]",
            "b without [\"[\\\"4\\\"]\", \"[\\\"5\\\",\\\"x\\\"]\"]"
        ]
    );
}

#[tokio::test]
async fn a_page_of_another_epoch_is_dropped_at_its_first_line() {
    let body = |epoch: &str| {
        ndjson(&format!(
            "{{\"v\":1,\"fingerprint\":\"f\",{epoch}\"table\":\"a\",\"columns\":[\"k\"],\"base64\":[]}}\n[\"1\"]\n{{\"end\":true,\"rows\":1}}\n"
        ))
    };
    for (epoch, code) in
        [("\"epoch\":\"e\",", None), ("", None), ("\"epoch\":\"other\",", Some("epoch_changed"))]
    {
        let (url, _server) = serve_once(body(epoch), false).await;
        let bridge = HttpBridge::new(&url, Token::new("t"), DEVICE, &plan(5)).expect("a bridge");
        let request =
            PageRequest { table: "a".into(), from: PageFrom::Start, limit: 7, epoch: Some("e".into()) };
        let mut seen = Seen::default();
        let answer = bridge.page(&request, &mut seen).await;
        match (answer, code) {
            (Ok(end), None) => assert_eq!(end.n_rows, 1),
            (Err(BridgeError::Refused { code: found, .. }), Some(code)) => {
                assert_eq!(found, code);
                assert_eq!(seen.lines, Vec::<String>::new(), "no row of it is taken");
            }
            (answer, _) => panic!("{epoch}: {answer:?}"),
        }
    }
}

#[tokio::test]
async fn a_cut_answer_is_not_an_answer() {
    let head = "{\"v\":1,\"fingerprint\":\"f\",\"table\":\"a\",\"columns\":[\"k\"],\"base64\":[]}\n";
    for body in [
        format!("{head}[\"1\"]\n"),
        format!("{head}[\"1\"]\n[\"2"),
        format!("{head}[\"1\"]\n{{\"end\":tr"),
        format!("{head}[\"1\"]\n{{\"end\":true,\"rows\":2}}\n"),
    ] {
        let (end, _) = fetch(ndjson(&body)).await;
        assert!(matches!(end, Err(BridgeError::Unreachable(_))), "{end:?}");
    }
    let longer = http("200 OK", "Content-Length: 9999\r\n", head);
    assert!(matches!(fetch(longer).await.0, Err(BridgeError::Unreachable(_))));
}

#[tokio::test]
async fn what_is_not_the_protocol_is_told_apart() {
    let html = http("200 OK", "Content-Type: text/html; charset=utf-8\r\n", "<html>Log in</html>");
    let warning = ndjson("<br />\n<b>Warning</b>: x\n{\"v\":1}\n");
    let early_row = ndjson("{\"v\":1}\n[\"1\"]\n");
    let late_row = ndjson("{\"v\":1}\n{\"end\":true}\n[\"1\"]\n");
    let other_version = ndjson("{\"v\":2}\n");
    let firewall = http("406 Not Acceptable", "Content-Type: text/html\r\n", "<h1>secret value</h1>");
    for answer in [html, warning, early_row, late_row, other_version, firewall] {
        let (end, seen) = fetch(answer).await;
        let Err(BridgeError::NotABridge { message, .. }) = end else { panic!("{end:?}") };
        assert!(!message.contains("secret") && !message.contains("Warning<"), "{message}");
        assert_eq!(seen.lines, [""; 0]);
    }
}

#[tokio::test]
async fn a_refusal_keeps_code_field_and_pause_but_not_the_servers_words() {
    let body = r#"{"error":{"code":"busy","message":"value 'Jane' locked","field":"tests.status"}}"#;
    let (end, _) = fetch(http("503 Busy", "Retry-After: 12\r\n", body)).await;
    let Err(BridgeError::Refused { code, status, message, field, retry_after, .. }) = end else {
        panic!("{end:?}")
    };
    assert_eq!((code.as_str(), status, field.as_deref()), ("busy", 503, Some("tests.status")));
    assert_eq!(retry_after, Some(Duration::from_secs(12)));
    assert!(!message.contains("Jane"), "{message}");
}

#[tokio::test]
async fn an_error_line_in_the_stream_stops_it() {
    let body = "{\"v\":1}\n{\"error\":{\"code\":\"internal\",\"message\":\"x\"}}\n";
    let (end, _) = fetch(ndjson(body)).await;
    assert!(matches!(end, Err(BridgeError::Refused { status: 500, .. })), "{end:?}");
}

#[tokio::test]
async fn a_sink_that_stops_stops_the_stream() {
    let body = "{\"v\":1,\"table\":\"a\",\"columns\":[\"k\"]}\n[\"1\"]\n{\"end\":true}\n";
    let (url, _server) = serve_once(ndjson(body), false).await;
    let bridge = HttpBridge::new(&url, Token::new("t"), DEVICE, &plan(5)).expect("a bridge");
    let mut full = Seen { is_full: true, ..Seen::default() };
    let request = SyncRequest { since: None, tables: Vec::new(), limit: 1, describe: Vec::new() };
    let end = bridge.sync(&request, &mut full).await;
    assert_eq!(end, Err(BridgeError::Stopped("the disk is full".into())));
}

#[tokio::test]
async fn silence_is_given_up_after_the_plans_timeout() {
    let (url, _server) = serve_once(ndjson("{\"v\":1}\n"), true).await;
    let bridge = HttpBridge::new(&url, Token::new("t"), DEVICE, &plan(1)).expect("a bridge");
    let request = SyncRequest { since: None, tables: Vec::new(), limit: 1, describe: Vec::new() };
    let end = bridge.sync(&request, &mut Seen::default()).await;
    assert_eq!(end, Err(BridgeError::Unreachable("nothing came for 1 s".into())));
}

#[tokio::test]
async fn a_push_sends_the_bytes_as_they_are() {
    let answer = http(
        "200 OK",
        "Content-Type: application/json\r\n",
        r#"{"v":1,"fingerprint":"f","batch":3,"units":[{"unit":"1","status":"applied"}]}"#,
    );
    let (url, server) = serve_once(answer, false).await;
    let bridge = HttpBridge::new(&url, Token::new("t"), DEVICE, &plan(5)).expect("a bridge");
    let answer = bridge.push(b"{ \"odd\" :  1}").await.expect("an answer");
    assert_eq!((answer.batch, answer.units.len()), (3, 1));
    let asked = server.await.expect("served");
    assert!(
        asked.starts_with("POST /bridge/batch.php HTTP/1.1") && asked.ends_with("\r\n\r\n{ \"odd\" :  1}")
    );
}

#[tokio::test]
async fn a_cut_answer_to_a_push_leaves_its_outcome_open() {
    let answer = http("200 OK", "Content-Type: application/json\r\n", r#"{"v":1,"fingerprint":"f","ba"#);
    let (url, _server) = serve_once(answer, false).await;
    let bridge = HttpBridge::new(&url, Token::new("t"), DEVICE, &plan(5)).expect("a bridge");
    let end = bridge.push(b"{}").await;
    assert!(matches!(end, Err(BridgeError::Unreachable(_))), "{end:?}");
}

#[tokio::test]
async fn nobody_at_the_port_is_offline_and_names_no_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    drop(listener);
    let bridge = HttpBridge::new(&url, Token::new("t"), DEVICE, &plan(5)).expect("a bridge");
    assert_eq!(bridge.push(b"{}").await, Err(BridgeError::Unreachable("no connection".into())));
}

#[test]
fn the_token_is_never_printed() {
    let bridge =
        HttpBridge::new("https://example.org", Token::new("hush-hush"), DEVICE, &plan(5)).expect("a bridge");
    assert!(!format!("{bridge:?}").contains("hush"));
    let error = HttpBridge::new("https://example.org", Token::new("hush\u{7}"), DEVICE, &plan(5));
    assert!(!format!("{error:?}").contains("hush"));
}
