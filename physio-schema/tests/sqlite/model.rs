//! A small clinic and its odd relatives, built by hand.

use physio_schema::model::{
    Column, ColumnDefault, ColumnType, ForeignKey, Generated, IntegerWidth, Key, KeyKind, KeyPart, LobSize,
    ReferentialAction, Schema, Table,
};

pub(crate) const CLINIC: &str = r#"
[app]
name = "clinic"
dump = "clinic.sql"
[server]
time_zone = "+05:30"
[server.tokens]
table = "tokens"
token = "token"
[access]
open = true

[[waves]]
name = "all"
tables = ["*"]
[tables.roles]
writable = false
[tables.patients]
hidden = ["secret"]
"#;

pub(crate) fn integer(width: IntegerWidth, unsigned: bool) -> ColumnType {
    ColumnType::Integer { width, unsigned, zerofill: false, display: 11 }
}

pub(crate) fn int() -> ColumnType {
    integer(IntegerWidth::Int, false)
}

pub(crate) fn big_unsigned() -> ColumnType {
    integer(IntegerWidth::Big, true)
}

pub(crate) fn varchar(length: u32) -> ColumnType {
    ColumnType::Varchar { length }
}

pub(crate) fn decimal(precision: u8, scale: u8) -> ColumnType {
    ColumnType::Decimal { precision, scale, unsigned: false, zerofill: false }
}

pub(crate) fn members(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A column that may be NULL and has no default.
pub(crate) fn column(name: &str, column_type: ColumnType) -> Column {
    let is_text = matches!(
        column_type,
        ColumnType::Char { .. }
            | ColumnType::Varchar { .. }
            | ColumnType::Text { .. }
            | ColumnType::Enum { .. }
            | ColumnType::Set { .. }
    );
    Column { collation: is_text.then(|| "utf8mb4_general_ci".into()), ..Column::new(name, column_type) }
}

/// A column that must be given.
pub(crate) fn required(name: &str, column_type: ColumnType) -> Column {
    Column { nullable: false, default: ColumnDefault::Missing, ..column(name, column_type) }
}

pub(crate) fn auto(name: &str, column_type: ColumnType) -> Column {
    Column { auto_increment: true, ..required(name, column_type) }
}

pub(crate) fn with_default(column: Column, default: ColumnDefault) -> Column {
    Column { default, ..column }
}

pub(crate) fn literal(column: Column, text: &str) -> Column {
    with_default(column, ColumnDefault::Literal(text.into()))
}

pub(crate) fn key(name: &str, kind: KeyKind, columns: &[&str]) -> Key {
    let part = |column: &&str| KeyPart {
        column: Some((*column).to_owned()),
        expression: None,
        prefix: None,
        descending: false,
    };
    Key { name: name.into(), kind, parts: columns.iter().map(part).collect() }
}

pub(crate) fn foreign(
    name: &str,
    columns: &[&str],
    table: &str,
    referenced: &[&str],
    (on_delete, on_update): (ReferentialAction, ReferentialAction),
) -> ForeignKey {
    ForeignKey {
        name: name.into(),
        columns: members(columns),
        referenced_table: table.into(),
        referenced_columns: members(referenced),
        on_delete,
        on_update,
    }
}

pub(crate) fn table(name: &str, columns: Vec<Column>, primary: &[&str], keys: Vec<Key>) -> Table {
    let mut all = vec![key("PRIMARY", KeyKind::Primary, primary)];
    all.extend(keys);
    Table {
        name: name.into(),
        engine: "InnoDB".into(),
        collation: "utf8mb4_general_ci".into(),
        comment: String::new(),
        columns,
        keys: all,
        foreign_keys: Vec::new(),
        checks: Vec::new(),
    }
}

pub(crate) fn schema(mut tables: Vec<Table>) -> Schema {
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    Schema { tables }
}

/// Parents, children of every rule, a text key, a composite key, a table of every type.
pub(crate) fn clinic() -> Schema {
    use ReferentialAction::{Cascade, Restrict, SetNull};
    let branches = table("branches", vec![auto("id", int()), required("name", varchar(40))], &["id"], vec![]);
    let roles = table("roles", vec![auto("id", int()), required("name", varchar(20))], &["id"], vec![]);
    let mut patients = table(
        "patients",
        vec![
            auto("id", int()),
            required("branch_id", int()),
            required("name", varchar(10)),
            column("uid", varchar(20)),
            literal(required("amount", decimal(10, 2)), "0.00"),
            literal(required("status", ColumnType::Enum { members: members(&["active", "gone"]) }), "active"),
            literal(column("visits", integer(IntegerWidth::Tiny, true)), "0"),
            column("remarks", ColumnType::Text { size: LobSize::Normal }),
            column("secret", varchar(20)),
            Column {
                generated: Some(Generated { expression: "upper(`name`)".into(), stored: true }),
                ..column("shout", varchar(10))
            },
            Column {
                on_update: Some(0),
                ..with_default(
                    required("updated_at", ColumnType::Timestamp { fraction: 0 }),
                    ColumnDefault::CurrentTimestamp(0),
                )
            },
        ],
        &["id"],
        vec![key("uid", KeyKind::Unique, &["uid"]), key("branch", KeyKind::Index, &["branch_id", "name"])],
    );
    patients.foreign_keys =
        vec![foreign("fk_branch", &["branch_id"], "branches", &["id"], (Restrict, Restrict))];
    let mut visits = table(
        "visits",
        vec![
            auto("id", int()),
            required("patient_id", int()),
            with_default(
                required("at", ColumnType::DateTime { fraction: 3 }),
                ColumnDefault::CurrentTimestamp(3),
            ),
        ],
        &["id"],
        vec![],
    );
    visits.foreign_keys =
        vec![foreign("fk_patient", &["patient_id"], "patients", &["id"], (Cascade, Cascade))];
    let mut notes = table(
        "notes",
        vec![auto("id", big_unsigned()), column("visit_id", int()), column("body", varchar(20))],
        &["id"],
        vec![],
    );
    notes.foreign_keys = vec![foreign("fk_visit", &["visit_id"], "visits", &["id"], (SetNull, Restrict))];
    let mut folders = table(
        "folders",
        vec![required("code", varchar(8)), column("parent", varchar(8)), column("title", varchar(20))],
        &["code"],
        vec![],
    );
    folders.foreign_keys = vec![foreign("fk_parent", &["parent"], "folders", &["code"], (Cascade, Restrict))];
    let mut papers = table(
        "papers",
        vec![required("folder", varchar(8)), required("page", int()), column("body", varchar(20))],
        &["folder", "page"],
        vec![],
    );
    papers.foreign_keys = vec![foreign("fk_folder", &["folder"], "folders", &["code"], (Cascade, Restrict))];
    schema(vec![branches, roles, patients, visits, notes, folders, papers, types()])
}

/// One column of each type that is checked.
pub(crate) fn types() -> Table {
    let mut types = table(
        "types",
        vec![
            required("k", int()),
            column("tiny", integer(IntegerWidth::Tiny, false)),
            column("huge", big_unsigned()),
            column("money", decimal(6, 2)),
            column("plus", ColumnType::Decimal { precision: 4, scale: 0, unsigned: true, zerofill: false }),
            column("half", ColumnType::Float { digits: None, unsigned: false, zerofill: false }),
            column("whole", ColumnType::Double { digits: None, unsigned: true, zerofill: false }),
            column("bits", ColumnType::Bit { bits: 4 }),
            column("year", ColumnType::Year { display: 4 }),
            column("short", ColumnType::Char { length: 3 }),
            column("tiny_text", ColumnType::Text { size: LobSize::Tiny }),
            column("raw", ColumnType::Varbinary { length: 2 }),
            column("choice", ColumnType::Set { members: members(&["a", "b", "it's"]) }),
            column("json", ColumnType::Json),
            column("checked", ColumnType::Text { size: LobSize::Long }),
            column("day", ColumnType::Date),
            column("moment", ColumnType::DateTime { fraction: 3 }),
            column("clock", ColumnType::Time { fraction: 0 }),
            column("uuid", ColumnType::Uuid),
        ],
        &["k"],
        vec![],
    );
    types.checks = vec![("checked".into(), "json_valid(`checked`)".into())];
    types
}
