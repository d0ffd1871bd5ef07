//! What the lines of a streamed answer mean: head, tables, rows, deleted keys, end.

use super::refusal;
use crate::bridge::wire::{BridgeError, RowSink, StreamEnd, StreamLine};

/// Checks the order of the lines and hands their content to a sink.
pub(super) struct StreamReader<'s, S> {
    sink: &'s mut S,
    /// The only epoch that the answer may be of.
    epoch: Option<&'s str>,
    head: Option<StreamEnd>,
    n_rows: u64,
    is_table_open: bool,
    is_ended: bool,
}

impl<'s, S: RowSink> StreamReader<'s, S> {
    pub(super) fn new(sink: &'s mut S, epoch: Option<&'s str>) -> Self {
        Self { sink, epoch, head: None, n_rows: 0, is_table_open: false, is_ended: false }
    }

    /// Takes one line.
    pub(super) fn line(&mut self, line: &str) -> Result<(), BridgeError> {
        // The hot path: a row of an open table.
        if line.starts_with('[') && self.is_table_open && !self.is_ended {
            self.n_rows += 1;
            return self.sink.row(line);
        }
        // A file that was saved by Notepad begins with a byte order mark, and PHP prints it.
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() {
            return Ok(());
        }
        if self.is_ended {
            return Err(junk("something follows the end line"));
        }
        if !line.starts_with('{') {
            return Err(junk(if self.head.is_none() {
                "text comes before the JSON; a PHP warning? Set display_errors=0 there"
            } else if line.starts_with('[') {
                "a row comes before its table"
            } else {
                "a line is neither an object nor a row"
            }));
        }
        match serde_json::from_str(line) {
            Ok(object) => self.object(object),
            Err(error) if error.is_eof() => Err(broken_off()),
            Err(_) => Err(junk("a line is not an object of the protocol")),
        }
    }

    /// Takes what came after the last line end. A row there is cut off: only the end line comes last.
    pub(super) fn last_line(&mut self, line: &str) -> Result<(), BridgeError> {
        if line.starts_with('[') { Err(broken_off()) } else { self.line(line) }
    }

    fn object(&mut self, line: StreamLine) -> Result<(), BridgeError> {
        if let Some(error) = line.error {
            return Err(refusal::refused(200, None, error));
        }
        if self.head.is_none() {
            match line.v {
                Some(1) => {}
                Some(_) => return Err(junk("the bridge speaks another version of the protocol")),
                None => return Err(junk("the first line is not the head of an answer")),
            }
            // Rows as another user sees them, or after a backup was restored, do not go with the cursor.
            if let (Some(epoch), Some(found)) = (self.epoch, &line.epoch)
                && found != epoch
            {
                return Err(refusal::epoch_changed());
            }
            self.head = Some(StreamEnd {
                fingerprint: line.fingerprint.unwrap_or_default(),
                table_fingerprints: line.tables,
                ..StreamEnd::default()
            });
        }
        if let (Some(described), Some(end)) = (line.describe, &mut self.head) {
            end.described.push(described);
        }
        if let Some(table) = line.table {
            if let Some(keys) = line.deleted {
                self.is_table_open = false;
                let keys = keys.iter().map(|key| serde_json::json!(key).to_string()).collect();
                self.sink.deleted(&table, keys)?;
            } else if let Some(columns) = line.columns {
                self.is_table_open = true;
                self.sink.table(&table, &columns, &line.base64)?;
            }
        }
        if line.end {
            if line.rows.is_some_and(|n_rows| n_rows != self.n_rows) {
                return Err(BridgeError::Unreachable("the answer lacks some of its rows".into()));
            }
            self.is_ended = true;
            if let Some(end) = &mut self.head {
                end.cursor = line.cursor;
                end.more = line.more;
                end.exact = line.exact;
                end.ack = line.ack;
                end.after = line.after.map(|key| serde_json::json!(key).to_string());
                end.n_rows = self.n_rows;
            }
        }
        Ok(())
    }

    /// The end line's facts, if it came.
    pub(super) fn finish(self) -> Result<StreamEnd, BridgeError> {
        match self.head {
            Some(end) if self.is_ended => Ok(end),
            Some(_) => Err(broken_off()),
            None => Err(junk("the answer is empty")),
        }
    }
}

fn broken_off() -> BridgeError {
    BridgeError::Unreachable("the answer broke off before its end line".into())
}

fn junk(message: &str) -> BridgeError {
    BridgeError::NotABridge { status: 200, message: message.into(), retry_after: None }
}
