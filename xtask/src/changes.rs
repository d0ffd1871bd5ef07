//! Changes between two schemas as people, programs and GitHub read them; `diff` and `check` share it.

use crate::dump_lines::DumpLines;
use crate::terminal::{BAD, FAINT, GOOD, HEADING, paint, say};
use anstyle::Style;
use physio_schema::diff::{Change, Class, DiffOptions, RenameOffer, diff_with, offer_renames};
use physio_schema::model::Schema;
use serde_json::{Value, json};

/// All changes from one schema to another, and what is known besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) found: Vec<Change>,
    pub(crate) offers: Vec<RenameOffer>,
    /// Tables that applications hold.
    synced: Vec<String>,
}

/// What the two sides are called in a report.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides {
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
}

impl Changes {
    /// Compares two schemas.
    pub(crate) fn between(older: &Schema, newer: &Schema, options: &DiffOptions) -> Self {
        let found = diff_with(older, newer, options);
        let offers = offer_renames(older, newer, options);
        let synced = found.iter().map(|change| change.table.clone()).filter(|table| options.is_synced(table));
        Self { synced: synced.collect(), found, offers }
    }

    pub(crate) fn is_synced(&self, change: &Change) -> bool {
        self.synced.contains(&change.table)
    }

    /// The weight of the heaviest change.
    pub(crate) fn worst(&self) -> Option<Class> {
        self.found.iter().map(|change| change.class).max()
    }

    /// For people: table by table, each change under its class.
    pub(crate) fn print(&self, sides: Sides) {
        let mut tables: Vec<&str> = Vec::new();
        for change in &self.found {
            if !tables.contains(&change.table.as_str()) {
                tables.push(&change.table);
            }
        }
        for table in tables {
            let of_table: Vec<&Change> = self.found.iter().filter(|change| change.table == table).collect();
            let note = if self.is_synced(of_table[0]) { "" } else { " (not synced)" };
            say(format!("{} {}{}", paint(BAD, "✗"), paint(HEADING, table), paint(FAINT, note)));
            of_table.into_iter().for_each(|change| print_change(change, sides));
        }
        for offer in &self.offers {
            say(format!("{} {offer}", paint(HEADING, "?")));
        }
    }

    /// How many there are of each class, such as `2 break code, 1 additive`.
    pub(crate) fn summary(&self) -> String {
        let counted = Class::ALL.iter().rev().filter_map(|class| {
            let n = self.found.iter().filter(|change| change.class == *class).count();
            (n > 0).then(|| format!("{n} × {class}"))
        });
        counted.collect::<Vec<_>>().join(", ")
    }

    /// One JSON object a change; `file` and `lines` tell where the dump declares what is changed.
    pub(crate) fn to_json(&self, sides: Sides, file: &str, lines: &DumpLines) -> Vec<Value> {
        let to_json = |change: &Change| {
            let mut value = json!({
                "table": change.table, "change": change.kind, "name": change.name, "class": change.class,
                "why": change.why, "synced": self.is_synced(change), "file": file,
                "line": lines.of(&change.table, change.name.as_deref()),
            });
            value[sides.before] = json!(change.before);
            value[sides.after] = json!(change.after);
            value
        };
        self.found.iter().map(to_json).collect()
    }

    /// Renames that may be meant, with the lines for physio.toml.
    pub(crate) fn offers_json(&self) -> Value {
        self.offers
            .iter()
            .map(|offer| {
                json!({ "table": offer.table, "old": offer.old, "new": offer.new, "column": offer.is_column,
                        "declaration": offer.declaration() })
            })
            .collect()
    }

    /// Workflow commands for GitHub, a line a change: annotations at the line of the dump.
    pub(crate) fn to_github(&self, file: &str, lines: &DumpLines) -> Vec<String> {
        let annotation = |change: &Change| {
            let level = match change.class {
                _ if !self.is_synced(change) => "notice",
                Class::BreaksCode => "error",
                Class::NeedsRePull => "warning",
                Class::Additive | Class::Compatible => "notice",
            };
            let line = lines.of(&change.table, change.name.as_deref());
            let title = format!("{}: {} ({})", change.table, change.kind, change.class);
            annotate(level, Some((file, line)), &title, &format!("{change}: {}", change.why))
        };
        let mut all: Vec<String> = self.found.iter().map(annotation).collect();
        all.extend(self.offers.iter().map(|offer| {
            // One of the two names is in the dump that the lines are of.
            let at = |name: &str| lines.of(&offer.table, offer.is_column.then_some(name));
            let line = at(&offer.old).max(at(&offer.new));
            annotate("notice", Some((file, line)), "a rename?", &format!("{offer}"))
        }));
        all
    }
}

fn print_change(change: &Change, sides: Sides) {
    let style: Style = match change.class {
        Class::BreaksCode => BAD,
        Class::NeedsRePull => HEADING,
        Class::Additive | Class::Compatible => GOOD,
    };
    let name = change.name.as_deref().unwrap_or(&change.table);
    say(format!("    {} {} {name}", paint(style, format!("{:<13}", change.class)), change.kind));
    let width = sides.before.len().max(sides.after.len());
    let missing = "not there";
    for (side, style, text) in [(sides.before, GOOD, &change.before), (sides.after, BAD, &change.after)] {
        say(format!(
            "      {} {}",
            paint(style, format!("{side:<width$}")),
            text.as_deref().unwrap_or(missing)
        ));
    }
    say(format!("      {}", paint(FAINT, &change.why)));
}

/// `::error file=…,line=…,title=…::message`.
pub(crate) fn annotate(level: &str, place: Option<(&str, usize)>, title: &str, message: &str) -> String {
    let escaped = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escaped(text).replace(':', "%3A").replace(',', "%2C");
    let mut properties = Vec::new();
    if let Some((file, line)) = place {
        properties.push(format!("file={}", property(file)));
        properties.push(format!("line={line}"));
    }
    properties.push(format!("title={}", property(title)));
    format!("::{level} {}::{}", properties.join(","), escaped(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_ends_an_annotation() {
        assert_eq!(
            annotate("error", Some(("a,b.sql", 3)), "t: c", "100 %\n::error::x"),
            "::error file=a%2Cb.sql,line=3,title=t%3A c::100 %25%0A::error::x"
        );
    }
}
