//! A column that physio.toml hides never reaches the device, so no struct can have it.

use physio_runtime::FromRow;

#[derive(FromRow)]
#[physio(table = "employees")]
struct Employee {
    employee_id: i64,
    password_hash: Option<String>,
}

fn main() {}
