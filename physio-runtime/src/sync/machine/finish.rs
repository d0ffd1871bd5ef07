//! What a task's outcome changes: the facts, and what is told.

use super::isolate::Isolation;
use super::task::{Notice, Outcome, RoundEnd, TableIndex, Task};
use super::{MAX_PUSH_FIRST, MAX_RESTARTS, Machine, Phase, Progress, Suspect};
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
            Outcome::Pushed { sent } => {
                round.is_push_due = sent;
                if sent {
                    self.set_online(true, notices);
                }
            }
            Outcome::Done => return self.done(task, notices),
            Outcome::Greeted { mismatched } => {
                let probe = round.probe.take();
                self.is_greeted = true;
                if let Some(progress) = &mut self.progress {
                    progress.has_cursor = true;
                }
                self.set_online(true, notices);
                self.set_mismatched(&mismatched);
                if let Some((suspect, trouble)) = probe {
                    return self.convict(suspect, trouble, notices);
                }
            }
            Outcome::Paged { n_rows, complete, mismatched } => {
                let Task::Page { table } = *task else { return Ok(()) };
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
                self.set_mismatched(&mismatched);
            }
            Outcome::Polled { mismatched } => {
                round.is_delta_done = true;
                self.last_delta = Some(now);
                self.set_online(true, notices);
                self.set_mismatched(&mismatched);
            }
            Outcome::PushFirst => {
                round.is_push_due = true;
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
            Task::LoadProgress | Task::Push | Task::Greet | Task::Page { .. } | Task::Delta { .. } => {}
        }
        Ok(())
    }

    /// `Err` ends the round.
    fn fail(&mut self, task: &Task, trouble: Trouble, notices: &mut Vec<Notice>) -> Result<(), Trouble> {
        use TroubleKind as Kind;
        if matches!(trouble.kind, Kind::Busy | Kind::Login | Kind::Schema | Kind::Resync | Kind::Refused) {
            self.set_online(true, notices);
        }
        if trouble.kind == Kind::Schema {
            self.is_greeted = false;
        }
        let Phase::Round(round) = &mut self.phase else { return Ok(()) };
        let suspect = match task {
            Task::Push => Suspect::Push,
            Task::Page { table } => Suspect::Page(*table),
            Task::Delta { .. } => Suspect::Delta,
            Task::TryDelta { table } => Suspect::TryDelta(*table),
            Task::LoadProgress
            | Task::RefuseInFlight { .. }
            | Task::Greet
            | Task::Reread { .. }
            | Task::RestartPull { .. } => return Err(trouble),
        };
        match trouble.kind {
            Kind::Login | Kind::Busy => Err(trouble),
            Kind::Resync if round.n_restarts >= MAX_RESTARTS => Err(trouble),
            Kind::Resync => {
                round.n_restarts += 1;
                round.restart = Some(trouble.last_batch);
                Ok(())
            }
            Kind::Offline | Kind::Failed => {
                round.probe = Some((suspect, trouble));
                Ok(())
            }
            Kind::Refused if suspect == Suspect::Push => {
                round.refusal = Some((trouble.code, trouble.field));
                Ok(())
            }
            Kind::Local if !matches!(suspect, Suspect::Page(_)) => Err(trouble),
            Kind::Schema | Kind::Refused | Kind::Stopped | Kind::Local => {
                self.convict(suspect, trouble, notices)
            }
        }
    }

    /// The bridge is in order, so the request is to blame: the rest of the round goes on without it.
    fn convict(
        &mut self,
        suspect: Suspect,
        trouble: Trouble,
        notices: &mut Vec<Notice>,
    ) -> Result<(), Trouble> {
        let Phase::Round(round) = &mut self.phase else { return Ok(()) };
        match suspect {
            Suspect::Push => {
                round.is_push_blocked = true;
                round.trouble = Some(trouble);
            }
            Suspect::Page(table) => self.fail_table(table, trouble, notices),
            Suspect::TryDelta(_) => return self.tried(Some(trouble), notices),
            Suspect::Delta => {
                let named =
                    trouble.table().and_then(|name| self.names.iter().position(|known| known == name));
                let Some(progress) = &self.progress else { return Err(trouble) };
                let tables = self.delta_tables_of_round(progress);
                let Phase::Round(round) = &mut self.phase else { return Ok(()) };
                match named {
                    Some(table) if tables.contains(&table) => self.leave_out(table, trouble, notices),
                    _ if tables.len() > 1 && !round.was_isolated => {
                        round.was_isolated = true;
                        round.isolation = Some(Isolation::new(tables, trouble));
                    }
                    _ => return Err(trouble),
                }
            }
        }
        Ok(())
    }

    fn delta_tables_of_round(&self, progress: &Progress) -> Vec<TableIndex> {
        match &self.phase {
            Phase::Round(round) => self.delta_tables(round, progress),
            Phase::Idle { .. } => Vec::new(),
        }
    }

    fn tried(&mut self, trouble: Option<Trouble>, notices: &mut Vec<Notice>) -> Result<(), Trouble> {
        let Phase::Round(round) = &mut self.phase else { return Ok(()) };
        let Some(isolation) = &mut round.isolation else { return Ok(()) };
        isolation.tried(trouble);
        if isolation.next().is_none()
            && let Some(isolation) = round.isolation.take()
        {
            for (table, trouble) in isolation.verdict()? {
                self.leave_out(table, trouble, notices);
            }
        }
        Ok(())
    }

    /// The delta goes on without this table, which therefore must be read anew.
    fn leave_out(&mut self, table: TableIndex, trouble: Trouble, notices: &mut Vec<Notice>) {
        self.reread.push_back(table);
        self.fail_table(table, trouble, notices);
    }

    fn fail_table(&mut self, table: TableIndex, trouble: Trouble, notices: &mut Vec<Notice>) {
        if let Phase::Round(round) = &mut self.phase {
            notices.push(Notice::TableFailed { table, text: trouble.text.clone() });
            round.failures.insert(table, trouble);
        }
    }

    /// Tables whose schema differs pause. What was pulled of them misses the changes from now on.
    fn set_mismatched(&mut self, now_mismatched: &[TableIndex]) {
        for &table in now_mismatched {
            let is_empty =
                self.progress.as_ref().is_some_and(|known| known.incomplete.get(&table) == Some(&false));
            if self.mismatched.insert(table) && !is_empty {
                self.reread.push_back(table);
            }
        }
        self.mismatched.retain(|table| now_mismatched.contains(table));
    }

    fn set_online(&mut self, online: bool, notices: &mut Vec<Notice>) {
        if self.is_online != Some(online) {
            self.is_online = Some(online);
            notices.push(Notice::Emit(Event::Online { online }));
        }
    }

    fn end_round(&mut self, now: Duration, trouble: Option<Trouble>, notices: &mut Vec<Notice>) {
        let Phase::Round(round) = &mut self.phase else { return };
        let round = std::mem::take(&mut **round);
        let trouble = trouble.or(round.trouble);
        let mut failures = round.failures;
        if round.is_full {
            for &table in &self.mismatched {
                let trouble = schema_changed(&self.names[table]);
                if !self.announced.contains_key(&table) {
                    notices.push(Notice::TableFailed { table, text: trouble.text.clone() });
                }
                failures.entry(table).or_insert(trouble);
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
                    self.full_due = now + self.interval;
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
    fn announce(
        &mut self,
        failures: &std::collections::BTreeMap<TableIndex, Trouble>,
        notices: &mut Vec<Notice>,
    ) {
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

fn schema_changed(table: &str) -> Trouble {
    Trouble {
        kind: TroubleKind::Schema,
        code: "schema_changed".into(),
        field: Some(table.to_owned()),
        text: format!(
            "{table} looks different on the server than in the dump this application was built from; \
             it waits until both are the same again"
        ),
        retry_after: None,
        last_batch: None,
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
