//! The field types that Rust has itself.

use super::{FieldError, FieldValue};
use rusqlite::types::{Value, ValueRef};

macro_rules! integers {
    ($($integer:ident),+) => {$(
        impl FieldValue for $integer {
            fn from_sql(value: ValueRef<'_>) -> Result<Self, FieldError> {
                match value {
                    ValueRef::Integer(number) => $integer::try_from(number)
                        .map_err(|_| FieldError::new(stringify!($integer), "an integer out of range")),
                    other => Err(FieldError::class(stringify!($integer), other)),
                }
            }
            fn to_sql(&self) -> Value {
                Value::Integer(i64::from(*self))
            }
        }
    )+};
}
integers!(i8, i16, i32, i64, u8, u16, u32);

impl FieldValue for u64 {
    fn from_sql(value: ValueRef<'_>) -> Result<Self, FieldError> {
        let out_of_range = FieldError::new("u64", "an integer out of range");
        match value {
            ValueRef::Integer(number) => u64::try_from(number).map_err(|_| out_of_range),
            // Above 2^63-1 SQLite has no integer; the cache holds the digits.
            ValueRef::Text(digits) if digits.first().is_some_and(u8::is_ascii_digit) => {
                std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).ok_or(out_of_range)
            }
            other => Err(FieldError::class("u64", other)),
        }
    }

    fn to_sql(&self) -> Value {
        match i64::try_from(*self) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Text(self.to_string()),
        }
    }
}

impl FieldValue for f64 {
    fn from_sql(value: ValueRef<'_>) -> Result<Self, FieldError> {
        match value {
            ValueRef::Real(number) => Ok(number),
            // What an expression such as SUM gives for whole numbers, as long as it is exact.
            ValueRef::Integer(number) if number.unsigned_abs() <= 1 << f64::MANTISSA_DIGITS => {
                Ok(number as f64)
            }
            ValueRef::Integer(_) => Err(FieldError::new("f64", "an integer too large to be exact")),
            other => Err(FieldError::class("f64", other)),
        }
    }

    fn to_sql(&self) -> Value {
        Value::Real(*self)
    }
}

impl FieldValue for f32 {
    /// Rounds to the nearest `f32`, as MySQL does when a FLOAT column is written.
    fn from_sql(value: ValueRef<'_>) -> Result<Self, FieldError> {
        let wide = f64::from_sql(value).map_err(|_| FieldError::class("f32", value))?;
        let narrow = wide as f32;
        if narrow.is_infinite() && wide.is_finite() {
            return Err(FieldError::new("f32", "a REAL out of range"));
        }
        Ok(narrow)
    }

    fn to_sql(&self) -> Value {
        Value::Real(f64::from(*self))
    }
}

impl FieldValue for String {
    fn from_sql(value: ValueRef<'_>) -> Result<Self, FieldError> {
        match value {
            ValueRef::Text(text) => std::str::from_utf8(text)
                .map(str::to_owned)
                .map_err(|_| FieldError::new("text", "TEXT that is not UTF-8")),
            other => Err(FieldError::class("text", other)),
        }
    }

    fn to_sql(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl FieldValue for Vec<u8> {
    fn from_sql(value: ValueRef<'_>) -> Result<Self, FieldError> {
        match value {
            ValueRef::Blob(bytes) => Ok(bytes.to_vec()),
            other => Err(FieldError::class("bytes", other)),
        }
    }

    fn to_sql(&self) -> Value {
        Value::Blob(self.clone())
    }
}

impl<T: FieldValue> FieldValue for Option<T> {
    fn from_sql(value: ValueRef<'_>) -> Result<Self, FieldError> {
        match value {
            ValueRef::Null => Ok(None),
            other => T::from_sql(other).map(Some),
        }
    }

    fn to_sql(&self) -> Value {
        self.as_ref().map_or(Value::Null, FieldValue::to_sql)
    }
}

impl FieldValue for crate::event::SyncStatus {
    fn from_sql(value: ValueRef<'_>) -> Result<Self, FieldError> {
        match value {
            ValueRef::Text(b"synced") => Ok(Self::Synced),
            ValueRef::Text(b"pending") => Ok(Self::Pending),
            ValueRef::Text(b"conflict") => Ok(Self::Conflict),
            other => Err(FieldError::class("synced, pending or conflict", other)),
        }
    }

    fn to_sql(&self) -> Value {
        let text = match self {
            Self::Synced => "synced",
            Self::Pending => "pending",
            Self::Conflict => "conflict",
        };
        Value::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Through SQLite itself, in the column type that the cache declares.
    fn through_sqlite<T: FieldValue>(declared: &str, value: &T) -> Result<T, FieldError> {
        let file = rusqlite::Connection::open_in_memory().unwrap();
        file.execute_batch(&format!("CREATE TABLE t (v {declared}) STRICT")).unwrap();
        file.execute("INSERT INTO t VALUES (?1)", [value.to_sql()]).unwrap();
        let mut statement = file.prepare("SELECT v FROM t").unwrap();
        let mut rows = statement.query([]).unwrap();
        crate::table::read_field(rows.next().unwrap().unwrap(), 0)
    }

    #[test]
    fn a_number_out_of_range_names_the_column_and_hides_the_value() {
        let error = through_sqlite::<Wrong>("INTEGER", &Wrong(300)).unwrap_err();
        assert_eq!(error.to_string(), "v holds an integer out of range where u8 was expected");
    }

    #[derive(Debug)]
    struct Wrong(i64);
    impl FieldValue for Wrong {
        fn from_sql(value: ValueRef<'_>) -> Result<Self, FieldError> {
            u8::from_sql(value).map(|number| Wrong(number.into()))
        }
        fn to_sql(&self) -> Value {
            self.0.to_sql()
        }
    }

    #[test]
    fn other_storage_classes_are_refused() {
        assert!(i64::from_sql(ValueRef::Real(3.0)).is_err());
        assert!(i64::from_sql(ValueRef::Text(b"3")).is_err());
        assert!(u64::from_sql(ValueRef::Text(b"+3")).is_err());
        assert!(u64::from_sql(ValueRef::Text(b"18446744073709551616")).is_err());
        assert!(String::from_sql(ValueRef::Blob(b"x")).is_err());
        assert!(String::from_sql(ValueRef::Text(&[0xff])).is_err());
        assert!(f64::from_sql(ValueRef::Integer(i64::MAX)).is_err());
        assert!(f32::from_sql(ValueRef::Real(1e300)).is_err());
        assert!(u8::from_sql(ValueRef::Null).is_err());
    }

    #[test]
    fn null_is_none() {
        assert_eq!(Option::<i64>::from_sql(ValueRef::Null), Ok(None));
        assert_eq!(Option::<i64>::None.to_sql(), Value::Null);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn unsigned_64_round_trips(number in any::<u64>()) {
            prop_assert_eq!(through_sqlite("ANY", &number), Ok(number));
        }

        #[test]
        fn signed_64_round_trips(number in any::<i64>()) {
            prop_assert_eq!(through_sqlite("INTEGER", &number), Ok(number));
        }

        #[test]
        fn doubles_round_trip(number in proptest::num::f64::NORMAL | proptest::num::f64::ZERO) {
            prop_assert_eq!(through_sqlite("REAL", &number), Ok(number));
        }

        #[test]
        fn floats_round_trip(number in proptest::num::f32::NORMAL) {
            prop_assert_eq!(through_sqlite("REAL", &number), Ok(number));
        }

        #[test]
        fn text_round_trips(text in ".*") {
            prop_assert_eq!(through_sqlite("TEXT", &text), Ok(text));
        }

        #[test]
        fn bytes_round_trip(bytes in proptest::collection::vec(any::<u8>(), 0..50)) {
            prop_assert_eq!(through_sqlite("BLOB", &bytes), Ok(bytes));
        }
    }
}
