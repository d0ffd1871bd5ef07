//! Unsent values in a column of another type: what converts without loss does, the rest is for a person.

use super::rebuild::DeclaredColumn;
use crate::cache::rows::RowKey;
use physio_schema::codec::{cell_from_captured, check_wire, wire_from_captured};
use physio_schema::plan::{ColumnPlan, Storage, TablePlan};

/// A column that is held in another way, or takes other values, than when the changes were made.
#[derive(Debug)]
pub(super) struct Retyped<'p> {
    pub(super) column: &'p ColumnPlan,
    old_storage: Storage,
    /// NULL was fine and no longer is.
    is_required_now: bool,
}

impl<'p> Retyped<'p> {
    /// The columns of a table that were retyped. `old` is what the file was made with; without it, the file's own
    /// declarations must do.
    pub(super) fn of(table: &'p TablePlan, old: Option<&TablePlan>, columns: &[DeclaredColumn]) -> Vec<Self> {
        let retyped = |column: &'p ColumnPlan| {
            let declared = columns.iter().find(|declared| declared.name == column.name)?;
            let known = old.and_then(|old| old.position(&declared.was).map(|at| &old.columns[at]));
            let old_storage = known.map_or_else(|| declared.storage(), |known| known.storage);
            let is_same = match known {
                Some(known) => {
                    (known.storage, &known.column_type, known.nullable)
                        == (column.storage, &column.column_type, column.nullable)
                }
                None => old_storage == column.storage,
            };
            let is_required_now = known.is_some_and(|known| known.nullable) && !column.nullable;
            (!is_same).then_some(Self { column, old_storage, is_required_now })
        };
        table.columns.iter().filter_map(retyped).collect()
    }

    /// A captured value as the column holds it now, or why it does not fit.
    pub(super) fn converted(&self, value: Option<&str>) -> Result<Option<String>, &'static str> {
        let Some(text) = value else {
            return if self.is_required_now { Err("not_null") } else { Ok(None) };
        };
        let text = convert(text, self.old_storage, self.column.storage).ok_or("bad_value")?;
        let wire = wire_from_captured(self.column, Some(&text)).map_err(|_| "bad_value")?;
        check_wire(&self.column.column_type, wire.as_deref().unwrap_or_default())?;
        Ok(Some(text))
    }

    /// Whether the cache can hold the value at all.
    pub(super) fn can_hold(&self, value: Option<&str>) -> bool {
        self.old_storage == self.column.storage && cell_from_captured(self.column, value).is_ok()
    }
}

/// A captured row key whose columns were retyped; `None` when a part does not convert.
pub(super) fn converted_key(table: &TablePlan, retyped: &[Retyped<'_>], key: &str) -> Option<String> {
    if !table.key_columns().any(|column| retyped.iter().any(|retyped| retyped.column.name == column.name)) {
        return Some(key.to_owned());
    }
    let parts: Vec<String> = serde_json::from_str(key).ok()?;
    let columns: Vec<&ColumnPlan> = table.key_columns().collect();
    if parts.len() != columns.len() {
        return None;
    }
    let part = |(column, part): (&&ColumnPlan, String)| match retyped
        .iter()
        .find(|retyped| retyped.column.name == column.name)
    {
        Some(retyped) => convert(&part, retyped.old_storage, column.storage),
        None => Some(part),
    };
    let parts: Vec<String> = columns.iter().zip(parts).map(part).collect::<Option<_>>()?;
    let text = serde_json::to_string(&parts).ok()?;
    RowKey::from_captured(table, &text).ok().map(|key| key.text)
}

/// Captured text of one storage as that of another, if nothing is lost on the way (as `rebuild` converts rows).
fn convert(text: &str, old: Storage, new: Storage) -> Option<String> {
    /// Up to here every integer is exact in a double.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if old == new {
        return Some(text.to_owned());
    }
    let is_canonical = |number: &str| (number == text).then(|| text.to_owned());
    match (old, new) {
        (Storage::Blob, _) | (Storage::Integer | Storage::Unsigned64 | Storage::Real, Storage::Blob) => None,
        (Storage::Text, Storage::Blob) => Some(text.bytes().map(|byte| format!("{byte:02X}")).collect()),
        (_, Storage::Text) => Some(text.to_owned()),
        (Storage::Real, Storage::Integer | Storage::Unsigned64) => {
            let number: f64 = text.parse().ok()?;
            let is_exact = number.fract() == 0.0 && number.abs() < EXACT;
            (is_exact && (new == Storage::Integer || number >= 0.0)).then(|| format!("{number:.0}"))
        }
        (_, Storage::Integer) => is_canonical(&text.parse::<i64>().ok()?.to_string()),
        (_, Storage::Unsigned64) => is_canonical(&text.parse::<u64>().ok()?.to_string()),
        (_, Storage::Real) => {
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            let number: f64 = text.parse().ok().filter(|_| is_plain)?;
            let is_exact = old == Storage::Text || number.abs() < EXACT;
            (is_exact && number.is_finite()).then(|| format!("{number:?}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_lossless_converts() {
        use Storage::{Blob, Integer, Real, Text, Unsigned64};
        let cases = [
            ("12", Text, Integer, Some("12")),
            ("012", Text, Integer, None),
            ("12.00", Text, Integer, None),
            ("x", Text, Integer, None),
            ("-1", Integer, Unsigned64, None),
            ("18446744073709551615", Unsigned64, Integer, None),
            ("7", Unsigned64, Integer, Some("7")),
            ("3.0", Real, Integer, Some("3")),
            ("3.5", Real, Integer, None),
            ("3", Integer, Real, Some("3.0")),
            ("9007199254740993", Integer, Real, None),
            ("1e3", Text, Real, Some("1000.0")),
            ("nan", Text, Real, None),
            ("5", Integer, Text, Some("5")),
            ("aZ", Text, Blob, Some("615A")),
            ("615A", Blob, Text, None),
            ("1", Integer, Blob, None),
        ];
        for (text, old, new, expected) in cases {
            assert_eq!(convert(text, old, new).as_deref(), expected, "{text}: {old:?} to {new:?}");
        }
    }
}
