//! The thread that writes a page in chunks.

use crate::cache::Cache;
use crate::cache::apply::{LISTED_KEYS, TableApply};
use crate::cache::connections::Open;
use crate::cache::failure::unknown_table;
use crate::cache::indexes::{LARGE_FILL_ROWS, LARGEST_FILL_ROWS};
use crate::cache::progress::store_chunk;
use crate::cache::report::PageReport;
use crate::cache::rows::Layout;
use crate::{Error, ErrorKind, Result};
use physio_schema::plan::TablePlan;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

/// A chunk ends at this many rows…
const CHUNK_ROWS: u64 = 20_000;
/// …or after this time…
const CHUNK_TIME: Duration = Duration::from_millis(200);
/// …or when a local write waits, which is looked for every so many rows.
const ROWS_BETWEEN_LOOKS: u64 = 64;
/// Rows that one statement writes. More of them cost the same each.
const STATEMENT_ROWS: usize = 16;
/// Between chunks other processes get a chance at the write lock, which SQLite makes them poll for.
const PAUSE: Duration = Duration::from_millis(1);

/// What the receiving side hands over.
pub(super) enum Message {
    /// The column order of the rows that follow.
    Layout(Layout),
    /// Whole lines, each ended by a newline.
    Rows(String),
    /// The page is complete.
    End { after: Option<String>, is_last: bool },
}

/// How the thread ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Every row is written.
    Complete(PageReport),
    /// The stream broke off; whole chunks are written.
    CutOff,
}

/// Lines that are not written yet.
struct Piece {
    text: String,
    done: usize,
}

struct Page<'a> {
    cache: &'a Cache,
    table: &'a TablePlan,
    /// With the upsert of several rows, where there is one.
    layout: Option<(Layout, Option<String>)>,
    /// Rows that one statement writes.
    statement_rows: usize,
    report: PageReport,
    /// Whether the table held nothing when its first pull began, in this very page.
    is_first_fill: bool,
    /// Whether rows of an earlier pull may be here already, and so far were.
    expects_known: bool,
    /// Rows of the pages before.
    n_before: u64,
    /// Whether the indexes were seen to, which happens once a page at the most.
    has_all_indexes: bool,
}

/// Writes what comes; `n_before` is what [`Cache::begin_table`] gave.
pub(super) fn write_page(
    cache: &Cache,
    table: &str,
    n_before: Option<u64>,
    receiver: &Receiver<Message>,
) -> Result<Outcome> {
    let table = cache.inner.plan.table(table).ok_or_else(|| unknown_table(table))?;
    let report = PageReport { n_rows: 0, keys: Vec::new(), complete: false };
    let mut page = Page {
        cache,
        table,
        layout: None,
        statement_rows: cache.inner.pace.rows_of_a_statement(STATEMENT_ROWS),
        report,
        is_first_fill: n_before.is_none(),
        expects_known: n_before.is_some(),
        n_before: n_before.unwrap_or(0),
        has_all_indexes: false,
    };
    let mut next = receiver.recv().ok();
    loop {
        next = match next {
            None => return Ok(Outcome::CutOff),
            Some(Message::Layout(layout)) => {
                let upsert = layout.group_upsert(table, page.statement_rows);
                page.layout = Some((layout, upsert));
                receiver.recv().ok()
            }
            Some(Message::Rows(text)) => {
                let mut piece = Piece { text, done: 0 };
                let mut after = page.chunk(&mut piece, receiver)?;
                page.tend_indexes()?;
                // A server that is fast enough keeps this going for the whole page.
                while piece.done < piece.text.len() {
                    if !cache.inner.pace.is_simulated() {
                        std::thread::sleep(PAUSE);
                    }
                    after = page.chunk(&mut piece, receiver)?;
                    page.tend_indexes()?;
                    cache.checkpoint_when_due();
                }
                cache.checkpoint_when_due();
                match after {
                    Some(message) => Some(message),
                    None => receiver.recv().ok(),
                }
            }
            Some(Message::End { after, is_last }) => return page.end(after.as_deref(), is_last),
        };
    }
}

impl Page<'_> {
    /// One transaction: as many rows as are there and as a chunk may have. Gives the message that ended it.
    fn chunk(&mut self, piece: &mut Piece, receiver: &Receiver<Message>) -> Result<Option<Message>> {
        let (layout, upsert) = self.layout.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Field, format!("rows of `{}` came before their columns", self.table.name))
        })?;
        let gate = &self.cache.inner.gate;
        let turn = gate.enter_apply();
        let connection = self.cache.applier()?;
        let open = Open::begin(&connection)?;
        let mut apply = TableApply::new(&connection, self.table)?;
        if self.expects_known {
            apply.expect_known()?;
        }
        let pace = &self.cache.inner.pace;
        let started = pace.now();
        // Only between two chunks can a fill turn out to be large.
        let max_rows = if self.is_first_fill { LARGE_FILL_ROWS } else { CHUNK_ROWS };
        let rows_between_looks = pace.rows_between_looks(ROWS_BETWEEN_LOOKS);
        let (mut n_rows, mut n_looked) = (0, 0);
        let mut after_key = None;
        let mut after = None;
        'chunk: loop {
            while piece.done < piece.text.len() {
                let (lines, length) = first_lines(&piece.text[piece.done..], self.statement_rows);
                let is_group = lines.len() == self.statement_rows;
                apply.rows(layout, &lines, upsert.as_deref().filter(|_| is_group))?;
                for line in &lines {
                    n_rows += 1;
                    if self.report.n_rows + n_rows <= LISTED_KEYS as u64 {
                        self.report.keys.push(layout.wire_key(self.table, line)?);
                    }
                }
                piece.done += length;
                let is_look = n_rows - n_looked >= rows_between_looks;
                if is_look {
                    n_looked = n_rows;
                }
                let is_over = is_look
                    && (gate.is_wanted()
                        || n_rows >= max_rows
                        || pace.now().saturating_sub(started) >= CHUNK_TIME);
                if is_over || piece.done >= piece.text.len() {
                    after_key = lines.last().map(|line| layout.wire_key(self.table, line)).transpose()?;
                }
                if is_over {
                    break 'chunk;
                }
            }
            match receiver.try_recv() {
                Ok(Message::Rows(text)) => *piece = Piece { text, done: 0 },
                Ok(other) => {
                    after = Some(other);
                    break;
                }
                // Waiting with an open transaction would keep every other writer out.
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        self.expects_known = apply.expects_known();
        drop(apply);
        store_chunk(&connection, &self.table.name, after_key.as_deref(), n_rows)?;
        open.commit()?;
        drop(connection);
        drop(turn);
        self.report.n_rows += n_rows;
        if self.report.n_rows > LISTED_KEYS as u64 {
            self.report.keys = Vec::new();
        }
        Ok(after)
    }

    /// A fill that turns out to be large goes on without most indexes, and a very large one with them again.
    fn tend_indexes(&mut self) -> Result<()> {
        let n_rows = self.n_before + self.report.n_rows;
        if self.is_first_fill && n_rows >= LARGE_FILL_ROWS {
            self.is_first_fill = false;
            self.cache.defer_indexes(self.table)?;
        }
        if !self.has_all_indexes && n_rows >= LARGEST_FILL_ROWS {
            self.has_all_indexes = true;
            self.cache.make_indexes(self.table)?;
        }
        Ok(())
    }

    /// Stores that the page is complete; after the last one, removes the rows that the server no longer has.
    fn end(mut self, after: Option<&str>, is_last: bool) -> Result<Outcome> {
        self.cache.apply_transaction(|connection| store_chunk(connection, &self.table.name, after, 0))?;
        self.report.complete = is_last && self.cache.finish_table(self.table)?;
        Ok(Outcome::Complete(self.report))
    }
}

/// At most `n_lines` lines from the front of a text, and the bytes that they take with their line ends.
fn first_lines(text: &str, n_lines: usize) -> (Vec<&str>, usize) {
    let mut lines = Vec::with_capacity(n_lines);
    let mut at = 0;
    while lines.len() < n_lines && at < text.len() {
        let rest = &text[at..];
        let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        lines.push(&rest[..length]);
        at += length + 1;
    }
    (lines, at)
}
