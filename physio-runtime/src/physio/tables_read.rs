//! Which tables does a statement read? SQLite's authorizer tells while it prepares the statement; the answer
//! is kept per SQL text.

use crate::error::Result;
use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Texts kept. An application has a few hundred; one that writes values into its SQL must not fill the memory.
const MAX_TEXTS: usize = 2000;

/// Tables by SQL text.
#[derive(Debug, Default)]
pub(super) struct TablesRead {
    known: RwLock<HashMap<String, Arc<[String]>>>,
}

impl TablesRead {
    /// The tables that `sql` reads.
    pub(super) fn of(&self, connection: &Connection, sql: &str) -> Result<Arc<[String]>> {
        if let Some(tables) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(sql) {
            return Ok(Arc::clone(tables));
        }
        let tables: Arc<[String]> = ask_sqlite(connection, sql)?.into_iter().collect();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_TEXTS {
            known.clear();
        }
        known.insert(sql.to_owned(), Arc::clone(&tables));
        Ok(tables)
    }
}

fn ask_sqlite(connection: &Connection, sql: &str) -> Result<BTreeSet<String>> {
    let found = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = Arc::clone(&found);
    connection.authorizer(Some(move |context: AuthContext<'_>| {
        if let AuthAction::Read { table_name, .. } = context.action {
            seen.lock().unwrap_or_else(PoisonError::into_inner).insert(table_name.to_owned());
        }
        Authorization::Allow
    }))?;
    let prepared = connection.prepare(sql).map(drop);
    connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
    prepared?;
    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut *found))
}

#[cfg(test)]
mod tests {
    use super::TablesRead;
    use rusqlite::Connection;

    #[test]
    fn joins_views_and_subqueries_are_seen_through() {
        let connection = Connection::open_in_memory().expect("SQLite");
        connection
            .execute_batch(
                "CREATE TABLE a (x); CREATE TABLE b (x); CREATE TABLE c (x); CREATE VIEW v AS SELECT x FROM c;",
            )
            .expect("tables");
        let tables = TablesRead::default();
        let sql = "SELECT a.x FROM a JOIN v USING (x) WHERE x IN (SELECT x FROM b)";
        for _ in 0..2 {
            let read = tables.of(&connection, sql).expect("valid");
            assert!(["a", "b", "c"].iter().all(|table| read.iter().any(|seen| seen == table)), "{read:?}");
        }
        assert!(tables.of(&connection, "SELECT nothing FROM nowhere").is_err());
        connection.query_row("SELECT count(*) FROM a", [], |_| Ok(())).expect("the authorizer is gone");
    }
}
