//! The other side: the bridge inside the process, or a private MariaDB behind PHP's own web server.

use crate::Result;
use mysql::prelude::Queryable;
use physio_runtime::bridge::embedded::{EmbeddedBridge, TableChecksum};
use physio_schema::plan::TablePlan;
use physio_tests::data::{Generator, load_embedded, load_mysql};
use physio_tests::harness::{App, Stack, compare};

/// The bearer token of the demo's one user.
pub(crate) const TOKEN: &str = "token-of-the-demo";

/// Shares of all rows, in percent; every other synced table gets a handful.
const SHARES: &[(&str, u64)] = &[
    ("attendance", 40),
    ("payments", 30),
    ("registration", 6),
    ("patients", 6),
    ("patient_master", 6),
    ("tests", 5),
    ("expenses", 3),
    ("notifications", 2),
    ("quick_inquiry", 2),
];

/// A server with the clinic's tables.
#[derive(Debug)]
pub(crate) enum Server {
    /// In this process.
    Embedded(EmbeddedBridge),
    /// MariaDB and PHP.
    Real(Box<Stack>),
}

impl Server {
    /// Starts it and fills it with `n_rows` synthetic rows.
    pub(crate) fn start(app: &App, is_real: bool, n_rows: u64) -> Result<Self> {
        let wanted: Vec<(&str, u64)> = app
            .plan
            .tables
            .iter()
            .map(|table| {
                let share = SHARES.iter().find(|(name, _)| *name == table.name);
                (table.name.as_str(), share.map_or(8, |(_, percent)| (n_rows * percent / 100).max(8)))
            })
            .collect();
        let generator = Generator::new(&app.schema, 2026, &wanted);
        if is_real {
            // The rows come first: an installed trigger would note each of them for devices that do not exist.
            let stack = Stack::start_bare(app.clone())?;
            load_mysql(&mut stack.connect()?, &generator)?;
            stack.install()?;
            stack.add_token(TOKEN, "NOW() + INTERVAL 1 DAY", false)?;
            Ok(Self::Real(Box::new(stack)))
        } else {
            let bridge = EmbeddedBridge::start(app.plan.clone())?;
            bridge.add_token(TOKEN);
            // Branches and employees refer to each other: the rows are whole only when all are in.
            bridge.with_store(|store| store.pragma_update(None, "foreign_keys", false))?;
            load_embedded(&bridge, &generator)?;
            bridge.with_store(|store| store.pragma_update(None, "foreign_keys", true))?;
            Ok(Self::Embedded(bridge))
        }
    }

    /// What it is, for people.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Embedded(bridge) => format!("the bridge inside this process, at {}", bridge.url()),
            Self::Real(stack) => {
                format!("php-bridge/ on PHP's web server at {}, before a private MariaDB", stack.url())
            }
        }
    }

    /// Where the bridge is.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Embedded(bridge) => bridge.url(),
            Self::Real(stack) => stack.url(),
        }
    }

    /// Rows and checksum of a table.
    pub(crate) fn checksum(&self, table: &TablePlan) -> Result<TableChecksum> {
        Ok(match self {
            Self::Embedded(bridge) => bridge.checksum(&table.name)?,
            Self::Real(stack) => compare::mysql_checksum(&mut stack.connect()?, table)?,
        })
    }

    /// Runs one statement the way another program of the same database would: the website, say.
    pub(crate) fn change_elsewhere(&self, statement: &str) -> Result<()> {
        match self {
            Self::Embedded(bridge) => {
                bridge.with_store(|store| store.execute(statement, []))?;
            }
            Self::Real(stack) => stack.connect()?.query_drop(statement)?,
        }
        Ok(())
    }
}
