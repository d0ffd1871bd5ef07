//! The items of one table.

use super::docs::{code, column_lines, declaration, table_lines};
use super::{ColumnItems, FieldType, InsertPlace, MemberType, Names, TableItems, describe_variants};
use crate::model::{Column, ColumnType, Schema};
use crate::plan::{ColumnPlan, Plan, TablePlan};

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
    let mut taken = ColumnNames {
        fields: Names::default(),
        insert_fields: Names::reserving(&["optional"]),
        constants: Names::reserving(&["TABLE", "DDL", "UPSERT"]),
    };
    let wide = plan.temporary_key_columns();
    let in_dump = schema.table(&table.name);
    let mut member_types = Vec::new();
    let mut columns = Vec::new();
    for (position, column) in table.columns.iter().enumerate() {
        let member_type = describe_member_type(table, column, names);
        let field_type = FieldType::of(
            &column.column_type,
            wide.contains(&(table.name.as_str(), column.name.as_str())),
            member_type.as_ref().map(|member_type| member_type.name.as_str()),
        );
        member_types.extend(member_type);
        let dumped = in_dump.and_then(|table| table.column(&column.name));
        columns.push(describe_column(table, position, field_type, dumped, &mut taken));
    }
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

/// Names that the columns of a table have taken.
struct ColumnNames {
    fields: Names,
    insert_fields: Names,
    constants: Names,
}

fn describe_column(
    table: &TablePlan,
    position: usize,
    field_type: FieldType,
    dumped: Option<&Column>,
    taken: &mut ColumnNames,
) -> ColumnItems {
    let column = &table.columns[position];
    let is_temporary_key = table.temporary_key == Some(position);
    let is_computed = !is_temporary_key && dumped.is_some_and(Column::is_computed);
    let declaration = declaration(column, dumped.is_some_and(|column| column.auto_increment));
    ColumnItems {
        name: column.name.clone(),
        doc: column_lines(column, &declaration, dumped, is_computed),
        declaration,
        field: taken.fields.take_field(&column.name),
        insert_field: taken.insert_fields.take_field(&column.name),
        constant: taken.constants.take_constant(&column.name),
        field_type,
        is_option: column.nullable || is_computed,
        nullable: column.nullable,
        insert: insert_place(table, column, position),
        in_patch: !column.generated && !table.key.contains(&position),
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

#[cfg(test)]
mod tests {
    use crate::config;
    use crate::describe::describe;
    use crate::describe::{InsertPlace, TableItems};
    use crate::dump::{DumpOptions, parse};
    use crate::plan;

    fn tables(sql: &str) -> Vec<TableItems> {
        let config = config::parse(
            "[app]\nname = \"sample\"\ndump = \"dump.sql\"\n[server.tokens]\ntable = \"tokens\"\ntoken = \"t\"\n\
             [access]\nopen = true\n[[waves]]\nname = \"all\"\ntables = [\"*\"]\n",
        );
        let schema = parse(sql.as_bytes(), &DumpOptions::default()).unwrap().schema;
        describe(&plan::build(&schema, &config.unwrap()).unwrap(), &schema).tables
    }

    fn table<'a>(tables: &'a [TableItems], name: &str) -> &'a TableItems {
        tables.iter().find(|table| table.name == name).unwrap()
    }

    fn type_of(table: &TableItems, column: &str) -> String {
        table.columns.iter().find(|known| known.name == column).unwrap().field_type.name()
    }

    #[test]
    fn a_temporary_key_is_followed_through_every_reference() {
        let found = tables(
            "CREATE TABLE a (id int AUTO_INCREMENT PRIMARY KEY);
             CREATE TABLE b (id int PRIMARY KEY REFERENCES a (id), other int);
             CREATE TABLE c (id int PRIMARY KEY, b_id mediumint, CONSTRAINT f FOREIGN KEY (b_id) REFERENCES b (id));",
        );
        assert_eq!(type_of(table(&found, "a"), "id"), "i64");
        assert_eq!(type_of(table(&found, "b"), "id"), "i64");
        assert_eq!(type_of(table(&found, "b"), "other"), "i32");
        assert_eq!(type_of(table(&found, "c"), "b_id"), "i64");
        assert_eq!(type_of(table(&found, "c"), "id"), "i32");
    }

    #[test]
    fn no_two_items_of_a_module_have_one_name() {
        let found = tables(
            "CREATE TABLE orders (id int PRIMARY KEY, `insert` enum('a') NOT NULL);
             CREATE TABLE orders_insert (id int PRIMARY KEY);
             CREATE TABLE `Orders ` (id int PRIMARY KEY);
             CREATE TABLE `1` (id int PRIMARY KEY);",
        );
        let mut names: Vec<&str> = Vec::new();
        for table in &found {
            names.extend(
                [&table.row, &table.insert, &table.optional, &table.patch, &table.module].map(String::as_str),
            );
            names.extend(table.member_types.iter().map(|member| member.name.as_str()));
        }
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{names:?}");
        assert_eq!(table(&found, "orders_insert").row, "OrdersInsert", "a table keeps its own name");
    }

    #[test]
    fn an_insert_leaves_out_what_mysql_makes() {
        let found = tables(
            "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a int NOT NULL, b int NOT NULL DEFAULT 1, c int,
             d int GENERATED ALWAYS AS (a + 1) STORED, optional int NOT NULL, `table` int);",
        );
        let columns = &found[0].columns;
        let places: Vec<InsertPlace> = columns.iter().map(|column| column.insert).collect();
        use InsertPlace::{Absent, Optional, Required};
        assert_eq!(places, [Absent, Required, Optional, Optional, Absent, Required, Optional]);
        assert_eq!(columns[5].insert_field, "optional_2", "`optional` is the insert's own field");
        assert_eq!(columns[6].constant, "TABLE_2");
        let in_patch: Vec<bool> = columns.iter().map(|column| column.in_patch).collect();
        assert_eq!(in_patch, [false, true, true, true, false, true, true]);
    }

    #[test]
    fn what_only_mysql_computes_may_be_absent_in_a_row() {
        let found = tables(
            "CREATE TABLE t (code varchar(9) PRIMARY KEY, n int NOT NULL AUTO_INCREMENT, KEY (n),
             u varchar(36) NOT NULL DEFAULT (uuid()), at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
             x int NOT NULL DEFAULT 3);",
        );
        let is_option: Vec<bool> = found[0].columns.iter().map(|column| column.is_option).collect();
        assert_eq!(is_option, [false, true, true, false, false]);
    }
}
