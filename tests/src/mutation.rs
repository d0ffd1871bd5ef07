//! The promise that no schema change reaches a user as a failing statement, tried with seeded random changes.
//!
//! One change of the dump at a time (`kind`), and for each (`judge`): where would an application learn of it
//! that names every table, column, type and ENUM member? From the compiler, from `check`, from the handshake? And
//! where the handshake lets a table go on (`handshake`), does every statement work, and is every value read as it
//! was meant?
//! What is worked out by the project's own code is confirmed by the real things for a sample: `compiler` runs
//! rustc over the probe application, `server` a MariaDB.

pub mod compiler;
pub mod handshake;
pub mod judge;
pub mod kind;
mod model;
pub mod probe;
pub mod server;
pub mod values;

use physio_schema::config::{self, Config};
use physio_schema::dump::{self, DumpOptions};
use physio_schema::model::Schema;

/// A physio.toml that syncs every table of a dump, or `only` these.
///
/// ```
/// let config = physio_tests::mutation::config_of(&["patients"]);
/// assert_eq!(config.waves[0].tables, ["patients"]);
/// ```
pub fn config_of(only: &[&str]) -> Config {
    config::parse(&config_text(only)).expect("it is written here")
}

/// The same as text. No table is left out for its tokens: the install SQL makes a table for them.
pub fn config_text(only: &[&str]) -> String {
    let tables = if only.is_empty() { vec!["*"] } else { only.to_vec() };
    format!(
        "[app]\nname = \"probe\"\ndump = \"dump.sql\"\n\n[server.tokens]\ntable = \"probe_tokens\"\ntoken = \"token\"\n\n\
         [access]\nopen = true\n[[waves]]\nname = \"all\"\ntables = {tables:?}\n"
    )
}

/// Reads a dump, or what came of one.
///
/// # Errors
///
/// What in it is not understood.
pub fn read(sql: &str) -> Result<Schema, dump::DumpErrors> {
    Ok(dump::parse(sql.as_bytes(), &DumpOptions::default())?.schema)
}
