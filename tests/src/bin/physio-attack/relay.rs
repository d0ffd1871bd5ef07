//! A relay that gives every request a device of its own. A batch is applied once for each device and number, so a tool
//! that sends one body again and again with small changes would only ever see `batch_reused`.

use crate::Result;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The device that requests name; it is replaced by one that nobody had before.
pub(crate) const DEVICE: &str = "deadbeefdeadbeefdeadbeefdeadbeef";

/// A listening relay; it ends with the process.
pub(crate) struct Relay {
    pub(crate) port: u16,
    n_requests: Arc<AtomicU64>,
    n_good: Arc<AtomicU64>,
}

impl Relay {
    pub(crate) fn start(to: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let (port, n_requests) = (listener.local_addr()?.port(), Arc::new(AtomicU64::new(0)));
        let (counter, n_good) = (Arc::clone(&n_requests), Arc::<AtomicU64>::default());
        let good = Arc::clone(&n_good);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let number = counter.fetch_add(1, Ordering::Relaxed);
                let good = Arc::clone(&good);
                std::thread::spawn(move || carry(client, to, number, &good));
            }
        });
        Ok(Self { port, n_requests, n_good })
    }

    pub(crate) fn n_requests(&self) -> u64 {
        self.n_requests.load(Ordering::Relaxed)
    }

    /// Requests that were answered with 200: what was put in came past the first checks.
    pub(crate) fn n_good(&self) -> u64 {
        self.n_good.load(Ordering::Relaxed)
    }
}

/// One request and its answer; a connection that breaks is the caller's to notice.
fn carry(mut client: TcpStream, to: u16, number: u64, n_good: &AtomicU64) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut bytes, mut n_body) = (Vec::new(), 0);
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line)? == 0 || line == b"\r\n" {
            break;
        }
        let text = String::from_utf8_lossy(&line).to_lowercase();
        if let Some(length) = text.strip_prefix("content-length:") {
            n_body = length.trim().parse().unwrap_or(0);
        }
        // One request a connection, on both sides.
        if !text.starts_with("connection:") {
            bytes.extend(line);
        }
    }
    bytes.extend_from_slice(b"Connection: close\r\n\r\n");
    let mut body = vec![0; n_body];
    reader.read_exact(&mut body)?;
    bytes.extend(body);
    replace(&mut bytes, DEVICE.as_bytes(), format!("{number:032x}").as_bytes());
    let mut server = TcpStream::connect(("127.0.0.1", to))?;
    server.write_all(&bytes)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    if answer.get(8..13) == Some(b" 200 ") {
        n_good.fetch_add(1, Ordering::Relaxed);
    }
    client.write_all(&answer)?;
    client.shutdown(Shutdown::Both)
}

/// Both are of one length, so that every length in the request stays right.
fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let mut place = 0;
    while place + from.len() <= bytes.len() {
        if &bytes[place..place + from.len()] == from {
            bytes[place..place + from.len()].copy_from_slice(to);
            place += from.len();
        } else {
            place += 1;
        }
    }
}
