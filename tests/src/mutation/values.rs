//! The values at the ends of what a column holds, and whether a generated field reads them back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use physio_runtime::types::{Date, DateTime, Decimal, FieldValue, Time, Timestamp};
use physio_schema::codec::{Cell, cell_from_wire};
use physio_schema::describe::{ColumnItems, FieldType};
use physio_schema::model::{ColumnType, LobSize};
use physio_schema::plan::{ColumnPlan, Storage};
use rusqlite::types::{Value, ValueRef};

/// More characters than a TEXT holds bytes; a MEDIUMTEXT and a LONGTEXT are not told apart by their values.
const LONG: usize = 70_000;

/// Values of the column as the bridge spells them, an ordinary one first; NULL where it is allowed, at the end.
///
/// ```
/// use physio_schema::plan;
/// use physio_tests::mutation::{config_of, read, values::values};
/// let schema = read("CREATE TABLE t (id int PRIMARY KEY, a tinyint, b enum('x','y') NOT NULL)").unwrap();
/// let plan = plan::build(&schema, &config_of(&[])).unwrap();
/// let texts = |at: usize| values(&plan.tables[0].columns[at]);
/// assert_eq!(texts(1), [Some("1".into()), Some("-128".into()), Some("127".into()), None]);
/// assert_eq!(texts(2), [Some("x".into()), Some("y".into())]);
/// ```
pub fn values(column: &ColumnPlan) -> Vec<Option<String>> {
    let mut found: Vec<Option<String>> = texts(column).into_iter().map(Some).collect();
    if column.nullable {
        found.push(None);
    }
    found
}

fn texts(column: &ColumnPlan) -> Vec<String> {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    // The character that takes most bytes.
    let is_wide = column.collation.as_ref().is_some_and(|collation| collation.starts_with("utf8mb4"));
    let long = |length: usize| (if is_wide { "😀" } else { "x" }).repeat(length);
    let bytes = |length: usize| vec![STANDARD.encode("ab"), STANDARD.encode(vec![7; length])];
    match &column.column_type {
        ColumnType::Integer { width, unsigned, .. } => {
            let (least, most) = width.range(*unsigned);
            // No server counts its own keys beyond what SQLite counts.
            let most = if column.storage == Storage::Integer { most.min(i64::MAX.into()) } else { most };
            vec!["1".into(), least.to_string(), most.to_string()]
        }
        ColumnType::Bit { bits } => vec!["1".into(), ((1_i128 << *bits) - 1).to_string()],
        ColumnType::Year { .. } => owned(&["2024", "1901", "2155"]),
        ColumnType::Decimal { precision, scale, unsigned, .. } => {
            let (whole, places) = (usize::from(precision - scale), usize::from(*scale));
            let text = |digit: &str, whole: usize| {
                let whole = if whole == 0 { "0".to_owned() } else { digit.repeat(whole) };
                if places == 0 { whole } else { format!("{whole}.{}", digit.repeat(places)) }
            };
            let mut all = vec![text("0", 1), text("9", whole)];
            all.extend((!unsigned).then(|| format!("-{}", text("9", whole))));
            all
        }
        ColumnType::Float { digits: None, .. } => {
            vec!["0.5".into(), f64::from(0.1_f32).to_string(), f64::from(f32::MAX).to_string()]
        }
        ColumnType::Double { digits: None, .. } => owned(&["0.5", "0.1", "1.7976931348623157e308"]),
        ColumnType::Float { .. } | ColumnType::Double { .. } => owned(&["0.5"]),
        ColumnType::Char { length } | ColumnType::Varchar { length } => {
            vec![long(1.min(*length as usize)), long(*length as usize)]
        }
        ColumnType::Text { size } => {
            let width = if is_wide { 4 } else { 1 };
            vec![long(1), long(lob_length(*size) / width)]
        }
        ColumnType::Binary { length } => vec![STANDARD.encode(vec![7; *length as usize])],
        ColumnType::Varbinary { length } => bytes(*length as usize),
        ColumnType::Blob { size } => bytes(lob_length(*size)),
        ColumnType::Enum { members } => members.clone(),
        ColumnType::Set { members } => vec![String::new(), members.join(",")],
        ColumnType::Json => owned(&["{}"]),
        ColumnType::Date => owned(&["2024-02-29", "1000-01-01", "9999-12-31"]),
        ColumnType::DateTime { fraction } => {
            moments(&["2024-02-29 12:00:00", "9999-12-31 23:59:59"], *fraction)
        }
        ColumnType::Timestamp { fraction } => {
            moments(&["2024-02-29 12:00:00", "2038-01-19 03:14:06"], *fraction)
        }
        ColumnType::Time { fraction } => moments(&["12:00:00", "-838:59:58", "838:59:58"], *fraction),
        ColumnType::Uuid => owned(&["00000000-0000-0000-0000-000000000001"]),
        ColumnType::Inet4 => owned(&["192.0.2.1"]),
        ColumnType::Inet6 => owned(&["2001:db8::1"]),
        ColumnType::Spatial { .. } | ColumnType::Vector { .. } => Vec::new(),
    }
}

fn moments(texts: &[&str], fraction: u8) -> Vec<String> {
    let places = if fraction == 0 { String::new() } else { format!(".{}", "9".repeat(fraction.into())) };
    texts.iter().map(|text| format!("{text}{places}")).collect()
}

fn lob_length(size: LobSize) -> usize {
    match size {
        LobSize::Tiny => 255,
        LobSize::Normal => 65_535,
        LobSize::Medium | LobSize::Long => LONG,
    }
}

/// What the cache of an application stores when the bridge sends this text for its column.
///
/// # Errors
///
/// When the application's own codec refuses it.
pub fn stored(column: &ColumnPlan, wire: Option<&str>) -> Result<Value, String> {
    Ok(match cell_from_wire(column, wire).map_err(|error| error.to_string())? {
        Cell::Null => Value::Null,
        Cell::Integer(number) => Value::Integer(number),
        Cell::Real(number) => Value::Real(number),
        Cell::Text(text) => Value::Text(text.into_owned()),
        Cell::Blob(bytes) => Value::Blob(bytes.into_owned()),
    })
}

/// Whether the generated field reads the stored value, and would write the very same.
pub fn is_read_back(items: &ColumnItems, value: &Value) -> bool {
    if *value == Value::Null {
        return items.is_option;
    }
    let is_text = || matches!(value, Value::Text(_));
    match &items.field_type {
        FieldType::Integer(integer) => match (integer.bits, integer.unsigned) {
            (8, false) => back::<i8>(value),
            (16, false) => back::<i16>(value),
            (32, false) => back::<i32>(value),
            (_, false) => back::<i64>(value),
            (8, true) => back::<u8>(value),
            (16, true) => back::<u16>(value),
            (32, true) => back::<u32>(value),
            (_, true) => back::<u64>(value),
        },
        FieldType::F32 => back::<f32>(value),
        FieldType::F64 => back::<f64>(value),
        FieldType::Decimal => back::<Decimal>(value),
        FieldType::Date => back::<Date>(value),
        FieldType::DateTime => back::<DateTime>(value),
        FieldType::Timestamp => back::<Timestamp>(value),
        FieldType::Time => back::<Time>(value),
        FieldType::Bytes => back::<Vec<u8>>(value),
        // A text that is no member is read as `Unknown`.
        FieldType::Text | FieldType::Member(_) | FieldType::Set(_) => is_text(),
    }
}

fn back<T: FieldValue>(value: &Value) -> bool {
    T::from_sql(ValueRef::from(value)).is_ok_and(|read| read.to_sql() == *value)
}
