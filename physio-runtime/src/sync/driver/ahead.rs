//! The page that comes next, asked for while the one before is still being written.
//!
//! A first pull has two sides that take turns otherwise: the server waits while the last rows of a page are written and
//! indexes are made, and this side waits while the server begins its answer. The rows of a page ahead wait in the
//! sink (8 MiB at the most, then the server waits) and nothing is written or noted before the page's turn comes.
//!
//! A page may be read early because it is only used as the very next task: whatever comes in between, a push, a
//! delta, another schema or token, drops it and the page is asked for anew. So its rows are never older than what
//! this device has learnt from another answer.

use crate::bridge::wire::{PageFrom, StreamEnd};
use crate::cache::PageSink;
use crate::sync::machine::TableIndex;
use crate::sync::trouble::Trouble;
use std::sync::{Mutex, PoisonError, mpsc};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A page on its way. Dropping it ends the request.
pub(super) struct Fetch {
    pub(super) table: TableIndex,
    pub(super) from: PageFrom,
    /// What is sent here lets the rows be written.
    pub(super) begin: mpsc::Sender<()>,
    pub(super) answer: JoinHandle<Result<(StreamEnd, PageSink), Trouble>>,
    /// The request ends with it.
    pub(super) cancel: oneshot::Sender<()>,
}

/// The place for one page ahead.
#[derive(Default)]
pub(super) struct Ahead(Mutex<Option<Fetch>>);

impl Ahead {
    pub(super) fn put(&self, fetch: Fetch) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(fetch);
    }

    /// The page ahead if it is this one; another one is dropped.
    pub(super) fn take(&self, table: TableIndex, from: &PageFrom) -> Option<Fetch> {
        let fetch = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        fetch.filter(|fetch| fetch.table == table && fetch.from == *from)
    }

    pub(super) fn drop_page(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
