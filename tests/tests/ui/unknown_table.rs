//! A table that does not exist is told apart from one that is in the dump but not synced.

use physio_runtime::FromRow;

#[derive(FromRow)]
#[physio(table = "patient")]
struct Misspelt {
    patient_id: i64,
}

#[derive(FromRow)]
#[physio(table = "api_tokens")]
struct NotSynced {
    token: String,
}

fn main() {}
