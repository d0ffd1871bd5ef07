//! What went wrong with a request, sorted by what the loop does about it.

use crate::bridge::wire::BridgeError;
use crate::error::{Error, ErrorKind};
use physio_schema::wire_codes::{Remedy, wire_code};
use std::time::Duration;

/// A failed task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) kind: TroubleKind,
    /// One of the wire's codes, or one of ours: `offline`, `not_a_bridge`, `local`, `stopped`.
    pub(crate) code: String,
    /// `table` or `table.column`, where one is to blame.
    pub(crate) field: Option<String>,
    /// For people; without values, tokens and SQL.
    pub(crate) text: String,
    /// The server's wish.
    pub(crate) retry_after: Option<Duration>,
    /// `batch_gap`: the last batch that the server knows of this device.
    pub(crate) last_batch: Option<u64>,
}

/// What the loop does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TroubleKind {
    /// No answer of the protocol came: everything waits, with backoff.
    Offline,
    /// The bridge answered that it cannot now: everything waits, with backoff.
    Busy,
    /// The bridge failed at this very request; another may succeed.
    Failed,
    /// Everything waits for a new token.
    Login,
    /// Client and server were generated from different schemas.
    Schema,
    /// The mirror is rebuilt from its first page.
    Resync,
    /// The same request would be refused again.
    Refused,
    /// The cache could not read what came.
    Stopped,
    /// The cache itself failed.
    Local,
}

impl Trouble {
    /// Whether asking for something simpler tells if the bridge or only this request is to blame.
    pub(crate) fn is_worth_a_probe(&self) -> bool {
        matches!(self.kind, TroubleKind::Offline | TroubleKind::Failed)
    }

    /// The table to blame.
    pub(crate) fn table(&self) -> Option<&str> {
        self.field.as_deref().map(|field| field.split_once('.').map_or(field, |(table, _)| table))
    }

    /// As an error for the application.
    pub(crate) fn to_error(&self) -> Error {
        let kind = match self.kind {
            TroubleKind::Offline | TroubleKind::Busy | TroubleKind::Failed => ErrorKind::Offline,
            TroubleKind::Login => ErrorKind::Login,
            TroubleKind::Schema => ErrorKind::Schema,
            TroubleKind::Refused | TroubleKind::Resync => ErrorKind::Refused,
            TroubleKind::Stopped | TroubleKind::Local => ErrorKind::Storage,
        };
        Error::new(kind, self.text.clone())
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self {
            kind: TroubleKind::Local,
            code: "local".into(),
            field: None,
            text: error.to_string(),
            retry_after: None,
            last_batch: None,
        }
    }
}

impl From<BridgeError> for Trouble {
    fn from(error: BridgeError) -> Self {
        let text = error.to_string();
        let own = |kind, code: &str, retry_after| Self {
            kind,
            code: code.into(),
            field: None,
            text: text.clone(),
            retry_after,
            last_batch: None,
        };
        match error {
            BridgeError::Unreachable(_) => own(TroubleKind::Offline, "offline", None),
            BridgeError::NotABridge { retry_after, .. } => {
                own(TroubleKind::Offline, "not_a_bridge", retry_after)
            }
            BridgeError::Stopped(_) => own(TroubleKind::Stopped, "stopped", None),
            BridgeError::Refused { code, status, field, retry_after, last_batch, .. } => {
                Self { kind: sort(&code, status), code, field, text, retry_after, last_batch }
            }
        }
    }
}

fn sort(code: &str, status: u16) -> TroubleKind {
    match code {
        // `internal` may concern one table only (a broken view, a full temporary directory).
        "internal" => return TroubleKind::Failed,
        // The address or the host is set up wrongly; no change is to blame for that.
        "tls_required" | "method_not_allowed" => return TroubleKind::Offline,
        _ => {}
    }
    match wire_code(code).map(|entry| entry.remedy) {
        Some(Remedy::Retry) => TroubleKind::Busy,
        Some(Remedy::Login) => TroubleKind::Login,
        Some(Remedy::Schema) => TroubleKind::Schema,
        Some(Remedy::Resync) => TroubleKind::Resync,
        Some(Remedy::Never) => TroubleKind::Refused,
        None if status == 401 => TroubleKind::Login,
        None if status >= 500 || status == 429 => TroubleKind::Busy,
        None => TroubleKind::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::{Trouble, TroubleKind};
    use crate::bridge::wire::BridgeError;
    use physio_schema::wire_codes::{Remedy, WIRE_CODES};

    fn refused(code: &str, status: u16) -> Trouble {
        Trouble::from(BridgeError::Refused {
            code: code.into(),
            status,
            message: String::new(),
            field: Some("tests.status".into()),
            retry_after: None,
            last_batch: None,
        })
    }

    #[test]
    fn every_wire_code_has_its_remedy() {
        for entry in WIRE_CODES {
            let trouble = refused(entry.code, entry.status);
            let expected = match entry.remedy {
                Remedy::Retry if entry.code == "internal" => TroubleKind::Failed,
                Remedy::Retry => TroubleKind::Busy,
                Remedy::Login => TroubleKind::Login,
                Remedy::Schema => TroubleKind::Schema,
                Remedy::Resync => TroubleKind::Resync,
                Remedy::Never if ["tls_required", "method_not_allowed"].contains(&entry.code) => {
                    TroubleKind::Offline
                }
                Remedy::Never => TroubleKind::Refused,
            };
            assert_eq!(trouble.kind, expected, "{}", entry.code);
            assert_eq!(trouble.table(), Some("tests"));
        }
    }

    #[test]
    fn a_code_of_a_newer_bridge_is_sorted_by_its_status() {
        assert_eq!(refused("brand_new", 503).kind, TroubleKind::Busy);
        assert_eq!(refused("brand_new", 401).kind, TroubleKind::Login);
        assert_eq!(refused("brand_new", 422).kind, TroubleKind::Refused);
    }
}
