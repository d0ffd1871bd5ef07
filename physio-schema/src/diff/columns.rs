//! Columns: added, dropped, changed, moved.

use super::change::{Clause, Phase, Step};
use super::class::ColumnPair;
use super::spell::{column_definition, drop_key, foreign_key, key, own_check, quoted_name, shown_column};
use super::tables::TablePair;
use super::{Change, ChangeKind, Class};
use crate::field_type::FieldType;
use crate::model::{Column, KeyKind, Table};

/// The generated field's type, apart from the name of an ENUM's own type.
pub(super) fn field_type(column: &Column, is_wide: bool) -> FieldType {
    FieldType::of(&column.column_type, is_wide, Some("its own type"))
}

pub(super) fn compare(pair: &TablePair<'_>, changes: &mut Vec<Change>) {
    for column in pair.old.columns.iter().filter(|column| pair.new.column(&column.name).is_none()) {
        changes.push(dropped(pair, column));
    }
    let kept = kept_in_place(pair.old, pair.new);
    let mut before: Option<&Column> = None;
    for column in &pair.new.columns {
        match pair.old.column(&column.name) {
            None => changes.push(added(pair, column, before)),
            Some(old) => {
                let is_moved = !kept.contains(&column.name.as_str());
                changes.extend(changed(pair, old, column, before, is_moved));
            }
        }
        before = Some(column);
    }
}

fn dropped(pair: &TablePair<'_>, column: &Column) -> Change {
    let sql = format!("DROP COLUMN {}", quoted_name(&column.name));
    let verdict = hidden(pair, column).unwrap_or((Class::BreaksCode, "code may name the column".to_owned()));
    pair.change(
        ChangeKind::ColumnDropped,
        &column.name,
        (Some(shown_column(column, own_check(pair.old, column))), None),
        verdict,
        vec![Step::clause(Clause::DropColumn, sql)],
    )
}

fn added(pair: &TablePair<'_>, column: &Column, before: Option<&Column>) -> Change {
    let check = own_check(pair.new, column);
    let sql = format!("ADD COLUMN {}{}", column_definition(column, check), place(before));
    let verdict = if let Some(verdict) = hidden(pair, column) {
        verdict
    } else if column.is_optional() {
        (Class::Additive, "an insert may leave it out".to_owned())
    } else if !pair.options.is_written(&pair.new.name) {
        (Class::Additive, "nothing is inserted here (writable = false)".to_owned())
    } else {
        (Class::BreaksCode, "an insert must name it: it may not be NULL and has no default".to_owned())
    };
    pair.change(
        ChangeKind::ColumnAdded,
        &column.name,
        (None, Some(shown_column(column, check))),
        verdict,
        vec![Step::clause(Clause::Column, sql)],
    )
}

/// The verdict on a column that physio.toml hides: no code and no cache knows it.
fn hidden(pair: &TablePair<'_>, column: &Column) -> Option<(Class, String)> {
    let table = &pair.new.name;
    pair.options.is_hidden(table, &column.name).then(|| {
        let is_there = pair.new.column(&column.name).is_some();
        if is_there && !column.is_optional() && pair.options.is_written(table) {
            (Class::BreaksCode, "an INSERT must name it, but physio.toml hides it".to_owned())
        } else {
            (Class::Compatible, "physio.toml hides it: it never leaves the server".to_owned())
        }
    })
}

fn changed(
    pair: &TablePair<'_>,
    old: &Column,
    new: &Column,
    before: Option<&Column>,
    is_moved: bool,
) -> Option<Change> {
    let [was_unique, is_unique] = [pair.old, pair.new].map(|table| is_unique(table, &new.name));
    let columns = ColumnPair {
        old,
        new,
        checks: [own_check(pair.old, old), own_check(pair.new, new)],
        wide: pair.wide.map(|wide| wide.contains(&pair.new.name, &new.name)),
        is_unique: was_unique || is_unique,
        is_written: pair.options.is_written(&pair.new.name),
    };
    let moved_to = if is_moved { place(before) } else { String::new() };
    if !columns.differs() {
        return is_moved.then(|| {
            let sql = format!("MODIFY COLUMN {}{moved_to}", column_definition(new, columns.checks[1]));
            let place_before = place(predecessor(pair.old, &new.name));
            pair.change(
                ChangeKind::ColumnMoved,
                &new.name,
                (Some(place_before.trim().to_owned()), Some(moved_to.trim().to_owned())),
                (Class::Compatible, "every statement names its columns".to_owned()),
                vec![Step::clause(Clause::Column, sql)],
            )
        });
    }
    let definition = column_definition(new, columns.checks[1]);
    let mut steps = if old.generated != new.generated && (is_virtual(old) || is_virtual(new)) {
        made_anew(pair, new, &definition, before)
    } else {
        vec![Step::clause(Clause::Column, format!("MODIFY COLUMN {definition}{moved_to}"))]
    };
    if old.column_type != new.column_type || old.collation != new.collation {
        steps.extend(foreign_keys_aside(pair, &new.name));
    }
    let texts = [shown_column(old, columns.checks[0]), shown_column(new, columns.checks[1])].map(Some);
    let [was, is] = texts;
    let verdict = hidden(pair, new).unwrap_or_else(|| columns.classify().conclude());
    Some(pair.change(ChangeKind::ColumnChanged, &new.name, (was, is), verdict, steps))
}

/// MariaDB retypes no column that a foreign key holds on either side: what stays as it is goes and comes.
fn foreign_keys_aside(pair: &TablePair<'_>, column: &str) -> Vec<Step> {
    let [older, newer] = pair.schemas;
    let this = &pair.new.name;
    let mut steps = Vec::new();
    for table in &newer.tables {
        let Some(before) = older.table(&table.name) else { continue };
        for key in table.foreign_keys.iter().filter(|key| before.foreign_keys.contains(key)) {
            let has = |names: &[String]| names.iter().any(|name| name == column);
            let holds = (table.name == *this && has(&key.columns))
                || (key.referenced_table == *this && has(&key.referenced_columns));
            if holds {
                let aside = Some(table.name.clone());
                let gone = format!("DROP FOREIGN KEY {}", quoted_name(&key.name));
                let back = format!("ADD {}", foreign_key(key));
                steps.push(Step { phase: Phase::DropForeignKey, aside: aside.clone(), sql: gone });
                steps.push(Step { phase: Phase::AddForeignKey, aside, sql: back });
            }
        }
    }
    steps
}

/// No server turns a VIRTUAL column into another kind or back: it goes and comes, and its keys with it.
fn made_anew(pair: &TablePair<'_>, column: &Column, definition: &str, before: Option<&Column>) -> Vec<Step> {
    let name = &column.name;
    let mut steps = vec![
        Step::clause(Clause::DropColumn, format!("DROP COLUMN {}", quoted_name(name))),
        Step::clause(Clause::Column, format!("ADD COLUMN {definition}{}", place(before))),
    ];
    let names = |key: &&crate::model::Key| key.parts.iter().any(|part| part.column.as_ref() == Some(name));
    for kept in pair.new.keys.iter().filter(names).filter(|key| pair.old.keys.contains(key)) {
        steps.push(Step::clause(Clause::DropKey, drop_key(kept)));
        steps.push(Step::clause(Clause::AddKey, format!("ADD {}", key(kept))));
    }
    steps
}

fn is_virtual(column: &Column) -> bool {
    column.generated.as_ref().is_some_and(|generated| !generated.stored)
}

fn is_unique(table: &Table, column: &str) -> bool {
    let unique = table.keys.iter().filter(|key| matches!(key.kind, KeyKind::Primary | KeyKind::Unique));
    unique.flat_map(|key| &key.parts).any(|part| part.column.as_deref() == Some(column))
}

fn predecessor<'a>(table: &'a Table, name: &str) -> Option<&'a Column> {
    let at = table.columns.iter().position(|column| column.name == name)?;
    table.columns.get(at.checked_sub(1)?)
}

/// ``FIRST`` or ``AFTER `name` ``, with a blank before it.
fn place(before: Option<&Column>) -> String {
    before.map_or_else(|| " FIRST".to_owned(), |column| format!(" AFTER {}", quoted_name(&column.name)))
}

/// The columns of both sides that need not move: the longest run, in the order of both.
fn kept_in_place<'a>(old: &Table, new: &'a Table) -> Vec<&'a str> {
    let shared: Vec<(&str, usize)> = new
        .columns
        .iter()
        .filter_map(|column| {
            let at = old.columns.iter().position(|other| other.name == column.name)?;
            Some((column.name.as_str(), at))
        })
        .collect();
    // Length of the longest run that ends at each column, and the one before it.
    let mut runs: Vec<(usize, Option<usize>)> = Vec::with_capacity(shared.len());
    for (position, (_, at)) in shared.iter().enumerate() {
        let earlier = (0..position).filter(|&other| shared[other].1 < *at);
        let best = earlier.max_by_key(|&other| (runs[other].0, std::cmp::Reverse(other)));
        runs.push((best.map_or(1, |other| runs[other].0 + 1), best));
    }
    let mut next = (0..runs.len()).max_by_key(|&position| (runs[position].0, std::cmp::Reverse(position)));
    let mut kept = Vec::new();
    while let Some(position) = next {
        kept.push(shared[position].0);
        next = runs[position].1;
    }
    kept
}
