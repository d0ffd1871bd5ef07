//! The macros of `physio-runtime`, which re-exports them: an application names that crate only.
//!
//! Three passes that never mix: `input` parses and keeps spans, `check` holds it against the dump and
//! collects every error, `expand` writes tokens and decides nothing. `source` reads the files;
//! `physio_schema::describe` works out the Rust names and types. Both know nothing of tokens.

mod check;
mod expand;
mod input;
mod source;

use proc_macro::TokenStream;

/// Generates typed rows, inserts, patches and column names from the dump that a `physio.toml` names.
///
/// `schema!("physio.toml")`: the path is looked for beside the crate's `Cargo.toml` and in the directories
/// above it up to the workspace's root, then beside the source file and above it. The crate is rebuilt when
/// physio.toml or the dump changes.
///
/// For a table `order_lines` the invoking module gets:
///
/// * `plan()`: everything the runtime must know, `&'static Plan`;
/// * `OrderLines`, the row, with one field per visible column, named as the column;
/// * `OrderLinesInsert`: the columns that an INSERT must name, and `optional: OrderLinesOptional` for those
///   that it may leave out. A generated key is in neither. Uninhabited where physio.toml says
///   `writable = false`;
/// * `OrderLinesPatch`: `None` leaves a column as it is; nullable columns are `Option<Option<T>>`;
/// * `OrderLinesStatus` for an ENUM column `status`, with a variant that keeps texts the dump does not list;
///   a SET column is a `Set<OrderLinesFlags>`;
/// * `mod order_lines`: a typed constant per column, and `TABLE`, `DDL`, `UPSERT`.
///
/// Names that Rust cannot spell are changed as little as possible, and made unique by a number. Put the
/// macro into a module of its own: that also allows several schemas in one program.
///
/// # Errors
///
/// At compile time, all of them at once: a physio.toml or a dump that is not found, not readable, or
/// contradicts itself.
#[proc_macro]
pub fn schema(tokens: TokenStream) -> TokenStream {
    expand::schema_tokens(input::parse_schema(tokens.into()).and_then(check::check_schema)).into()
}

/// Reads the application's own struct from rows of a synced table, and checks each field against the dump.
///
/// `#[physio(table = "patients")]` on the struct names the table, `config = "shop/physio.toml"` another
/// physio.toml. `#[physio(column = "first name")]` on a field names a column that the field is not named
/// after. `_sync_status` and `_last_synced_at` are columns too.
///
/// A field may be wider than its column: a larger integer, `f64` for FLOAT, `String` for what the cache
/// keeps as text, `Option` where there is never NULL. A type that this macro does not know is taken as it
/// is and must implement `FieldValue`.
///
/// # Errors
///
/// At compile time, each at its own field and all of them at once: an unknown table or column, a hidden
/// column, a type that cannot hold the column, a nullable column without `Option`.
#[proc_macro_derive(FromRow, attributes(physio))]
pub fn from_row(tokens: TokenStream) -> TokenStream {
    let parsed = input::parse_from_row(tokens.into()).map_err(check::RefusedRow::from);
    expand::from_row_tokens(parsed.and_then(check::check_from_row)).into()
}
