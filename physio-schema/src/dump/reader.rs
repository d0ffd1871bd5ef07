//! Drives the stages over bytes as they come.

use super::apply::Replay;
use super::cursor::Cursor;
use super::error::{DumpError, DumpErrors, DumpWarning, shortened};
use super::header::Header;
use super::lex::lex;
use super::options::DumpOptions;
use super::read::statement::read_statement;
use super::split::{Piece, RawStatement, Splitter};
use super::{Dump, Server};
use crate::model::Schema;

/// Reads a dump piece by piece.
///
/// ```
/// use physio_schema::dump::{DumpOptions, DumpReader};
/// let options = DumpOptions::default();
/// let mut reader = DumpReader::new(&options);
/// reader.feed(b"CREATE TABLE t (a in");
/// reader.feed(b"t);");
/// assert_eq!(reader.finish().unwrap().schema.tables.len(), 1);
/// ```
pub struct DumpReader<'a> {
    options: &'a DumpOptions,
    splitter: Splitter,
    header: Header,
    replay: Replay<'a>,
    pending: Vec<u8>,
    /// Tables whose structure the exporting tool could not read.
    unreadable: Vec<DumpError>,
}

impl<'a> DumpReader<'a> {
    /// A reader at the beginning of a dump.
    pub fn new(options: &'a DumpOptions) -> Self {
        Self {
            options,
            splitter: Splitter::new(),
            header: Header::default(),
            replay: Replay::new(options),
            pending: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.pending.is_empty() {
            let done = self.run(bytes, false);
            self.pending.extend_from_slice(&bytes[done..]);
            return;
        }
        let mut pending = std::mem::take(&mut self.pending);
        pending.extend_from_slice(bytes);
        let done = self.run(&pending, false);
        pending.drain(..done);
        self.pending = pending;
    }

    /// Takes the last bytes, without copying them when they are the only ones.
    pub(super) fn read_last(&mut self, bytes: &[u8]) {
        if self.pending.is_empty() {
            self.run(bytes, true);
        } else {
            self.feed(bytes);
        }
    }

    /// The end of the dump.
    ///
    /// # Errors
    ///
    /// All errors at once; see [`super::parse`].
    pub fn finish(mut self) -> Result<Dump, DumpErrors> {
        let pending = std::mem::take(&mut self.pending);
        self.run(&pending, true);
        let Replay { catalogue, mut errors, warnings, skipped, server, .. } = self.replay;
        let databases = catalogue.into_schemas();
        if databases.is_empty() {
            errors.append(&mut self.unreadable);
        }
        let schema = choose(&databases, self.options, &mut errors);
        let written_by = self.header.server();
        let mut dump = Dump { schema, databases, server, written_by, skipped, warnings };
        let unreadable = self.unreadable.into_iter();
        dump.warnings.extend(unreadable.map(|error| DumpWarning {
            line: error.line,
            column: error.column,
            message: error.message,
        }));
        dump.warnings.sort_by_key(|warning| (warning.line, warning.column));
        if errors.is_empty() {
            return Ok(dump);
        }
        errors.sort_by_key(|error| (error.line, error.column));
        let file_name = self.options.file_name.clone();
        Err(DumpErrors { errors, file_name, partial: Box::new(dump) })
    }

    /// Works through `bytes` as far as it goes; the number of bytes done with.
    fn run(&mut self, bytes: &[u8], last: bool) -> usize {
        let mut done = 0;
        loop {
            let (length, piece) = self.splitter.next(&bytes[done..], last);
            done += length;
            match piece {
                None => return done,
                Some(Piece::Data) => self.replay.skipped.data += 1,
                Some(Piece::Endless(start)) => self.replay.errors.push(endless(&start)),
                Some(Piece::Comment(comment)) => self.read_comment(&comment),
                Some(Piece::ClientCommand(command)) => self.read_client_command(&command),
                Some(Piece::Statement(statement)) => self.read_statement(statement),
            }
        }
    }

    fn read_comment(&mut self, comment: &RawStatement) {
        // Behind the first table a comment is about something else.
        if self.replay.catalogue.is_empty() {
            self.header.read(&comment.text);
        }
        if let Some(server) = self.header.server() {
            self.replay.server = self.options.server.unwrap_or(server);
            self.replay.is_server_named = true;
        }
        let starts = [&b"Error reading structure for table"[..], b"in use (", b"in use("];
        if starts.iter().any(|start| comment.text.starts_with(start)) {
            let text = shortened(&String::from_utf8_lossy(&comment.text));
            self.unreadable.push(DumpError {
                line: comment.line,
                column: comment.column,
                message: format!(
                    "the dump lacks the structure of a table, its tool could not read it: {text}"
                ),
                text: String::new(),
                help: "repair the table on its server and make the dump again".to_owned(),
            });
        }
    }

    fn read_client_command(&mut self, command: &RawStatement) {
        let text = String::from_utf8_lossy(&command.text);
        self.replay.skipped.session += 1;
        if text.to_ascii_lowercase().starts_with("source") || text.starts_with("\\.") {
            self.replay.warnings.push(DumpWarning {
                line: command.line,
                column: command.column,
                message: format!("another file is read here and is not followed: {}", shortened(&text)),
            });
        }
    }

    fn read_statement(&mut self, statement: RawStatement) {
        let (line, column) = (statement.line, statement.column);
        let mut text = self.replay.session.decode(statement.text);
        for (placeholder, value) in &self.options.defines {
            if !placeholder.is_empty() && text.contains(placeholder.as_str()) {
                text = text.replace(placeholder.as_str(), value);
            }
        }
        self.replay.holds_structure |= keeps_structure(&text);
        let (lexed, unfinished) = lex(text, line, column, self.replay.server, self.replay.session.quoting());
        if let Some(unfinished) = unfinished {
            let before = &lexed.text[..unfinished.at];
            let line = line.saturating_add(u32::try_from(before.matches('\n').count()).unwrap_or(0));
            self.replay.errors.push(DumpError {
                line,
                column: 1,
                text: shortened(lexed.text[unfinished.at..].lines().next().unwrap_or_default()),
                message: format!("a {} begins here and does not end", unfinished.what),
                help: "the file is cut off or a quote is missing: make the dump again".to_owned(),
            });
        }
        let mut cursor = Cursor::new(lexed);
        let mut errors = Vec::new();
        match read_statement(&mut cursor, &mut errors) {
            Ok(statement) => self.replay.apply(statement),
            Err(error) => errors.push(*error),
        }
        self.replay.errors.append(&mut errors);
        self.splitter.backslash_is_plain = self.replay.session.quoting().backslash_is_plain;
    }
}

/// Whether a statement puts another that shapes a table into a variable.
fn keeps_structure(text: &str) -> bool {
    let starts = |word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if !starts("SET") && !starts("PREPARE") {
        return false;
    }
    let upper = text.to_ascii_uppercase();
    let words = ["CREATE TABLE", "ALTER TABLE", "DROP TABLE", "RENAME TABLE", " INDEX "];
    words.iter().any(|words| upper.contains(words))
}

/// The error for a statement that goes on for longer than any does.
fn endless(start: &RawStatement) -> DumpError {
    let text = String::from_utf8_lossy(&start.text);
    DumpError {
        line: start.line,
        column: start.column,
        text: shortened(text.lines().next().unwrap_or_default()),
        message: "a statement begins here and does not end within 64 MB".to_owned(),
        help: "a quote is missing, or the delimiter: make the dump again".to_owned(),
    }
}

/// The schema that is wanted among all databases.
fn choose(
    databases: &[(Option<String>, Schema)],
    options: &DumpOptions,
    errors: &mut Vec<DumpError>,
) -> Schema {
    let names = || {
        let names: Vec<&str> =
            databases.iter().map(|(name, _)| name.as_deref().unwrap_or("(unnamed)")).collect();
        names.join(", ")
    };
    let mut fail = |message: String, help: &str| {
        let text = String::new();
        errors.push(DumpError { line: 1, column: 1, text, message, help: help.to_owned() });
        Schema::default()
    };
    match (&options.database, databases) {
        (Some(wanted), _) => {
            let found = databases.iter().find(|(name, _)| name.as_ref().is_none_or(|name| name == wanted));
            match found {
                Some((_, schema)) => schema.clone(),
                None => fail(
                    format!("the dump holds no tables of a database `{wanted}`, but of: {}", names()),
                    "name one of these",
                ),
            }
        }
        (None, []) => Schema::default(),
        (None, [(_, schema)]) => schema.clone(),
        (None, _) if options.every_database => Schema::default(),
        (None, _) => fail(
            format!("the dump holds tables of several databases: {}", names()),
            "name the one to take: --database NAME, or `database` in physio.toml",
        ),
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::DEFAULT
    }
}
