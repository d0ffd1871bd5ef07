//! The items of one table.

use super::docs::{code, column_lines, declaration, table_lines};
use super::{ColumnItems, FieldType, InsertPlace, MemberType, Names, TableItems, describe_variants};
use physio_schema::model::{ColumnDefault, ColumnType, Schema};
use physio_schema::plan::{ColumnPlan, Plan, TablePlan};
use std::collections::HashSet;

pub(super) fn describe_table(
    plan: &Plan,
    schema: &Schema,
    table: &TablePlan,
    row: String,
    module: String,
    names: &mut Names,
) -> TableItems {
    let insert = names.take_exact(format!("{row}Insert"));
    let optional = names.take_exact(format!("{row}Optional"));
    let patch = names.take_exact(format!("{row}Patch"));
    let wide = temporary_key_columns(plan);
    let mut fields = Names::default();
    let mut insert_fields = Names::reserving(&["optional"]);
    let mut constants = Names::reserving(&["TABLE", "DDL", "UPSERT"]);
    let mut member_types = Vec::new();
    let in_dump = schema.table(&table.name);
    let columns = table
        .columns
        .iter()
        .enumerate()
        .map(|(position, column)| {
            let dumped = in_dump.and_then(|table| table.column(&column.name));
            let member_type = describe_member_type(table, column, names);
            let field_type = FieldType::of(
                &column.column_type,
                wide.contains(&(table.name.as_str(), column.name.as_str())),
                member_type.as_ref().map(|member_type| member_type.name.as_str()),
            );
            member_types.extend(member_type);
            let declared = declaration(column, table.temporary_key == Some(position));
            let is_computed =
                dumped.is_some_and(|column| is_computed_by_mysql(&column.default, &column.column_type));
            ColumnItems {
                name: column.name.clone(),
                doc: column_lines(column, &declared, dumped),
                declaration: declared,
                field: fields.take_field(&column.name),
                insert_field: insert_fields.take_field(&column.name),
                constant: constants.take_constant(&column.name),
                field_type,
                // What MySQL computes is NULL here until the server has answered.
                is_option: column.nullable || column.generated || is_computed,
                nullable: column.nullable,
                insert: insert_place(table, column, position),
                in_patch: !column.generated && !table.key.contains(&position),
            }
        })
        .collect();
    TableItems {
        name: table.name.clone(),
        doc: table_lines(table, in_dump.map_or("", |table| &table.comment)),
        row,
        insert,
        optional,
        patch,
        module,
        writable: table.writable,
        columns,
        key: table.key.clone(),
        member_types,
        ddl: table.sql.create.clone(),
        upsert: table.sql.upsert.clone(),
    }
}

/// Whether only MySQL can tell what an omitted value becomes.
fn is_computed_by_mysql(default: &ColumnDefault, column_type: &ColumnType) -> bool {
    match default {
        ColumnDefault::Expression(_) => true,
        ColumnDefault::CurrentTimestamp(_) => {
            !matches!(column_type, ColumnType::DateTime { .. } | ColumnType::Timestamp { .. })
        }
        ColumnDefault::Missing
        | ColumnDefault::Null
        | ColumnDefault::Literal(_)
        | ColumnDefault::Bytes(_) => false,
    }
}

fn insert_place(table: &TablePlan, column: &ColumnPlan, position: usize) -> InsertPlace {
    if column.generated || table.temporary_key == Some(position) {
        InsertPlace::Absent
    } else if column.optional {
        InsertPlace::Optional
    } else {
        InsertPlace::Required
    }
}

fn describe_member_type(table: &TablePlan, column: &ColumnPlan, names: &mut Names) -> Option<MemberType> {
    let (ColumnType::Enum { members } | ColumnType::Set { members }) = &column.column_type else {
        return None;
    };
    let (variants, unknown) = describe_variants(members);
    Some(MemberType {
        name: names.take_type(&[&table.name, &column.name]),
        doc: format!("A member of {}.", code(&format!("{}.{}", table.name, column.name))),
        variants,
        unknown,
    })
}

/// Columns that may hold a temporary key: the generated keys, and what refers to them through any number
/// of tables.
fn temporary_key_columns(plan: &Plan) -> HashSet<(&str, &str)> {
    let mut found: HashSet<(&str, &str)> = plan
        .tables
        .iter()
        .filter_map(|table| Some((table.name.as_str(), table.columns[table.temporary_key?].name.as_str())))
        .collect();
    loop {
        let before = found.len();
        for table in &plan.tables {
            for reference in &table.references {
                for (&position, parent) in reference.columns.iter().zip(&reference.referenced_columns) {
                    if found.contains(&(reference.table.as_str(), parent.as_str())) {
                        found.insert((table.name.as_str(), table.columns[position].name.as_str()));
                    }
                }
            }
        }
        if found.len() == before {
            return found;
        }
    }
}
