//! What a local write is refused for, put together into one `CASE` per trigger.

use super::TableInput;
use super::capture::differs;
use super::defaults::emit_default;
use super::internal::{FIRST_TEMPORARY_KEY, LAST_TEMPORARY_KEY};
use super::quote::{quote_identifier, quote_text};
use super::value_checks::emit_value_checks;
use crate::model::{Column, ColumnDefault, ColumnType};
use crate::plan::{ColumnPlan, TablePlan};

/// One reason to refuse a write: a condition over `NEW` (and `OLD`), and a message that says what to do.
pub(super) struct Refusal {
    pub(super) condition: String,
    pub(super) message: String,
}

/// `SELECT CASE WHEN … THEN RAISE(ABORT, …) … END;`, or nothing.
pub(super) fn emit_refusals(refusals: &[Refusal]) -> Option<String> {
    if refusals.is_empty() {
        return None;
    }
    let mut sql = "SELECT CASE".to_owned();
    for refusal in refusals {
        let message = quote_text(&format!("physio: {}", refusal.message));
        sql.push_str(&format!("\n    WHEN {} THEN RAISE(ABORT, {message})", refusal.condition));
    }
    sql.push_str("\n  END;");
    Some(sql)
}

/// What the columns of a new row are refused for.
pub(super) fn insert_refusals(input: &TableInput<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (position, column) in input.table.columns.iter().enumerate() {
        let Some(model) = input.model.column(&column.name) else { continue };
        let place = format!("{}.{}", input.table.name, column.name);
        let value = format!("NEW.{}", quote_identifier(&column.name));
        if column.generated {
            refusals.push(Refusal {
                condition: format!("{value} IS NOT NULL"),
                message: format!("{place}: MySQL computes it; leave it out"),
            });
            continue;
        }
        if input.table.temporary_key == Some(position) {
            refusals.push(temporary_key_refusal(input, &place, &value));
            continue;
        }
        if must_be_given(column, model, input.utc_offset_minutes) {
            refusals.push(Refusal {
                condition: format!("{value} IS NULL"),
                message: format!("{place}: must not be NULL; give it a value"),
            });
        }
        for (condition, what) in all_value_checks(input, column, &value) {
            refusals.push(Refusal { condition, message: format!("{place}: {what}") });
        }
    }
    refusals
}

/// What changed columns are refused for. Values that were there before are not judged again: a pull may have
/// brought a zero date or an ENUM value that the dump does not know.
pub(super) fn update_refusals(input: &TableInput<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (position, column) in input.table.columns.iter().enumerate() {
        let place = format!("{}.{}", input.table.name, column.name);
        let value = format!("NEW.{}", quote_identifier(&column.name));
        let changed = differs(column);
        if input.table.key.contains(&position) {
            refusals.push(Refusal {
                condition: changed,
                message: format!(
                    "{place}: the key of a row cannot change; delete the row and insert it again"
                ),
            });
            continue;
        }
        if column.generated {
            refusals.push(Refusal { condition: changed, message: format!("{place}: MySQL computes it") });
            continue;
        }
        if !column.nullable {
            refusals.push(Refusal {
                condition: format!("({changed}) AND {value} IS NULL"),
                message: format!("{place}: must not be NULL"),
            });
        }
        for (condition, what) in all_value_checks(input, column, &value) {
            refusals.push(Refusal {
                condition: format!("({changed}) AND ({condition})"),
                message: format!("{place}: {what}"),
            });
        }
    }
    refusals
}

/// Whether an omitted column must hold NULL here because MySQL alone can compute its default.
fn must_be_given(column: &ColumnPlan, model: &Column, utc_offset_minutes: i32) -> bool {
    let filled_by_server = model.auto_increment
        || (matches!(model.default, ColumnDefault::Expression(_) | ColumnDefault::CurrentTimestamp(_))
            && emit_default(column, model, utc_offset_minutes).is_none());
    !column.nullable && !filled_by_server
}

/// The server gives the key. A small one given here could be another row's there.
fn temporary_key_refusal(input: &TableInput<'_>, place: &str, value: &str) -> Refusal {
    let condition = if input.wide_keys {
        format!("{value} IS NULL")
    } else {
        format!("{value} IS NULL OR {value} < {FIRST_TEMPORARY_KEY}")
    };
    Refusal { condition, message: format!("{place}: leave it out; the server gives the key") }
}

fn refers_to_a_row(table: &TablePlan, column: &ColumnPlan) -> bool {
    let position = table.position(&column.name);
    table.references.iter().any(|reference| reference.columns.iter().any(|at| Some(*at) == position))
}

fn all_value_checks(input: &TableInput<'_>, column: &ColumnPlan, value: &str) -> Vec<(String, String)> {
    let mut checks = emit_value_checks(column, value);
    if matches!(column.column_type, ColumnType::Integer { .. }) {
        if refers_to_a_row(input.table, column) {
            // The parent may have been made here: its key is above the column's range until it is pushed.
            for (condition, _) in &mut checks {
                *condition = format!(
                    "{value} NOT BETWEEN {FIRST_TEMPORARY_KEY} AND {LAST_TEMPORARY_KEY} AND {condition}"
                );
            }
        } else {
            let stray = format!(
                "{value} BETWEEN {FIRST_TEMPORARY_KEY} AND {LAST_TEMPORARY_KEY} AND EXISTS (SELECT 1 FROM \
                 _physio_temporary_keys WHERE temporary_key = {value})"
            );
            let what = "holds the key of a row made here; name the column under `references` in physio.toml";
            checks.insert(0, (stray, what.to_owned()));
        }
    }
    // MariaDB's JSON is a text with this check.
    let json = format!("json_valid(`{}`)", column.name);
    if input.model.checks.iter().any(|(_, expression)| expression.trim() == json) {
        checks.push((format!("NOT json_valid({value})"), "must be valid JSON".to_owned()));
    }
    checks
}
