//! What the loop says about itself: for people, and for calls that wait for it.

use super::machine::RoundEnd;
use super::trouble::{Trouble, TroubleKind};
use jiff::Timestamp;
use physio_schema::plan::Plan;
use serde::Serialize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// What the loop is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SyncState {
    /// There is no bridge: the cache is local only.
    #[default]
    Local,
    /// Another process syncs this file; this one reads and writes it.
    Elsewhere,
    /// A round runs.
    Running,
    /// The last round went well; the next one comes by itself.
    Waiting,
    /// The last round did not go well; it is tried again by itself.
    Retrying,
    /// The token was refused: nothing is sent until there is a new one.
    LoginNeeded,
    /// The loop has ended.
    Closed,
}

/// The loop's own facts, published after every change.
#[derive(Debug, Clone, Default)]
pub(crate) struct LoopStatus {
    pub(crate) state: SyncState,
    pub(crate) online: Option<bool>,
    /// Of the last round.
    pub(crate) trouble: Option<Trouble>,
    /// Of the last full round.
    pub(crate) failures: Vec<(usize, Trouble)>,
    /// Full rounds that ended without trouble and without failed tables.
    pub(crate) n_clean_rounds: u64,
    pub(crate) last_round_at: Option<Timestamp>,
    pub(crate) in_sync_as_of: Option<Timestamp>,
}

impl LoopStatus {
    pub(crate) fn end_round(&mut self, end: RoundEnd, now: Timestamp) {
        self.state = match &end.trouble {
            None => SyncState::Waiting,
            Some(trouble) if trouble.kind == TroubleKind::Login => SyncState::LoginNeeded,
            Some(_) => SyncState::Retrying,
        };
        self.last_round_at = Some(now);
        if end.is_full {
            if end.trouble.is_none() && end.failures.is_empty() {
                self.n_clean_rounds += 1;
                self.in_sync_as_of = Some(now);
            }
            self.failures = end.failures;
        }
        self.trouble = end.trouble;
    }
}

/// How old each table is, readable in nanoseconds by every read.
#[derive(Debug)]
pub(crate) struct Freshness {
    start: Instant,
    tables: Vec<TableFreshness>,
    is_waking: AtomicBool,
}

#[derive(Debug)]
struct TableFreshness {
    name: String,
    stale_after_ms: u64,
    /// Milliseconds after `start` at which the table is stale.
    stale_at_ms: AtomicU64,
}

impl Freshness {
    /// All tables stale, until told otherwise.
    pub(crate) fn new(plan: &Plan) -> Self {
        let tables = plan.tables.iter().map(|table| TableFreshness {
            name: table.name.clone(),
            stale_after_ms: table.stale_after_s.saturating_mul(1000),
            stale_at_ms: AtomicU64::new(0),
        });
        Self { start: Instant::now(), tables: tables.collect(), is_waking: AtomicBool::new(false) }
    }

    /// The table was in sync `age` ago.
    pub(crate) fn set_age(&self, table: usize, age: Duration) {
        let Some(table) = self.tables.get(table) else { return };
        let fresh_for = Duration::from_millis(table.stale_after_ms).saturating_sub(age);
        let at = millis(self.start.elapsed()).saturating_add(millis(fresh_for));
        table.stale_at_ms.store(at, Ordering::Relaxed);
    }

    /// Whether a read of this table should wake a refresh: once, until `refreshed`.
    pub(crate) fn should_wake(&self, table: &str) -> bool {
        let Some(table) = self.tables.iter().find(|known| known.name == table) else { return false };
        millis(self.start.elapsed()) >= table.stale_at_ms.load(Ordering::Relaxed)
            && !self.is_waking.swap(true, Ordering::Relaxed)
    }

    /// The refresh has ended, well or not.
    pub(crate) fn refreshed(&self) {
        self.is_waking.store(false, Ordering::Relaxed);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Freshness;
    use crate::sync::test_plan;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn one_read_of_an_old_table_wakes_one_refresh() {
        let freshness = Freshness::new(&test_plan(&[("all", &["a", "b"])]));
        assert!(freshness.should_wake("a"), "never synced");
        assert!(!freshness.should_wake("a") && !freshness.should_wake("b"), "one refresh is on its way");
        freshness.set_age(0, Duration::ZERO);
        freshness.refreshed();
        assert!(!freshness.should_wake("a"), "just synced");
        assert!(freshness.should_wake("b"));
        freshness.refreshed();
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(freshness.should_wake("a"), "60 s old");
        assert!(!freshness.should_wake("unknown"));
    }
}
