//! What a dump does not say by itself: the server it is for, placeholders, the database to take.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// How a dump is to be read. `DumpOptions::default()` takes everything from the dump itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DumpOptions {
    /// Name of the file, for messages only.
    pub file_name: Option<String>,
    /// The server whose reading is wanted; `None` takes the one named in the dump's header, or
    /// [`Server::DEFAULT`] when the header names none.
    pub server: Option<Server>,
    /// The database to take when the file holds several.
    pub database: Option<String>,
    /// Take what the file holds of every database: that there are several is then no error, and
    /// [`Dump::schema`](super::Dump::schema) is empty when there are.
    pub every_database: bool,
    /// Collation of tables that name none in a database that names none; `None` takes the server's own.
    pub default_collation: Option<String>,
    /// `explicit_defaults_for_timestamp`; `None` takes the server version's default.
    pub explicit_timestamps: Option<bool>,
    /// `foreign_key_checks` of the session that loads the dump, until the dump sets it; `None` is on. MariaDB
    /// spells foreign keys that are added while it is off in another way.
    pub foreign_key_checks: Option<bool>,
    /// Text to put in the place of placeholders, by placeholder (`{$db_prefix}` -> `smf_`).
    pub defines: BTreeMap<String, String>,
}

/// Who reads the dump: it decides which version comments run and what `JSON` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server {
    /// MySQL or MariaDB.
    pub flavour: Flavour,
    /// `major * 10000 + minor * 100 + patch`, as version comments write it: 8.0.36 is 80036.
    pub version: u32,
}

/// The two families, which have gone apart since MySQL 5.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Oracle's MySQL, and Percona's.
    MySql,
    /// MariaDB.
    MariaDb,
}

impl Server {
    /// The server that is taken when neither the caller nor the dump names one: MariaDB 10.11.
    pub const DEFAULT: Self = Self { flavour: Flavour::MariaDb, version: 101_100 };

    /// Whether this is MariaDB.
    pub fn is_mariadb(self) -> bool {
        self.flavour == Flavour::MariaDb
    }

    /// Whether the server runs what stands in `/*!<version> … */` (`None`: no number was written).
    ///
    /// MariaDB passes over the numbers of MySQL 5.7 to 9 (50700 to 99999), which mean things it does
    /// not have.
    pub fn runs_comment(self, version: Option<u32>) -> bool {
        match (self.flavour, version) {
            (_, None) => true,
            (Flavour::MySql, Some(number)) => number <= self.version,
            (Flavour::MariaDb, Some(number)) => {
                number <= self.version && !(50_700..=99_999).contains(&number)
            }
        }
    }

    /// Whether the server runs what stands in `/*M!<version> … */`.
    pub fn runs_mariadb_comment(self, version: Option<u32>) -> bool {
        self.is_mariadb() && version.is_none_or(|number| number <= self.version)
    }

    /// Whether a bare `TIMESTAMP` column is an ordinary nullable one (`explicit_defaults_for_timestamp`).
    pub fn has_explicit_timestamps(self) -> bool {
        match self.flavour {
            Flavour::MySql => self.version >= 80_002,
            Flavour::MariaDb => self.version >= 101_000,
        }
    }

    /// Whether `REFERENCES` behind a column makes a foreign key; MySQL reads it and forgets it.
    pub fn takes_inline_references(self) -> bool {
        match self.flavour {
            Flavour::MySql => self.version >= 90_000,
            Flavour::MariaDb => self.version >= 100_500,
        }
    }
}

/// A text that names no server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownServer(String);

impl fmt::Display for UnknownServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` names no server: write mariadb-10.11, mysql-8.0 or mysql-5.7.44", self.0)
    }
}

impl std::error::Error for UnknownServer {}

/// `mariadb-10.11`, `MySQL 8.0.36`: the flavour, then two or three numbers.
///
/// ```
/// use physio_schema::dump::{Flavour, Server};
/// let server: Server = "mysql-8.0.36".parse().unwrap();
/// assert_eq!(server, Server { flavour: Flavour::MySql, version: 80_036 });
/// assert_eq!("mariadb-10.11".parse(), Ok(Server::DEFAULT));
/// assert!("postgres-16.1".parse::<Server>().is_err());
/// ```
impl FromStr for Server {
    type Err = UnknownServer;

    fn from_str(text: &str) -> Result<Self, UnknownServer> {
        let unknown = || UnknownServer(text.to_owned());
        let lower = text.trim().to_ascii_lowercase();
        let (name, numbers) = lower.split_once(['-', ' ', ':']).ok_or_else(unknown)?;
        let flavour = match name {
            "mysql" | "percona" => Flavour::MySql,
            "mariadb" => Flavour::MariaDb,
            _ => return Err(unknown()),
        };
        let parts: Result<Vec<u32>, _> = numbers.trim().split('.').map(str::parse).collect();
        let parts = parts.map_err(|_| unknown())?;
        match parts.as_slice() {
            [major @ 3..=99, minor @ 0..=99] => Ok(Self { flavour, version: major * 10_000 + minor * 100 }),
            [major @ 3..=99, minor @ 0..=99, patch @ 0..=99] => {
                Ok(Self { flavour, version: major * 10_000 + minor * 100 + patch })
            }
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.flavour {
            Flavour::MySql => "MySQL",
            Flavour::MariaDb => "MariaDB",
        };
        write!(f, "{name} {}.{}.{}", self.version / 10_000, self.version / 100 % 100, self.version % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mariadb_passes_over_the_numbers_of_newer_mysql() {
        let maria = Server::DEFAULT;
        assert!(maria.runs_comment(Some(40_101)) && maria.runs_comment(Some(100_100)));
        assert!(!maria.runs_comment(Some(80_023)) && !maria.runs_comment(Some(999_999)));
        assert!(maria.runs_mariadb_comment(Some(100_301)) && maria.runs_comment(None));
        let mysql = Server { flavour: Flavour::MySql, version: 80_036 };
        assert!(mysql.runs_comment(Some(80_023)) && !mysql.runs_mariadb_comment(None));
        assert_eq!(mysql.to_string(), "MySQL 8.0.36");
    }
}
