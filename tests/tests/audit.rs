//! What real MySQL does behind the triggers' back is found by comparing, through real PHP.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use mysql::prelude::Queryable;
use physio_runtime::bridge::Token;
use physio_runtime::{Physio, TableAudit};
use physio_tests::harness::server_kind::with_numbers;
use physio_tests::harness::{App, Stack, compare};
use std::collections::BTreeMap;
use std::path::Path;

const TOKEN: &str = "Good-Token-0123456789abcdef";

fn start(app: App) -> Stack {
    let stack = Stack::start(app).unwrap();
    stack.add_token(TOKEN, "UTC_TIMESTAMP() + INTERVAL 2 DAY", false).unwrap();
    stack
}

fn open(stack: &Stack, folder: &Path) -> Physio {
    Physio::builder(&*stack.app.plan)
        .cache(folder.join("cache.db"))
        .bridge_url(stack.url())
        .token(Token::new(TOKEN))
        .open()
        .unwrap()
}

fn execute(stack: &Stack, statements: &[&str]) {
    let mut conn = stack.connect().unwrap();
    statements.iter().for_each(|statement| conn.query_drop(with_numbers(statement)).unwrap());
}

/// Takes the triggers of a table away, as a bulk load does that is in a hurry, and makes no others.
fn drop_triggers(stack: &Stack, table: &str) {
    let mut conn = stack.connect().unwrap();
    let sql = "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND event_object_table = ?";
    for name in conn.exec::<String, _, _>(sql, (table,)).unwrap() {
        conn.query_drop(format!("DROP TRIGGER `{name}`")).unwrap();
    }
}

async fn audit(physio: &Physio) -> BTreeMap<String, TableAudit> {
    physio.audit().await.unwrap().into_iter().map(|audit| (audit.table.clone(), audit)).collect()
}

fn repaired(audits: &BTreeMap<String, TableAudit>) -> BTreeMap<&str, u64> {
    let found = audits.values().filter(|audit| audit.n_repaired > 0);
    found.map(|audit| (audit.table.as_str(), audit.n_repaired)).collect()
}

fn check_equal(stack: &Stack, physio: &Physio) {
    for table in &stack.app.plan.tables {
        let mut conn = stack.connect().unwrap();
        let theirs = compare::mysql_rows(&mut conn, table).unwrap();
        let ours = physio.cache().read(|cache| Ok(compare::sqlite_rows(cache, table).unwrap())).unwrap();
        assert!(ours == theirs, "{} differs", table.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn truncate_bulk_loads_and_edits_without_triggers_are_found() {
    let stack = start(App::clinic().unwrap());
    execute(
        &stack,
        &[
            "INSERT INTO branches (branch_id, branch_name, clinic_name) VALUES (1, 'Main', 'Clinic'), (2, 'East', 'Clinic')",
            "SET foreign_key_checks = 0",
            "INSERT INTO expenses (expense_id, branch_id, expense_date, expense_for, amount, voucher_no, paid_to, description, amount_in_words)
               SELECT seq, 1, '2026-01-01', CONCAT('Rent ', seq), ROUND(seq / 7, 2), seq, 'a', 'b', 'c' FROM seq_1_to_2500",
            "INSERT INTO system_settings (setting_key, setting_value) SELECT CONCAT('Key ', seq), 'old' FROM seq_1_to_300",
            "INSERT INTO roles (role_id, role_name) VALUES (1, 'admin'), (2, 'nurse')",
        ],
    );
    let folder = tempfile::tempdir().unwrap();
    let physio = open(&stack, folder.path());
    physio.wait_until_synced().await.unwrap();
    let first = audit(&physio).await;
    assert_eq!(first.len(), stack.app.plan.tables.len());
    assert!(first.values().all(|audit| audit.n_reread == 0), "{first:?}");
    assert_eq!(first["expenses"].n_rows, 2500);

    for table in ["expenses", "system_settings"] {
        drop_triggers(&stack, table);
    }
    execute(
        &stack,
        &[
            "SET foreign_key_checks = 0",
            // MySQL fires no trigger for it, whatever there is.
            "TRUNCATE TABLE roles",
            "UPDATE expenses SET amount = amount + 1 WHERE expense_id IN (3, 2000)",
            "DELETE FROM expenses WHERE expense_id IN (4, 2500)",
            "INSERT INTO expenses (expense_id, branch_id, expense_date, expense_for, amount, voucher_no, paid_to, description, amount_in_words)
               SELECT seq + 5000, 2, '2026-02-02', 'Bulk', 1, seq, 'a', 'b', 'c' FROM seq_1_to_1200",
            "UPDATE system_settings SET setting_value = 'new' WHERE setting_key = 'Key 17'",
            "DELETE FROM system_settings WHERE setting_key = 'Key 200'",
        ],
    );
    physio.sync_now().await.unwrap();
    let unseen: Vec<i64> =
        physio.query_rows("SELECT count(*) FROM roles", [], |row| Ok(row.get(0)?)).unwrap();
    assert_eq!(unseen, [2], "the feed told nothing");

    let second = audit(&physio).await;
    assert_eq!(repaired(&second), BTreeMap::from([("expenses", 1204), ("roles", 2), ("system_settings", 2)]));
    check_equal(&stack, &physio);
    assert!(audit(&physio).await.values().all(|audit| audit.n_reread == 0));
    stack.php.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn composite_text_and_unsigned_keys_are_mended_too() {
    let stack = start(App::shop().unwrap());
    execute(
        &stack,
        &[
            "INSERT INTO categories (category_id, slug, name) VALUES (1, 'tools', 'Tools')",
            "INSERT INTO products (sku, category_id, name, unit_price) SELECT CONCAT(CHAR(65 + seq % 26), '-', seq), 1, 'Thing', seq FROM seq_1_to_400",
            "INSERT INTO warehouses (code, name) VALUES ('EAST', 'East'), ('WEST', 'West')",
            "INSERT INTO stock (warehouse_code, sku, quantity) SELECT code, sku, 5 FROM warehouses, products",
            "INSERT INTO customers (customer_no, name, joined_on) VALUES (7, 'A', '2026-01-01'), (9223372036854775809, 'B', '2026-01-01')",
            "INSERT INTO orders (order_id, customer_no) VALUES (1, 7), (2, 7)",
            "INSERT INTO order_lines (order_id, line_no, sku, quantity, unit_price) SELECT 1 + seq % 2, seq, 'B-1', 1, 2 FROM seq_1_to_200",
        ],
    );
    let folder = tempfile::tempdir().unwrap();
    let physio = open(&stack, folder.path());
    physio.wait_until_synced().await.unwrap();
    assert!(audit(&physio).await.values().all(|audit| audit.n_reread == 0));
    for table in ["products", "stock", "customers", "order_lines"] {
        drop_triggers(&stack, table);
    }
    execute(
        &stack,
        &[
            "UPDATE products SET unit_price = unit_price + 1, name = 'Other' WHERE sku IN ('A-26', 'K-10')",
            "DELETE FROM stock WHERE warehouse_code = 'WEST' AND sku LIKE 'A%'",
            "UPDATE stock SET quantity = 6 WHERE warehouse_code = 'EAST' AND sku = 'Z-25'",
            "UPDATE customers SET name = 'C' WHERE customer_no > 100",
            "INSERT INTO customers (customer_no, name, joined_on) VALUES (18446744073709551615, 'D', '2026-01-01')",
            "DELETE FROM order_lines WHERE order_id = 2 AND line_no = 199",
            "UPDATE order_lines SET quantity = 9 WHERE line_no = 200",
        ],
    );
    let found = audit(&physio).await;
    let n_stock = 1 + 15;
    let expected =
        BTreeMap::from([("customers", 2), ("order_lines", 2), ("products", 2), ("stock", n_stock)]);
    assert_eq!(repaired(&found), expected);
    check_equal(&stack, &physio);
    assert!(audit(&physio).await.values().all(|audit| audit.n_reread == 0));
    stack.php.assert_clean();
}
