//! A device: its file, its loop, and what its loop is doing.

use super::network::{Cable, Life, Message, Reply};
use super::plan::{Application, Kill};
use super::schema;
use super::server::TOKEN;
use super::wal;
use physio_runtime::bridge::embedded::{Answer, Request};
use physio_runtime::bridge::{HttpBridge, Token};
use physio_runtime::cache::Cache;
use physio_runtime::simulation::{Stepper, Wakes};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;

pub(super) struct Device {
    pub(super) life: Life,
    pub(super) cache: Cache,
    pub(super) version: usize,
    /// The loop's own clock.
    pub(super) now: Duration,
    pub(super) wakes: Wakes,
    pub(super) doing: Doing,
    /// Answers to its pushes so far.
    pub(super) push_answers: Vec<Answer>,
    /// How the last full round ended; `None` before the first.
    pub(super) last_round: Option<Result<(), String>>,
    application: Application,
    folder: PathBuf,
    /// Length of the log when a commit last waited for the disk.
    n_durable: usize,
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
    pub(super) folder: &'a Path,
    pub(super) world: &'a UnboundedSender<Message>,
    pub(super) client: &'a reqwest::Client,
}

impl Device {
    /// A new device of the first version.
    pub(super) fn new(device: usize, around: &Surroundings<'_>) -> Self {
        let life = Life { device, number: 0 };
        let file = file(around.folder, life);
        std::fs::write(&file, template(around.application)).expect("the file can be written");
        let id = format!("{:032x}", device + 1);
        Connection::open(&file)
            .and_then(|file| file.execute("UPDATE _physio_meta SET value = ?1 WHERE name = 'device'", [id]))
            .expect("the file can be given a name");
        Self::open(life, 0, Duration::ZERO, around)
    }

    fn open(life: Life, version: usize, now: Duration, around: &Surroundings<'_>) -> Self {
        let plan = schema::plan(around.application, version);
        let cache = Cache::open(&file(around.folder, life), Arc::clone(&plan)).expect("the file opens");
        let cable = Arc::new(Cable { life, world: around.world.clone() });
        let (url, token) = ("https://server.test/bridge/", Token::new(TOKEN));
        let bridge = HttpBridge::carried_by(cable, around.client.clone(), url, &token, cache.device(), &plan)
            .expect("the address is good");
        let stepper = Stepper::new(cache.clone(), bridge, u64::from(life.number) << 8 | life.device as u64);
        let mut device = Self {
            life,
            wakes: stepper.wakes(),
            doing: Doing::Idle(Box::new(stepper)),
            cache,
            version,
            now,
            push_answers: Vec::new(),
            last_round: None,
            application: around.application,
            folder: around.folder.to_owned(),
            n_durable: 0,
        };
        // Opening commits by the connection that waits for the disk.
        device.note_durable();
        device
    }

    /// Everything that is committed now survives a failure of the power.
    pub(super) fn note_durable(&mut self) {
        self.n_durable =
            std::fs::metadata(wal::log_of(self.cache.path())).map_or(0, |log| log.len() as usize);
    }

    /// Ends the process and starts it again, perhaps as another version of the application.
    pub(super) fn kill(&mut self, kill: Kill, version: usize, around: &Surroundings<'_>) {
        let (path, log) = (self.cache.path(), wal::log_of(self.cache.path()));
        let (file_bytes, mut log_bytes) =
            (std::fs::read(path).expect("the file"), std::fs::read(log).unwrap_or_default());
        if let Kill::Power(thousandths) = kill {
            let mut ends = vec![self.n_durable];
            ends.extend(wal::commits(&log_bytes).into_iter().filter(|end| *end > self.n_durable));
            log_bytes.truncate(ends[(ends.len() - 1) * usize::from(thousandths) / 1000]);
        }
        let life = Life { number: self.life.number + 1, ..self.life };
        let next = file(&self.folder, life);
        std::fs::write(&next, file_bytes).expect("the file can be copied");
        if !log_bytes.is_empty() {
            std::fs::write(wal::log_of(&next), log_bytes).expect("the log can be copied");
        }
        if let Doing::Busy { step, .. } = &self.doing {
            step.abort();
        }
        debug_assert_eq!(self.application, around.application);
        let push_answers = std::mem::take(&mut self.push_answers);
        *self = Self { push_answers, ..Self::open(life, version, self.now, around) };
    }

    /// A page's first transaction runs beside its request: wait until it has ended, so that it does not matter which
    /// of both is faster.
    pub(super) fn await_begun_page(&self, request: &Request) {
        let Some(table) = request.query.split('&').find_map(|pair| pair.strip_prefix("table=")) else {
            return;
        };
        let is_begun = || {
            let state = self.cache.read(|file| {
                let sql = "SELECT state <> 'empty' FROM _physio_tables WHERE table_name = ?1";
                Ok(file.prepare_cached(sql)?.query_row([table], |row| row.get::<_, bool>(0))?)
            });
            state.expect("the file can be read")
        };
        while !is_begun() {
            std::thread::sleep(Duration::from_micros(50));
        }
    }

    /// Another program's connection to the file.
    pub(super) fn foreign(&self) -> Connection {
        Connection::open(self.cache.path()).expect("the file opens")
    }
}

fn file(folder: &Path, life: Life) -> PathBuf {
    folder.join(format!("device-{}-{}.db", life.device, life.number))
}

/// An empty cache of the first version: making its tables takes longer than copying them.
fn template(application: Application) -> &'static [u8] {
    static TEMPLATES: [OnceLock<Vec<u8>>; 2] = [OnceLock::new(), OnceLock::new()];
    TEMPLATES[schema::position(application)].get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("template.db");
        drop(Cache::open(&file, schema::plan(application, 0)).expect("the file can be made"));
        Connection::open(&file)
            .and_then(|file| file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))
            .expect("the log can be moved into the file");
        std::fs::read(&file).expect("the file can be read")
    })
}
