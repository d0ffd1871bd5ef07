//! Where an application learns of a change, and whether one of its statements would fail before.

use super::kind::Mutation;
use super::{config_of, read};
use physio_schema::describe::{Surface, describe};
use physio_schema::diff::{Class, diff};
use physio_schema::model::{ColumnDefault, ColumnType, Schema};
use physio_schema::plan::{self, Plan, TablePlan};
use rusqlite::Connection;

/// An application as it was compiled.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The dump's text.
    pub dump: String,
    /// Its model.
    pub schema: Schema,
    /// What is synced: everything that has a key.
    pub plan: Plan,
    /// What its code can name.
    pub surface: Surface,
}

impl Compiled {
    /// The application of a dump that uses everything.
    ///
    /// # Errors
    ///
    /// When the dump makes no plan.
    pub fn of(dump: &str) -> Result<Self, String> {
        let schema = read(dump).map_err(|errors| errors.to_string())?;
        let (plan, surface) = plan_of(&schema).ok_or("the dump makes no plan")?;
        Ok(Self { dump: dump.to_owned(), schema, plan, surface })
    }
}

fn plan_of(schema: &Schema) -> Option<(Plan, Surface)> {
    let plan = plan::build(schema, &config_of(&[])).ok()?;
    let surface = Surface::of(&describe(&plan, schema));
    Some((plan, surface))
}

/// Who tells of a mutation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The compiler refuses code that uses the thing.
    pub compiler: bool,
    /// `check` names it; the heaviest class it gives.
    pub check: Option<Class>,
    /// An application of the older dump and a bridge of the newer one do not sync the table.
    pub handshake: bool,
    /// Why a statement of the application as it was compiled may fail on the changed schema.
    pub dangers: Vec<String>,
    /// What contradicts the promise or the project's own model of a server.
    pub faults: Vec<String>,
}

impl Verdict {
    /// Who would tell first: the developer's compiler, the CI's `check`, the handshake in the field.
    pub fn first(&self) -> Option<&'static str> {
        if self.compiler {
            Some("compiler")
        } else if self.check.is_some() {
            Some("check")
        } else if self.handshake {
            Some("handshake")
        } else {
            None
        }
    }
}

/// Judges one mutation of the application's dump.
///
/// ```
/// use physio_tests::mutation::{judge::{Compiled, judge}, kind::mutations};
/// let app = Compiled::of("CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a enum('x','y') NOT NULL);").unwrap();
/// for mutation in mutations(&app.schema, 20, 1) {
///     let verdict = judge(&app, &mutation);
///     assert!(verdict.first().is_some() && verdict.faults.is_empty(), "{mutation:?} {verdict:?}");
/// }
/// ```
pub fn judge(app: &Compiled, mutation: &Mutation) -> Verdict {
    let mut faults = Vec::new();
    // The statements do on a server what was meant: the dump's reader stands in for it, MariaDB for a sample.
    let migrated = read(&format!("{}\n{};\n", app.dump, mutation.sql.join(";\n")));
    match &migrated {
        Ok(migrated) if *migrated == mutation.schema => {}
        Ok(migrated) => {
            faults.push(format!("the statements make something else: {:?}", diff(migrated, &mutation.schema)))
        }
        Err(errors) => faults.push(errors.to_string()),
    }
    let after = plan_of(&mutation.schema);
    let compiler = after.as_ref().is_none_or(|(_, surface)| !app.surface.broken_by(surface).is_empty());
    let changes = diff(&app.schema, &mutation.schema);
    let check = changes.iter().map(|change| change.class).max();
    let mismatched = app.plan.tables.iter().filter(|table| {
        let theirs = after.as_ref().and_then(|(plan, _)| plan.table(&table.name));
        theirs.is_none_or(|theirs| theirs.fingerprint != table.fingerprint)
    });
    let mismatched: Vec<&str> = mismatched.map(|table| table.name.as_str()).collect();
    let mut dangers = Vec::new();
    if let Some((plan, _)) = &after {
        for table in &app.plan.tables {
            let of_table = dangers_of(table, plan, &app.schema, &mutation.schema);
            if !of_table.is_empty() && !mismatched.contains(&table.name.as_str()) {
                faults.push(format!("`{}` is synced, and {}", table.name, of_table.join(", ")));
            }
            dangers.extend(of_table);
        }
    }
    let verdict = Verdict { compiler, check, handshake: !mismatched.is_empty(), dangers, faults };
    match (verdict.first(), verdict.compiler, verdict.check) {
        (None, ..) => with_fault(verdict, "nobody tells of it"),
        (_, true, Some(Class::BreaksCode)) | (_, false, Some(_)) => verdict,
        (_, true, class) => with_fault(verdict, &format!("code breaks, and `check` says {class:?}")),
        (_, false, None) => with_fault(verdict, "`check` says nothing"),
    }
}

fn with_fault(mut verdict: Verdict, fault: &str) -> Verdict {
    verdict.faults.push(fault.to_owned());
    verdict
}

/// Why statements that were made for the older table may fail on the newer one.
fn dangers_of(table: &TablePlan, after: &Plan, old: &Schema, new: &Schema) -> Vec<String> {
    let Some(now) = after.table(&table.name) else { return vec!["the table is gone".to_owned()] };
    let mut dangers = Vec::new();
    if now == table {
        return dangers;
    }
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    if let Err(error) = connection.execute_batch(&now.sql.create) {
        return vec![format!("the cache cannot be made: {error}")];
    }
    for statement in statements(table) {
        if let Err(error) = connection.prepare(&statement) {
            dangers.push(format!("`{statement}` fails: {error}"));
        }
    }
    let (Some(was), Some(is)) = (old.table(&table.name), new.table(&table.name)) else { return dangers };
    for column in &is.columns {
        match was.column(&column.name) {
            // The server refuses an INSERT that does not name it.
            None => {
                let is_named_by_mysql = column.auto_increment
                    || column.generated.is_some()
                    || matches!(column.column_type, ColumnType::Enum { .. });
                if !column.nullable && column.default == ColumnDefault::Missing && !is_named_by_mysql {
                    dangers.push(format!("an INSERT must name `{}`", column.name));
                }
            }
            Some(before) => {
                if before.column_type != column.column_type {
                    dangers.push(format!("a value may not fit `{}`", column.name));
                }
                if before.nullable && !column.nullable {
                    dangers.push(format!("NULL does not fit `{}`", column.name));
                }
            }
        }
    }
    dangers
}

/// What the runtime sends to its cache for a table, and what an application typically does.
fn statements(table: &TablePlan) -> Vec<String> {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let names: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let key: Vec<String> =
        table.key_columns().map(|column| format!("{} = ?", quoted(&column.name))).collect();
    let (name, marks) = (quoted(&table.name), vec!["?"; names.len()].join(", "));
    let set: Vec<String> = names.iter().map(|name| format!("{name} = ?")).collect();
    let sql = &table.sql;
    let mut all = vec![
        format!("SELECT {} FROM {name} WHERE {}", names.join(", "), key.join(" AND ")),
        format!("INSERT INTO {name} ({}) VALUES ({marks})", names.join(", ")),
        format!("UPDATE {name} SET {} WHERE {}", set.join(", "), key.join(" AND ")),
    ];
    all.extend(
        [&sql.upsert, &sql.replace, &sql.delete_synced, &sql.delete, &sql.select_by_key, &sql.set_status]
            .map(String::clone),
    );
    all
}
