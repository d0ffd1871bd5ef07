//! Which statement this is, by its first words.

use super::alter_table::read_alter_table;
use super::create_table::read_create_table;
use super::data_type::read_charset_name;
use super::key::{read_key_options, read_parts, read_using};
use crate::dump::cursor::{Cursor, Read, is_word};
use crate::dump::error::{DumpError, shortened};
use crate::dump::spec::{CharsetSpec, KeySpec, Place, Setting, Skip, Statement, TableName};
use crate::model::KeyKind;
use sqlparser::tokenizer::Token;

/// Reads one statement; `errors` gets the parts of it that could not be read.
pub(crate) fn read_statement(cursor: &mut Cursor, errors: &mut Vec<DumpError>) -> Read<Statement> {
    let place = cursor.place();
    if cursor.at_end() {
        return Ok(Statement::Skip(Skip::Nothing));
    }
    if cursor.accept("CREATE") {
        return read_create(cursor, place, errors);
    }
    if cursor.accept("ALTER") {
        return read_alter(cursor, place, errors);
    }
    if cursor.accept("DROP") {
        return read_drop(cursor, place);
    }
    if cursor.accept_all(&["RENAME", "TABLE"]) || cursor.accept_all(&["RENAME", "TABLES"]) {
        return read_rename(cursor, place);
    }
    if cursor.accept("USE") {
        return Ok(Statement::Use { name: cursor.name()? });
    }
    if cursor.accept("SET") {
        return Ok(read_set(cursor));
    }
    Ok(Statement::Skip(skip_by_word(cursor, place)))
}

/// Statements that are known by their first word alone.
fn skip_by_word(cursor: &Cursor, place: Place) -> Skip {
    let data = [
        "INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD", "SELECT", "CALL", "TRUNCATE", "ANALYZE", "OPTIMIZE",
    ];
    let session = [
        "LOCK",
        "UNLOCK",
        "START",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "FLUSH",
        "SHOW",
        "PREPARE",
        "DEALLOCATE",
        "DELIMITER",
        "SAVEPOINT",
        "RESET",
        "PURGE",
        "CHANGE",
        "STOP",
        "KILL",
        "HELP",
        "DESCRIBE",
        "DESC",
        "EXPLAIN",
        "CHECK",
        "REPAIR",
        "INSTALL",
        "UNINSTALL",
        "SIGNAL",
        "RENAME",
    ];
    if cursor.is_at("EXECUTE") {
        Skip::Execute(place)
    } else if cursor.is_at_any(&data) {
        Skip::Data
    } else if cursor.is_at_any(&session) {
        Skip::Session
    } else if cursor.is_at_any(&["GRANT", "REVOKE"]) {
        Skip::Account
    } else if cursor.is_at_any(&["END", "IF", "DECLARE", "RETURN", "LEAVE", "WHILE", "LOOP", "DO", "WITH"]) {
        // Pieces of a routine whose delimiter was not set.
        Skip::Other
    } else {
        unknown(cursor, place)
    }
}

fn read_create(cursor: &mut Cursor, place: Place, errors: &mut Vec<DumpError>) -> Read<Statement> {
    let or_replace = cursor.accept_all(&["OR", "REPLACE"]);
    if cursor.accept_any(&["TEMPORARY", "GLOBAL"]) {
        cursor.accept("TEMPORARY");
        cursor.expect("TABLE")?;
        return read_create_table(cursor, place, or_replace, true, errors);
    }
    if cursor.accept("TABLE") {
        return read_create_table(cursor, place, or_replace, false, errors);
    }
    if cursor.accept_any(&["DATABASE", "SCHEMA"]) {
        let if_not_exists = cursor.accept_all(&["IF", "NOT", "EXISTS"]);
        let name = cursor.name()?;
        return Ok(Statement::CreateDatabase {
            name,
            if_not_exists,
            charset: read_database_charset(cursor)?,
        });
    }
    if let Some(kind) = read_index_kind(cursor) {
        return read_create_index(cursor, place, kind, or_replace);
    }
    if cursor.accept_any(&["USER", "ROLE"]) {
        return Ok(Statement::Skip(Skip::Account));
    }
    read_create_other(cursor, place)
}

/// Views, routines, triggers, events and sequences: only their names are wanted.
fn read_create_other(cursor: &mut Cursor, place: Place) -> Read<Statement> {
    while !cursor.at_end() {
        if cursor.accept("VIEW") {
            cursor.accept_all(&["IF", "NOT", "EXISTS"]);
            return Ok(Statement::CreateView { name: read_table_name(cursor)? });
        }
        let is = |word: &str| cursor.is_at(word);
        let make: fn(String) -> Skip = if is("TRIGGER") {
            Skip::Trigger
        } else if is("PROCEDURE") || is("FUNCTION") || is("PACKAGE") {
            Skip::Routine
        } else if is("EVENT") {
            Skip::Event
        } else if is("SEQUENCE") {
            Skip::Sequence
        } else if is("SERVER") || is("TABLESPACE") || is("LOGFILE") || is("SPATIAL") || is("RESOURCE") {
            return Ok(Statement::Skip(Skip::Other));
        } else {
            // ALGORITHM, DEFINER, SQL SECURITY, AGGREGATE and their values.
            cursor.advance();
            continue;
        };
        cursor.advance();
        cursor.accept("BODY");
        cursor.accept_all(&["IF", "NOT", "EXISTS"]);
        return Ok(Statement::Skip(make(read_table_name(cursor)?.table)));
    }
    Ok(Statement::Skip(unknown(cursor, place)))
}

/// A statement whose first words say nothing; they alone are repeated, values may follow.
fn unknown(cursor: &Cursor, place: Place) -> Skip {
    let n_words = (0..2).take_while(|n| cursor.is_bare_word_at(*n)).count();
    Skip::Unknown(place, shortened(cursor.text_between(0, n_words)))
}

/// `CREATE [UNIQUE | FULLTEXT | …] INDEX`.
fn read_index_kind(cursor: &mut Cursor) -> Option<KeyKind> {
    let kinds = [
        ("UNIQUE", KeyKind::Unique),
        ("FULLTEXT", KeyKind::Fulltext),
        ("SPATIAL", KeyKind::Spatial),
        ("VECTOR", KeyKind::Vector),
        ("CLUSTERING", KeyKind::Index),
        ("ONLINE", KeyKind::Index),
        ("OFFLINE", KeyKind::Index),
    ];
    if cursor.accept("INDEX") {
        return Some(KeyKind::Index);
    }
    for (word, kind) in kinds {
        if cursor.accept_all(&[word, "INDEX"]) {
            return Some(kind);
        }
    }
    None
}

fn read_create_index(cursor: &mut Cursor, place: Place, kind: KeyKind, or_replace: bool) -> Read<Statement> {
    let if_not_exists = cursor.accept_all(&["IF", "NOT", "EXISTS"]);
    let name = cursor.name()?;
    read_using(cursor)?;
    cursor.expect("ON")?;
    let table = read_table_name(cursor)?;
    let parts = read_parts(cursor)?;
    read_key_options(cursor)?;
    let key = KeySpec { place, kind, name: Some(name), parts, if_not_exists };
    Ok(Statement::CreateIndex { table, key, or_replace })
}

fn read_alter(cursor: &mut Cursor, place: Place, errors: &mut Vec<DumpError>) -> Read<Statement> {
    while cursor.accept_any(&["ONLINE", "OFFLINE", "IGNORE"]) {}
    if cursor.accept("TABLE") {
        return read_alter_table(cursor, place, errors);
    }
    if cursor.accept_any(&["DATABASE", "SCHEMA"]) {
        let is_unnamed = cursor.is_at_any(&["CHARACTER", "CHARSET", "COLLATE", "DEFAULT"]);
        let name = if is_unnamed { None } else { Some(cursor.name()?) };
        return Ok(Statement::AlterDatabase { name, charset: read_database_charset(cursor)? });
    }
    let is_account = cursor.is_at_any(&["USER", "ROLE"]);
    Ok(Statement::Skip(if is_account { Skip::Account } else { Skip::Other }))
}

/// `[DEFAULT] CHARACTER SET = x COLLATE = y`, among options that do not matter.
fn read_database_charset(cursor: &mut Cursor) -> Read<CharsetSpec> {
    let mut charset = CharsetSpec::default();
    while !cursor.at_end() {
        if cursor.accept_all(&["CHARACTER", "SET"]) || cursor.accept("CHARSET") {
            charset.charset = Some(read_charset_name(cursor)?);
        } else if cursor.accept("COLLATE") {
            charset.collation = Some(read_charset_name(cursor)?);
        } else {
            cursor.advance();
        }
    }
    Ok(charset)
}

fn read_drop(cursor: &mut Cursor, place: Place) -> Read<Statement> {
    let temporary = cursor.accept("TEMPORARY");
    if cursor.accept_any(&["TABLE", "TABLES"]) {
        cursor.accept_all(&["IF", "EXISTS"]);
        let names = read_table_names(cursor)?;
        return Ok(if temporary { Statement::Skip(Skip::Session) } else { Statement::DropTables { names } });
    }
    if cursor.accept("VIEW") {
        cursor.accept_all(&["IF", "EXISTS"]);
        return Ok(Statement::DropViews { names: read_table_names(cursor)? });
    }
    if cursor.accept("INDEX") {
        let if_exists = cursor.accept_all(&["IF", "EXISTS"]);
        let name = cursor.name()?;
        cursor.expect("ON")?;
        return Ok(Statement::DropIndex { place, table: read_table_name(cursor)?, name, if_exists });
    }
    if cursor.accept_any(&["DATABASE", "SCHEMA"]) {
        cursor.accept_all(&["IF", "EXISTS"]);
        return Ok(Statement::DropDatabase { name: cursor.name()? });
    }
    let is_account = cursor.is_at_any(&["USER", "ROLE"]);
    Ok(Statement::Skip(if is_account { Skip::Account } else { Skip::Session }))
}

fn read_rename(cursor: &mut Cursor, place: Place) -> Read<Statement> {
    let mut pairs = Vec::new();
    cursor.accept_all(&["IF", "EXISTS"]);
    loop {
        let old = read_table_name(cursor)?;
        cursor.expect("TO")?;
        pairs.push((old, read_table_name(cursor)?));
        if !cursor.accept_symbol(&Token::Comma) {
            return Ok(Statement::RenameTables { place, pairs });
        }
    }
}

fn read_table_name(cursor: &mut Cursor) -> Read<TableName> {
    let (database, table) = cursor.qualified_name()?;
    Ok(TableName { database, table })
}

fn read_table_names(cursor: &mut Cursor) -> Read<Vec<TableName>> {
    let mut names = vec![read_table_name(cursor)?];
    while cursor.accept_symbol(&Token::Comma) {
        names.push(read_table_name(cursor)?);
    }
    Ok(names)
}

/// `SET a = b, …`: what changes how the rest is read.
fn read_set(cursor: &mut Cursor) -> Statement {
    let mut settings = Vec::new();
    while !cursor.at_end() {
        settings.push(read_setting(cursor));
        while !matches!(cursor.peek(), Token::EOF | Token::Comma) {
            if cursor.skip_balanced().is_err() {
                cursor.skip_rest();
            }
        }
        cursor.accept_symbol(&Token::Comma);
    }
    Statement::Set(settings)
}

/// `0`, `ON`, `'off'`; `None` for a variable, which holds what it was before.
fn read_switch(cursor: &Cursor) -> Option<bool> {
    let word = match cursor.peek() {
        Token::Number(digits, _) => digits,
        Token::Word(word) => &word.value,
        Token::SingleQuotedString(text) => text,
        _ => return None,
    };
    match word.to_ascii_lowercase().as_str() {
        "0" | "off" | "false" => Some(false),
        "1" | "on" | "true" => Some(true),
        _ => None,
    }
}

fn read_setting(cursor: &mut Cursor) -> Setting {
    if cursor.accept("NAMES") || cursor.accept_all(&["CHARACTER", "SET"]) || cursor.accept("CHARSET") {
        return read_charset_name(cursor).map_or(Setting::Other, Setting::Names);
    }
    while cursor.accept_symbol(&Token::AtSign) {}
    if cursor.accept_any(&["SESSION", "GLOBAL", "LOCAL"]) {
        cursor.accept_symbol(&Token::Period);
    }
    while cursor.accept_symbol(&Token::AtSign) {}
    let is_mode = cursor.accept("SQL_MODE");
    let is_engine = !is_mode && cursor.accept_any(&["DEFAULT_STORAGE_ENGINE", "STORAGE_ENGINE"]);
    let is_check = !is_mode && !is_engine && cursor.accept("FOREIGN_KEY_CHECKS");
    if !is_mode && !is_engine && !is_check {
        return Setting::Other;
    }
    if !cursor.accept_symbol(&Token::Eq) {
        cursor.accept_symbol(&Token::Assignment);
    }
    if is_check {
        return Setting::ForeignKeyChecks(read_switch(cursor));
    }
    if is_engine {
        let engine = if matches!(cursor.peek(), Token::Word(_)) { cursor.name() } else { cursor.string() };
        return engine.map_or(Setting::Other, Setting::Engine);
    }
    if is_word(cursor.peek(), "CONCAT") || cursor.peek() == &Token::AtSign {
        return Setting::SqlMode(None);
    }
    let mode = if matches!(cursor.peek(), Token::Word(_)) { cursor.name() } else { cursor.string() };
    mode.map_or(Setting::Other, |mode| Setting::SqlMode(Some(mode)))
}
