//! `sqlparser`'s parser over our own tokens, with the words of MySQL that it has no keyword for.

use super::error::{DumpError, shortened};
use super::lex::Lexed;
use sqlparser::dialect::MySqlDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Token};

static DIALECT: MySqlDialect = MySqlDialect {};

/// What a reader gives back.
pub(crate) type Read<T> = Result<T, Box<DumpError>>;

/// A place in a statement.
pub(crate) struct Cursor {
    parser: Parser<'static>,
    text: String,
    ranges: Vec<(usize, usize)>,
    end: Location,
}

impl Cursor {
    /// A cursor at the first token.
    pub(crate) fn new(lexed: Lexed) -> Self {
        let end = lexed.tokens.last().map_or(Location { line: 1, column: 1 }, |token| token.span.end);
        Self {
            parser: Parser::new(&DIALECT).with_tokens_with_locations(lexed.tokens),
            text: lexed.text,
            ranges: lexed.ranges,
            end,
        }
    }

    /// The next token; [`Token::EOF`] at the end.
    pub(crate) fn peek(&self) -> &Token {
        &self.parser.peek_token_ref().token
    }

    /// The token `n` after the next.
    pub(crate) fn peek_nth(&self, n: usize) -> &Token {
        &self.parser.peek_nth_token_ref(n).token
    }

    /// Whether all tokens are used up.
    pub(crate) fn at_end(&self) -> bool {
        matches!(self.peek(), Token::EOF)
    }

    /// Steps over the next token.
    pub(crate) fn advance(&mut self) {
        if !self.at_end() {
            self.parser.advance_token();
        }
    }

    /// Whether the next token is this bare word, in any case.
    pub(crate) fn is_at(&self, word: &str) -> bool {
        is_word(self.peek(), word)
    }

    /// Whether the next tokens are these bare words.
    pub(crate) fn is_at_all(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(n, word)| is_word(self.peek_nth(n), word))
    }

    /// Whether the next token is one of these bare words.
    pub(crate) fn is_at_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_at(word))
    }

    /// Steps over a bare word if it is next.
    pub(crate) fn accept(&mut self, word: &str) -> bool {
        self.accept_all(&[word])
    }

    /// Steps over these bare words if they are next, all of them.
    pub(crate) fn accept_all(&mut self, words: &[&str]) -> bool {
        let found = self.is_at_all(words);
        if found {
            words.iter().for_each(|_| self.advance());
        }
        found
    }

    /// Steps over one of these bare words if it is next.
    pub(crate) fn accept_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.accept(word))
    }

    /// Steps over a symbol if it is next.
    pub(crate) fn accept_symbol(&mut self, symbol: &Token) -> bool {
        let found = self.peek() == symbol;
        if found {
            self.advance();
        }
        found
    }

    /// Demands a bare word.
    pub(crate) fn expect(&mut self, word: &str) -> Read<()> {
        if self.accept(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"))) }
    }

    /// Demands a symbol.
    pub(crate) fn expect_symbol(&mut self, symbol: &Token) -> Read<()> {
        if self.accept_symbol(symbol) { Ok(()) } else { Err(self.unexpected(&format!("`{symbol}`"))) }
    }

    /// Takes a name: bare, in backticks, or in double quotes where nothing else can stand.
    pub(crate) fn name(&mut self) -> Read<String> {
        match self.peek() {
            Token::Word(word) => {
                let name = word.value.clone();
                self.advance();
                Ok(name)
            }
            Token::DoubleQuotedString(name) => {
                let name = name.clone();
                self.advance();
                Ok(name)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    /// Takes `name` or `database.name`: the database, if any, and the name.
    pub(crate) fn qualified_name(&mut self) -> Read<(Option<String>, String)> {
        self.accept_symbol(&Token::Period);
        let first = self.name()?;
        if !self.accept_symbol(&Token::Period) {
            return Ok((None, first));
        }
        let name = match self.peek() {
            Token::Number(digits, _) => {
                let name = digits.clone();
                self.advance();
                name
            }
            _ => self.name()?,
        };
        Ok((Some(first), name))
    }

    /// Takes a string in either kind of quotes, with or without an introducer.
    pub(crate) fn string(&mut self) -> Read<String> {
        let introduced = matches!(self.peek(), Token::Word(word) if word.value.starts_with('_'))
            && matches!(self.peek_nth(1), Token::SingleQuotedString(_) | Token::DoubleQuotedString(_));
        if introduced {
            self.advance();
        }
        match self.peek() {
            Token::SingleQuotedString(text)
            | Token::DoubleQuotedString(text)
            | Token::NationalStringLiteral(text) => {
                let text = text.clone();
                self.advance();
                Ok(text)
            }
            _ => Err(self.unexpected("a string in quotes")),
        }
    }

    /// Takes a whole number.
    pub(crate) fn number(&mut self) -> Read<u64> {
        let number = match self.peek() {
            Token::Number(digits, _) => digits.parse().ok(),
            _ => None,
        };
        let Some(number) = number else { return Err(self.unexpected("a whole number")) };
        self.advance();
        Ok(number)
    }

    /// Takes `(…)` with everything in it, and gives back the text between the parentheses.
    pub(crate) fn parenthesised(&mut self) -> Read<String> {
        if self.peek() != &Token::LParen {
            return Err(self.unexpected("`(`"));
        }
        let open = self.index();
        self.skip_balanced()?;
        let close = self.index() - 1;
        Ok(self.text_between(open + 1, close).to_owned())
    }

    /// Steps over one token, or over `(…)` with everything in it.
    pub(crate) fn skip_balanced(&mut self) -> Read<()> {
        let mut depth = 0_u32;
        loop {
            match self.peek() {
                Token::EOF => return Err(self.unexpected("`)`")),
                Token::LParen => depth += 1,
                Token::RParen if depth == 0 => return Err(self.unexpected("something before `)`")),
                Token::RParen => depth -= 1,
                _ => {}
            }
            self.advance();
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Steps to the next `,` or `)` of this level, or to the end.
    pub(crate) fn skip_element(&mut self) {
        while !matches!(self.peek(), Token::EOF | Token::Comma | Token::RParen) {
            if self.skip_balanced().is_err() {
                return;
            }
        }
    }

    /// Steps to the end of the statement.
    pub(crate) fn skip_rest(&mut self) {
        while !self.at_end() {
            self.advance();
        }
    }

    /// The number of the next token.
    pub(crate) fn index(&self) -> usize {
        // All tokens are significant, so the parser's own index is that of the next one.
        self.parser.index()
    }

    /// Whether token `at` of the statement is a word without quotes.
    pub(crate) fn is_bare_word_at(&self, at: usize) -> bool {
        let text = self.text_between(at, at + 1);
        text.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
    }

    /// The dump's text of the tokens `from..to`.
    pub(crate) fn text_between(&self, from: usize, to: usize) -> &str {
        match (self.ranges.get(from), to.checked_sub(1).and_then(|last| self.ranges.get(last))) {
            (Some((start, _)), Some((_, end))) if start < end => &self.text[*start..*end],
            _ => "",
        }
    }

    /// Line and column of the next token.
    pub(crate) fn place(&self) -> (u32, u32) {
        let span = self.parser.peek_token_ref().span;
        let start = if span.start.line == 0 { self.end } else { span.start };
        (u32::try_from(start.line).unwrap_or(u32::MAX), u32::try_from(start.column).unwrap_or(u32::MAX))
    }

    /// An error at the next token.
    pub(crate) fn error(&self, message: String, help: &str) -> Box<DumpError> {
        let (line, column) = self.place();
        let at = self.index();
        let rest = self.ranges.get(at).map_or("", |(start, _)| &self.text[*start..]);
        let text = shortened(rest.lines().next().unwrap_or_default());
        Box::new(DumpError { line, column, text, message, help: help.to_owned() })
    }

    /// The error for a token that cannot stand here; placeholders are named as such.
    pub(crate) fn unexpected(&self, wanted: &str) -> Box<DumpError> {
        if let Some(name) = self.placeholder() {
            return self.error(
                format!("`{name}` is a placeholder, not SQL"),
                &format!(
                    "say what it stands for: --define '{name}=value', or under [app.defines] in physio.toml"
                ),
            );
        }
        let found = match self.peek() {
            Token::EOF => "the statement ends".to_owned(),
            token => format!("found `{}`", shortened(&token.to_string())),
        };
        self.error(
            format!("expected {wanted}, {found}"),
            "correct the statement, or make the dump again with mysqldump --no-data",
        )
    }

    /// `{$db_prefix}`, `%PREFIX%`, `${x}` at the cursor.
    fn placeholder(&self) -> Option<String> {
        let start = self.ranges.get(self.index())?.0;
        let rest = &self.text[start..];
        let line = rest.lines().next()?;
        let (open, close) = [("{", '}'), ("${", '}'), ("%", '%'), ("[", ']'), ("@@", '@')]
            .into_iter()
            .find(|(open, _)| line.starts_with(open))?;
        let end = line[open.len()..].find(close)?;
        let name = &line[..open.len() + end + close.len_utf8()];
        (end > 0 && name.len() < 60 && !name.contains(' ')).then(|| name.to_owned())
    }
}

/// Whether a token is this bare word.
pub(crate) fn is_word(token: &Token, wanted: &str) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(wanted))
}
