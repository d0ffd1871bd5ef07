//! The shape of a push: exactly the members that the protocol names, and nothing else.

use crate::bridge::wire::Batch;
use serde_json::Value;
use std::collections::BTreeSet;

/// A batch whose every object has the right members; what it says of tables and values is checked later.
pub(super) fn parse_batch(body: &[u8]) -> Option<Batch> {
    let json: Value = serde_json::from_slice(body).ok()?;
    has_members(&json, &["v", "device", "batch", "units"], &[]).then_some(())?;
    let mut names = BTreeSet::new();
    for unit in json["units"].as_array()? {
        has_members(unit, &["unit", "changes"], &[]).then_some(())?;
        let name = unit["unit"].as_str().filter(|name| is_name(name))?;
        names.insert(name).then_some(())?;
        let changes = unit["changes"].as_array()?;
        (!changes.is_empty() && changes.iter().all(is_change)).then_some(())?;
    }
    let batch: Batch = serde_json::from_value(json).ok()?;
    (batch.v == 1 && batch.batch > 0 && i64::try_from(batch.batch).is_ok() && !batch.units.is_empty())
        .then_some(batch)
}

fn is_change(change: &Value) -> bool {
    let has_shape = match change["op"].as_str() {
        Some("insert") => has_members(change, &["op", "table", "values"], &["temp"]),
        Some("update") => has_members(change, &["op", "table", "key", "values", "base"], &[]),
        Some("delete") => has_members(change, &["op", "table", "key", "base"], &[]),
        Some(_) | None => false,
    };
    has_shape && change.get("temp").is_none_or(|temp| temp.as_str().is_some_and(is_name))
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.chars().count())
}

fn has_members(value: &Value, required: &[&str], optional: &[&str]) -> bool {
    value.as_object().is_some_and(|object| {
        required.iter().all(|name| object.get(*name).is_some_and(|member| !member.is_null()))
            && object
                .keys()
                .all(|name| required.contains(&name.as_str()) || optional.contains(&name.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surplus_members_and_repeated_units_are_refused() {
        let body =
            |units: &str| format!(r#"{{"v":1,"device":"d","batch":1,"units":[{units}]}}"#).into_bytes();
        let good = r#"{"unit":"1","changes":[{"op":"delete","table":"t","key":["1"],"base":{}}]}"#;
        assert!(parse_batch(&body(good)).is_some());
        assert!(parse_batch(&body(&format!("{good},{good}"))).is_none());
        assert!(parse_batch(&body(&good.replace("\"base\"", "\"sql\":\"x\",\"base\""))).is_none());
        assert!(parse_batch(&body(&good.replace("delete", "truncate"))).is_none());
        assert!(parse_batch(&body("")).is_none());
    }
}
