//! A new token: 256 random bits, of which the table gets the hash.

use super::Place;
use super::table::{id_of, quoted, sha256};
use crate::terminal::say_good;
use crate::{Verdict, live};
use anyhow::{Context, Result, anyhow, bail};
use mysql::Params;
use mysql::prelude::Queryable;
use physio_schema::model::ColumnType;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Make a token and print it, once.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// Whose it is: a value of the column that physio.toml calls `user`.
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// Days until it expires.
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
    /// How the table holds tokens; the same as `token_storage` in physio-config.php.
    #[arg(long, value_enum, default_value_t = Storage::Sha256)]
    storage: Storage,
    /// A value for another column of the table; may be repeated.
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Write it to a new file that only you can read, not to the screen.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Storage {
    /// Its SHA-256, so that a leaked backup opens nothing.
    Sha256,
    /// As it is sent, for tables that hold such tokens already.
    Plain,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (column, value) = text.split_once('=').ok_or("it has the form COLUMN=VALUE")?;
    Ok((column.to_owned(), value.to_owned()))
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    let mut table = args.place.open()?;
    let token = random_token()?;
    let stored = match args.storage {
        Storage::Sha256 => sha256(&token),
        Storage::Plain => token.clone(),
    };
    check_room(table.column(&table.config.token)?, &stored)?;

    let mut columns = vec![table.config.token.clone()];
    let mut values = vec!["?".to_owned()];
    let mut bound = vec![stored.clone()];
    if let Some(user) = &args.user {
        columns.push(table.user_column()?.to_owned());
        values.push("?".to_owned());
        bound.push(user.clone());
    }
    for (column, value) in &args.set {
        columns.push(table.column(column)?.name.clone());
        values.push("?".to_owned());
        bound.push(value.clone());
    }
    if let Some(expires) = table.config.expires.clone() {
        values.push(format!("{} + INTERVAL {} DAY", table.now(table.column(&expires)?), args.days));
        columns.push(expires);
    }
    let given: Vec<&str> = columns.iter().map(String::as_str).collect();
    if let [first, ..] = table.wanting(&given)[..] {
        let is_user = table.config.user.as_deref() == Some(first);
        let help = if is_user { "--user ID".to_owned() } else { format!("--set {first}=VALUE") };
        bail!("`{}.{first}` needs a value: give it with {help}", table.config.table);
    }
    let names: Vec<String> = given.iter().copied().map(quoted).collect();
    let insert = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        quoted(&table.config.table),
        names.join(", "),
        values.join(", ")
    );
    // Before the row exists: a file that cannot be written must not leave a token that nobody has.
    let file = args.token_file.as_deref().map(create_file).transpose()?;
    let bound = Params::Positional(bound.into_iter().map(Into::into).collect());
    let inserted = table.conn.exec_drop(insert, bound).map_err(live::plain);
    if let (Err(_), Some(path)) = (&inserted, &args.token_file) {
        // It is empty and was made a moment ago.
        let _ = std::fs::remove_file(path);
    }
    inserted
        .with_context(|| format!("{} refuses the new row of `{}`", args.place.mysql, table.config.table))?;
    let expiry = match table.config.expires {
        Some(_) => format!("expires in {} days", args.days),
        None => "does not expire".to_owned(),
    };
    say_good(format!("token {} was made; it {expiry}", id_of(&stored)));
    match (file, &args.token_file) {
        (Some(mut file), Some(path)) => {
            writeln!(file, "{token}").with_context(|| format!("cannot write {}", path.display()))?;
            say_good(format!("it is in {}", path.display()));
        }
        _ => anstream::println!("{token}"),
    }
    Ok(Verdict::Good)
}

/// 64 hex digits.
fn random_token() -> Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("the system gives no random bytes: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn check_room(column: &physio_schema::model::Column, stored: &str) -> Result<()> {
    let length = match column.column_type {
        ColumnType::Char { length }
        | ColumnType::Varchar { length }
        | ColumnType::Binary { length }
        | ColumnType::Varbinary { length } => length as usize,
        ColumnType::Text { .. } | ColumnType::Blob { .. } => usize::MAX,
        _ => bail!("`{}` does not hold text, so it cannot hold tokens", column.name),
    };
    if length < stored.len() {
        bail!("`{}` holds {length} characters, a token needs {}: widen it", column.name, stored.len());
    }
    Ok(())
}

/// A new file that only its owner can read.
fn create_file(path: &Path) -> Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).with_context(|| format!("cannot make {}", path.display()))
}
