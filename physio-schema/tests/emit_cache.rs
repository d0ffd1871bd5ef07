//! The cache of the real dumps, from dump to a file that SQLite takes.

#![allow(clippy::unwrap_used)] // what cannot be unwrapped here is a failed test

use physio_schema::dump::{DumpOptions, parse as parse_dump};
use physio_schema::plan::{Plan, build};
use physio_schema::{config, sqlite};
use rusqlite::Connection;

fn plan(dump: &[u8], config: &str) -> Plan {
    let schema = parse_dump(dump, &DumpOptions::default()).expect("the dump can be read").schema;
    build(&schema, &config::parse(config).expect("valid")).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn clinic() -> Plan {
    plan(include_bytes!("../schema/clinic.sql"), include_str!("../../physio.toml"))
}

fn shop() -> Plan {
    plan(include_bytes!("../schema/shop.sql"), include_str!("../../tests/shop/physio.toml"))
}

fn open(plan: &Plan) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for statement in sqlite::emit_cache(plan) {
        connection.execute_batch(&statement).unwrap_or_else(|error| panic!("{error}\n{statement}"));
    }
    connection
}

#[test]
fn every_statement_of_both_plans_is_taken_by_sqlite() {
    for plan in [clinic(), shop()] {
        let connection = open(&plan);
        for table in &plan.tables {
            for sql in [
                &table.sql.upsert,
                &table.sql.replace,
                &table.sql.delete,
                &table.sql.delete_synced,
                &table.sql.select_by_key,
                &table.sql.set_status,
            ] {
                let statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
                let parameters = statement.parameter_count();
                assert!(parameters >= table.key.len(), "{sql}");
            }
            // Compiles every trigger of the table.
            if table.writable {
                let name = sqlite::quote_identifier(&table.name);
                connection.prepare(&format!("INSERT INTO {name} DEFAULT VALUES")).unwrap();
                connection.prepare(&format!("UPDATE {name} SET _sync_status = _sync_status")).unwrap();
                connection.prepare(&format!("DELETE FROM {name}")).unwrap();
            }
        }
    }
}

#[test]
fn the_clinic_is_registered_offline() {
    let plan = clinic();
    assert_eq!(plan.tables.len(), 17);
    let connection = open(&plan);
    connection
        .execute_batch(
            "INSERT INTO registration (branch_id, patient_name, phone_number, gender, age, consultation_amount, payment_method)
             VALUES (1, 'A', '0', 'Male', '30', '200', 'cash')",
        )
        .unwrap();
    let registration = connection.last_insert_rowid();
    assert_eq!(registration, sqlite::internal::FIRST_TEMPORARY_KEY);
    let error = connection.execute_batch("UPDATE registration SET gender = 'x'").unwrap_err().to_string();
    assert!(error.starts_with("physio: registration.gender: must be one of 'Male'"), "{error}");
    assert!(connection.execute_batch("DELETE FROM roles").is_ok(), "no row, no trigger");
}

#[test]
fn the_shop_has_keys_of_every_kind() {
    let connection = open(&shop());
    connection
        .execute_batch(
            "INSERT INTO categories (slug, name) VALUES ('tea', 'Tea');
             INSERT INTO products (sku, category_id, name) VALUES ('T-1', last_insert_rowid(), 'Green');
             INSERT INTO warehouses (code, name) VALUES ('W1', 'Main');
             INSERT INTO stock (warehouse_code, sku) VALUES ('W1', 'T-1');
             INSERT INTO customers (customer_no, name, joined_on) VALUES ('18446744073709551615', 'C', '2024-01-01');
             INSERT INTO orders (customer_no) VALUES ('18446744073709551615');
             INSERT INTO order_lines (order_id, line_no, sku, unit_price) VALUES (last_insert_rowid(), 1, 'T-1', '1.5');
             DELETE FROM orders",
        )
        .unwrap();
    let mut statement = connection.prepare("SELECT op, table_name, row_key FROM _physio_outbox").unwrap();
    let rows = statement.query_map([], |row| {
        Ok(format!("{} {} {}", row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    });
    let captured: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
    assert_eq!(
        captured,
        [
            r#"insert categories ["4503599627370496"]"#,
            r#"insert products ["T-1"]"#,
            r#"insert warehouses ["W1"]"#,
            r#"insert stock ["W1","T-1"]"#,
            r#"insert customers ["18446744073709551615"]"#,
            r#"insert orders ["4503599627370496"]"#,
            r#"insert order_lines ["4503599627370496","1"]"#,
            r#"delete order_lines ["4503599627370496","1"]"#,
            r#"delete orders ["4503599627370496"]"#,
        ]
    );
}

#[test]
fn the_same_input_gives_the_same_plan() {
    assert_eq!(serde_json::to_string(&clinic()).unwrap(), serde_json::to_string(&clinic()).unwrap());
}
