//! `cargo xtask model`: what a dump holds, in the words of `information_schema`.

use crate::Verdict;
use crate::dump_file::{ReadAs, Reading, read_dump};
use crate::terminal::{FAINT, HEADING, paint, say, say_bad};
use anyhow::Result;
use physio_schema::dump::{Dump, DumpError, DumpWarning, Server, SkippedCounts};
use physio_schema::facts::TableFacts;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Show the tables of a dump as a server would list them, without a server.
///
/// Types, defaults and the rest are spelled as MariaDB 10.11 prints them in `information_schema`, so that the
/// output can be compared with a server's own. What cannot be understood is listed with its place; then the
/// exit code is 1, and the output holds everything else.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask model dump.sql --format json
  cargo xtask model schema.sql --define '{$db_prefix}=smf_' --define ENGINE_TYPE=InnoDB
  cargo xtask model dump.sql --format json --server dump     as the server that wrote it would read it
  zcat dump.sql.gz | cargo xtask model -")]
pub(crate) struct Args {
    /// The dump; `-` is standard input.
    file: PathBuf,
    /// A listing for people, everything as JSON, or the lines of a `.facts` file.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The server whose reading is wanted: version comments, JSON and defaults depend on it.
    /// `mysql-8.0`, `mariadb-10.11`, or `dump` for the one that the dump names.
    #[arg(long, value_name = "SERVER", default_value = "mariadb-10.11")]
    server: ReadAs,
    /// What a bare TIMESTAMP is: the server's `explicit_defaults_for_timestamp`.
    #[arg(long, value_name = "BOOL")]
    explicit_timestamps: Option<bool>,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Facts,
}

/// Reads the dump and prints it.
pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let mut options = args.reading.options(&args.file);
    options.explicit_timestamps = args.explicit_timestamps;
    if let ReadAs::Server(server) = args.server {
        options.server = Some(server);
    }
    let (dump, errors) = match read_dump(&args.file, &options)? {
        Ok(dump) => (dump, Vec::new()),
        Err(errors) => (*errors.partial, errors.errors),
    };
    let tables = tables_of(&dump, args.reading.database.as_deref());
    match args.format {
        Format::Text => show(&dump, &tables),
        Format::Json => say(serde_json::to_string_pretty(&as_json(&dump, &tables, &errors))?),
        Format::Facts => {
            let mut lines: Vec<String> = tables.iter().flat_map(TableFacts::lines).collect();
            lines.sort();
            lines.iter().for_each(say);
        }
    }
    for error in &errors {
        anstream::eprintln!("{}:{error}", args.file.display());
    }
    Ok(if errors.is_empty() { Verdict::Good } else { Verdict::Different })
}

/// Every table of every database, or of the one that is wanted.
fn tables_of(dump: &Dump, wanted: Option<&str>) -> Vec<TableFacts> {
    let databases = dump.databases.iter().filter(|(name, _)| match (name.as_deref(), wanted) {
        (Some(name), Some(wanted)) => name == wanted,
        _ => true,
    });
    databases
        .flat_map(|(name, schema)| schema.tables.iter().map(|table| TableFacts::of(name.as_deref(), table)))
        .collect()
}

fn as_json(dump: &Dump, tables: &[TableFacts], errors: &[DumpError]) -> Value {
    json!({
        "read_as": server_json(dump.server),
        "written_by": dump.written_by.map(server_json),
        "tables": tables,
        "skipped": skipped_json(&dump.skipped),
        "warnings": dump.warnings.iter().map(warning_json).collect::<Vec<_>>(),
        "errors": errors.iter().map(error_json).collect::<Vec<_>>(),
    })
}

fn server_json(server: Server) -> Value {
    Value::String(server.to_string())
}

fn skipped_json(skipped: &SkippedCounts) -> Value {
    json!({
        "data": skipped.data,
        "views": skipped.views,
        "triggers": skipped.triggers,
        "routines": skipped.routines,
        "events": skipped.events,
        "sequences": skipped.sequences,
        "temporary_tables": skipped.temporary_tables,
        "session": skipped.session,
        "accounts": skipped.accounts,
        "other": skipped.other,
    })
}

fn warning_json(warning: &DumpWarning) -> Value {
    json!({ "line": warning.line, "column": warning.column, "message": warning.message })
}

fn error_json(error: &DumpError) -> Value {
    json!({
        "line": error.line,
        "column": error.column,
        "text": error.text,
        "message": error.message,
        "help": error.help,
    })
}

/// For people: a line a table, a line a column, and what was passed over.
fn show(dump: &Dump, tables: &[TableFacts]) {
    for table in tables {
        let database = table.table_schema.as_ref().map(|name| format!("{name}.")).unwrap_or_default();
        let about = format!("{}, {}", table.engine, table.table_collation);
        say(format!(
            "{}  {}",
            paint(HEADING, format!("{database}{}", table.table_name)),
            paint(FAINT, about)
        ));
        for column in &table.columns {
            let null = if column.is_nullable == "YES" { "null" } else { "not null" };
            let mut line = format!("  {:<32}{} {null}", column.column_name, column.column_type);
            if let Some(default) = &column.column_default {
                line.push_str(&format!(" default {default}"));
            }
            if !column.extra.is_empty() {
                line.push_str(&format!(" {}", column.extra));
            }
            say(line);
        }
        if !table.keys.iter().any(|key| key.kind == "PRIMARY") {
            say_bad("no primary key: it can be synced only with `key` in physio.toml");
        }
    }
    let n_columns: usize = tables.iter().map(|table| table.columns.len()).sum();
    let skipped = &dump.skipped;
    say(format!(
        "\n{} tables, {n_columns} columns, read as {}; passed over: {} statements with rows, {} views, \
         {} triggers, {} routines, {} events",
        tables.len(),
        dump.server,
        skipped.data,
        skipped.views.len(),
        skipped.triggers.len(),
        skipped.routines.len(),
        skipped.events.len(),
    ));
    for warning in &dump.warnings {
        say(format!("{} {warning}", paint(FAINT, "note:")));
    }
}
