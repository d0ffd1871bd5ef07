//! Keys, indexes and foreign keys.

use super::column::strip_parentheses;
use crate::dump::cursor::{Cursor, Read, is_word};
use crate::dump::spec::{ForeignKeySpec, KeySpec};
use crate::model::{KeyKind, KeyPart, ReferentialAction};
use sqlparser::tokenizer::Token;

/// Whether a table's element begins here that is no column.
pub(crate) fn is_at_key(cursor: &Cursor) -> bool {
    let next_is = |word: &str| is_word(cursor.peek_nth(1), word);
    // A reserved word cannot be a bare column name; PERIOD, VECTOR and CLUSTERING can.
    cursor.is_at_any(&["PRIMARY", "UNIQUE", "KEY", "INDEX", "FULLTEXT", "SPATIAL"])
        || (cursor.is_at_any(&["VECTOR", "CLUSTERING"]) && (next_is("KEY") || next_is("INDEX")))
        || (cursor.is_at("CLUSTERING") && next_is("UNIQUE"))
}

/// Takes `PRIMARY KEY …`, `UNIQUE [KEY] …`, `KEY …` and their kin; `name` is that of a CONSTRAINT.
pub(crate) fn read_key(cursor: &mut Cursor, name: Option<String>) -> Read<KeySpec> {
    let place = cursor.place();
    cursor.accept("CLUSTERING");
    let kind = if cursor.accept("PRIMARY") {
        KeyKind::Primary
    } else if cursor.accept("UNIQUE") {
        KeyKind::Unique
    } else if cursor.accept("FULLTEXT") {
        KeyKind::Fulltext
    } else if cursor.accept("SPATIAL") {
        KeyKind::Spatial
    } else if cursor.accept("VECTOR") {
        KeyKind::Vector
    } else {
        KeyKind::Index
    };
    let has_word = cursor.accept_any(&["KEY", "INDEX"]);
    if !has_word && matches!(kind, KeyKind::Primary | KeyKind::Index | KeyKind::Vector) {
        return Err(cursor.unexpected("`KEY`"));
    }
    let if_not_exists = cursor.accept_all(&["IF", "NOT", "EXISTS"]);
    let mut own_name = None;
    if !is_at_using(cursor) && cursor.peek() != &Token::LParen {
        own_name = Some(cursor.name()?);
    }
    read_using(cursor)?;
    let parts = read_parts(cursor)?;
    read_key_options(cursor)?;
    let name = if kind == KeyKind::Primary { Some("PRIMARY".to_owned()) } else { own_name.or(name) };
    Ok(KeySpec { place, kind, name, parts, if_not_exists })
}

/// `USING x` or `TYPE x`, not an index that is called `type`.
fn is_at_using(cursor: &Cursor) -> bool {
    cursor.is_at("USING") || (cursor.is_at("TYPE") && cursor.peek_nth(1) != &Token::LParen)
}

/// Steps over `USING BTREE`.
pub(crate) fn read_using(cursor: &mut Cursor) -> Read<()> {
    if is_at_using(cursor) {
        cursor.advance();
        cursor.name()?;
    }
    Ok(())
}

/// Takes `(a, b(10) DESC, (lower(c)))`.
pub(crate) fn read_parts(cursor: &mut Cursor) -> Read<Vec<KeyPart>> {
    cursor.expect_symbol(&Token::LParen)?;
    let mut parts = Vec::new();
    loop {
        let mut part = KeyPart { column: None, expression: None, prefix: None, descending: false };
        if cursor.peek() == &Token::LParen {
            part.expression = Some(strip_parentheses(&cursor.parenthesised()?).to_owned());
        } else {
            part.column = Some(cursor.name()?);
            if cursor.accept_symbol(&Token::LParen) {
                part.prefix = u32::try_from(cursor.number()?).ok();
                cursor.expect_symbol(&Token::RParen)?;
            }
            // MariaDB's application-time periods.
            cursor.accept_all(&["WITHOUT", "OVERLAPS"]);
        }
        part.descending = cursor.accept("DESC");
        if !part.descending {
            cursor.accept("ASC");
        }
        parts.push(part);
        if !cursor.accept_symbol(&Token::Comma) {
            break;
        }
    }
    cursor.expect_symbol(&Token::RParen)?;
    Ok(parts)
}

/// Steps over what may stand behind a key's columns.
pub(crate) fn read_key_options(cursor: &mut Cursor) -> Read<()> {
    loop {
        if is_at_using(cursor) {
            read_using(cursor)?;
        } else if cursor.accept("COMMENT") {
            cursor.string()?;
        } else if cursor.accept_any(&["KEY_BLOCK_SIZE", "M", "DISTANCE", "CLUSTERING"]) {
            cursor.accept_symbol(&Token::Eq);
            cursor.advance();
        } else if cursor.accept_all(&["WITH", "PARSER"]) {
            cursor.name()?;
        } else if cursor.accept_any(&["ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"]) {
            cursor.accept_symbol(&Token::Eq);
            cursor.string()?;
        } else if !(cursor.accept_any(&["VISIBLE", "INVISIBLE", "IGNORED"])
            || cursor.accept_all(&["NOT", "IGNORED"]))
        {
            return Ok(());
        }
    }
}

/// Takes `FOREIGN KEY [index] (a, b) REFERENCES …`; `name` is that of the CONSTRAINT.
pub(crate) fn read_foreign_key(cursor: &mut Cursor, name: Option<String>) -> Read<ForeignKeySpec> {
    let place = cursor.place();
    cursor.expect("FOREIGN")?;
    cursor.expect("KEY")?;
    let if_not_exists = cursor.accept_all(&["IF", "NOT", "EXISTS"]);
    let mut index_name = None;
    if cursor.peek() != &Token::LParen {
        index_name = Some(cursor.name()?);
    }
    let columns = read_names(cursor)?;
    let mut foreign_key = read_references(cursor, columns)?;
    foreign_key.place = place;
    foreign_key.name = name;
    foreign_key.index_name = index_name;
    foreign_key.if_not_exists = if_not_exists;
    Ok(foreign_key)
}

/// Takes `REFERENCES t (a, b) [MATCH x] [ON DELETE x] [ON UPDATE x]`.
pub(crate) fn read_references(cursor: &mut Cursor, columns: Vec<String>) -> Read<ForeignKeySpec> {
    let place = cursor.place();
    cursor.expect("REFERENCES")?;
    let (_, table) = cursor.qualified_name()?;
    // Where none are named, those of the same names are meant.
    let named = cursor.peek() == &Token::LParen;
    let referenced_columns = if named { read_names(cursor)? } else { columns.clone() };
    let mut on_delete = None;
    let mut on_update = None;
    loop {
        if cursor.accept("MATCH") {
            cursor.name()?;
        } else if cursor.accept_all(&["ON", "DELETE"]) {
            on_delete = Some(read_action(cursor)?);
        } else if cursor.is_at("ON") && is_word(cursor.peek_nth(1), "UPDATE") && is_action(cursor.peek_nth(2))
        {
            cursor.accept_all(&["ON", "UPDATE"]);
            on_update = Some(read_action(cursor)?);
        } else {
            break;
        }
    }
    Ok(ForeignKeySpec {
        place,
        name: None,
        index_name: None,
        columns,
        table,
        referenced_columns,
        on_delete,
        on_update,
        if_not_exists: false,
    })
}

/// Behind a column's REFERENCES an `ON UPDATE CURRENT_TIMESTAMP` may follow that is the column's.
fn is_action(token: &Token) -> bool {
    ["RESTRICT", "CASCADE", "SET", "NO"].iter().any(|word| is_word(token, word))
}

fn read_action(cursor: &mut Cursor) -> Read<ReferentialAction> {
    if cursor.accept("RESTRICT") {
        Ok(ReferentialAction::Restrict)
    } else if cursor.accept("CASCADE") {
        Ok(ReferentialAction::Cascade)
    } else if cursor.accept_all(&["SET", "NULL"]) {
        Ok(ReferentialAction::SetNull)
    } else if cursor.accept_all(&["SET", "DEFAULT"]) {
        Ok(ReferentialAction::SetDefault)
    } else if cursor.accept_all(&["NO", "ACTION"]) {
        Ok(ReferentialAction::NoAction)
    } else {
        Err(cursor.unexpected("what happens to the rows (CASCADE, SET NULL, RESTRICT, NO ACTION)"))
    }
}

/// Takes `(a, b)`.
pub(crate) fn read_names(cursor: &mut Cursor) -> Read<Vec<String>> {
    let parts = read_parts(cursor)?;
    let names: Option<Vec<String>> = parts.into_iter().map(|part| part.column).collect();
    names.ok_or_else(|| cursor.unexpected("column names before this"))
}
