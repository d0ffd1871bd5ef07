//! `expenses.user_id`, misspelt against the present dump, and asked of a dump that lacks it.

use physio_runtime::FromRow;

#[derive(FromRow)]
#[physio(table = "expenses")]
struct MisspeltExpense {
    user_idd: Option<i32>,
}

#[derive(FromRow)]
#[physio(table = "expenses", config = "missing/physio.toml")]
struct MissingExpense {
    user_id: Option<i32>,
}

fn main() {}
