//! `DEFAULT …` and `ON UPDATE …`.

use crate::dump::cursor::{Cursor, Read};
use crate::dump::spec::DefaultSpec;
use sqlparser::tokenizer::Token;

/// Names of the present moment.
const NOW: [&str; 4] = ["CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP"];

/// Takes what stands behind `DEFAULT`.
pub(crate) fn read_default(cursor: &mut Cursor) -> Read<DefaultSpec> {
    if cursor.accept("NULL") {
        return Ok(DefaultSpec::Null);
    }
    if cursor.is_at("TRUE") || cursor.is_at("FALSE") {
        let value = cursor.is_at("TRUE");
        cursor.advance();
        return Ok(DefaultSpec::Boolean(value));
    }
    if let Some(fraction) = read_now(cursor)? {
        return Ok(DefaultSpec::Now(fraction));
    }
    let sign = match cursor.peek() {
        Token::Minus => "-",
        Token::Plus => "+",
        _ => "",
    };
    if !sign.is_empty() {
        cursor.advance();
        let Token::Number(digits, _) = cursor.peek() else { return Err(cursor.unexpected("a number")) };
        let number = format!("{}{digits}", sign.trim_start_matches('+'));
        cursor.advance();
        return Ok(DefaultSpec::Number(number));
    }
    let value = match cursor.peek() {
        Token::Number(digits, _) => DefaultSpec::Number(digits.clone()),
        Token::SingleQuotedString(text)
        | Token::DoubleQuotedString(text)
        | Token::NationalStringLiteral(text) => DefaultSpec::Text(text.clone()),
        Token::HexStringLiteral(digits) => DefaultSpec::Bytes(hex_bytes(digits)),
        Token::SingleQuotedByteStringLiteral(bits) => DefaultSpec::Bits(bits.clone()),
        Token::LParen => return read_parenthesised(cursor),
        Token::Word(word) => {
            let is_introducer = word.value.starts_with('_') && word.quote_style.is_none();
            let is_temporal = cursor.is_at_any(&["DATE", "TIME", "TIMESTAMP"]);
            match (cursor.peek_nth(1), is_introducer || is_temporal) {
                (Token::SingleQuotedString(text) | Token::DoubleQuotedString(text), true) => {
                    let text = text.clone();
                    cursor.advance();
                    DefaultSpec::Text(text)
                }
                (Token::HexStringLiteral(digits), true) => {
                    let bytes = hex_bytes(digits);
                    cursor.advance();
                    DefaultSpec::Bytes(bytes)
                }
                _ => return read_call(cursor),
            }
        }
        _ => return Err(cursor.unexpected("a default value")),
    };
    cursor.advance();
    Ok(value)
}

/// Takes `CURRENT_TIMESTAMP(n)` or another name of it: the fractional digits.
pub(crate) fn read_now(cursor: &mut Cursor) -> Read<Option<u8>> {
    let is_call = cursor.peek_nth(1) == &Token::LParen;
    if !cursor.is_at_any(&NOW) || (cursor.is_at("NOW") && !is_call) {
        return Ok(None);
    }
    cursor.advance();
    let mut fraction = 0;
    if cursor.accept_symbol(&Token::LParen) {
        if cursor.peek() != &Token::RParen {
            fraction = u8::try_from(cursor.number()?).unwrap_or(6).min(6);
        }
        cursor.expect_symbol(&Token::RParen)?;
    }
    Ok(Some(fraction))
}

/// `(expression)`; one that is only a literal or the present moment is that.
fn read_parenthesised(cursor: &mut Cursor) -> Read<DefaultSpec> {
    let is_now = [1, 2].iter().any(|n| {
        NOW.iter().any(|name| crate::dump::cursor::is_word(cursor.peek_nth(*n), name))
            && matches!(cursor.peek_nth(n + 1), Token::LParen | Token::RParen)
    });
    let text = cursor.parenthesised()?;
    if is_now && let Some(fraction) = now_in(&text) {
        return Ok(DefaultSpec::Now(fraction));
    }
    Ok(DefaultSpec::Expression(text))
}

/// The fractional digits when the whole of `text` is a name of the present moment.
fn now_in(text: &str) -> Option<u8> {
    let mut text = text.trim();
    while let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        text = inner.trim();
    }
    let (name, arguments) = text.split_once('(').unwrap_or((text, ")"));
    let arguments = arguments.strip_suffix(')')?.trim();
    if !NOW.iter().any(|now| name.trim().eq_ignore_ascii_case(now)) {
        return None;
    }
    if arguments.is_empty() { Some(0) } else { arguments.parse().ok() }
}

/// `uuid()`, `nextval(`db`.`s`)`, `NEXT VALUE FOR s`.
fn read_call(cursor: &mut Cursor) -> Read<DefaultSpec> {
    let start = cursor.index();
    if cursor.accept_all(&["NEXT", "VALUE", "FOR"]) {
        cursor.qualified_name()?;
    } else {
        cursor.qualified_name()?;
        if cursor.peek() == &Token::LParen {
            cursor.skip_balanced()?;
        } else if !is_constant_function(cursor.text_between(start, cursor.index())) {
            return Err(cursor.unexpected("`(` behind the name of a function"));
        }
    }
    Ok(DefaultSpec::Expression(cursor.text_between(start, cursor.index()).to_owned()))
}

/// Functions that are written without parentheses.
fn is_constant_function(name: &str) -> bool {
    ["CURRENT_DATE", "CURRENT_TIME", "CURRENT_USER", "CURRENT_ROLE", "UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP"]
        .iter()
        .any(|function| name.eq_ignore_ascii_case(function))
}

/// The bytes of hexadecimal digits; an odd number of them is filled up in front.
pub(crate) fn hex_bytes(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        digits.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    let (odd, pairs) = digits.split_at(digits.len() % 2);
    odd.iter().copied().chain(pairs.chunks(2).map(|pair| pair[0] << 4 | pair[1])).collect()
}
