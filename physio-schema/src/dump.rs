//! MySQL dumps to the model: one pass over the bytes, data skipped, statements replayed in order.
//!
//! ```text
//! bytes ─ split ─> statements ─ lex ─> tokens ─ read ─> declarations ─ apply + rules ─> model
//! ```
//!
//! * `split` cuts the file at its delimiters and runs past the rows in constant memory;
//! * `lex` makes `sqlparser` tokens of a statement, with version comments run or skipped as the server
//!   would;
//! * `read` reads the tokens, element by element: one that cannot be read costs only itself;
//! * `apply` replays CREATE, ALTER, RENAME and DROP, and `rules` adds what the server adds by itself.
//!
//! What shapes no table is skipped and counted; what does and is not understood is an error with its
//! line, column, text and what to do. Files are not opened here.

mod apply;
mod catalogue;
mod cursor;
mod error;
mod expression;
mod header;
mod lex;
mod options;
mod read;
mod reader;
mod rules;
mod session;
mod skipped;
mod spec;
mod split;
mod structure;

pub use error::{DumpError, DumpErrors, DumpWarning};
pub use options::{DumpOptions, Flavour, Server, UnknownServer};
pub use reader::DumpReader;
pub use skipped::SkippedCounts;
pub use structure::StructureFilter;

use crate::model::Schema;

/// What a dump holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dump {
    /// The tables of the one database that holds some, or of [`DumpOptions::database`].
    pub schema: Schema,
    /// Every database that holds tables, in the order of the file; the name is `None` when the file
    /// names none.
    pub databases: Vec<(Option<String>, Schema)>,
    /// The server as whose the dump was read.
    pub server: Server,
    /// The server that the dump says it was written by.
    pub written_by: Option<Server>,
    /// What was passed over.
    pub skipped: SkippedCounts,
    /// What was read in one of several possible ways.
    pub warnings: Vec<DumpWarning>,
}

/// Reads a whole dump.
///
/// ```
/// use physio_schema::dump::{DumpOptions, parse};
/// let sql = b"CREATE TABLE roles (role_id int AUTO_INCREMENT PRIMARY KEY, name varchar(40) DEFAULT 'x');
///             INSERT INTO roles VALUES (1, 'admin');";
/// let dump = parse(sql, &DumpOptions::default()).unwrap();
/// let roles = dump.schema.table("roles").unwrap();
/// assert_eq!(roles.columns[0].column_type.to_string(), "int(11)");
/// assert_eq!(roles.columns[1].default_text().as_deref(), Some("'x'"));
/// assert_eq!(dump.skipped.data, 1);
/// ```
///
/// # Errors
///
/// All errors at once, when something that shapes a table was not understood, when the structure of
/// tables is missing, or when several databases hold tables and none was chosen.
pub fn parse(sql: &[u8], options: &DumpOptions) -> Result<Dump, DumpErrors> {
    let mut reader = DumpReader::new(options);
    reader.read_last(sql);
    reader.finish()
}

/// Reads a dump that comes in pieces, in memory that does not grow with its rows.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_chunks<C: AsRef<[u8]>>(
    chunks: impl IntoIterator<Item = C>,
    options: &DumpOptions,
) -> Result<Dump, DumpErrors> {
    let mut reader = DumpReader::new(options);
    for chunk in chunks {
        reader.feed(chunk.as_ref());
    }
    reader.finish()
}
