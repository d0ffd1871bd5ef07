//! Changes of one row that follow each other directly are sent as one.
//!
//! Only direct neighbours: with another row's change between them, the order may matter to a unique or a
//! foreign key. And only edits that go on from each other: where two local rows turned out to be one, their edits are
//! two decisions, of which the server must be told both, or the first would be gone without a word.

use crate::cache::outbox::QueuedChange;
use crate::cache::report::Operation;

/// A change to send, and the captured changes that it stands for.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::cache) struct Folded {
    pub(in crate::cache) change: QueuedChange,
    pub(in crate::cache) ids: Vec<i64>,
}

/// Folds updates into the insert or update of the same row directly before them.
pub(in crate::cache) fn fold_adjacent(changes: &[QueuedChange]) -> Vec<Folded> {
    let mut folded: Vec<Folded> = Vec::with_capacity(changes.len());
    for change in changes {
        let is_same_row = |last: &Folded| last.change.table == change.table && last.change.key == change.key;
        match folded.last_mut() {
            Some(last)
                if is_same_row(last)
                    && change.operation == Operation::Update
                    && last.change.operation != Operation::Delete
                    && goes_on_from(change, &last.change) =>
            {
                last.ids.push(change.id);
                for (column, value) in &change.changed {
                    last.change.changed.insert(column.clone(), value.clone());
                }
                if last.change.operation == Operation::Update {
                    for (column, value) in &change.base {
                        // The first edit's base is the one that the server may still have.
                        last.change.base.entry(column.clone()).or_insert_with(|| value.clone());
                    }
                }
            }
            _ => folded.push(Folded { change: change.clone(), ids: vec![change.id] }),
        }
    }
    folded
}

/// Whether an edit began with what the change before it had left, as far as that says.
fn goes_on_from(edit: &QueuedChange, before: &QueuedChange) -> bool {
    edit.base.iter().all(|(column, base)| before.changed.get(column).is_none_or(|left| left == base))
}

#[cfg(test)]
mod tests {
    use super::fold_adjacent;
    use crate::cache::outbox::{Captured, QueuedChange};
    use crate::cache::report::Operation;
    use serde_json::json;

    fn change(
        id: i64,
        key: &str,
        operation: Operation,
        base: serde_json::Value,
        changed: serde_json::Value,
    ) -> QueuedChange {
        let object = |value: serde_json::Value| value.as_object().cloned().unwrap_or_else(Captured::new);
        QueuedChange {
            id,
            unit: Some(1),
            table: "tests".into(),
            operation,
            key: key.into(),
            base: object(base),
            changed: object(changed),
        }
    }

    #[test]
    fn edits_of_one_row_become_one_with_the_first_base_and_the_last_value() {
        let folded = fold_adjacent(&[
            change(1, "[\"9\"]", Operation::Update, json!({"a": "0"}), json!({"a": "1"})),
            change(
                2,
                "[\"9\"]",
                Operation::Update,
                json!({"a": "1", "b": null}),
                json!({"a": "2", "b": "x"}),
            ),
        ]);
        assert_eq!(folded.len(), 1);
        assert_eq!(folded[0].ids, [1, 2]);
        assert_eq!(serde_json::to_value(&folded[0].change.base).unwrap(), json!({"a": "0", "b": null}));
        assert_eq!(serde_json::to_value(&folded[0].change.changed).unwrap(), json!({"a": "2", "b": "x"}));
    }

    #[test]
    fn an_edit_of_another_row_between_keeps_them_apart() {
        let edit = |id, key| change(id, key, Operation::Update, json!({"a": "0"}), json!({"a": "1"}));
        assert_eq!(fold_adjacent(&[edit(1, "[\"9\"]"), edit(2, "[\"8\"]"), edit(3, "[\"9\"]")]).len(), 3);
    }

    #[test]
    fn an_edit_that_began_elsewhere_is_not_folded() {
        let edits = [
            change(1, "[\"9\"]", Operation::Update, json!({"a": "0"}), json!({"a": "1"})),
            change(2, "[\"9\"]", Operation::Update, json!({"a": "0"}), json!({"a": "2"})),
        ];
        assert_eq!(fold_adjacent(&edits).iter().map(|f| f.ids.clone()).collect::<Vec<_>>(), [[1], [2]]);
        let made = [
            change(1, "[\"9\"]", Operation::Insert, json!(null), json!({"id": "9", "a": "1"})),
            change(2, "[\"9\"]", Operation::Update, json!({"a": "0"}), json!({"a": "2"})),
        ];
        assert_eq!(fold_adjacent(&made).len(), 2);
    }

    #[test]
    fn a_row_that_is_made_again_after_its_delete_is_not_folded() {
        let folded = fold_adjacent(&[
            change(1, "[\"9\"]", Operation::Delete, json!({"a": "0"}), json!(null)),
            change(2, "[\"9\"]", Operation::Insert, json!(null), json!({"id": "9", "a": "1"})),
            change(3, "[\"9\"]", Operation::Update, json!({"a": "1"}), json!({"a": "2"})),
        ]);
        assert_eq!(folded.iter().map(|f| f.ids.clone()).collect::<Vec<_>>(), [vec![1], vec![2, 3]]);
        assert_eq!(folded[1].change.operation, Operation::Insert);
        assert!(folded[1].change.base.is_empty());
    }
}
