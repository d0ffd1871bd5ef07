//! The oracle of dumps: a private MariaDB loads one, and its `information_schema` is compared with the model.
//!
//! The server gets the file through the `mariadb` client, which cuts it into statements by itself; only the
//! rows are left out. What the server refuses is left out of the model too and told, never hidden.

mod load;
mod read;
mod refused;
mod verify;

pub use load::Refusal;
pub use verify::{Reading, Verified, verify};

use crate::harness::{PrivateMariaDb, Result};
use mysql::Conn;
use mysql::prelude::Queryable;

/// The database of what the dump puts nowhere else.
const HOME: &str = "physio_dump";

/// Databases that are the server's own.
const SYSTEM: [&str; 4] = ["mysql", "sys", "information_schema", "performance_schema"];

/// A private MariaDB that takes one dump after the other.
///
/// ```no_run
/// use physio_tests::oracle::{Oracle, Reading, verify};
/// let mut oracle = Oracle::start()?;
/// let verified = verify(&mut oracle, "dump.sql".as_ref(), &Reading::default())?;
/// assert!(verified.is_equal(), "{verified:?}");
/// # Ok::<(), physio_tests::harness::HarnessError>(())
/// ```
#[derive(Debug)]
pub struct Oracle {
    server: PrivateMariaDb,
    version: String,
    /// The server's own tables may have been touched: it takes no other dump.
    is_used_up: bool,
}

impl Oracle {
    /// Starts the server.
    ///
    /// # Errors
    ///
    /// When MariaDB is not installed or does not start.
    pub fn start() -> Result<Self> {
        let server = start_server()?;
        let version = server.connect(None)?.query_first("SELECT VERSION()")?;
        Ok(Self { server, version: version.unwrap_or_default(), is_used_up: false })
    }

    /// What the server calls its version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// An empty server: every database of the dump before is gone.
    fn clean(&mut self, default_collation: &str) -> Result<()> {
        if self.is_used_up {
            *self = Self::start()?;
        }
        let mut root = self.server.connect(None)?;
        root.query_drop("SET foreign_key_checks = 0")?;
        for database in databases(&mut root)? {
            root.query_drop(format!("DROP DATABASE {}", quoted(&database)))?;
        }
        root.query_drop(format!("SET GLOBAL collation_server = {default_collation}"))?;
        root.query_drop(format!("CREATE DATABASE {HOME} COLLATE {default_collation}"))?;
        Ok(())
    }
}

/// A user of no special power loads the dumps: they cannot change the server for those that follow.
fn start_server() -> Result<PrivateMariaDb> {
    let server = PrivateMariaDb::start(&[
        "--skip-networking",
        "--max-allowed-packet=1G",
        // Old row formats are read as the server of today has them.
        "--innodb-strict-mode=OFF",
    ])?;
    let mut root = server.connect(None)?;
    root.query_drop(format!("CREATE USER {HOME}@localhost IDENTIFIED BY '{HOME}'"))?;
    root.query_drop(format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, \
           SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, \
           CREATE ROUTINE, ALTER ROUTINE, EVENT, TRIGGER, SET USER ON *.* TO {HOME}@localhost"
    ))?;
    // Engines that Debian has as plugins; a server without them refuses what needs them.
    for plugin in ["ha_archive", "ha_blackhole", "ha_federatedx"] {
        drop(root.query_drop(format!("INSTALL SONAME '{plugin}'")));
    }
    Ok(server)
}

/// Databases that somebody made.
fn databases(conn: &mut Conn) -> Result<Vec<String>> {
    let names: Vec<String> = conn.query("SELECT schema_name FROM information_schema.schemata")?;
    Ok(names.into_iter().filter(|name| !SYSTEM.contains(&name.as_str())).collect())
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
