//! A network that cuts connections anywhere, splits what it carries, and takes its time. It knows nothing of HTTP.

use fastrand::Rng;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How bad the network is. The default is a good one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    /// Of 100 connections, so many are cut after a random number of bytes, in either direction.
    pub cut_percent: u8,
    /// Of 100 pieces, so many wait for a few milliseconds.
    pub delay_percent: u8,
    /// Carries a few bytes at a time.
    pub is_split: bool,
}

/// One address that stays, in front of a loopback port that may change.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    inside: Arc<Inside>,
}

#[derive(Debug)]
struct Inside {
    target: Mutex<Option<u16>>,
    weather: Mutex<Weather>,
    random: Mutex<Rng>,
    n_connections: AtomicU64,
    n_cut_requests: AtomicU64,
    n_cut_answers: AtomicU64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Request,
    Answer,
}

impl Proxy {
    /// Leads to a loopback port.
    ///
    /// # Panics
    ///
    /// When no loopback port can be had.
    pub fn new(target: u16, seed: u64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port");
        let port = listener.local_addr().expect("an address").port();
        let inside = Arc::new(Inside {
            target: Mutex::new(Some(target)),
            weather: Mutex::default(),
            random: Mutex::new(Rng::with_seed(seed)),
            n_connections: AtomicU64::new(0),
            n_cut_requests: AtomicU64::new(0),
            n_cut_answers: AtomicU64::new(0),
        });
        let shared = Arc::clone(&inside);
        // Ends with the process: the listener blocks until then.
        std::thread::spawn(move || {
            for device in listener.incoming().map_while(Result::ok) {
                shared.carry(device);
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
        *lock(&self.inside.target) = target;
    }

    /// For the connections that are made from now on.
    pub fn set_weather(&self, weather: Weather) {
        *lock(&self.inside.weather) = weather;
    }

    /// Connections so far.
    pub fn n_connections(&self) -> u64 {
        self.inside.n_connections.load(Ordering::Relaxed)
    }

    /// Connections that were cut in a request, and in an answer.
    pub fn n_cut(&self) -> (u64, u64) {
        let [requests, answers] = [&self.inside.n_cut_requests, &self.inside.n_cut_answers];
        (requests.load(Ordering::Relaxed), answers.load(Ordering::Relaxed))
    }
}

impl Inside {
    fn carry(self: &Arc<Self>, device: TcpStream) {
        self.n_connections.fetch_add(1, Ordering::Relaxed);
        let weather = *lock(&self.weather);
        let (mut random, cut) = {
            let mut random = lock(&self.random);
            let is_cut = random.u8(..100) < weather.cut_percent;
            let direction = if random.bool() { Direction::Request } else { Direction::Answer };
            // Short and long exchanges are cut alike: the place is drawn by its order of magnitude.
            let after = 2_f64.powf(random.f64() * 17.0) as u64;
            (random.fork(), is_cut.then_some((direction, after)))
        };
        let Some(target) = *lock(&self.target) else { return };
        let Ok(php) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)) else { return };
        let ends = [Direction::Request, Direction::Answer].map(|direction| {
            let (from, to) = match direction {
                Direction::Request => (device.try_clone(), php.try_clone()),
                Direction::Answer => (php.try_clone(), device.try_clone()),
            };
            (direction, from, to)
        });
        for (direction, from, to) in ends {
            let (Ok(from), Ok(to)) = (from, to) else { return };
            let left = cut.filter(|(cut, _)| *cut == direction).map(|(_, after)| after);
            let (shared, random) = (Arc::clone(self), random.fork());
            std::thread::spawn(move || {
                if pump(&from, &to, weather, random, left) {
                    let counter = match direction {
                        Direction::Request => &shared.n_cut_requests,
                        Direction::Answer => &shared.n_cut_answers,
                    };
                    counter.fetch_add(1, Ordering::Relaxed);
                    for end in [&from, &to] {
                        // It may be closed already.
                        drop(end.shutdown(Shutdown::Both));
                    }
                } else {
                    drop(to.shutdown(Shutdown::Write));
                }
            });
        }
    }
}

/// Carries bytes until an end closes, or until `left` are carried; whether it was cut there.
fn pump(from: &TcpStream, to: &TcpStream, weather: Weather, mut random: Rng, left: Option<u64>) -> bool {
    let (mut from, mut to) = (from, to);
    drop(to.set_nodelay(true));
    let mut left = left;
    let mut buffer = vec![0; 16 << 10];
    loop {
        let n = match from.read(&mut buffer) {
            Ok(0) | Err(_) => return false,
            Ok(n) => n,
        };
        let mut rest = &buffer[..n];
        while !rest.is_empty() {
            let magnitude = random.usize(1..=12);
            let most = if weather.is_split { random.usize(1..=1 << magnitude) } else { n };
            let allowed = left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
            let piece = &rest[..rest.len().min(most).min(allowed)];
            if random.u8(..100) < weather.delay_percent {
                std::thread::sleep(Duration::from_millis(random.u64(1..8)));
            }
            if to.write_all(piece).is_err() {
                return false;
            }
            rest = &rest[piece.len()..];
            if let Some(left) = &mut left {
                *left -= piece.len() as u64;
                if *left == 0 {
                    return true;
                }
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
