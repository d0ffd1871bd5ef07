//! A physio.toml that is not there.

use physio_runtime::FromRow;

mod clinic {
    physio_runtime::schema!("nowhere/physio.toml");
}

#[derive(FromRow)]
#[physio(table = "patients", config = "physio.tml")]
struct Card {
    patient_id: i64,
}

fn main() {}
