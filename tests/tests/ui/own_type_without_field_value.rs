//! A type of the application's own must be a `FieldValue`; the compiler points at the field.

use physio_runtime::FromRow;

struct PatientId;

#[derive(FromRow)]
#[physio(table = "patients")]
struct Card {
    patient_id: PatientId,
}

fn main() {}
