//! A field that cannot hold its column is told what the dump has and which type to use.

use physio_runtime::FromRow;
use physio_runtime::types::{Date, Decimal};

#[derive(FromRow)]
#[physio(table = "payments")]
struct Payment {
    payment_id: i32,
    patient_id: u64,
    payment_date: String,
    amount: i64,
    created_at: Date,
    mode: Option<Vec<u8>>,
}

#[derive(FromRow)]
#[physio(table = "employees")]
struct Employee {
    is_active: bool,
    first_name: &'static str,
    date_of_joining: Decimal,
}

fn main() {}
