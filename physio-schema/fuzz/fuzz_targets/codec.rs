//! Any text as a value of any type: no panic, and what was brought to MySQL's spelling stays as it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use physio_schema::codec::{
    Cell, canonical_wire, captured_from_cell, captured_from_wire, cell_from_captured, cell_from_wire,
    wire_from_captured, wire_from_cell,
};
use physio_schema::model::{ColumnType, IntegerWidth, LobSize, SpatialKind};
use physio_schema::plan::{ColumnPlan, ConflictRule, Storage, Wire};

fuzz_target!(|input: &[u8]| {
    let [kind, detail, rest @ ..] = input else { return };
    let column = column(*kind, *detail);
    let text = String::from_utf8_lossy(rest);
    if let Ok(cell) = cell_from_wire(&column, Some(&text)) {
        round_trip(&column, &cell);
    }
    let _ = wire_from_captured(&column, Some(&text));
    let _ = captured_from_wire(&column, Some(&text));
    if let Ok(cell) = cell_from_captured(&column, Some(&text)) {
        round_trip(&column, &cell);
    }
    let once = canonical_wire(&column, &text).into_owned();
    assert_eq!(canonical_wire(&column, &once), once, "{column:?}: {text:?}");
    let number = rest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    for cell in [Cell::Integer(number as i64), Cell::Real(f64::from_bits(number)), Cell::Blob(rest.into())] {
        let _ = wire_from_cell(&column, &cell);
        let _ = captured_from_cell(&cell);
    }
});

/// What SQLite stores goes into the outbox and comes back as it was.
fn round_trip(column: &ColumnPlan, cell: &Cell<'_>) {
    let Some(captured) = captured_from_cell(cell) else { return };
    let Ok(back) = cell_from_captured(column, Some(&captured)) else { return };
    match (&back, cell) {
        (Cell::Real(back), Cell::Real(cell)) => assert_eq!(back.to_bits(), cell.to_bits(), "{column:?}"),
        (back, cell) => assert_eq!(back, cell, "{column:?}: {captured:?}"),
    }
}

fn column(kind: u8, detail: u8) -> ColumnPlan {
    let unsigned = detail & 1 != 0;
    let zerofill = detail & 3 == 3;
    let fraction = detail % 7;
    let digits = (detail & 4 != 0).then_some((10, detail % 5));
    let (column_type, storage, wire) = match kind % 16 {
        0 => {
            let big = ColumnType::Integer { width: IntegerWidth::Big, unsigned, zerofill, display: 20 };
            let storage = if unsigned { Storage::Unsigned64 } else { Storage::Integer };
            (big, storage, if zerofill { Wire::Bits } else { Wire::Text })
        }
        1 => {
            let tiny = ColumnType::Integer { width: IntegerWidth::Tiny, unsigned, zerofill, display: 4 };
            (tiny, Storage::Integer, if zerofill { Wire::Bits } else { Wire::Text })
        }
        2 => {
            let scale = detail % 31;
            let decimal = ColumnType::Decimal { precision: 65, scale, unsigned, zerofill };
            (decimal, Storage::Text, if zerofill { Wire::Bits } else { Wire::Text })
        }
        3 => (ColumnType::Float { digits, unsigned, zerofill }, Storage::Real, Wire::Float),
        4 => (ColumnType::Double { digits, unsigned, zerofill }, Storage::Real, Wire::Float),
        5 => (ColumnType::Bit { bits: 64 }, Storage::Unsigned64, Wire::Bits),
        6 => (ColumnType::Year { display: 4 }, Storage::Integer, Wire::Text),
        7 => (ColumnType::Date, Storage::Text, Wire::Text),
        8 => (ColumnType::DateTime { fraction }, Storage::Text, Wire::Text),
        9 => (ColumnType::Timestamp { fraction }, Storage::Text, Wire::Text),
        10 => (ColumnType::Time { fraction }, Storage::Text, Wire::Text),
        11 => (ColumnType::Enum { members: vec!["a".into(), "é".into()] }, Storage::Text, Wire::Text),
        12 => (ColumnType::Set { members: vec!["a".into(), "b".into()] }, Storage::Text, Wire::Text),
        13 => (ColumnType::Blob { size: LobSize::Normal }, Storage::Blob, Wire::Base64),
        14 => (ColumnType::Spatial { kind: SpatialKind::Point }, Storage::Blob, Wire::Base64),
        _ => (ColumnType::Text { size: LobSize::Normal }, Storage::Text, Wire::Text),
    };
    ColumnPlan {
        name: "c".into(),
        column_type,
        storage,
        wire,
        nullable: true,
        optional: true,
        generated: false,
        collation: None,
        conflict: ConflictRule::Manual,
    }
}
