//! Keys, foreign keys and CHECKs.

use super::change::{Clause, Phase, Step};
use super::rust_types::WideColumns;
use super::spell::{check, drop_key, foreign_key, key, quoted_name, table_checks};
use super::tables::TablePair;
use super::{Change, ChangeKind, Class, columns};
use crate::model::{ForeignKey, Key, KeyKind, Table};
use std::collections::BTreeSet;

pub(super) fn compare_keys(pair: &TablePair<'_>, changes: &mut Vec<Change>) {
    let find = |table: &'_ Table, name: &str| table.keys.iter().find(|key| key.name == name).cloned();
    let names = pair.old.keys.iter().chain(&pair.new.keys).map(|key| &key.name).collect::<BTreeSet<_>>();
    for name in names {
        let (old, new) = (find(pair.old, name), find(pair.new, name));
        if old == new {
            continue;
        }
        let kind = match (&old, &new) {
            (Some(_), Some(_)) => ChangeKind::KeyChanged,
            (Some(_), None) => ChangeKind::KeyDropped,
            (None, _) => ChangeKind::KeyAdded,
        };
        let mut steps = Vec::new();
        steps.extend(old.as_ref().map(|old| Step::clause(Clause::DropKey, drop_key(old))));
        steps.extend(new.as_ref().map(|new| Step::clause(Clause::AddKey, format!("ADD {}", key(new)))));
        let verdict = classify_key(pair, old.as_ref(), new.as_ref());
        let texts = (old.as_ref().map(shown), new.as_ref().map(shown));
        changes.push(pair.change(kind, name, texts, verdict, steps));
    }
}

/// Without the name, which stands before it.
fn shown(shown: &Key) -> String {
    key(shown).replacen(&format!(" {}", quoted_name(&shown.name)), "", 1)
}

fn classify_key(pair: &TablePair<'_>, old: Option<&Key>, new: Option<&Key>) -> (Class, String) {
    let kinds = [old, new].map(|key| key.map(|key| key.kind));
    let is_unique = |kind: &Option<KeyKind>| matches!(kind, Some(KeyKind::Primary | KeyKind::Unique));
    if !kinds.iter().any(is_unique) {
        return (Class::Compatible, "an index changes how fast the server is, not what it holds".to_owned());
    }
    let [was, is] = &pair.row_keys;
    let makes_row_key = |key: Option<&Key>, columns: &Option<Vec<String>>| {
        let parts = key.map(|key| key.parts.iter().map(|part| part.column.as_deref()).collect::<Vec<_>>());
        let columns =
            columns.as_ref().map(|names| names.iter().map(|name| Some(name.as_str())).collect::<Vec<_>>());
        parts.is_some() && parts == columns
    };
    match (was, is) {
        (Some(was), Some(is))
            if was != is
                && (makes_row_key(old, &pair.row_keys[0]) || makes_row_key(new, &pair.row_keys[1])) =>
        {
            (
                Class::BreaksCode,
                format!("rows were told apart by ({}) and are by ({})", was.join(", "), is.join(", ")),
            )
        }
        (Some(_), None) if makes_row_key(old, &pair.row_keys[0]) => (
            Class::BreaksCode,
            "nothing is left by which rows could be told apart: the table cannot be synced".to_owned(),
        ),
        (None, Some(_)) => {
            (Class::Additive, "rows can be told apart now: the table can be synced".to_owned())
        }
        _ => (
            Class::Compatible,
            "code is the same; a duplicate is refused by the server, and here once both sides are built anew"
                .to_owned(),
        ),
    }
}

pub(super) fn compare_foreign_keys(pair: &TablePair<'_>, changes: &mut Vec<Change>) {
    let find = |table: &'_ Table, name: &str| table.foreign_keys.iter().find(|key| key.name == name).cloned();
    let names = pair
        .old
        .foreign_keys
        .iter()
        .chain(&pair.new.foreign_keys)
        .map(|key| &key.name)
        .collect::<BTreeSet<_>>();
    for name in names {
        let (old, new) = (find(pair.old, name), find(pair.new, name));
        if old == new {
            continue;
        }
        let kind = match (&old, &new) {
            (Some(_), Some(_)) => ChangeKind::ForeignKeyChanged,
            (Some(_), None) => ChangeKind::ForeignKeyDropped,
            (None, _) => ChangeKind::ForeignKeyAdded,
        };
        let mut steps = Vec::new();
        steps.extend(old.as_ref().map(|old| {
            Step::new(Phase::DropForeignKey, format!("DROP FOREIGN KEY {}", quoted_name(&old.name)))
        }));
        steps.extend(
            new.as_ref().map(|new| Step::new(Phase::AddForeignKey, format!("ADD {}", foreign_key(new)))),
        );
        let class = classify_foreign_key(pair, [&old, &new]);
        let shown = |foreign: &ForeignKey| {
            foreign_key(foreign).replacen(&format!("CONSTRAINT {} ", quoted_name(&foreign.name)), "", 1)
        };
        changes.push(pair.change(
            kind,
            name,
            (old.as_ref().map(shown), new.as_ref().map(shown)),
            class,
            steps,
        ));
    }
}

fn classify_foreign_key(pair: &TablePair<'_>, keys: [&Option<ForeignKey>; 2]) -> (Class, String) {
    let own = keys.into_iter().flatten().flat_map(|key| &key.columns);
    let is_wide = |wide: &WideColumns<'_>, column: &str| wide.contains(&pair.new.name, column);
    for name in own {
        let (Some(old), Some(new)) = (pair.old.column(name), pair.new.column(name)) else { continue };
        let was = columns::field_type(old, is_wide(pair.wide[0], name));
        let is = columns::field_type(new, is_wide(pair.wide[1], name));
        if was != is {
            let why = format!(
                "keys made offline are 64 bits wide: `{name}` was {} and is {}",
                was.name(),
                is.name()
            );
            return (Class::BreaksCode, why);
        }
    }
    (
        Class::Compatible,
        "code is the same; the server decides what may refer to what, and here once both sides are built anew"
            .to_owned(),
    )
}

pub(super) fn compare_checks(pair: &TablePair<'_>, changes: &mut Vec<Change>) {
    let find = |table: &'_ Table, name: &str| {
        table_checks(table).find(|(other, _)| *other == name).map(|(_, expression)| expression.to_owned())
    };
    let names: BTreeSet<&str> =
        table_checks(pair.old).chain(table_checks(pair.new)).map(|(name, _)| name).collect();
    for name in names {
        let (old, new) = (find(pair.old, name), find(pair.new, name));
        if old == new {
            continue;
        }
        let kind = match (&old, &new) {
            (Some(_), Some(_)) => ChangeKind::CheckChanged,
            (Some(_), None) => ChangeKind::CheckDropped,
            (None, _) => ChangeKind::CheckAdded,
        };
        let mut steps = Vec::new();
        if old.is_some() {
            steps.push(Step::clause(Clause::DropKey, format!("DROP CONSTRAINT {}", quoted_name(name))));
        }
        if let Some(expression) = &new {
            steps.push(Step::clause(Clause::AddKey, format!("ADD {}", check(name, expression))));
        }
        let why = "the server reports a refused row by itself (check_failed)".to_owned();
        changes.push(pair.change(kind, name, (old, new), (Class::Compatible, why), steps));
    }
}
