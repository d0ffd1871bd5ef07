//! Two descriptions of a schema, table by table: what is on one side only, and what differs.

use super::default::{describe_default, is_same_default};
use super::facts::{ColumnFacts, Facts, TableFacts};
use std::collections::{BTreeMap, BTreeSet};

/// One thing in which the two sides differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) table: String,
    /// `table`, `column amount`, `key PRIMARY`, `foreign key …`, `engine`, `collation`, `column order`.
    pub(crate) what: String,
    /// As the dump has it; `None` when it is not there.
    pub(crate) dump: Option<String>,
    /// As the server has it; `None` when it is not there.
    pub(crate) live: Option<String>,
}

/// Every difference, ordered by table; empty when the server is what the dump says.
pub(crate) fn compare(dump: &Facts, live: &Facts) -> Vec<Difference> {
    let mut found = Vec::new();
    let names: BTreeSet<&String> = dump.tables.keys().chain(live.tables.keys()).collect();
    for name in names {
        match (dump.tables.get(name), live.tables.get(name)) {
            (Some(dump), Some(live)) => Comparison { table: name, found: &mut found }.tables(dump, live),
            (dump, live) => found.push(Difference {
                table: name.clone(),
                what: "table".to_owned(),
                dump: dump.map(describe_table),
                live: live.map(describe_table),
            }),
        }
    }
    found
}

fn describe_table(table: &TableFacts) -> String {
    format!("{} columns", table.columns.len())
}

/// The comparison of one table, adding to what was found.
struct Comparison<'a> {
    table: &'a str,
    found: &'a mut Vec<Difference>,
}

impl Comparison<'_> {
    fn add(&mut self, what: impl Into<String>, dump: Option<String>, live: Option<String>) {
        self.found.push(Difference { table: self.table.to_owned(), what: what.into(), dump, live });
    }

    fn tables(&mut self, dump: &TableFacts, live: &TableFacts) {
        if !dump.engine.eq_ignore_ascii_case(&live.engine) {
            self.add("engine", Some(dump.engine.clone()), Some(live.engine.clone()));
        }
        if dump.collation != live.collation {
            self.add("collation", Some(dump.collation.clone()), Some(live.collation.clone()));
        }
        self.columns(dump, live);
        self.named("key", &dump.keys, &live.keys);
        self.named("foreign key", &dump.foreign_keys, &live.foreign_keys);
    }

    fn columns(&mut self, dump: &TableFacts, live: &TableFacts) {
        for ours in &dump.columns {
            match live.columns.iter().find(|theirs| theirs.name == ours.name) {
                Some(theirs) if is_same_column(ours, theirs) => {}
                theirs => self.add(
                    format!("column {}", ours.name),
                    Some(describe_column(ours)),
                    theirs.map(describe_column),
                ),
            }
        }
        for theirs in &live.columns {
            if !dump.columns.iter().any(|ours| ours.name == theirs.name) {
                self.add(format!("column {}", theirs.name), None, Some(describe_column(theirs)));
            }
        }
        let (ours, theirs) = (shared_order(dump, live), shared_order(live, dump));
        if ours != theirs {
            self.add("column order", Some(ours.join(", ")), Some(theirs.join(", ")));
        }
    }

    fn named(&mut self, kind: &str, dump: &BTreeMap<String, String>, live: &BTreeMap<String, String>) {
        let names: BTreeSet<&String> = dump.keys().chain(live.keys()).collect();
        for name in names {
            let (ours, theirs) = (dump.get(name), live.get(name));
            if ours != theirs {
                self.add(format!("{kind} {name}"), ours.cloned(), theirs.cloned());
            }
        }
    }
}

/// Names of the columns that both have, in the order of the first.
fn shared_order<'a>(first: &'a TableFacts, second: &TableFacts) -> Vec<&'a str> {
    let is_shared = |column: &&ColumnFacts| second.columns.iter().any(|other| other.name == column.name);
    first.columns.iter().filter(is_shared).map(|column| column.name.as_str()).collect()
}

fn is_same_column(a: &ColumnFacts, b: &ColumnFacts) -> bool {
    is_same_type(&a.column_type, &b.column_type)
        && a.nullable == b.nullable
        // A generated column has none; servers differ in how they say so.
        && (a.generated.is_some() || is_same_default(&a.default, &b.default))
        && a.on_update == b.on_update
        && a.auto_increment == b.auto_increment
        && a.generated == b.generated
        && a.collation == b.collation
}

/// MySQL 8 no longer prints display widths (`int`, where MariaDB says `int(11)`); they hold no data.
fn is_same_type(a: &str, b: &str) -> bool {
    a == b || (a.contains('(') != b.contains('(') && without_display_width(a) == without_display_width(b))
}

fn without_display_width(column_type: &str) -> String {
    const WITH_WIDTH: [&str; 6] = ["tinyint", "smallint", "mediumint", "int", "bigint", "year"];
    match column_type.split_once('(') {
        Some((name, rest)) if WITH_WIDTH.contains(&name) && !rest.contains("zerofill") => {
            format!("{name}{}", rest.split_once(')').map_or("", |(_, after)| after))
        }
        _ => column_type.to_owned(),
    }
}

/// `decimal(10,2) not null default '0.00'`.
fn describe_column(column: &ColumnFacts) -> String {
    let mut text = column.column_type.clone();
    text.push_str(if column.nullable { " null" } else { " not null" });
    text.push_str(&format!(" {}", describe_default(&column.default)));
    if let Some(fraction) = column.on_update {
        text.push_str(" on update current_timestamp");
        if fraction > 0 {
            text.push_str(&format!("({fraction})"));
        }
    }
    if column.auto_increment {
        text.push_str(" auto_increment");
    }
    if let Some(kind) = column.generated {
        text.push_str(&format!(" generated {kind}"));
    }
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" {collation}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use physio_schema::model::ColumnDefault;

    fn column(name: &str, column_type: &str) -> ColumnFacts {
        ColumnFacts {
            name: name.into(),
            column_type: column_type.into(),
            nullable: false,
            default: ColumnDefault::Missing,
            on_update: None,
            auto_increment: false,
            generated: None,
            collation: None,
        }
    }

    fn payments(columns: Vec<ColumnFacts>) -> Facts {
        let table = TableFacts { engine: "InnoDB".into(), columns, ..TableFacts::default() };
        Facts { tables: BTreeMap::from([("payments".to_owned(), table)]) }
    }

    fn only_difference(dump: &Facts, live: &Facts) -> Difference {
        let mut found = compare(dump, live);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    #[test]
    fn equal_sides_have_no_difference() {
        let facts = payments(vec![column("id", "int(11)"), column("amount", "decimal(10,2)")]);
        assert_eq!(compare(&facts, &facts), []);
    }

    #[test]
    fn an_added_and_a_dropped_column_are_named() {
        let short = payments(vec![column("id", "int(11)")]);
        let long = payments(vec![column("id", "int(11)"), column("amount", "decimal(10,2)")]);
        let added = only_difference(&short, &long);
        assert_eq!((added.what.as_str(), added.dump), ("column amount", None));
        let dropped = only_difference(&long, &short);
        assert_eq!((dropped.what.as_str(), dropped.live), ("column amount", None));
    }

    #[test]
    fn a_retyped_column_shows_both_types() {
        let found = only_difference(
            &payments(vec![column("amount", "decimal(10,2)")]),
            &payments(vec![column("amount", "double")]),
        );
        assert_eq!(found.dump.as_deref(), Some("decimal(10,2) not null no default"));
        assert_eq!(found.live.as_deref(), Some("double not null no default"));
    }

    #[test]
    fn nullability_alone_is_a_difference() {
        let mut nullable = column("amount", "int(11)");
        nullable.nullable = true;
        let found = only_difference(&payments(vec![column("amount", "int(11)")]), &payments(vec![nullable]));
        assert_eq!(found.live.as_deref(), Some("int(11) null no default"));
    }

    #[test]
    fn the_display_width_that_mysql_8_leaves_out_is_no_difference() {
        assert!(is_same_type("bigint(20) unsigned", "bigint unsigned"));
        assert!(!is_same_type("bigint(20) unsigned", "bigint"));
        assert!(!is_same_type("varchar(20)", "varchar"));
        assert!(!is_same_type("decimal(10,2)", "decimal"));
    }

    #[test]
    fn columns_in_another_order_are_one_difference() {
        let (id, day) = (column("id", "int(11)"), column("day", "date"));
        let found = only_difference(&payments(vec![id.clone(), day.clone()]), &payments(vec![day, id]));
        assert_eq!(found.what, "column order");
    }
}
