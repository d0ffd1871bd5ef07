//! The comparison for people and for programs: names and keys, never a value.

use comfy_table::{Cell, CellAlignment, Color, Table, presets};
use physio_tests::comparison::{Difference, DifferenceKind, TableComparison};
use physio_tests::timing::grouped;
use serde_json::{Value, json};
use std::path::Path;

/// One line a table, the keys of what differs below.
pub(crate) fn print_text(database: &str, cache: &Path, compared: &[TableComparison]) {
    anstream::println!("{database} and {}", cache.display());
    let mut lines = Table::new();
    lines.load_style(presets::UTF8_FULL_CONDENSED);
    lines.set_header(["table", "server", "cache", "differing", "missing here", "missing there", "unsent"]);
    for table in compared {
        let numbers = [table.n_server, table.n_cache]
            .map(|n| Cell::new(grouped(n)))
            .into_iter()
            .chain([table.n_differing, table.n_missing_here, table.n_missing_there].map(bad))
            .chain([Cell::new(grouped(table.n_unsent))]);
        let right = numbers.map(|cell| cell.set_alignment(CellAlignment::Right));
        lines.add_row(std::iter::once(Cell::new(&table.table)).chain(right).collect::<Vec<_>>());
    }
    anstream::println!("{lines}");
    for table in compared {
        for difference in &table.first {
            anstream::println!("{} {}: {}", table.table, difference.key, words(difference));
        }
        let n_bad = table.n_differing + table.n_missing_here + table.n_missing_there;
        let n_shown = table.first.len() as u64;
        if n_bad > n_shown {
            anstream::println!("{}: {} more (--show N)", table.table, grouped(n_bad - n_shown));
        }
        for key in &table.first_unsent {
            anstream::println!("{} {key}: unsent local changes", table.table);
        }
    }
    let n_bad = compared.iter().filter(|table| !table.is_equal()).count();
    let n_unsent: u64 = compared.iter().map(|table| table.n_unsent).sum();
    let verdict = match n_bad {
        0 => "both sides are equal".to_owned(),
        n => format!("{n} of {} tables differ", compared.len()),
    };
    anstream::println!("{verdict}; {} rows have unsent local changes", grouped(n_unsent));
}

fn bad(number: u64) -> Cell {
    let cell = Cell::new(grouped(number));
    if number == 0 { cell } else { cell.fg(Color::Red) }
}

fn words(difference: &Difference) -> String {
    match &difference.kind {
        DifferenceKind::Columns(columns) => format!("differs in {}", columns.join(", ")),
        DifferenceKind::MissingHere => "missing here".to_owned(),
        DifferenceKind::MissingThere => "missing there".to_owned(),
    }
}

/// The same as one JSON document.
pub(crate) fn print_json(compared: &[TableComparison]) -> anyhow::Result<()> {
    let tables: Vec<Value> = compared.iter().map(table_json).collect();
    let is_equal = compared.iter().all(TableComparison::is_equal);
    let text = serde_json::to_string_pretty(&json!({ "equal": is_equal, "tables": tables }))?;
    anstream::println!("{text}");
    Ok(())
}

fn table_json(table: &TableComparison) -> Value {
    let differences: Vec<Value> = table.first.iter().map(difference_json).collect();
    json!({
        "table": table.table,
        "server": table.n_server,
        "cache": table.n_cache,
        "differing": table.n_differing,
        "missing_here": table.n_missing_here,
        "missing_there": table.n_missing_there,
        "unsent": table.n_unsent,
        "first": differences,
        "first_unsent": table.first_unsent.iter().map(|key| key_json(key)).collect::<Vec<_>>(),
    })
}

fn difference_json(difference: &Difference) -> Value {
    let key = key_json(&difference.key);
    match &difference.kind {
        DifferenceKind::Columns(columns) => json!({ "key": key, "what": "differing", "columns": columns }),
        DifferenceKind::MissingHere => json!({ "key": key, "what": "missing_here" }),
        DifferenceKind::MissingThere => json!({ "key": key, "what": "missing_there" }),
    }
}

fn key_json(key: &str) -> Value {
    serde_json::from_str(key).unwrap_or_else(|_| Value::String(key.to_owned()))
}
