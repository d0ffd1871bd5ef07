//! The generated rows have the dump's columns and no others, and their names are typed.

use physio_runtime::types::Column;

mod clinic {
    physio_runtime::schema!("physio.toml");
}

fn amount_in_rupees(payment: &clinic::Payments) -> String {
    payment.amuont.to_string()
}

const STATE: Column<clinic::Employees, Option<String>> = clinic::branches::STATE;
const SATE: Column<clinic::Branches, Option<String>> = clinic::branches::SATE;

fn main() {}
