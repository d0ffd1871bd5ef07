//! Parts of a schema as MySQL and MariaDB take them in CREATE and ALTER.

use crate::model::{
    Column, ColumnDefault, ColumnType, ForeignKey, Key, KeyKind, KeyPart, ReferentialAction, Schema, Table,
    quoted,
};

/// A name in backticks.
pub(super) fn quoted_name(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn quoted_names(names: &[String]) -> String {
    names.iter().map(|name| quoted_name(name)).collect::<Vec<_>>().join(", ")
}

/// A whole schema: every table, then the foreign keys, so that the order of tables does not matter.
///
/// ```
/// use physio_schema::{diff::emit_schema, dump::{parse, DumpOptions}};
/// let read = |sql: &str| parse(sql.as_bytes(), &DumpOptions::default()).unwrap().schema;
/// let schema = read("CREATE TABLE a (id int PRIMARY KEY, b int, FOREIGN KEY (b) REFERENCES c (id));
///                    CREATE TABLE c (id int PRIMARY KEY)");
/// assert_eq!(read(&emit_schema(&schema)), schema);
/// ```
pub fn emit_schema(schema: &Schema) -> String {
    let mut text: String = schema.tables.iter().map(|table| format!("{};\n", create_table(table))).collect();
    for table in schema.tables.iter().filter(|table| !table.foreign_keys.is_empty()) {
        let added = table.foreign_keys.iter().map(|key| format!("ADD {}", foreign_key(key)));
        let added: Vec<String> = added.collect();
        text.push_str(&format!("ALTER TABLE {} {};\n", quoted_name(&table.name), added.join(", ")));
    }
    text
}

/// `CREATE TABLE …` without foreign keys.
pub(super) fn create_table(table: &Table) -> String {
    let mut parts: Vec<String> =
        table.columns.iter().map(|column| column_definition(column, own_check(table, column))).collect();
    parts.extend(table.keys.iter().map(key));
    parts.extend(table_checks(table).map(|(name, expression)| check(name, expression)));
    let mut text = format!("CREATE TABLE {} ({})", quoted_name(&table.name), parts.join(", "));
    text.push_str(&format!(" ENGINE={} {}", table.engine, table_charset(&table.collation)));
    if !table.comment.is_empty() {
        text.push_str(&format!(" COMMENT={}", quoted(&table.comment)));
    }
    text
}

/// `DEFAULT CHARACTER SET … COLLATE …`.
pub(super) fn table_charset(collation: &str) -> String {
    format!("DEFAULT CHARACTER SET {} COLLATE {collation}", charset_of(collation))
}

/// The character set that a collation is for.
pub(super) fn charset_of(collation: &str) -> &str {
    collation.split('_').next().unwrap_or(collation)
}

/// The CHECK that stands behind a column: it is named as the column.
pub(super) fn own_check<'a>(table: &'a Table, column: &Column) -> Option<&'a str> {
    let own = table.checks.iter().find(|(name, _)| name.eq_ignore_ascii_case(&column.name));
    own.map(|(_, expression)| expression.as_str())
}

/// The CHECKs of the table itself.
pub(super) fn table_checks(table: &Table) -> impl Iterator<Item = (&str, &str)> {
    let is_own = |name: &str| table.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let checks = table.checks.iter().filter(move |(name, _)| !is_own(name));
    checks.map(|(name, expression)| (name.as_str(), expression.as_str()))
}

/// `` `amount` decimal(10,2) NOT NULL … ``, as CREATE and ALTER take it.
pub(super) fn column_definition(column: &Column, own_check: Option<&str>) -> String {
    let mut text = format!("{} {}", quoted_name(&column.name), column.type_text());
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" CHARACTER SET {} COLLATE {collation}", charset_of(collation)));
    }
    text.push_str(&attributes(column, own_check));
    text
}

/// `decimal(10,2) NOT NULL DEFAULT 0.00`, for people: the collation at the end, without its character set.
pub(super) fn shown_column(column: &Column, own_check: Option<&str>) -> String {
    let mut text = format!("{}{}", column.type_text(), attributes(column, own_check));
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {collation}"));
    }
    text
}

fn attributes(column: &Column, own_check: Option<&str>) -> String {
    let mut text = String::new();
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        text.push_str(&format!(" GENERATED ALWAYS AS ({}) {kind}", generated.expression));
    }
    match column.nullable {
        false => text.push_str(" NOT NULL"),
        // A bare TIMESTAMP is NOT NULL on older servers.
        true if matches!(column.column_type, ColumnType::Timestamp { .. }) => text.push_str(" NULL"),
        true => {}
    }
    if column.generated.is_none()
        && let Some(default) = default_text(column)
    {
        text.push_str(&format!(" DEFAULT {default}"));
    }
    if let Some(fraction) = column.on_update {
        text.push_str(&format!(" ON UPDATE {}", current_timestamp(fraction)));
    }
    if column.auto_increment {
        text.push_str(" AUTO_INCREMENT");
    }
    if column.invisible {
        text.push_str(" INVISIBLE");
    }
    if column.unversioned {
        text.push_str(" WITHOUT SYSTEM VERSIONING");
    }
    if !column.comment.is_empty() {
        text.push_str(&format!(" COMMENT {}", quoted(&column.comment)));
    }
    if let Some(expression) = own_check {
        text.push_str(&format!(" CHECK ({expression})"));
    }
    text
}

fn current_timestamp(fraction: u8) -> String {
    if fraction == 0 { "current_timestamp()".to_owned() } else { format!("current_timestamp({fraction})") }
}

fn default_text(column: &Column) -> Option<String> {
    match &column.default {
        ColumnDefault::Missing => None,
        ColumnDefault::Bytes(bytes) if !matches!(column.column_type, ColumnType::Bit { .. }) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Some(format!("x'{digits}'"))
        }
        ColumnDefault::Expression(expression) => Some(format!("({expression})")),
        ColumnDefault::Null
        | ColumnDefault::Literal(_)
        | ColumnDefault::CurrentTimestamp(_)
        | ColumnDefault::Bytes(_) => column.default_text(),
    }
}

/// ``UNIQUE KEY `name` (`a`, `b`(10) DESC)``.
pub(super) fn key(key: &Key) -> String {
    let name = quoted_name(&key.name);
    let kind = match key.kind {
        KeyKind::Primary => "PRIMARY KEY".to_owned(),
        KeyKind::Unique => format!("UNIQUE KEY {name}"),
        KeyKind::Index => format!("KEY {name}"),
        KeyKind::Fulltext => format!("FULLTEXT KEY {name}"),
        KeyKind::Spatial => format!("SPATIAL KEY {name}"),
        KeyKind::Vector => format!("VECTOR KEY {name}"),
    };
    // Servers report a prefix (32) for spatial keys that nobody may write.
    let may_have_prefix = matches!(key.kind, KeyKind::Primary | KeyKind::Unique | KeyKind::Index);
    let parts: Vec<String> = key.parts.iter().map(|part| key_part(part, may_have_prefix)).collect();
    format!("{kind} ({})", parts.join(", "))
}

fn key_part(part: &KeyPart, may_have_prefix: bool) -> String {
    let mut text = match (&part.column, &part.expression) {
        (Some(column), _) => quoted_name(column),
        (None, expression) => format!("({})", expression.as_deref().unwrap_or_default()),
    };
    if let Some(prefix) = part.prefix.filter(|_| may_have_prefix) {
        text.push_str(&format!("({prefix})"));
    }
    if part.descending {
        text.push_str(" DESC");
    }
    text
}

/// `DROP PRIMARY KEY`, ``DROP KEY `name` ``.
pub(super) fn drop_key(key: &Key) -> String {
    match key.kind {
        KeyKind::Primary => "DROP PRIMARY KEY".to_owned(),
        KeyKind::Unique | KeyKind::Index | KeyKind::Fulltext | KeyKind::Spatial | KeyKind::Vector => {
            format!("DROP KEY {}", quoted_name(&key.name))
        }
    }
}

/// ``CONSTRAINT `name` FOREIGN KEY (`a`) REFERENCES `t` (`b`) ON DELETE CASCADE``.
pub(super) fn foreign_key(key: &ForeignKey) -> String {
    let mut text = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({})",
        quoted_name(&key.name),
        quoted_names(&key.columns),
        quoted_name(&key.referenced_table),
        quoted_names(&key.referenced_columns),
    );
    for (event, action) in [("DELETE", key.on_delete), ("UPDATE", key.on_update)] {
        let action = match action {
            ReferentialAction::Restrict => continue,
            ReferentialAction::NoAction => "NO ACTION",
            ReferentialAction::Cascade => "CASCADE",
            ReferentialAction::SetNull => "SET NULL",
            ReferentialAction::SetDefault => "SET DEFAULT",
        };
        text.push_str(&format!(" ON {event} {action}"));
    }
    text
}

/// ``CONSTRAINT `name` CHECK (…)``.
pub(super) fn check(name: &str, expression: &str) -> String {
    format!("CONSTRAINT {} CHECK ({expression})", quoted_name(name))
}
