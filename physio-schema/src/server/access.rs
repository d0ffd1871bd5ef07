//! The whitelist's part of who may do what.

use super::php_literal::Php;
use super::scope::heirs_of;
use crate::model::ColumnType;
use crate::plan::{Operation, Plan, Scope, TablePlan, Users};

/// `access` of the whitelist: null where every valid token may do everything.
pub(super) fn emit_access(plan: &Plan) -> Php {
    let Some(users) = plan.access.users.as_ref().filter(|_| !plan.access.open) else { return Php::Null };
    Php::Block(vec![
        ("fingerprint".into(), Php::text(plan.access_fingerprint())),
        ("users".into(), Php::text(&users.table)),
        ("key".into(), Php::text(&users.key)),
        ("role".into(), emit_role(users)),
        ("active".into(), Php::text_or_null(users.active.as_deref())),
        ("scope".into(), Php::text_or_null(users.scope.as_deref())),
        ("all_scopes".into(), Php::texts(&plan.access.all_scopes)),
    ])
}

fn emit_role(users: &Users) -> Php {
    match &users.role.table {
        Some(table) => Php::texts([&users.role.column, &table.name, &table.key, &table.role]),
        None => Php::texts([&users.role.column]),
    }
}

/// `may` of a table: the roles of each operation.
pub(super) fn emit_may(table: &TablePlan) -> Php {
    let roles = |operation: Operation| {
        Php::texts(table.access.may.get(&operation).map(Vec::as_slice).unwrap_or_default())
    };
    Php::Inline(Operation::ALL.map(|operation| (operation.name(), roles(operation))).into())
}

/// `scope` of a table: null where its rows belong to all scopes; else the way to the column that says it.
pub(super) fn emit_scope(plan: &Plan, table: &TablePlan) -> Php {
    let mut via = Vec::new();
    let mut at = table;
    loop {
        match &at.access.scope {
            Scope::Shared => return Php::Null,
            Scope::Column(column) => {
                return Php::Inline(vec![
                    ("via", Php::List(via)),
                    ("column", Php::text(column)),
                    ("exact", Php::Bool(!is_integer(at, column))),
                ]);
            }
            Scope::Through { column, table, key } => {
                via.push(Php::texts([column, table, key]));
                at = plan.table(table).expect("a plan's scopes lead to its tables");
            }
        }
    }
}

/// `heirs` of a table: the tables whose rows have the scope of its rows, and their columns that refer to it.
pub(super) fn emit_heirs(plan: &Plan, table: &TablePlan) -> Php {
    Php::List(heirs_of(plan, &table.name).map(|(heir, column)| Php::texts([&heir.name, column])).collect())
}

/// Numbers are equal or not; the collation of a text would take `north` for `North`.
fn is_integer(table: &TablePlan, column: &str) -> bool {
    table
        .position(column)
        .is_some_and(|position| matches!(table.columns[position].column_type, ColumnType::Integer { .. }))
}
