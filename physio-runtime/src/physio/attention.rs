//! What waits for a person, and what a person can do about it.

use super::Physio;
use crate::cache::{Attention, AttentionChange, Operation, Resolution};
use crate::error::Result;
use crate::event::{Cause, Event, SyncStatus};
use crate::sync::Wake;

impl Physio {
    /// Local transactions that the server did not take, with both versions of every row. They are kept until
    /// someone decides.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn attention(&self) -> Result<Vec<Attention>> {
        self.cache().attention()
    }

    /// Sends a unit again as it is.
    ///
    /// # Errors
    ///
    /// `Usage` when no such unit waits.
    pub fn retry_unit(&self, unit: i64) -> Result<()> {
        let changes = self.changes_where(|waiting, _| waiting == unit)?;
        self.cache().retry_unit(unit)?;
        self.tell(&changes, |_| Some(SyncStatus::Pending));
        Ok(())
    }

    /// Gives a unit up: its rows become the server's again.
    ///
    /// # Errors
    ///
    /// `Usage` when no such unit waits.
    pub fn discard_unit(&self, unit: i64) -> Result<()> {
        let changes = self.changes_where(|waiting, _| waiting == unit)?;
        self.cache().discard_unit(unit)?;
        self.tell(&changes, after_discard);
        Ok(())
    }

    /// Decides one conflict; when it was the last of its unit, the unit is sent or is done.
    ///
    /// # Errors
    ///
    /// `Usage` when no such change is in conflict, or a merged value does not belong to its table.
    pub fn resolve_conflict(&self, change: i64, resolution: Resolution) -> Result<()> {
        let changes = self.changes_where(|_, waiting| waiting.change == change)?;
        let is_discard = resolution == Resolution::Theirs;
        self.cache().resolve_conflict(change, resolution)?;
        self.tell(
            &changes,
            |operation| {
                if is_discard { after_discard(operation) } else { Some(SyncStatus::Pending) }
            },
        );
        Ok(())
    }

    fn changes_where(
        &self,
        is_meant: impl Fn(i64, &AttentionChange) -> bool,
    ) -> Result<Vec<AttentionChange>> {
        let waiting = self.attention()?.into_iter();
        let changes =
            waiting.flat_map(|unit| unit.changes.into_iter().map(move |change| (unit.unit, change)));
        Ok(changes.filter(|(unit, change)| is_meant(*unit, change)).map(|(_, change)| change).collect())
    }

    fn tell(&self, changes: &[AttentionChange], status: impl Fn(Operation) -> Option<SyncStatus>) {
        for change in changes {
            self.inner.shared.emit(Event::Rows {
                table: change.table.clone(),
                keys: vec![change.key.clone()],
                cause: Cause::Local,
                status: status(change.operation),
            });
        }
        self.wake(Wake::Decided);
    }
}

/// An insert that is given up leaves no row.
fn after_discard(operation: Operation) -> Option<SyncStatus> {
    match operation {
        Operation::Insert => None,
        Operation::Update | Operation::Delete => Some(SyncStatus::Synced),
    }
}
