//! Documentation of generated items: what the dump says of a table or column.

use crate::model::{Column, ColumnDefault};
use crate::plan::{ColumnPlan, TablePlan};

/// `decimal(10,2) NOT NULL`, `int(11) NOT NULL AUTO_INCREMENT`.
pub(super) fn declaration(column: &ColumnPlan, auto_increment: bool) -> String {
    let mut text = column.column_type.to_string();
    if !column.nullable {
        text.push_str(" NOT NULL");
    }
    if auto_increment {
        text.push_str(" AUTO_INCREMENT");
    }
    text
}

/// The lines of a row struct.
pub(super) fn table_lines(table: &TablePlan, comment: &str) -> Vec<String> {
    let mut lines = vec![format!("A row of {}.", code(&table.name))];
    if !table.writable {
        lines.push("Read only: physio.toml says `writable = false`.".to_owned());
    }
    lines.extend(comment_line(comment));
    lines
}

/// The lines of a field.
pub(super) fn column_lines(
    plan: &ColumnPlan,
    declared: &str,
    column: Option<&Column>,
    is_computed: bool,
) -> Vec<String> {
    let mut first = format!("{}: {}", code(&plan.name), code(declared));
    if plan.nullable {
        first.push_str(", may be NULL");
    }
    first.push('.');
    let mut lines = vec![first];
    if let Some(column) = column {
        if let ColumnDefault::Literal(text) = &column.default {
            lines.push(format!("Default: {}.", code(text)));
        }
        if is_computed {
            lines.push("`None` where only MySQL can compute it and has not answered yet.".to_owned());
        }
        lines.extend(comment_line(&column.comment));
    }
    lines
}

fn comment_line(comment: &str) -> Option<String> {
    (!comment.trim().is_empty()).then(|| format!("Comment: {}", code(comment)))
}

/// A code span, so that no text of a dump is taken for markup, a link or a doctest.
///
/// ```
/// assert_eq!(physio_schema::describe::code_span("a `b`"), "`` a `b` ``");
/// ```
pub fn code(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let longest = line.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if line.is_empty() || line.starts_with('`') || line.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{line}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn no_text_breaks_out_of_its_code_span() {
        assert_eq!(code("plain"), "`plain`");
        assert_eq!(code("a `b`\n  c"), "``a `b` c``");
        assert_eq!(code("``x"), "``` ``x ```");
    }
}
