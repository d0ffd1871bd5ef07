//! A type as it is written to the type the column has.

use super::charset::bytes_per_character;
use crate::dump::options::Server;
use crate::dump::spec::{BaseType, TypeSpec};
use crate::model::{ColumnType, IntegerWidth, LobSize, SpatialKind};

/// The type, or what is wrong with it. `collation` is that of its characters, if it has any.
pub(crate) fn resolve_type(spec: &TypeSpec, collation: &str, server: Server) -> Result<ColumnType, String> {
    let is_bytes = collation == "binary";
    let resolved = match spec.base {
        BaseType::TinyInt => integer(spec, IntegerWidth::Tiny, [4, 3])?,
        BaseType::SmallInt => integer(spec, IntegerWidth::Small, [6, 5])?,
        BaseType::MediumInt => integer(spec, IntegerWidth::Medium, [9, 8])?,
        BaseType::Int => integer(spec, IntegerWidth::Int, [11, 10])?,
        BaseType::BigInt => integer(spec, IntegerWidth::Big, [20, 20])?,
        BaseType::Bool => {
            ColumnType::Integer { width: IntegerWidth::Tiny, unsigned: false, zerofill: false, display: 1 }
        }
        BaseType::Decimal => decimal(spec)?,
        BaseType::Float | BaseType::Double => floating(spec)?,
        BaseType::Bit => ColumnType::Bit { bits: within(spec.length, 1, 1, 64, "BIT")? },
        BaseType::Year => ColumnType::Year { display: if spec.length == Some(2) { 2 } else { 4 } },
        BaseType::Char if is_bytes => ColumnType::Binary { length: within(spec.length, 1, 0, 255, "CHAR")? },
        BaseType::Char => ColumnType::Char { length: within(spec.length, 1, 0, 255, "CHAR")? },
        BaseType::Varchar if is_bytes => ColumnType::Varbinary { length: required(spec, "VARCHAR")? },
        BaseType::Varchar => ColumnType::Varchar { length: required(spec, "VARCHAR")? },
        BaseType::Binary => ColumnType::Binary { length: within(spec.length, 1, 0, 255, "BINARY")? },
        BaseType::Varbinary => ColumnType::Varbinary { length: required(spec, "VARBINARY")? },
        BaseType::TinyText => text(LobSize::Tiny, is_bytes),
        BaseType::Text => text(lob_size(spec.length, bytes_per_character(collation)), is_bytes),
        BaseType::MediumText => text(LobSize::Medium, is_bytes),
        BaseType::LongText => text(LobSize::Long, is_bytes),
        BaseType::TinyBlob => ColumnType::Blob { size: LobSize::Tiny },
        BaseType::Blob => ColumnType::Blob { size: lob_size(spec.length, 1) },
        BaseType::MediumBlob => ColumnType::Blob { size: LobSize::Medium },
        BaseType::LongBlob => ColumnType::Blob { size: LobSize::Long },
        BaseType::Enum => ColumnType::Enum { members: members(spec, "ENUM")? },
        BaseType::Set => ColumnType::Set { members: members(spec, "SET")? },
        BaseType::Json if server.is_mariadb() => ColumnType::Text { size: LobSize::Long },
        BaseType::Json => ColumnType::Json,
        BaseType::Date => ColumnType::Date,
        BaseType::Time => ColumnType::Time { fraction: within(spec.length, 0, 0, 6, "TIME")? },
        BaseType::DateTime => ColumnType::DateTime { fraction: within(spec.length, 0, 0, 6, "DATETIME")? },
        BaseType::Timestamp => {
            // Before MySQL 5.6 `timestamp(14)` was a display width.
            let old_width = spec.length.is_some_and(|length| length > 6 && length <= 14);
            let length = if old_width { None } else { spec.length };
            ColumnType::Timestamp { fraction: within(length, 0, 0, 6, "TIMESTAMP")? }
        }
        BaseType::Geometry => spatial(SpatialKind::Geometry),
        BaseType::Point => spatial(SpatialKind::Point),
        BaseType::LineString => spatial(SpatialKind::LineString),
        BaseType::Polygon => spatial(SpatialKind::Polygon),
        BaseType::MultiPoint => spatial(SpatialKind::MultiPoint),
        BaseType::MultiLineString => spatial(SpatialKind::MultiLineString),
        BaseType::MultiPolygon => spatial(SpatialKind::MultiPolygon),
        BaseType::GeometryCollection => spatial(SpatialKind::GeometryCollection),
        BaseType::Uuid => ColumnType::Uuid,
        BaseType::Inet4 => ColumnType::Inet4,
        BaseType::Inet6 => ColumnType::Inet6,
        BaseType::Vector => {
            ColumnType::Vector { dimensions: within(spec.length, 2048, 1, 65_532, "VECTOR")? }
        }
    };
    Ok(resolved)
}

/// Whether values of the type have a character set, apart from `BINARY` and its kin.
pub(crate) fn has_characters(base: BaseType) -> bool {
    matches!(
        base,
        BaseType::Char
            | BaseType::Varchar
            | BaseType::TinyText
            | BaseType::Text
            | BaseType::MediumText
            | BaseType::LongText
            | BaseType::Enum
            | BaseType::Set
    )
}

fn spatial(kind: SpatialKind) -> ColumnType {
    ColumnType::Spatial { kind }
}

fn text(size: LobSize, is_bytes: bool) -> ColumnType {
    if is_bytes { ColumnType::Blob { size } } else { ColumnType::Text { size } }
}

fn integer(spec: &TypeSpec, width: IntegerWidth, displays: [u8; 2]) -> Result<ColumnType, String> {
    let default = displays[usize::from(spec.unsigned)];
    // A width of 0 is taken for none.
    let length = spec.length.filter(|length| *length > 0);
    let display = within(length, u64::from(default), 0, 255, "an integer")?;
    Ok(ColumnType::Integer { width, unsigned: spec.unsigned, zerofill: spec.zerofill, display })
}

fn decimal(spec: &TypeSpec) -> Result<ColumnType, String> {
    let precision = spec.length.filter(|length| *length > 0);
    let scale: u8 = within(spec.scale, 0, 0, 38, "the scale of DECIMAL")?;
    let precision: u8 = within(precision, 10, 1, 65, "the precision of DECIMAL")?;
    if scale > precision {
        return Err(format!("DECIMAL({precision},{scale}) has more digits behind the point than in all"));
    }
    Ok(ColumnType::Decimal { precision, scale, unsigned: spec.unsigned, zerofill: spec.zerofill })
}

fn floating(spec: &TypeSpec) -> Result<ColumnType, String> {
    let (unsigned, zerofill) = (spec.unsigned, spec.zerofill);
    let digits = match (spec.length, spec.scale) {
        (Some(length), Some(scale)) => Some((
            within(Some(length), 0, 1, 255, "the digits of FLOAT")?,
            within(Some(scale), 0, 0, 38, "the digits of FLOAT")?,
        )),
        _ => None,
    };
    // FLOAT(p) counts bits: beyond 24 they need a DOUBLE.
    let is_wide = digits.is_none() && spec.length.is_some_and(|bits| bits > 24);
    if spec.base == BaseType::Double || is_wide {
        return Ok(ColumnType::Double { digits, unsigned, zerofill });
    }
    Ok(ColumnType::Float { digits, unsigned, zerofill })
}

/// `TEXT(n)` is the smallest type that holds n characters.
fn lob_size(length: Option<u64>, bytes: u32) -> LobSize {
    match length.map(|length| length.saturating_mul(u64::from(bytes))) {
        None | Some(0) => LobSize::Normal,
        Some(1..=0xff) => LobSize::Tiny,
        Some(0x100..=0xffff) => LobSize::Normal,
        Some(0x1_0000..=0xff_ffff) => LobSize::Medium,
        Some(_) => LobSize::Long,
    }
}

fn members(spec: &TypeSpec, what: &str) -> Result<Vec<String>, String> {
    if spec.members.is_empty() { Err(format!("{what} has no members")) } else { Ok(spec.members.clone()) }
}

fn required(spec: &TypeSpec, what: &str) -> Result<u32, String> {
    if spec.length.is_none() {
        return Err(format!("{what} has no length"));
    }
    within(spec.length, 0, 0, 65_535, what)
}

fn within<T: TryFrom<u64>>(
    length: Option<u64>,
    default: u64,
    min: u64,
    max: u64,
    what: &str,
) -> Result<T, String> {
    let length = length.unwrap_or(default);
    let fits = (min..=max).contains(&length);
    T::try_from(length)
        .ok()
        .filter(|_| fits)
        .ok_or_else(|| format!("{length} is no length for {what} ({min} to {max})"))
}
