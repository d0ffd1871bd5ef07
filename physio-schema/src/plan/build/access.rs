//! `[access]` of physio.toml and the tables' scopes, checked against the dump.

use super::{Errors, own_key};
use crate::config::{AccessConfig, Config};
use crate::model::{Schema, Table};
use crate::plan::{Access, Operation, RoleColumn, RoleTable, Scope, TablePlan, Users};
use crate::suggest::did_you_mean;
use std::collections::BTreeSet;

pub(super) fn resolve(
    schema: &Schema,
    config: &Config,
    tables: &mut [TablePlan],
    errors: &mut Errors<'_>,
) -> Access {
    let access = &config.access;
    check_never(schema, access, errors);
    if access.open {
        check_nothing_else(config, errors);
        for table in tables.iter_mut() {
            table.access.may = Operation::ALL.map(|operation| (operation, vec!["*".to_owned()])).into();
        }
        return Access { open: true, ..Access::default() };
    }
    if access.grants.is_empty() {
        let help = "write [access] with `users`, `role` and [[access.grants]]; or `open = true` there, where every \
                    valid token may read and write every row of every synced table";
        errors.refuse("access", "physio.toml does not say who may do what".into(), help);
        return Access::default();
    }
    grant(access, tables, errors);
    let users = resolve_users(schema, config, errors);
    set_scopes(config, tables, errors);
    Access { open: false, users, all_scopes: access.all_scopes.clone() }
}

fn check_never(schema: &Schema, access: &AccessConfig, errors: &mut Errors<'_>) {
    for (index, name) in access.never.iter().enumerate() {
        if schema.table(name).is_none() {
            let known = schema.tables.iter().map(|table| table.name.as_str());
            let message = format!("the dump has no table `{name}`{}", did_you_mean(name, known));
            errors.refuse(&format!("access.never[{index}]"), message, "correct the name or take it out");
        }
    }
}

/// With open access the other options would look as if they did something.
fn check_nothing_else(config: &Config, errors: &mut Errors<'_>) {
    let access = &config.access;
    let others = [
        ("users", access.users.is_some()),
        ("role", access.role.is_some()),
        ("active", access.active.is_some()),
        ("scope", access.scope.is_some()),
        ("all_scopes", !access.all_scopes.is_empty()),
        ("grants", !access.grants.is_empty()),
    ];
    for (option, _) in others.iter().filter(|(_, given)| *given) {
        let message = format!("[access] is open, so `{option}` has no effect");
        errors.refuse(&format!("access.{option}"), message, "take `open = true` out, or this");
    }
    for (name, _) in config.tables.iter().filter(|(_, settings)| settings.scope.is_some()) {
        let message = format!("[access] is open, so the scope of `{name}` has no effect");
        errors.refuse(&format!("tables.{name}.scope"), message, "take `open = true` out, or this");
    }
}

fn grant(access: &AccessConfig, tables: &mut [TablePlan], errors: &mut Errors<'_>) {
    for (index, grant) in access.grants.iter().enumerate() {
        let path = format!("access.grants[{index}]");
        let lists = [
            ("roles", grant.roles.is_empty()),
            ("tables", grant.tables.is_empty()),
            ("may", grant.may.is_empty()),
        ];
        for (option, _) in lists.iter().filter(|(_, is_empty)| *is_empty) {
            let help = "name at least one, or take the grant out";
            errors.refuse(&format!("{path}.{option}"), format!("`{option}` of this grant is empty"), help);
        }
        for (at, name) in grant.tables.iter().enumerate() {
            if name != "*" && !tables.iter().any(|table| table.name == *name) {
                let known = tables.iter().map(|table| table.name.as_str());
                let message = format!("`{name}` is not a synced table{}", did_you_mean(name, known));
                errors.refuse(&format!("{path}.tables[{at}]"), message, "add it to a wave or take it out");
            }
        }
        let is_meant = |table: &TablePlan| grant.tables.iter().any(|name| name == "*" || *name == table.name);
        for table in tables.iter_mut().filter(|table| is_meant(table)) {
            for operation in &grant.may {
                let roles = table.access.may.entry(*operation).or_default();
                roles.extend(
                    grant.roles.iter().filter(|role| !roles.contains(role)).cloned().collect::<Vec<_>>(),
                );
            }
        }
    }
    for table in tables.iter() {
        check_readers(table, errors);
    }
}

/// A row that its writer may not read would vanish from the device as soon as it is pushed.
fn check_readers(table: &TablePlan, errors: &mut Errors<'_>) {
    let name = &table.name;
    if !table.access.may.contains_key(&Operation::Read) {
        let help = "name it in a grant with may = [\"read\"], or take it out of the wave";
        errors.refuse("access.grants", format!("nobody may read `{name}`"), help);
        return;
    }
    for (operation, roles) in &table.access.may {
        for role in roles {
            let reads = if role == "*" {
                table.access.may[&Operation::Read].contains(role)
            } else {
                table.access.allows(Operation::Read, Some(role))
            };
            if !reads {
                let (who, what) = (if role == "*" { "every user" } else { role }, operation.name());
                let message = format!("{who} may {what} rows of `{name}`, but not read them");
                errors.refuse("access.grants", message, "add \"read\" to a grant of that role");
            }
        }
    }
}

fn resolve_users(schema: &Schema, config: &Config, errors: &mut Errors<'_>) -> Option<Users> {
    let access = &config.access;
    if config.server.tokens.user.is_none() {
        let help = "name the column of the token table that holds the user's key";
        errors.refuse("server.tokens", "grants go by the user, but tokens have no `user`".into(), help);
    }
    let (Some(name), Some(role)) = (&access.users, &access.role) else {
        let help = "users = \"employees\" and role = \"role\", or role = \"role_id -> roles.role_name\"";
        errors.refuse("access", "grants go by the user's role: `users` and `role` are missing".into(), help);
        return None;
    };
    let table = known_table(schema, name, "access.users", errors)?;
    let key = single_key(table, "access.users", errors)?;
    for (option, column) in [("active", &access.active), ("scope", &access.scope)] {
        if let Some(column) = column {
            check_column(table, column, &format!("access.{option}"), errors);
        }
    }
    Some(Users {
        table: name.clone(),
        key,
        role: resolve_role(schema, table, role, errors)?,
        active: access.active.clone(),
        scope: access.scope.clone(),
    })
}

fn resolve_role(schema: &Schema, users: &Table, role: &str, errors: &mut Errors<'_>) -> Option<RoleColumn> {
    let path = "access.role";
    let Some((column, target)) = arrow(role) else {
        check_column(users, role, path, errors)?;
        return Some(RoleColumn { column: role.to_owned(), table: None });
    };
    check_column(users, column, path, errors)?;
    let Some((name, label)) = target.rsplit_once('.') else {
        let message = format!("`{role}` does not name a column of another table");
        errors.refuse(path, message, "write it as \"role_id -> roles.role_name\"");
        return None;
    };
    let table = known_table(schema, name, path, errors)?;
    check_column(table, label, path, errors)?;
    let key = single_key(table, path, errors)?;
    let table = RoleTable { name: name.to_owned(), key, role: label.to_owned() };
    Some(RoleColumn { column: column.to_owned(), table: Some(table) })
}

fn set_scopes(config: &Config, tables: &mut [TablePlan], errors: &mut Errors<'_>) {
    let has_scopes = config.access.scope.is_some();
    for at in 0..tables.len() {
        let name = tables[at].name.clone();
        let path = format!("tables.{name}.scope");
        let given = config.tables.get(&name).and_then(|settings| settings.scope.as_deref());
        match given {
            None if has_scopes => {
                let own =
                    config.access.scope.as_deref().filter(|column| tables[at].position(column).is_some());
                let example = own.unwrap_or("*");
                let help = format!(
                    "write `scope = \"{example}\"` under [tables.{name}]: a column of its own, \"column -> table\" \
                     for the scope of the row that it refers to, or \"*\" for rows that belong to all scopes"
                );
                errors.refuse(&path, format!("`{name}` does not say to which scope its rows belong"), help);
            }
            Some(_) if !has_scopes => {
                let message =
                    format!("`{name}` has a scope, but [access] does not say what a user's scope is");
                errors.refuse(&path, message, "name the users' column: scope = \"branch_id\" under [access]");
            }
            Some(scope) => {
                if let Some(scope) = resolve_scope(&tables[at], tables, scope, &path, errors) {
                    tables[at].access.scope = scope;
                }
            }
            None => {}
        }
    }
    if errors.found.is_empty() {
        check_ends(tables, errors);
    }
}

fn resolve_scope(
    table: &TablePlan,
    tables: &[TablePlan],
    scope: &str,
    path: &str,
    errors: &mut Errors<'_>,
) -> Option<Scope> {
    if scope == "*" {
        return Some(Scope::Shared);
    }
    let (column, target) = match arrow(scope) {
        Some((column, target)) => (column, Some(target)),
        None => (scope, None),
    };
    if table.position(column).is_none() {
        let known = table.columns.iter().map(|column| column.name.as_str());
        let message =
            format!("no visible column `{column}` in `{}`{}", table.name, did_you_mean(column, known));
        errors.refuse(path, message, "name a visible column of the table");
        return None;
    }
    let Some(target) = target else { return Some(Scope::Column(column.to_owned())) };
    let Some(parent) = tables.iter().find(|parent| parent.name == target) else {
        let known = tables.iter().map(|table| table.name.as_str());
        let message = format!("`{target}` is not a synced table{}", did_you_mean(target, known));
        errors.refuse(path, message, "name the table whose scope the row has");
        return None;
    };
    let [key] = parent.key.as_slice() else {
        let message = format!("the key of `{target}` has several columns");
        errors.refuse(path, message, "give the table a scope by a column of its own");
        return None;
    };
    let key = parent.columns[*key].name.clone();
    Some(Scope::Through { column: column.to_owned(), table: target.to_owned(), key })
}

/// Every chain of scopes must end at a column.
fn check_ends(tables: &[TablePlan], errors: &mut Errors<'_>) {
    for table in tables {
        let mut passed = BTreeSet::from([table.name.as_str()]);
        let mut at = table;
        while let Scope::Through { table: next, .. } = &at.access.scope {
            let path = format!("tables.{}.scope", table.name);
            let Some(parent) = tables.iter().find(|parent| parent.name == *next) else { break };
            if !passed.insert(next) {
                let message = format!("the scope of `{}` goes round in a circle", table.name);
                errors.refuse(&path, message, "let one of the tables have a column that says it");
                break;
            }
            if parent.access.scope == Scope::Shared {
                let message = format!("`{}` has the scope of `{next}`, whose rows belong to all", table.name);
                errors.refuse(&path, message, "write scope = \"*\" here too, or another table");
            }
            at = parent;
        }
    }
}

/// `a -> b`.
fn arrow(text: &str) -> Option<(&str, &str)> {
    text.split_once("->").map(|(from, to)| (from.trim(), to.trim()))
}

fn known_table<'s>(schema: &'s Schema, name: &str, path: &str, errors: &mut Errors<'_>) -> Option<&'s Table> {
    let table = schema.table(name);
    if table.is_none() {
        let known = schema.tables.iter().map(|table| table.name.as_str());
        let message = format!("the dump has no table `{name}`{}", did_you_mean(name, known));
        errors.refuse(path, message, "name a table of the dump");
    }
    table
}

fn single_key(table: &Table, path: &str, errors: &mut Errors<'_>) -> Option<String> {
    let key = own_key(table).filter(|columns| columns.len() == 1);
    if key.is_none() {
        let message = format!("`{}` has no key of a single column", table.name);
        errors.refuse(path, message, "name a table whose rows one column tells apart");
    }
    key.and_then(|columns| columns.into_iter().next())
}

fn check_column(table: &Table, column: &str, path: &str, errors: &mut Errors<'_>) -> Option<()> {
    if table.column(column).is_some() {
        return Some(());
    }
    let known = table.columns.iter().map(|column| column.name.as_str());
    let message = format!("no column `{column}` in `{}`{}", table.name, did_you_mean(column, known));
    errors.refuse(path, message, "name the column as the dump spells it");
    None
}
