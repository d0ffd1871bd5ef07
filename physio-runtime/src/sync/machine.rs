//! What to do next: a pure machine. It is told what happened and what time it is, and answers with one task
//! or a wait. No IO, no clock, no randomness of its own.
//!
//! A round is: resolve the batch in flight, push, learn cursor and fingerprints, pull the first pages wave
//! by wave, poll the delta, push what was written meanwhile. While there is something to push and something to
//! pull, they take turns. `next` derives the task from facts, so that a round that was cut short anywhere goes
//! on where the cache says.

mod audit;
mod end;
mod fail;
mod finish;
mod isolate;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use task::{Notice, Outcome, Paused, RoundEnd, Step, TableIndex, Task, Wake};

use super::backoff::Backoff;
use super::trouble::Trouble;
use isolate::Isolation;
use physio_schema::plan::Plan;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// A refresh that a read asks for comes at least this long after the last round: a table that fails every
/// time would otherwise turn each read into a request.
const REFRESH_GAP: Duration = Duration::from_secs(5);

/// Rebuilding the mirror twice in one round means that the server contradicts itself: wait first.
const MAX_RESTARTS: u8 = 2;

/// As often the bridge may change its schema in one round before its requests are to blame.
const MAX_SCHEMA_CHANGES: u8 = 3;

/// As often a delta may demand the push's answer in one round before the machine waits.
const MAX_PUSH_FIRST: u8 = 3;

/// The state of the loop.
#[derive(Debug)]
pub(crate) struct Machine {
    names: Vec<String>,
    /// Wave of each table, and its name.
    waves: Vec<(String, Vec<TableIndex>)>,
    interval: Duration,
    backoff: Backoff,
    n_rounds: u64,
    phase: Phase,
    is_online: Option<bool>,
    /// Facts about the cache; `None`: ask it.
    progress: Option<Progress>,
    /// Whether the bridge's fingerprints are known and nothing happened since that doubts them.
    is_greeted: bool,
    /// Tables that differ on the server so that something of them waits.
    paused: BTreeMap<TableIndex, Paused>,
    /// Tables that must be pulled from their first page again because a delta went on without them.
    reread: VecDeque<TableIndex>,
    /// Code of each table's failure in the last full round, so that the same trouble is announced once.
    announced: BTreeMap<TableIndex, String>,
    last_delta: Option<Duration>,
    /// When the next round that pulls is due, whatever pushes come before.
    full_due: Duration,
    audits: audit::Audits,
    /// The next full round compares every table.
    is_audit_asked: bool,
}

#[derive(Debug)]
struct Progress {
    has_cursor: bool,
    /// Tables whose first pull is not complete, and whether it holds rows already.
    incomplete: BTreeMap<TableIndex, bool>,
}

#[derive(Debug)]
enum Phase {
    /// Between rounds.
    Idle {
        /// `None` while a login is needed.
        due: Option<Duration>,
        /// Wakes of writes and reads do not bring the round before this time.
        not_before: Duration,
        /// A wake that only needs a push.
        push_only: bool,
        last_end: Duration,
    },
    Round(Box<Round>),
}

#[derive(Debug, Default)]
struct Round {
    is_full: bool,
    is_push_due: bool,
    /// A batch was answered since the last page or delta: with writes that never cease, pushes alone would keep
    /// every pull waiting.
    is_pull_turn: bool,
    /// When the round began, or became a full one.
    start: Duration,
    /// A push cannot succeed in this round.
    is_push_blocked: bool,
    refusal: Option<(String, Option<String>)>,
    restart: Option<Option<u64>>,
    n_restarts: u8,
    n_push_first: u8,
    is_delta_done: bool,
    /// The bridge has another schema than the one that was compared: nothing is pushed before it is asked.
    is_greet_due: bool,
    n_schema_changes: u8,
    /// Tables whose changes the server cannot take in this round.
    held: BTreeSet<TableIndex>,
    /// The bridge is asked for its head only, to learn whether it or the request before is to blame.
    probe: Option<(Suspect, Trouble)>,
    isolation: Option<Isolation>,
    was_isolated: bool,
    failures: BTreeMap<TableIndex, Trouble>,
    /// What did not stop the round but is not mended either.
    trouble: Option<Trouble>,
    /// Another full round was asked for while this one runs.
    is_again: bool,
    /// Tables that were compared with the server in this round.
    n_audits: u32,
}

/// The request that failed before a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suspect {
    Push,
    Page(TableIndex),
    Delta,
    TryDelta(TableIndex),
}

impl Machine {
    /// A machine whose first round is due at once.
    pub(crate) fn new(plan: &Plan, rng: fastrand::Rng) -> Self {
        let names = plan.tables.iter().map(|table| table.name.clone()).collect::<Vec<_>>();
        let index = |name: &String| names.iter().position(|known| known == name);
        let waves = plan
            .waves
            .iter()
            .map(|wave| (wave.name.clone(), wave.tables.iter().filter_map(index).collect()))
            .collect();
        Self {
            waves,
            interval: Duration::from_secs(plan.sync.interval_s.max(1)),
            backoff: Backoff::new(rng),
            n_rounds: 0,
            phase: Phase::Idle {
                due: Some(Duration::ZERO),
                not_before: Duration::ZERO,
                push_only: false,
                last_end: Duration::ZERO,
            },
            is_online: None,
            progress: None,
            is_greeted: false,
            paused: BTreeMap::new(),
            reread: VecDeque::new(),
            announced: BTreeMap::new(),
            last_delta: None,
            full_due: Duration::ZERO,
            audits: audit::Audits::new(plan.sync.audit_interval_s, plan.sync.audit_tables),
            is_audit_asked: false,
            names,
        }
    }

    /// Rounds begun so far.
    pub(crate) fn n_rounds(&self) -> u64 {
        self.n_rounds
    }

    /// Whether everything waits for a new token.
    #[cfg(test)]
    pub(crate) fn needs_login(&self) -> bool {
        matches!(self.phase, Phase::Idle { due: None, .. })
    }

    /// Takes a wake at time `now`.
    pub(crate) fn wake(&mut self, now: Duration, wake: Wake) {
        if wake == Wake::Decided {
            self.progress = None;
        }
        if wake == Wake::Audit {
            self.is_audit_asked = true;
        }
        match &mut self.phase {
            Phase::Round(round) => match wake {
                Wake::Asked | Wake::Audit | Wake::Token | Wake::Decided => round.is_again = true,
                Wake::Write => round.is_push_due = true,
                Wake::Stale => {}
            },
            Phase::Idle { due, not_before, push_only, last_end } => match (wake, &due) {
                (Wake::Decided, None) => {}
                (Wake::Asked | Wake::Audit | Wake::Token | Wake::Decided, _) => {
                    (*due, *push_only) = (Some(now), false);
                }
                (Wake::Write | Wake::Stale, None) => {}
                (Wake::Write, Some(at)) => {
                    let earlier = now.max(*not_before);
                    if earlier < *at {
                        (*due, *push_only) = (Some(earlier), !self.backoff.is_active());
                    }
                }
                (Wake::Stale, Some(at)) => {
                    let earlier = now.max(*not_before).max(*last_end + REFRESH_GAP.min(self.interval));
                    // A round that only pushes would leave the table as old as it is.
                    if earlier < *at || *push_only {
                        (*due, *push_only) = (Some(earlier), false);
                    }
                }
            },
        }
    }

    /// The next step at time `now`. Repeating the call without `finish` or `wake` gives the same task again.
    pub(crate) fn next(&mut self, now: Duration) -> Step {
        if let Phase::Idle { due, push_only, .. } = self.phase {
            match due {
                Some(due) if due <= now => self.begin_round(now, !push_only),
                due => return Step::Wait(due),
            }
        }
        // `finish` ends a round that has no task left, and a new one begins with a push.
        Step::Run(self.next_task(now).unwrap_or(Task::LoadProgress))
    }

    fn begin_round(&mut self, now: Duration, is_full: bool) {
        self.n_rounds += 1;
        // Whether both sides agree again; with every table paused no other request would tell.
        self.is_greeted &= !is_full || self.paused.is_empty();
        // A first pull that is not complete goes on whatever woke the round.
        let is_pulled = self.progress.as_ref().is_some_and(|known| {
            known.has_cursor && known.incomplete.keys().all(|table| self.announced.contains_key(table))
        });
        let is_full = is_full || !is_pulled;
        if is_full && std::mem::take(&mut self.is_audit_asked) {
            self.audits.ask(0..self.names.len());
        }
        self.phase =
            Phase::Round(Box::new(Round { is_full, is_push_due: true, start: now, ..Round::default() }));
    }

    /// `None`: the round is complete.
    fn next_task(&self, now: Duration) -> Option<Task> {
        let Phase::Round(round) = &self.phase else { return None };
        if let Some((code, field)) = &round.refusal {
            return Some(Task::RefuseInFlight { code: code.clone(), field: field.clone() });
        }
        if let Some(last_batch) = round.restart {
            return Some(Task::RestartPull { last_batch });
        }
        let Some(progress) = &self.progress else { return Some(Task::LoadProgress) };
        if round.probe.is_some() || round.is_greet_due {
            return Some(Task::Greet);
        }
        if round.is_push_due && !round.is_push_blocked {
            let pull = if round.is_pull_turn { self.next_pull(now, round, progress) } else { None };
            // A round that only pushes by now gives way to the next, which pulls.
            let is_over = round.is_delta_done && now >= round.start + self.interval;
            return match pull {
                None if is_over => None,
                None => Some(Task::Push { held: round.held.iter().copied().collect() }),
                pull => pull,
            };
        }
        self.next_pull(now, round, progress)
    }

    fn next_pull(&self, now: Duration, round: &Round, progress: &Progress) -> Option<Task> {
        if !round.is_full {
            return None;
        }
        if !self.is_greeted || !progress.has_cursor {
            return Some(Task::Greet);
        }
        if let Some(table) = self.reread.front() {
            return Some(Task::Reread { table: *table });
        }
        if let Some(table) = round.isolation.as_ref().and_then(Isolation::next) {
            return Some(Task::TryDelta { table });
        }
        let tables = self.delta_tables(round, progress);
        let is_delta_overdue = self.last_delta.is_some_and(|last| now >= last + self.interval);
        match self.next_page(round, progress) {
            // While a long first pull goes on, what is there already must not grow old.
            Some(_) if is_delta_overdue && !tables.is_empty() => Some(Task::Delta { tables }),
            Some(table) => Some(Task::Page { table }),
            None if round.is_delta_done || tables.is_empty() => self.next_audit(now, round, progress),
            None => Some(Task::Delta { tables }),
        }
    }

    /// The next table to pull pages of: a later wave begins when each table of the earlier one is complete
    /// or has failed.
    fn next_page(&self, round: &Round, progress: &Progress) -> Option<TableIndex> {
        self.open_tables(round, progress).next()
    }

    /// Tables that have pages left, in the order in which they are pulled.
    fn open_tables<'m>(
        &'m self,
        round: &'m Round,
        progress: &'m Progress,
    ) -> impl Iterator<Item = TableIndex> + 'm {
        let is_open = |table: &TableIndex| {
            progress.incomplete.contains_key(table)
                && !round.failures.contains_key(table)
                && !self.is_pull_paused(*table)
        };
        self.waves.iter().flat_map(|(_, tables)| tables).copied().filter(is_open)
    }

    /// The table whose page comes next when this page is the last of its table and nothing comes in between.
    pub(crate) fn page_after(&self, task: &Task) -> Option<TableIndex> {
        let (Task::Page { table }, Phase::Round(round), Some(progress)) = (task, &self.phase, &self.progress)
        else {
            return None;
        };
        self.open_tables(round, progress).find(|next| next != table)
    }

    /// A table may be left out of a delta only when no row of it was pulled: it will be read after this
    /// delta's cursor, so that nothing is missed.
    fn delta_tables(&self, round: &Round, progress: &Progress) -> Vec<TableIndex> {
        let is_in = |table: &TableIndex| {
            let is_empty = progress.incomplete.get(table) == Some(&false);
            let has_failed_empty = is_empty && round.failures.contains_key(table);
            !self.is_pull_paused(*table) && !has_failed_empty
        };
        (0..self.names.len()).filter(is_in).collect()
    }

    fn is_pull_paused(&self, table: TableIndex) -> bool {
        self.paused.get(&table).is_some_and(|paused| paused.is_pull_paused)
    }

    fn wave_of(&self, table: TableIndex) -> &str {
        let holds = |(_, tables): &&(String, Vec<TableIndex>)| tables.contains(&table);
        self.waves.iter().find(holds).map_or("", |(name, _)| name)
    }
}
