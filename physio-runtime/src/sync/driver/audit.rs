//! Comparing one table with the server: sums of ranges, a delta when they differ, then the rows of what still does.

use super::Driver;
use super::stream::Waiter;
use super::tell::row_events;
use crate::bridge::Bridge;
use crate::bridge::wire::{RangeRequest, StreamEnd};
use crate::cache::{Cache, Repair, Span, SumsSink, calendar};
use crate::event::Cause;
use crate::sync::driver::stream::not_a_bridge;
use crate::sync::machine::{Outcome, TableIndex};
use crate::sync::trouble::Trouble;
use std::collections::HashSet;

type Done<T> = Result<T, Trouble>;

/// Rows that one sum stands for, where ranges can be compared: what is read again when one row differs.
const ROWS_PER_SUM: u32 = 1000;
/// Rows summed by one request: a fraction of a second of the host's time.
const ROWS_PER_REQUEST: u32 = 50_000;
/// Rows of a span that are fetched at once.
const ROWS_PER_SPAN: u64 = 5_000;
/// Rows of a span that are fetched though they are equal, where another request would cost more.
const ROWS_BETWEEN: usize = 200;

/// What the sums say of a table.
#[derive(Default)]
struct Walk {
    fingerprint: String,
    /// Rows of the server.
    n_rows: u64,
    spans: Vec<Span>,
    /// Rows (captured keys) that only this side has, where spans do not tell.
    beside: Vec<String>,
    is_ordered: bool,
}

impl<B: Bridge> Driver<B> {
    pub(super) async fn audit(&self, table: TableIndex, tables: Vec<TableIndex>) -> Done<Outcome> {
        let name = self.name(table);
        // Columns that only one side has are part of one side's sums.
        if self.on_cache(Cache::server_memory).await?.get(&name).is_some_and(|known| known.drift.is_some()) {
            return Ok(Outcome::Audited { is_complete: false, is_other_schema: false });
        }
        let began = calendar::now();
        let asked = name.clone();
        let walk = self.blocking(move |cache, waiter, bridge| walk(cache, waiter, bridge, &asked)).await;
        let walk = match walk {
            // A table that the user may not read has no rows here, and nothing to compare them with.
            Err(trouble) if trouble.code == "forbidden" => {
                return Ok(Outcome::Audited { is_complete: false, is_other_schema: false });
            }
            walk => walk?,
        };
        let is_other_schema = self.is_other_schema(&walk.fingerprint);
        if is_other_schema {
            return Ok(Outcome::Audited { is_complete: false, is_other_schema });
        }
        let (n_rows, mut n_reread, mut n_repaired) = (walk.n_rows, 0, 0);
        if !walk.spans.is_empty() || !walk.beside.is_empty() {
            // What the feed is about to bring is no difference.
            if let outcome @ Outcome::PushFirst = self.delta(tables).await? {
                return Ok(outcome);
            }
            let asked = name.clone();
            let repair =
                self.blocking(move |cache, waiter, bridge| mend(cache, waiter, bridge, &asked, walk));
            let Some(repair) = repair.await? else {
                return Ok(Outcome::Audited { is_complete: false, is_other_schema });
            };
            (n_reread, n_repaired) = (repair.n_reread, repair.n_rows);
            if n_repaired > 0 {
                tracing::warn!(table = %name, n_repaired, "rows differed from the server's and were brought in line");
            }
            for event in row_events(repair.into_changes(), Cause::Pull) {
                self.shared.emit(event);
            }
        }
        self.on_cache(move |cache| cache.store_audit(&name, began, n_rows, [n_reread, n_repaired])).await?;
        Ok(Outcome::Audited { is_complete: true, is_other_schema })
    }
}

/// Asks for the sums of a whole table and compares them with the rows here.
fn walk<B: Bridge>(cache: &Cache, waiter: &mut Waiter, bridge: &B, table: &str) -> Done<Walk> {
    if cache.has_server_order(table)?
        && let Some(walk) = walk_ranges(cache, waiter, bridge, table)?
    {
        return Ok(walk);
    }
    walk_rows(cache, waiter, bridge, table)
}

fn walk_ranges<B: Bridge>(cache: &Cache, waiter: &mut Waiter, bridge: &B, table: &str) -> Done<Option<Walk>> {
    let mut walk = Walk { is_ordered: true, ..Walk::default() };
    let mut after = None;
    loop {
        let (sums, end) = ask_sums(cache, waiter, bridge, table, &after, None, ROWS_PER_SUM)?;
        let spans = cache.differing_ranges(table, after.as_deref(), &sums.ranges, !end.more)?;
        let Some(spans) = spans else { return Ok(None) };
        walk.n_rows += sums.ranges.iter().map(|range| range.sums.n_rows).sum::<u64>();
        for span in spans {
            match walk.spans.last_mut() {
                Some(last) if last.until == span.after && last.n_rows + span.n_rows <= ROWS_PER_SPAN => {
                    last.until = span.until;
                    last.n_rows += span.n_rows;
                    last.has_unsent |= span.has_unsent;
                }
                _ => walk.spans.push(span),
            }
        }
        walk.fingerprint.clone_from(&end.fingerprint);
        if !end.more {
            return Ok(Some(walk));
        }
        after = goes_on(after, end)?;
    }
}

/// Row by row, where both sides order keys differently.
fn walk_rows<B: Bridge>(cache: &Cache, waiter: &mut Waiter, bridge: &B, table: &str) -> Done<Walk> {
    let mut walk = Walk::default();
    let (mut after, mut before, mut seen) = (None, None, HashSet::new());
    // Rows since the end of the last span.
    let mut n_equal = usize::MAX;
    loop {
        let (sums, end) = ask_sums(cache, waiter, bridge, table, &after, None, 1)?;
        let differs = cache.differing_rows(table, &sums.ranges, &mut seen)?;
        for (range, differs) in sums.ranges.into_iter().zip(differs) {
            walk.n_rows += 1;
            match walk.spans.last_mut() {
                _ if !differs => n_equal = n_equal.saturating_add(1),
                Some(last) if n_equal <= ROWS_BETWEEN && last.n_rows < ROWS_PER_SPAN => {
                    last.until = Some(range.until.clone());
                    last.n_rows += n_equal as u64 + 1;
                    n_equal = 0;
                }
                _ => {
                    let (until, has_unsent) = (Some(range.until.clone()), true);
                    walk.spans.push(Span { after: before.clone(), until, has_unsent, n_rows: 1 });
                    n_equal = 0;
                }
            }
            before = Some(range.until);
        }
        walk.fingerprint.clone_from(&end.fingerprint);
        if !end.more {
            walk.beside = cache.synced_rows_beside(table, &seen)?;
            return Ok(walk);
        }
        after = goes_on(after, end)?;
    }
}

/// Brings what still differs to what the server has; `None` when a batch waits for its answer.
fn mend<B: Bridge>(
    cache: &Cache,
    waiter: &mut Waiter,
    bridge: &B,
    table: &str,
    walk: Walk,
) -> Done<Option<Repair>> {
    let (mut repair, epoch) = (Repair::default(), cache.epoch()?);
    for span in walk.spans {
        if walk.is_ordered && !span.has_unsent && !still_differs(cache, waiter, bridge, table, &span)? {
            continue;
        }
        let mut sink = cache.span_sink();
        let mut after = span.after.clone();
        loop {
            let request = RangeRequest {
                table: table.to_owned(),
                after: after.clone(),
                until: span.until.clone(),
                limit: cache.plan().sync.page_rows,
                sums: None,
                epoch: epoch.clone(),
            };
            let end = waiter.wait(bridge.range(&request, &mut sink))?;
            if !end.more {
                break;
            }
            after = goes_on(after, end)?;
        }
        if !cache.repair_span(table, &span, sink, walk.is_ordered, &mut repair)? {
            return Ok(None);
        }
    }
    Ok(cache.remove_rows(table, &walk.beside, &mut repair)?.then_some(repair))
}

/// Whether a span differs after the delta too.
fn still_differs<B: Bridge>(
    cache: &Cache,
    waiter: &mut Waiter,
    bridge: &B,
    table: &str,
    span: &Span,
) -> Done<bool> {
    let (sums, end) = ask_sums(cache, waiter, bridge, table, &span.after, span.until.as_ref(), ROWS_PER_SUM)?;
    if end.more {
        return Ok(true);
    }
    let mut ranges = sums.ranges;
    match (&span.until, ranges.last_mut()) {
        // The row that the span ended with may be gone by now; the span ends there nevertheless.
        (Some(until), Some(last)) => last.until.clone_from(until),
        (Some(_), None) => return Ok(true),
        (None, _) => {}
    }
    let spans = cache.differing_ranges(table, span.after.as_deref(), &ranges, span.until.is_none())?;
    Ok(spans.is_none_or(|spans| !spans.is_empty()))
}

fn ask_sums<B: Bridge>(
    cache: &Cache,
    waiter: &mut Waiter,
    bridge: &B,
    table: &str,
    after: &Option<String>,
    until: Option<&String>,
    rows_per_sum: u32,
) -> Done<(SumsSink, StreamEnd)> {
    let request = RangeRequest {
        table: table.to_owned(),
        after: after.clone(),
        until: until.cloned(),
        limit: ROWS_PER_REQUEST,
        sums: Some(rows_per_sum),
        epoch: cache.epoch()?,
    };
    let mut sink = SumsSink::default();
    let end = waiter.wait(bridge.range(&request, &mut sink))?;
    Ok((sink, end))
}

fn goes_on(before: Option<String>, end: StreamEnd) -> Done<Option<String>> {
    if end.after.is_none() || end.after == before {
        return Err(not_a_bridge("the answer promises more rows but does not go on"));
    }
    Ok(end.after)
}
