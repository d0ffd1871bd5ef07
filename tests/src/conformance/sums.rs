//! Ranges of a table and their sums, which devices compare with their own.

use super::Target;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use physio_runtime::bridge::RowSums;
use physio_schema::model::{ColumnType, LobSize};
use physio_schema::plan::{TablePlan, Wire};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

type Row = BTreeMap<String, Option<String>>;

/// The sum of a row as PROTOCOL.md describes it, worked out from the wire's values and nothing else.
fn sum_of(table: &TablePlan, row: &Row) -> u64 {
    let hex =
        |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let values: Vec<Vec<u8>> = table
        .columns
        .iter()
        .map(|column| match (&row[&column.name], &column.column_type) {
            (None, _) => vec![0xfe],
            (Some(text), _) if column.wire == Wire::Base64 => {
                hex(&STANDARD.decode(text).expect("base64")).into_bytes()
            }
            (Some(text), ColumnType::Json | ColumnType::Text { size: LobSize::Medium | LobSize::Long }) => {
                hex(text.as_bytes()).into_bytes()
            }
            (Some(text), _) => text.clone().into_bytes(),
        })
        .collect();
    let digest = Sha256::digest(values.join(&0xff));
    u64::from_be_bytes(digest[..8].try_into().expect("a SHA-256 has 32 bytes"))
}

fn sums_of(table: &TablePlan, rows: &[Row]) -> (String, String) {
    let mut sums = RowSums::default();
    rows.iter().for_each(|row| sums.add(sum_of(table, row)));
    (sums.n_rows.to_string(), sums.to_string())
}

fn line(row: &Row) -> (String, String) {
    (row["n"].clone().expect("a number"), row["sum"].clone().expect("a sum"))
}

fn add_branches(target: &impl Target, keys: impl Iterator<Item = u32>) {
    let rows: Vec<String> = keys.map(|key| format!("({key}, 'Branch {key}', 'Clinic')")).collect();
    target.execute(&format!(
        "INSERT INTO branches (branch_id, branch_name, clinic_name) VALUES {}",
        rows.join(", ")
    ));
}

/// Above `after`, up to and with `until`, in key order.
pub fn a_range_ends_with_its_last_key(target: &impl Target) {
    add_branches(target, 1..=9);
    let keys = |parameters: &str| {
        let page = target.client().read(&format!("table=branches{parameters}"));
        let keys: Vec<String> = page.rows.iter().filter_map(|row| row["branch_id"].clone()).collect();
        (keys.join(" "), page.end["more"] == true)
    };
    assert_eq!(keys("&after=[\"2\"]&until=[\"5\"]"), ("3 4 5".into(), false));
    assert_eq!(keys("&until=[\"2\"]"), ("1 2".into(), false));
    assert_eq!(keys("&after=[\"2\"]&until=[\"8\"]&limit=3"), ("3 4 5".into(), true));
    assert_eq!(keys("&after=[\"8\"]&until=[\"100\"]"), ("9".into(), false));
    assert_eq!(keys("&after=[\"9\"]&until=[\"100\"]"), (String::new(), false));
}

/// The number of rows, their sum, the last key; a request ends where its limit says and goes on there.
pub fn sums_cover_every_row_once(target: &impl Target) {
    add_branches(target, 1..=10);
    let client = target.client();
    let plan = target.app().plan.table("branches").expect("the clinic has branches").clone();
    let rows = client.read("table=branches").rows;
    let page = client.read("table=branches&sums=4");
    assert_eq!(page.head["columns"], json!(["n", "sum", "branch_id"]));
    let found: Vec<_> = page.rows.iter().map(line).collect();
    let expected: Vec<_> = rows.chunks(4).map(|rows| sums_of(&plan, rows)).collect();
    assert_eq!(found, expected);
    let lasts: Vec<_> = page.rows.iter().filter_map(|row| row["branch_id"].as_deref()).collect();
    assert_eq!(lasts, ["4", "8", "10"]);
    assert_eq!(page.end, json!({"end": true, "rows": 3, "more": false, "after": ["10"]}));

    let first = client.read("table=branches&sums=4&limit=6");
    assert_eq!(
        first.rows.iter().map(line).collect::<Vec<_>>(),
        [sums_of(&plan, &rows[..4]), sums_of(&plan, &rows[4..6])]
    );
    assert_eq!(first.end, json!({"end": true, "rows": 2, "more": true, "after": ["6"]}));
    let inner = client.read("table=branches&sums=100&after=[\"6\"]&until=[\"9\"]");
    assert_eq!(inner.rows.iter().map(line).collect::<Vec<_>>(), [sums_of(&plan, &rows[6..9])]);
    let none = client.read("table=branches&sums=100&after=[\"10\"]");
    assert_eq!(none.end, json!({"end": true, "rows": 0, "more": false, "after": null}));
}

/// One changed value, also one that changes places with another row's, is another sum.
pub fn every_difference_is_another_sum(target: &impl Target) {
    add_branches(target, 1..=3);
    let sum = || line(&target.client().read("table=branches&sums=100").rows[0]);
    let mut seen = vec![sum()];
    for change in [
        "UPDATE branches SET branch_name = 'Branch 2' WHERE branch_id = 1",
        "UPDATE branches SET branch_name = 'Branch 1' WHERE branch_id = 2",
        "UPDATE branches SET city = '' WHERE branch_id = 3",
        "UPDATE branches SET city = NULL, state = '' WHERE branch_id = 3",
        "UPDATE branches SET state = NULL, clinic_name = 'Clinic ' WHERE branch_id = 3",
        "DELETE FROM branches WHERE branch_id = 3",
    ] {
        target.execute(change);
        let now = sum();
        assert!(!seen.contains(&now), "{change}");
        seen.push(now);
    }
}

/// Ranges and rows are different questions.
pub fn malformed_ranges_are_refused(target: &impl Target) {
    for parameters in [
        "&until=[\"x\"]",
        "&until=[]",
        "&until=1",
        "&sums=0",
        "&sums=x",
        "&sums=-1",
        "&sums=",
        "&key=[\"1\"]&until=[\"2\"]",
        "&key=[\"1\"]&sums=1",
        "&sums=1&limit=0",
        "&until=[\"1\",\"2\"]",
    ] {
        target.client().get(&format!("read.php?table=branches{parameters}")).expect_error("bad_request");
    }
    target.client().get("read.php?table=users&sums=1").expect_error("unknown_table");
}

/// Every type, in the server's own spelling; composite, text and unsigned keys.
pub fn sums_of_every_type(target: &impl Target) {
    target.execute(
        "INSERT INTO categories (category_id, slug, name) VALUES (1, 'tools', 'Wërkzeug 😀'), (2, 'x', '');
         INSERT INTO products (sku, category_id, name, description, unit_price, weight_kg, tax_rate, handling, status, flags,
             model_year, barcode, picture, attributes, release_date, updated_at)
           VALUES ('A-1', 1, 'Ä', 'two\nlines', '12345678901234.567891', 0.1, -5.125, 'fragile,bulky', 'on sale', 255,
             2026, x'00ff', x'89504e47', '{\"a\": 1}', '2026-02-28', '2026-01-02 03:04:05.000006'),
                  ('B-2', 1, 'B', NULL, 0.5, 1e300, 0, '', 'on sale', 0, 1901, NULL, x'', NULL, NULL, '2026-01-02 03:04:05'),
                  ('a-1', 2, 'small', '', 1, -1.5e-7, 3, '', 'on sale', 1, NULL, x'', NULL, '[]', '1999-12-31', '2001-01-01');
         INSERT INTO warehouses (code, name, door_opens, latitude, longitude)
           VALUES ('EAST', 'East', '-100:59:59.000', 28.6139391, -0.000012345), ('WEST', 'West', NULL, 0, NULL);
         INSERT INTO stock (warehouse_code, sku, quantity) VALUES ('EAST', 'A-1', 5), ('EAST', 'B-2', 7), ('WEST', 'A-1', 9);
         INSERT INTO customers (customer_no, name, joined_on) VALUES (7, 'C', '2026-01-01'), ('18446744073709551615', 'D', '2026-01-02')",
    );
    let client = target.client();
    for table in &target.app().plan.tables {
        let name = &table.name;
        let rows = client.read(&format!("table={name}")).rows;
        let one_by_one = client.read(&format!("table={name}&sums=1"));
        let found: Vec<_> = one_by_one.rows.iter().map(line).collect();
        let expected: Vec<_> = rows.iter().map(|row| sums_of(table, std::slice::from_ref(row))).collect();
        assert_eq!(found, expected, "{name}");
        for (sums, row) in one_by_one.rows.iter().zip(&rows) {
            for key in table.key_columns() {
                assert_eq!(sums[&key.name], row[&key.name], "{name}");
            }
        }
    }
    let stock = client.read("table=stock&sums=10&after=[\"EAST\",\"A-1\"]&until=[\"WEST\",\"A-1\"]");
    assert_eq!(stock.rows[0]["n"].as_deref(), Some("2"));
    let rows = client.read("table=stock&until=[\"EAST\",\"B-2\"]").rows;
    assert_eq!(rows.len(), 2);
}
