//! MySQL's column types, printed as `information_schema.COLUMNS.COLUMN_TYPE` prints them (MariaDB spelling).

mod parse;

pub use parse::UnknownType;

use serde::{Deserialize, Serialize};
use std::fmt;

/// A column type with its arguments.
///
/// `Display` gives MariaDB's `COLUMN_TYPE` spelling:
///
/// ```
/// use physio_schema::model::{ColumnType, IntegerWidth};
/// let id = ColumnType::Integer { width: IntegerWidth::Big, unsigned: true, zerofill: false, display: 20 };
/// assert_eq!(id.to_string(), "bigint(20) unsigned");
/// let status = ColumnType::Enum { members: vec!["paid".into(), "it's due".into()] };
/// assert_eq!(status.to_string(), "enum('paid','it''s due')");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // the fields are MySQL's own words
pub enum ColumnType {
    /// `tinyint` … `bigint`; `display` is the display width MariaDB reports.
    Integer { width: IntegerWidth, unsigned: bool, zerofill: bool, display: u8 },
    /// `decimal(precision,scale)`.
    Decimal { precision: u8, scale: u8, unsigned: bool, zerofill: bool },
    /// `float` or `float(m,d)`.
    Float { digits: Option<(u8, u8)>, unsigned: bool, zerofill: bool },
    /// `double` or `double(m,d)`.
    Double { digits: Option<(u8, u8)>, unsigned: bool, zerofill: bool },
    /// `bit(n)`, 1 to 64.
    Bit { bits: u8 },
    /// `year(4)`.
    Year { display: u8 },
    /// `char(n)`, characters.
    Char { length: u32 },
    /// `varchar(n)`, characters.
    Varchar { length: u32 },
    /// `tinytext` … `longtext`.
    Text { size: LobSize },
    /// `binary(n)`, bytes.
    Binary { length: u32 },
    /// `varbinary(n)`, bytes.
    Varbinary { length: u32 },
    /// `tinyblob` … `longblob`.
    Blob { size: LobSize },
    /// `enum('a','b')`, in order.
    Enum { members: Vec<String> },
    /// `set('a','b')`, in order.
    Set { members: Vec<String> },
    /// `json` of MySQL (MariaDB's JSON is a longtext with a check).
    Json,
    /// `date`.
    Date,
    /// `datetime(fraction)`.
    DateTime { fraction: u8 },
    /// `timestamp(fraction)`.
    Timestamp { fraction: u8 },
    /// `time(fraction)`.
    Time { fraction: u8 },
    /// `geometry`, `point`, …
    Spatial { kind: SpatialKind },
    /// MariaDB's `uuid`.
    Uuid,
    /// MariaDB's `inet4`.
    Inet4,
    /// MariaDB's `inet6`.
    Inet6,
    /// `vector(n)` (MariaDB 11.7, MySQL 9).
    Vector { dimensions: u32 },
}

/// The five integer widths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum IntegerWidth {
    /// 1 byte.
    Tiny,
    /// 2 bytes.
    Small,
    /// 3 bytes.
    Medium,
    /// 4 bytes.
    Int,
    /// 8 bytes.
    Big,
}

/// The four sizes of TEXT and BLOB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LobSize {
    /// 255 bytes.
    Tiny,
    /// 64 KiB.
    Normal,
    /// 16 MiB.
    Medium,
    /// 4 GiB.
    Long,
}

/// The spatial types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // the names are the documentation
pub enum SpatialKind {
    Geometry,
    Point,
    LineString,
    Polygon,
    MultiPoint,
    MultiLineString,
    MultiPolygon,
    GeometryCollection,
}

impl IntegerWidth {
    /// Bytes of storage.
    pub fn bytes(self) -> u8 {
        match self {
            Self::Tiny => 1,
            Self::Small => 2,
            Self::Medium => 3,
            Self::Int => 4,
            Self::Big => 8,
        }
    }

    /// Smallest and largest value.
    pub fn range(self, unsigned: bool) -> (i128, i128) {
        let bits = u32::from(self.bytes()) * 8;
        if unsigned { (0, (1 << bits) - 1) } else { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) }
    }
}

fn quoted_members(members: &[String]) -> String {
    members.iter().map(|member| super::spelling::quoted(member)).collect::<Vec<_>>().join(",")
}

fn numeric_suffix(unsigned: bool, zerofill: bool) -> &'static str {
    match (unsigned, zerofill) {
        (_, true) => " unsigned zerofill",
        (true, false) => " unsigned",
        (false, false) => "",
    }
}

fn with_fraction(f: &mut fmt::Formatter<'_>, name: &str, fraction: u8) -> fmt::Result {
    if fraction == 0 { f.write_str(name) } else { write!(f, "{name}({fraction})") }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer { width, unsigned, zerofill, display } => {
                let name = match width {
                    IntegerWidth::Tiny => "tinyint",
                    IntegerWidth::Small => "smallint",
                    IntegerWidth::Medium => "mediumint",
                    IntegerWidth::Int => "int",
                    IntegerWidth::Big => "bigint",
                };
                write!(f, "{name}({display}){}", numeric_suffix(*unsigned, *zerofill))
            }
            Self::Decimal { precision, scale, unsigned, zerofill } => {
                write!(f, "decimal({precision},{scale}){}", numeric_suffix(*unsigned, *zerofill))
            }
            Self::Float { digits, unsigned, zerofill } | Self::Double { digits, unsigned, zerofill } => {
                f.write_str(if matches!(self, Self::Float { .. }) { "float" } else { "double" })?;
                if let Some((m, d)) = digits {
                    write!(f, "({m},{d})")?;
                }
                f.write_str(numeric_suffix(*unsigned, *zerofill))
            }
            Self::Bit { bits } => write!(f, "bit({bits})"),
            Self::Year { display } => write!(f, "year({display})"),
            Self::Char { length } => write!(f, "char({length})"),
            Self::Varchar { length } => write!(f, "varchar({length})"),
            Self::Text { size } => f.write_str(match size {
                LobSize::Tiny => "tinytext",
                LobSize::Normal => "text",
                LobSize::Medium => "mediumtext",
                LobSize::Long => "longtext",
            }),
            Self::Binary { length } => write!(f, "binary({length})"),
            Self::Varbinary { length } => write!(f, "varbinary({length})"),
            Self::Blob { size } => f.write_str(match size {
                LobSize::Tiny => "tinyblob",
                LobSize::Normal => "blob",
                LobSize::Medium => "mediumblob",
                LobSize::Long => "longblob",
            }),
            Self::Enum { members } => write!(f, "enum({})", quoted_members(members)),
            Self::Set { members } => write!(f, "set({})", quoted_members(members)),
            Self::Json => f.write_str("json"),
            Self::Date => f.write_str("date"),
            Self::DateTime { fraction } => with_fraction(f, "datetime", *fraction),
            Self::Timestamp { fraction } => with_fraction(f, "timestamp", *fraction),
            Self::Time { fraction } => with_fraction(f, "time", *fraction),
            Self::Spatial { kind } => f.write_str(match kind {
                SpatialKind::Geometry => "geometry",
                SpatialKind::Point => "point",
                SpatialKind::LineString => "linestring",
                SpatialKind::Polygon => "polygon",
                SpatialKind::MultiPoint => "multipoint",
                SpatialKind::MultiLineString => "multilinestring",
                SpatialKind::MultiPolygon => "multipolygon",
                SpatialKind::GeometryCollection => "geometrycollection",
            }),
            Self::Uuid => f.write_str("uuid"),
            Self::Inet4 => f.write_str("inet4"),
            Self::Inet6 => f.write_str("inet6"),
            Self::Vector { dimensions } => write!(f, "vector({dimensions})"),
        }
    }
}
