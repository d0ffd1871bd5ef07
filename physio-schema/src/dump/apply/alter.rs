//! ALTER TABLE, CREATE INDEX, DROP INDEX.

use super::Replay;
use super::create::{add_period, column_keys, engine_name};
use crate::dump::catalogue::{TableState, is_same_name};
use crate::dump::rules::charset;
use crate::dump::rules::default_value::resolve_default;
use crate::dump::rules::foreign_key::{Making, add_foreign_key, highest_number};
use crate::dump::rules::key::{add_key, drop_needless_keys};
use crate::dump::spec::{
    AlterAction, CharsetSpec, ColumnPlace, ColumnSpec, ForeignKeySpec, KeySpec, Place, TableName,
    TableOptions,
};
use crate::model::{Column, ColumnDefault, ColumnType, KeyKind, LobSize};

const HELP: &str = "correct the statement, or make the dump again with mysqldump --no-data";

/// Keys and foreign keys wait until all columns of the statement are there.
#[derive(Default)]
struct Later {
    keys: Vec<KeySpec>,
    foreign_keys: Vec<ForeignKeySpec>,
    new_name: Option<TableName>,
}

impl Replay<'_> {
    pub(super) fn alter_table(
        &mut self,
        place: Place,
        name: &TableName,
        if_exists: bool,
        actions: Vec<AlterAction>,
    ) {
        if actions.iter().all(|action| *action == AlterAction::Ignored) {
            return;
        }
        let Some(mut table) = self.database(name).tables.get(&name.table).cloned() else {
            if !if_exists && !self.skipped.views.contains(&name.table) {
                self.missing_table(place, name);
            }
            return;
        };
        let copies = actions.iter().any(copies_the_table);
        let making = Making { server: self.server, in_place: !copies && !self.checks_foreign_keys() };
        let mut later = Later::default();
        for action in actions {
            if let Err(message) = self.alter(&mut table, name, action, &mut later) {
                self.error(place, &name.table, message, HELP);
            }
        }
        let mut results = Vec::new();
        results.extend(later.keys.iter().map(|key| (key.place, add_key(&mut table, key, false))));
        let mut number = highest_number(&table, &name.table);
        for foreign_key in &mut later.foreign_keys {
            self.spell_as_referenced(foreign_key, &table, name);
            results.push((
                foreign_key.place,
                add_foreign_key(&mut table, &name.table, foreign_key, making, &mut number),
            ));
        }
        for (place, result) in results {
            if let Err(message) = result {
                self.error(place, &name.table, message, HELP);
            }
        }
        drop_needless_keys(&mut table);
        self.database(name).tables.insert(name.table.clone(), table);
        if let Some(new_name) = later.new_name {
            self.rename_table(place, name, &new_name);
        }
    }

    fn alter(
        &mut self,
        table: &mut TableState,
        name: &TableName,
        action: AlterAction,
        later: &mut Later,
    ) -> Result<(), String> {
        match action {
            AlterAction::AddColumn { column, place, if_not_exists } => {
                if !(if_not_exists && table.column_index(&column.name).is_some()) {
                    self.add_column(table, &column, &place);
                    self.note_column(&column, later);
                }
            }
            AlterAction::ChangeColumn { old, column, place, if_exists } => {
                let Some(at) = table.column_index(&old) else {
                    return missing(if_exists, "column", &old);
                };
                self.change_column(table, name, at, &column, place.as_ref())?;
                self.note_column(&column, later);
            }
            AlterAction::DropColumn { name, if_exists } => {
                let Some(at) = table.column_index(&name) else { return missing(if_exists, "column", &name) };
                drop_column(table, at);
            }
            AlterAction::RenameColumn { old, new } => {
                let Some(at) = table.column_index(&old) else { return missing(false, "column", &old) };
                let old = std::mem::replace(&mut table.columns[at].name, new.clone());
                rename_in_keys(table, &old, &new);
                self.rename_referenced_column(table, name, &old, &new);
            }
            AlterAction::SetDefault { column, default } => {
                let Some(at) = table.column_index(&column) else { return missing(false, "column", &column) };
                let column = &mut table.columns[at];
                column.default = resolve_default(&default, &column.column_type, self.server)?;
            }
            AlterAction::DropDefault { column } => {
                let Some(at) = table.column_index(&column) else { return missing(false, "column", &column) };
                let column = &mut table.columns[at];
                column.default = if column.nullable { ColumnDefault::Null } else { ColumnDefault::Missing };
            }
            AlterAction::AddKey(key) => later.keys.push(key),
            AlterAction::DropKey { name, if_exists } => {
                let Some(at) = table.key_index(&name) else { return missing(if_exists, "key", &name) };
                table.keys.remove(at);
            }
            AlterAction::RenameKey { old, new } => {
                let Some(at) = table.key_index(&old) else { return missing(false, "key", &old) };
                table.keys[at].key.name = new;
            }
            AlterAction::AddForeignKey(foreign_key) => later.foreign_keys.push(foreign_key),
            AlterAction::DropForeignKey { name, if_exists } => {
                if !drop_foreign_key(table, &name) {
                    return missing(if_exists, "foreign key", &name);
                }
            }
            AlterAction::AddCheck { name, expression } => {
                let name = name.unwrap_or_else(|| table.free_check_name());
                table.checks.push((name, expression));
            }
            AlterAction::AddPeriod { name, columns } => add_period(table, name, columns),
            AlterAction::DropCheck { name } => {
                table.checks.retain(|(other, _)| !is_same_name(other, &name));
            }
            AlterAction::DropConstraint { name, if_exists } => drop_constraint(table, &name, if_exists)?,
            AlterAction::RenameTable(new_name) => later.new_name = Some(new_name),
            AlterAction::Options(options) => self.set_options(table, options),
            AlterAction::ConvertCharset(spec) => self.convert(table, name, &spec),
            AlterAction::DropSystemVersioning | AlterAction::Ignored => {}
        }
        Ok(())
    }

    /// Keeps the keys that a column's attributes make for the end of the statement.
    fn note_column(&self, column: &ColumnSpec, later: &mut Later) {
        later.keys.extend(column_keys(column, self.server));
        later.foreign_keys.extend(self.inline_references(column));
    }

    fn change_column(
        &mut self,
        table: &mut TableState,
        name: &TableName,
        at: usize,
        spec: &ColumnSpec,
        place: Option<&ColumnPlace>,
    ) -> Result<(), String> {
        let old = table.columns.remove(at);
        table.checks.retain(|(check, _)| !is_same_name(check, &old.name));
        if table.column_index(&spec.name).is_some() {
            table.columns.insert(at, old);
            return Err(format!("the table has a column `{}` already", spec.name));
        }
        let to = match place {
            None => at,
            Some(ColumnPlace::First) => 0,
            Some(ColumnPlace::Last) => table.columns.len(),
            Some(ColumnPlace::After(after)) => match table.column_index(after) {
                Some(after) => after + 1,
                None => {
                    let message = format!("the table has no column `{after}`");
                    table.columns.insert(at, old);
                    return Err(message);
                }
            },
        };
        let n_columns = table.columns.len();
        self.insert_column(table, spec, to);
        if table.columns.len() == n_columns {
            table.columns.insert(at, old);
            return Ok(());
        }
        if old.name != spec.name {
            rename_in_keys(table, &old.name, &spec.name);
            self.rename_referenced_column(table, name, &old.name, &spec.name);
        }
        let is_in_primary = table.keys.iter().any(|state| {
            let has_column = |part: &crate::model::KeyPart| {
                part.column.as_ref().is_some_and(|column| is_same_name(column, &spec.name))
            };
            state.key.kind == KeyKind::Primary && state.key.parts.iter().any(has_column)
        });
        if is_in_primary && let Some(at) = table.column_index(&spec.name) {
            table.columns[at].forbid_null();
        }
        Ok(())
    }

    fn set_options(&mut self, table: &mut TableState, options: TableOptions) {
        if let Some(engine) = options.engine {
            table.engine = engine_name(&engine);
        }
        if let Some(comment) = options.comment {
            table.comment = comment;
        }
        if options.charset != CharsetSpec::default() {
            // A character set alone means its default collation, also when the table has that set.
            table.collation = charset::resolve(&options.charset, &table.collation, self.server);
        }
    }

    /// `CONVERT TO CHARACTER SET`: the table and every column that holds text.
    fn convert(&mut self, table: &mut TableState, name: &TableName, spec: &CharsetSpec) {
        let inherited = self.database(name).collation.clone();
        let collation = charset::resolve(spec, &inherited, self.server);
        for column in &mut table.columns {
            convert_column(column, &collation);
        }
        table.collation = collation;
    }
}

/// Whether the server makes the table anew for that change.
fn copies_the_table(action: &AlterAction) -> bool {
    match action {
        AlterAction::ChangeColumn { .. } | AlterAction::ConvertCharset(_) => true,
        AlterAction::Options(options) => options.engine.is_some() || options.system_versioned,
        _ => false,
    }
}

/// Gives a column of text another collation; text that turns into bytes changes its type.
fn convert_column(column: &mut Column, collation: &str) {
    let Some(old) = column.collation.replace(collation.to_owned()) else {
        column.collation = None;
        return;
    };
    let grows = charset::bytes_per_character(collation) > charset::bytes_per_character(&old);
    let is_bytes = collation == "binary";
    column.column_type = match column.column_type.clone() {
        ColumnType::Char { length } if is_bytes => ColumnType::Binary { length },
        ColumnType::Varchar { length } if is_bytes => ColumnType::Varbinary { length },
        ColumnType::Text { size } if is_bytes => ColumnType::Blob { size },
        ColumnType::Text { size } if grows => ColumnType::Text { size: wider(size) },
        other => other,
    };
    if !matches!(
        column.column_type,
        ColumnType::Char { .. }
            | ColumnType::Varchar { .. }
            | ColumnType::Text { .. }
            | ColumnType::Enum { .. }
            | ColumnType::Set { .. }
    ) {
        column.collation = None;
    }
}

/// Text that needs more bytes a character gets the next wider type, so that every value fits.
fn wider(size: LobSize) -> LobSize {
    match size {
        LobSize::Tiny => LobSize::Normal,
        LobSize::Normal => LobSize::Medium,
        LobSize::Medium | LobSize::Long => LobSize::Long,
    }
}

fn missing(is_allowed: bool, what: &str, name: &str) -> Result<(), String> {
    if is_allowed { Ok(()) } else { Err(format!("the table has no {what} `{name}`")) }
}

/// Takes a column out of the table and out of its keys; a key without columns goes too.
fn drop_column(table: &mut TableState, at: usize) {
    let name = table.columns.remove(at).name;
    for state in &mut table.keys {
        let is_dropped = |column: &Option<String>| column.as_ref().is_some_and(|c| is_same_name(c, &name));
        state.key.parts.retain(|part| !is_dropped(&part.column));
    }
    table.keys.retain(|state| !state.key.parts.is_empty());
    table.checks.retain(|(check, _)| !is_same_name(check, &name));
}

fn rename_in_keys(table: &mut TableState, old: &str, new: &str) {
    for part in table.keys.iter_mut().flat_map(|state| &mut state.key.parts) {
        if part.column.as_ref().is_some_and(|column| is_same_name(column, old)) {
            part.column = Some(new.to_owned());
        }
    }
    for column in table.foreign_keys.iter_mut().flat_map(|foreign_key| &mut foreign_key.columns) {
        if is_same_name(column, old) {
            *column = new.to_owned();
        }
    }
}

fn drop_foreign_key(table: &mut TableState, name: &str) -> bool {
    let before = table.foreign_keys.len();
    table.foreign_keys.retain(|foreign_key| !is_same_name(&foreign_key.name, name));
    table.foreign_keys.len() < before
}

/// A constraint is a foreign key, a unique key or a check.
fn drop_constraint(table: &mut TableState, name: &str, if_exists: bool) -> Result<(), String> {
    if drop_foreign_key(table, name) {
        return Ok(());
    }
    if let Some(at) = table.key_index(name) {
        table.keys.remove(at);
        return Ok(());
    }
    let before = table.checks.len();
    table.checks.retain(|(check, _)| !is_same_name(check, name));
    if table.checks.len() < before { Ok(()) } else { missing(if_exists, "constraint", name) }
}
