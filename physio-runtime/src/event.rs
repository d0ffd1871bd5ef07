//! What the interface is told.

use serde::Serialize;

/// Something that an interface may want to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Rows of a table changed in the cache.
    Rows {
        /// The table.
        table: String,
        /// Row keys as JSON arrays in text form; empty when there were too many to list.
        keys: Vec<String>,
        /// Why.
        cause: Cause,
        /// `_sync_status` of these rows now; `None` when they are gone.
        status: Option<SyncStatus>,
    },
    /// A temporary key became a real one: rows that held it hold the new one now.
    Remapped {
        /// The table.
        table: String,
        /// The temporary key.
        temporary_key: i64,
        /// The server's key.
        server_key: String,
    },
    /// A table's first pull or refresh goes on.
    Progress {
        /// The wave.
        wave: String,
        /// The table.
        table: String,
        /// Rows so far.
        n_rows: u64,
        /// Whether the table is complete.
        complete: bool,
    },
    /// A round of the loop ended.
    Round {
        /// Changes still waiting.
        n_pending: u64,
        /// Units that need a person.
        n_attention: u64,
    },
    /// The bridge answers again, or does not.
    Online {
        /// Whether it answers.
        online: bool,
    },
    /// The token was refused: sync waits for a new one; the outbox is kept.
    LoginNeeded,
    /// The token was refused and the application is asked whether the cache may be wiped
    /// ([`WhenRefused::Wipe`](crate::WhenRefused)).
    WipeAsked {
        /// Changes that the server does not have.
        n_changes: u64,
        /// Values kept for people that no change can send any more.
        n_notices: u64,
    },
    /// The cache was wiped: its files, its key and the token are gone.
    Wiped,
    /// A wipe that the application allowed did not happen, or could not be finished.
    WipeFailed {
        /// Why, and what to do.
        reason: String,
    },
    /// A table of the server differs from the one that the application was built with, and it was not told
    /// before: said once per process and change, not in every round.
    Drift(crate::cache::TableDrift),
    /// The cache file was brought from another schema to this application's when it was opened. Told to the first
    /// who listens; an `attention` follows for each unsent change that no longer fits.
    Migrated {
        /// Fingerprint of the schema that the file had.
        from: String,
        /// Whether the file had the present schema before, and a later one in between.
        is_back_again: bool,
    },
    /// A unit was not taken by the server, or a table could not be synced; it is in the attention list.
    Attention {
        /// The table.
        table: String,
        /// One of the wire's codes.
        code: String,
        /// `table.column`, where one is to blame.
        field: Option<String>,
    },
}

/// Why rows changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// Written here, by any client of the file.
    Local,
    /// Came from the server.
    Pull,
    /// Acknowledged by the server.
    Push,
    /// Both sides changed it.
    Conflict,
}

/// `_sync_status` of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SyncStatus {
    /// The same on both sides, as far as this device knows.
    Synced,
    /// Written here, not yet on the server.
    Pending,
    /// Waits for a person.
    Conflict,
}
