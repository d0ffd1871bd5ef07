//! The lines of a streamed answer.

use super::store::{self, WireRow};
use physio_schema::plan::TablePlan;
use serde_json::{Value, json};

/// An `application/x-ndjson` body under construction.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<u8>);

impl Lines {
    pub(super) fn push(&mut self, line: &Value) {
        self.0.extend_from_slice(line.to_string().as_bytes());
        self.0.push(b'\n');
    }

    /// `{"table":…,"columns":…,"base64":…}`.
    pub(super) fn open_table(&mut self, table: &TablePlan) {
        self.push(&json!({
            "table": table.name,
            "columns": store::column_names(table),
            "base64": store::base64_positions(table),
        }));
    }

    pub(super) fn row(&mut self, row: &WireRow) {
        self.0.extend_from_slice(serde_json::json!(row).to_string().as_bytes());
        self.0.push(b'\n');
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Decimal digits of a limit, at least 1 and at most `most`.
pub(super) fn limit_of(text: Option<&String>, default: u32, most: u32) -> Option<u32> {
    let Some(text) = text else { return Some(default) };
    let digits = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    let limit: u32 = digits.then(|| text.parse().ok()).flatten()?;
    (limit > 0).then(|| limit.min(most))
}
