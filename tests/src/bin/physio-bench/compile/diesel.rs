//! A schema as `diesel print-schema` writes it: `table!`, `joinable!`, `allow_tables_to_appear_in_same_query!`.

use physio_schema::model::{Column, ColumnType, IntegerWidth, KeyKind, Schema, Table};

/// `schema.rs` of the schema; tables without a primary key are left out, as diesel does.
pub(super) fn emit_schema(schema: &Schema) -> String {
    let tables: Vec<&Table> = schema.tables.iter().filter(|table| table.primary_key().is_some()).collect();
    let mut text: String = tables.iter().map(|table| emit_table(table)).collect();
    let mut joined: Vec<[&str; 2]> = Vec::new();
    for table in &tables {
        for key in table.foreign_keys.iter().filter(|key| key.columns.len() == 1) {
            let (own, parent) = (table.name.as_str(), key.referenced_table.as_str());
            let n_to_parent =
                table.foreign_keys.iter().filter(|other| other.referenced_table == parent).count();
            // Diesel writes no line where two foreign keys lead to one table, where a table refers to itself, or
            // where two refer to each other.
            let is_known = joined.contains(&[own, parent]) || joined.contains(&[parent, own]);
            if n_to_parent == 1 && parent != own && !is_known {
                joined.push([own, parent]);
                text.push_str(&format!("diesel::joinable!({own} -> {parent} ({}));\n", key.columns[0]));
            }
        }
    }
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    text.push_str(&format!(
        "diesel::allow_tables_to_appear_in_same_query!(\n    {},\n);\n",
        names.join(",\n    ")
    ));
    text
}

fn emit_table(table: &Table) -> String {
    let key: Vec<String> = table
        .keys
        .iter()
        .filter(|key| key.kind == KeyKind::Primary)
        .flat_map(|key| &key.parts)
        .filter_map(|part| part.column.as_deref().map(rust_name))
        .collect();
    let columns: String = table.columns.iter().map(emit_column).collect();
    format!("diesel::table! {{\n    {} ({}) {{\n{columns}    }}\n}}\n\n", table.name, key.join(", "))
}

fn emit_column(column: &Column) -> String {
    let sql_type = sql_type(column);
    let sql_type = if column.nullable { format!("Nullable<{sql_type}>") } else { sql_type };
    let name = rust_name(&column.name);
    let renamed = if name == column.name {
        String::new()
    } else {
        format!("        #[sql_name = {:?}]\n", column.name)
    };
    format!("{renamed}        {name} -> {sql_type},\n")
}

/// Diesel puts an underscore behind a keyword and says the name in an attribute.
fn rust_name(name: &str) -> String {
    if ["type", "as", "match", "ref", "use", "where", "in", "for", "self"].contains(&name) {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

fn sql_type(column: &Column) -> String {
    let integer = |name: &str, unsigned: bool| {
        if unsigned { format!("Unsigned<{name}>") } else { name.to_owned() }
    };
    match &column.column_type {
        ColumnType::Integer { width: IntegerWidth::Tiny, display: 1, .. } => "Bool".to_owned(),
        ColumnType::Integer { width, unsigned, .. } => match width {
            IntegerWidth::Tiny => integer("TinyInt", *unsigned),
            IntegerWidth::Small => integer("SmallInt", *unsigned),
            IntegerWidth::Medium | IntegerWidth::Int => integer("Integer", *unsigned),
            IntegerWidth::Big => integer("BigInt", *unsigned),
        },
        ColumnType::Decimal { .. } => "Decimal".to_owned(),
        ColumnType::Float { .. } => "Float".to_owned(),
        ColumnType::Double { .. } => "Double".to_owned(),
        ColumnType::Bit { .. } => "Bit".to_owned(),
        ColumnType::Year { .. } => "Unsigned<SmallInt>".to_owned(),
        ColumnType::Char { length } => format!("Char /* {length} */"),
        ColumnType::Varchar { .. } => "Varchar".to_owned(),
        // `print-schema` makes a type of its own for each ENUM and SET; text is less work for the compiler.
        ColumnType::Text { .. } | ColumnType::Enum { .. } | ColumnType::Set { .. } => "Text".to_owned(),
        ColumnType::Json => "Json".to_owned(),
        ColumnType::Date => "Date".to_owned(),
        ColumnType::DateTime { .. } => "Datetime".to_owned(),
        ColumnType::Timestamp { .. } => "Timestamp".to_owned(),
        ColumnType::Time { .. } => "Time".to_owned(),
        ColumnType::Binary { .. }
        | ColumnType::Varbinary { .. }
        | ColumnType::Blob { .. }
        | ColumnType::Spatial { .. }
        | ColumnType::Vector { .. }
        | ColumnType::Uuid
        | ColumnType::Inet4
        | ColumnType::Inet6 => "Blob".to_owned(),
    }
}
