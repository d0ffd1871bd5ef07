//! A column's definition: name, type, and the attributes in any order.

use super::data_type::{read_charset, read_type};
use super::default_value::{read_default, read_now};
use super::key::read_references;
use crate::dump::cursor::{Cursor, Read};
use crate::dump::spec::{CharsetSpec, ColumnSpec};
use crate::model::Generated;
use sqlparser::tokenizer::Token;

/// Takes `name type attributes…`.
pub(crate) fn read_column(cursor: &mut Cursor) -> Read<ColumnSpec> {
    let place = cursor.place();
    let name = cursor.name()?;
    read_definition(cursor, name, place)
}

/// Takes what stands behind a column's name.
pub(crate) fn read_definition(cursor: &mut Cursor, name: String, place: (u32, u32)) -> Read<ColumnSpec> {
    let mut charset = CharsetSpec::default();
    let data_type = read_type(cursor, &mut charset)?;
    let serial = data_type.serial;
    let mut column = ColumnSpec {
        place,
        name,
        data_type,
        nullable: serial.then_some(false),
        default: None,
        on_update: None,
        auto_increment: serial,
        is_primary: false,
        is_unique: serial,
        charset,
        comment: String::new(),
        generated: None,
        invisible: false,
        compressed: false,
        unversioned: false,
        check: None,
        references: None,
    };
    while read_attribute(cursor, &mut column)? {}
    Ok(column)
}

/// Takes one attribute; says whether there was one.
fn read_attribute(cursor: &mut Cursor, column: &mut ColumnSpec) -> Read<bool> {
    if cursor.accept_all(&["NOT", "NULL"]) {
        column.nullable = Some(false);
        cursor.accept("ENABLE");
    } else if cursor.accept("NULL") {
        column.nullable = Some(true);
    } else if cursor.accept("DEFAULT") {
        column.default = Some(read_default(cursor)?);
    } else if cursor.accept_all(&["ON", "UPDATE"]) {
        let Some(fraction) = read_now(cursor)? else { return Err(cursor.unexpected("CURRENT_TIMESTAMP")) };
        column.on_update = Some(fraction);
    } else if cursor.accept("AUTO_INCREMENT") {
        column.auto_increment = true;
    } else if cursor.accept_all(&["SERIAL", "DEFAULT", "VALUE"]) {
        column.nullable = Some(false);
        column.auto_increment = true;
        column.is_unique = true;
    } else if cursor.accept("UNIQUE") {
        cursor.accept("KEY");
        column.is_unique = true;
    } else if cursor.accept("PRIMARY") {
        cursor.expect("KEY")?;
        column.is_primary = true;
    } else if cursor.accept("KEY") {
        column.is_primary = true;
    } else if cursor.accept("COMMENT") {
        column.comment = cursor.string()?;
    } else if cursor.is_at("REFERENCES") {
        column.references = Some(read_references(cursor, vec![column.name.clone()])?);
    } else if cursor.is_at("CHECK") || (cursor.is_at("CONSTRAINT") && is_named_check(cursor)) {
        column.check = Some(read_check(cursor)?.1);
    } else if read_charset(cursor, &mut column.charset)? {
    } else if cursor.accept("INVISIBLE") {
        column.invisible = true;
    } else {
        return read_generated(cursor, column)
            .and_then(|found| if found { Ok(true) } else { read_storage(cursor, column) });
    }
    Ok(true)
}

/// `CONSTRAINT [name] CHECK` behind a column, not a constraint for which the comma was forgotten.
fn is_named_check(cursor: &Cursor) -> bool {
    [1, 2].iter().any(|n| crate::dump::cursor::is_word(cursor.peek_nth(*n), "CHECK"))
}

/// Takes `[CONSTRAINT name] CHECK (…) [NOT ENFORCED]`.
pub(crate) fn read_check(cursor: &mut Cursor) -> Read<(Option<String>, String)> {
    let mut name = None;
    if cursor.accept("CONSTRAINT") && !cursor.is_at("CHECK") {
        name = Some(cursor.name()?);
    }
    cursor.expect("CHECK")?;
    let expression = cursor.parenthesised()?;
    if !cursor.accept("ENFORCED") {
        cursor.accept_all(&["NOT", "ENFORCED"]);
    }
    Ok((name, expression))
}

/// `[GENERATED ALWAYS] AS (…) [VIRTUAL | STORED | PERSISTENT]`, `AS ROW START`.
fn read_generated(cursor: &mut Cursor, column: &mut ColumnSpec) -> Read<bool> {
    let long = cursor.accept_all(&["GENERATED", "ALWAYS"]);
    if !long && !cursor.is_at("AS") {
        return Ok(false);
    }
    cursor.expect("AS")?;
    if cursor.accept("ROW") {
        let expression = if cursor.is_at("START") { "ROW START" } else { "ROW END" };
        if !cursor.accept_any(&["START", "END"]) {
            return Err(cursor.unexpected("`START` or `END`"));
        }
        column.invisible = cursor.accept("INVISIBLE");
        column.nullable = Some(false);
        column.generated = Some(Generated { expression: expression.to_owned(), stored: true });
        return Ok(true);
    }
    let expression = strip_parentheses(&cursor.parenthesised()?).to_owned();
    let stored = cursor.accept_any(&["STORED", "PERSISTENT"]);
    if !stored {
        cursor.accept("VIRTUAL");
    }
    column.generated = Some(Generated { expression, stored });
    Ok(true)
}

/// `((a + 1))` to `a + 1`: MySQL writes a pair of parentheses more than MariaDB.
pub(crate) fn strip_parentheses(text: &str) -> &str {
    // Nobody writes more pairs than this; a limit keeps hostile text from costing its length squared.
    const MOST_PAIRS: usize = 64;
    let mut text = text.trim();
    for _ in 0..MOST_PAIRS {
        match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(inner) if is_balanced(inner) => text = inner.trim(),
            _ => break,
        }
    }
    text
}

/// Whether parentheses outside of quotes close only what they opened.
fn is_balanced(text: &str) -> bool {
    let mut depth = 0_i32;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some('\'' | '"'), '\\') => {
                characters.next();
            }
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(character),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, _) => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// How the column is stored; most of it the model does not hold.
fn read_storage(cursor: &mut Cursor, column: &mut ColumnSpec) -> Read<bool> {
    if cursor.accept_any(&["COLUMN_FORMAT", "STORAGE"]) {
        cursor.name()?;
    } else if cursor.accept_any(&["SRID", "REF_SYSTEM_ID"]) {
        cursor.accept_symbol(&Token::Eq);
        cursor.number()?;
    } else if cursor.accept("COMPRESSED") {
        column.compressed = true;
        if cursor.accept_symbol(&Token::Eq) {
            cursor.name()?;
        }
    } else if cursor.accept_any(&["ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"]) {
        cursor.accept_symbol(&Token::Eq);
        cursor.string()?;
    } else if cursor.accept_any(&["ENCRYPTED", "ENCRYPTION_KEY_ID"]) {
        cursor.accept_symbol(&Token::Eq);
        cursor.advance();
    } else if cursor.accept_all(&["WITHOUT", "SYSTEM", "VERSIONING"]) {
        column.unversioned = true;
    } else {
        return Ok(cursor.accept_all(&["WITH", "SYSTEM", "VERSIONING"])
            || cursor.accept_all(&["NOT", "SECONDARY"])
            || cursor.accept("VISIBLE"));
    }
    Ok(true)
}
