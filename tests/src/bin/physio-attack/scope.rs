//! One user of one branch: which rows are the branch's, worked out from physio.toml and the database alone.

use crate::Result;
use mysql::prelude::Queryable;
use physio_schema::plan::{Plan, Scope, TablePlan};
use physio_tests::harness::Stack;

/// The user's role.
pub(crate) const ROLE: &str = "reception";

/// SQL of the branch that a row belongs to; `None` where it belongs to all. `row` is `OLD`, `NEW` or a table.
pub(crate) fn branch_sql(plan: &Plan, table: &TablePlan, row: &str) -> Option<String> {
    match &table.access.scope {
        Scope::Shared => None,
        Scope::Column(column) => Some(format!("{row}.`{column}`")),
        Scope::Through { column, table: parent, key } => {
            let parent = plan.table(parent)?;
            let (name, alias) = (&parent.name, format!("of_{}", parent.name));
            let branch = branch_sql(plan, parent, &alias)?;
            Some(format!("(SELECT {branch} FROM `{name}` {alias} WHERE {alias}.`{key}` = {row}.`{column}`)"))
        }
    }
}

/// The text of a row's key, as the ledger and the answers spell it. `row` is `OLD`, `NEW` or a table.
pub(crate) fn key_sql(table: &TablePlan, row: &str) -> String {
    let parts: Vec<String> =
        table.key_columns().map(|column| format!("CONCAT({row}.`{}`)", column.name)).collect();
    format!("CONCAT_WS('|', {})", parts.join(", "))
}

/// Gives half of the rows to the user's branch and half to another one, and tells the user's. Every row is in one of
/// the two, or in none at all.
pub(crate) fn divide(stack: &Stack) -> Result<u32> {
    let mut conn = stack.connect()?;
    conn.query_drop("SET foreign_key_checks = 0")?;
    let branches: Option<(u32, u32)> =
        conn.query_first("SELECT MIN(branch_id), MAX(branch_id) FROM branches")?;
    let (own, other) = branches.filter(|(own, other)| own < other).ok_or("there are no two branches")?;
    for table in &stack.app.plan.tables {
        if let Scope::Column(column) = &table.access.scope
            && table.key_columns().all(|key| key.name != *column)
        {
            // Where a unique key has the branch in it, some rows stay where they are: in a third branch.
            conn.query_drop(format!(
                "UPDATE IGNORE `{}` SET `{column}` = IF(CRC32({}) % 2 = 0, {own}, {other})",
                table.name,
                key_sql(table, &format!("`{}`", table.name))
            ))?;
        }
    }
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use physio_tests::harness::App;

    #[test]
    fn the_branch_of_a_row_is_followed_through_its_parents() {
        let plan = App::clinic_by_role().expect("the clinic").plan;
        let sql = |table: &str| branch_sql(&plan, plan.table(table).expect("a synced table"), "NEW");
        assert_eq!(sql("patients").as_deref(), Some("NEW.`branch_id`"));
        assert_eq!(
            sql("attendance").as_deref(),
            Some(
                "(SELECT of_patients.`branch_id` FROM `patients` of_patients WHERE of_patients.`patient_id` = NEW.`patient_id`)"
            )
        );
        assert_eq!(sql("system_settings"), None);
    }
}
