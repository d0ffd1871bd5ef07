//! What a migration is to be told of: which schema the file had, and what needs a person since.

use crate::Result;
use crate::cache::outbox::{load_meta, store_meta};
use crate::cache::report::{Parked, ParkedState};
use physio_schema::plan::Plan;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Fingerprints that the file had before its present one, oldest first.
const FORMER: &str = "former_fingerprints";
/// More of them tell nothing.
const MAX_FORMER: usize = 100;

/// A file that was brought from one schema to another when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The fingerprint that it had.
    pub from: String,
    /// The file had the present schema before, and a later one in between: either the schema was changed back, or
    /// an older version of the application has opened it.
    ///
    /// Nobody can tell which, because fingerprints have no order. So the file is migrated as ever, which loses
    /// nothing unsent, and this says so; a refusal would lock everybody out whose schema was changed back.
    pub is_back_again: bool,
    /// What no longer fits and waits in the attention list.
    pub parked: Vec<Parked>,
}

/// What was there before.
pub(super) struct Before {
    fingerprint: Option<String>,
    waiting: BTreeMap<(bool, i64), Parked>,
}

impl Before {
    pub(super) fn load(connection: &Connection) -> Result<Self> {
        Ok(Self { fingerprint: load_meta(connection, "fingerprint")?, waiting: waiting(connection)? })
    }

    /// What is new; `None` for a new file, and when only settings of physio.toml changed.
    pub(super) fn compared(self, connection: &Connection, plan: &Plan) -> Result<Option<Migration>> {
        let Some(from) = self.fingerprint.filter(|from| *from != plan.fingerprint) else { return Ok(None) };
        let mut former: Vec<String> = load_meta(connection, FORMER)?
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        let is_back_again = former.contains(&plan.fingerprint);
        former.retain(|known| *known != from && *known != plan.fingerprint);
        former.push(from.clone());
        let surplus = former.len().saturating_sub(MAX_FORMER);
        former.drain(..surplus);
        // Texts always serialise.
        store_meta(connection, FORMER, Some(&serde_json::to_string(&former).unwrap_or_default()))?;
        let now = waiting(connection)?.into_iter();
        let parked = now.filter(|(id, _)| !self.waiting.contains_key(id)).map(|(_, parked)| parked);
        let migration = Migration { from, is_back_again, parked: parked.collect() };
        if migration.is_back_again {
            tracing::warn!("the cache was brought back to a schema that it had before a later one");
        }
        for parked in &migration.parked {
            tracing::warn!(
                table = %parked.table, code = %parked.code, field = ?parked.field,
                "an unsent change no longer fits the schema; it is in the attention list"
            );
        }
        Ok(Some(migration))
    }
}

/// Units that wait for a person, and notices.
fn waiting(connection: &Connection) -> Result<BTreeMap<(bool, i64), Parked>> {
    let sql = "SELECT 0, u.unit_id, u.unit_id, u.state = 'conflict', u.code, u.field,
                 (SELECT table_name FROM _physio_outbox AS o WHERE o.unit_id = u.unit_id ORDER BY change_id LIMIT 1)
               FROM _physio_units AS u WHERE u.state IN ('conflict', 'failed')
               UNION ALL
               SELECT 1, change_id, unit_id, 0, code, field, table_name FROM _physio_conflicts WHERE change_id < 0";
    connection
        .prepare(sql)?
        .query_and_then([], |row| {
            let is_notice: bool = row.get(0)?;
            let state = match (is_notice, row.get(3)?) {
                (true, _) => ParkedState::Notice,
                (false, true) => ParkedState::Conflict,
                (false, false) => ParkedState::Failed,
            };
            let parked = Parked {
                unit: row.get(2)?,
                state,
                table: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
                code: row.get::<_, Option<String>>(4)?.unwrap_or_else(|| "refused".to_owned()),
                field: row.get(5)?,
            };
            Ok(((is_notice, row.get(1)?), parked))
        })?
        .collect()
}
