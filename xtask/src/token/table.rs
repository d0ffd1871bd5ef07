//! The table of tokens: which columns it has, how they hold times, and who is who.

use crate::live;
use crate::project::Project;
use anyhow::{Result, anyhow};
use mysql::Conn;
use mysql::prelude::Queryable;
use physio_schema::config::TokenConfig;
use physio_schema::model::{Column, ColumnDefault, ColumnType, Table};
use sha2::{Digest, Sha256};

/// Hex digits by which a token is named.
const ID_DIGITS: usize = 12;

/// The table, with an open connection whose zone is UTC and that refuses values which do not fit.
pub(super) struct TokenTable {
    pub(super) conn: Conn,
    pub(super) config: TokenConfig,
    pub(super) table: Table,
    offset_minutes: i32,
}

/// One row of it.
pub(super) struct Row {
    pub(super) id: String,
    /// What the table holds.
    pub(super) stored: String,
    pub(super) user: String,
    pub(super) expires: String,
    pub(super) state: &'static str,
}

impl TokenTable {
    pub(super) fn new(mut conn: Conn, project: &Project) -> Result<Self> {
        let config = project.config.server.tokens.clone();
        let table = project.schema.table(&config.table).cloned();
        let table = table.ok_or_else(|| anyhow!("the dump has no table `{}`", config.table))?;
        conn.query_drop("SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES'").map_err(live::plain)?;
        Ok(Self { conn, config, table, offset_minutes: project.config.server.time_zone.minutes() })
    }

    pub(super) fn column(&self, name: &str) -> Result<&Column> {
        let table = &self.config.table;
        self.table.column(name).ok_or_else(|| anyhow!("the dump has no column `{name}` in `{table}`"))
    }

    /// The column of the users.
    pub(super) fn user_column(&self) -> Result<&str> {
        let missing =
            || anyhow!("physio.toml names no `user` under [server.tokens], so tokens belong to nobody");
        self.config.user.as_deref().ok_or_else(missing)
    }

    /// SQL for the present moment as the column holds it: a TIMESTAMP in the session's zone, which is UTC, anything
    /// else in the application's.
    pub(super) fn now(&self, column: &Column) -> String {
        match column.column_type {
            ColumnType::Timestamp { .. } => "UTC_TIMESTAMP()".to_owned(),
            _ => format!("(UTC_TIMESTAMP() + INTERVAL {} MINUTE)", self.offset_minutes),
        }
    }

    /// Columns besides `given` that an INSERT must name.
    pub(super) fn wanting(&self, given: &[&str]) -> Vec<&str> {
        let is_needed = |column: &&Column| {
            !column.nullable
                && !column.auto_increment
                && column.generated.is_none()
                && column.default == ColumnDefault::Missing
                && !given.contains(&column.name.as_str())
        };
        self.table.columns.iter().filter(is_needed).map(|column| column.name.as_str()).collect()
    }

    /// Every token, the newest expiry first.
    pub(super) fn rows(&mut self) -> Result<Vec<Row>> {
        let text = |column: &Option<String>| match column {
            Some(name) => format!("COALESCE(CAST({} AS CHAR), '')", quoted(name)),
            None => "''".to_owned(),
        };
        let revoked = match &self.config.revoked {
            Some(name) => format!("COALESCE(CONCAT({}) NOT IN ('', '0'), 0)", quoted(name)),
            None => "0".to_owned(),
        };
        let expired = match &self.config.expires {
            Some(name) => format!("COALESCE({} <= {}, 0)", quoted(name), self.now(self.column(name)?)),
            None => "0".to_owned(),
        };
        let expires = text(&self.config.expires);
        let query = format!(
            "SELECT CAST({} AS CHAR), {}, {expires}, {revoked}, {expired} FROM {} ORDER BY 3 DESC, 1",
            quoted(&self.config.token),
            text(&self.config.user),
            quoted(&self.config.table),
        );
        let found: Vec<(String, String, String, bool, bool)> = self.conn.query(query).map_err(live::plain)?;
        let row =
            |(stored, user, expires, is_revoked, is_expired): (String, String, String, bool, bool)| Row {
                id: id_of(&stored),
                stored,
                user,
                expires,
                state: match (is_revoked, is_expired) {
                    (true, _) => "revoked",
                    (false, true) => "expired",
                    (false, false) => "valid",
                },
            };
        Ok(found.into_iter().map(row).collect())
    }
}

/// By what a token is named without being given away.
pub(super) fn id_of(stored: &str) -> String {
    sha256(stored)[..ID_DIGITS].to_owned()
}

/// In lower-case hex.
pub(super) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_mysql() {
        // SELECT SHA2('abc', 256), which is also FIPS 180-2's first example.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256("abc"), known);
        assert_eq!(id_of("abc"), "ba7816bf8f01");
    }
}
