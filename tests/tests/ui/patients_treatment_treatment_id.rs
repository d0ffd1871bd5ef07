//! `patients_treatment.treatment_id`, misspelt against the present dump, and asked of a dump that lacks it.

use physio_runtime::FromRow;

#[derive(FromRow)]
#[physio(table = "patients_treatment")]
struct MisspeltTreatment {
    treatmentid: i64,
}

#[derive(FromRow)]
#[physio(table = "patients_treatment", config = "missing/physio.toml")]
struct MissingTreatment {
    treatment_id: i64,
}

fn main() {}
