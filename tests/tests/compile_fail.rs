//! Programs that must not compile, and what the compiler says about them.
//!
//! One idea per file of `ui/`, the whole output beside it. After a message was changed on purpose,
//! `TRYBUILD=overwrite cargo test -p physio-tests --test compile_fail` writes the new outputs.

use physio_schema::dump::{self, DumpOptions};
use physio_schema::model::Schema;

#[test]
fn every_mistake_is_told_at_the_users_token() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

/// The nine columns that the old cache lacked, by table; `attendance.branch_id` has never existed.
const MISSING: [(&str, &str); 9] = [
    ("attendance", "branch_id"),
    ("patients_treatment", "treatment_id"),
    ("patient_master", "first_registered_at"),
    ("employees", "user_id"),
    ("branches", "state"),
    ("payment_methods", "method_id"),
    ("notifications", "created_by_employee_id"),
    ("expenses", "user_id"),
    ("system_settings", "updated_by"),
];

#[test]
fn the_older_dump_is_the_present_one_without_nine_columns() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../physio-schema/schema/clinic.sql");
    let present = read_schema(root);
    let older = read_schema(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/missing/older.sql"));
    assert_eq!(older.tables.len(), MISSING.len());
    for (table, column) in MISSING {
        let expected: Vec<String> = columns(&present, table)
            .into_iter()
            .filter_map(|name| {
                if name != column {
                    Some(name)
                } else {
                    // A table cannot do without its key: there it had another name.
                    is_key(&present, table, column).then(|| "id".to_owned())
                }
            })
            .collect();
        assert_eq!(columns(&older, table), expected, "{table}");
    }
}

#[test]
fn each_of_the_nine_columns_has_its_program() {
    for (table, column) in MISSING {
        let path = format!("{}/tests/ui/{table}_{column}.rs", env!("CARGO_MANIFEST_DIR"));
        let told = std::fs::read_to_string(path.replace(".rs", ".stderr")).unwrap();
        let wanted = format!("no column `{column}` in `{table}`");
        assert!(told.contains(&wanted), "{path}: nothing says: {wanted}");
    }
}

fn read_schema(path: &str) -> Schema {
    let sql = std::fs::read(path).expect("the dump is there");
    dump::parse(&sql, &DumpOptions::default()).expect("the dump is valid").schema
}

fn columns(schema: &Schema, table: &str) -> Vec<String> {
    schema
        .table(table)
        .expect("the table is there")
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect()
}

fn is_key(schema: &Schema, table: &str, column: &str) -> bool {
    let key = schema.table(table).and_then(|table| table.primary_key());
    key.is_some_and(|key| key.parts.iter().any(|part| part.column.as_deref() == Some(column)))
}
