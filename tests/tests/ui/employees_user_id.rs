//! `employees.user_id`, misspelt against the present dump, and asked of a dump that lacks it.

use physio_runtime::FromRow;

#[derive(FromRow)]
#[physio(table = "employees")]
struct MisspeltEmployee {
    userid: Option<i32>,
}

#[derive(FromRow)]
#[physio(table = "employees", config = "missing/physio.toml")]
struct MissingEmployee {
    user_id: Option<i32>,
}

fn main() {}
