//! `CREATE TABLE`, element by element: one that cannot be read costs only itself.

use super::column::{read_check, read_column};
use super::key::{is_at_key, read_foreign_key, read_key, read_names};
use super::table_options::read_table_options;
use crate::dump::cursor::{Cursor, Read, is_word};
use crate::dump::error::DumpError;
use crate::dump::spec::{Element, Skip, Statement, TableName};
use sqlparser::tokenizer::Token;

/// Takes what follows `CREATE [OR REPLACE] [TEMPORARY] TABLE`; `errors` gets what could not be read.
pub(crate) fn read_create_table(
    cursor: &mut Cursor,
    place: (u32, u32),
    or_replace: bool,
    temporary: bool,
    errors: &mut Vec<DumpError>,
) -> Read<Statement> {
    let if_not_exists = cursor.accept_all(&["IF", "NOT", "EXISTS"]);
    let (database, table) = cursor.qualified_name()?;
    if temporary {
        cursor.skip_rest();
        return Ok(Statement::Skip(Skip::TemporaryTable(table)));
    }
    let name = TableName { database, table };
    if let Some(source) = read_like(cursor)? {
        return Ok(Statement::CreateTableLike { place, name, source, if_not_exists, or_replace });
    }
    let mut elements = Vec::new();
    if cursor.peek() == &Token::LParen && !is_word(cursor.peek_nth(1), "SELECT") {
        cursor.advance();
        read_elements(cursor, &mut elements, errors)?;
    }
    if let Some(error) = select_error(cursor) {
        return Err(error);
    }
    let options = match read_table_options(cursor) {
        Ok(options) => options,
        Err(error) => {
            if let Some(error) = select_error(cursor) {
                return Err(error);
            }
            errors.push(*error);
            cursor.skip_rest();
            Default::default()
        }
    };
    if elements.is_empty() && errors.is_empty() {
        return Err(cursor.unexpected("the table's columns"));
    }
    Ok(Statement::CreateTable { place, name, if_not_exists, or_replace, elements, options })
}

/// `LIKE u`, with or without parentheses.
fn read_like(cursor: &mut Cursor) -> Read<Option<TableName>> {
    let parenthesised = cursor.peek() == &Token::LParen && is_word(cursor.peek_nth(1), "LIKE");
    if parenthesised {
        cursor.advance();
    }
    if !cursor.accept("LIKE") {
        return Ok(None);
    }
    let (database, table) = cursor.qualified_name()?;
    if parenthesised {
        cursor.expect_symbol(&Token::RParen)?;
    }
    Ok(Some(TableName { database, table }))
}

/// Only a server can say which columns a query has.
fn select_error(cursor: &Cursor) -> Option<Box<DumpError>> {
    let words = ["AS", "SELECT", "IGNORE", "REPLACE", "WITH", "VALUES"];
    let is_query = cursor.is_at_any(&words) && !cursor.is_at_all(&["WITH", "SYSTEM"])
        || cursor.peek() == &Token::LParen && is_word(cursor.peek_nth(1), "SELECT");
    is_query.then(|| {
        cursor.error(
            "the table takes its columns from a query, which only a server can work out".to_owned(),
            "make the dump from the server that holds the table: mysqldump --no-data",
        )
    })
}

fn read_elements(cursor: &mut Cursor, elements: &mut Vec<Element>, errors: &mut Vec<DumpError>) -> Read<()> {
    loop {
        match read_element(cursor) {
            Ok(element) => elements.push(element),
            Err(error) => errors.push(*error),
        }
        if !matches!(cursor.peek(), Token::Comma | Token::RParen) {
            if errors.last().is_none_or(|error| (error.line, error.column) < cursor.place())
                && !cursor.at_end()
            {
                errors.push(*cursor.unexpected("`,` or `)` behind the definition"));
            }
            cursor.skip_element();
        }
        if cursor.accept_symbol(&Token::Comma) {
            continue;
        }
        return cursor.expect_symbol(&Token::RParen);
    }
}

/// Takes one element of a table's body.
pub(crate) fn read_element(cursor: &mut Cursor) -> Read<Element> {
    if cursor.is_at("CHECK") || (cursor.is_at("CONSTRAINT") && is_check(cursor)) {
        let (name, expression) = read_check(cursor)?;
        return Ok(Element::Check { name, expression });
    }
    if cursor.is_at("CONSTRAINT") {
        cursor.advance();
        let unnamed = cursor.is_at_any(&["PRIMARY", "UNIQUE", "FOREIGN"]);
        let name = if unnamed { None } else { Some(cursor.name()?) };
        cursor.accept_all(&["IF", "NOT", "EXISTS"]);
        return read_key_or_foreign_key(cursor, name);
    }
    if cursor.is_at("FOREIGN") || is_at_key(cursor) {
        return read_key_or_foreign_key(cursor, None);
    }
    if cursor.accept_all(&["PERIOD", "FOR"]) {
        let name = cursor.name()?;
        return Ok(Element::Period { name, columns: read_names(cursor)? });
    }
    Ok(Element::Column(Box::new(read_column(cursor)?)))
}

fn read_key_or_foreign_key(cursor: &mut Cursor, name: Option<String>) -> Read<Element> {
    if cursor.is_at("FOREIGN") {
        return Ok(Element::ForeignKey(read_foreign_key(cursor, name)?));
    }
    if is_at_key(cursor) {
        return Ok(Element::Key(read_key(cursor, name)?));
    }
    Err(cursor.unexpected("PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK"))
}

/// `CONSTRAINT [name] CHECK`.
fn is_check(cursor: &Cursor) -> bool {
    is_word(cursor.peek_nth(1), "CHECK") && cursor.peek_nth(2) == &Token::LParen
        || is_word(cursor.peek_nth(2), "CHECK")
}
