//! Pages of a table, and single rows.

use super::Target;
use serde_json::json;

/// `after` is null, `more` is false.
pub fn an_empty_table_is_one_page_without_rows(target: &impl Target) {
    let page = target.client().read("table=payments");
    assert!(page.rows.is_empty());
    assert_eq!(page.end, json!({"end": true, "rows": 0, "more": false, "after": null}));
    assert_eq!(page.head["table"], "payments");
}

fn add_branches(target: &impl Target, keys: impl Iterator<Item = u32>) {
    let rows: Vec<String> = keys.map(|key| format!("({key}, 'Branch {key}', 'Clinic')")).collect();
    target.execute(&format!(
        "INSERT INTO branches (branch_id, branch_name, clinic_name) VALUES {}",
        rows.join(", ")
    ));
}

/// In key order, as numbers: 9 before 10.
pub fn pages_follow_the_key_and_miss_nothing(target: &impl Target) {
    add_branches(target, (1..=23).map(|n| n * 7 % 24 * 3));
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = target.client().read(&format!("table=branches&limit=5{after}"));
        seen.extend(
            page.rows
                .iter()
                .map(|row| row["branch_id"].clone().expect("a key").parse::<u32>().expect("a number")),
        );
        if page.end["more"] == false {
            break;
        }
        assert_eq!(page.rows.len(), 5);
        after = format!("&after={}", page.end["after"]);
    }
    let expected: Vec<u32> = (1..=23).map(|n| n * 3).collect();
    assert_eq!(seen, expected);
}

/// With its key as `after`.
pub fn one_row_is_found_by_its_key(target: &impl Target) {
    target.add_clinic_rows();
    let page = target.client().read("table=patients&key=[\"12\"]");
    assert_eq!(page.rows.len(), 1);
    assert_eq!(page.rows[0]["total_amount"].as_deref(), Some("900.50"));
    assert_eq!(page.rows[0]["remarks"], None);
    assert_eq!((&page.end["more"], &page.end["after"]), (&json!(false), &json!(["12"])));
}

/// Not an error: the row is gone.
pub fn a_missing_row_is_an_empty_answer(target: &impl Target) {
    target.add_clinic_rows();
    let page = target.client().read("table=patients&key=[\"999\"]");
    assert!(page.rows.is_empty());
}

/// Every key once, and in the same order each time.
pub fn a_text_key_pages_in_order(target: &impl Target) {
    let keys = ["alpha", "beta", "Gamma", "delta_2", "delta_10", "zz top", "0"];
    let rows: Vec<String> = keys.iter().map(|key| format!("('{key}', 'x')")).collect();
    target.execute(&format!(
        "INSERT INTO system_settings (setting_key, setting_value) VALUES {}",
        rows.join(", ")
    ));
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = target.client().read(&format!("table=system_settings&limit=2{after}"));
        seen.extend(page.rows.iter().filter_map(|row| row["setting_key"].clone()));
        if page.end["more"] == false {
            break;
        }
        after = format!("&after={}", page.end["after"].to_string().replace(' ', "%20"));
    }
    let whole: Vec<String> = target
        .client()
        .read("table=system_settings")
        .rows
        .iter()
        .filter_map(|row| row["setting_key"].clone())
        .collect();
    assert_eq!(seen, whole);
    seen.sort();
    let mut expected = keys.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(seen, expected);
}

/// Neither in pages nor in changes.
pub fn hidden_columns_are_not_there(target: &impl Target) {
    let columns = target.client().read("table=employees").head["columns"].clone();
    let columns = columns.as_array().expect("a list of columns");
    assert!(columns.contains(&json!("first_name")));
    assert!(!columns.contains(&json!("password_hash")));
}

/// Deny by default.
pub fn tables_that_are_not_synced_are_unknown(target: &impl Target) {
    for table in
        ["api_tokens", "users", "_physio_device", "information_schema.tables", "Branches", "", "branches%20"]
    {
        target.client().get(&format!("read.php?table={table}")).expect_error("unknown_table");
    }
    target.client().get("read.php").expect_error("bad_request");
}

/// Arrays of as many strings as the key has columns.
pub fn malformed_keys_are_refused(target: &impl Target) {
    for key in
        ["17", "[17]", "[]", "[\"1\",\"2\"]", "{\"a\":\"1\"}", "[null]", "[\"x\"]", "[\"1", "[[\"1\"]]"]
    {
        let client = target.client();
        client.get(&format!("read.php?table=branches&key={key}")).expect_error("bad_request");
        client.get(&format!("read.php?table=branches&after={key}")).expect_error("bad_request");
    }
    target.client().get("read.php?table=branches&key=[\"1\"]&after=[\"1\"]").expect_error("bad_request");
    for limit in ["0", "x", "-5"] {
        target.client().get(&format!("read.php?table=branches&limit={limit}")).expect_error("bad_request");
    }
}

/// Exactly as many rows as asked for: `more` is false, nothing follows.
pub fn a_page_ends_where_the_limit_says(target: &impl Target) {
    add_branches(target, 1..=6);
    let page = target.client().read("table=branches&limit=6");
    assert_eq!((page.rows.len(), &page.end["more"]), (6, &json!(false)));
    let page = target.client().read("table=branches&limit=5");
    assert_eq!((page.rows.len(), &page.end["more"]), (5, &json!(true)));
    assert_eq!(page.end["after"], json!(["5"]));
}
