//! `ALTER TABLE`, action by action.

use super::column::read_column;
use super::create_table::read_element;
use super::data_type::read_charset_name;
use super::default_value::read_default;
use super::key::is_at_key;
use super::table_options::{is_at_partitions, read_table_option};
use crate::dump::cursor::{Cursor, Read, is_word};
use crate::dump::error::DumpError;
use crate::dump::spec::{
    AlterAction, CharsetSpec, ColumnPlace, ColumnSpec, Element, Statement, TableName, TableOptions,
};
use sqlparser::tokenizer::Token;

/// Takes what follows `ALTER TABLE`; `errors` gets the actions that could not be read.
pub(crate) fn read_alter_table(
    cursor: &mut Cursor,
    place: (u32, u32),
    errors: &mut Vec<DumpError>,
) -> Read<Statement> {
    let if_exists = cursor.accept_all(&["IF", "EXISTS"]);
    let (database, table) = cursor.qualified_name()?;
    if cursor.accept("WAIT") {
        cursor.number()?;
    }
    cursor.accept("NOWAIT");
    let mut actions = Vec::new();
    while !cursor.at_end() {
        if let Err(error) = read_action(cursor, &mut actions) {
            errors.push(*error);
            cursor.skip_element();
        }
        while !cursor.at_end() && !cursor.accept_symbol(&Token::Comma) && !is_at_partitions(cursor) {
            if let Err(error) = read_loose_option(cursor, &mut actions) {
                errors.push(*error);
                cursor.skip_element();
                cursor.accept_symbol(&Token::RParen);
            }
        }
    }
    Ok(Statement::AlterTable { place, name: TableName { database, table }, if_exists, actions })
}

/// Table options may follow one another without commas.
fn read_loose_option(cursor: &mut Cursor, actions: &mut Vec<AlterAction>) -> Read<()> {
    let mut options = TableOptions::default();
    if !read_table_option(cursor, &mut options)? {
        return Err(cursor.unexpected("`,` and another change"));
    }
    actions.push(AlterAction::Options(options));
    Ok(())
}

fn read_action(cursor: &mut Cursor, actions: &mut Vec<AlterAction>) -> Read<()> {
    if cursor.accept("ADD") {
        return read_add(cursor, actions);
    }
    let action = if cursor.accept("DROP") {
        read_drop(cursor)?
    } else if cursor.accept("CHANGE") {
        cursor.accept("COLUMN");
        let if_exists = cursor.accept_all(&["IF", "EXISTS"]);
        let old = cursor.name()?;
        let column = Box::new(read_column(cursor)?);
        AlterAction::ChangeColumn { old, column, place: read_place(cursor)?, if_exists }
    } else if cursor.accept("MODIFY") {
        cursor.accept("COLUMN");
        let if_exists = cursor.accept_all(&["IF", "EXISTS"]);
        let column = Box::new(read_column(cursor)?);
        let old = column.name.clone();
        AlterAction::ChangeColumn { old, column, place: read_place(cursor)?, if_exists }
    } else if cursor.accept("ALTER") {
        read_alter(cursor)?
    } else if cursor.accept("RENAME") {
        read_rename(cursor)?
    } else if cursor.accept_all(&["CONVERT", "TO"]) {
        read_convert(cursor)?
    } else {
        let mut options = TableOptions::default();
        if read_table_option(cursor, &mut options)? {
            AlterAction::Options(options)
        } else {
            read_without_meaning(cursor)?
        }
    };
    actions.push(action);
    Ok(())
}

fn read_add(cursor: &mut Cursor, actions: &mut Vec<AlterAction>) -> Read<()> {
    if cursor.is_at_all(&["SYSTEM", "VERSIONING"]) {
        cursor.accept_all(&["SYSTEM", "VERSIONING"]);
        actions.push(AlterAction::Options(TableOptions { system_versioned: true, ..Default::default() }));
        return Ok(());
    }
    if cursor.is_at("PARTITION") && !matches!(cursor.peek_nth(1), Token::Word(_)) {
        cursor.skip_element();
        actions.push(AlterAction::Ignored);
        return Ok(());
    }
    let is_column = cursor.accept("COLUMN");
    let is_element = cursor.is_at_any(&["CONSTRAINT", "FOREIGN", "CHECK"])
        || cursor.is_at_all(&["PERIOD", "FOR"])
        || is_at_key(cursor);
    if is_element && !is_column {
        let element = read_element(cursor)?;
        actions.push(added(element, ColumnPlace::Last, false));
        return Ok(());
    }
    let if_not_exists = cursor.accept_all(&["IF", "NOT", "EXISTS"]);
    if cursor.accept_symbol(&Token::LParen) {
        loop {
            let element = read_element(cursor)?;
            actions.push(added(element, ColumnPlace::Last, if_not_exists));
            if !cursor.accept_symbol(&Token::Comma) {
                return cursor.expect_symbol(&Token::RParen);
            }
        }
    }
    let column: Box<ColumnSpec> = Box::new(read_column(cursor)?);
    let place = read_place(cursor)?.unwrap_or(ColumnPlace::Last);
    actions.push(AlterAction::AddColumn { column, place, if_not_exists });
    Ok(())
}

/// The action that adds an element.
fn added(element: Element, place: ColumnPlace, if_not_exists: bool) -> AlterAction {
    match element {
        Element::Column(column) => AlterAction::AddColumn { column, place, if_not_exists },
        Element::Key(key) => AlterAction::AddKey(key),
        Element::ForeignKey(foreign_key) => AlterAction::AddForeignKey(foreign_key),
        Element::Check { name, expression } => AlterAction::AddCheck { name, expression },
        Element::Period { name, columns } => AlterAction::AddPeriod { name, columns },
    }
}

/// `FIRST`, `AFTER x`.
fn read_place(cursor: &mut Cursor) -> Read<Option<ColumnPlace>> {
    if cursor.accept("FIRST") {
        return Ok(Some(ColumnPlace::First));
    }
    if cursor.accept("AFTER") {
        return Ok(Some(ColumnPlace::After(cursor.name()?)));
    }
    Ok(None)
}

fn read_drop(cursor: &mut Cursor) -> Read<AlterAction> {
    if cursor.accept_all(&["PRIMARY", "KEY"]) {
        return Ok(AlterAction::DropKey { name: "PRIMARY".to_owned(), if_exists: false });
    }
    if cursor.accept_all(&["SYSTEM", "VERSIONING"]) {
        return Ok(AlterAction::DropSystemVersioning);
    }
    if cursor.is_at_all(&["PERIOD", "FOR"]) || cursor.is_at("PARTITION") {
        cursor.skip_element();
        while cursor.accept_symbol(&Token::Comma) && !cursor.at_end() {
            cursor.skip_element();
        }
        return Ok(AlterAction::Ignored);
    }
    if cursor.accept_any(&["INDEX", "KEY"]) {
        let if_exists = cursor.accept_all(&["IF", "EXISTS"]);
        return Ok(AlterAction::DropKey { name: cursor.name()?, if_exists });
    }
    if cursor.accept_all(&["FOREIGN", "KEY"]) {
        let if_exists = cursor.accept_all(&["IF", "EXISTS"]);
        return Ok(AlterAction::DropForeignKey { name: cursor.name()?, if_exists });
    }
    if cursor.is_at("CHECK") && matches!(cursor.peek_nth(1), Token::Word(_)) {
        cursor.advance();
        return Ok(AlterAction::DropCheck { name: cursor.name()? });
    }
    if cursor.accept("CONSTRAINT") {
        let if_exists = cursor.accept_all(&["IF", "EXISTS"]);
        return Ok(AlterAction::DropConstraint { name: cursor.name()?, if_exists });
    }
    cursor.accept("COLUMN");
    let if_exists = cursor.accept_all(&["IF", "EXISTS"]);
    let name = cursor.name()?;
    cursor.accept_any(&["RESTRICT", "CASCADE"]);
    Ok(AlterAction::DropColumn { name, if_exists })
}

/// `ALTER [COLUMN] a SET DEFAULT x`, `ALTER INDEX i INVISIBLE`.
fn read_alter(cursor: &mut Cursor) -> Read<AlterAction> {
    if cursor.is_at_any(&["INDEX", "KEY", "CHECK", "CONSTRAINT"]) {
        cursor.skip_element();
        return Ok(AlterAction::Ignored);
    }
    cursor.accept("COLUMN");
    cursor.accept_all(&["IF", "EXISTS"]);
    let column = cursor.name()?;
    if cursor.accept_all(&["SET", "DEFAULT"]) {
        return Ok(AlterAction::SetDefault { column, default: read_default(cursor)? });
    }
    if cursor.accept_all(&["DROP", "DEFAULT"]) {
        return Ok(AlterAction::DropDefault { column });
    }
    if cursor.accept_all(&["SET", "VISIBLE"]) || cursor.accept_all(&["SET", "INVISIBLE"]) {
        return Ok(AlterAction::Ignored);
    }
    Err(cursor.unexpected("SET DEFAULT or DROP DEFAULT"))
}

fn read_rename(cursor: &mut Cursor) -> Read<AlterAction> {
    if cursor.accept("COLUMN") {
        cursor.accept_all(&["IF", "EXISTS"]);
        let old = cursor.name()?;
        cursor.expect("TO")?;
        return Ok(AlterAction::RenameColumn { old, new: cursor.name()? });
    }
    let renames_key = cursor.is_at_any(&["INDEX", "KEY"]) && matches!(cursor.peek_nth(1), Token::Word(_));
    if renames_key {
        cursor.advance();
        cursor.accept_all(&["IF", "EXISTS"]);
        let old = cursor.name()?;
        cursor.expect("TO")?;
        return Ok(AlterAction::RenameKey { old, new: cursor.name()? });
    }
    if !cursor.accept_any(&["TO", "AS"]) {
        cursor.accept_symbol(&Token::Eq);
    }
    let (database, table) = cursor.qualified_name()?;
    Ok(AlterAction::RenameTable(TableName { database, table }))
}

fn read_convert(cursor: &mut Cursor) -> Read<AlterAction> {
    let mut charset = CharsetSpec::default();
    if !cursor.accept("CHARSET") {
        cursor.advance();
        cursor.expect("SET")?;
    }
    if !cursor.accept("DEFAULT") {
        charset.charset = Some(read_charset_name(cursor)?);
    }
    if cursor.accept("COLLATE") {
        charset.collation = Some(read_charset_name(cursor)?);
    }
    Ok(AlterAction::ConvertCharset(charset))
}

/// Actions that do not change the shape of the table.
fn read_without_meaning(cursor: &mut Cursor) -> Read<AlterAction> {
    let first = [
        "ENABLE",
        "DISABLE",
        "ALGORITHM",
        "LOCK",
        "FORCE",
        "DISCARD",
        "IMPORT",
        "WITH",
        "WITHOUT",
        "COALESCE",
        "REORGANIZE",
        "REBUILD",
        "OPTIMIZE",
        "ANALYZE",
        "CHECK",
        "REPAIR",
        "TRUNCATE",
        "EXCHANGE",
        "REMOVE",
        "PARTITION",
        "SECONDARY_LOAD",
        "SECONDARY_UNLOAD",
    ];
    if cursor.is_at_all(&["ORDER", "BY"]) || is_at_partitions(cursor) || cursor.is_at("REORGANIZE") {
        cursor.skip_rest();
    } else if cursor.is_at_any(&first) && !is_word(cursor.peek_nth(1), "TABLE") {
        cursor.advance();
        cursor.skip_element();
    } else {
        return Err(cursor.unexpected("a change of the table"));
    }
    Ok(AlterAction::Ignored)
}
