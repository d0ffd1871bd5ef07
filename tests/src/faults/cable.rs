//! The network between device and PHP: one address that stays, and exchanges that can be stopped on the way.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Where an exchange is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// The request has left the device; PHP has seen nothing of it.
    Request,
    /// PHP has the whole request; nothing of the answer has come.
    Work,
    /// PHP has answered; half of the answer has reached the device.
    HalfAnswer,
    /// PHP has answered; nothing of it has reached the device.
    Answer,
}

/// Hands requests on to PHP's address of the moment.
#[derive(Debug)]
pub struct Cable {
    port: u16,
    inside: Arc<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    target: Mutex<Option<u16>>,
    trap: Mutex<Option<Trap>>,
    requests: Mutex<Vec<String>>,
}

#[derive(Debug)]
struct Trap {
    endpoint: &'static str,
    point: Point,
    /// Exchanges that pass before one is stopped.
    n_pass: usize,
    reached: Sender<()>,
    go_on: Receiver<()>,
}

/// An exchange that is (or will be) stopped; it is broken off when this is dropped.
#[derive(Debug)]
pub struct Caught {
    reached: Receiver<()>,
    _broken_off_when_dropped: Sender<()>,
}

impl Caught {
    /// Waits until the exchange has come to the point.
    ///
    /// # Panics
    ///
    /// When it does not in a minute.
    pub fn wait(&self) {
        self.reached.recv_timeout(Duration::from_secs(60)).expect("an exchange comes to the point");
    }
}

impl Cable {
    /// Leads to a loopback port.
    ///
    /// # Panics
    ///
    /// When no loopback port can be had.
    pub fn new(target: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port");
        let port = listener.local_addr().expect("an address").port();
        let inside = Arc::new(Inside { target: Mutex::new(Some(target)), ..Inside::default() });
        let shared = Arc::clone(&inside);
        // Ends with the process: the listener blocks until then.
        std::thread::spawn(move || {
            for device in listener.incoming().map_while(Result::ok) {
                let inside = Arc::clone(&shared);
                // An exchange that breaks is what the tests are about.
                std::thread::spawn(move || drop(inside.exchange(device)));
            }
        });
        Self { port, inside }
    }

    /// Where the bridge seems to be.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// `None`: every connection is broken off at once.
    pub fn lead_to(&self, target: Option<u16>) {
        *self.inside.target.lock().unwrap_or_else(PoisonError::into_inner) = target;
    }

    /// Stops one exchange of an endpoint, after `n_pass` others of it have passed.
    pub fn catch(&self, endpoint: &'static str, point: Point, n_pass: usize) -> Caught {
        let ((reached, wait), (release, go_on)) = (channel(), channel());
        *self.inside.trap.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Trap { endpoint, point, n_pass, reached, go_on });
        Caught { reached: wait, _broken_off_when_dropped: release }
    }

    /// First lines of all requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.inside.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Inside {
    fn exchange(&self, mut device: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(device.try_clone()?);
        let (head, body) = read_request(&mut reader)?;
        let first = head.lines().next().unwrap_or_default().to_owned();
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(first.clone());
        let trap = self.trap_for(&first);
        let stop_at = |point: Point| trap.as_ref().is_some_and(|trap| trap.point == point && trap.stop());
        if stop_at(Point::Request) {
            return Ok(());
        }
        let Some(target) = *self.target.lock().unwrap_or_else(PoisonError::into_inner) else { return Ok(()) };
        let mut php = TcpStream::connect((Ipv4Addr::LOCALHOST, target))?;
        php.write_all(head.as_bytes())?;
        php.write_all(&body)?;
        if stop_at(Point::Work) {
            return Ok(());
        }
        if trap.is_none() {
            std::io::copy(&mut php, &mut device)?;
            return device.shutdown(Shutdown::Both);
        }
        let mut answer = Vec::new();
        php.read_to_end(&mut answer)?;
        if stop_at(Point::Answer) {
            return Ok(());
        }
        let half = answer.len() / 2;
        device.write_all(&answer[..half])?;
        stop_at(Point::HalfAnswer);
        Ok(())
    }

    /// Takes the trap when it is this exchange's turn.
    fn trap_for(&self, first: &str) -> Option<Trap> {
        let mut slot = self.trap.lock().unwrap_or_else(PoisonError::into_inner);
        let trap = slot.as_mut().filter(|trap| first.contains(trap.endpoint))?;
        if trap.n_pass > 0 {
            trap.n_pass -= 1;
            return None;
        }
        slot.take()
    }
}

impl Trap {
    /// Says that the point is reached and waits until the exchange is broken off.
    fn stop(&self) -> bool {
        // The other side is dropped when the test is done with this exchange, or has failed.
        let _ = self.reached.send(());
        let _ = self.go_on.recv();
        true
    }
}

fn read_request(reader: &mut impl BufRead) -> std::io::Result<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok((head, body))
}
