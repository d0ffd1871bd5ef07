//! What a failed task means: whose fault it is, and what of the round goes on.

use super::isolate::Isolation;
use super::task::{Notice, TableIndex, Task};
use super::{MAX_RESTARTS, MAX_SCHEMA_CHANGES, Machine, Phase, Progress, Suspect};
use crate::sync::trouble::{Trouble, TroubleKind};

impl Machine {
    /// `Err` ends the round.
    pub(super) fn fail(
        &mut self,
        task: &Task,
        trouble: Trouble,
        notices: &mut Vec<Notice>,
    ) -> Result<(), Trouble> {
        use TroubleKind as Kind;
        if matches!(trouble.kind, Kind::Busy | Kind::Login | Kind::Schema | Kind::Resync | Kind::Refused) {
            self.set_online(true, notices);
        }
        if trouble.kind == Kind::Schema {
            self.is_greeted = false;
        }
        let Phase::Round(round) = &mut self.phase else { return Ok(()) };
        let suspect = match task {
            Task::Push { .. } => Suspect::Push,
            Task::Page { table } => Suspect::Page(*table),
            Task::Delta { .. } => Suspect::Delta,
            Task::TryDelta { table } => Suspect::TryDelta(*table),
            Task::Audit { table, .. } => return self.audit_failed(*table, trouble, notices),
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
            Kind::Schema if round.n_schema_changes < MAX_SCHEMA_CHANGES && trouble.field.is_none() => {
                // The bridge was replaced since it was asked: nothing of the request was looked at.
                round.n_schema_changes += 1;
                round.is_greet_due = true;
                if suspect == Suspect::Push {
                    round.refusal = Some((trouble.code, trouble.field));
                }
                Ok(())
            }
            Kind::Schema if suspect == Suspect::Push => {
                // The live database is not what its bridge was generated from. The others' changes go on.
                let named =
                    trouble.table().and_then(|name| self.names.iter().position(|known| known == name));
                match named {
                    Some(table) if round.held.insert(table) => {
                        round.refusal = Some((trouble.code.clone(), trouble.field.clone()));
                        self.fail_table(table, trouble, notices);
                        Ok(())
                    }
                    _ => self.convict(suspect, trouble, notices),
                }
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
    pub(super) fn convict(
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

    pub(super) fn tried(
        &mut self,
        trouble: Option<Trouble>,
        notices: &mut Vec<Notice>,
    ) -> Result<(), Trouble> {
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
    pub(super) fn leave_out(&mut self, table: TableIndex, trouble: Trouble, notices: &mut Vec<Notice>) {
        self.reread.push_back(table);
        self.fail_table(table, trouble, notices);
    }

    pub(super) fn fail_table(&mut self, table: TableIndex, trouble: Trouble, notices: &mut Vec<Notice>) {
        if let Phase::Round(round) = &mut self.phase {
            notices.push(Notice::TableFailed { table, text: trouble.text.clone() });
            round.failures.insert(table, trouble);
        }
    }
}
