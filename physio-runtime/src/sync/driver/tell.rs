//! Events of what the cache reports.

use crate::cache::{LocalChange, Operation, ParkedState, PushReport, RowChange};
use crate::event::{Cause, Event, SyncStatus};

/// More keys than this are not listed one by one.
const MAX_KEYS: usize = 1000;

/// Rows written here, one event per run of the same table and fate.
pub(crate) fn local_events(changes: &[LocalChange]) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for change in changes {
        let now = match change.operation {
            Operation::Insert | Operation::Update => Some(SyncStatus::Pending),
            Operation::Delete => None,
        };
        if let Some(Event::Rows { table, keys, status, .. }) = events.last_mut()
            && *table == change.table
            && *status == now
        {
            if !keys.contains(&change.key) && keys.len() <= MAX_KEYS {
                keys.push(change.key.clone());
            }
            continue;
        }
        events.push(Event::Rows {
            table: change.table.clone(),
            keys: vec![change.key.clone()],
            cause: Cause::Local,
            status: now,
        });
    }
    for event in &mut events {
        if let Event::Rows { keys, .. } = event
            && keys.len() > MAX_KEYS
        {
            keys.clear();
        }
    }
    events
}

/// Rows that a pull or a push changed.
pub(super) fn row_events(changes: Vec<RowChange>, cause: Cause) -> impl Iterator<Item = Event> {
    changes.into_iter().map(move |RowChange { table, keys, status }| Event::Rows {
        table,
        keys,
        cause: if status == Some(SyncStatus::Conflict) { Cause::Conflict } else { cause },
        status,
    })
}

/// What an answer to a push brought.
pub(super) fn push_events(report: PushReport) -> Vec<Event> {
    let remapped = report.remapped.into_iter().map(|key| Event::Remapped {
        table: key.table,
        temporary_key: key.temporary_key,
        server_key: key.server_key,
    });
    let parked = report.parked.into_iter().map(|unit| {
        let (ParkedState::Conflict | ParkedState::Failed | ParkedState::Notice) = unit.state;
        Event::Attention { table: unit.table, code: unit.code, field: unit.field }
    });
    // Remapped first: whoever holds a temporary key must know the new one before the rows are announced.
    remapped.chain(row_events(report.changes, Cause::Push)).chain(parked).collect()
}

#[cfg(test)]
mod tests {
    use super::{MAX_KEYS, local_events};
    use crate::cache::{LocalChange, Operation};
    use crate::event::{Cause, Event, SyncStatus};

    fn change(table: &str, key: &str, operation: Operation) -> LocalChange {
        LocalChange { change: 1, table: table.into(), key: key.into(), operation }
    }

    #[test]
    fn changes_of_one_table_become_one_event() {
        let events = local_events(&[
            change("a", "[\"1\"]", Operation::Insert),
            change("a", "[\"1\"]", Operation::Update),
            change("a", "[\"2\"]", Operation::Update),
            change("a", "[\"2\"]", Operation::Delete),
        ]);
        let rows = |keys: &[&str], status| Event::Rows {
            table: "a".into(),
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            cause: Cause::Local,
            status,
        };
        assert_eq!(
            events,
            [rows(&["[\"1\"]", "[\"2\"]"], Some(SyncStatus::Pending)), rows(&["[\"2\"]"], None)]
        );
    }

    #[test]
    fn a_flood_is_not_listed_key_by_key() {
        let flood: Vec<_> =
            (0..=MAX_KEYS).map(|n| change("a", &format!("[\"{n}\"]"), Operation::Insert)).collect();
        let events = local_events(&flood);
        assert!(matches!(&events[..], [Event::Rows { keys, .. }] if keys.is_empty()));
    }
}
