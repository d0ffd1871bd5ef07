//! The end of a round: when the next one is due, and what is told about this one.

use super::task::{Notice, RoundEnd, TableIndex};
use super::{Machine, Phase};
use crate::event::Event;
use crate::sync::trouble::{Trouble, TroubleKind};
use std::collections::BTreeMap;
use std::time::Duration;

impl Machine {
    pub(super) fn end_round(&mut self, now: Duration, trouble: Option<Trouble>, notices: &mut Vec<Notice>) {
        let Phase::Round(round) = &mut self.phase else { return };
        let round = std::mem::take(&mut **round);
        if round.is_full {
            self.audits.end_round(now);
        }
        let trouble = trouble.or(round.trouble);
        let mut failures = round.failures;
        if round.is_full {
            for (&table, paused) in &self.paused {
                if !self.announced.contains_key(&table) {
                    notices.push(Notice::TableFailed { table, text: paused.trouble.text.clone() });
                }
                failures.entry(table).or_insert_with(|| paused.trouble.clone());
            }
            self.announce(&failures, notices);
        }
        let needs_login = trouble.as_ref().is_some_and(|trouble| trouble.kind == TroubleKind::Login);
        if trouble.as_ref().is_some_and(|trouble| trouble.kind == TroubleKind::Offline) {
            self.set_online(false, notices);
        }
        if needs_login {
            notices.push(Notice::Emit(Event::LoginNeeded));
        }
        let (due, not_before) = match &trouble {
            // A page that broke off may do better soon; its table goes on where it stopped.
            None if failures.values().any(Trouble::is_worth_a_probe) => {
                self.full_due = now + self.backoff.after_failure(None).min(self.interval);
                (self.full_due, now)
            }
            None => {
                self.backoff.reset();
                if round.is_full {
                    // A round that gave way while it still pushed is followed at once.
                    self.full_due = if round.is_push_due { now } else { now + self.interval };
                }
                (self.full_due.max(now), now)
            }
            Some(trouble) => {
                let wait = self.backoff.after_failure(trouble.retry_after);
                let gap = trouble.retry_after.unwrap_or_default().max(wait.min(self.interval));
                (now + wait, now + gap)
            }
        };
        let due = if round.is_again { now } else { due };
        self.phase = Phase::Idle {
            due: (!needs_login || round.is_again).then_some(due),
            not_before,
            push_only: false,
            last_end: now,
        };
        notices.push(Notice::RoundEnded(RoundEnd {
            round: self.n_rounds,
            is_full: round.is_full,
            trouble,
            failures: failures.into_iter().collect(),
        }));
    }

    /// Tells each table's trouble once, not in every round.
    fn announce(&mut self, failures: &BTreeMap<TableIndex, Trouble>, notices: &mut Vec<Notice>) {
        for (&table, trouble) in failures {
            if self.announced.get(&table) != Some(&trouble.code) {
                notices.push(Notice::Emit(Event::Attention {
                    table: self.names[table].clone(),
                    code: trouble.code.clone(),
                    field: trouble.field.clone(),
                }));
            }
        }
        self.announced = failures.iter().map(|(&table, trouble)| (table, trouble.code.clone())).collect();
    }
}
