//! One task of the machine: a request, and what it does to the cache.
//!
//! A streamed answer is read on a thread of its own, because the cache's sinks may block; the runtime's
//! threads never do, so this holds on a `current_thread` runtime too.

use super::Driver;
use super::stream::{Waiter, fetch_delta, not_a_bridge};
use super::tell::{push_events, row_events};
use crate::bridge::Bridge;
use crate::bridge::wire::{BridgeError, PageFrom, PageRequest, StreamEnd};
use crate::cache::{Cache, DeltaOutcome, PushReport, TableState, calendar};
use crate::event::{Cause, Event, SyncStatus};
use crate::sync::machine::{Outcome, TableIndex, Task};
use crate::sync::trouble::{Trouble, TroubleKind};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

type Done<T> = Result<T, Trouble>;

impl<B: Bridge> Driver<B> {
    /// Runs a task to its end.
    pub(super) async fn run(&self, task: Task) -> Outcome {
        self.try_run(task).await.unwrap_or_else(Outcome::Failed)
    }

    async fn try_run(&self, task: Task) -> Done<Outcome> {
        match task {
            Task::LoadProgress => self.load_progress().await,
            Task::Push { held } => self.push(held).await,
            Task::RefuseInFlight { code, field } => {
                let report =
                    self.on_cache(move |cache| cache.refuse_in_flight(&code, field.as_deref())).await?;
                self.tell_push(report);
                Ok(Outcome::Done)
            }
            Task::Greet => self.greet().await,
            Task::Page { table } => match self.page(table).await {
                Ok(outcome) => Ok(outcome),
                Err(trouble) => Ok(self.page_failed(table, trouble).await),
            },
            Task::Delta { tables } => self.delta(tables).await,
            Task::TryDelta { table } => {
                let names = vec![self.name(table)];
                self.blocking(move |cache, waiter, bridge| fetch_delta(cache, waiter, bridge, names)).await?;
                Ok(Outcome::Done)
            }
            Task::Audit { table, tables } => self.audit(table, tables).await,
            Task::Reread { table } => {
                let name = self.name(table);
                self.on_cache(move |cache| cache.restart_table(&name)).await?;
                Ok(Outcome::Done)
            }
            Task::RestartPull { last_batch } => {
                self.on_cache(move |cache| {
                    if let Some(last_batch) = last_batch {
                        cache.restart_batches(last_batch)?;
                    }
                    cache.restart_pull()
                })
                .await?;
                Ok(Outcome::Done)
            }
        }
    }

    async fn load_progress(&self) -> Done<Outcome> {
        let state = self.on_cache(Cache::pull_state).await?;
        let plan = self.shared.cache.plan();
        let incomplete = state.tables.iter().filter(|table| table.state != TableState::Complete);
        let position = |name: &str| plan.tables.iter().position(|known| known.name == name);
        Ok(Outcome::Loaded {
            has_cursor: state.cursor.is_some(),
            incomplete: incomplete
                .filter_map(|table| Some((position(&table.table)?, table.state == TableState::Pulling)))
                .collect(),
        })
    }

    async fn push(&self, held: Vec<TableIndex>) -> Done<Outcome> {
        let mut hold = self.server().hold.clone();
        held.into_iter().for_each(|table| hold.hold_table(&self.name(table)));
        let Some(outgoing) = self.on_cache(move |cache| cache.next_batch_without(&hold)).await? else {
            return Ok(Outcome::Pushed { sent: false, is_other_schema: false });
        };
        let (batch, bytes) = (outgoing.batch, outgoing.bytes);
        let answer = self.blocking(move |_, waiter, bridge| waiter.wait(bridge.push(&bytes))).await?;
        if answer.batch != batch {
            return Err(Trouble::from(BridgeError::NotABridge {
                status: 200,
                message: "the answer belongs to another batch".into(),
                retry_after: None,
            }));
        }
        let is_other_schema = self.is_other_schema(&answer.fingerprint);
        let report = self.on_cache(move |cache| cache.apply_answer(&answer)).await?;
        self.tell_push(report);
        Ok(Outcome::Pushed { sent: true, is_other_schema })
    }

    fn tell_push(&self, report: PushReport) {
        for event in push_events(report) {
            self.shared.emit(event);
        }
    }

    async fn page(&self, table: TableIndex) -> Done<Outcome> {
        let name = self.name(table);
        let limit = self.shared.cache.plan().sync.page_rows;
        let fingerprint = self.server().fingerprint.clone();
        let (end, report, n_rows) = self
            .blocking(move |cache, waiter, bridge| {
                let progress = cache.pull_state()?.tables.into_iter().find(|known| known.table == name);
                let (after, n_before) =
                    progress.map_or((None, 0), |known| (known.after_key, known.pulled_rows));
                let from = after.map_or(PageFrom::Start, PageFrom::After);
                let mut sink = cache.page_sink(&name)?;
                let request = PageRequest { table: name.clone(), from: from.clone(), limit };
                let end = match waiter.wait(bridge.page(&request, &mut sink)) {
                    // The user may not read the table: for this device it has no rows, and those of before must go.
                    Err(trouble) if trouble.code == "forbidden" => {
                        tracing::info!(table = %name, "the user may not read this table; it stays empty here");
                        StreamEnd { fingerprint, ..StreamEnd::default() }
                    }
                    end => end?,
                };
                if end.more
                    && (end.after.is_none() || PageFrom::After(end.after.clone().unwrap_or_default()) == from)
                {
                    return Err(not_a_bridge("a page promises more rows but does not go on"));
                }
                let report = sink.finish(&end)?;
                if report.complete {
                    cache.store_sync_success(&name, report.n_rows)?;
                }
                let n_rows = n_before + report.n_rows;
                Ok((end, report, n_rows))
            })
            .await?;
        if report.complete {
            self.shared.freshness.set_age(table, std::time::Duration::ZERO);
        }
        if report.n_rows > 0 {
            self.shared.emit(Event::Rows {
                table: self.name(table),
                keys: report.keys,
                cause: Cause::Pull,
                status: Some(SyncStatus::Synced),
            });
        }
        let is_other_schema = self.is_other_schema(&end.fingerprint);
        Ok(Outcome::Paged { n_rows, complete: report.complete, is_other_schema })
    }

    async fn page_failed(&self, table: TableIndex, trouble: Trouble) -> Outcome {
        let name = self.name(table);
        let state = self.on_cache(Cache::pull_state).await;
        let is_empty = state.is_ok_and(|state| {
            state.tables.iter().any(|known| known.table == name && known.state == TableState::Empty)
        });
        Outcome::PageFailed { trouble, has_rows: !is_empty }
    }

    pub(super) async fn delta(&self, tables: Vec<TableIndex>) -> Done<Outcome> {
        let names: Vec<String> = tables.iter().map(|&table| self.name(table)).collect();
        let (end, outcome, fresh) = self
            .blocking(move |cache, waiter, bridge| {
                let (counted, end) = fetch_delta(cache, waiter, bridge, names.clone())?;
                let outcome = cache.apply_delta(counted.sink, &end)?;
                let mut fresh = Vec::new();
                if matches!(outcome, DeltaOutcome::Applied(_)) {
                    // A table whose first pull broke off follows the delta too, but it is not in sync.
                    let known = cache.pull_state()?.tables;
                    let complete = known.into_iter().filter(|table| table.state == TableState::Complete);
                    fresh.extend(complete.map(|table| table.table).filter(|name| names.contains(name)));
                    let n_rows = |name: &String| counted.n_rows.get(name).copied().unwrap_or(0);
                    let noted: Vec<(&str, u64)> =
                        fresh.iter().map(|name| (name.as_str(), n_rows(name))).collect();
                    cache.store_sync_successes(&noted)?;
                }
                Ok((end, outcome, fresh))
            })
            .await?;
        match outcome {
            DeltaOutcome::PushFirst => Ok(Outcome::PushFirst),
            DeltaOutcome::Applied(changes) => {
                for table in tables.into_iter().filter(|&table| fresh.contains(&self.name(table))) {
                    self.shared.freshness.set_age(table, std::time::Duration::ZERO);
                }
                for event in row_events(changes, Cause::Pull) {
                    self.shared.emit(event);
                }
                Ok(Outcome::Polled { is_other_schema: self.is_other_schema(&end.fingerprint) })
            }
        }
    }

    pub(super) fn name(&self, table: TableIndex) -> String {
        self.shared.cache.plan().tables[table].name.clone()
    }

    /// Runs a call of the cache where it may block.
    pub(super) async fn on_cache<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Cache) -> crate::Result<T> + Send + 'static,
    ) -> Done<T> {
        let cache = self.shared.cache.clone();
        if cache.is_simulated() {
            return call(&cache).map_err(Trouble::from);
        }
        self.joined(tokio::task::spawn_blocking(move || call(&cache).map_err(Trouble::from))).await
    }

    /// Runs a streamed request where its sink may block. Dropping the future ends the request.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Cache, &mut Waiter, &B) -> Done<T> + Send + 'static,
    ) -> Done<T> {
        let (cache, bridge) = (self.shared.cache.clone(), Arc::clone(&self.bridge));
        let (_dropped_with_this_future, cancelled) = oneshot::channel();
        let handle = Handle::current();
        let mut waiter = Waiter::new(handle, cancelled);
        let call = calendar::carried(move || call(&cache, &mut waiter, &bridge));
        self.joined(tokio::task::spawn_blocking(call)).await
    }

    async fn joined<T>(&self, task: tokio::task::JoinHandle<Done<T>>) -> Done<T> {
        task.await.unwrap_or_else(|_| {
            Err(Trouble {
                kind: TroubleKind::Local,
                code: "local".into(),
                field: None,
                text: "a step of the sync ended unexpectedly; it is tried again".into(),
                retry_after: None,
                last_batch: None,
            })
        })
    }
}
