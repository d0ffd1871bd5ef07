//! A schema and a physio.toml become a plan, or a list of everything that is wrong with them.

mod access;
mod columns;
mod keys;
mod order;
mod references;
mod renames;
mod waves;

pub(crate) use columns::storage_of;
pub(crate) use keys::own_key;
pub use keys::{Keyless, keyless};

use super::{PLAN_FORMAT, Plan, TableAccess, TablePlan, TableSql, Wave};
use crate::config::{Config, Places, TableConfig};
use crate::fingerprint::{plan_fingerprint, table_fingerprint};
use crate::model::{Schema, Table};
use crate::sqlite::{TableInput, emit_table};
use crate::suggest::did_you_mean;
use std::fmt;

/// One reason why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanError {
    /// Line of physio.toml, from 1, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "physio.toml:{line}: {}\n  help: {}", self.message, self.help),
            None => write!(f, "{}\n  help: {}", self.message, self.help),
        }
    }
}

impl std::error::Error for PlanError {}

/// Collects errors with the lines of physio.toml.
struct Errors<'a> {
    places: &'a Places,
    found: Vec<PlanError>,
}

impl Errors<'_> {
    fn refuse(&mut self, path: &str, message: String, help: impl Into<String>) {
        self.found.push(PlanError { line: self.places.line(path), message, help: help.into() });
    }
}

/// What is known of a table before its columns are looked at.
struct Source<'a> {
    model: &'a Table,
    config: TableConfig,
    wave: &'a str,
}

/// Makes the plan.
///
/// # Errors
///
/// Everything that is wrong, at once: unknown tables and columns (with the nearest known name), tables without a
/// usable key, references that lead nowhere.
///
/// ```
/// use physio_schema::{config, model::Schema, plan};
/// let config = config::parse(config::REFERENCE).expect("the reference is valid");
/// let errors = plan::build(&Schema::default(), &config).unwrap_err();
/// assert!(errors[0].to_string().contains("the dump has no table `orders`"));
/// ```
pub fn build(schema: &Schema, config: &Config) -> Result<Plan, Vec<PlanError>> {
    let mut errors = Errors { places: &config.places, found: Vec::new() };
    let waves = waves::resolve(schema, config, &mut errors);
    check_settings(schema, config, &waves, &mut errors);
    check_tokens(schema, config, &mut errors);

    let mut sources = Vec::new();
    let mut tables: Vec<TablePlan> = Vec::new();
    for wave in &waves {
        for name in &wave.tables {
            let Some(model) = schema.table(name) else { continue };
            let source = Source {
                model,
                config: config.tables.get(name).cloned().unwrap_or_default(),
                wave: &wave.name,
            };
            if let Some(table) = build_table(&source, config, &mut errors) {
                tables.push(table);
                sources.push(source);
            }
        }
    }
    references::resolve(schema, &sources, &mut tables, &mut errors);
    let access = access::resolve(schema, config, &mut tables, &mut errors);
    order::check_ids(&tables, &mut errors);
    let renames = renames::resolve(schema, config, &mut errors);
    if !errors.found.is_empty() {
        return Err(errors.found);
    }

    let utc_offset_minutes = config.server.time_zone.minutes();
    let sql: Vec<TableSql> = tables
        .iter()
        .zip(&sources)
        .map(|(table, source)| {
            let wide_keys = source.config.wide_keys;
            emit_table(&TableInput {
                table,
                model: source.model,
                tables: &tables,
                wide_keys,
                utc_offset_minutes,
            })
        })
        .collect();
    for (table, sql) in tables.iter_mut().zip(sql) {
        table.sql = sql;
    }
    Ok(Plan {
        format: PLAN_FORMAT,
        app: config.app.name.clone(),
        fingerprint: plan_fingerprint(
            tables.iter().map(|table| (table.name.as_str(), table.fingerprint.as_str())),
        ),
        utc_offset_minutes,
        waves,
        sync: (&config.sync).into(),
        tables: order::parents_first(tables),
        renames,
        access,
    })
}

fn build_table(source: &Source<'_>, config: &Config, errors: &mut Errors<'_>) -> Option<TablePlan> {
    let model = source.model;
    let columns = columns::build_columns(source, errors);
    let key = keys::choose_key(source, &columns, errors)?;
    let temporary_key = key.iter().copied().find(|&position| {
        let name = &columns[position].name;
        model.column(name).is_some_and(|column| column.auto_increment)
    });
    let mut columns = columns;
    if let Some(position) = temporary_key
        && !source.config.wide_keys
    {
        columns[position].storage = super::Storage::Integer;
    }
    let visible: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let key_names: Vec<&str> = key.iter().map(|&position| columns[position].name.as_str()).collect();
    Some(TablePlan {
        name: model.name.clone(),
        id: crc32fast::hash(model.name.as_bytes()),
        fingerprint: table_fingerprint(model, &visible, &key_names),
        wave: source.wave.to_owned(),
        stale_after_s: source.config.stale_after_s.unwrap_or(config.sync.stale_after_s),
        writable: source.config.writable.unwrap_or(true),
        conflict: source.config.conflict.unwrap_or_default(),
        unique: keys::unique_keys(model, &columns, &key),
        temporary_key,
        key,
        columns,
        references: Vec::new(),
        access: TableAccess::default(),
        sql: TableSql::default(),
    })
}

/// `[tables.…]` entries of tables that are not synced, and columns that do not exist.
fn check_settings(schema: &Schema, config: &Config, waves: &[Wave], errors: &mut Errors<'_>) {
    for (name, settings) in &config.tables {
        let path = format!("tables.{name}");
        let Some(table) = schema.table(name) else {
            let known = schema.tables.iter().map(|table| table.name.as_str());
            let message = format!("the dump has no table `{name}`{}", did_you_mean(name, known));
            errors.refuse(&path, message, "correct the name or take the entry out");
            continue;
        };
        if !waves.iter().any(|wave| wave.tables.contains(name)) {
            let help = "add it to the `tables` of a wave or take the entry out";
            errors.refuse(&path, format!("`{name}` has settings but no wave names it"), help);
        }
        let mut check = |path: String, column: &str| {
            if table.column(column).is_none() {
                let known = table.columns.iter().map(|column| column.name.as_str());
                let message = format!("no column `{column}` in `{name}`{}", did_you_mean(column, known));
                errors.refuse(&path, message, "correct the name or take the entry out");
            }
        };
        for (index, column) in settings.hidden.iter().enumerate() {
            check(format!("{path}.hidden[{index}]"), column);
        }
        for (index, column) in settings.key.iter().flatten().enumerate() {
            check(format!("{path}.key[{index}]"), column);
        }
        for column in settings.columns.keys() {
            check(format!("{path}.columns.{column}"), column);
        }
        for column in settings.references.keys() {
            check(format!("{path}.references.{column}"), column);
        }
    }
}

/// The token table may be missing from the dump (the install SQL makes it), but not half there.
fn check_tokens(schema: &Schema, config: &Config, errors: &mut Errors<'_>) {
    let tokens = &config.server.tokens;
    let Some(table) = schema.table(&tokens.table) else { return };
    let columns = [
        ("token", Some(&tokens.token)),
        ("user", tokens.user.as_ref()),
        ("expires", tokens.expires.as_ref()),
        ("revoked", tokens.revoked.as_ref()),
        ("last_used", tokens.last_used.as_ref()),
    ];
    for (option, column) in columns {
        let Some(column) = column.filter(|column| table.column(column).is_none()) else { continue };
        let known = table.columns.iter().map(|column| column.name.as_str());
        let message = format!("no column `{column}` in `{}`{}", tokens.table, did_you_mean(column, known));
        errors.refuse(&format!("server.tokens.{option}"), message, "name the column as the dump spells it");
    }
}
