//! A request that is not answered with 200: one of the wire's codes.

use physio_schema::plan::TablePlan;
use physio_schema::wire_codes::{WireCode, wire_code};

/// Why a whole request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    entry: &'static WireCode,
    last: Option<u64>,
    field: Option<String>,
}

impl Refusal {
    /// The refusal of a code; one that is not on the list is `internal`.
    pub(super) fn of(code: &str) -> Self {
        const INTERNAL: &WireCode = &WireCode {
            code: "internal",
            status: 500,
            remedy: physio_schema::wire_codes::Remedy::Retry,
            meaning: "The bridge failed; the host's error log has the details.",
        };
        Self { entry: wire_code(code).unwrap_or(INTERNAL), last: None, field: None }
    }

    /// Says which batch the server took last.
    pub(super) fn last(mut self, last: u64) -> Self {
        self.last = Some(last);
        self
    }

    /// Names the table or `table.column` to blame.
    pub(super) fn field(mut self, field: String) -> Self {
        self.field = Some(field);
        self
    }

    #[cfg(test)]
    pub(super) fn code(&self) -> &'static str {
        self.entry.code
    }

    pub(super) fn status(&self) -> u16 {
        self.entry.status
    }

    /// `{"error":{…}}`.
    pub(super) fn body(&self) -> Vec<u8> {
        let mut error = serde_json::json!({"code": self.entry.code, "message": self.entry.meaning});
        if let Some(last) = self.last {
            error["last"] = last.into();
        }
        if let Some(field) = &self.field {
            error["field"] = field.as_str().into();
        }
        serde_json::json!({ "error": error }).to_string().into_bytes()
    }
}

/// The table or `table.column` that SQLite does not find. Its message names things, not values.
pub(super) fn missing_in(error: &rusqlite::Error, table: &TablePlan) -> Option<String> {
    let text = error.to_string();
    if text.contains("no such table: ") {
        return Some(table.name.clone());
    }
    let (_, rest) =
        text.split_once("no such column: ").or_else(|| text.split_once("has no column named "))?;
    let name = rest.split([' ', ',']).next()?.trim_matches('"');
    let known = table.position(name).map(|_| format!("{}.{name}", table.name));
    Some(known.unwrap_or_else(|| table.name.clone()))
}

/// What ends the work on a request early.
#[derive(Debug)]
pub(super) enum Stop {
    /// An answer that the protocol foresees.
    Refused(Refusal),
    /// The store itself failed.
    Store(rusqlite::Error),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

impl Stop {
    /// What an error of a statement about one table means: a table or column that is not there says that the
    /// store is not what the plan says.
    pub(super) fn in_table(error: rusqlite::Error, table: &TablePlan) -> Self {
        match missing_in(&error, table) {
            Some(field) => Refusal::of("schema_changed").field(field).into(),
            None => error.into(),
        }
    }

    pub(super) fn into_refusal(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Store(error) => {
                // The code only: SQLite's message may quote SQL.
                tracing::error!(code = ?error.sqlite_error_code(), "the embedded bridge's store failed");
                Refusal::of("internal")
            }
        }
    }
}
