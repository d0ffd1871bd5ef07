//! Strings, quoted names and numbers.

use super::{Lexer, Unfinished, is_word_byte};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Word};

impl Lexer<'_> {
    /// The value of a string that begins at the cursor.
    pub(super) fn quoted_string(&mut self, quote: char) -> Result<String, Unfinished> {
        let start = self.at;
        let mut value = String::new();
        let mut characters = self.text[start + 1..].char_indices().peekable();
        while let Some((offset, character)) = characters.next() {
            if character == quote {
                if characters.next_if(|(_, next)| *next == quote).is_some() {
                    value.push(quote);
                    continue;
                }
                self.at = start + 1 + offset + 1;
                return Ok(value);
            }
            if character == '\\' && !self.quoting.backslash_is_plain {
                let Some((_, escaped)) = characters.next() else { break };
                push_escaped(&mut value, escaped);
            } else {
                value.push(character);
            }
        }
        Err(Unfinished { at: start, what: "string" })
    }

    /// `'a' 'b'` is one string for the server.
    pub(super) fn joined_strings(&mut self, first: String) -> Result<String, Unfinished> {
        let mut value = first;
        loop {
            let rest = &self.text[self.at..];
            let blank = rest.len() - rest.trim_start().len();
            let quote = match rest.as_bytes().get(blank) {
                Some(b'\'') if blank > 0 => '\'',
                Some(b'"') if blank > 0 && !self.quoting.ansi => '"',
                _ => return Ok(value),
            };
            self.at += blank;
            value.push_str(&self.quoted_string(quote)?);
        }
    }

    /// A name in backticks, or in double quotes under ANSI_QUOTES.
    pub(super) fn quoted_name(&mut self, quote: char) -> Result<Word, Unfinished> {
        let start = self.at;
        let mut value = String::new();
        let mut characters = self.text[start + 1..].char_indices().peekable();
        while let Some((offset, character)) = characters.next() {
            if character != quote {
                value.push(character);
            } else if characters.next_if(|(_, next)| *next == quote).is_some() {
                value.push(quote);
            } else {
                self.at = start + 1 + offset + 1;
                return Ok(Word { value, quote_style: Some('`'), keyword: Keyword::NoKeyword });
            }
        }
        Err(Unfinished { at: start, what: "quoted name" })
    }

    /// A number, or a name that begins with a digit.
    pub(super) fn number_or_word(&mut self) -> Token {
        let bytes = &self.text.as_bytes()[self.at..];
        let run = |from: usize, accepts: fn(&u8) -> bool| {
            bytes[from..].iter().take_while(|byte| accepts(byte)).count()
        };
        if let [b'0', b'x', ..] = bytes {
            let digits = run(2, u8::is_ascii_hexdigit);
            if digits > 0 && !bytes.get(2 + digits).copied().is_some_and(is_word_byte) {
                let text = &self.text[self.at + 2..self.at + 2 + digits];
                self.at += 2 + digits;
                return Token::HexStringLiteral(text.to_owned());
            }
        }
        if let [b'0', b'b', ..] = bytes {
            let digits = run(2, |byte| matches!(byte, b'0' | b'1'));
            if digits > 0 && !bytes.get(2 + digits).copied().is_some_and(is_word_byte) {
                let text = &self.text[self.at + 2..self.at + 2 + digits];
                self.at += 2 + digits;
                return Token::SingleQuotedByteStringLiteral(text.to_owned());
            }
        }
        let mut length = run(0, u8::is_ascii_digit);
        let whole = length;
        if bytes.get(length) == Some(&b'.') {
            length += 1 + run(length + 1, u8::is_ascii_digit);
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            let digits = run(length + 1 + sign, u8::is_ascii_digit);
            if digits > 0 {
                length += 1 + sign + digits;
            }
        }
        let is_name = length == whole || bytes[..length].iter().all(u8::is_ascii_alphanumeric);
        if is_name && bytes.get(length).copied().is_some_and(is_word_byte) {
            return self.word();
        }
        let text = &self.text[self.at..self.at + length];
        self.at += length;
        Token::Number(text.to_owned(), false)
    }
}

/// What `\x` stands for in a string.
fn push_escaped(value: &mut String, escaped: char) {
    match escaped {
        'n' => value.push('\n'),
        't' => value.push('\t'),
        'r' => value.push('\r'),
        '0' => value.push('\0'),
        'b' => value.push('\u{8}'),
        'Z' => value.push('\u{1a}'),
        // Kept with their backslash, for LIKE patterns.
        '%' => value.push_str("\\%"),
        '_' => value.push_str("\\_"),
        other => value.push(other),
    }
}
