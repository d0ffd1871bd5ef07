//! Tokens that shall open nothing any more.

use super::Place;
use super::table::{Row, TokenTable, quoted};
use crate::terminal::say_good;
use crate::{Verdict, live};
use anyhow::{Context, Result, bail};
use mysql::prelude::Queryable;
use physio_schema::model::ColumnType;

/// Revoke one token, or all of a user's. The next request with it is refused.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// The token's id, as `list` and `create` print it.
    #[arg(long, value_name = "ID", required_unless_present = "user")]
    id: Option<String>,
    /// All tokens of this user.
    #[arg(long, value_name = "ID", conflicts_with = "id")]
    user: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    let mut table = args.place.open()?;
    if args.user.is_some() {
        table.user_column()?;
    }
    let is_meant = |row: &Row| match (&args.id, &args.user) {
        (Some(id), _) => row.id == *id,
        (None, Some(user)) => row.user == *user,
        (None, None) => false,
    };
    let rows: Vec<Row> = table.rows()?.into_iter().filter(is_meant).collect();
    if rows.is_empty() {
        bail!("there is no such token in `{}`; `cargo xtask token list` shows them", table.config.table);
    }
    let statement = statement(&table)?;
    for row in &rows {
        table
            .conn
            .exec_drop(&statement, (&row.stored,))
            .map_err(live::plain)
            .with_context(|| format!("{} refuses to revoke {}", args.place.mysql, row.id))?;
        say_good(format!("token {} is revoked", row.id));
    }
    Ok(Verdict::Good)
}

/// Sets the flag or the time of revocation; where there is neither, lets it expire; else takes the row away.
fn statement(table: &TokenTable) -> Result<String> {
    let name = quoted(&table.config.table);
    // The column may fold case; bytes decide.
    let condition = format!("BINARY {} = BINARY ?", quoted(&table.config.token));
    let assignment = match (&table.config.revoked, &table.config.expires) {
        (Some(revoked), _) => {
            let column = table.column(revoked)?;
            let is_time = matches!(
                column.column_type,
                ColumnType::Date | ColumnType::DateTime { .. } | ColumnType::Timestamp { .. }
            );
            let value = if is_time { table.now(column) } else { "1".to_owned() };
            format!("{} = {value}", quoted(revoked))
        }
        (None, Some(expires)) => format!("{} = {}", quoted(expires), table.now(table.column(expires)?)),
        (None, None) => return Ok(format!("DELETE FROM {name} WHERE {condition}")),
    };
    Ok(format!("UPDATE {name} SET {assignment} WHERE {condition}"))
}
