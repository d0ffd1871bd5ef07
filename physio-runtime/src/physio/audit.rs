//! Comparing the cache with the server.

use super::Physio;
use crate::cache::TableAudit;
use crate::error::Result;
use crate::sync::Command;

impl Physio {
    /// Compares every table with the server now, range by range, and brings what differs to what the server has. Rows
    /// with unsent changes keep them. Gives what is proven of each table; one that differs in its columns, or whose
    /// first pull is not complete, is not compared.
    ///
    /// Costs the server one reading of every table; the same happens by itself every `audit_interval_s` (a day), a few
    /// tables in a round.
    ///
    /// ```no_run
    /// # async fn show(physio: physio_runtime::Physio) -> physio_runtime::Result<()> {
    /// for table in physio.audit().await? {
    ///     println!("{}: in sync as of {}", table.table, table.in_sync_as_of);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`sync_now`](Self::sync_now); `Refused` when the bridge is too old to be asked.
    pub async fn audit(&self) -> Result<Vec<TableAudit>> {
        self.ask(Command::Audit).await??;
        self.audits()
    }

    /// What was proven of each table when it was last compared, without asking anybody.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn audits(&self) -> Result<Vec<TableAudit>> {
        self.cache().audits()
    }
}
