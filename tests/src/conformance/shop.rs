//! The second schema: composite and text keys, unsigned 64-bit keys, a self-reference, every wire type.

use super::Target;
use super::push::{answered, assert_applied, assert_conflict, outcome};
use serde_json::{Value, json};

fn add_catalogue(target: &impl Target) {
    target.execute(
        "INSERT INTO categories (category_id, slug, name) VALUES (1, 'tools', 'Tools');
         INSERT INTO products (sku, category_id, name, unit_price) VALUES ('HAM-1', 1, 'Hammer', '19.990000'), ('SAW-1', 1, 'Saw', '29.500000');
         INSERT INTO warehouses (code, name) VALUES ('EAST', 'East'), ('WEST', 'West');
         INSERT INTO stock (warehouse_code, sku, quantity) VALUES ('EAST', 'HAM-1', 5), ('EAST', 'SAW-1', 7), ('WEST', 'HAM-1', 9);
         INSERT INTO customers (customer_no, name, joined_on) VALUES (7, 'Customer A', '2026-01-01')",
    );
}

fn product(values: Value) -> Value {
    let mut all = json!({"sku": "NEW-1", "category_id": "1", "name": "New"});
    for (name, value) in values.as_object().expect("an object") {
        all[name] = value.clone();
    }
    json!([{"op": "insert", "table": "products", "values": all}])
}

/// Through the push, the answer, the feed and a page.
pub fn every_type_comes_back_as_it_was_sent(target: &impl Target) {
    add_catalogue(target);
    let values = json!({
        "description": "two\nlines, a 'quote', a \\ and 😀",
        "unit_price": "12345678901234.567891",
        "weight_kg": "0.1",
        "tax_rate": "-5.125",
        "handling": "fragile,bulky",
        "status": "on sale",
        "flags": "255",
        "model_year": "2026",
        "barcode": "AP/+AQ==",
        "picture": "iVBORw0KGgo=",
        // In the order in which MySQL's own JSON keeps it.
        "attributes": "{\"n\": 1, \"size\": \"L\"}",
        "release_date": "2026-02-28",
        "updated_at": "2026-01-02 03:04:05.000006"
    });
    let client = target.client();
    let cursor = client.sync(&client.cursor()).cursor();
    let answer = client.push_changes(1, product(values.clone()));
    assert_applied(&answer);
    let pull = client.sync(&cursor);
    let page = client.read("table=products&key=[\"NEW-1\"]");
    for (name, value) in values.as_object().expect("an object") {
        assert_eq!(answered(&answer, "products", "NEW-1", name), *value, "{name} in the answer");
        assert_eq!(pull.value("products", "NEW-1", name).as_deref(), value.as_str(), "{name} in the feed");
        assert_eq!(page.rows[0][name].as_deref(), value.as_str(), "{name} in a page");
    }
    let base64: Vec<u64> =
        page.head["base64"].as_array().expect("positions").iter().filter_map(Value::as_u64).collect();
    let columns = page.head["columns"].as_array().expect("columns");
    let names: Vec<&str> =
        base64.iter().filter_map(|&position| columns[position as usize].as_str()).collect();
    assert_eq!(names, ["barcode", "picture"]);
    let edge = json!({"sku": "EDGE", "weight_kg": "-1.7976931348623157e308", "flags": "0", "handling": "", "model_year": "0000",
                      "release_date": "0000-00-00", "barcode": "", "picture": "", "unit_price": "-99999999999999.999999"});
    let answer = client.push_changes(2, product(edge.clone()));
    assert_applied(&answer);
    for name in ["handling", "model_year", "release_date", "barcode", "picture", "unit_price", "flags"] {
        assert_eq!(answered(&answer, "products", "EDGE", name), edge[name], "{name}");
    }
    let weight = answered(&answer, "products", "EDGE", "weight_kg");
    assert_eq!(weight.as_str().and_then(|text| text.parse::<f64>().ok()), Some(f64::MIN));
    let times = json!([{"op": "insert", "table": "warehouses", "values": {"code": "N", "name": "North", "door_opens": "-838:59:59.000",
                        "latitude": "28.6139391", "longitude": "-0.000012345"}}]);
    let answer = client.push_changes(3, times);
    assert_applied(&answer);
    assert_eq!(answered(&answer, "warehouses", "N", "door_opens"), "-838:59:59.000");
    for (name, value) in [("latitude", 28.613_939_1), ("longitude", -0.000_012_345)] {
        let text = answered(&answer, "warehouses", "N", name);
        assert_eq!(text.as_str().and_then(|text| text.parse::<f64>().ok()), Some(value), "{name}");
    }
}

/// In keys, references, pages and their order.
pub fn unsigned_keys_above_the_signed_range_work(target: &impl Target) {
    let numbers =
        ["5", "9223372036854775807", "9223372036854775808", "10000000000000000000", "18446744073709551615"];
    let client = target.client();
    let insert = |number: &str| {
        json!({"unit": number, "changes": [{"op": "insert", "table": "customers",
               "values": {"customer_no": number, "name": "Customer", "joined_on": "2026-01-01"}}]})
    };
    let units: Vec<Value> = numbers.iter().rev().map(|number| insert(number)).collect();
    assert_applied(&client.push(1, json!(units)));
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = client.read(&format!("table=customers&limit=2{after}"));
        seen.extend(page.rows.iter().filter_map(|row| row["customer_no"].clone()));
        if page.end["more"] == false {
            break;
        }
        after = format!("&after={}", page.end["after"]);
    }
    assert_eq!(seen, numbers);
    let largest = numbers[4];
    let answer = client.push_changes(
        2,
        json!([{"op": "insert", "table": "orders", "temp": "1", "values": {"customer_no": largest}},
               {"op": "update", "table": "customers", "key": [largest], "values": {"name": "Largest"}, "base": {"name": "Customer"}}]),
    );
    assert_applied(&answer);
    assert_eq!(answered(&answer, "customers", largest, "name"), "Largest");
    let page = client.read(&format!("table=customers&key=[\"{largest}\"]"));
    assert_eq!(page.rows.len(), 1);
    let delete =
        json!([{"op": "delete", "table": "customers", "key": [numbers[2]], "base": {"name": "Customer"}}]);
    assert_applied(&client.push_changes(3, delete));
    assert_eq!(target.count("customers"), 4);
}

/// Keys of two parts, in key order.
pub fn composite_keys_are_paged_found_and_deleted(target: &impl Target) {
    add_catalogue(target);
    let client = target.client();
    let first = client.read("table=stock&limit=2");
    assert_eq!(first.end["after"], json!(["EAST", "SAW-1"]));
    let second = client.read("table=stock&limit=2&after=[\"EAST\",\"SAW-1\"]");
    assert_eq!(second.rows.len(), 1);
    assert_eq!(second.rows[0]["quantity"].as_deref(), Some("9"));
    let one = client.read("table=stock&key=[\"EAST\",\"HAM-1\"]");
    assert_eq!(one.rows[0]["quantity"].as_deref(), Some("5"));
    let cursor = client.sync(&client.cursor()).cursor();
    let answer = client.push_changes(
        1,
        json!([{"op": "delete", "table": "stock", "key": ["EAST", "SAW-1"], "base": {"quantity": "7"}},
               {"op": "update", "table": "stock", "key": ["WEST", "HAM-1"], "values": {"quantity": "11"}, "base": {"quantity": "9"}}]),
    );
    assert_applied(&answer);
    assert_eq!(answer["deleted"], json!([{"table": "stock", "keys": [["EAST", "SAW-1"]]}]));
    let pull = client.sync(&cursor);
    assert_eq!(pull.deleted["stock"], ["[\"EAST\",\"SAW-1\"]"]);
    assert_eq!(pull.value("stock", "WEST", "quantity").as_deref(), Some("11"));
}

/// No temporary key anywhere.
pub fn a_key_of_two_parents_is_inserted_by_value(target: &impl Target) {
    add_catalogue(target);
    let insert = |quantity: &str| json!([{"op": "insert", "table": "stock", "values": {"warehouse_code": "WEST", "sku": "SAW-1", "quantity": quantity}}]);
    assert_applied(&target.client().push_changes(1, insert("3")));
    let answer = target.client().push_changes(2, insert("4"));
    assert_conflict(&answer, 0, "duplicate_key", Some("stock.warehouse_code"));
    assert_eq!(target.count("stock WHERE warehouse_code = 'WEST' AND sku = 'SAW-1' AND quantity = 3"), 1);
}

/// An order and its lines, made offline; the line is changed and deleted by the reference too.
pub fn a_generated_key_in_a_reference_of_a_composite_key(target: &impl Target) {
    add_catalogue(target);
    let order = json!({"$ref": ["orders", "4503599627370496"]});
    let line = |number: &str, quantity: &str| {
        json!({"op": "insert", "table": "order_lines",
               "values": {"order_id": order, "line_no": number, "sku": "HAM-1", "quantity": quantity, "unit_price": "19.990000"}})
    };
    let answer = target.client().push(
        1,
        json!([
            {"unit": "1", "changes": [
                {"op": "insert", "table": "orders", "temp": "4503599627370496", "values": {"customer_no": "7"}},
                line("1", "2"), line("2", "5")]},
            {"unit": "2", "changes": [
                {"op": "update", "table": "order_lines", "key": [order, "1"], "values": {"quantity": "3"}, "base": {"quantity": "2"}},
                {"op": "delete", "table": "order_lines", "key": [order, "2"], "base": {"quantity": "5"}}]}
        ]),
    );
    assert_applied(&answer);
    let key = answer["keys"][0]["key"].as_str().expect("the order has a key").to_owned();
    assert_eq!(answer["keys"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["deleted"], json!([{"table": "order_lines", "keys": [[key, "2"]]}]));
    assert_eq!(answered(&answer, "order_lines", &key, "quantity"), "3");
    assert_eq!(target.count("order_lines"), 1);
}

/// A category below a new category.
pub fn a_self_reference_is_resolved(target: &impl Target) {
    let category = |temp: &str, slug: &str, parent: Value| json!({"op": "insert", "table": "categories", "temp": temp, "values": {"slug": slug, "name": slug, "parent_id": parent}});
    let answer = target.client().push_changes(
        1,
        json!([
            category("1", "top", json!(null)),
            category("2", "below", json!({"$ref": ["categories", "1"]}))
        ]),
    );
    assert_applied(&answer);
    assert_eq!(
        target.count(
            "categories AS a JOIN categories AS b ON a.parent_id = b.category_id WHERE b.slug = 'top'"
        ),
        1
    );
}

/// MySQL computes them.
pub fn generated_columns_cannot_be_written(target: &impl Target) {
    add_catalogue(target);
    target.execute("INSERT INTO orders (order_id, customer_no) VALUES (3, 7)");
    let answer = target.client().push_changes(
        1,
        json!([{"op": "insert", "table": "order_lines",
                "values": {"order_id": "3", "line_no": "1", "sku": "HAM-1", "unit_price": "1.000000", "line_total": "5.000000"}}]),
    );
    assert_eq!(outcome(&answer, 0), ("failed".into(), "unknown_column".into()), "{answer}");
    assert_eq!(answer["units"][0]["field"], "order_lines.line_total");
}

/// Bytes, not text; a wrong base64 is refused and too many bytes are too long.
pub fn binary_values_are_base64(target: &impl Target) {
    add_catalogue(target);
    let client = target.client();
    for (batch, (value, code)) in (1..).zip([
        ("not base64", "bad_value"),
        ("AA=", "bad_value"),
        ("AAAAAAAAAAAAAAAAAAAAAAA=", "too_long"),
    ]) {
        let answer = client.push_changes(batch, product(json!({"barcode": value})));
        assert_eq!(outcome(&answer, 0), ("failed".into(), code.into()), "{answer}");
        assert_eq!(answer["units"][0]["field"], "products.barcode");
    }
    assert_applied(&client.push_changes(4, product(json!({"barcode": "AAECAwQFBgcICQoLDA0ODw=="}))));
}

/// A product that was not made, and its stock: no `$ref` says so, only the key.
pub fn a_failed_text_key_blocks_what_uses_it(target: &impl Target) {
    add_catalogue(target);
    let answer = target.client().push(
        1,
        json!([
            {"unit": "1", "changes": product(json!({"category_id": "999"}))},
            {"unit": "2", "changes": [{"op": "insert", "table": "stock", "values": {"warehouse_code": "EAST", "sku": "NEW-1"}}]},
            {"unit": "3", "changes": [{"op": "update", "table": "products", "key": ["NEW-1"], "values": {"name": "X"}, "base": {"name": "New"}}]}
        ]),
    );
    assert_eq!(outcome(&answer, 0), ("failed".into(), "parent_missing".into()), "{answer}");
    assert_eq!(answer["units"][0]["field"], "products.category_id");
    for unit in [1, 2] {
        assert_eq!(outcome(&answer, unit), ("failed".into(), "blocked".into()), "{answer}");
        assert_eq!(answer["units"][unit]["blocked_by"], "1");
    }
}

/// `ham-1` is no `HAM-1`: the column's collation is binary.
pub fn text_keys_keep_their_case(target: &impl Target) {
    add_catalogue(target);
    let client = target.client();
    assert!(client.read("table=products&key=[\"ham-1\"]").rows.is_empty());
    assert_applied(&client.push_changes(1, product(json!({"sku": "ham-1"}))));
    assert_eq!(target.count("products WHERE sku IN ('ham-1', 'HAM-1')"), 2);
}

/// `suppliers.contact`: not in pages, answers and changes, and unknown to every push.
pub fn hidden_columns_are_neither_read_nor_written(target: &impl Target) {
    let client = target.client();
    let insert =
        |values: Value| json!([{"op": "insert", "table": "suppliers", "temp": "1", "values": values}]);
    let answer = client.push_changes(1, insert(json!({"name": "Supplier", "contact": "{}"})));
    assert_eq!(outcome(&answer, 0), ("failed".into(), "unknown_column".into()), "{answer}");
    let answer = client.push_changes(2, insert(json!({"name": "Supplier"})));
    assert_applied(&answer);
    let columns = &answer["rows"][0]["columns"];
    assert!(columns.as_array().is_some_and(|columns| !columns.contains(&json!("contact"))), "{columns}");
    let key = &answer["keys"][0]["key"];
    let by_base = json!([{"op": "update", "table": "suppliers", "key": [key], "values": {"name": "Other"},
                          "base": {"name": "Supplier", "contact": null}}]);
    let answer = client.push_changes(3, by_base);
    assert_eq!(outcome(&answer, 0), ("failed".into(), "unknown_column".into()), "{answer}");
    assert!(!client.read("table=suppliers").head["columns"].to_string().contains("contact"));
    let pull = client.get(&format!("sync.php?since={}", client.cursor()));
    assert!(!pull.text().contains("contact"), "{}", pull.text());
}

/// The key's column is ASCII. MySQL would put `?` for what that lacks, and compare nothing else with it.
pub fn a_key_that_the_columns_characters_cannot_spell_is_no_row(target: &impl Target) {
    add_catalogue(target);
    target.execute("INSERT INTO products (sku, category_id, name) VALUES ('X-?', 1, 'Question')");
    let client = target.client();
    for key in ["[\"X-é\"]", "[\"😀\"]"] {
        assert_eq!(client.read(&format!("table=products&key={key}")).rows.len(), 0, "{key}");
        assert_eq!(
            client.get(&format!("read.php?table=products&after={key}&until={key}&limit=3")).status,
            200,
            "{key}"
        );
    }
    let deletes = json!([{"op": "delete", "table": "products", "key": ["X-é"], "base": {}},
                         {"op": "delete", "table": "stock", "key": ["EAST", "HAM-😀"], "base": {}}]);
    assert_applied(&client.push_changes(1, deletes));
    assert_eq!(target.count("products WHERE sku = 'X-?'"), 1, "the row of another key stays");
    let update = json!([{"op": "update", "table": "products", "key": ["X-é"], "values": {"name": "Other"}, "base": {"name": "Question"}}]);
    assert_conflict(&client.push_changes(2, update), 0, "gone", None);
    assert_eq!(target.count("products WHERE name = 'Question'"), 1);
}
