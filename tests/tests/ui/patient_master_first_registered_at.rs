//! `patient_master.first_registered_at`, misspelt against the present dump, and asked of a dump that lacks it.

use physio_runtime::FromRow;
use physio_runtime::types::Timestamp;

#[derive(FromRow)]
#[physio(table = "patient_master")]
struct MisspeltMaster {
    first_registerd_at: Timestamp,
}

#[derive(FromRow)]
#[physio(table = "patient_master", config = "missing/physio.toml")]
struct MissingMaster {
    first_registered_at: Timestamp,
}

fn main() {}
