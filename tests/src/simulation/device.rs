//! A device: its file, its loop, and what its loop is doing.

use super::network::{Cable, Life, Message, Reply};
use super::plan::{Application, Kill};
use super::schema;
use super::server::{BEGIN_MS, token_of};
use super::wal;
use physio_runtime::bridge::embedded::{Answer, Request};
use physio_runtime::bridge::{HttpBridge, Token};
use physio_runtime::cache::Cache;
use physio_runtime::simulation::{Stepper, Wakes, set_calendar};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;

pub(super) struct Device {
    pub(super) life: Life,
    pub(super) cache: Cache,
    pub(super) version: usize,
    /// The loop's own clock.
    pub(super) now: Duration,
    /// By how much the calendar has been set forth or back, in milliseconds.
    pub(super) calendar_ms: i64,
    pub(super) wakes: Wakes,
    pub(super) doing: Doing,
    /// Answers to its pushes so far.
    pub(super) push_answers: Vec<Answer>,
    /// How the last full round ended; `None` before the first.
    pub(super) last_round: Option<Result<(), String>>,
    application: Application,
    folder: PathBuf,
    /// Length and salt of the log when a commit last waited for the disk.
    durable: Option<(usize, wal::Salt)>,
    /// The log's salt when the process began.
    first_salt: Option<wal::Salt>,
    /// Another program's connection, once it was needed.
    foreign: Option<Connection>,
}

/// What the loop is doing.
pub(super) enum Doing {
    /// Nothing; it is here.
    Idle(Box<Stepper<HttpBridge>>),
    /// It runs a step, elsewhere.
    Busy { step: AbortHandle, call: Option<Call> },
}

/// A request on the network.
pub(super) struct Call {
    pub(super) request: Request,
    pub(super) reply: Reply,
    /// What the server has answered, if the request has arrived.
    pub(super) answer: Option<Answer>,
}

/// What every device of a run shares.
pub(super) struct Surroundings<'a> {
    pub(super) application: Application,
    /// Of the run.
    pub(super) seed: u64,
    pub(super) folder: &'a Path,
    pub(super) world: &'a UnboundedSender<Message>,
    pub(super) client: &'a reqwest::Client,
}

impl Device {
    /// A new device of the first version.
    pub(super) fn new(device: usize, around: &Surroundings<'_>) -> Self {
        let life = Life { device, number: 0 };
        let file = file(around.folder, life);
        std::fs::write(&file, template(around.application, device)).expect("the file can be written");
        Self::open(life, 0, (Duration::ZERO, 0), around)
    }

    fn open(life: Life, version: usize, clocks: (Duration, i64), around: &Surroundings<'_>) -> Self {
        let (plan, text) = schema::plan_and_text(around.application, version);
        let file = file(around.folder, life);
        let cache = Cache::open_simulated(&file, plan, text, seed_of(around, life)).expect("the file opens");
        let mut device = Self::of(cache, life, version, clocks, around);
        // Whatever was there before is on the disk.
        device.note_durable();
        device
    }

    fn of(
        cache: Cache,
        life: Life,
        version: usize,
        (now, calendar_ms): (Duration, i64),
        around: &Surroundings<'_>,
    ) -> Self {
        let plan = Arc::clone(cache.plan());
        let cable = Arc::new(Cable { life, world: around.world.clone() });
        let (url, token) = ("https://server.test/bridge/", Token::new(token_of(life.device)));
        let bridge = HttpBridge::carried_by(cable, around.client.clone(), url, &token, cache.device(), &plan)
            .expect("the address is good");
        let stepper = Stepper::new(cache.clone(), bridge, u64::from(life.number) << 8 | life.device as u64);
        Self {
            life,
            wakes: stepper.wakes(),
            doing: Doing::Idle(Box::new(stepper)),
            cache,
            version,
            now,
            calendar_ms,
            push_answers: Vec::new(),
            last_round: None,
            application: around.application,
            folder: around.folder.to_owned(),
            durable: None,
            first_salt: None,
            foreign: None,
        }
    }

    /// Everything that is committed now survives a failure of the power.
    pub(super) fn note_durable(&mut self) {
        let path = wal::log_of(self.cache.path());
        self.durable = wal::standing(&path).map(|(length, salt)| {
            if self.first_salt.is_none_or(|first| first == salt) {
                return (length, salt);
            }
            // It has begun again, and behind its end there may be some of its earlier round.
            let log = std::fs::read(&path).expect("the log can be read");
            (wal::commits(&log).last().copied().unwrap_or(0), salt)
        });
        self.first_salt = self.first_salt.or(self.durable.map(|(_, salt)| salt));
    }

    /// Ends the process and starts it again, perhaps as another version of the application.
    pub(super) fn kill(&mut self, kill: Kill, version: usize, around: &Surroundings<'_>) {
        if let Doing::Busy { step, .. } = &self.doing {
            step.abort();
        }
        let life = Life { number: self.life.number + 1, ..self.life };
        if version != self.version || kill.reads_schema() {
            self.open_copy(kill, life, version, around);
            return;
        }
        if kill != Kill::Process {
            // Its connection is of a machine that stands still.
            self.foreign = None;
        }
        let (_, text) = schema::plan_and_text(self.application, version);
        let end = || {
            if let Kill::Power(thousandths) = kill {
                self.log_after(thousandths).cut();
            }
        };
        let cache = self.cache.taken_over(text, seed_of(around, life), end).expect("the file opens");
        let (push_answers, foreign) = (std::mem::take(&mut self.push_answers), self.foreign.take());
        let (durable, first_salt) = (self.durable, self.first_salt);
        *self = Self {
            push_answers,
            foreign,
            ..Self::of(cache, life, version, (self.now, self.calendar_ms), around)
        };
        if kill == Kill::Process {
            (self.durable, self.first_salt) = (durable, first_salt);
        } else {
            self.note_durable();
        }
    }

    /// The next process opens a copy of what the end of this one leaves.
    fn open_copy(&mut self, kill: Kill, life: Life, version: usize, around: &Surroundings<'_>) {
        let path = self.cache.path();
        let mut log_bytes = std::fs::read(wal::log_of(path)).unwrap_or_default();
        if let Kill::Power(thousandths) = kill {
            log_bytes.truncate(self.log_after(thousandths).length);
        }
        let next = file(&self.folder, life);
        std::fs::copy(path, &next).expect("the file can be copied");
        if !log_bytes.is_empty() {
            std::fs::write(wal::log_of(&next), log_bytes).expect("the log can be copied");
        }
        let push_answers = std::mem::take(&mut self.push_answers);
        let clocks = (self.now, self.calendar_ms);
        *self = Self { push_answers, ..Self::open(life, version, clocks, around) };
    }

    /// The log when the power fails: of the commits that did not wait for the disk, the first so many thousandths.
    fn log_after(&self, thousandths: u16) -> wal::Rest {
        let path = self.cache.path();
        let log = std::fs::read(wal::log_of(path)).unwrap_or_default();
        let index = std::fs::read(wal::index_of(path)).unwrap_or_default();
        let waited = self.durable.filter(|(_, salt)| wal::salt(&log) == Some(*salt));
        let durable = waited.map_or(0, |(length, _)| length).max(wal::moved(&log, &index));
        let mut ends = vec![durable];
        ends.extend(wal::commits(&log).into_iter().filter(|end| *end > durable));
        wal::Rest { file: path.to_owned(), length: ends[(ends.len() - 1) * usize::from(thousandths) / 1000] }
    }

    /// Lets the calendar say what it does on this device.
    pub(super) fn set_calendar(&self) {
        let since_begin = i64::try_from(self.now.as_millis()).unwrap_or(i64::MAX);
        let now_ms = BEGIN_MS.saturating_add(since_begin).saturating_add(self.calendar_ms);
        set_calendar(Some(now_ms));
    }

    /// Another program's connection to the file.
    pub(super) fn foreign(&mut self) -> &Connection {
        let path = self.cache.path();
        self.foreign.get_or_insert_with(|| {
            let file = Connection::open(path).expect("the file opens");
            file.set_prepared_statement_cache_capacity(128);
            file
        })
    }
}

/// Decides where chunks end.
fn seed_of(around: &Surroundings<'_>, life: Life) -> u64 {
    around.seed ^ u64::from(life.number) << 8 ^ life.device as u64
}

fn file(folder: &Path, life: Life) -> PathBuf {
    folder.join(format!("device-{}-{}.db", life.device, life.number))
}

/// A device's empty cache of the first version: making its tables takes longer than copying them.
fn template(application: Application, device: usize) -> Arc<[u8]> {
    /// By application and device.
    type Templates = BTreeMap<(usize, usize), Arc<[u8]>>;
    static TEMPLATES: Mutex<Templates> = Mutex::new(BTreeMap::new());
    let mut templates = TEMPLATES.lock().unwrap_or_else(PoisonError::into_inner);
    let application_at = schema::position(application);
    if let Some(made) = templates.get(&(application_at, device)) {
        return Arc::clone(made);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("template.db");
    match templates.iter().find(|((other, _), _)| *other == application_at) {
        Some((_, other)) => std::fs::write(&file, other).expect("the file can be written"),
        None => drop(Cache::open(&file, schema::plan(application, 0)).expect("the file can be made")),
    }
    let id = format!("{:032x}", device + 1);
    let named = Connection::open(&file).and_then(|file| {
        file.execute("UPDATE _physio_meta SET value = ?1 WHERE name = 'device'", [id])?;
        file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    });
    named.expect("the file can be given a name, and its log moved into it");
    let made: Arc<[u8]> = std::fs::read(&file).expect("the file can be read").into();
    templates.insert((application_at, device), Arc::clone(&made));
    made
}
