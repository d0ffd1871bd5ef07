//! `COLUMN_TYPE` text back to a type: the inverse of `Display`.

use super::{ColumnType, IntegerWidth, LobSize, SpatialKind};
use std::fmt;
use std::str::FromStr;

/// A text that is no column type in MariaDB's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownType;

impl fmt::Display for UnknownType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a column type as information_schema spells it")
    }
}

impl std::error::Error for UnknownType {}

/// Reads what `Display` prints; nothing else of SQL's many spellings.
///
/// ```
/// use physio_schema::model::ColumnType;
/// let status: ColumnType = "enum('paid','it''s due')".parse().expect("a type");
/// assert_eq!(status, ColumnType::Enum { members: vec!["paid".into(), "it's due".into()] });
/// assert!("varchar".parse::<ColumnType>().is_err());
/// ```
impl FromStr for ColumnType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, UnknownType> {
        let (head, zerofill) = strip_word(text, " zerofill");
        let (head, unsigned) = strip_word(head, " unsigned");
        let (name, arguments) = match head.split_once('(') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(')').ok_or(UnknownType)?)),
            None => (head, None),
        };
        let found = match name {
            "enum" => Self::Enum { members: members(arguments.ok_or(UnknownType)?)? },
            "set" => Self::Set { members: members(arguments.ok_or(UnknownType)?)? },
            _ => plain(name, &numbers(arguments)?, unsigned, zerofill)?,
        };
        // Whatever was read must print as it was written: nothing is passed over.
        if found.to_string() == text { Ok(found) } else { Err(UnknownType) }
    }
}

fn plain(name: &str, arguments: &[u32], unsigned: bool, zerofill: bool) -> Result<ColumnType, UnknownType> {
    let small = |at: usize| arguments.get(at).and_then(|&n| u8::try_from(n).ok()).ok_or(UnknownType);
    let length = || arguments.first().copied().ok_or(UnknownType);
    let fraction = || if arguments.is_empty() { Ok(0) } else { small(0) };
    let digits = || match arguments {
        [] => Ok(None),
        _ => Ok(Some((small(0)?, small(1)?))),
    };
    let integer = |width| Ok(ColumnType::Integer { width, unsigned, zerofill, display: small(0)? });
    let spatial = |kind| Ok(ColumnType::Spatial { kind });
    match name {
        "tinyint" => integer(IntegerWidth::Tiny),
        "smallint" => integer(IntegerWidth::Small),
        "mediumint" => integer(IntegerWidth::Medium),
        "int" => integer(IntegerWidth::Int),
        "bigint" => integer(IntegerWidth::Big),
        "decimal" => Ok(ColumnType::Decimal { precision: small(0)?, scale: small(1)?, unsigned, zerofill }),
        "float" => Ok(ColumnType::Float { digits: digits()?, unsigned, zerofill }),
        "double" => Ok(ColumnType::Double { digits: digits()?, unsigned, zerofill }),
        "bit" => Ok(ColumnType::Bit { bits: small(0)? }),
        "year" => Ok(ColumnType::Year { display: small(0)? }),
        "char" => Ok(ColumnType::Char { length: length()? }),
        "varchar" => Ok(ColumnType::Varchar { length: length()? }),
        "binary" => Ok(ColumnType::Binary { length: length()? }),
        "varbinary" => Ok(ColumnType::Varbinary { length: length()? }),
        "vector" => Ok(ColumnType::Vector { dimensions: length()? }),
        "tinytext" => Ok(ColumnType::Text { size: LobSize::Tiny }),
        "text" => Ok(ColumnType::Text { size: LobSize::Normal }),
        "mediumtext" => Ok(ColumnType::Text { size: LobSize::Medium }),
        "longtext" => Ok(ColumnType::Text { size: LobSize::Long }),
        "tinyblob" => Ok(ColumnType::Blob { size: LobSize::Tiny }),
        "blob" => Ok(ColumnType::Blob { size: LobSize::Normal }),
        "mediumblob" => Ok(ColumnType::Blob { size: LobSize::Medium }),
        "longblob" => Ok(ColumnType::Blob { size: LobSize::Long }),
        "json" => Ok(ColumnType::Json),
        "date" => Ok(ColumnType::Date),
        "datetime" => Ok(ColumnType::DateTime { fraction: fraction()? }),
        "timestamp" => Ok(ColumnType::Timestamp { fraction: fraction()? }),
        "time" => Ok(ColumnType::Time { fraction: fraction()? }),
        "uuid" => Ok(ColumnType::Uuid),
        "inet4" => Ok(ColumnType::Inet4),
        "inet6" => Ok(ColumnType::Inet6),
        "geometry" => spatial(SpatialKind::Geometry),
        "point" => spatial(SpatialKind::Point),
        "linestring" => spatial(SpatialKind::LineString),
        "polygon" => spatial(SpatialKind::Polygon),
        "multipoint" => spatial(SpatialKind::MultiPoint),
        "multilinestring" => spatial(SpatialKind::MultiLineString),
        "multipolygon" => spatial(SpatialKind::MultiPolygon),
        "geometrycollection" => spatial(SpatialKind::GeometryCollection),
        _ => Err(UnknownType),
    }
}

fn strip_word<'t>(text: &'t str, word: &str) -> (&'t str, bool) {
    match text.strip_suffix(word) {
        Some(rest) if !rest.ends_with('\'') => (rest, true),
        _ => (text, false),
    }
}

fn numbers(arguments: Option<&str>) -> Result<Vec<u32>, UnknownType> {
    let Some(arguments) = arguments else { return Ok(Vec::new()) };
    arguments.split(',').map(|number| number.parse().map_err(|_| UnknownType)).collect()
}

/// `'a','it''s'`: quotes are doubled, and `\\`, `\n`, `\r`, `\0` stand for themselves.
fn members(list: &str) -> Result<Vec<String>, UnknownType> {
    let mut members = Vec::new();
    let mut rest = list.chars();
    loop {
        if rest.next() != Some('\'') {
            return Err(UnknownType);
        }
        let mut member = String::new();
        loop {
            match rest.next().ok_or(UnknownType)? {
                '\'' if rest.as_str().starts_with('\'') => {
                    rest.next();
                    member.push('\'');
                }
                '\'' => break,
                '\\' => member.push(match rest.next() {
                    Some('\\') => '\\',
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('0') => '\0',
                    _ => return Err(UnknownType),
                }),
                other => member.push(other),
            }
        }
        members.push(member);
        match rest.next() {
            Some(',') => {}
            Some(_) => return Err(UnknownType),
            None => return Ok(members),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_reads_back() {
        for text in [
            "tinyint(4)",
            "smallint(6)",
            "mediumint(9)",
            "int(10) unsigned",
            "bigint(20) unsigned zerofill",
            "decimal(10,2)",
            "decimal(5,0) unsigned",
            "float",
            "float(7,3)",
            "double unsigned",
            "bit(64)",
            "year(4)",
            "char(3)",
            "varchar(255)",
            "tinytext",
            "text",
            "mediumtext",
            "longtext",
            "binary(16)",
            "varbinary(9)",
            "tinyblob",
            "blob",
            "mediumblob",
            "longblob",
            "enum('a','b')",
            "enum('','it''s',',(x)',' unsigned')",
            "enum('a\\\\b','\\n')",
            "set('x','y z')",
            "json",
            "date",
            "datetime",
            "datetime(6)",
            "timestamp(3)",
            "time(2)",
            "geometry",
            "point",
            "linestring",
            "polygon",
            "multipoint",
            "multilinestring",
            "multipolygon",
            "geometrycollection",
            "uuid",
            "inet4",
            "inet6",
            "vector(8)",
        ] {
            assert_eq!(text.parse::<ColumnType>().map(|found| found.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in [
            "",
            "int",
            "int(x)",
            "varchar",
            "varchar()",
            "decimal(10)",
            "enum()",
            "enum('a'",
            "enum('a',)",
            "float(7)",
            "money",
            "INT(11)",
            "int(11) signed",
            "char(1) unsigned",
            "bit(300)",
        ] {
            assert_eq!(text.parse::<ColumnType>(), Err(UnknownType), "{text}");
        }
    }
}
