//! Foreign keys: implied names, and the index that each of them needs.

use super::key::add_key;
use crate::dump::catalogue::{TableState, is_same_name};
use crate::dump::options::Server;
use crate::dump::spec::{ForeignKeySpec, KeySpec};
use crate::model::{ForeignKey, KeyKind, KeyPart, ReferentialAction};

/// The highest N among names `t_ibfk_N`, above which ALTER TABLE goes on counting.
pub(crate) fn highest_number(table: &TableState, table_name: &str) -> u32 {
    let prefix = format!("{table_name}_ibfk_");
    let numbers =
        table.foreign_keys.iter().filter_map(|other| other.name.strip_prefix(&prefix)?.parse().ok());
    numbers.max().unwrap_or(0)
}

/// Who makes a foreign key, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Making {
    pub(crate) server: Server,
    /// MariaDB adds it to a table that is there, without copying that: it then names and spells it by other
    /// rules. It does so when `foreign_key_checks` is off.
    pub(crate) in_place: bool,
}

/// Adds a foreign key and, marked as generated, its index; the caller drops the index if it is needless.
/// `number` counts the foreign keys of the statement that have no name.
pub(crate) fn add_foreign_key(
    table: &mut TableState,
    table_name: &str,
    spec: &ForeignKeySpec,
    making: Making,
    number: &mut u32,
) -> Result<(), String> {
    let server = making.server;
    let columns = own_columns(table, spec)?;
    // MariaDB takes the name of the index for the constraint; MySQL does not.
    let index_name = spec.index_name.clone().filter(|_| server.is_mariadb());
    let in_place = making.in_place && server.is_mariadb();
    let given =
        if in_place { index_name.or_else(|| spec.name.clone()) } else { spec.name.clone().or(index_name) };
    if let Some(name) = &given
        && table.foreign_keys.iter().any(|other| is_same_name(&other.name, name))
    {
        if spec.if_not_exists {
            return Ok(());
        }
        return Err(format!("the table has a foreign key `{name}` already"));
    }
    let parts = columns
        .iter()
        .map(|column| KeyPart {
            column: Some(column.clone()),
            expression: None,
            prefix: None,
            descending: false,
        })
        .collect();
    let index = KeySpec {
        place: spec.place,
        kind: KeyKind::Index,
        name: spec.name.clone().or_else(|| spec.index_name.clone()),
        parts,
        if_not_exists: true,
    };
    add_key(table, &index, true)?;
    // Engines other than InnoDB read the clause and keep the index only.
    if table.engine != "InnoDB" {
        return Ok(());
    }
    let name = given.unwrap_or_else(|| {
        *number += 1;
        format!("{table_name}_ibfk_{number}")
    });
    table.foreign_keys.push(ForeignKey {
        name,
        columns,
        referenced_table: spec.table.clone(),
        referenced_columns: spec.referenced_columns.clone(),
        on_delete: stored_action(spec.on_delete, server, in_place),
        on_update: stored_action(spec.on_update, server, in_place),
    });
    Ok(())
}

/// InnoDB of MariaDB reads `SET DEFAULT` and forbids the change all the same; what is forbidden in so many
/// words is `NO ACTION` to it when it adds the key in place.
fn stored_action(action: Option<ReferentialAction>, server: Server, in_place: bool) -> ReferentialAction {
    match action {
        Some(ReferentialAction::Restrict | ReferentialAction::SetDefault) if in_place => {
            ReferentialAction::NoAction
        }
        Some(ReferentialAction::SetDefault) if server.is_mariadb() => ReferentialAction::Restrict,
        action => action.unwrap_or_default(),
    }
}

fn own_columns(table: &TableState, spec: &ForeignKeySpec) -> Result<Vec<String>, String> {
    let find = |name: &String| {
        let at = table.column_index(name).ok_or_else(|| format!("the table has no column `{name}`"))?;
        Ok(table.columns[at].name.clone())
    };
    spec.columns.iter().map(find).collect()
}

/// The name after the table got another one: only names that the server gave follow.
pub(crate) fn renamed(name: &str, old_table: &str, new_table: &str) -> Option<String> {
    let number = name.strip_prefix(old_table)?.strip_prefix("_ibfk_")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("{new_table}_ibfk_{number}"))
}
