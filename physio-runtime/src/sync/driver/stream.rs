//! Streamed answers on a thread that may block, and the sinks around the cache's own.

use super::DELTA_LIMIT;
use crate::bridge::Bridge;
use crate::bridge::wire::{BridgeError, RowSink, StreamEnd, SyncRequest};
use crate::cache::{Cache, DeltaSink};
use crate::sync::trouble::Trouble;
use std::collections::BTreeMap;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

type Done<T> = Result<T, Trouble>;

/// Waits for a future on a thread that may block, until the driver lets go.
pub(super) struct Waiter {
    handle: Handle,
    cancelled: oneshot::Receiver<()>,
}

impl Waiter {
    pub(super) fn new(handle: Handle, cancelled: oneshot::Receiver<()>) -> Self {
        Self { handle, cancelled }
    }

    pub(super) fn wait<T>(&mut self, request: impl Future<Output = Result<T, BridgeError>>) -> Done<T> {
        let cancelled = &mut self.cancelled;
        self.handle.block_on(async {
            tokio::select! {
                // First, so that a runtime that is shutting down is not asked for timers.
                biased;
                _ = cancelled => Err(Trouble::from(BridgeError::Unreachable("the sync was closed".into()))),
                answer = request => answer.map_err(Trouble::from),
            }
        })
    }
}

/// All pages since the stored cursor.
pub(super) fn fetch_delta<B: Bridge>(
    cache: &Cache,
    waiter: &mut Waiter,
    bridge: &B,
    tables: Vec<String>,
) -> Done<(Counted, StreamEnd)> {
    let mut since = cache.pull_state()?.cursor;
    let mut sink = Counted { sink: cache.delta_sink(), n_rows: BTreeMap::new(), table: String::new() };
    loop {
        let request = SyncRequest {
            since: since.clone(),
            tables: tables.clone(),
            limit: DELTA_LIMIT,
            describe: Vec::new(),
        };
        let end = waiter.wait(bridge.sync(&request, &mut sink))?;
        if !end.more {
            return Ok((sink, end));
        }
        if end.cursor.is_none() || end.cursor == since {
            return Err(not_a_bridge("the answer promises more changes but does not go on"));
        }
        since = end.cursor;
    }
}

pub(super) fn not_a_bridge(message: &str) -> Trouble {
    Trouble::from(BridgeError::NotABridge { status: 200, message: message.into(), retry_after: None })
}

/// Counts a delta's rows and deleted keys by table on their way.
pub(super) struct Counted {
    pub(super) sink: DeltaSink,
    pub(super) n_rows: BTreeMap<String, u64>,
    table: String,
}

impl RowSink for Counted {
    fn table(&mut self, table: &str, columns: &[String], base64: &[usize]) -> Result<(), BridgeError> {
        self.table = table.to_owned();
        self.sink.table(table, columns, base64)
    }
    fn row(&mut self, line: &str) -> Result<(), BridgeError> {
        match self.n_rows.get_mut(&self.table) {
            Some(n_rows) => *n_rows += 1,
            None => drop(self.n_rows.insert(self.table.clone(), 1)),
        }
        self.sink.row(line)
    }
    fn deleted(&mut self, table: &str, keys: Vec<String>) -> Result<(), BridgeError> {
        *self.n_rows.entry(table.to_owned()).or_default() += keys.len() as u64;
        self.sink.deleted(table, keys)
    }
}

/// Takes the answer to a request that asks for no rows.
pub(super) struct NoRows;

impl RowSink for NoRows {
    fn table(&mut self, _: &str, _: &[String], _: &[usize]) -> Result<(), BridgeError> {
        Ok(())
    }
    fn row(&mut self, _: &str) -> Result<(), BridgeError> {
        Ok(())
    }
    fn deleted(&mut self, _: &str, _: Vec<String>) -> Result<(), BridgeError> {
        Ok(())
    }
}
