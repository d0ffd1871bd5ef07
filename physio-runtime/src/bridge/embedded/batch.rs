//! `batch.php` and `write.php`: numbered batches, answered once and for all.

use super::feed;
use super::guard::Caller;
use super::refusal::{Refusal, Stop};
use super::rights::Rights;
use super::shape;
use super::store;
use super::unit::Run;
use crate::bridge::wire::{BatchAnswer, DeletedBlock, RowBlock};
use physio_schema::plan::Plan;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Bytes of a request body at the most.
pub(super) const MOST_BODY_BYTES: usize = 131_072;

struct StoredAnswer {
    batch: u64,
    request_hash: Vec<u8>,
    body: Vec<u8>,
}

/// Applies a batch, or gives the answer that it got the first time.
pub(super) fn run(
    store: &mut Connection,
    plan: &Plan,
    caller: &Caller<'_>,
    body: &[u8],
    is_single_unit: bool,
    now_ms: i64,
) -> Result<Vec<u8>, Stop> {
    let device = caller.device()?;
    if body.len() > MOST_BODY_BYTES {
        return Err(Refusal::of("body_too_large").into());
    }
    let batch = shape::parse_batch(body).ok_or_else(|| Refusal::of("bad_request"))?;
    if batch.device != device || (is_single_unit && batch.units.len() != 1) {
        return Err(Refusal::of("bad_request").into());
    }

    let hash = Sha256::digest(body).to_vec();
    let work = store.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let stored = load_stored(&work, device)?;
    if let Some(known) = replayed(stored.as_ref(), batch.batch, &hash)? {
        return Ok(known.to_vec());
    }
    if !caller.is_acquainted(&plan.fingerprint) {
        return Err(Refusal::of("schema_changed").into());
    }
    let mut run = Run::new(&work, plan, caller.rights(), earlier_keys(stored.as_ref()));
    for unit in &batch.units {
        run.apply_unit(unit)?;
    }
    let outcome = run.finish();
    let (rows, deleted) = present_rows(&work, plan, caller.rights(), &outcome.touched)?;
    let answer = BatchAnswer {
        v: 1,
        fingerprint: plan.fingerprint.clone(),
        epoch: Some(feed::epoch_for(&work, caller.rights())?),
        batch: batch.batch,
        units: outcome.units,
        keys: outcome.keys,
        rows,
        deleted,
    };
    let bytes = serde_json::to_vec(&answer).expect("an answer of strings and numbers can be written as JSON");
    work.prepare_cached(
        "INSERT INTO _physio_device (device, last_batch, request_hash, answer, seen_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (device) DO UPDATE SET last_batch = excluded.last_batch,
           request_hash = excluded.request_hash, answer = excluded.answer, seen_at = excluded.seen_at",
    )?
    .execute(params![device, batch.batch as i64, hash, bytes, now_ms])?;
    work.commit()?;
    Ok(bytes)
}

fn load_stored(store: &Connection, device: &str) -> rusqlite::Result<Option<StoredAnswer>> {
    let sql = "SELECT last_batch, request_hash, answer FROM _physio_device WHERE device = ?1";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(StoredAnswer { batch: row.get::<_, i64>(0)? as u64, request_hash: row.get(1)?, body: row.get(2)? })
    };
    store.prepare_cached(sql)?.query_row([device], read).optional()
}

/// The stored answer if this is the batch that it answers; an error for any other number but the next.
fn replayed<'s>(
    stored: Option<&'s StoredAnswer>,
    batch: u64,
    hash: &[u8],
) -> Result<Option<&'s [u8]>, Refusal> {
    let last = stored.map_or(0, |stored| stored.batch);
    match stored {
        _ if batch == last + 1 => Ok(None),
        _ if batch > last => Err(Refusal::of("batch_gap").last(last)),
        Some(stored) if batch == last && stored.request_hash == hash => Ok(Some(&stored.body)),
        _ if batch == last => Err(Refusal::of("batch_reused")),
        _ => Err(Refusal::of("batch_stale")),
    }
}

fn earlier_keys(stored: Option<&StoredAnswer>) -> HashMap<(String, String), String> {
    let answer = stored.and_then(|stored| serde_json::from_slice::<BatchAnswer>(&stored.body).ok());
    let keys = answer.map(|answer| answer.keys).unwrap_or_default();
    keys.into_iter().map(|mapped| ((mapped.table, mapped.temp), mapped.key)).collect()
}

/// The touched rows as they stand now, in the plan's order of tables.
fn present_rows(
    store: &Connection,
    plan: &Plan,
    rights: Rights<'_>,
    touched: &[super::unit::Touched],
) -> rusqlite::Result<(Vec<RowBlock>, Vec<DeletedBlock>)> {
    let (mut rows, mut deleted) = (Vec::new(), Vec::new());
    for table in &plan.tables {
        let mut block = store::row_block(table);
        let mut gone = DeletedBlock { table: table.name.clone(), keys: Vec::new() };
        let visible = rights.visible(table);
        let mut seen = std::collections::BTreeSet::new();
        for touch in touched.iter().filter(|touch| touch.table == table.name && seen.insert(&touch.wire_key))
        {
            match store::load_row(store, table, &touch.key, &visible)? {
                Some(row) => block.rows.push(row),
                None => gone.keys.push(touch.wire_key.clone()),
            }
        }
        if !block.rows.is_empty() {
            rows.push(block);
        }
        if !gone.keys.is_empty() {
            deleted.push(gone);
        }
    }
    Ok((rows, deleted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_number_is_applied_and_the_last_one_repeated() {
        let stored = StoredAnswer { batch: 7, request_hash: vec![1], body: b"answer".to_vec() };
        let code =
            |batch, hash: &[u8]| replayed(Some(&stored), batch, hash).map_err(|refusal| refusal.code());
        assert_eq!(code(8, &[9]), Ok(None));
        assert_eq!(code(7, &[1]), Ok(Some(&b"answer"[..])));
        assert_eq!(code(7, &[2]), Err("batch_reused"));
        assert_eq!(code(6, &[1]), Err("batch_stale"));
        assert_eq!(code(9, &[1]), Err("batch_gap"));
        assert!(replayed(None, 2, &[1]).is_err());
    }
}
