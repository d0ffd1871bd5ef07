//! The generated SQL of the cache, on a real SQLite: what local writes are refused, captured and followed.

#![allow(clippy::unwrap_used)] // what cannot be unwrapped here is a failed test

mod capture;
mod checks;
mod lossless;
mod model;
mod relations;
mod replace;
mod speed;
mod statements;
mod structure;

use rusqlite::Connection;
use rusqlite::types::Value;

/// A cache as an old program or the `sqlite3` shell would see it: triggers on, no runtime.
struct Cache {
    connection: Connection,
    plan: physio_schema::plan::Plan,
}

impl Cache {
    fn clinic() -> Self {
        Self::of(model::clinic(), model::CLINIC)
    }

    fn of(schema: physio_schema::model::Schema, config: &str) -> Self {
        let config = physio_schema::config::parse(config).expect("valid");
        let plan = physio_schema::plan::build(&schema, &config).unwrap_or_else(|errors| {
            panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        });
        let connection = Connection::open_in_memory().unwrap();
        for statement in physio_schema::sqlite::emit_cache(&plan) {
            connection.execute_batch(&statement).unwrap_or_else(|error| panic!("{error}\n{statement}"));
        }
        Self { connection, plan }
    }

    fn run(&self, sql: &str) {
        self.connection.execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// The message with which a statement is refused.
    fn refused(&self, sql: &str) -> String {
        self.connection.execute_batch(sql).expect_err(sql).to_string()
    }

    /// All values of a query, as text with `|` between columns and a line a row.
    fn ask(&self, sql: &str) -> String {
        let mut statement = self.connection.prepare(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
        let width = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        let mut lines = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<String> = (0..width).map(|at| shown(row.get(at).unwrap())).collect();
            lines.push(cells.join("|"));
        }
        lines.join("\n")
    }

    /// The outbox since it was last looked at: operation, table, key, base and changed.
    fn captured(&self) -> String {
        let text = self.ask(
            "SELECT op || ' ' || table_name || ' ' || row_key || ' ' || coalesce(base, '-') || ' ' || \
             coalesce(changed, '-') FROM _physio_outbox ORDER BY change_id",
        );
        self.run("DELETE FROM _physio_outbox");
        text
    }

    /// Writes as a pull does: triggers off.
    fn pulled(&self, sql: &str) {
        self.triggers(false);
        self.run(sql);
        self.triggers(true);
    }

    fn triggers(&self, on: bool) {
        let option = rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER;
        self.connection.set_db_config(option, on).unwrap();
    }

    /// Marks a table's first pull as done, so that references to it are checked.
    fn complete(&self, table: &str) {
        self.run(&format!(
            "INSERT INTO _physio_tables (table_name, state, fingerprint) VALUES ('{table}', 'complete', '')"
        ));
    }
}

fn shown(value: Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        Value::Integer(value) => value.to_string(),
        Value::Real(value) => format!("{value:?}"),
        Value::Text(value) => value,
        Value::Blob(value) => format!("x{}", value.iter().map(|b| format!("{b:02X}")).collect::<String>()),
    }
}
