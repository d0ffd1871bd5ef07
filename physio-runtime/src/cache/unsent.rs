//! What a wipe would destroy: reported first, and given back by whoever decides.

use super::outbox::load_meta;
use super::{Cache, failure};
use crate::{Error, ErrorKind, Result};
use rusqlite::Connection;
use serde::Serialize;

/// Changes of this cache that the server does not have. Made by [`Physio::unsent`](crate::Physio::unsent); a wipe
/// takes it back and refuses when there are changes that it does not cover.
///
/// Serialises to counts and a code; it holds no values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unsent {
    #[serde(skip)]
    device: String,
    #[serde(skip)]
    seen: Seen,
    n_changes: u64,
    n_notices: u64,
    tables: Vec<(String, u64)>,
    code: String,
}

/// How far the numbers of changes and notices had come: what is made later has one beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    last_change: i64,
    first_notice: i64,
}

impl Unsent {
    /// Changes that wait to be sent, are under way, or wait for a person.
    pub fn n_changes(&self) -> u64 {
        self.n_changes
    }

    /// Values that no change can send any more (a column is gone, say) and that are kept for people.
    pub fn n_notices(&self) -> u64 {
        self.n_notices
    }

    /// How many of both each table has.
    pub fn tables(&self) -> &[(String, u64)] {
        &self.tables
    }

    /// Whether the server has everything.
    pub fn is_empty(&self) -> bool {
        self.n_changes == 0 && self.n_notices == 0
    }

    /// Stands for this report outside the process, such as on a command line; [`confirmed_by`](Self::confirmed_by)
    /// reads it.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The report that someone saw earlier and confirms by its code. It covers what that one covered: changes made
    /// since then still keep the wipe from happening.
    ///
    /// # Errors
    ///
    /// `Usage` when the code is none of this cache's.
    pub fn confirmed_by(mut self, code: &str) -> Result<Self> {
        let unknown = || {
            Error::new(
                ErrorKind::Usage,
                format!(
                    "`{code}` is no code of this cache's unsent changes; have them shown and take theirs"
                ),
            )
        };
        let mut parts = code.split('.');
        let (Some(last), Some(first), Some(device), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(unknown());
        };
        let (Ok(last_change), Ok(first_notice)) = (last.parse(), first.parse::<i64>()) else {
            return Err(unknown());
        };
        if device != short(&self.device) {
            return Err(unknown());
        }
        self.seen = Seen { last_change, first_notice: -first_notice };
        code.clone_into(&mut self.code);
        Ok(self)
    }

    /// Refuses when there is something that this report does not cover.
    pub(super) fn check_covers(&self, connection: &Connection) -> Result<()> {
        let Seen { last_change, first_notice } = self.seen;
        if load_meta(connection, "device")?.as_deref() != Some(&self.device) {
            return Err(Error::new(
                ErrorKind::Usage,
                "the unsent changes that were shown are another cache's; ask this one for its own",
            ));
        }
        let n_new: i64 = connection.query_row(
            "SELECT (SELECT count(*) FROM _physio_outbox WHERE change_id > ?1)
                  + (SELECT count(*) FROM _physio_conflicts WHERE change_id < ?2)",
            [last_change, first_notice],
            |row| row.get(0),
        )?;
        if n_new == 0 {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Unsent,
            format!(
                "{n_new} unsent changes came after those that were shown, and a wipe would destroy them; show what is \
                 unsent now and ask again, or sync first (nothing was changed)"
            ),
        ))
    }
}

fn short(device: &str) -> &str {
    device.get(..8).unwrap_or(device)
}

impl Cache {
    /// What is unsent now; see [`Physio::unsent`](crate::Physio::unsent).
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn unsent(&self) -> Result<Unsent> {
        self.read(|connection| {
            // One statement is one state of the file.
            let (last_change, first_notice, n_changes, n_notices) = connection.query_row(
                "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = '_physio_outbox'), 0),
                            coalesce((SELECT max(change_id) FROM _physio_outbox), 0)),
                        (SELECT min(0, coalesce(min(change_id), 0)) FROM _physio_conflicts),
                        (SELECT count(*) FROM _physio_outbox),
                        (SELECT count(*) FROM _physio_conflicts WHERE change_id < 0)",
                [],
                |row| {
                    Ok((
                        row.get::<_, i64>(0)?,
                        row.get::<_, i64>(1)?,
                        row.get::<_, i64>(2)?,
                        row.get::<_, i64>(3)?,
                    ))
                },
            )?;
            let count = |n: i64| u64::try_from(n).map_err(|_| failure::damaged("an impossible count"));
            let tables = connection
                .prepare(
                    "SELECT table_name, count(*) FROM (
                       SELECT table_name FROM _physio_outbox
                       UNION ALL SELECT table_name FROM _physio_conflicts WHERE change_id < 0)
                     GROUP BY table_name ORDER BY table_name",
                )?
                .query_and_then([], |row| Ok((row.get(0)?, count(row.get(1)?)?)))?
                .collect::<Result<_>>()?;
            let device = self.device().to_owned();
            Ok(Unsent {
                code: format!("{last_change}.{}.{}", first_notice.unsigned_abs(), short(&device)),
                seen: Seen { last_change, first_notice },
                n_changes: count(n_changes)?,
                n_notices: count(n_notices)?,
                tables,
                device,
            })
        })
    }
}
