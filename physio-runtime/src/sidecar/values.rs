//! SQLite's values as JSON and back, without rounding what a JavaScript number cannot hold.

use crate::error::{Error, ErrorKind, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::Statement;
use rusqlite::types::{Value as SqlValue, ValueRef};
use serde_json::{Map, Value, json};

/// 2^53 - 1: the last integer that a JavaScript number holds for certain.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Numbers stay numbers where they are exact in JavaScript, else they become text; bytes become
/// `{"$base64": "…"}`.
pub(super) fn to_json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) if number.unsigned_abs() <= MAX_SAFE_INTEGER => json!(number),
        ValueRef::Integer(number) => json!(number.to_string()),
        ValueRef::Real(number) if number.is_finite() => json!(number),
        ValueRef::Real(number) => json!(if number > 0.0 { "Infinity" } else { "-Infinity" }),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => json!(text),
            Err(_) => json!({ "$base64": STANDARD.encode(bytes) }),
        },
        ValueRef::Blob(bytes) => json!({ "$base64": STANDARD.encode(bytes) }),
    }
}

/// The parameters of a statement: an array for `?1…`, an object for `:name`, `@name` and `$name`.
pub(super) fn parse_params(params: Option<Value>) -> Result<Params> {
    match params {
        None | Some(Value::Null) => Ok(Params::Positional(Vec::new())),
        Some(Value::Array(values)) => {
            Ok(Params::Positional(values.into_iter().map(from_json).collect::<Result<_>>()?))
        }
        Some(Value::Object(named)) => {
            let values = named.into_iter().map(|(name, value)| Ok((name, from_json(value)?)));
            Ok(Params::Named(values.collect::<Result<_>>()?))
        }
        Some(_) => Err(usage("params must be an array or an object")),
    }
}

/// Bound values of one statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Params {
    Positional(Vec<SqlValue>),
    Named(Vec<(String, SqlValue)>),
}

impl Params {
    /// In the order of the statement's placeholders.
    pub(super) fn in_order(self, statement: &Statement<'_>) -> Result<Vec<SqlValue>> {
        let named = match self {
            Self::Positional(values) => return Ok(values),
            Self::Named(named) => named,
        };
        let bare = |name: &str| name.trim_start_matches([':', '@', '$']).to_owned();
        (1..=statement.parameter_count())
            .map(|index| {
                let name = statement.parameter_name(index).map(bare);
                let found = named.iter().find(|(given, _)| Some(bare(given)) == name);
                let (_, value) =
                    found.ok_or_else(|| usage("a named parameter of the statement has no value"))?;
                Ok(value.clone())
            })
            .collect()
    }
}

fn from_json(value: Value) -> Result<SqlValue> {
    Ok(match value {
        Value::Null => SqlValue::Null,
        Value::Bool(flag) => SqlValue::Integer(i64::from(flag)),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => SqlValue::Integer(integer),
            // Above 2^63 the cache holds BIGINT UNSIGNED as text.
            (None, _) if number.is_u64() => SqlValue::Text(number.to_string()),
            (None, Some(real)) => SqlValue::Real(real),
            (None, None) => return Err(usage("a number is out of range")),
        },
        Value::String(text) => SqlValue::Text(text),
        Value::Object(object) => SqlValue::Blob(parse_base64(&object)?),
        Value::Array(_) => return Err(usage("a parameter is an array")),
    })
}

fn parse_base64(object: &Map<String, Value>) -> Result<Vec<u8>> {
    match object.get("$base64").and_then(Value::as_str) {
        Some(text) if object.len() == 1 => {
            STANDARD.decode(text).map_err(|_| usage("$base64 does not hold standard base64"))
        }
        _ => Err(usage("a parameter is an object other than {\"$base64\": \"…\"}")),
    }
}

fn usage(message: &str) -> Error {
    Error::new(ErrorKind::Usage, message)
}

#[cfg(test)]
mod tests {
    use super::{Params, parse_params, to_json};
    use rusqlite::types::{Value as SqlValue, ValueRef};
    use serde_json::json;

    #[test]
    fn no_number_is_rounded_on_its_way_to_javascript() {
        let safe = (1_i64 << 53) - 1;
        assert_eq!(to_json(ValueRef::Integer(safe)), json!(safe));
        assert_eq!(to_json(ValueRef::Integer(-safe)), json!(-safe));
        assert_eq!(to_json(ValueRef::Integer(safe + 1)), json!("9007199254740992"));
        assert_eq!(to_json(ValueRef::Integer(i64::MIN)), json!("-9223372036854775808"));
        assert_eq!(to_json(ValueRef::Integer(1 << 52)), json!(1_i64 << 52), "a temporary key is a number");
        assert_eq!(to_json(ValueRef::Real(f64::INFINITY)), json!("Infinity"));
        assert_eq!(to_json(ValueRef::Blob(&[0, 255])), json!({"$base64": "AP8="}));
    }

    #[test]
    fn parameters_keep_their_kind() {
        let given = json!([1, 1.5, "x", null, true, {"$base64": "AP8="}, 18_446_744_073_709_551_615_u64]);
        assert_eq!(
            parse_params(Some(given)).expect("valid"),
            Params::Positional(vec![
                SqlValue::Integer(1),
                SqlValue::Real(1.5),
                SqlValue::Text("x".into()),
                SqlValue::Null,
                SqlValue::Integer(1),
                SqlValue::Blob(vec![0, 255]),
                SqlValue::Text("18446744073709551615".into()),
            ])
        );
        for bad in [json!([[1]]), json!([{"x": 1}]), json!([{"$base64": "?"}]), json!("x"), json!(1)] {
            assert!(parse_params(Some(bad.clone())).is_err(), "{bad}");
        }
    }

    #[test]
    fn named_parameters_find_their_places() {
        let connection = rusqlite::Connection::open_in_memory().expect("SQLite");
        let mut statement = connection.prepare("SELECT :b || $a").expect("valid");
        let params = parse_params(Some(json!({"a": "A", ":b": "B"}))).expect("valid");
        let params = params.in_order(&statement).expect("complete");
        let text: String =
            statement.query_row(rusqlite::params_from_iter(params), |row| row.get(0)).expect("a row");
        assert_eq!(text, "BA");
        let missing = parse_params(Some(json!({"a": "A"}))).expect("valid");
        assert!(missing.in_order(&statement).is_err());
    }
}
