//! Which rows were changed, by the database's own account, and which the bridge said it changed.

use crate::Result;
use mysql::prelude::Queryable;
use physio_schema::plan::TablePlan;
use physio_tests::harness::Stack;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A table and the texts of a row's key.
type RowName = (String, String);

/// Writes down every change of every table, synced or not, by triggers that no bridge knows of.
pub(crate) fn install(stack: &Stack) -> Result<()> {
    let mut conn = stack.connect()?;
    conn.query_drop("CREATE TABLE attack_log (t VARCHAR(160) NOT NULL, pk VARCHAR(700) NOT NULL)")?;
    for table in &stack.app.schema.tables {
        let (name, planned) =
            (&table.name, stack.app.plan.tables.iter().find(|plan| plan.name == table.name));
        let key = |row: &str| match planned {
            Some(plan) => {
                let parts = plan.key_columns().map(|column| format!("CONCAT({row}.`{}`)", column.name));
                format!("CONCAT_WS('|', {})", parts.collect::<Vec<_>>().join(", "))
            }
            None => "''".to_owned(),
        };
        let last_used = stack.app.config.server.tokens.last_used.as_deref();
        let is_tokens = *name == stack.app.config.server.tokens.table;
        let log = |row: &str| format!("INSERT INTO attack_log VALUES ('{name}', {});", key(row));
        let mut update = log("OLD") + &log("NEW");
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
                "IF NOT (NEW.`{column}` <=> OLD.`{column}`) THEN INSERT INTO attack_log VALUES ('{name}.{column}', ''); END IF;"
            ));
        }
        for (event, body) in [("INSERT", log("NEW")), ("UPDATE", update), ("DELETE", log("OLD"))] {
            conn.query_drop(format!(
                "CREATE TRIGGER `attack_{name}_{}` AFTER {event} ON `{name}` FOR EACH ROW BEGIN {body} END",
                event.to_lowercase()
            ))?;
        }
    }
    Ok(())
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
        install(target.stack()).expect("the triggers are made");
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
