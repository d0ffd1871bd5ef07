//! A dump without its rows, byte for byte otherwise.

use super::split::{LOOK_AHEAD, Piece, Splitter, carries_rows};

/// Copies a dump and leaves out the statements that carry rows (INSERT, REPLACE, UPDATE, DELETE, LOAD).
///
/// Line ends are kept, so that a server's messages about the copy name the lines of the original.
///
/// ```
/// use physio_schema::dump::StructureFilter;
/// let mut filter = StructureFilter::new();
/// let mut kept = Vec::new();
/// filter.feed(b"CREATE TABLE t (a int);\nINSERT INTO t VALUES (1),\n(2);\nALTER TABLE t ADD b int;", &mut kept);
/// filter.finish(&mut kept);
/// assert_eq!(kept, b"CREATE TABLE t (a int);\n\n\nALTER TABLE t ADD b int;");
/// ```
#[derive(Debug)]
pub struct StructureFilter {
    splitter: Splitter,
    pending: Vec<u8>,
    /// The statement in which the pass stands is left out.
    is_dropping: bool,
    n_lines: u64,
    doubtful: Vec<u64>,
}

/// The bytes by which a statement is told.
fn head(statement: &[u8]) -> &[u8] {
    &statement[..statement.len().min(LOOK_AHEAD)]
}

/// What begins a line that nobody expects among rows.
const DOUBTFUL: [&[u8]; 3] = [b"\nCREATE TABLE", b"\nALTER TABLE", b"\nDROP TABLE"];

impl StructureFilter {
    /// A filter at the beginning of a dump.
    #[allow(clippy::new_without_default, reason = "a pass begins, it is no value")]
    pub fn new() -> Self {
        Self {
            splitter: Splitter::new(),
            pending: Vec::new(),
            is_dropping: false,
            n_lines: 0,
            doubtful: Vec::new(),
        }
    }

    /// Takes the next bytes and appends to `kept` what is no row.
    pub fn feed(&mut self, bytes: &[u8], kept: &mut Vec<u8>) {
        let mut pending = std::mem::take(&mut self.pending);
        pending.extend_from_slice(bytes);
        let done = self.run(&pending, false, kept);
        pending.drain(..done);
        self.pending = pending;
    }

    /// The end of the dump.
    pub fn finish(&mut self, kept: &mut Vec<u8>) {
        let pending = std::mem::take(&mut self.pending);
        let done = self.run(&pending, true, kept);
        kept.extend_from_slice(&pending[done..]);
    }

    /// Lines that were left out and begin as if they were structure: a sign that the rows were not seen for
    /// what they are.
    pub fn doubtful_lines(&self) -> &[u64] {
        &self.doubtful
    }

    fn run(&mut self, bytes: &[u8], last: bool, kept: &mut Vec<u8>) -> usize {
        let mut done = 0;
        loop {
            let (length, piece) = self.splitter.next(&bytes[done..], last);
            let part = &bytes[done..done + length];
            let start = self.splitter.data_start().filter(|start| carries_rows(head(&bytes[done + start..])));
            let split = match start {
                _ if self.is_dropping => 0,
                Some(start) => start.min(length),
                None => length,
            };
            kept.extend_from_slice(&part[..split]);
            self.drop_rows(&part[split..], kept);
            self.n_lines += memchr::memchr_iter(b'\n', &part[..split]).count() as u64;
            self.is_dropping = (self.is_dropping || start.is_some()) && piece.is_none();
            done += length;
            // A setting decides how the strings of later statements end.
            if let Some(Piece::Statement(statement)) = &piece
                && memchr::memmem::find(&statement.text, b"NO_BACKSLASH_ESCAPES").is_some()
            {
                self.splitter.backslash_is_plain = true;
            }
            if piece.is_none() {
                return done;
            }
        }
    }

    fn drop_rows(&mut self, rows: &[u8], kept: &mut Vec<u8>) {
        for mark in DOUBTFUL {
            for at in memchr::memmem::find_iter(rows, mark) {
                let before = memchr::memchr_iter(b'\n', &rows[..=at]).count() as u64;
                self.doubtful.push(self.n_lines + before + 1);
            }
        }
        let n_lines = memchr::memchr_iter(b'\n', rows).count();
        kept.resize(kept.len() + n_lines, b'\n');
        self.n_lines += n_lines as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn structure(sql: &str, step: usize) -> (String, Vec<u64>) {
        let mut filter = StructureFilter::new();
        let mut kept = Vec::new();
        sql.as_bytes().chunks(step).for_each(|piece| filter.feed(piece, &mut kept));
        filter.finish(&mut kept);
        (String::from_utf8(kept).unwrap(), filter.doubtful)
    }

    #[test]
    fn everything_but_rows_is_kept_byte_for_byte() {
        let sql = "-- head\nDELIMITER $$\nINSERT INTO t VALUES ('a;$b')$$\nDELIMITER ;\n/* c */ REPLACE t SELECT 1;\n\
                   CREATE TABLE t (a int /*!50000 NOT NULL */);\ninsert t values ('\\';\nx');SELECT 1; -- end";
        let expected = "-- head\nDELIMITER $$\n\nDELIMITER ;\n/* c */ \n\
                        CREATE TABLE t (a int /*!50000 NOT NULL */);\n\nSELECT 1; -- end";
        for step in [1, 7, 90, 4096] {
            assert_eq!(structure(sql, step), (expected.to_owned(), vec![]), "in pieces of {step}");
        }
    }

    #[test]
    fn structure_that_stands_among_rows_is_noticed() {
        let (_, doubtful) = structure("INSERT INTO t VALUES ('\nCREATE TABLE u (a int);\n');", 4096);
        assert_eq!(doubtful, [2]);
    }
}
