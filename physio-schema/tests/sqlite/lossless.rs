//! What is stored, what the triggers capture and what is sent agree for any value.

use super::Cache;
use physio_schema::codec::{
    Cell, canonical_wire, captured_from_cell, cell_from_captured, cell_from_wire, wire_from_cell,
};
use proptest::prelude::*;
use rusqlite::types::Value;

/// A wire value for each column of the table of types that takes any value of its storage.
fn wire_values() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    use base64::Engine as _;
    let encode = |bytes: Vec<u8>| base64::engine::general_purpose::STANDARD.encode(bytes);
    (
        any::<i8>(),
        any::<u64>(),
        (-9999_i32..=9999, 0_u32..100),
        proptest::num::f32::NORMAL | proptest::num::f32::ZERO,
        proptest::num::f64::POSITIVE | proptest::num::f64::ZERO,
        "\\PC{0,3}|[\\x00-\\x1f\"\\\\]{0,3}",
        proptest::collection::vec(any::<u8>(), 0..=2),
        (0_u32..=838, 0_u32..60, 0_u32..60),
    )
        .prop_map(move |(tiny, huge, (whole, cents), half, double, short, raw, (h, m, s))| {
            vec![
                ("tiny", tiny.to_string()),
                ("huge", huge.to_string()),
                ("money", format!("{whole}.{cents:02}")),
                ("half", f64::from(half).to_string()),
                ("whole", double.to_string()),
                ("short", short.trim_end_matches(' ').to_owned()),
                ("raw", encode(raw)),
                ("clock", format!("{h:02}:{m:02}:{s:02}")),
            ]
        })
}

fn bound(cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(value) => Value::Integer(*value),
        Cell::Real(value) => Value::Real(*value),
        Cell::Text(value) => Value::Text(value.to_string()),
        Cell::Blob(value) => Value::Blob(value.to_vec()),
    }
}

fn cell(value: Value) -> Cell<'static> {
    match value {
        Value::Null => Cell::Null,
        Value::Integer(value) => Cell::Integer(value),
        Value::Real(value) => Cell::Real(value),
        Value::Text(value) => Cell::Text(value.into()),
        Value::Blob(value) => Cell::Blob(value.into()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_outbox_holds_exactly_what_the_row_holds(values in wire_values()) {
        let cache = Cache::clinic();
        let table = cache.plan.table("types").unwrap();
        let column = |name: &str| &table.columns[table.position(name).unwrap()];
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        let marks = vec!["?"; names.len()].join(", ");
        let cells: Vec<Value> =
            values.iter().map(|(name, wire)| bound(&cell_from_wire(column(name), Some(wire)).unwrap())).collect();
        let sql = format!("INSERT INTO types (k, {}) VALUES (1, {marks})", names.join(", "));
        cache.connection.execute(&sql, rusqlite::params_from_iter(cells)).unwrap();

        let captured = cache.ask("SELECT changed FROM _physio_outbox");
        let captured: serde_json::Value = serde_json::from_str(&captured).unwrap();
        for (name, wire) in &values {
            let column = column(name);
            let stored = cache.connection.query_row(&format!("SELECT {name} FROM types"), [], |row| row.get(0));
            let stored = cell(stored.unwrap());
            let text = captured[*name].as_str();
            prop_assert_eq!(&cell_from_captured(column, text).unwrap(), &stored, "{}", name);
            let sent = wire_from_cell(column, &stored).unwrap().map(|text| text.into_owned());
            prop_assert_eq!(sent, Some(canonical_wire(column, wire).into_owned()), "{}", name);
            // The runtime spells row keys itself and must hit the trigger's spelling.
            if !matches!(stored, Cell::Real(_)) {
                let spelt = captured_from_cell(&stored);
                prop_assert_eq!(spelt.as_deref(), text, "{}", name);
            }
        }
    }
}
