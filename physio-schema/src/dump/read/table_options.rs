//! What stands behind a table's body: engine, character set, comment, partitions.

use super::data_type::read_charset_name;
use crate::dump::cursor::{Cursor, Read};
use crate::dump::spec::TableOptions;
use sqlparser::tokenizer::Token;

/// Options with a value that changes nothing the model holds.
const WITH_VALUE: [&str; 33] = [
    "AUTO_INCREMENT",
    "AUTOEXTEND_SIZE",
    "AVG_ROW_LENGTH",
    "CHECKSUM",
    "TABLE_CHECKSUM",
    "COMPRESSION",
    "CONNECTION",
    "DELAY_KEY_WRITE",
    "ENCRYPTION",
    "ENGINE_ATTRIBUTE",
    "INSERT_METHOD",
    "KEY_BLOCK_SIZE",
    "MAX_ROWS",
    "MIN_ROWS",
    "PACK_KEYS",
    "PAGE_CHECKSUM",
    "PAGE_COMPRESSED",
    "PAGE_COMPRESSION_LEVEL",
    "PASSWORD",
    "ROW_FORMAT",
    "SECONDARY_ENGINE",
    "SECONDARY_ENGINE_ATTRIBUTE",
    "SEQUENCE",
    "STATS_AUTO_RECALC",
    "STATS_PERSISTENT",
    "STATS_SAMPLE_PAGES",
    "STORAGE",
    "TABLESPACE",
    "TRANSACTIONAL",
    "ENCRYPTED",
    "ENCRYPTION_KEY_ID",
    "IETF_QUOTES",
    "RAID_TYPE",
];

/// Takes all options up to the end of the statement, or up to a `SELECT` whose rows fill the table.
pub(crate) fn read_table_options(cursor: &mut Cursor) -> Read<TableOptions> {
    let mut options = TableOptions::default();
    while !cursor.at_end() {
        if cursor.accept_symbol(&Token::Comma) || cursor.accept_symbol(&Token::SemiColon) {
            continue;
        }
        if is_at_partitions(cursor) {
            cursor.skip_rest();
        } else if !read_table_option(cursor, &mut options)? {
            return Err(cursor.unexpected("a table option"));
        }
    }
    Ok(options)
}

/// `PARTITION BY …` stands last.
pub(crate) fn is_at_partitions(cursor: &Cursor) -> bool {
    cursor.is_at_all(&["PARTITION", "BY"])
}

/// Takes one option; says whether there was one.
pub(crate) fn read_table_option(cursor: &mut Cursor, options: &mut TableOptions) -> Read<bool> {
    let defaulted = cursor.is_at("DEFAULT");
    let at = usize::from(defaulted);
    let names_charset = ["CHARSET", "CHARACTER", "CHAR", "COLLATE"]
        .iter()
        .any(|word| crate::dump::cursor::is_word(cursor.peek_nth(at), word));
    if names_charset {
        cursor.accept("DEFAULT");
        if cursor.accept("COLLATE") {
            options.charset.collation = Some(read_charset_name(cursor)?);
        } else {
            if !cursor.accept("CHARSET") {
                cursor.advance();
                cursor.expect("SET")?;
            }
            options.charset.charset = Some(read_charset_name(cursor)?);
        }
    } else if cursor.accept_any(&["ENGINE", "TYPE"]) {
        options.engine = Some(read_engine(cursor)?);
    } else if cursor.accept("COMMENT") {
        cursor.accept_symbol(&Token::Eq);
        options.comment = Some(cursor.string()?);
    } else if cursor.accept("UNION") {
        cursor.accept_symbol(&Token::Eq);
        cursor.parenthesised()?;
    } else if cursor.accept_all(&["DATA", "DIRECTORY"]) || cursor.accept_all(&["INDEX", "DIRECTORY"]) {
        cursor.accept_symbol(&Token::Eq);
        cursor.string()?;
    } else if cursor.accept_all(&["WITH", "SYSTEM", "VERSIONING"]) {
        options.system_versioned = true;
    } else if cursor.accept_any(&WITH_VALUE) {
        cursor.accept_symbol(&Token::Eq);
        read_value(cursor)?;
    } else if cursor.peek_nth(1) == &Token::Eq && matches!(cursor.peek(), Token::Word(_)) {
        // Options of storage engines: `` `PAGE_COMPRESSED`=1 ``, `FOO='x'`.
        cursor.advance();
        cursor.advance();
        read_value(cursor)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn read_value(cursor: &mut Cursor) -> Read<()> {
    if cursor.peek() == &Token::LParen {
        return cursor.skip_balanced();
    }
    match cursor.peek() {
        Token::Word(_) | Token::Number(..) | Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) => {
            cursor.advance();
            Ok(())
        }
        Token::HexStringLiteral(_) => {
            cursor.advance();
            Ok(())
        }
        _ => Err(cursor.unexpected("the option's value")),
    }
}

fn read_engine(cursor: &mut Cursor) -> Read<String> {
    cursor.accept_symbol(&Token::Eq);
    let engine = match cursor.peek() {
        Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) => cursor.string()?,
        Token::Word(_) => {
            let is_placeholder = matches!(cursor.peek(), Token::Word(word)
                if word.value.to_ascii_uppercase() == word.value && word.value.contains("ENGINE"));
            if is_placeholder {
                let name = cursor.name()?;
                return Err(cursor.error(
                    format!("`{name}` is a placeholder, not a storage engine"),
                    &format!("say what it stands for: --define '{name}=InnoDB', or under [app.defines] in physio.toml"),
                ));
            }
            cursor.name()?
        }
        _ => return Err(cursor.unexpected("a storage engine")),
    };
    Ok(engine)
}
