//! A column that may be NULL needs `Option`; a NOT NULL column may have one.

use physio_runtime::FromRow;

#[derive(FromRow)]
#[physio(table = "patients")]
struct Card {
    patient_id: Option<i64>,
    remarks: String,
    branch_id: i64,
}

fn main() {}
