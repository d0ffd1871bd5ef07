//! What `schema!` and `#[derive(FromRow)]` generate, used as an application uses it, on SQLite itself.

use physio_runtime::types::{Column, Date, Decimal, FieldValue, Member, Set, Timestamp};
use physio_runtime::{FromRow, RowKey, RowValues, SyncStatus, Table};
use rusqlite::Connection;
use rusqlite::types::Value;

mod clinic {
    physio_runtime::schema!("physio.toml");
}

mod shop {
    physio_runtime::schema!("tests/shop/physio.toml");
}

fn cache_of<T: Table>() -> Connection {
    let file = Connection::open_in_memory().expect("memory is there");
    file.execute_batch(T::CREATE).expect("the DDL is valid");
    file
}

fn insert(file: &Connection, table: &str, values: Vec<(&'static str, Value)>) {
    let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let marks = vec!["?"; names.len()].join(", ");
    let sql = format!("INSERT INTO {table} ({}) VALUES ({marks})", names.join(", "));
    file.execute(&sql, rusqlite::params_from_iter(values.into_iter().map(|(_, value)| value)))
        .expect("the table takes it");
}

fn only_row<T: FromRow>(file: &Connection) -> T {
    let columns: Vec<String> = T::COLUMNS.iter().map(|name| format!("\"{name}\"")).collect();
    let sql = format!("SELECT {} FROM \"{}\"", columns.join(", "), T::TABLE);
    let mut statement = file.prepare(&sql).expect("the columns exist");
    statement.query_row([], |row| Ok(T::from_row(row).expect("the types fit"))).expect("there is a row")
}

fn product() -> shop::ProductsInsert {
    shop::ProductsInsert {
        sku: "TAPE-5".to_owned(),
        category_id: 3,
        name: "Tape".to_owned(),
        optional: shop::ProductsOptional {
            unit_price: Some(Decimal::new(12_500_000, 6)),
            handling: Some(
                [shop::ProductsHandling::Cold, shop::ProductsHandling::Fragile].into_iter().collect(),
            ),
            status: Some(shop::ProductsStatus::OnSale),
            model_year: Some(2024),
            picture: Some(vec![0, 255]),
            ..Default::default()
        },
    }
}

#[test]
fn an_insert_comes_back_as_the_row_it_became() {
    let file = cache_of::<shop::Products>();
    insert(&file, shop::products::TABLE, product().values());
    let row: shop::Products = only_row(&file);
    assert_eq!(row.unit_price.to_string(), "12.500000");
    assert_eq!(row.handling.to_string(), "fragile,cold", "members stand in the dump's order");
    assert_eq!(row.status, shop::ProductsStatus::OnSale);
    assert_eq!((row.model_year, row.picture.as_deref()), (Some(2024), Some(&[0, 255][..])));
    assert_eq!((row.tax_rate.to_string().as_str(), row.flags), ("18.000", 0), "MySQL's defaults");
    assert_eq!(row.key(), "TAPE-5");
    assert_eq!(row.key().to_values(), [Value::Text("TAPE-5".into())]);
}

#[test]
fn an_insert_names_only_what_is_set_in_the_order_of_the_table() {
    let names: Vec<&str> = product().values().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["sku", "category_id", "name", "unit_price", "handling", "status", "model_year", "picture"]
    );
}

#[test]
fn a_patch_tells_leaving_a_column_from_setting_null() {
    let patch = shop::ProductsPatch {
        description: Some(None),
        weight_kg: Some(Some(0.5)),
        name: Some("Tape, wide".to_owned()),
        ..Default::default()
    };
    assert_eq!(
        patch.values(),
        [
            ("name", Value::Text("Tape, wide".into())),
            ("description", Value::Null),
            ("weight_kg", Value::Real(0.5)),
        ]
    );
    assert_eq!(shop::ProductsPatch::default().values(), []);
}

#[test]
fn a_composite_key_is_a_tuple_in_key_order() {
    assert_eq!(shop::OrderLines::KEY, ["order_id", "line_no"]);
    let file = cache_of::<shop::OrderLines>();
    let line = shop::OrderLinesInsert {
        order_id: u64::MAX,
        line_no: 2,
        sku: "TAPE-5".to_owned(),
        unit_price: "1.000000".parse().unwrap(),
        optional: shop::OrderLinesOptional::default(),
    };
    insert(&file, shop::order_lines::TABLE, line.values());
    let row: shop::OrderLines = only_row(&file);
    assert_eq!(row.key(), (u64::MAX, 2));
    assert_eq!(row.line_total, None, "MySQL computes it");
    let key: (u64, u16) = file
        .query_row("SELECT order_id, line_no FROM order_lines", [], |row| Ok(RowKey::from_row(row).unwrap()))
        .unwrap();
    assert_eq!(key, row.key());
}

#[test]
fn an_unknown_enum_text_survives_a_round_trip() {
    let file = cache_of::<shop::Products>();
    insert(&file, shop::products::TABLE, product().values());
    file.execute("UPDATE products SET status = 'recalled', handling = 'cold,magnetic'", []).unwrap();
    let row: shop::Products = only_row(&file);
    assert_eq!(row.status, shop::ProductsStatus::Unknown("recalled".to_owned()));
    assert_eq!(row.status.to_sql(), Value::Text("recalled".into()));
    assert_eq!(row.handling.to_sql(), Value::Text("cold,magnetic".into()));
    assert!(row.handling.contains(&shop::ProductsHandling::Cold));
}

#[test]
fn members_are_text_everywhere() {
    assert_eq!(shop::ProductsStatus::MEMBERS, ["draft", "on sale", "sold out", "gone"]);
    assert_eq!("sold out".parse(), Ok(shop::ProductsStatus::SoldOut));
    assert_eq!(shop::ProductsStatus::SoldOut.to_string(), "sold out");
    let json = serde_json::to_string(&shop::ProductsStatus::SoldOut).unwrap();
    assert_eq!(json, "\"sold out\"");
    assert_eq!(serde_json::from_str::<shop::ProductsStatus>(&json).unwrap(), shop::ProductsStatus::SoldOut);
    let none: Set<shop::ProductsHandling> = Set::new();
    assert_eq!(none.to_sql(), Value::Text(String::new()));
}

#[test]
fn a_row_is_json_under_the_columns_names() {
    let file = cache_of::<clinic::Payments>();
    let payment = clinic::PaymentsInsert {
        patient_id: 7,
        payment_date: Date::ZERO,
        amount: Decimal::new(1050, 2),
        optional: clinic::PaymentsOptional::default(),
    };
    insert(&file, clinic::payments::TABLE, payment.values());
    let json = serde_json::to_value(only_row::<clinic::Payments>(&file)).unwrap();
    assert_eq!(json["amount"], "10.50");
    assert_eq!(json["payment_date"], "0000-00-00");
    assert_eq!(json["patient_id"], 7);
    assert_eq!(json["remarks"], serde_json::Value::Null);
}

#[derive(FromRow)]
#[physio(table = "payments")]
struct Receipt {
    amount: Decimal,
    #[physio(column = "mode")]
    paid_by: Option<String>,
    payment_id: i64,
    _sync_status: SyncStatus,
    _last_synced_at: Option<Timestamp>,
}

#[test]
fn an_applications_own_struct_reads_its_columns_in_its_own_order() {
    let file = cache_of::<clinic::Payments>();
    file.execute(
        "INSERT INTO payments (patient_id, payment_date, amount, mode, _sync_status)
         VALUES (1, '2024-01-01', '3.00', 'upi', 'pending')",
        [],
    )
    .unwrap();
    assert_eq!(Receipt::COLUMNS, ["amount", "mode", "payment_id", "_sync_status", "_last_synced_at"]);
    let receipt: Receipt = only_row(&file);
    assert_eq!((receipt.amount.to_string().as_str(), receipt.paid_by.as_deref()), ("3.00", Some("upi")));
    assert_eq!(receipt._sync_status, SyncStatus::Pending);
    assert!(receipt.payment_id >= 1 && receipt._last_synced_at.is_none());
}

#[test]
fn column_names_carry_their_table_and_type() {
    let amount: Column<clinic::Payments, Decimal> = clinic::payments::AMOUNT;
    assert_eq!((amount.name(), amount.to_string().as_str()), ("amount", "amount"));
    assert_eq!(format!("{amount:?}"), "payments.amount");
    let remarks: Column<clinic::Patients, Option<String>> = clinic::patients::REMARKS;
    assert_eq!(remarks.as_ref(), "remarks");
    assert_eq!(clinic::payments::DDL, clinic::Payments::CREATE);
    assert_eq!(clinic::payments::UPSERT, clinic::Payments::UPSERT);
}

#[test]
fn two_schemas_live_in_one_program() {
    assert_eq!((clinic::plan().app.as_str(), shop::plan().app.as_str()), ("clinic", "shop"));
    assert_eq!(clinic::plan().tables.len(), 17);
    assert!(std::ptr::eq(clinic::plan(), clinic::plan()), "decoded once");
    assert_ne!(clinic::plan().fingerprint, shop::plan().fingerprint);
}

#[test]
fn hidden_columns_are_in_no_generated_item() {
    assert!(!clinic::Employees::COLUMNS.contains(&"password_hash"));
    assert!(clinic::plan().table("employees").unwrap().position("password_hash").is_none());
}
