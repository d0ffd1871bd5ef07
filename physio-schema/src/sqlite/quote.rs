//! Names and texts inside SQL.

/// A name in double quotes: always quoted, so that no name can be a keyword or anything else.
///
/// ```
/// assert_eq!(physio_schema::sqlite::quote_identifier("order"), "\"order\"");
/// assert_eq!(physio_schema::sqlite::quote_identifier("say \"hi\""), "\"say \"\"hi\"\"\"");
/// ```
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text literal.
///
/// ```
/// assert_eq!(physio_schema::sqlite::quote_text("it's"), "'it''s'");
/// ```
pub fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Names in double quotes, with commas between them.
pub(super) fn quote_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quote_identifier).collect::<Vec<_>>().join(", ")
}
