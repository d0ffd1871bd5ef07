//! On which line of physio.toml each entry stands.

use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// Lines by path: `waves[0].tables[2]`, `tables.patients.hidden[0]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    lines: BTreeMap<String, usize>,
}

impl Places {
    /// The line of an entry, from 1; of the nearest enclosing entry when it has no line of its own.
    pub fn line(&self, path: &str) -> Option<usize> {
        let mut path = path;
        loop {
            if let Some(line) = self.lines.get(path) {
                return Some(*line);
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }

    /// Empty when the text is not TOML at all.
    pub(super) fn of(text: &str) -> Self {
        let mut lines = BTreeMap::new();
        if let Ok(table) = DeTable::parse(text) {
            walk_table(text, "", table.get_ref(), &mut lines);
        }
        Self { lines }
    }
}

/// The line, from 1, of a byte offset.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

fn walk_table(text: &str, path: &str, table: &DeTable<'_>, lines: &mut BTreeMap<String, usize>) {
    for (key, value) in table {
        let name = key.get_ref();
        let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        lines.insert(path.clone(), line_of(text, key.span().start));
        walk_value(text, &path, value.get_ref(), lines);
    }
}

fn walk_value(text: &str, path: &str, value: &DeValue<'_>, lines: &mut BTreeMap<String, usize>) {
    match value {
        DeValue::Table(table) => walk_table(text, path, table, lines),
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = format!("{path}[{index}]");
                lines.insert(path.clone(), line_of(text, item.span().start));
                walk_value(text, &path, item.get_ref(), lines);
            }
        }
        _ => {}
    }
}
