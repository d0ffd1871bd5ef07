//! An inventory shop goes from its dump to running sync by its physio.toml alone, on both bridges.
//!
//! Composite keys, text keys, a self-reference, 64-bit unsigned keys, a generated column: nothing of the clinic.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use mysql::prelude::Queryable;
use physio_runtime::Physio;
use physio_runtime::bridge::Token;
use physio_runtime::bridge::embedded::EmbeddedBridge;
use physio_tests::data::{Generator, load_embedded, load_mysql};
use physio_tests::harness::{App, Stack, compare};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const TOKEN: &str = "a-token-of-the-shop";
/// A key that no signed 64-bit integer holds.
const CUSTOMER: &str = "18446744073709551615";

/// The server side of the shop.
trait Server {
    fn url(&self) -> String;
    fn execute(&self, sql: &str);
    fn assert_equals(&self, physio: &Physio);
}

struct Embedded(App, EmbeddedBridge);

impl Server for Embedded {
    fn url(&self) -> String {
        self.1.url()
    }

    fn execute(&self, sql: &str) {
        self.1.with_store(|store| store.execute_batch(sql)).unwrap();
    }

    fn assert_equals(&self, physio: &Physio) {
        for table in &self.0.plan.tables {
            let server = self.1.with_store(|store| compare::sqlite_rows(store, table)).unwrap();
            assert_table_equals(table, &server, physio);
        }
    }
}

impl Server for Stack {
    fn url(&self) -> String {
        Stack::url(self)
    }

    fn execute(&self, sql: &str) {
        self.connect().unwrap().query_drop(sql).unwrap();
    }

    fn assert_equals(&self, physio: &Physio) {
        for table in &self.app.plan.tables {
            let server = compare::mysql_rows(&mut self.connect().unwrap(), table).unwrap();
            assert_table_equals(table, &server, physio);
        }
        self.php.assert_clean();
    }
}

fn assert_table_equals(table: &physio_schema::plan::TablePlan, server: &compare::Rows, physio: &Physio) {
    let local = physio.read(|connection| Ok(compare::sqlite_rows(connection, table).unwrap())).unwrap();
    assert_eq!(compare::differing(table, server, &local), Vec::<String>::new());
    let sql = format!("SELECT count(*) FROM \"{}\" WHERE _sync_status <> 'synced'", table.name);
    assert_eq!(count(physio, &sql), 0, "{} has rows that are not synced", table.name);
}

fn count(physio: &Physio, sql: &str) -> i64 {
    physio.query_rows(sql, [], |row| Ok(row.get::<_, i64>(0)?)).unwrap()[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_syncs_over_the_embedded_bridge() {
    let app = App::shop().unwrap();
    let bridge = EmbeddedBridge::start(Arc::clone(&app.plan)).unwrap();
    bridge.add_token(TOKEN);
    load_embedded(&bridge, &rows(&app)).unwrap();
    a_day_at_the_shop(&app.clone(), &Embedded(app, bridge)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_syncs_over_php_and_mariadb() {
    let stack = Stack::start_bare(App::shop().unwrap()).unwrap();
    load_mysql(&mut stack.connect().unwrap(), &rows(&stack.app)).unwrap();
    stack.install().unwrap();
    stack.add_token(TOKEN, "'2037-01-01'", false).unwrap();
    a_day_at_the_shop(&stack.app.clone(), &stack).await;
}

fn rows(app: &App) -> Generator<'_> {
    let wanted: Vec<(&str, u64)> = app.plan.tables.iter().map(|table| (table.name.as_str(), 60)).collect();
    Generator::new(&app.schema, 23, &wanted)
}

async fn a_day_at_the_shop(app: &App, server: &impl Server) {
    let folder = tempfile::tempdir().unwrap();
    let physio = open(app, server, &folder.path().join("physio_cache.db"));
    synced(&physio).await;
    server.assert_equals(&physio);

    sell_something(&physio);
    synced(&physio).await;
    server.assert_equals(&physio);
    let lines = "SELECT count(*) FROM order_lines l JOIN orders o USING (order_id)
                 WHERE o.note = 'at the counter' AND o.order_id < 4503599627370496";
    assert_eq!(count(&physio, lines), 2, "the lines follow their order to its real key");
    let child = "SELECT count(*) FROM categories c JOIN categories p ON p.category_id = c.parent_id
                 WHERE c.slug = 'lamps-desk' AND p.slug = 'lamps' AND p.category_id < 4503599627370496";
    assert_eq!(count(&physio, child), 1, "the self-reference follows too");

    // The shop's website works on the same database: an edit, a delete by composite key, and a new row.
    server.execute(
        "UPDATE products SET name = 'changed by the website' WHERE sku = 'LAMP-1';
         DELETE FROM order_lines WHERE line_no = 2 AND gift_text = 'second';
         INSERT INTO suppliers (name) VALUES ('new on the website')",
    );
    physio.sync_now().await.unwrap();
    server.assert_equals(&physio);
    assert_eq!(count(&physio, "SELECT count(*) FROM products WHERE name = 'changed by the website'"), 1);
    assert_eq!(count(&physio, "SELECT count(*) FROM order_lines WHERE gift_text = 'second'"), 0);
    assert!(physio.attention().unwrap().is_empty());
    physio.close().await;
}

/// Plain SQL in two local transactions: a small tree of categories, then a customer's order.
fn sell_something(physio: &Physio) {
    physio
        .write(|tx| {
            tx.execute("INSERT INTO categories (slug, name) VALUES ('lamps', 'Lamps')", [])?;
            tx.execute(
                "INSERT INTO categories (parent_id, slug, name)
                 SELECT category_id, 'lamps-desk', 'Desk lamps' FROM categories WHERE slug = 'lamps'",
                [],
            )?;
            tx.execute(
                "INSERT INTO products (sku, category_id, name, handling)
                 SELECT 'LAMP-1', category_id, 'A desk lamp', 'fragile,bulky' FROM categories WHERE slug = 'lamps-desk'",
                [],
            )
        })
        .unwrap();
    physio
        .write(|tx| {
            tx.execute(
                "INSERT INTO customers (customer_no, name, joined_on, credit_limit) VALUES (?1, 'Customer', '2026-01-31', '0.000001')",
                [CUSTOMER],
            )?;
            tx.execute("INSERT INTO orders (customer_no, note) VALUES (?1, 'at the counter')", [CUSTOMER])?;
            for (line_no, text) in [(1, "first"), (2, "second")] {
                tx.execute(
                    "INSERT INTO order_lines (order_id, line_no, sku, quantity, unit_price, gift_text)
                     SELECT order_id, ?1, 'LAMP-1', 3, '12.500000', ?2 FROM orders WHERE note = 'at the counter'",
                    (line_no, text),
                )?;
            }
            Ok(())
        })
        .unwrap();
    // Not that they are pending: a push may have been here already.
    assert_eq!(count(physio, "SELECT count(*) FROM order_lines WHERE gift_text IN ('first', 'second')"), 2);
}

fn open(app: &App, server: &impl Server, cache: &Path) -> Physio {
    Physio::builder(&*app.plan).cache(cache).bridge_url(server.url()).token(Token::new(TOKEN)).open().unwrap()
}

async fn synced(physio: &Physio) {
    tokio::time::timeout(Duration::from_secs(120), physio.wait_until_synced()).await.unwrap().unwrap();
}
