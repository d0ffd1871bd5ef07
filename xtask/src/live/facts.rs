//! What two descriptions of a schema are compared by, whichever of them is a dump and which a server.

use physio_schema::model::{
    Column, ColumnDefault, ForeignKey, Key, KeyKind, KeyPart, ReferentialAction, Schema, Table,
};
use std::collections::BTreeMap;

/// All base tables of one database, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) tables: BTreeMap<String, TableFacts>,
}

/// One table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TableFacts {
    pub(crate) engine: String,
    pub(crate) collation: String,
    pub(crate) columns: Vec<ColumnFacts>,
    /// By name; the text says kind and parts: `unique (branch_id, day desc)`.
    pub(crate) keys: BTreeMap<String, String>,
    /// By constraint name: `(role_id) → roles (role_id) on delete cascade`.
    pub(crate) foreign_keys: BTreeMap<String, String>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnFacts {
    pub(crate) name: String,
    /// In MariaDB's `COLUMN_TYPE` spelling.
    pub(crate) column_type: String,
    pub(crate) nullable: bool,
    pub(crate) default: ColumnDefault,
    pub(crate) on_update: Option<u8>,
    pub(crate) auto_increment: bool,
    /// `stored`, `virtual`, or neither.
    pub(crate) generated: Option<&'static str>,
    pub(crate) collation: Option<String>,
}

impl Facts {
    /// The facts of a parsed dump.
    pub(crate) fn of_schema(schema: &Schema) -> Self {
        let tables = schema.tables.iter().map(|table| (table.name.clone(), of_table(table))).collect();
        Self { tables }
    }
}

fn of_table(table: &Table) -> TableFacts {
    TableFacts {
        engine: table.engine.clone(),
        collation: table.collation.clone(),
        columns: table.columns.iter().map(of_column).collect(),
        keys: table.keys.iter().map(|key| (key.name.clone(), describe_key(key))).collect(),
        foreign_keys: table
            .foreign_keys
            .iter()
            .map(|key| (key.name.clone(), describe_foreign_key(key)))
            .collect(),
    }
}

fn of_column(column: &Column) -> ColumnFacts {
    ColumnFacts {
        name: column.name.clone(),
        column_type: column.column_type.to_string(),
        nullable: column.nullable,
        default: column.default.clone(),
        on_update: column.on_update,
        auto_increment: column.auto_increment,
        generated: column.generated.as_ref().map(|g| if g.stored { "stored" } else { "virtual" }),
        collation: column.collation.clone(),
    }
}

/// `primary key (a, b(10), c desc)`.
pub(super) fn describe_key(key: &Key) -> String {
    let kind = match key.kind {
        KeyKind::Primary => "primary key",
        KeyKind::Unique => "unique",
        KeyKind::Index => "index",
        KeyKind::Fulltext => "fulltext",
        KeyKind::Spatial => "spatial",
        KeyKind::Vector => "vector",
    };
    // Full-text and spatial keys have no prefix of their own: servers report one (32) that nobody wrote.
    let has_prefix = !matches!(key.kind, KeyKind::Fulltext | KeyKind::Spatial | KeyKind::Vector);
    let parts: Vec<String> = key.parts.iter().map(|part| describe_part(part, has_prefix)).collect();
    format!("{kind} ({})", parts.join(", "))
}

fn describe_part(part: &KeyPart, has_prefix: bool) -> String {
    let mut text = match (&part.column, &part.expression) {
        (Some(column), _) => column.clone(),
        (None, Some(expression)) => format!("({})", squeeze(expression)),
        (None, None) => "?".to_owned(),
    };
    if let Some(prefix) = part.prefix.filter(|_| has_prefix) {
        text.push_str(&format!("({prefix})"));
    }
    if part.descending {
        text.push_str(" desc");
    }
    text
}

/// `(a) → roles (role_id) on delete cascade on update set null`.
pub(super) fn describe_foreign_key(key: &ForeignKey) -> String {
    let mut text = format!(
        "({}) → {} ({})",
        key.columns.join(", "),
        key.referenced_table,
        key.referenced_columns.join(", ")
    );
    for (event, action) in [("delete", key.on_delete), ("update", key.on_update)] {
        // InnoDB does the same for both, and servers differ in which of the two they report.
        let action = match action {
            ReferentialAction::Restrict | ReferentialAction::NoAction => continue,
            ReferentialAction::Cascade => "cascade",
            ReferentialAction::SetNull => "set null",
            ReferentialAction::SetDefault => "set default",
        };
        text.push_str(&format!(" on {event} {action}"));
    }
    text
}

/// An expression without what servers spell in their own way: case, blanks, backticks, outer parentheses.
pub(super) fn squeeze(expression: &str) -> String {
    let mut text: String =
        expression.chars().filter(|c| !c.is_whitespace() && *c != '`').collect::<String>().to_lowercase();
    while let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        if !is_balanced(inner) {
            break;
        }
        text = inner.to_owned();
    }
    text
}

fn is_balanced(text: &str) -> bool {
    let mut depth = 0_i32;
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_compared_without_spelling() {
        assert_eq!(squeeze("(`Price` * (1 + `tax`))"), "price*(1+tax)");
        assert_eq!(squeeze("(a) + (b)"), "(a)+(b)");
    }

    #[test]
    fn restrict_and_no_action_are_the_same_promise() {
        let mut key = ForeignKey {
            name: "f".into(),
            columns: vec!["role_id".into()],
            referenced_table: "roles".into(),
            referenced_columns: vec!["role_id".into()],
            on_delete: ReferentialAction::Restrict,
            on_update: ReferentialAction::Cascade,
        };
        let restrict = describe_foreign_key(&key);
        key.on_delete = ReferentialAction::NoAction;
        assert_eq!(describe_foreign_key(&key), restrict);
        assert_eq!(restrict, "(role_id) → roles (role_id) on update cascade");
    }
}
