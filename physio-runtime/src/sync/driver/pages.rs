//! Pages of a first pull: one is written while the next is on its way.

use super::Driver;
use super::ahead::Fetch;
use super::stream::{Waiter, not_a_bridge};
use crate::bridge::Bridge;
use crate::bridge::wire::{PageFrom, PageRequest, StreamEnd};
use crate::cache::{Cache, TableState, calendar};
use crate::event::{Cause, Event, SyncStatus};
use crate::sync::machine::{Outcome, TableIndex};
use crate::sync::trouble::Trouble;
use std::sync::{Arc, mpsc};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

type Done<T> = Result<T, Trouble>;

impl<B: Bridge> Driver<B> {
    /// Fetches and writes the next page of a table, and asks for the one after it. `following`: the table that
    /// comes when this one is complete.
    pub(super) async fn page(&self, table: TableIndex, following: Option<TableIndex>) -> Done<Outcome> {
        let name = self.name(table);
        let state = self.on_cache(Cache::pull_state_between_pages).await?;
        let (known, epoch) = (state.tables, state.cursor.map(|cursor| cursor.epoch().to_owned()));
        let from_of = |table: TableIndex| {
            let name = &self.shared.cache.plan().tables[table].name;
            let after =
                known.iter().find(|known| known.table == *name).and_then(|known| known.after_key.clone());
            after.map_or(PageFrom::Start, PageFrom::After)
        };
        let n_before = known.iter().find(|known| known.table == name).map_or(0, |known| known.pulled_rows);
        let from = from_of(table);
        let fetch =
            self.ahead.take(table, &from).unwrap_or_else(|| self.fetch(table, from.clone(), epoch.clone()));
        // Whoever does not listen any more has failed, and says so by its answer.
        let _ = fetch.begin.send(());
        let _dropped_with_this_future = fetch.cancel;
        let (end, sink) = self.joined(fetch.answer).await?;
        let next = end.after.clone().map(PageFrom::After);
        if end.more && next.as_ref().is_none_or(|next| *next == from) {
            return Err(not_a_bridge("a page promises more rows but does not go on"));
        }
        let is_other_schema = self.is_other_schema(&end.fingerprint);
        if !is_other_schema {
            let next = if end.more {
                next.map(|from| (table, from))
            } else {
                following.map(|table| (table, from_of(table)))
            };
            self.fetch_ahead(next, epoch).await?;
        }
        let noted = name.clone();
        let report = self
            .on_cache(move |cache| {
                let report = sink.finish(&end)?;
                if report.complete {
                    cache.store_sync_success(&noted, report.n_rows)?;
                }
                Ok(report)
            })
            .await?;
        if report.complete {
            self.shared.freshness.set_age(table, std::time::Duration::ZERO);
        }
        let n_rows = n_before + report.n_rows;
        if report.n_rows > 0 {
            self.shared.emit(Event::Rows {
                table: name,
                keys: report.keys,
                cause: Cause::Pull,
                status: Some(SyncStatus::Synced),
            });
        }
        Ok(Outcome::Paged { n_rows, complete: report.complete, is_other_schema })
    }

    /// Asks for the page that is likely to come next. Not while something is unsent: a push would come first, and the
    /// page in vain.
    async fn fetch_ahead(&self, next: Option<(TableIndex, PageFrom)>, epoch: Option<String>) -> Done<()> {
        let Some((table, from)) = next else { return Ok(()) };
        let cache = &self.shared.cache;
        if !cache.is_simulated() && !self.on_cache(Cache::has_unsent).await? {
            self.ahead.put(self.fetch(table, from, epoch));
        }
        Ok(())
    }

    /// Asks for a page on a thread that may block. Its rows are not written before it is told to begin.
    fn fetch(&self, table: TableIndex, from: PageFrom, epoch: Option<String>) -> Fetch {
        let (begin, begun) = mpsc::channel();
        let (cancel, cancelled) = oneshot::channel();
        let (cache, bridge) = (self.shared.cache.clone(), Arc::clone(&self.bridge));
        let fingerprint = self.server().fingerprint.clone();
        let limit = cache.plan().sync.page_rows;
        let request = PageRequest { table: self.name(table), from: from.clone(), limit, epoch };
        let is_first = from == PageFrom::Start;
        let mut waiter = Waiter::new(Handle::current(), cancelled);
        let answer = tokio::task::spawn_blocking(calendar::carried(move || {
            let mut sink = cache.page_sink_later(&request.table, is_first, begun)?;
            let end = match waiter.wait(bridge.page(&request, &mut sink)) {
                // The user may not read the table: for this device it has no rows, and those of before must go.
                Err(trouble) if trouble.code == "forbidden" => {
                    tracing::info!(table = %request.table, "the user may not read this table; it stays empty here");
                    StreamEnd { fingerprint, ..StreamEnd::default() }
                }
                end => end?,
            };
            Ok((end, sink))
        }));
        Fetch { table, from, begin, answer, cancel }
    }

    /// What a page's failure left.
    pub(super) async fn page_failed(&self, table: TableIndex, trouble: Trouble) -> Outcome {
        let name = self.name(table);
        let state = self.on_cache(Cache::pull_state).await;
        let is_empty = state.is_ok_and(|state| {
            state.tables.iter().any(|known| known.table == name && known.state == TableState::Empty)
        });
        Outcome::PageFailed { trouble, has_rows: !is_empty }
    }
}
