//! `payment_methods.method_id`, misspelt against the present dump, and asked of a dump that lacks it.

use physio_runtime::FromRow;

#[derive(FromRow)]
#[physio(table = "payment_methods")]
struct MisspeltPaymentMethod {
    methodId: i64,
}

#[derive(FromRow)]
#[physio(table = "payment_methods", config = "missing/physio.toml")]
struct MissingPaymentMethod {
    method_id: i64,
}

fn main() {}
