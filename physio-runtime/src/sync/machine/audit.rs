//! When which table is compared with the server: those that were asked for at once, others when their time has come,
//! a few in a round, after everything else of it.

use super::task::{Notice, TableIndex, Task};
use super::{Machine, Phase, Progress, Round};
use crate::sync::trouble::{Trouble, TroubleKind};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A table that was never compared has this long after the start: the first pull is not followed by a second reading
/// of everything.
const FIRST_AUDIT: Duration = Duration::from_secs(600);

/// Comparisons that are due, in the machine's clock.
#[derive(Debug, Default)]
pub(super) struct Audits {
    /// `None`: only on demand.
    interval: Option<Duration>,
    n_per_round: u32,
    due: BTreeMap<TableIndex, Duration>,
    asked: BTreeSet<TableIndex>,
    /// Of this round: to be compared later.
    put_off: BTreeSet<TableIndex>,
}

impl Audits {
    pub(super) fn new(interval_s: u64, n_per_round: u32) -> Self {
        let interval = (interval_s > 0).then(|| Duration::from_secs(interval_s));
        Self { interval, n_per_round: n_per_round.max(1), ..Self::default() }
    }

    /// All of these tables at once.
    pub(super) fn ask(&mut self, tables: impl Iterator<Item = TableIndex>) {
        self.asked.extend(tables);
    }

    fn next(&self, now: Duration, n_done: u32, may_run: impl Fn(TableIndex) -> bool) -> Option<TableIndex> {
        if let Some(table) = self.asked.iter().copied().find(|table| may_run(*table)) {
            return Some(table);
        }
        let is_due = |(table, due): &(&TableIndex, &Duration)| {
            **due <= now && !self.put_off.contains(*table) && may_run(**table)
        };
        let due = self.due.iter().filter(is_due).min_by_key(|(_, due)| **due);
        due.filter(|_| n_done < self.n_per_round).map(|(table, _)| *table)
    }

    pub(super) fn done(&mut self, table: TableIndex, now: Duration) {
        self.asked.remove(&table);
        if let Some(interval) = self.interval {
            self.due.insert(table, now + interval);
        }
    }

    /// Whether it had been asked for.
    pub(super) fn put_off(&mut self, table: TableIndex) -> bool {
        self.put_off.insert(table);
        self.asked.remove(&table)
    }

    pub(super) fn end_round(&mut self, now: Duration) {
        self.asked.clear();
        for table in std::mem::take(&mut self.put_off) {
            self.done(table, now);
        }
    }
}

impl Machine {
    /// How long ago each table was compared, by position; without this call tables are compared on demand only.
    pub(crate) fn schedule_audits(&mut self, now: Duration, ages: &[Option<Duration>]) {
        let Some(interval) = self.audits.interval else { return };
        for (table, age) in ages.iter().enumerate() {
            let wait = age.map_or(FIRST_AUDIT.min(interval), |age| interval.saturating_sub(age));
            self.audits.due.insert(table, now + wait);
        }
    }

    pub(super) fn next_audit(&self, now: Duration, round: &Round, progress: &Progress) -> Option<Task> {
        let may_run = |table: TableIndex| {
            !progress.incomplete.contains_key(&table)
                && !round.failures.contains_key(&table)
                && !self.paused.contains_key(&table)
        };
        let table = self.audits.next(now, round.n_audits, may_run)?;
        Some(Task::Audit { table, tables: self.delta_tables(round, progress) })
    }

    /// A comparison that failed ends the round only when every other request would fail too.
    pub(super) fn audit_failed(
        &mut self,
        table: TableIndex,
        trouble: Trouble,
        notices: &mut Vec<Notice>,
    ) -> Result<(), Trouble> {
        let was_asked = self.audits.put_off(table);
        let Phase::Round(round) = &mut self.phase else { return Ok(()) };
        match trouble.kind {
            TroubleKind::Login | TroubleKind::Busy | TroubleKind::Offline => return Err(trouble),
            TroubleKind::Schema => round.is_greet_due = true,
            // A bridge that is older than this request: nobody asked, so nothing is lost.
            TroubleKind::Refused if trouble.code == "bad_request" && !was_asked => {}
            TroubleKind::Refused
            | TroubleKind::Failed
            | TroubleKind::Resync
            | TroubleKind::Stopped
            | TroubleKind::Local => self.fail_table(table, trouble, notices),
        }
        Ok(())
    }
}
