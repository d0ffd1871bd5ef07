//! The generated rows: whole, repeatable, and the same in every database that takes them.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use mysql::prelude::Queryable;
use physio_runtime::bridge::embedded::EmbeddedBridge;
use physio_tests::data::{Generator, load_embedded, load_mysql};
use physio_tests::harness::{App, PrivateMariaDb, compare};
use std::sync::Arc;

const N_ROWS: u64 = 400;

fn wanted(app: &App) -> Vec<(&str, u64)> {
    app.plan.tables.iter().map(|table| (table.name.as_str(), N_ROWS)).collect()
}

/// Loads the rows into MariaDB and into the embedded bridge, and compares both row by row.
fn check_both(app: &App) {
    let generator = Generator::new(&app.schema, 5, &wanted(app));
    let maria = PrivateMariaDb::shared().unwrap();
    let database = maria.create_database().unwrap();
    maria.run_script(&database, &app.dump).unwrap();
    let mut conn = maria.connect_as(&database, &database, Some(&database)).unwrap();
    load_mysql(&mut conn, &generator).unwrap();
    let bridge = EmbeddedBridge::start(Arc::clone(&app.plan)).unwrap();
    load_embedded(&bridge, &generator).unwrap();
    for table in &app.plan.tables {
        let mut server = compare::mysql_rows(&mut conn, table).unwrap();
        // MySQL computes these; the embedded bridge leaves them empty.
        for (position, _) in table.columns.iter().enumerate().filter(|(_, column)| column.generated) {
            server.values_mut().for_each(|row| row[position] = None);
        }
        let ours = bridge.with_store(|store| compare::sqlite_rows(store, table)).unwrap();
        assert_eq!(compare::differing(table, &server, &ours), Vec::<String>::new());
        assert_eq!(compare::checksum(&server), bridge.checksum(&table.name).unwrap(), "{}", table.name);
    }
    for (table, n_rows) in generator.tables() {
        let found: Option<u64> = conn.query_first(format!("SELECT count(*) FROM `{}`", table.name)).unwrap();
        assert_eq!(found, Some(n_rows), "{}", table.name);
        for key in &table.foreign_keys {
            let pairs = key.columns.iter().zip(&key.referenced_columns);
            let on: Vec<String> =
                pairs.map(|(child, parent)| format!("c.`{child}` = p.`{parent}`")).collect();
            let (child, parent) = (&table.name, &key.referenced_table);
            let orphans: Option<u64> = conn
                .query_first(format!(
                    "SELECT count(*) FROM `{child}` c LEFT JOIN `{parent}` p ON {} WHERE c.`{}` IS NOT NULL AND p.`{}` IS NULL",
                    on.join(" AND "), key.columns[0], key.referenced_columns[0]
                ))
                .unwrap();
            assert_eq!(orphans, Some(0), "{child}.{}", key.name);
        }
    }
    drop(conn);
    maria.drop_database(&database).unwrap();
}

#[test]
fn the_clinics_rows_are_the_same_on_both_bridges() {
    check_both(&App::clinic().unwrap());
}

#[test]
fn the_shops_rows_are_the_same_on_both_bridges() {
    check_both(&App::shop().unwrap());
}

#[test]
fn the_same_seed_gives_the_same_rows_and_another_seed_others() {
    let app = App::clinic().unwrap();
    let rows =
        |seed| Generator::new(&app.schema, seed, &[("payments", 50)]).rows("payments").collect::<Vec<_>>();
    assert_eq!(rows(1), rows(1));
    assert_ne!(rows(1), rows(2));
    assert_eq!(rows(1).len(), 50);
}

#[test]
fn the_values_that_break_things_are_among_them() {
    let (clinic, shop) = (App::clinic().unwrap(), App::shop().unwrap());
    let all = |app: &App, table: &str, column: &str| -> Vec<Option<String>> {
        let generator = Generator::new(&app.schema, 3, &[(table, 600)]);
        let position = generator.columns(table).iter().position(|name| *name == column).unwrap();
        generator.rows(table).map(|row| row[position].clone()).collect()
    };
    let has = |values: &[Option<String>], wanted: &str| values.iter().flatten().any(|value| value == wanted);
    assert!(has(&all(&clinic, "payments", "payment_date"), "0000-00-00"));
    assert!(has(&all(&clinic, "quick_inquiry", "gender"), ""), "an ENUM value that is no member");
    assert!(has(&all(&clinic, "patients", "treatment_days"), "-2147483648"));
    assert!(has(&all(&clinic, "patients", "total_amount"), "99999999.99"));
    assert!(all(&clinic, "patients", "remarks").iter().flatten().any(|text| text.contains('😀')));
    assert!(all(&clinic, "patients", "remarks").contains(&None));
    assert!(has(&all(&shop, "suppliers", "opens_at"), "-838:59:59"));
    assert!(has(&all(&shop, "products", "model_year"), "0000"));
}
