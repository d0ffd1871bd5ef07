//! How far each device has followed the feed: what all of them have passed is forgotten.

use super::feed;
use rusqlite::{Connection, OptionalExtension, params};

/// A device that asks again and again without news is noted once a day.
const NOTE_SECONDS: i64 = 86_400;

/// Whenever the feed's numbers have grown by this, what every device has passed is forgotten.
const PURGE_EVERY: u64 = 2_048;

/// Notes that the device has applied everything up to `since`; `None`: it begins, and one that is known already stays
/// where it was. An idle poll writes nothing.
pub(super) fn note(
    store: &Connection,
    device: &str,
    since: Option<u64>,
    seq: u64,
    now_ms: i64,
) -> rusqlite::Result<()> {
    let now_s = now_ms.div_euclid(1000);
    let known: Option<(i64, i64)> = store
        .prepare_cached("SELECT seq, seen_s FROM _physio_reader WHERE device = ?1")?
        .query_row([device], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let is_noted = match (since, known) {
        (None, known) => known.is_some(),
        (Some(since), Some((noted, seen_s))) => noted as u64 == since && now_s - seen_s < NOTE_SECONDS,
        (Some(_), None) => false,
    };
    if !is_noted {
        let sql = "INSERT INTO _physio_reader (device, seq, seen_s) VALUES (?1, ?2, ?3)
                   ON CONFLICT (device) DO UPDATE SET seq = excluded.seq, seen_s = excluded.seen_s";
        store.prepare_cached(sql)?.execute(params![device, since.unwrap_or(seq) as i64, now_s])?;
    }
    Ok(())
}

/// Forgets the entries that every device has passed which was seen within so many days, once in a while.
pub(super) fn purge(store: &mut Connection, before: u64, days: u32, now_ms: i64) -> rusqlite::Result<()> {
    let work = store.transaction()?;
    let state = feed::load_state(&work)?;
    if before / PURGE_EVERY == state.seq / PURGE_EVERY {
        return Ok(());
    }
    let alive_s = now_ms.div_euclid(1000) - i64::from(days) * 86_400;
    let passed: Option<i64> =
        work.query_row("SELECT min(seq) FROM _physio_reader WHERE seen_s > ?1", [alive_s], |row| row.get(0))?;
    let floor = passed.map_or(state.seq, |passed| passed as u64).min(state.seq).max(state.floor_seq) as i64;
    work.execute("DELETE FROM _physio_feed WHERE seq <= ?1", [floor])?;
    work.execute("UPDATE _physio_state SET floor_seq = ?1 WHERE id = 1", [floor])?;
    work.commit()
}
