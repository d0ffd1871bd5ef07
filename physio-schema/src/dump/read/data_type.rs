//! Every spelling of every column type.

use crate::dump::cursor::{Cursor, Read, is_word};
use crate::dump::spec::{BaseType, CharsetSpec, TypeSpec};
use sqlparser::tokenizer::Token;

/// Types of one word.
const WORDS: &[(&str, BaseType)] = &[
    ("TINYINT", BaseType::TinyInt),
    ("INT1", BaseType::TinyInt),
    ("SMALLINT", BaseType::SmallInt),
    ("INT2", BaseType::SmallInt),
    ("MEDIUMINT", BaseType::MediumInt),
    ("MIDDLEINT", BaseType::MediumInt),
    ("INT3", BaseType::MediumInt),
    ("INT", BaseType::Int),
    ("INTEGER", BaseType::Int),
    ("INT4", BaseType::Int),
    ("BIGINT", BaseType::BigInt),
    ("INT8", BaseType::BigInt),
    ("BOOL", BaseType::Bool),
    ("BOOLEAN", BaseType::Bool),
    ("DECIMAL", BaseType::Decimal),
    ("DEC", BaseType::Decimal),
    ("NUMERIC", BaseType::Decimal),
    ("FIXED", BaseType::Decimal),
    ("NUMBER", BaseType::Decimal),
    ("FLOAT", BaseType::Float),
    ("FLOAT4", BaseType::Float),
    ("DOUBLE", BaseType::Double),
    ("FLOAT8", BaseType::Double),
    ("REAL", BaseType::Double),
    ("BIT", BaseType::Bit),
    ("YEAR", BaseType::Year),
    ("VARCHAR", BaseType::Varchar),
    ("VARCHARACTER", BaseType::Varchar),
    ("VARCHAR2", BaseType::Varchar),
    ("TINYTEXT", BaseType::TinyText),
    ("TEXT", BaseType::Text),
    ("MEDIUMTEXT", BaseType::MediumText),
    ("LONGTEXT", BaseType::LongText),
    ("CLOB", BaseType::LongText),
    ("VARBINARY", BaseType::Varbinary),
    ("RAW", BaseType::Varbinary),
    ("TINYBLOB", BaseType::TinyBlob),
    ("BLOB", BaseType::Blob),
    ("MEDIUMBLOB", BaseType::MediumBlob),
    ("LONGBLOB", BaseType::LongBlob),
    ("ENUM", BaseType::Enum),
    ("SET", BaseType::Set),
    ("JSON", BaseType::Json),
    ("DATE", BaseType::Date),
    ("TIME", BaseType::Time),
    ("DATETIME", BaseType::DateTime),
    ("TIMESTAMP", BaseType::Timestamp),
    ("GEOMETRY", BaseType::Geometry),
    ("POINT", BaseType::Point),
    ("LINESTRING", BaseType::LineString),
    ("POLYGON", BaseType::Polygon),
    ("MULTIPOINT", BaseType::MultiPoint),
    ("MULTILINESTRING", BaseType::MultiLineString),
    ("MULTIPOLYGON", BaseType::MultiPolygon),
    ("GEOMETRYCOLLECTION", BaseType::GeometryCollection),
    ("GEOMCOLLECTION", BaseType::GeometryCollection),
    ("UUID", BaseType::Uuid),
    ("INET4", BaseType::Inet4),
    ("INET6", BaseType::Inet6),
    ("VECTOR", BaseType::Vector),
];

/// Takes a type with its arguments and the attributes that belong to it.
pub(crate) fn read_type(cursor: &mut Cursor, charset: &mut CharsetSpec) -> Read<TypeSpec> {
    let mut data_type = TypeSpec::default();
    read_name(cursor, &mut data_type, charset)?;
    if cursor.peek() == &Token::LParen {
        read_arguments(cursor, &mut data_type)?;
    }
    loop {
        if cursor.accept("UNSIGNED") {
            data_type.unsigned = true;
        } else if cursor.accept("ZEROFILL") {
            data_type.unsigned = true;
            data_type.zerofill = true;
        } else if !cursor.accept("SIGNED") {
            return Ok(data_type);
        }
    }
}

fn read_name(cursor: &mut Cursor, data_type: &mut TypeSpec, charset: &mut CharsetSpec) -> Read<()> {
    data_type.national = cursor.is_at("NATIONAL") || cursor.is_at("NCHAR") || cursor.is_at("NVARCHAR");
    cursor.accept("NATIONAL");
    if cursor.accept("SERIAL") {
        data_type.base = BaseType::BigInt;
        data_type.unsigned = true;
        data_type.serial = true;
    } else if cursor.accept("NVARCHAR") {
        data_type.base = BaseType::Varchar;
    } else if cursor.accept_any(&["CHAR", "CHARACTER", "NCHAR"]) {
        read_char(cursor, data_type);
    } else if cursor.accept("BINARY") {
        let varying = cursor.accept("VARYING");
        data_type.base = if varying { BaseType::Varbinary } else { BaseType::Binary };
    } else if cursor.accept("LONG") {
        read_long(cursor, data_type);
    } else {
        let base = match cursor.peek() {
            Token::Word(word) if word.quote_style.is_none() => {
                WORDS.iter().find(|(name, _)| word.value.eq_ignore_ascii_case(name)).map(|(_, base)| *base)
            }
            _ => None,
        };
        let Some(base) = base else { return Err(cursor.unexpected("a column type")) };
        cursor.advance();
        data_type.base = base;
        if base == BaseType::Double {
            cursor.accept("PRECISION");
        }
    }
    if data_type.national {
        charset.charset = Some("utf8mb3".to_owned());
    }
    Ok(())
}

/// Behind `CHAR`, `CHARACTER` or `NCHAR`.
fn read_char(cursor: &mut Cursor, data_type: &mut TypeSpec) {
    if cursor.accept_all(&["LARGE", "OBJECT"]) {
        data_type.base = BaseType::LongText;
    } else if cursor.accept_any(&["VARYING", "VARCHAR", "VARCHARACTER"]) {
        data_type.base = BaseType::Varchar;
    } else {
        data_type.base = BaseType::Char;
    }
}

/// Behind `LONG`.
fn read_long(cursor: &mut Cursor, data_type: &mut TypeSpec) {
    let bytes = cursor.accept("VARBINARY");
    if !bytes && !cursor.accept_any(&["VARCHAR", "VARCHARACTER"]) && cursor.accept_any(&["CHAR", "CHARACTER"])
    {
        cursor.accept("VARYING");
    }
    data_type.base = if bytes { BaseType::MediumBlob } else { BaseType::MediumText };
}

fn read_arguments(cursor: &mut Cursor, data_type: &mut TypeSpec) -> Read<()> {
    cursor.expect_symbol(&Token::LParen)?;
    if matches!(data_type.base, BaseType::Enum | BaseType::Set) {
        loop {
            data_type.members.push(read_member(cursor)?);
            if !cursor.accept_symbol(&Token::Comma) {
                break;
            }
        }
    } else {
        data_type.length = Some(cursor.number()?);
        if cursor.accept_symbol(&Token::Comma) {
            data_type.scale = Some(cursor.number()?);
        }
        // Oracle's `VARCHAR2(10 CHAR)`.
        cursor.accept_any(&["CHAR", "BYTE"]);
    }
    cursor.expect_symbol(&Token::RParen)
}

/// Members may be written as `x'…'`; their trailing spaces are no part of them.
fn read_member(cursor: &mut Cursor) -> Read<String> {
    if let Token::HexStringLiteral(digits) = cursor.peek() {
        let bytes = super::default_value::hex_bytes(digits);
        let member = String::from_utf8_lossy(&bytes).into_owned();
        cursor.advance();
        return Ok(member);
    }
    Ok(cursor.string()?.trim_end_matches(' ').to_owned())
}

/// Takes `CHARACTER SET x`, `COLLATE x`, `BINARY`, `ASCII`, `UNICODE`, `BYTE`; says whether one was there.
pub(crate) fn read_charset(cursor: &mut Cursor, spec: &mut CharsetSpec) -> Read<bool> {
    if cursor.accept_all(&["CHARACTER", "SET"])
        || cursor.accept_all(&["CHAR", "SET"])
        || cursor.accept("CHARSET")
    {
        spec.charset = Some(read_charset_name(cursor)?);
    } else if cursor.accept("COLLATE") {
        spec.collation = Some(read_charset_name(cursor)?);
    } else if cursor.accept("BINARY") {
        spec.binary = true;
    } else if cursor.accept("ASCII") {
        spec.charset = Some("latin1".to_owned());
    } else if cursor.accept("UNICODE") {
        spec.charset = Some("ucs2".to_owned());
    } else if cursor.accept("BYTE") {
        spec.charset = Some("binary".to_owned());
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Takes the name of a character set or a collation, bare or in quotes, in small letters.
pub(crate) fn read_charset_name(cursor: &mut Cursor) -> Read<String> {
    cursor.accept_symbol(&Token::Eq);
    let name = match cursor.peek() {
        Token::SingleQuotedString(name) | Token::DoubleQuotedString(name) => name.clone(),
        Token::Word(word) => word.value.clone(),
        _ => return Err(cursor.unexpected("the name of a character set or collation")),
    };
    if is_word(cursor.peek(), "DEFAULT") {
        return Err(cursor.unexpected("the name of a character set or collation"));
    }
    cursor.advance();
    Ok(name.to_ascii_lowercase())
}
