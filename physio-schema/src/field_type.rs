//! The Rust type of a column, as generated rows have it.

use crate::model::{ColumnType, IntegerWidth};

/// A type that a generated field can have, without `Option`.
///
/// ```
/// use physio_schema::{field_type::FieldType, model::{ColumnType, IntegerWidth}};
/// let int = ColumnType::Integer { width: IntegerWidth::Int, unsigned: true, zerofill: false, display: 10 };
/// assert_eq!(FieldType::of(&int, false, None).name(), "u32");
/// // A key that is made offline starts at 2^52.
/// assert_eq!(FieldType::of(&int, true, None).name(), "i64");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// `i8` … `u64`.
    Integer(Integer),
    /// `f32`.
    F32,
    /// `f64`.
    F64,
    /// `physio_runtime::types::Decimal`.
    Decimal,
    /// `physio_runtime::types::Date`.
    Date,
    /// `physio_runtime::types::DateTime`.
    DateTime,
    /// `physio_runtime::types::Timestamp`.
    Timestamp,
    /// `physio_runtime::types::Time`.
    Time,
    /// `String`.
    Text,
    /// `Vec<u8>`.
    Bytes,
    /// A generated ENUM type, by name.
    Member(String),
    /// `Set` of a generated type, by name.
    Set(String),
}

/// One of Rust's integer types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integer {
    /// 8, 16, 32 or 64.
    pub bits: u32,
    /// Whether it begins with `u`.
    pub unsigned: bool,
}

impl Integer {
    /// `i64`.
    pub const I64: Self = Self { bits: 64, unsigned: false };
    /// `u64`.
    pub const U64: Self = Self { bits: 64, unsigned: true };

    /// The type of that name.
    pub fn parse(name: &str) -> Option<Self> {
        let unsigned = name.starts_with('u');
        let bits = name.strip_prefix(['i', 'u'])?.parse().ok()?;
        [8, 16, 32, 64].contains(&bits).then_some(Self { bits, unsigned })
    }

    /// `i32`.
    pub fn name(self) -> String {
        format!("{}{}", if self.unsigned { 'u' } else { 'i' }, self.bits)
    }

    /// The least and the greatest value.
    ///
    /// ```
    /// use physio_schema::field_type::Integer;
    /// assert_eq!(Integer { bits: 8, unsigned: false }.range(), (-128, 127));
    /// assert_eq!(Integer::U64.range(), (0, i128::from(u64::MAX)));
    /// ```
    pub fn range(self) -> (i128, i128) {
        let values = 1_i128 << self.bits;
        if self.unsigned { (0, values - 1) } else { (-values / 2, values / 2 - 1) }
    }

    /// Whether every value of `other` is a value of this type.
    pub fn holds(self, other: Self) -> bool {
        match (self.unsigned, other.unsigned) {
            (true, true) | (false, false) => self.bits >= other.bits,
            (false, true) => self.bits > other.bits,
            (true, false) => false,
        }
    }
}

impl FieldType {
    /// The type of a column. `holds_temporary_keys`: it is, or refers to, an AUTO_INCREMENT key.
    /// `member_type` is the name of the type that was generated for an ENUM or SET.
    pub fn of(column: &ColumnType, holds_temporary_keys: bool, member_type: Option<&str>) -> Self {
        let member = |wrap: fn(String) -> Self| member_type.map_or(Self::Text, |name| wrap(name.to_owned()));
        match column {
            ColumnType::Integer { width, unsigned, .. } if holds_temporary_keys => {
                Self::Integer(if *width == IntegerWidth::Big && *unsigned {
                    Integer::U64
                } else {
                    Integer::I64
                })
            }
            ColumnType::Integer { width, unsigned, .. } => {
                let bits = match width {
                    IntegerWidth::Tiny => 8,
                    IntegerWidth::Small => 16,
                    IntegerWidth::Medium | IntegerWidth::Int => 32,
                    IntegerWidth::Big => 64,
                };
                Self::Integer(Integer { bits, unsigned: *unsigned })
            }
            ColumnType::Bit { .. } => Self::Integer(Integer::U64),
            ColumnType::Year { .. } => Self::Integer(Integer { bits: 16, unsigned: true }),
            ColumnType::Decimal { .. } => Self::Decimal,
            ColumnType::Float { .. } => Self::F32,
            ColumnType::Double { .. } => Self::F64,
            ColumnType::Date => Self::Date,
            ColumnType::DateTime { .. } => Self::DateTime,
            ColumnType::Timestamp { .. } => Self::Timestamp,
            ColumnType::Time { .. } => Self::Time,
            ColumnType::Enum { .. } => member(Self::Member),
            ColumnType::Set { .. } => member(Self::Set),
            ColumnType::Char { .. }
            | ColumnType::Varchar { .. }
            | ColumnType::Text { .. }
            | ColumnType::Json
            | ColumnType::Uuid
            | ColumnType::Inet4
            | ColumnType::Inet6 => Self::Text,
            ColumnType::Binary { .. }
            | ColumnType::Varbinary { .. }
            | ColumnType::Blob { .. }
            | ColumnType::Spatial { .. }
            | ColumnType::Vector { .. } => Self::Bytes,
        }
    }

    /// As a person writes it: `Decimal`, `Vec<u8>`, `Set<OrdersFlags>`.
    pub fn name(&self) -> String {
        match self {
            Self::Integer(integer) => integer.name(),
            Self::F32 => "f32".to_owned(),
            Self::F64 => "f64".to_owned(),
            Self::Decimal => "Decimal".to_owned(),
            Self::Date => "Date".to_owned(),
            Self::DateTime => "DateTime".to_owned(),
            Self::Timestamp => "Timestamp".to_owned(),
            Self::Time => "Time".to_owned(),
            Self::Text => "String".to_owned(),
            Self::Bytes => "Vec<u8>".to_owned(),
            Self::Member(name) => name.clone(),
            Self::Set(name) => format!("Set<{name}>"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(width: IntegerWidth, unsigned: bool) -> ColumnType {
        ColumnType::Integer { width, unsigned, zerofill: false, display: 11 }
    }

    #[test]
    fn integers_follow_width_and_sign() {
        let name = |width, unsigned| FieldType::of(&integer(width, unsigned), false, None).name();
        assert_eq!(name(IntegerWidth::Tiny, false), "i8");
        assert_eq!(name(IntegerWidth::Medium, true), "u32");
        assert_eq!(name(IntegerWidth::Big, true), "u64");
    }

    #[test]
    fn keys_that_may_be_temporary_are_64_bits_wide() {
        let name = |width, unsigned| FieldType::of(&integer(width, unsigned), true, None).name();
        assert_eq!(name(IntegerWidth::Int, false), "i64");
        assert_eq!(name(IntegerWidth::Int, true), "i64");
        assert_eq!(name(IntegerWidth::Big, true), "u64");
    }

    #[test]
    fn a_wider_integer_holds_a_narrower_one() {
        let parse = |name| Integer::parse(name).unwrap();
        assert!(parse("i64").holds(parse("u32")));
        assert!(!parse("i32").holds(parse("u32")));
        assert!(!parse("u64").holds(parse("i8")));
        assert!(parse("u16").holds(parse("u16")));
        assert_eq!(Integer::parse("i7"), None);
        assert_eq!(Integer::parse("usize"), None);
    }
}
