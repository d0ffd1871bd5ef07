//! What the attributes take, and on what the derive can stand.

use physio_runtime::FromRow;

#[derive(FromRow)]
struct NoTable {
    patient_id: i64,
}

#[derive(FromRow)]
#[physio(table = "patients", colour = "green")]
struct UnknownKey {
    #[physio(name = "patient_id")]
    id: i64,
}

#[derive(FromRow)]
#[physio(table = "patients")]
struct Tuple(i64);

mod clinic {
    physio_runtime::schema!();
}

fn main() {}
