//! Which rows were changed, by the database's own account, and which the bridge said it changed.

use crate::Result;
use crate::scope::{ROLE, branch_sql, key_sql};
use mysql::prelude::Queryable;
use physio_schema::plan::{Operation, TablePlan};
use physio_tests::harness::Stack;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A table and the texts of a row's key.
type RowName = (String, String);

/// Writes down every change of every table, synced or not, by triggers that no bridge knows of. Where the attacker is a
/// user of one `branch`, changes of rows that are, or become, another's are written down once more.
pub(crate) fn install(stack: &Stack, branch: Option<u32>) -> Result<()> {
    let mut conn = stack.connect()?;
    for table in ["attack_log", "attack_foreign"] {
        conn.query_drop(format!(
            "CREATE TABLE {table} (t VARCHAR(160) NOT NULL, pk VARCHAR(700) NOT NULL, op VARCHAR(8) NOT NULL)"
        ))?;
    }
    for table in &stack.app.schema.tables {
        let (name, planned) =
            (&table.name, stack.app.plan.tables.iter().find(|plan| plan.name == table.name));
        let key = |row: &str| planned.map_or("''".to_owned(), |plan| key_sql(plan, row));
        let last_used = stack.app.config.server.tokens.last_used.as_deref();
        let is_tokens = *name == stack.app.config.server.tokens.table;
        let log = |row: &str, op: &str| {
            let line = format!("VALUES ('{name}', {}, '{op}');", key(row));
            let of_branch = planned.and_then(|plan| branch_sql(&stack.app.plan, plan, row));
            let foreign = branch.zip(of_branch).map(|(own, of_branch)| {
                format!("IF NOT ({of_branch} <=> {own}) THEN INSERT INTO attack_foreign {line} END IF;")
            });
            format!("INSERT INTO attack_log {line} {}", foreign.unwrap_or_default())
        };
        let mut update = log("OLD", "update") + &log("NEW", "update");
        if is_tokens {
            // The one thing that a bridge writes there.
            let others = table.columns.iter().filter(|column| Some(column.name.as_str()) != last_used);
            let same: Vec<String> =
                others.map(|column| format!("NEW.`{0}` <=> OLD.`{0}`", column.name)).collect();
            update = format!("IF NOT ({}) THEN {update} END IF;", same.join(" AND "));
        }
        // What is hidden is written by nobody, also where the row is.
        for hidden in table.columns.iter().filter(|column| {
            planned.is_some_and(|plan| plan.columns.iter().all(|known| known.name != column.name))
        }) {
            let column = &hidden.name;
            update.push_str(&format!(
                "IF NOT (NEW.`{column}` <=> OLD.`{column}`) THEN INSERT INTO attack_log VALUES ('{name}.{column}', '', 'update'); END IF;"
            ));
        }
        for (event, body) in
            [("insert", log("NEW", "insert")), ("update", update), ("delete", log("OLD", "delete"))]
        {
            conn.query_drop(format!(
                "CREATE TRIGGER `attack_{name}_{event}` AFTER {event} ON `{name}` FOR EACH ROW BEGIN {body} END"
            ))?;
        }
    }
    Ok(())
}

/// What the database changed that a user of one branch must not: rows of others, and tables by an operation that the
/// role has no grant for.
pub(crate) fn out_of_reach(stack: &Stack) -> Result<Vec<String>> {
    let mut conn = stack.connect()?;
    let foreign: Vec<(String, String, String)> =
        conn.query("SELECT DISTINCT t, pk, op FROM attack_foreign")?;
    let mut found: Vec<String> = foreign
        .iter()
        .map(|(table, key, op)| format!("{op} of a row of {table} ({key}) that is out of the token's reach"))
        .collect();
    let done: Vec<(String, String)> = conn.query("SELECT DISTINCT t, op FROM attack_log")?;
    for (table, op) in done {
        let operation = match op.as_str() {
            "insert" => Operation::Insert,
            "update" => Operation::Update,
            _ => Operation::Delete,
        };
        let planned = stack.app.plan.table(&table);
        if !planned.is_some_and(|plan| plan.writable && plan.access.allows(operation, Some(ROLE))) {
            found.push(format!("{op} in {table}, which the role may not do"));
        }
    }
    Ok(found)
}

/// What the answers to pushes said.
#[derive(Debug, Default)]
pub(crate) struct Said {
    rows: BTreeSet<RowName>,
    pub(crate) n_applied: u64,
    pub(crate) n_refused: u64,
}

impl Said {
    /// Takes the answer to a push in: its rows as they stand, and the keys that are gone.
    pub(crate) fn take(&mut self, tables: &BTreeMap<String, TablePlan>, answer: &Value) {
        for unit in answer["units"].as_array().into_iter().flatten() {
            if unit["status"] == "applied" {
                self.n_applied += 1;
            } else {
                self.n_refused += 1;
            }
        }
        for rows in answer["rows"].as_array().into_iter().flatten() {
            let Some(table) = rows["table"].as_str().and_then(|name| tables.get(name)) else { continue };
            for row in rows["rows"].as_array().into_iter().flatten() {
                let key = table.key.iter().map(|&position| row[position].as_str().unwrap_or_default());
                self.rows.insert((table.name.clone(), key.collect::<Vec<_>>().join("|")));
            }
        }
        for gone in answer["deleted"].as_array().into_iter().flatten() {
            for key in gone["keys"].as_array().into_iter().flatten() {
                let parts =
                    key.as_array().into_iter().flatten().map(|part| part.as_str().unwrap_or_default());
                let name = gone["table"].as_str().unwrap_or_default().to_owned();
                self.rows.insert((name, parts.collect::<Vec<_>>().join("|")));
            }
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.n_applied += other.n_applied;
        self.n_refused += other.n_refused;
    }

    /// Rows that the database changed and no answer spoke of, and how many it changed at all.
    pub(crate) fn unspoken(&self, stack: &Stack) -> Result<(Vec<RowName>, usize)> {
        let changed: Vec<RowName> = stack.connect()?.query("SELECT DISTINCT t, pk FROM attack_log")?;
        let n_changed = changed.len();
        Ok((changed.into_iter().filter(|row| !self.rows.contains(row)).collect(), n_changed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use physio_tests::conformance::Target;
    use physio_tests::harness::App;
    use serde_json::json;

    fn changed_behind_the_bridge(app: App, sql: &[&str]) -> Vec<RowName> {
        let target = physio_tests::conformance::PhpTarget::start(app);
        if target.app().config.app.name == "clinic" {
            target.add_clinic_rows();
        }
        install(target.stack(), None).expect("the triggers are made");
        sql.iter().for_each(|sql| target.execute(sql));
        Said::default().unspoken(target.stack()).expect("the log is read").0
    }

    #[test]
    fn what_no_answer_spoke_of_is_found() {
        let sql = [
            "UPDATE patients SET remarks = 'x' WHERE patient_id = 11",
            "DELETE FROM tests WHERE test_id = 21",
            "UPDATE api_tokens SET last_used_at = UTC_TIMESTAMP()",
            "INSERT INTO system_settings (setting_key, setting_value) VALUES ('k', 'v')",
        ];
        let found = changed_behind_the_bridge(App::clinic().expect("the clinic"), &sql);
        let names = [("patients", "11"), ("system_settings", "k"), ("tests", "21")];
        let mut expected: Vec<RowName> = names.map(|(t, pk)| (t.to_owned(), pk.to_owned())).into();
        expected.sort();
        let mut found = found;
        found.sort();
        assert_eq!(found, expected, "the last use of a token is no finding");
        let found = changed_behind_the_bridge(
            App::clinic().expect("the clinic"),
            &["UPDATE api_tokens SET is_revoked = 1"],
        );
        assert_eq!(found, [("api_tokens".to_owned(), String::new())]);
    }

    #[test]
    fn a_hidden_column_that_changes_is_found_in_a_row_that_may() {
        let sql = [
            "INSERT INTO suppliers (supplier_id, name) VALUES (1, 'a')",
            "UPDATE suppliers SET contact = '{}' WHERE supplier_id = 1",
        ];
        let found = changed_behind_the_bridge(App::shop().expect("the shop"), &sql);
        assert!(found.contains(&("suppliers.contact".to_owned(), String::new())), "{found:?}");
    }

    #[test]
    fn rows_and_keys_of_an_answer_are_spoken_of() {
        let app = App::clinic().expect("the clinic");
        let tables = app.plan.tables.iter().map(|table| (table.name.clone(), table.clone())).collect();
        let mut said = Said::default();
        let row: Vec<String> = vec!["7".to_owned(); 40];
        said.take(&tables, &json!({"units": [{"status": "applied"}, {"status": "failed"}],
            "rows": [{"table": "patients", "rows": [row]}], "deleted": [{"table": "tests", "keys": [["9"]]}]}));
        assert_eq!((said.n_applied, said.n_refused), (1, 1));
        let spoken: Vec<&RowName> = said.rows.iter().collect();
        assert_eq!(spoken, [&("patients".to_owned(), "7".to_owned()), &("tests".to_owned(), "9".to_owned())]);
    }
}
