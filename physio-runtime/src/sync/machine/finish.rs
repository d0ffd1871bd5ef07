//! What a task's outcome changes: the facts, and what is told.

use super::task::{Notice, Outcome, Paused, Task};
use super::{MAX_PUSH_FIRST, Machine, Phase, Progress};
use crate::event::Event;
use crate::sync::trouble::{Trouble, TroubleKind};
use std::time::Duration;

impl Machine {
    /// Takes the outcome of the task that `next` gave, at time `now`.
    pub(crate) fn finish(&mut self, now: Duration, task: &Task, outcome: Outcome) -> Vec<Notice> {
        let mut notices = Vec::new();
        let ended = match outcome {
            Outcome::Failed(trouble) => self.fail(task, trouble, &mut notices),
            Outcome::PageFailed { trouble, has_rows } => {
                if let (Task::Page { table }, Some(progress)) = (task, &mut self.progress) {
                    progress.incomplete.insert(*table, has_rows);
                }
                self.fail(task, trouble, &mut notices)
            }
            outcome => self.succeed(now, task, outcome, &mut notices),
        };
        match ended {
            Err(trouble) => self.end_round(now, Some(trouble), &mut notices),
            Ok(()) if matches!(self.phase, Phase::Round(_)) && self.next_task(now).is_none() => {
                self.end_round(now, None, &mut notices);
            }
            Ok(()) => {}
        }
        notices
    }

    fn succeed(
        &mut self,
        now: Duration,
        task: &Task,
        outcome: Outcome,
        notices: &mut Vec<Notice>,
    ) -> Result<(), Trouble> {
        let Phase::Round(round) = &mut self.phase else { return Ok(()) };
        match outcome {
            Outcome::Loaded { has_cursor, incomplete } => {
                self.progress = Some(Progress { has_cursor, incomplete: incomplete.into_iter().collect() });
            }
            Outcome::Pushed { sent, is_other_schema } => {
                self.is_greeted &= !is_other_schema;
                round.is_push_due = sent;
                if sent {
                    round.is_pull_turn = true;
                    // Pushes without end must not put off the pull that is due.
                    if !round.is_full && now >= self.full_due {
                        (round.is_full, round.start) = (true, now);
                    }
                    // An answer may send a table back to its first page.
                    self.progress = None;
                    self.set_online(true, notices);
                }
            }
            Outcome::Done => return self.done(task, notices),
            Outcome::Greeted { paused, is_reread } => {
                let probe = round.probe.take();
                round.is_greet_due = false;
                self.is_greeted = true;
                if let Some(progress) = &mut self.progress {
                    progress.has_cursor = true;
                }
                self.set_online(true, notices);
                self.set_paused(paused);
                if is_reread {
                    self.progress = None;
                }
                if let Some((suspect, trouble)) = probe {
                    return self.convict(suspect, trouble, notices);
                }
            }
            Outcome::Paged { n_rows, complete, is_other_schema } => {
                let Task::Page { table } = *task else { return Ok(()) };
                round.is_pull_turn = false;
                if let Some(progress) = &mut self.progress {
                    if complete {
                        progress.incomplete.remove(&table);
                    } else {
                        progress.incomplete.insert(table, n_rows > 0);
                    }
                }
                self.last_delta.get_or_insert(now);
                self.set_online(true, notices);
                let (wave, name) = (self.wave_of(table).to_owned(), self.names[table].clone());
                notices.push(Notice::Emit(Event::Progress { wave, table: name, n_rows, complete }));
                self.is_greeted &= !is_other_schema;
            }
            Outcome::Polled { is_other_schema } => {
                round.is_delta_done = true;
                round.is_pull_turn = false;
                self.last_delta = Some(now);
                self.set_online(true, notices);
                self.is_greeted &= !is_other_schema;
            }
            Outcome::Audited { is_complete, is_other_schema } => {
                let Task::Audit { table, .. } = *task else { return Ok(()) };
                round.is_pull_turn = false;
                round.n_audits += 1;
                self.set_online(true, notices);
                self.is_greeted &= !is_other_schema;
                if is_complete {
                    self.audits.done(table, now);
                } else {
                    self.audits.put_off(table);
                }
            }
            Outcome::PushFirst => {
                round.is_push_due = true;
                round.is_pull_turn = false;
                round.n_push_first += 1;
                let is_stuck = round.is_push_blocked || round.n_push_first > MAX_PUSH_FIRST;
                let trouble = round.trouble.take();
                self.set_online(true, notices);
                if is_stuck {
                    return Err(trouble.unwrap_or_else(unanswered));
                }
            }
            Outcome::Failed(trouble) | Outcome::PageFailed { trouble, .. } => return Err(trouble),
        }
        Ok(())
    }

    /// After a task that answers nothing but that it is done.
    fn done(&mut self, task: &Task, notices: &mut Vec<Notice>) -> Result<(), Trouble> {
        let Phase::Round(round) = &mut self.phase else { return Ok(()) };
        match task {
            Task::RefuseInFlight { .. } => {
                round.refusal = None;
                round.is_push_due = true;
            }
            Task::RestartPull { .. } => {
                round.restart = None;
                // A push may have found out; the mirror is not left empty until the next poll.
                round.is_full = true;
                round.is_delta_done = false;
                self.progress = None;
                self.is_greeted = false;
                self.last_delta = None;
                self.reread.clear();
            }
            Task::Reread { .. } => {
                if let (Some(table), Some(progress)) = (self.reread.pop_front(), &mut self.progress) {
                    progress.incomplete.insert(table, false);
                }
            }
            Task::TryDelta { .. } => {
                self.set_online(true, notices);
                return self.tried(None, notices);
            }
            Task::LoadProgress
            | Task::Push { .. }
            | Task::Greet
            | Task::Page { .. }
            | Task::Delta { .. }
            | Task::Audit { .. } => {}
        }
        Ok(())
    }

    /// Tables that differ pause. What was pulled of those whose rows wait misses the changes from now on.
    fn set_paused(&mut self, paused: Vec<Paused>) {
        for waiting in paused.iter().filter(|table| table.is_pull_paused) {
            let is_empty = self
                .progress
                .as_ref()
                .is_some_and(|known| known.incomplete.get(&waiting.table) == Some(&false));
            if !self.is_pull_paused(waiting.table) && !is_empty {
                self.reread.push_back(waiting.table);
            }
        }
        self.paused = paused.into_iter().map(|paused| (paused.table, paused)).collect();
    }

    pub(super) fn set_online(&mut self, online: bool, notices: &mut Vec<Notice>) {
        if self.is_online != Some(online) {
            self.is_online = Some(online);
            notices.push(Notice::Emit(Event::Online { online }));
        }
    }
}

fn unanswered() -> Trouble {
    Trouble {
        kind: TroubleKind::Busy,
        code: "unanswered".into(),
        field: None,
        text: "the server has applied a push whose answer does not arrive".into(),
        retry_after: None,
        last_batch: None,
    }
}
