//! The readable report of `--status`.

use crate::cache::Attention;
use crate::physio::Status;
use std::fmt::Write;

/// Tables, rows, age, what waits to be pushed, and what waits for a person.
pub(super) fn write_report(status: &Status, attention: &[Attention]) -> String {
    let width = status.tables.iter().map(|table| table.table.len()).max().unwrap_or(0).max("table".len());
    let mut text = String::new();
    // Writing to a String cannot fail; the results are dropped on purpose.
    let _ = writeln!(text, "{:width$}  {:>9}  {:>9}  wave", "table", "rows", "in sync");
    for table in &status.tables {
        let age = match table.age_s {
            None => "never".to_owned(),
            Some(seconds) => format!("{} ago", age_text(seconds)),
        };
        let pulled = if table.is_complete { "" } else { " (not complete)" };
        let _ =
            writeln!(text, "{:width$}  {:>9}  {age:>9}  {}{pulled}", table.table, table.n_rows, table.wave);
        if let Some(as_of) = &table.in_sync_as_of {
            let _ = writeln!(text, "{:width$}  = proven as of {}", "", second_of(as_of));
        }
        if let Some(error) = &table.error {
            let _ = writeln!(text, "{:width$}  ! {error}", "");
        }
        // What is paused is among the errors as long as nothing was pulled since.
        let drift = table.drift.as_ref().map(|drift| drift.message.as_str());
        if let Some(message) = drift.filter(|message| table.error.as_deref() != Some(message)) {
            let _ = writeln!(text, "{:width$}  ~ {message}", "");
        }
    }
    let _ =
        writeln!(text, "\npending: {} changes in {} transactions", status.n_pending, status.n_queued_units);
    let _ = writeln!(text, "attention: {}", status.n_attention);
    for unit in attention {
        let field = unit.field.as_deref().unwrap_or("-");
        let keys: Vec<String> =
            unit.changes.iter().map(|change| format!("{} {}", change.table, change.key)).collect();
        let _ = writeln!(text, "  unit {}: {} {field} ({})", unit.unit, unit.code, keys.join(", "));
    }
    text
}

/// `2026-01-02 03:04:05` of a time with all its digits.
fn second_of(time: &str) -> String {
    time.get(..19).unwrap_or(time).replace('T', " ")
}

fn age_text(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::write_report;
    use crate::cache::{DriftClass, TableDrift};
    use crate::physio::{Status, TableStatus};
    use crate::sync::SyncState;

    #[test]
    fn the_report_shows_what_a_person_needs() {
        let table = |name: &str, age_s, error: Option<&str>| TableStatus {
            table: name.into(),
            wave: "priority".into(),
            n_rows: 12,
            is_complete: error.is_none(),
            age_s,
            in_sync_as_of: None,
            error: error.map(Into::into),
            drift: None,
        };
        let drift = TableDrift {
            table: "patients".into(),
            class: DriftClass::BreaksCode,
            fields: vec!["patients.remarks".into()],
            message: "the server no longer has `patients.remarks`".into(),
            is_pull_paused: false,
            is_push_paused: true,
        };
        let as_of = Some("2026-01-02T03:04:05.678Z".into());
        let patients =
            TableStatus { drift: Some(drift), in_sync_as_of: as_of, ..table("patients", Some(7300), None) };
        let status = Status {
            state: SyncState::Local,
            online: None,
            trouble: None,
            last_round_at: None,
            in_sync_as_of: None,
            n_pending: 3,
            n_queued_units: 2,
            n_attention: 0,
            tables: vec![patients, table("tests", None, Some("refused"))],
        };
        assert_eq!(
            write_report(&status, &[]),
            "\
table          rows    in sync  wave
patients         12    2 h ago  priority
          = proven as of 2026-01-02 03:04:05
          ~ the server no longer has `patients.remarks`
tests            12      never  priority (not complete)
          ! refused

pending: 3 changes in 2 transactions
attention: 0
"
        );
    }
}
