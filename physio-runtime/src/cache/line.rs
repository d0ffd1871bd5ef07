//! A row as it arrives: a JSON array of strings and nulls, read without copying.

use memchr::memchr2;
use std::borrow::Cow;

/// A line that is not a JSON array of strings and nulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotARow;

/// One value of a row.
pub(super) type Field<'a> = Option<Cow<'a, str>>;

/// Reads the fields of one line into `fields`, which is emptied first.
pub(super) fn parse_line<'a>(line: &'a str, fields: &mut Vec<Field<'a>>) -> Result<(), NotARow> {
    fields.clear();
    for_each_field(line, |_, field| {
        fields.push(field);
        Ok(())
    })
}

/// Hands each field of one line, with its position, to `f`.
///
/// Text without escapes is borrowed from the line.
pub(super) fn for_each_field<'a, E: From<NotARow>>(
    line: &'a str,
    mut f: impl FnMut(usize, Field<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let bytes = line.as_bytes();
    let mut at = skip_space(bytes, 0);
    if bytes.get(at) != Some(&b'[') {
        return Err(NotARow.into());
    }
    at = skip_space(bytes, at + 1);
    if bytes.get(at) == Some(&b']') {
        return Ok(end(bytes, at + 1)?);
    }
    let mut position = 0;
    loop {
        match bytes.get(at) {
            Some(b'"') => {
                let (text, after) = parse_string(line, at)?;
                f(position, Some(text))?;
                at = after;
            }
            Some(b'n') if bytes[at..].starts_with(b"null") => {
                f(position, None)?;
                at += 4;
            }
            _ => return Err(NotARow.into()),
        }
        position += 1;
        at = skip_space(bytes, at);
        match bytes.get(at) {
            Some(b',') => at = skip_space(bytes, at + 1),
            Some(b']') => return Ok(end(bytes, at + 1)?),
            _ => return Err(NotARow.into()),
        }
    }
}

/// Reads the string whose quote is at `start`; gives it and the place after its closing quote.
fn parse_string(line: &str, start: usize) -> Result<(Cow<'_, str>, usize), NotARow> {
    let bytes = line.as_bytes();
    let begin = start + 1;
    let mut at = begin;
    let mut has_escapes = false;
    loop {
        at += memchr2(b'"', b'\\', &bytes[at..]).ok_or(NotARow)?;
        if bytes[at] == b'"' {
            break;
        }
        has_escapes = true;
        at += 2;
        if at > bytes.len() {
            return Err(NotARow);
        }
    }
    let text = if has_escapes {
        Cow::Owned(serde_json::from_str::<String>(&line[start..=at]).map_err(|_| NotARow)?)
    } else {
        Cow::Borrowed(&line[begin..at])
    };
    Ok((text, at + 1))
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

fn end(bytes: &[u8], at: usize) -> Result<(), NotARow> {
    if skip_space(bytes, at) == bytes.len() { Ok(()) } else { Err(NotARow) }
}

#[cfg(test)]
mod tests {
    use super::{Field, NotARow, parse_line};
    use proptest::prelude::*;
    use std::borrow::Cow;

    fn parsed(line: &str) -> Result<Vec<Option<String>>, NotARow> {
        let mut fields = Vec::new();
        parse_line(line, &mut fields)?;
        Ok(fields.into_iter().map(|field| field.map(Cow::into_owned)).collect())
    }

    #[test]
    fn text_without_escapes_is_not_copied() {
        let mut fields: Vec<Field<'_>> = Vec::new();
        parse_line(r#"["17","Ärztin",null,""]"#, &mut fields).unwrap();
        assert!(fields.iter().flatten().all(|field| matches!(field, Cow::Borrowed(_))));
        assert_eq!(fields, [Some("17".into()), Some("Ärztin".into()), None, Some("".into())]);
    }

    #[test]
    fn lines_that_are_no_rows_are_refused() {
        for line in [
            "",
            "[",
            "[\"a\"",
            "[\"a",
            "[\"a\\",
            "[\"a\\\"]",
            "[1]",
            "[\"a\",]",
            "[\"a\"]x",
            "{}",
            "[nul]",
            "[\"a\" \"b\"]",
            "[\"\\x\"]",
            "[\"\\u12\"]",
        ] {
            assert_eq!(parsed(line), Err(NotARow), "{line}");
        }
    }

    proptest! {
        #[test]
        fn every_row_reads_as_serde_reads_it(row in proptest::collection::vec(proptest::option::of(".*"), 0..6)) {
            let line = serde_json::to_string(&row).unwrap();
            prop_assert_eq!(parsed(&line), Ok(row));
        }

        #[test]
        fn no_text_panics_or_is_read_differently_from_serde(line in "[\\[\\],\"\\\\nulabt0-9 ]{0,24}") {
            match parsed(&line) {
                Ok(row) => prop_assert_eq!(Some(row), serde_json::from_str::<Vec<Option<String>>>(&line).ok()),
                Err(NotARow) => prop_assert!(serde_json::from_str::<Vec<Option<String>>>(&line).is_err()),
            }
        }
    }
}
