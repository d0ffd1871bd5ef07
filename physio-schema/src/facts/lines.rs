//! Facts as lines of text, for files beside a dump: T table, C column, K key, F foreign key, X check.

use super::{KeyFacts, KeyPartFacts, TableFacts};
use std::fmt::Write;

impl TableFacts {
    /// One fact a line, without an order among the kinds; what stands in `.facts` files.
    ///
    /// ```
    /// use physio_schema::dump::{DumpOptions, parse};
    /// use physio_schema::facts::TableFacts;
    /// let dump = parse(b"CREATE TABLE t (a int, KEY (a));", &DumpOptions::default()).unwrap();
    /// let lines = TableFacts::of(None, &dump.schema.tables[0]).lines();
    /// assert_eq!(lines[1], "C\t-\tt\t1\ta\tint(11)\tYES\tNULL\t\t-\t");
    /// assert_eq!(lines[2], "K\t-\tt\ta\tindex\ta");
    /// ```
    pub fn lines(&self) -> Vec<String> {
        let name = format!("{}\t{}", self.table_schema.as_deref().unwrap_or("-"), self.table_name);
        let mut lines = vec![format!(
            "T\t{name}\t{}\t{}\t{}",
            self.engine,
            self.table_collation,
            self.table_comment.replace('\n', "\\n")
        )];
        for column in &self.columns {
            lines.push(format!(
                "C\t{name}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                column.ordinal_position,
                column.column_name,
                column.column_type,
                column.is_nullable,
                column.column_default.as_deref().unwrap_or("(none)"),
                column.extra,
                column.collation_name.as_deref().unwrap_or("-"),
                column.column_comment.replace('\n', "\\n"),
            ));
        }
        lines.extend(self.keys.iter().map(|key| format!("K\t{name}\t{}", key.text())));
        for key in &self.foreign_keys {
            lines.push(format!(
                "F\t{name}\t{}\t{}\t{}\t{}\t{}\t{}",
                key.constraint_name,
                key.columns.join(","),
                key.referenced_table_name,
                key.referenced_columns.join(","),
                key.delete_rule,
                key.update_rule,
            ));
        }
        lines.extend(self.checks.iter().map(|check| format!("X\t{name}\t{}", check.constraint_name)));
        lines
    }
}

impl KeyFacts {
    fn text(&self) -> String {
        let kind = match self.kind.as_str() {
            "PRIMARY" | "UNIQUE" => "unique",
            "INDEX" => "index",
            other => other,
        };
        let parts: Vec<String> = self.parts.iter().map(KeyPartFacts::text).collect();
        format!("{}\t{kind}\t{}", self.index_name, parts.join(","))
    }
}

impl KeyPartFacts {
    /// `name(10) D`.
    pub(super) fn text(&self) -> String {
        let mut text = match (&self.column_name, &self.expression) {
            (Some(column), _) => column.clone(),
            (None, expression) => format!("({})", expression.as_deref().unwrap_or_default()),
        };
        if let Some(length) = self.sub_part {
            // Writing to a String cannot fail.
            let _ = write!(text, "({length})");
        }
        if self.descending {
            text.push_str(" D");
        }
        text
    }
}
