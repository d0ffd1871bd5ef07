//! The task that does what the machine says: it waits, runs one task at a time, and tells.

mod ahead;
mod audit;
mod greet;
mod pages;
mod requests;
#[cfg(feature = "simulation")]
pub(crate) mod stepper;
mod stream;
mod tell;

pub(crate) use tell::local_events;

use super::machine::{Machine, Notice, Step, Task, Wake};
use super::status::{Freshness, LoopStatus, SyncState};
use super::trouble::{Trouble, TroubleKind};
use crate::bridge::{Bridge, Token};
use crate::cache::{Cache, calendar};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use ahead::Ahead;
use greet::ServerSchema;
use jiff::Timestamp;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::Instant;

/// Feed entries asked for in one page of a delta.
const DELTA_LIMIT: u32 = 5000;

/// How often a process that does not sync looks whether the one that does has ended.
const LOCK_INTERVAL: Duration = Duration::from_secs(1);

/// What loop, watcher and application share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) cache: Cache,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) status: watch::Sender<LoopStatus>,
    pub(crate) freshness: Freshness,
    /// What is said once and nobody was there to hear: told to the first who listens.
    pub(crate) untold: Mutex<Vec<Event>>,
}

impl Shared {
    /// Nobody listening is no error.
    pub(crate) fn emit(&self, event: Event) {
        if let Err(broadcast::error::SendError(event)) = self.events.send(event)
            && matches!(event, Event::Drift(_))
        {
            self.untold.lock().unwrap_or_else(PoisonError::into_inner).push(event);
        }
    }

    /// Begins to listen.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Event> {
        let events = self.events.subscribe();
        let untold = std::mem::take(&mut *self.untold.lock().unwrap_or_else(PoisonError::into_inner));
        untold.into_iter().for_each(|event| self.emit(event));
        events
    }
}

/// What the application asks of the loop. When every sender is gone, the loop ends.
#[derive(Debug)]
pub(crate) enum Command {
    Wake(Wake),
    /// Answer after one full round that begins after this.
    Sync(oneshot::Sender<Result<()>>),
    /// The same, and the round compares every table with the server.
    Audit(oneshot::Sender<Result<()>>),
    Token(Token, oneshot::Sender<Result<()>>),
}

/// The loop's side.
pub(crate) struct Driver<B> {
    bridge: Arc<B>,
    shared: Arc<Shared>,
    commands: mpsc::UnboundedReceiver<Command>,
    /// The bridge's schema as it was last compared with the plan.
    server: Mutex<Arc<ServerSchema>>,
    /// The next page, already on its way.
    ahead: Ahead,
}

/// The machine with those who wait for one of its rounds.
struct Running {
    machine: Machine,
    start: Instant,
    /// Number of the round that a call waits for.
    waiting: Vec<(u64, oneshot::Sender<Result<()>>)>,
}

impl<B: Bridge> Driver<B> {
    pub(crate) fn new(bridge: B, shared: Arc<Shared>, commands: mpsc::UnboundedReceiver<Command>) -> Self {
        let (bridge, server) = (Arc::new(bridge), Mutex::default());
        Self { bridge, shared, commands, server, ahead: Ahead::default() }
    }

    /// Runs until the application lets go of its side.
    pub(crate) async fn drive(mut self, rng: fastrand::Rng) {
        // Held to the end: other processes leave the file's sync to this one.
        let Some(_lock) = self.lock().await else { return self.close() };
        let mut machine = Machine::new(self.shared.cache.plan(), rng);
        if let Ok(ages) = self.on_cache(audit_ages).await {
            machine.schedule_audits(Duration::ZERO, &ages);
        }
        let mut running = Running { machine, start: Instant::now(), waiting: Vec::new() };
        loop {
            let is_open = match running.machine.next(running.start.elapsed()) {
                Step::Wait(until) => self.wait(&mut running, until).await,
                Step::Run(task) => self.run_task(&mut running, task).await,
            };
            if !is_open {
                return self.close();
            }
        }
    }

    /// Waits for the right to sync; `None` when the application lets go before.
    async fn lock(&mut self) -> Option<crate::cache::SyncLock> {
        loop {
            match self.on_cache(Cache::try_sync_lock).await {
                Ok(Some(lock)) => return Some(lock),
                Ok(None) => self.set_state(SyncState::Elsewhere, None),
                Err(trouble) => self.set_state(SyncState::Retrying, Some(trouble)),
            }
            let mut again = pin!(tokio::time::sleep(LOCK_INTERVAL));
            loop {
                tokio::select! {
                    () = &mut again => break,
                    command = self.commands.recv() => match command? {
                        Command::Wake(_) => {}
                        Command::Sync(answer) | Command::Audit(answer) => {
                            let _ = answer.send(Err(Error::new(
                                ErrorKind::Busy,
                                "another process syncs this cache file; it sends what is written here too",
                            )));
                        }
                        Command::Token(token, answer) => {
                            let _ = answer.send(self.bridge.set_token(&token));
                        }
                    },
                }
            }
        }
    }

    fn set_state(&self, state: SyncState, trouble: Option<Trouble>) {
        self.shared.status.send_modify(|status| (status.state, status.trouble) = (state, trouble));
    }

    fn close(&self) {
        self.set_state(SyncState::Closed, None);
    }

    /// False when the application has let go.
    async fn wait(&mut self, running: &mut Running, until: Option<Duration>) -> bool {
        self.ahead.drop_page();
        let deadline = until.map(|until| running.start + until);
        let command = match deadline {
            None => self.commands.recv().await,
            Some(deadline) => tokio::select! {
                command = self.commands.recv() => command,
                () = tokio::time::sleep_until(deadline) => return true,
            },
        };
        match command {
            Some(command) => {
                obey(self, running, command);
                true
            }
            None => false,
        }
    }

    /// False when the application has let go; the task is then broken off, which is safe at any point.
    async fn run_task(&mut self, running: &mut Running, task: Task) -> bool {
        self.shared.status.send_if_modified(|status| {
            std::mem::replace(&mut status.state, SyncState::Running) != SyncState::Running
        });
        let outcome = {
            // The commands are taken out so that the task may borrow the driver meanwhile.
            let (_, empty) = mpsc::unbounded_channel();
            let mut commands = std::mem::replace(&mut self.commands, empty);
            let outcome = {
                let following = running.machine.page_after(&task);
                let mut work = pin!(self.run(task.clone(), following));
                loop {
                    tokio::select! {
                        outcome = &mut work => break Some(outcome),
                        command = commands.recv() => match command {
                            Some(command) => obey(self, running, command),
                            None => break None,
                        },
                    }
                }
            };
            self.commands = commands;
            outcome
        };
        let Some(outcome) = outcome else { return false };
        let notices = running.machine.finish(running.start.elapsed(), &task, outcome);
        for notice in notices {
            self.take_notice(running, notice).await;
        }
        true
    }

    async fn take_notice(&self, running: &mut Running, notice: Notice) {
        match notice {
            Notice::Emit(event) => {
                if let Event::Online { online } = &event {
                    self.shared.status.send_modify(|status| status.online = Some(*online));
                }
                self.shared.emit(event);
            }
            Notice::TableFailed { table, text } => {
                let name = self.shared.cache.plan().tables[table].name.clone();
                tracing::warn!(table = %name, reason = %text, "a table could not be synced");
                if let Err(trouble) = self.on_cache(move |cache| cache.store_sync_failure(&name, &text)).await
                {
                    tracing::warn!(reason = %trouble.text, "the failure could not be noted");
                }
            }
            Notice::RoundEnded(end) => {
                self.shared.freshness.refreshed();
                if let Some(trouble) = &end.trouble {
                    tracing::info!(code = %trouble.code, reason = %trouble.text, "the round ended early");
                }
                let (round, is_full) = (end.round, end.is_full);
                let verdict = round_error(self.shared.cache.plan(), &end.trouble, &end.failures);
                self.shared.status.send_modify(|status| status.end_round(end, calendar::now()));
                if let Ok(counts) = self.on_cache(Cache::counts).await {
                    self.shared.emit(Event::Round {
                        n_pending: counts.pending_changes,
                        n_attention: counts.attention,
                    });
                }
                answer_waiting(running, round, is_full, verdict.as_ref());
            }
        }
    }
}

/// How long ago each table of the plan was compared with the server.
fn audit_ages(cache: &Cache) -> Result<Vec<Option<Duration>>> {
    let audits = cache.audits()?;
    let age = |table: &physio_schema::plan::TablePlan| {
        let audit = audits.iter().find(|audit| audit.table == table.name)?;
        let then: Timestamp = audit.in_sync_as_of.parse().ok()?;
        // A clock that was set back gives zero.
        Some(Duration::try_from(calendar::now().duration_since(then)).unwrap_or_default())
    };
    Ok(cache.plan().tables.iter().map(age).collect())
}

/// Takes a command; one that changes what is due makes the machine's next step another.
fn obey<B: Bridge>(driver: &Driver<B>, running: &mut Running, command: Command) {
    let now = running.start.elapsed();
    match command {
        Command::Wake(wake) => running.machine.wake(now, wake),
        Command::Sync(answer) => {
            running.waiting.push((running.machine.n_rounds() + 1, answer));
            running.machine.wake(now, Wake::Asked);
        }
        Command::Audit(answer) => {
            running.waiting.push((running.machine.n_rounds() + 1, answer));
            running.machine.wake(now, Wake::Audit);
        }
        Command::Token(token, answer) => {
            let outcome = driver.bridge.set_token(&token);
            if outcome.is_ok() {
                // It was asked for with the old one.
                driver.ahead.drop_page();
                running.machine.wake(now, Wake::Token);
            }
            let _ = answer.send(outcome);
        }
    }
}

fn answer_waiting(running: &mut Running, round: u64, is_full: bool, verdict: Option<&Trouble>) {
    // A push-only round answers nobody; who waited for its number waits for the next.
    if !is_full {
        return;
    }
    let (done, later) = std::mem::take(&mut running.waiting).into_iter().partition(|(due, _)| *due <= round);
    running.waiting = later;
    let done: Vec<(u64, oneshot::Sender<Result<()>>)> = done;
    for (_, answer) in done {
        let _ = answer.send(verdict.map_or(Ok(()), |trouble| Err(trouble.to_error())));
    }
}

/// What a caller who asked for the round is told.
fn round_error(
    plan: &crate::Plan,
    trouble: &Option<Trouble>,
    failures: &[(usize, Trouble)],
) -> Option<Trouble> {
    if trouble.is_some() {
        return trouble.clone();
    }
    let (_, first) = failures.first()?;
    let names: Vec<&str> = failures.iter().map(|(table, _)| plan.tables[*table].name.as_str()).collect();
    let text = format!("{} could not be synced: {}", names.join(", "), first.text);
    let kind = if first.kind == TroubleKind::Schema { TroubleKind::Schema } else { TroubleKind::Refused };
    Some(Trouble { kind, text, ..first.clone() })
}
