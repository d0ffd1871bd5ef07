//! Which captured changes other clients of the file made: everything that this process did not write itself.

use super::connections::{CacheFile, Purpose};
use super::report::LocalChange;
use super::{Cache, connections, write};
use crate::Result;
use rusqlite::Connection;
use std::ops::RangeInclusive;

/// What was seen of the outbox, and by whom it was written.
#[derive(Debug)]
pub(super) struct Watch {
    file: CacheFile,
    /// Only looks: `PRAGMA data_version` of a connection changes when any other connection commits. Opened by the
    /// first who asks.
    connection: Option<Connection>,
    /// `None` before the first look.
    data_version: Option<i64>,
    last_seen: i64,
}

impl Watch {
    /// Begins to watch: what is in the outbox now is not news.
    pub(super) fn new(file: CacheFile, connection: &Connection) -> Result<Self> {
        let last_seen = connection.query_row(
            "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = '_physio_outbox'), 0)",
            [],
            |row| row.get(0),
        )?;
        Ok(Self { file, connection: None, data_version: None, last_seen })
    }

    /// The connection that it looks through, if there is one.
    pub(super) fn connection(&mut self) -> Option<&mut Connection> {
        self.connection.as_mut()
    }
}

/// Numbers of changes that this process wrote, as ranges: they are nearly always consecutive.
#[derive(Debug, Default)]
pub(super) struct OwnChanges {
    ranges: Vec<RangeInclusive<i64>>,
}

impl OwnChanges {
    fn add(&mut self, first: i64, last: i64) {
        match self.ranges.last_mut() {
            Some(range) if *range.end() + 1 == first => *range = *range.start()..=last,
            _ => self.ranges.push(first..=last),
        }
    }

    fn remove(&mut self, first: i64, last: i64) {
        let ranges = std::mem::take(&mut self.ranges);
        for range in ranges {
            let (start, end) = range.into_inner();
            for part in [start..=end.min(first - 1), start.max(last + 1)..=end] {
                if !part.is_empty() {
                    self.ranges.push(part);
                }
            }
        }
    }

    fn contains(&self, change: i64) -> bool {
        self.ranges.iter().any(|range| range.contains(&change))
    }

    fn forget_up_to(&mut self, change: i64) {
        self.ranges.retain(|range| *range.end() > change);
    }
}

impl Cache {
    /// Captured changes that other clients of the file made since the last call, in order.
    ///
    /// Costs one look at a counter while nobody else has written.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn external_changes(&self) -> Result<Vec<LocalChange>> {
        let mut watch = self.unless_wiped(connections::lock(&self.inner.watch))?;
        let Watch { file, connection, data_version, last_seen } = &mut *watch;
        let connection = match connection {
            Some(connection) => connection,
            None => connection.insert(connections::open(file, Purpose::Read)?),
        };
        let version = connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        if *data_version == Some(version) {
            return Ok(Vec::new());
        }
        let mut changes = connection
            .prepare_cached(
                "SELECT change_id, table_name, row_key, op FROM _physio_outbox WHERE change_id > ?1 ORDER BY change_id",
            )?
            .query_and_then([*last_seen], |row| write::local_change(&self.inner.plan, row))?
            .collect::<Result<Vec<_>>>()?;
        *data_version = Some(version);
        if let Some(last) = changes.last() {
            *last_seen = last.change;
            let mut own = connections::lock(&self.inner.own_changes);
            changes.retain(|change| !own.contains(change.change));
            own.forget_up_to(*last_seen);
        }
        Ok(changes)
    }

    /// Notes, before their commit, that changes are this process's own.
    pub(super) fn note_own(&self, changes: &[LocalChange]) {
        if let (Some(first), Some(last)) = (changes.first(), changes.last()) {
            connections::lock(&self.inner.own_changes).add(first.change, last.change);
        }
    }

    /// Takes it back after a commit that failed: another client may be given the same numbers.
    pub(super) fn forget_own(&self, changes: &[LocalChange]) {
        if let (Some(first), Some(last)) = (changes.first(), changes.last()) {
            connections::lock(&self.inner.own_changes).remove(first.change, last.change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OwnChanges;

    #[test]
    fn consecutive_changes_are_one_range_and_can_be_taken_back() {
        let mut own = OwnChanges::default();
        own.add(1, 3);
        own.add(4, 9);
        assert_eq!(own.ranges, [1..=9]);
        own.remove(4, 6);
        assert_eq!(own.ranges, [1..=3, 7..=9]);
        assert!(own.contains(3) && !own.contains(5) && own.contains(7));
        own.forget_up_to(3);
        assert_eq!(own.ranges, [7..=9]);
    }
}
