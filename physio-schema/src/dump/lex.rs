//! One statement's text to `sqlparser` tokens, as the server would read it.
//!
//! `sqlparser`'s own tokenizer runs every version comment and does not know names that begin with a
//! digit, so the tokens are made here; each carries its line and column in the file.

mod literal;

use super::options::Server;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Word};

/// The tokens of a statement, with the text they were made from.
#[derive(Debug)]
pub(crate) struct Lexed {
    /// The statement as text.
    pub(crate) text: String,
    /// Its tokens, without white space and comments.
    pub(crate) tokens: Vec<TokenWithSpan>,
    /// The bytes of `text` that each token was made from.
    pub(crate) ranges: Vec<(usize, usize)>,
}

/// What the session says about reading quotes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quoting {
    /// `"x"` is a name.
    pub(crate) ansi: bool,
    /// A backslash in a string is a backslash.
    pub(crate) backslash_is_plain: bool,
}

/// A token that cannot be finished: where it begins, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unfinished {
    /// Byte of the text.
    pub(crate) at: usize,
    /// Such as `string`.
    pub(crate) what: &'static str,
}

/// Makes the tokens of `text`, which begins at `line` and `column` of the file.
pub(crate) fn lex(
    text: String,
    line: u32,
    column: u32,
    server: Server,
    quoting: Quoting,
) -> (Lexed, Option<Unfinished>) {
    make_tokens(text, (line, column), server, quoting, false)
}

/// Makes tokens that `sqlparser`'s own rules can read, which look for its keywords.
pub(crate) fn lex_for_parser(text: String, server: Server) -> (Lexed, Option<Unfinished>) {
    make_tokens(text, (1, 1), server, Quoting::default(), true)
}

fn make_tokens(
    text: String,
    (line, column): (u32, u32),
    server: Server,
    quoting: Quoting,
    has_keywords: bool,
) -> (Lexed, Option<Unfinished>) {
    let mut lexer = Lexer {
        text: &text,
        at: 0,
        line: u64::from(line),
        column: u64::from(column),
        located: 0,
        open_comments: 0,
        server,
        quoting,
        has_keywords,
        tokens: Vec::with_capacity(text.len() / 6 + 4),
        ranges: Vec::with_capacity(text.len() / 6 + 4),
    };
    let unfinished = lexer.run().err();
    let Lexer { tokens, ranges, .. } = lexer;
    (Lexed { text, tokens, ranges }, unfinished)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    column: u64,
    /// The byte for which `line` and `column` hold.
    located: usize,
    /// `/*!` that are being run and not yet closed.
    open_comments: u32,
    server: Server,
    quoting: Quoting,
    /// Whether words are looked up among `sqlparser`'s keywords.
    has_keywords: bool,
    tokens: Vec<TokenWithSpan>,
    ranges: Vec<(usize, usize)>,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), Unfinished> {
        while let Some(&first) = self.text.as_bytes().get(self.at) {
            let rest = &self.text[self.at..];
            if first.is_ascii_whitespace() || first == 0x0b || first == 0 {
                self.at += 1;
            } else if rest.starts_with('\u{a0}') || rest.starts_with('\u{feff}') {
                self.at += rest.chars().next().map_or(1, char::len_utf8);
            } else if first == b'#' || is_dash_comment(rest.as_bytes()) {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.comment()?;
            } else if rest.starts_with("*/") && self.open_comments > 0 {
                self.open_comments -= 1;
                self.at += 2;
            } else {
                self.token(first)?;
            }
        }
        Ok(())
    }

    /// A comment; the inside of one that the server runs is read on as if it were bare.
    fn comment(&mut self) -> Result<(), Unfinished> {
        let rest = &self.text.as_bytes()[self.at..];
        let (mark, is_mariadb) = match (rest.get(2), rest.get(3)) {
            (Some(b'!'), _) => (3, false),
            (Some(b'M'), Some(b'!')) => (4, true),
            _ => return self.skip_comment(2),
        };
        let n_digits = rest[mark..].iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
        // A number has five or six digits; anything shorter belongs to the text.
        let n_digits = if n_digits < 5 { 0 } else { n_digits };
        let number = rest[mark..mark + n_digits]
            .iter()
            .fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0'));
        let number = (n_digits > 0).then_some(number);
        let runs = if is_mariadb {
            self.server.runs_mariadb_comment(number)
        } else {
            self.server.runs_comment(number)
        };
        if runs {
            self.open_comments += 1;
            self.at += mark + n_digits;
            return Ok(());
        }
        self.skip_comment(mark)
    }

    /// Runs past a comment, with the comments that it may hold.
    fn skip_comment(&mut self, mark: usize) -> Result<(), Unfinished> {
        let start = self.at;
        let nests = mark > 2;
        self.at += mark;
        let mut depth = 1;
        while depth > 0 {
            let rest = &self.text.as_bytes()[self.at..];
            match memchr::memchr2(b'*', b'/', rest) {
                None => return Err(Unfinished { at: start, what: "comment" }),
                Some(found) => {
                    self.at += found;
                    let rest = &rest[found..];
                    if rest.starts_with(b"*/") {
                        depth -= 1;
                        self.at += 2;
                    } else if nests && rest.starts_with(b"/*") {
                        depth += 1;
                        self.at += 2;
                    } else {
                        self.at += 1;
                    }
                }
            }
        }
        Ok(())
    }

    fn token(&mut self, first: u8) -> Result<(), Unfinished> {
        let start = self.at;
        let rest = &self.text[start..];
        let after_period = self.tokens.last().is_some_and(|last| last.token == Token::Period)
            && self.ranges.last().is_some_and(|range| range.1 == start);
        let token = match first {
            b'\'' => {
                let value = self.quoted_string('\'')?;
                Token::SingleQuotedString(self.joined_strings(value)?)
            }
            b'"' if self.quoting.ansi => Token::Word(self.quoted_name('"')?),
            b'"' => {
                let value = self.quoted_string('"')?;
                Token::DoubleQuotedString(self.joined_strings(value)?)
            }
            b'`' => Token::Word(self.quoted_name('`')?),
            b'0'..=b'9' if !after_period => self.number_or_word(),
            b'.' if rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) && !self.after_name(start) => {
                self.number_or_word()
            }
            b'x' | b'X' if rest.as_bytes().get(1) == Some(&b'\'') => {
                self.at += 1;
                Token::HexStringLiteral(self.quoted_string('\'')?)
            }
            b'b' | b'B' if rest.as_bytes().get(1) == Some(&b'\'') => {
                self.at += 1;
                Token::SingleQuotedByteStringLiteral(self.quoted_string('\'')?)
            }
            b'n' | b'N' if rest.as_bytes().get(1) == Some(&b'\'') => {
                self.at += 1;
                let value = self.quoted_string('\'')?;
                Token::NationalStringLiteral(self.joined_strings(value)?)
            }
            _ if is_word_byte(first) => self.word(),
            _ => self.symbol(),
        };
        let span = self.span(start);
        self.tokens.push(TokenWithSpan { token, span });
        self.ranges.push((start, self.at));
        Ok(())
    }

    /// Whether the token before touches byte `start` and may be followed by `.name`.
    fn after_name(&self, start: usize) -> bool {
        let is_name = self.tokens.last().is_some_and(|last| matches!(last.token, Token::Word(_)));
        is_name && self.ranges.last().is_some_and(|range| range.1 == start)
    }

    fn word(&mut self) -> Token {
        let rest = &self.text[self.at..];
        let length = rest.bytes().position(|byte| !is_word_byte(byte)).unwrap_or(rest.len());
        // A no-break space is white space for people, and no letter of a name.
        let length = rest[..length].find('\u{a0}').filter(|space| *space > 0).unwrap_or(length);
        self.at += length;
        if self.has_keywords {
            return Token::make_word(&rest[..length], None);
        }
        let value = rest[..length].to_owned();
        Token::Word(Word { value, quote_style: None, keyword: Keyword::NoKeyword })
    }

    fn symbol(&mut self) -> Token {
        let rest = &self.text[self.at..];
        const LONG: [(&str, Token); 12] = [
            ("<=>", Token::Spaceship),
            ("->>", Token::LongArrow),
            ("->", Token::Arrow),
            ("<=", Token::LtEq),
            (">=", Token::GtEq),
            ("<>", Token::Neq),
            ("!=", Token::Neq),
            ("<<", Token::ShiftLeft),
            (">>", Token::ShiftRight),
            ("||", Token::StringConcat),
            ("&&", Token::Overlap),
            (":=", Token::Assignment),
        ];
        for (text, token) in LONG {
            if rest.starts_with(text) {
                self.at += text.len();
                return token;
            }
        }
        let Some(symbol) = rest.chars().next() else { return Token::EOF };
        self.at += symbol.len_utf8();
        match symbol {
            ',' => Token::Comma,
            '(' => Token::LParen,
            ')' => Token::RParen,
            '.' => Token::Period,
            '=' => Token::Eq,
            '<' => Token::Lt,
            '>' => Token::Gt,
            '+' => Token::Plus,
            '-' => Token::Minus,
            '*' => Token::Mul,
            '/' => Token::Div,
            '%' => Token::Mod,
            '&' => Token::Ampersand,
            '|' => Token::Pipe,
            '^' => Token::Caret,
            '~' => Token::Tilde,
            '!' => Token::ExclamationMark,
            '@' => Token::AtSign,
            ':' => Token::Colon,
            ';' => Token::SemiColon,
            '{' => Token::LBrace,
            '}' => Token::RBrace,
            '[' => Token::LBracket,
            ']' => Token::RBracket,
            '?' => Token::Placeholder("?".to_owned()),
            other => Token::Char(other),
        }
    }

    /// Line and column of bytes `start..self.at`; `start` never goes back.
    fn span(&mut self, start: usize) -> Span {
        let begin = self.locate(start);
        Span { start: begin, end: self.locate(self.at) }
    }

    fn locate(&mut self, to: usize) -> Location {
        for character in self.text[self.located..to].chars() {
            if character == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.located = to;
        Location { line: self.line, column: self.column }
    }
}

/// `-- x`; without the space it is two minus signs to the server.
fn is_dash_comment(rest: &[u8]) -> bool {
    rest.starts_with(b"--") && rest.get(2).is_none_or(|byte| *byte <= b' ')
}

/// Letters of a bare name: `$`, digits and everything beyond ASCII are among them.
fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

#[cfg(test)]
mod tests;
