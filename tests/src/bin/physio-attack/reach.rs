//! What a user of one branch must neither read nor write, and whether an answer holds any of it.

use crate::Result;
use crate::scope::{ROLE, branch_sql, key_sql};
use crate::socket::Answer;
use mysql::Conn;
use mysql::prelude::Queryable;
use physio_schema::model::{ColumnType, Table};
use physio_schema::plan::Operation;
use physio_tests::harness::Stack;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Put into every text out of reach: an answer that holds it has read what it must not.
pub(crate) const FOREIGN_MARK: &str = "qzforeign";

/// What is out of reach.
#[derive(Debug)]
pub(crate) struct Reach {
    /// Keys of rows of other branches, by table.
    foreign: BTreeMap<String, BTreeSet<String>>,
    /// Synced tables whose rows the role may not read.
    unreadable: BTreeSet<String>,
    /// Key columns by table, as answers list them.
    keys: BTreeMap<String, Vec<String>>,
    /// Columns that are never sent, with their tables.
    hidden: BTreeSet<(String, String)>,
}

impl Reach {
    /// Marks everything that is out of the user's reach, and remembers which it is.
    pub(crate) fn mark(stack: &Stack, branch: u32) -> Result<Self> {
        let (app, mut conn) = (&stack.app, stack.connect()?);
        let mut reach = Self {
            foreign: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            keys: BTreeMap::new(),
            hidden: BTreeSet::new(),
        };
        for table in &app.schema.tables {
            let Some(planned) = app.plan.table(&table.name) else {
                // The tokens themselves must stay as they are.
                if table.name != app.config.server.tokens.table {
                    mark_texts(&mut conn, table, &|_| true, "1")?;
                }
                continue;
            };
            let is_known = |name: &str| planned.columns.iter().any(|known| known.name == name);
            for column in table.columns.iter().filter(|column| !is_known(&column.name)) {
                reach.hidden.insert((table.name.clone(), column.name.clone()));
            }
            mark_texts(&mut conn, table, &|name| !is_known(name), "1")?;
            let name = &table.name;
            reach.keys.insert(name.clone(), planned.key_columns().map(|key| key.name.clone()).collect());
            let may_read = planned.access.allows(Operation::Read, Some(ROLE));
            let branch_of = branch_sql(&app.plan, planned, &format!("`{name}`"));
            let condition = match (may_read, branch_of) {
                (false, _) => "1".to_owned(),
                (true, None) => continue,
                (true, Some(branch_of)) => format!("NOT ({branch_of} <=> {branch})"),
            };
            if !may_read {
                reach.unreadable.insert(name.clone());
            }
            let is_key = |column: &str| planned.key_columns().any(|key| key.name == column);
            mark_texts(&mut conn, table, &|column| is_known(column) && !is_key(column), &condition)?;
            let key = key_sql(planned, &format!("`{name}`"));
            let keys: Vec<String> = conn.query(format!("SELECT {key} FROM `{name}` WHERE {condition}"))?;
            reach.foreign.insert(name.clone(), keys.into_iter().collect());
        }
        Ok(reach)
    }

    /// How many rows of synced tables are out of reach.
    pub(crate) fn n_foreign(&self) -> usize {
        self.foreign.values().map(BTreeSet::len).sum()
    }

    /// What the answer holds that is out of reach; `None` when it is nothing.
    pub(crate) fn complaint(&self, answer: &Answer) -> Option<String> {
        let text = String::from_utf8_lossy(&answer.body);
        if text.contains(FOREIGN_MARK) {
            return Some("the answer holds a value that is out of the token's reach".to_owned());
        }
        if answer.status != 200 {
            return None;
        }
        let mut open: Option<Open> = None;
        for line in text.lines() {
            let value: Value = serde_json::from_str(line).unwrap_or_default();
            if let Some(found) = value["columns"].as_array().and_then(|_| self.opened(&value, &mut open)) {
                return Some(found);
            }
            let described = &value["describe"];
            for column in described["columns"].as_array().into_iter().flatten() {
                if let Some(found) = self.hidden_column(&described["table"], &column["name"]) {
                    return Some(found);
                }
            }
            if let (Some(row), Some(open)) = (value.as_array(), &open)
                && let Some(found) = self.foreign_row(open, row)
            {
                return Some(found);
            }
            // The rows of a push: each table with its columns and all of its rows.
            for table in value["rows"].as_array().into_iter().flatten() {
                let mut open = None;
                if let Some(found) = self.opened(table, &mut open) {
                    return Some(found);
                }
                let rows = table["rows"].as_array().into_iter().flatten().filter_map(Value::as_array);
                if let Some(found) =
                    open.and_then(|open| rows.into_iter().find_map(|row| self.foreign_row(&open, row)))
                {
                    return Some(found);
                }
            }
        }
        None
    }

    /// A line that says of which table and columns the next rows are.
    fn opened(&self, line: &Value, open: &mut Option<Open>) -> Option<String> {
        let table = line["table"].as_str().unwrap_or_default();
        let columns: Vec<&str> = line["columns"].as_array()?.iter().filter_map(Value::as_str).collect();
        if self.unreadable.contains(table) {
            return Some(format!("rows of {table}, which the role may not read"));
        }
        if let Some(found) =
            columns.iter().find_map(|column| self.hidden_column(&line["table"], &Value::from(*column)))
        {
            return Some(found);
        }
        let keys = self.keys.get(table)?;
        let positions: Option<Vec<usize>> =
            keys.iter().map(|key| columns.iter().position(|column| column == key)).collect();
        *open = Some(Open { table: table.to_owned(), positions: positions? });
        None
    }

    fn hidden_column(&self, table: &Value, column: &Value) -> Option<String> {
        let [table, column] = [table, column].map(|name| name.as_str().unwrap_or_default().to_owned());
        let name = format!("the hidden column {table}.{column}");
        self.hidden.contains(&(table, column)).then_some(name)
    }

    fn foreign_row(&self, open: &Open, row: &[Value]) -> Option<String> {
        let parts: Option<Vec<&str>> =
            open.positions.iter().map(|&position| row.get(position)?.as_str()).collect();
        let key = parts?.join("|");
        let foreign = self.foreign.get(&open.table)?;
        foreign
            .contains(&key)
            .then(|| format!("a row of {} that is out of the token's reach: {key}", open.table))
    }
}

/// The table whose rows follow, and where their keys are.
struct Open {
    table: String,
    positions: Vec<usize>,
}

/// Writes the mark into every text column that may hold it and is not unique.
fn mark_texts(
    conn: &mut Conn,
    table: &Table,
    is_meant: &dyn Fn(&str) -> bool,
    condition: &str,
) -> Result<()> {
    let is_free = |name: &str| {
        let in_keys = table.keys.iter().flat_map(|key| &key.parts);
        let in_foreign = table.foreign_keys.iter().flat_map(|key| &key.columns);
        in_keys.filter_map(|part| part.column.as_deref()).all(|column| column != name)
            && in_foreign.into_iter().all(|column| column != name)
    };
    // A CHECK (MariaDB's JSON is one) would refuse the whole row.
    let is_checked = |name: &str| table.checks.iter().any(|(_, expression)| expression.contains(name));
    let columns = table.columns.iter().filter(|column| {
        let name = column.name.as_str();
        column.generated.is_none()
            && is_meant(name)
            && is_free(name)
            && !is_checked(name)
            && is_wide(&column.column_type)
    });
    let set: Vec<String> = columns.map(|column| format!("`{}` = '{FOREIGN_MARK}'", column.name)).collect();
    if set.is_empty() {
        return Ok(());
    }
    Ok(conn.query_drop(format!("UPDATE `{}` SET {} WHERE {condition}", table.name, set.join(", ")))?)
}

fn is_wide(column_type: &ColumnType) -> bool {
    match column_type {
        ColumnType::Varchar { length } | ColumnType::Char { length } => {
            *length as usize >= FOREIGN_MARK.len()
        }
        ColumnType::Text { .. } => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Server, run, start};
    use physio_tests::harness::App;

    /// The attack on a bridge in whose `file` one piece of code is replaced; whether it found nothing.
    fn is_fooled_by(file: &str, right: &str, wrong: &str) -> bool {
        let (stack, branch) =
            start(App::clinic_by_role().expect("the clinic"), Server::BuiltIn).expect("a bridge");
        let file = stack.folder().join(file);
        let text = std::fs::read_to_string(&file).expect("a file of the bridge");
        assert_eq!(text.matches(right).count(), 1, "{right} in {}", file.display());
        std::fs::write(&file, text.replace(right, wrong)).expect("the file can be written");
        run::run(&stack, branch, 600, 1).expect("the attack can be tried")
    }

    #[test]
    fn a_bridge_that_shows_all_branches_is_found_out() {
        let right = "return $this->scope === null ? new Condition('0', []) : new Condition($table->scopeSql(), [$this->scope]);";
        assert!(!is_fooled_by("src/Access/Caller.php", right, "return Condition::none();"));
    }

    #[test]
    fn a_bridge_that_does_not_look_at_what_was_written_is_found_out() {
        let right = "if ($this->caller->seesAll()) {\n            return;";
        assert!(!is_fooled_by("src/Push/RowGuard.php", right, "if (true) {\n            return;"));
    }

    #[test]
    fn a_bridge_that_asks_no_role_is_found_out() {
        let right = "return in_array('*', $roles, true) ||";
        assert!(!is_fooled_by(
            "src/Access/Caller.php",
            right,
            "return true || in_array('*', $roles, true) ||"
        ));
    }

    #[test]
    fn rows_columns_and_values_out_of_reach_are_found_in_answers() {
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<BTreeSet<_>>();
        let reach = Reach {
            foreign: BTreeMap::from([("patients".to_owned(), set(&["21"]))]),
            unreadable: set(&["expenses"]),
            keys: BTreeMap::from([("patients".to_owned(), vec!["patient_id".to_owned()])]),
            hidden: BTreeSet::from([("employees".to_owned(), "password_hash".to_owned())]),
        };
        let complaint = |body: &str| {
            reach.complaint(&Answer { status: 200, head: String::new(), body: body.as_bytes().to_vec() })
        };
        let page = r#"{"table":"patients","columns":["n","patient_id"],"base64":[]}"#;
        for good in [
            format!("{page}\n[\"21\",\"11\"]"),
            r#"{"table":"patients","deleted":[["21"]]}"#.to_owned(),
            r#"{"units":[],"rows":[{"table":"patients","columns":["patient_id"],"rows":[["11"]]}]}"#
                .to_owned(),
        ] {
            assert_eq!(complaint(&good), None, "{good}");
        }
        for bad in [
            format!("{page}\n[\"1\",\"21\"]"),
            r#"{"units":[],"rows":[{"table":"patients","columns":["patient_id"],"rows":[["11"],["21"]]}]}"#
                .to_owned(),
            r#"{"table":"expenses","columns":["expense_id"]}"#.to_owned(),
            r#"{"table":"employees","columns":["employee_id","password_hash"]}"#.to_owned(),
            r#"{"describe":{"table":"employees","columns":[{"name":"password_hash"}]}}"#.to_owned(),
            format!("[\"{FOREIGN_MARK}\"]"),
        ] {
            assert!(complaint(&bad).is_some(), "{bad}");
        }
    }
}
