//! Cuts a file into statements, as the `mysql` client does, and runs past the data.
//!
//! Works on bytes in one pass and keeps only the text of statements that may shape a table, so that
//! memory does not grow with the rows. What a statement means is not decided here.

mod first_words;
mod position;

pub(crate) use first_words::carries_rows;
use first_words::{Disposition, decide, is_routine};
use position::Position;

/// Bytes of a statement beyond which it cannot be one: a quote was left open, and the rest of the file
/// would follow it into memory.
const LONGEST_STATEMENT: usize = 64 << 20;

/// Bytes of a comment that are kept; a header is shorter.
const LONGEST_COMMENT: usize = 4096;

/// Bytes that are always looked ahead unless the file ends.
pub(crate) const LOOK_AHEAD: usize = 80;

/// One statement that may matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawStatement {
    /// Its bytes, without the delimiter.
    pub(crate) text: Vec<u8>,
    /// Line of the first byte, from 1.
    pub(crate) line: u32,
    /// Column of the first byte, in bytes from 1.
    pub(crate) column: u32,
}

/// What the splitter came upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A statement to read.
    Statement(RawStatement),
    /// A statement that carries rows, which was not kept.
    Data,
    /// A statement that was given up because it does not end; the first of its bytes.
    Endless(RawStatement),
    /// A comment outside of data, such as the header's lines; without its marks.
    Comment(RawStatement),
    /// A line for the `mysql` client itself (`source x.sql`).
    ClientCommand(RawStatement),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Between statements.
    Nothing,
    Statement,
    /// In a statement that is not kept.
    Data,
    /// In a statement that was given up.
    Endless,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lexical {
    Plain,
    Quoted(u8),
    LineComment,
    BlockComment,
}

/// The state of the pass; hand it the unread bytes again and again.
#[derive(Debug)]
pub(crate) struct Splitter {
    /// `NO_BACKSLASH_ESCAPES` is on.
    pub(crate) backslash_is_plain: bool,
    delimiter: Vec<u8>,
    inside: Inside,
    lexical: Lexical,
    /// Depth of `/*! … */` in which the pass stands.
    version_comments: u32,
    kept: Vec<u8>,
    /// Where the statement or comment in `kept` begins.
    start: (u32, u32),
    position: Position,
    /// Where, among the bytes last looked at, a statement began that is not kept.
    data_start: Option<usize>,
    interesting: [bool; 256],
}

impl Splitter {
    pub(crate) fn new() -> Self {
        let mut splitter = Self {
            backslash_is_plain: false,
            delimiter: b";".to_vec(),
            inside: Inside::Nothing,
            lexical: Lexical::Plain,
            version_comments: 0,
            kept: Vec::new(),
            start: (1, 1),
            position: Position::default(),
            data_start: None,
            interesting: [false; 256],
        };
        splitter.set_delimiter(b";".to_vec());
        splitter
    }

    /// The next piece of `bytes`, and how many bytes are done with. `None`: more bytes are needed, or,
    /// when `last`, the file has ended.
    pub(crate) fn next(&mut self, bytes: &[u8], last: bool) -> (usize, Option<Piece>) {
        self.position.begin();
        self.data_start = None;
        let mut at = 0;
        let piece = loop {
            let rest = &bytes[at..];
            if rest.is_empty() || (!last && rest.len() < LOOK_AHEAD && self.lexical == Lexical::Plain) {
                break if last { self.finish() } else { None };
            }
            let before = at;
            let piece = match self.lexical {
                Lexical::Plain if self.inside == Inside::Nothing => self.between(bytes, &mut at, last),
                Lexical::Plain => self.plain(bytes, &mut at),
                Lexical::Quoted(quote) => self.quoted(quote, bytes, &mut at, last),
                Lexical::LineComment | Lexical::BlockComment => self.comment(bytes, &mut at, last),
            };
            if piece.is_some() {
                break piece;
            }
            if at == before && !last {
                break None;
            }
        };
        self.position.advance(bytes, at);
        (at, piece)
    }

    /// Where the last call of [`next`](Self::next) came upon a statement that is not kept, if it did.
    pub(crate) fn data_start(&self) -> Option<usize> {
        self.data_start
    }

    fn set_delimiter(&mut self, delimiter: Vec<u8>) {
        self.delimiter = delimiter;
        self.interesting = [false; 256];
        for byte in *b"'\"`-#/*;" {
            self.interesting[usize::from(byte)] = true;
        }
        if let Some(first) = self.delimiter.first() {
            self.interesting[usize::from(*first)] = true;
        }
    }

    fn mark_start(&mut self, bytes: &[u8], at: usize) {
        self.start = self.position.line_and_column(bytes, at);
    }

    fn take_kept(&mut self) -> RawStatement {
        RawStatement { text: std::mem::take(&mut self.kept), line: self.start.0, column: self.start.1 }
    }

    /// The end of the file: what stands open is a statement without a delimiter.
    fn finish(&mut self) -> Option<Piece> {
        let inside = std::mem::replace(&mut self.inside, Inside::Nothing);
        let lexical = std::mem::replace(&mut self.lexical, Lexical::Plain);
        self.version_comments = 0;
        match inside {
            Inside::Nothing if matches!(lexical, Lexical::LineComment | Lexical::BlockComment) => {
                Some(self.take_comment())
            }
            Inside::Nothing => None,
            Inside::Data => Some(Piece::Data),
            Inside::Endless => Some(Piece::Endless(self.take_kept())),
            Inside::Statement => Some(Piece::Statement(self.take_kept())),
        }
    }

    fn end_statement(&mut self) -> Option<Piece> {
        let inside = std::mem::replace(&mut self.inside, Inside::Nothing);
        self.version_comments = 0;
        Some(match inside {
            Inside::Data => Piece::Data,
            Inside::Endless => Piece::Endless(self.take_kept()),
            Inside::Nothing | Inside::Statement => Piece::Statement(self.take_kept()),
        })
    }

    fn keep(&mut self, bytes: &[u8]) {
        match self.inside {
            Inside::Data | Inside::Endless => {}
            Inside::Nothing => {
                let room = LONGEST_COMMENT.saturating_sub(self.kept.len());
                self.kept.extend_from_slice(&bytes[..room.min(bytes.len())]);
            }
            Inside::Statement => {
                self.kept.extend_from_slice(bytes);
                if self.kept.len() > LONGEST_STATEMENT {
                    self.inside = Inside::Endless;
                    self.kept.truncate(LONGEST_COMMENT);
                    self.kept.shrink_to_fit();
                }
            }
        }
    }

    /// Between two statements: white space, comments, the client's own commands.
    fn between(&mut self, bytes: &[u8], at: &mut usize, last: bool) -> Option<Piece> {
        let blank = bytes[*at..].iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0).count();
        *at += blank;
        let rest = &bytes[*at..];
        if rest.is_empty() || (!last && rest.len() < LOOK_AHEAD) {
            return None;
        }
        if let Some(mark) = [&b"\xEF\xBB\xBF"[..], b"\xC2\xA0"].iter().find(|mark| rest.starts_with(mark)) {
            *at += mark.len();
            return None;
        }
        if rest.starts_with(&self.delimiter) {
            *at += self.delimiter.len();
            return None;
        }
        // At the start of a statement the client takes `--x` for a comment too.
        let line_mark = if rest.starts_with(b"--") { 2 } else { usize::from(rest[0] == b'#') };
        if line_mark > 0 {
            self.mark_start(bytes, *at);
            self.lexical = Lexical::LineComment;
            *at += line_mark;
            return None;
        }
        // The sandbox mark of mariadb-dump has no delimiter: it would swallow what follows.
        let is_sandbox_mark = rest.starts_with(b"/*M!999999") || rest.starts_with(b"/*!999999");
        if rest.starts_with(b"/*") && (is_sandbox_mark || !is_version_comment(rest)) {
            self.mark_start(bytes, *at);
            self.lexical = Lexical::BlockComment;
            *at += 2;
            return None;
        }
        self.mark_start(bytes, *at);
        // No further than what is always there, so that pieces change nothing.
        match decide(&rest[..rest.len().min(LOOK_AHEAD)]) {
            Disposition::Delimiter => self.client_line(bytes, at, last, true),
            Disposition::Use => self.use_line(bytes, at, last),
            Disposition::ClientLine => self.client_line(bytes, at, last, false),
            Disposition::Keep => {
                self.inside = Inside::Statement;
                None
            }
            Disposition::Data => {
                self.data_start = Some(*at);
                self.inside = Inside::Data;
                None
            }
        }
    }

    /// A line that the client itself reads: up to its end, whatever stands in it.
    fn client_line(&mut self, bytes: &[u8], at: &mut usize, last: bool, delimiter: bool) -> Option<Piece> {
        let rest = &bytes[*at..];
        let length = match memchr::memchr(b'\n', rest) {
            Some(end) => end,
            None if last => rest.len(),
            None => return None,
        };
        let line = &rest[..length];
        *at += length;
        if delimiter {
            let argument = line["DELIMITER".len()..].trim_ascii();
            let argument = argument.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
            let bare = argument.strip_prefix(b"'").and_then(|rest| rest.strip_suffix(b"'"));
            let new = bare.unwrap_or(argument);
            if !new.is_empty() && new.len() < LOOK_AHEAD / 2 {
                self.set_delimiter(new.to_vec());
            }
            return None;
        }
        let text = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
        Some(Piece::ClientCommand(RawStatement { text, line: self.start.0, column: self.start.1 }))
    }

    /// `USE x`, which the client also takes without a delimiter when it is alone on its line.
    fn use_line(&mut self, bytes: &[u8], at: &mut usize, last: bool) -> Option<Piece> {
        let rest = &bytes[*at..];
        let length = match memchr::memchr(b'\n', rest) {
            Some(end) => end,
            None if last => rest.len(),
            None => return None,
        };
        self.inside = Inside::Statement;
        let has_delimiter = memchr::memmem::find(&rest[..length], &self.delimiter).is_some();
        if has_delimiter || rest[..length].contains(&b';') || rest[..length].trim_ascii().len() == 3 {
            return None;
        }
        self.keep(rest[..length].trim_ascii_end());
        *at += length;
        self.end_statement()
    }

    /// In a statement, outside of quotes and comments.
    fn plain(&mut self, bytes: &[u8], at: &mut usize) -> Option<Piece> {
        let rest = &bytes[*at..];
        if self.inside == Inside::Data && self.version_comments == 0 {
            let skimmed = self.skim(rest);
            if skimmed > 0 {
                *at += skimmed;
                return None;
            }
        }
        let quiet = rest.iter().position(|byte| self.interesting[usize::from(*byte)]).unwrap_or(rest.len());
        if quiet > 0 {
            self.keep(&rest[..quiet]);
            *at += quiet;
            return None;
        }
        if self.version_comments == 0 {
            if rest.starts_with(&self.delimiter) {
                *at += self.delimiter.len();
                return self.end_statement();
            }
            // A dump may set a delimiter for its routines and forget to set it back.
            if rest[0] == b';' && self.delimiter != b";" && !is_routine(&self.kept) {
                *at += 1;
                return self.end_statement();
            }
        }
        let (length, lexical) = match rest[0] {
            quote @ (b'\'' | b'"' | b'`') => (1, Lexical::Quoted(quote)),
            b'#' => (1, Lexical::LineComment),
            b'-' if rest.starts_with(b"--") && rest.get(2).is_none_or(|byte| *byte <= b' ') => {
                (2, Lexical::LineComment)
            }
            b'/' if is_version_comment(rest) => {
                self.version_comments += 1;
                (3, Lexical::Plain)
            }
            b'/' if rest.starts_with(b"/*") => (2, Lexical::BlockComment),
            b'*' if rest.starts_with(b"*/") => {
                self.version_comments = self.version_comments.saturating_sub(1);
                (2, Lexical::Plain)
            }
            _ => (1, Lexical::Plain),
        };
        self.keep(&rest[..length]);
        self.lexical = lexical;
        *at += length;
        None
    }

    /// Runs past rows as far as nothing but values and whole strings comes; the number of bytes.
    fn skim(&self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if !self.interesting[usize::from(byte)] {
                at += 1;
                continue;
            }
            let next = bytes.get(at + 1);
            match byte {
                b'\'' | b'"' | b'`' if !self.delimiter.starts_with(&[byte]) => {
                    match self.string_length(byte, &bytes[at + 1..]) {
                        Some(length) => at += 1 + length,
                        None => return at,
                    }
                }
                b'-' | b'/' | b'*'
                    if self.delimiter == b";" && next.is_some_and(|next| !b"-*/".contains(next)) =>
                {
                    at += 1;
                }
                _ => return at,
            }
        }
        at
    }

    /// Bytes up to the end of a string whose opening quote came before; `None` when it goes on behind them.
    fn string_length(&self, quote: u8, bytes: &[u8]) -> Option<usize> {
        if quote == b'`' || self.backslash_is_plain {
            return memchr::memchr(quote, bytes).map(|end| end + 1);
        }
        let mut at = 0;
        loop {
            let found = at + memchr::memchr2(quote, b'\\', bytes.get(at..)?)?;
            if bytes[found] == quote {
                return Some(found + 1);
            }
            at = found + 2;
        }
    }

    /// In a string or a quoted name. A doubled quote closes and opens again, which comes to the same.
    fn quoted(&mut self, quote: u8, bytes: &[u8], at: &mut usize, last: bool) -> Option<Piece> {
        let rest = &bytes[*at..];
        let escapes = quote != b'`' && !self.backslash_is_plain;
        let found = if escapes { memchr::memchr2(quote, b'\\', rest) } else { memchr::memchr(quote, rest) };
        let length = match found {
            None => rest.len(),
            Some(end) if rest[end] == quote => {
                self.lexical = Lexical::Plain;
                end + 1
            }
            Some(escape) if escape + 2 <= rest.len() => escape + 2,
            Some(_) if last => rest.len(),
            Some(escape) => escape,
        };
        self.keep(&rest[..length]);
        *at += length;
        None
    }

    fn comment(&mut self, bytes: &[u8], at: &mut usize, last: bool) -> Option<Piece> {
        let rest = &bytes[*at..];
        let block = self.lexical == Lexical::BlockComment;
        let end = if block { memchr::memmem::find(rest, b"*/") } else { memchr::memchr(b'\n', rest) };
        let mark = if block { 2 } else { 1 };
        let (length, ended) = match end {
            Some(end) => (end + mark, true),
            None if last => (rest.len(), true),
            // A `*` at the end of the bytes may be the first half of `*/`.
            None => (rest.len() - usize::from(block && rest.ends_with(b"*")), false),
        };
        self.keep(&rest[..length]);
        *at += length;
        if !ended {
            return None;
        }
        self.lexical = Lexical::Plain;
        if self.inside != Inside::Nothing {
            return None;
        }
        Some(self.take_comment())
    }

    /// What was kept of a comment, without its marks.
    fn take_comment(&mut self) -> Piece {
        let mut comment = self.take_kept();
        let text = comment.text.strip_suffix(b"*/").unwrap_or(&comment.text).trim_ascii();
        comment.text = text.to_vec();
        Piece::Comment(comment)
    }
}

/// `/*!` and `/*M!`.
fn is_version_comment(rest: &[u8]) -> bool {
    rest.starts_with(b"/*!") || rest.starts_with(b"/*M!")
}

#[cfg(test)]
mod tests;
