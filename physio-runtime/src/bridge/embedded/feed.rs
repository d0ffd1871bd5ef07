//! The sequencer and the feed: inbox entries get their numbers here.

use super::refusal::{Refusal, Stop};
use super::rights::Rights;
use rusqlite::{Connection, params};

/// The feed's last number, its floor and its epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) seq: u64,
    pub(super) floor_seq: u64,
    pub(super) epoch: String,
}

/// One changed key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) t: u32,
    pub(super) pk: String,
    pub(super) seq: u64,
}

pub(super) fn load_state(store: &Connection) -> rusqlite::Result<State> {
    let sql = "SELECT seq, floor_seq, epoch FROM _physio_state WHERE id = 1";
    store.prepare_cached(sql)?.query_row([], |row| {
        Ok(State {
            seq: row.get::<_, i64>(0)? as u64,
            floor_seq: row.get::<_, i64>(1)? as u64,
            epoch: row.get(2)?,
        })
    })
}

/// The feed's epoch as a caller with these rights sees it.
pub(super) fn epoch_for(store: &Connection, rights: Rights<'_>) -> rusqlite::Result<String> {
    load_state(store).map(|state| rights.epoch(&state.epoch))
}

/// Moves the inbox into the feed, in the order in which it was written.
pub(super) fn sequence(store: &mut Connection) -> rusqlite::Result<()> {
    let work = store.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut seq = load_state(&work)?.seq;
    {
        // One entry per key: the last place in the inbox counts, as if each were moved in turn.
        let mut inbox =
            work.prepare_cached("SELECT t, pk FROM _physio_inbox GROUP BY t, pk ORDER BY max(id)")?;
        let mut put = work.prepare_cached(
            "INSERT INTO _physio_feed (t, pk, seq) VALUES (?1, ?2, ?3)
             ON CONFLICT (t, pk) DO UPDATE SET seq = excluded.seq",
        )?;
        let mut rows = inbox.query([])?;
        while let Some(row) = rows.next()? {
            seq += 1;
            put.execute(params![row.get::<_, i64>(0)?, row.get::<_, String>(1)?, seq as i64])?;
        }
    }
    work.prepare_cached("DELETE FROM _physio_inbox")?.execute([])?;
    work.prepare_cached("UPDATE _physio_state SET seq = ?1 WHERE id = 1")?.execute([seq as i64])?;
    work.commit()
}

/// At most `limit` entries above `since` of the given tables; the flag says whether more follow.
pub(super) fn load_page(
    store: &Connection,
    since: u64,
    tables: &[u32],
    limit: u32,
) -> rusqlite::Result<(Vec<Entry>, bool)> {
    let list = tables.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let mut page = store.prepare_cached(&format!(
        "SELECT t, pk, seq FROM _physio_feed WHERE seq > ?1 AND t IN ({list}) ORDER BY seq LIMIT ?2"
    ))?;
    let rows = page.query_map(params![since as i64, i64::from(limit) + 1], |row| {
        Ok(Entry { t: row.get(0)?, pk: row.get(1)?, seq: row.get::<_, i64>(2)? as u64 })
    })?;
    let mut entries = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    Ok((entries, more))
}

/// The number that a cursor stands for, if it belongs to this feed and is young enough.
pub(super) fn check_cursor(cursor: &str, state: &State) -> Result<u64, Stop> {
    let malformed = || Refusal::of("bad_request");
    let (epoch, seq) = cursor.split_once('.').ok_or_else(malformed)?;
    let is_hex = epoch.len() == 8 && epoch.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_number = !seq.is_empty() && seq.bytes().all(|byte| byte.is_ascii_digit());
    if !is_hex || !is_number {
        return Err(malformed().into());
    }
    let seq: u64 = seq.parse().map_err(|_| malformed())?;
    // A cursor from the future belongs to a feed that was lost, whatever its epoch says.
    if epoch != state.epoch || seq > state.seq {
        return Err(Refusal::of("epoch_changed").into());
    }
    if seq < state.floor_seq {
        return Err(Refusal::of("cursor_expired").into());
    }
    Ok(seq)
}
