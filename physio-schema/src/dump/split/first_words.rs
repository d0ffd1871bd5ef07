//! What the first words of a statement say about it, before it has been read.

/// What to do with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// Keep its text: it may shape a table.
    Keep,
    /// Run past it: rows, or a statement that changes no table's shape and may be long.
    Data,
    /// `DELIMITER x`, up to the end of the line.
    Delimiter,
    /// `USE x`, with or without a delimiter.
    Use,
    /// Another command of the client, up to the end of the line.
    ClientLine,
}

/// Statements that may carry many rows.
const DATA: [&str; 12] = [
    "INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD", "SELECT", "WITH", "VALUES", "TABLE", "CALL", "DO",
    "HANDLER",
];

/// Whether the statement puts rows into tables; others among [`DATA`] may do more than that.
pub(crate) fn carries_rows(rest: &[u8]) -> bool {
    let word = Words { rest }.next().unwrap_or_default();
    let rows: [&[u8]; 5] = [b"INSERT", b"REPLACE", b"UPDATE", b"DELETE", b"LOAD"];
    rows.iter().any(|row| word.eq_ignore_ascii_case(row))
}

/// Decides by the first word, also when it stands in a version comment.
pub(crate) fn decide(rest: &[u8]) -> Disposition {
    if rest[0] == b'\\' {
        return Disposition::ClientLine;
    }
    let mut words = Words { rest };
    let Some(word) = words.next() else { return Disposition::Keep };
    if word.eq_ignore_ascii_case(b"DELIMITER") && rest.len() > word.len() && rest[..word.len()] == *word {
        return Disposition::Delimiter;
    }
    if word.eq_ignore_ascii_case(b"USE") && rest[0].is_ascii_alphabetic() {
        return Disposition::Use;
    }
    if word.eq_ignore_ascii_case(b"SOURCE") {
        return Disposition::ClientLine;
    }
    if DATA.iter().any(|data| word.eq_ignore_ascii_case(data.as_bytes())) {
        return Disposition::Data;
    }
    Disposition::Keep
}

/// Whether the statement makes something with a body, in which `;` does not end it.
pub(crate) fn is_routine(text: &[u8]) -> bool {
    let mut words = Words { rest: text };
    if !words.next().is_some_and(|word| word.eq_ignore_ascii_case(b"CREATE")) {
        // `BEGIN NOT ATOMIC` and labelled blocks are no part of a dump.
        return false;
    }
    // DEFINER = `a`@`b` comes apart into more words than it seems to have.
    for word in words.take(16) {
        let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        if is("PROCEDURE") || is("FUNCTION") || is("TRIGGER") || is("EVENT") || is("PACKAGE") {
            return true;
        }
        if is("TABLE") || is("VIEW") || is("INDEX") || is("DATABASE") || is("SCHEMA") || is("USER") {
            return false;
        }
    }
    false
}

/// Words outside of comments; the inside of a version comment counts, quoted names do not.
struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let rest = self.rest;
            let first = *rest.first()?;
            if rest.starts_with(b"/*!") || rest.starts_with(b"/*M!") {
                let mark = if rest[2] == b'!' { 3 } else { 4 };
                let digits = rest[mark..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                self.rest = &rest[mark + digits..];
            } else if rest.starts_with(b"/*") {
                let end = memchr::memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
                self.rest = &rest[end..];
            } else if rest.starts_with(b"-- ") || first == b'#' {
                let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                self.rest = &rest[end..];
            } else if matches!(first, b'`' | b'\'' | b'"') {
                let end = memchr::memchr(first, &rest[1..]).map_or(rest.len(), |end| end + 2);
                self.rest = &rest[end..];
            } else if first.is_ascii_alphanumeric() || first == b'_' {
                let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
                let (word, after) = rest.split_at(rest.iter().take_while(is_word).count());
                self.rest = after;
                return Some(word);
            } else {
                self.rest = &rest[1..];
            }
        }
    }
}
