//! HTTP by hand: a client library would put the request right.

use crate::Result;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A request, byte for byte as it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Below the bridge's folder.
    pub(crate) path: String,
    /// Names and values before they are percent-encoded.
    pub(crate) query: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    /// 0 when the web server closed the connection without a word.
    pub(crate) status: u16,
    /// In lower case, with their values.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The bytes, for the folder of the bridge (`/` or `/physio/`).
    pub(crate) fn bytes(&self, folder: &str) -> Vec<u8> {
        let query: Vec<String> = self
            .query
            .iter()
            .map(|(name, value)| format!("{}={}", percent_encoded(name), percent_encoded(value)))
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        // HTTP/1.0: no chunks, and the end of the answer is the end of the connection.
        let line = format!("{} {folder}{}{mark}{} HTTP/1.0\r\n", self.method, self.path, query.join("&"));
        let mut bytes = line.into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend(value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n' | 0)));
            bytes.extend_from_slice(b"\r\n");
        }
        if !self.body.is_empty() || self.method == "POST" {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", self.body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"Host: localhost\r\nConnection: close\r\n\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// Sends bytes and reads until the other side has finished.
pub(crate) fn send(port: u16, bytes: &[u8]) -> Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut received = Vec::new();
    // A server that has heard enough closes at once; what it said before counts.
    let sent = stream.write_all(bytes);
    let read = stream.read_to_end(&mut received);
    if received.is_empty() {
        match (sent, read) {
            (_, Err(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                return Err("the bridge gave no answer within a minute".into());
            }
            _ => return Ok(Answer::default()),
        }
    }
    let end = received.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(received.len());
    let head = String::from_utf8_lossy(&received[..end]).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    let body = received.get(end + 4..).unwrap_or_default().to_vec();
    Ok(Answer { status, head, body })
}

/// Every byte that is not plain, as `%41`.
pub(crate) fn percent_encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b',' => {
                text.push(char::from(byte))
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}
