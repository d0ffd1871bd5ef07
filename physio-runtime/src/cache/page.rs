//! Pages of a first pull: one thread receives lines, another writes them, at the same time.

mod thread;

use super::failure::unknown_table;
use super::report::PageReport;
use super::{Cache, rows::Layout};
use crate::bridge::wire::{BridgeError, RowSink, StreamEnd};
use crate::{Error, ErrorKind, Result};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use thread::{Message, Outcome};

/// Lines travel to the writing thread in pieces of this many bytes…
const PIECE_BYTES: usize = 64 * 1024;
/// …and this many pieces (8 MiB) may wait; then the receiving side waits too.
const WAITING_PIECES: usize = 128;

/// Takes the rows of one page and writes them while more of it arrives.
///
/// [`row`](RowSink::row) blocks while 8 MiB of rows wait to be written, so a server that is faster than the
/// disk is slowed down instead of filling the memory: run the stream where blocking is allowed.
///
/// Rows are written in chunks, each one transaction that also stores how far it came. A chunk ends early when
/// a local write waits. Dropping the sink without [`finish`](Self::finish) keeps whole chunks only.
#[derive(Debug)]
pub struct PageSink {
    cache: Cache,
    table: String,
    piece: String,
    sender: Option<SyncSender<Message>>,
    writing: Option<Writing>,
    error: Option<Error>,
}

/// Where the rows are written.
#[derive(Debug)]
enum Writing {
    /// On a thread, while more of them arrive.
    Beside(JoinHandle<Result<Outcome>>),
    /// In a simulation: here, when all that comes has come.
    Later { n_before: Option<u64>, receiver: Receiver<Message> },
}

impl Cache {
    /// Begins (or goes on with) the first pull of a table: takes the rows above the stored `after_key`.
    ///
    /// # Errors
    ///
    /// `Usage` for a table that is not in the plan; `Storage` when no thread can be started.
    pub fn page_sink(&self, table: &str) -> Result<PageSink> {
        let (begin, begun) = channel();
        // It is kept until the writing side looks.
        let _ = begin.send(());
        let plan = self.inner.plan.table(table).ok_or_else(|| unknown_table(table))?;
        let is_first = self.is_at_start(plan)?;
        self.page_sink_later(table, is_first, begun)
    }

    /// As [`page_sink`](Self::page_sink), for a page that was asked for from the first row (`is_first`) or from a later
    /// one; but nothing is written, nor even noted, before something comes through
    /// `begun`: rows may arrive while the page before is still being written. Nothing comes when its other end is
    /// dropped.
    pub(crate) fn page_sink_later(
        &self,
        table: &str,
        is_first: bool,
        begun: Receiver<()>,
    ) -> Result<PageSink> {
        let plan = self.inner.plan.table(table).ok_or_else(|| unknown_table(table))?;
        let (sender, receiver) = sync_channel(WAITING_PIECES);
        let writing = if self.inner.pace.is_simulated() {
            Writing::Later { n_before: self.begin_table(plan, is_first)?, receiver }
        } else {
            self.write_beside(table, is_first, receiver, begun)?
        };
        Ok(PageSink {
            cache: self.clone(),
            table: table.to_owned(),
            piece: String::with_capacity(PIECE_BYTES + 1024),
            sender: Some(sender),
            writing: Some(writing),
            error: None,
        })
    }
}

impl Cache {
    fn write_beside(
        &self,
        table: &str,
        is_first: bool,
        receiver: Receiver<Message>,
        begun: Receiver<()>,
    ) -> Result<Writing> {
        let (cache, name) = (self.clone(), table.to_owned());
        let work = move || {
            if begun.recv().is_err() {
                return Ok(Outcome::CutOff);
            }
            let table = cache.inner.plan.table(&name).ok_or_else(|| unknown_table(&name))?;
            let n_before = cache.begin_table(table, is_first)?;
            thread::write_page(&cache, &name, n_before, &receiver)
        };
        std::thread::Builder::new().name("physio-page".to_owned()).spawn(work).map(Writing::Beside).map_err(
            |error| {
                Error::with_source(
                    ErrorKind::Storage,
                    "no thread could be started for a page; close programs",
                    error,
                )
            },
        )
    }
}

impl PageSink {
    /// Waits until the last row is written and stores how far the page came.
    ///
    /// # Errors
    ///
    /// `Field` when a row does not fit its table; `Storage` when the disk refuses. Whole chunks that were
    /// written before stay, and the next page goes on behind them.
    pub fn finish(mut self, end: &StreamEnd) -> Result<PageReport> {
        self.flush();
        self.send(Message::End { after: end.after.clone(), is_last: !end.more });
        let outcome = self.close();
        match (self.error.take(), outcome) {
            (Some(error), _) => Err(error),
            (None, Some(Outcome::Complete(report))) => Ok(report),
            (None, Some(Outcome::CutOff) | None) => {
                Err(Error::new(ErrorKind::Storage, "the thread that writes pages ended early; try again"))
            }
        }
    }

    /// Why the sink stopped the stream, if it did.
    pub fn into_error(mut self) -> Option<Error> {
        self.close();
        self.error.take()
    }

    fn send(&mut self, message: Message) {
        let is_gone = self.sender.as_ref().is_none_or(|sender| sender.send(message).is_err());
        if is_gone {
            self.close();
        }
    }

    fn flush(&mut self) {
        if !self.piece.is_empty() {
            let piece = std::mem::replace(&mut self.piece, String::with_capacity(PIECE_BYTES + 1024));
            self.send(Message::Rows(piece));
        }
    }

    /// Ends the writing and keeps its error.
    fn close(&mut self) -> Option<Outcome> {
        self.sender = None;
        let ended = match self.writing.take()? {
            Writing::Beside(thread) => thread.join(),
            Writing::Later { n_before, receiver } => {
                Ok(thread::write_page(&self.cache, &self.table, n_before, &receiver))
            }
        };
        match ended {
            Ok(Ok(outcome)) => Some(outcome),
            Ok(Err(error)) => {
                self.error = Some(error);
                None
            }
            Err(_) => {
                self.error = Some(Error::new(
                    ErrorKind::Storage,
                    "the thread that writes pages panicked; report this",
                ));
                None
            }
        }
    }

    /// Tells the stream to stop once the writing side has failed.
    fn check(&self) -> Result<(), BridgeError> {
        match &self.error {
            Some(error) => Err(BridgeError::Stopped(error.to_string())),
            None => Ok(()),
        }
    }
}

impl RowSink for PageSink {
    fn table(&mut self, table: &str, columns: &[String], _base64: &[usize]) -> Result<(), BridgeError> {
        if table != self.table {
            return Err(BridgeError::Stopped(format!(
                "rows of `{table}` came where `{}` was asked for",
                self.table
            )));
        }
        self.flush();
        let plan = self
            .cache
            .inner
            .plan
            .table(table)
            .ok_or_else(|| BridgeError::Stopped(format!("`{table}` is unknown")))?;
        let layout = Layout::new(plan, columns).map_err(|column| other_columns(table, &column))?;
        self.send(Message::Layout(layout));
        self.check()
    }

    fn row(&mut self, line: &str) -> Result<(), BridgeError> {
        self.piece.push_str(line);
        self.piece.push('\n');
        if self.piece.len() >= PIECE_BYTES {
            self.flush();
            self.check()?;
        }
        Ok(())
    }

    fn deleted(&mut self, table: &str, _keys: Vec<String>) -> Result<(), BridgeError> {
        Err(BridgeError::Stopped(format!("a page of `{table}` listed deleted rows, which pages do not have")))
    }
}

/// The bridge's columns of a table are not the plan's.
pub(super) fn other_columns(table: &str, column: &str) -> BridgeError {
    BridgeError::Refused {
        code: "schema_changed".to_owned(),
        status: 409,
        message: format!(
            "only one of bridge and application has the column `{column}` of `{table}`; run `cargo xtask regenerate` \
             and deploy both"
        ),
        field: Some(format!("{table}.{column}")),
        retry_after: None,
        last_batch: None,
    }
}

impl Drop for PageSink {
    fn drop(&mut self) {
        self.close();
    }
}
