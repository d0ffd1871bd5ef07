//! The vocabulary between the machine and its driver.

use crate::event::Event;
use crate::sync::trouble::Trouble;
use std::time::Duration;

/// Position of a table in `Plan::tables`.
pub(crate) type TableIndex = usize;

/// What the driver does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Run this and hand its outcome to `Machine::finish`.
    Run(Task),
    /// Nothing until a wake or this time, in the machine's clock; `None`: until a wake.
    Wait(Option<Duration>),
}

/// One thing that touches the network or the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    /// Read from the cache how far the pull is.
    LoadProgress,
    /// Send the batch in flight or the next one, and apply its answer.
    /// Changes of `held` stay here.
    Push { held: Vec<TableIndex> },
    /// Park the units of the batch in flight.
    RefuseInFlight { code: String, field: Option<String> },
    /// Ask for the present cursor and the fingerprints; store the cursor if there is none.
    Greet,
    /// Fetch and apply the next page of a table's first pull.
    Page { table: TableIndex },
    /// Fetch and apply what changed since the cursor in these tables.
    Delta { tables: Vec<TableIndex> },
    /// Fetch what changed in one table and apply nothing: is this table to blame?
    TryDelta { table: TableIndex },
    /// Compare a table with the server, and bring what differs to what the server has. `tables`: those of a delta, which
    /// comes in between when something differs.
    Audit { table: TableIndex, tables: Vec<TableIndex> },
    /// Forget how much of this table was pulled; it missed changes.
    Reread { table: TableIndex },
    /// Forget cursor and progress, keep rows and outbox.
    RestartPull { last_batch: Option<u64> },
}

#[cfg(feature = "simulation")]
impl Task {
    /// For the record of a simulation.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::LoadProgress => "load progress",
            Self::Push { .. } => "push",
            Self::RefuseInFlight { .. } => "refuse in flight",
            Self::Greet => "greet",
            Self::Page { .. } => "page",
            Self::Delta { .. } => "delta",
            Self::TryDelta { .. } => "try delta",
            Self::Reread { .. } => "reread",
            Self::RestartPull { .. } => "restart pull",
            Self::Audit { .. } => "audit",
        }
    }
}

/// What came of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// `LoadProgress`: tables whose first pull is not complete, and whether they hold rows of it.
    Loaded { has_cursor: bool, incomplete: Vec<(TableIndex, bool)> },
    /// `Push`: whether there was anything to send.
    Pushed { sent: bool, is_other_schema: bool },
    /// `RefuseInFlight`, `Reread`, `RestartPull`, `TryDelta`.
    Done,
    /// `Greet`: tables of which something waits, and whether others were sent back to their first page because
    /// their columns came or changed on the server.
    Greeted { paused: Vec<Paused>, is_reread: bool },
    /// `Page`: rows of this table so far, and whether it is complete now. `is_other_schema`: the bridge's
    /// fingerprint is not the one that was compared.
    Paged { n_rows: u64, complete: bool, is_other_schema: bool },
    /// `Delta`: everything up to the server's present is applied.
    Polled { is_other_schema: bool },
    /// `Delta`: the answer of the batch in flight must be fetched first; nothing was applied.
    PushFirst,
    /// `Page`: the table's page failed; whether the cache holds rows of its first pull nevertheless (whole
    /// chunks that came before).
    PageFailed { trouble: Trouble, has_rows: bool },
    /// `Audit`: whether it came to an end; what else came of it is in the cache.
    Audited { is_complete: bool, is_other_schema: bool },
    /// Any other task.
    Failed(Trouble),
}

/// A table of which something waits because application and server differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paused {
    pub(crate) table: TableIndex,
    /// Whether its rows wait; its changes do in any case.
    pub(crate) is_pull_paused: bool,
    pub(crate) trouble: Trouble,
}

/// Why the machine is woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// A person or the application asks for a full round now.
    Asked,
    /// A person or the application asks for every table to be compared with the server now.
    Audit,
    /// Something was written here.
    Write,
    /// A person decided about a unit; a table may have to be read anew for that.
    Decided,
    /// A table was read whose data is old.
    Stale,
    /// There is a new token.
    Token,
}

/// What the machine tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    /// For the application.
    Emit(Event),
    /// For `sync_history`.
    TableFailed { table: TableIndex, text: String },
    /// A round ended.
    RoundEnded(RoundEnd),
}

/// How a round ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RoundEnd {
    /// Number of the round.
    pub(crate) round: u64,
    /// Whether it was to pull too.
    pub(crate) is_full: bool,
    /// What ended it early.
    pub(crate) trouble: Option<Trouble>,
    /// What did not end it: tables that could not be synced.
    pub(crate) failures: Vec<(TableIndex, Trouble)>,
}
