//! What is known of each table's last comparison.

use crate::Result;
use crate::cache::Cache;
use crate::cache::outbox::{load_meta, store_meta};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A table as it was last compared with the server, row by row or by sums that cover every row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableAudit {
    /// The table.
    pub table: String,
    /// Every row without unsent changes was proven to be the server's as it stood at this time or later, UTC.
    pub in_sync_as_of: String,
    /// Rows of the server then.
    pub n_rows: u64,
    /// Rows that were read again one by one, because the sums of their range differ or cannot tell (unsent changes).
    pub n_reread: u64,
    /// Rows that differed, and were brought to what the server has.
    pub n_repaired: u64,
    /// The same of all comparisons so far.
    pub n_repaired_ever: u64,
    /// Fingerprint of the table that was compared: a changed table is not proven.
    #[serde(default)]
    pub fingerprint: String,
}

impl Cache {
    /// The last comparison of each table of the plan that was ever compared, in the plan's order.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn audits(&self) -> Result<Vec<TableAudit>> {
        self.read(|connection| {
            let mut audits = Vec::new();
            for table in &self.plan().tables {
                let known = load_meta(connection, &name_of(&table.name))?;
                let audit = known.and_then(|text| serde_json::from_str::<TableAudit>(&text).ok());
                audits.extend(audit.filter(|audit| audit.fingerprint == table.fingerprint));
            }
            Ok(audits)
        })
    }

    /// Notes a comparison that began at `began` and left no difference.
    pub(crate) fn store_audit(
        &self,
        table: &str,
        began: Timestamp,
        n_rows: u64,
        [n_reread, n_repaired]: [u64; 2],
    ) -> Result<()> {
        let before = self.audits()?.into_iter().find(|audit| audit.table == table);
        let fingerprint = self.plan().table(table).map(|table| table.fingerprint.clone());
        let audit = TableAudit {
            table: table.to_owned(),
            in_sync_as_of: began.to_string(),
            n_rows,
            n_reread,
            n_repaired,
            n_repaired_ever: before.map_or(0, |before| before.n_repaired_ever) + n_repaired,
            fingerprint: fingerprint.unwrap_or_default(),
        };
        // A struct of texts and numbers always serialises.
        let text = serde_json::to_string(&audit).unwrap_or_default();
        self.apply_transaction(|connection| store_meta(connection, &name_of(table), Some(&text)))
    }
}

fn name_of(table: &str) -> String {
    format!("audit.{table}")
}
