//! What the bearer of a token may do, and which rows are in the user's scope.
//!
//! A row outside of the scope is treated as one that does not exist, on every way to it.

use super::ddl::quoted;
use physio_schema::plan::{Operation, Plan, Scope, Storage, TablePlan};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Bearer {
    /// Somebody who may do everything: an owner, or anyone where access is open.
    #[default]
    Everything,
    /// A user with a role and a scope.
    User { role: Option<String>, scope: Option<String> },
}

/// What one caller may do by a plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rights<'a> {
    plan: &'a Plan,
    bearer: &'a Bearer,
}

/// What rows must meet to be the caller's; nothing where all are.
#[derive(Debug, Clone, Default)]
pub(super) struct Visible {
    sql: Option<String>,
    bound: Option<Value>,
}

impl Visible {
    /// The condition in a list of conditions.
    pub(super) fn condition(&self) -> Option<String> {
        self.sql.clone()
    }

    /// ` AND …` behind another condition.
    pub(super) fn and(&self) -> String {
        self.sql.as_ref().map(|sql| format!(" AND {sql}")).unwrap_or_default()
    }

    /// The value that it binds, if it binds one.
    pub(super) fn bound(&self) -> impl Iterator<Item = &Value> {
        self.bound.iter()
    }
}

impl<'a> Rights<'a> {
    pub(super) fn of(plan: &'a Plan, bearer: &'a Bearer) -> Self {
        Self { plan, bearer }
    }

    pub(super) fn may(&self, table: &TablePlan, operation: Operation) -> bool {
        match self.bearer {
            Bearer::Everything => true,
            Bearer::User { role, .. } => table.access.allows(operation, role.as_deref()),
        }
    }

    /// Whether no row is hidden by the caller's scope.
    pub(super) fn sees_all(&self) -> bool {
        let has_scopes = self.plan.access.users.as_ref().is_some_and(|users| users.scope.is_some());
        match self.bearer {
            Bearer::Everything => true,
            Bearer::User { role, .. } => {
                !has_scopes || role.as_ref().is_some_and(|role| self.plan.access.all_scopes.contains(role))
            }
        }
    }

    /// Which rows of a table are the caller's.
    pub(super) fn visible(&self, table: &TablePlan) -> Visible {
        let Bearer::User { scope, .. } = self.bearer else { return Visible::default() };
        if self.sees_all() || table.access.scope == Scope::Shared {
            return Visible::default();
        }
        let Some(scope) = scope else { return Visible { sql: Some("0".to_owned()), bound: None } };
        let (value, storage) = scope_value(self.plan, table);
        let number = match storage {
            Storage::Integer | Storage::Unsigned64 => scope.parse().ok().map(Value::Integer),
            Storage::Real | Storage::Text | Storage::Blob => None,
        };
        let bound = number.unwrap_or_else(|| Value::Text(scope.clone()));
        // A collation would take `north` for `North`.
        Visible { sql: Some(format!("{value} COLLATE BINARY = ?")), bound: Some(bound) }
    }

    /// Whether the row of this key, as it stands, is the caller's.
    pub(super) fn is_visible(
        &self,
        store: &Connection,
        table: &TablePlan,
        columns: &[&str],
        values: &[Value],
    ) -> rusqlite::Result<bool> {
        let visible = self.visible(table);
        if visible.sql.is_none() {
            return Ok(true);
        }
        let named: Vec<String> = columns.iter().map(|name| format!("{} = ?", quoted(name))).collect();
        let sql =
            format!("SELECT 1 FROM {} WHERE {}{}", quoted(&table.name), named.join(" AND "), visible.and());
        let bound = rusqlite::params_from_iter(values.iter().chain(visible.bound()));
        Ok(store.prepare_cached(&sql)?.query_row(bound, |_| Ok(())).optional()?.is_some())
    }

    /// The feed's epoch as this caller sees it: one who sees other rows than before finds another epoch and reads
    /// everything anew, so what is no more visible leaves the device.
    pub(super) fn epoch(&self, epoch: &str) -> String {
        let Bearer::User { role, scope } = self.bearer else { return epoch.to_owned() };
        if self.plan.access.open {
            return epoch.to_owned();
        }
        let scope = scope.as_ref().filter(|_| !self.sees_all());
        let who = format!("{epoch} {} {role:?} {scope:?}", self.plan.access_fingerprint());
        Sha256::digest(who).iter().take(4).fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a String takes all");
            hex
        })
    }
}

/// The SQL of the scope of a table's row, and how the column that says it is stored.
fn scope_value(plan: &Plan, table: &TablePlan) -> (String, Storage) {
    let mut steps = Vec::new();
    let mut at = table;
    let column = loop {
        match &at.access.scope {
            Scope::Column(column) => break column,
            Scope::Through { column, table, key } => {
                steps.push((column, table, key));
                at = plan.table(table).expect("a plan's scopes lead to its tables");
            }
            Scope::Shared => unreachable!("a plan's scopes end at a column"),
        }
    };
    let storage = at.position(column).map_or(Storage::Text, |position| at.columns[position].storage);
    let owner = if steps.is_empty() { quoted(&table.name) } else { format!("physio_{}", steps.len()) };
    let mut value = format!("{owner}.{}", quoted(column));
    for (step, (column, parent, key)) in steps.iter().enumerate().rev() {
        let child = if step == 0 { quoted(&table.name) } else { format!("physio_{step}") };
        let parent_alias = format!("physio_{}", step + 1);
        value = format!(
            "(SELECT {value} FROM {} {parent_alias} WHERE {parent_alias}.{} = {child}.{})",
            quoted(parent),
            quoted(key),
            quoted(column)
        );
    }
    (value, storage)
}
