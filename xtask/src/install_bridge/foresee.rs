//! Why a server takes no triggers: foreseen from its settings, and told from its refusal.

use crate::live;
use anyhow::{Context, Result};
use mysql::prelude::Queryable;
use mysql::{Conn, MySqlError};
use physio_schema::server::Install;
use std::collections::BTreeMap;

/// A sentence about the server's error; its own text may hold names only, never values.
pub(super) fn reason_of(error: &MySqlError) -> String {
    match error.code {
        1419 => {
            "error 1419: the server has a binary log and log_bin_trust_function_creators is off".to_owned()
        }
        1142 | 1044 | 1227 | 1370 => format!("error {}: the user has no TRIGGER privilege", error.code),
        1235 => {
            "error 1235: the application has a trigger for the same event, and this server takes one only"
                .to_owned()
        }
        1146 => "error 1146: the table does not exist".to_owned(),
        1347 => "error 1347: it is a view".to_owned(),
        code => format!("error {code}: {}", error.message),
    }
}

/// Why tables would get no triggers, by name. Settings tell most; only the attempt tells all.
pub(super) fn refusals(conn: &mut Conn, install: &Install) -> Result<BTreeMap<String, String>> {
    let tables = install.triggers.iter().filter(|table| !table.creates.is_empty());
    let names: Vec<String> = tables.map(|table| table.table.clone()).collect();
    let everywhere = privilege(conn)?.or(binary_log(conn)?);
    if let Some(reason) = everywhere {
        return Ok(names.into_iter().map(|name| (name, reason.clone())).collect());
    }
    let taken = if takes_one_trigger_only(conn)? { tables_with_triggers(conn)? } else { Vec::new() };
    let reason = "the application has triggers on it, and this server takes one for each event only";
    let hit = names.into_iter().filter(|name| taken.contains(name));
    Ok(hit.map(|name| (name, reason.to_owned())).collect())
}

fn privilege(conn: &mut Conn) -> Result<Option<String>> {
    let database: String = ask(conn, "SELECT DATABASE()")?;
    let grants: Vec<String> = conn.query("SHOW GRANTS").map_err(live::plain).context("SHOW GRANTS")?;
    let may = grants.iter().any(|grant| grants_triggers(grant, &database));
    Ok((!may).then(|| "the user has no TRIGGER privilege".to_owned()))
}

/// Whether a line of SHOW GRANTS gives TRIGGER on the whole database. Roles are not followed.
fn grants_triggers(grant: &str, database: &str) -> bool {
    let Some((privileges, rest)) = grant.strip_prefix("GRANT ").and_then(|rest| rest.split_once(" ON "))
    else {
        return false;
    };
    let place = rest.split(" TO ").next().unwrap_or_default();
    let escaped = database.replace('_', "\\_");
    let is_here =
        [format!("`{database}`.*"), format!("`{escaped}`.*"), "*.*".to_owned()].contains(&place.to_owned());
    is_here && privileges.split(", ").any(|one| matches!(one, "TRIGGER" | "ALL PRIVILEGES" | "ALL"))
}

fn binary_log(conn: &mut Conn) -> Result<Option<String>> {
    let (log, trusts): (bool, bool) = conn
        .query_first("SELECT @@log_bin, @@log_bin_trust_function_creators")
        .map_err(live::plain)
        .context("the server's settings")?
        .unwrap_or_default();
    if !log || trusts {
        return Ok(None);
    }
    let grants: Vec<String> = conn.query("SHOW GRANTS").map_err(live::plain)?;
    let is_super = grants.iter().any(|grant| {
        grant.contains(" ON *.* ")
            && ["SUPER", "ALL PRIVILEGES", "SET_USER_ID", "SET USER"].iter().any(|one| grant.contains(one))
    });
    let reason = "the server has a binary log and log_bin_trust_function_creators is off (error 1419)";
    Ok((!is_super).then(|| reason.to_owned()))
}

/// MySQL before 5.7.2 and MariaDB before 10.2.3.
fn takes_one_trigger_only(conn: &mut Conn) -> Result<bool> {
    Ok(is_too_old(&ask(conn, "SELECT VERSION()")?))
}

fn is_too_old(version: &str) -> bool {
    let numbers: Vec<u32> = version
        .split(|letter: char| !letter.is_ascii_digit())
        .take(3)
        .map(|number| number.parse().unwrap_or(0))
        .collect();
    let first = if version.contains("MariaDB") { [10, 2, 3] } else { [5, 7, 2] };
    numbers.as_slice() < first.as_slice()
}

/// Tables on which triggers of others stand.
fn tables_with_triggers(conn: &mut Conn) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS
               WHERE TRIGGER_SCHEMA = DATABASE() AND LEFT(TRIGGER_NAME, 8) <> '_physio_'";
    conn.query(sql).map_err(live::plain).context("the list of triggers")
}

fn ask(conn: &mut Conn, sql: &str) -> Result<String> {
    let found: Option<String> = conn.query_first(sql).map_err(live::plain).with_context(|| sql.to_owned())?;
    Ok(found.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{grants_triggers, is_too_old};

    #[test]
    fn grants_are_read_as_the_server_prints_them() {
        let yes = [
            "GRANT ALL PRIVILEGES ON `my\\_app`.* TO `u`@`%`",
            "GRANT SELECT, INSERT, TRIGGER ON `my_app`.* TO `u`@`%`",
            "GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION",
        ];
        let no = [
            "GRANT USAGE ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*0'",
            "GRANT SELECT, INSERT ON `my_app`.* TO `u`@`%`",
            "GRANT ALL PRIVILEGES ON `other`.* TO `u`@`%`",
            "GRANT TRIGGER ON `my_app`.`t` TO `u`@`%`",
        ];
        assert!(yes.iter().all(|grant| grants_triggers(grant, "my_app")));
        assert!(!no.iter().any(|grant| grants_triggers(grant, "my_app")));
    }

    #[test]
    fn old_servers_are_known_by_their_version() {
        assert!(
            ["5.6.51-log", "5.7.1", "5.5.5-10.1.48-MariaDB", "10.2.2-MariaDB"].iter().all(|v| is_too_old(v))
        );
        assert!(
            !["5.7.2", "8.0.36", "10.11.6-MariaDB-0+deb12u1", "10.2.3-MariaDB"].iter().any(|v| is_too_old(v))
        );
    }
}
