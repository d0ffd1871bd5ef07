//! One local transaction that leaves its marker in every row it touches.

use crate::clinic::{
    Branches, BranchesPatch, PatientsInsert, PatientsOptional, Payments, PaymentsInsert, PaymentsOptional,
};
use physio_runtime::types::{Date, Decimal};
use physio_runtime::{Physio, Result};

/// A patient, a payment that refers to it by its temporary key, and an edit of branch 1. Every third one also
/// deletes the payment of the one before, whose key is `previous` and may have become another meanwhile.
///
/// The payment's key is returned once all of it is on the disk.
pub(crate) fn write(physio: &Physio, marker: &str, number: u32, previous: Option<i64>) -> Result<i64> {
    let day = Date::new(2026, 3, 2).expect("a day of the calendar");
    physio.write(|tx| {
        let patient = tx.insert(PatientsInsert {
            treatment_type: "package".into(),
            total_amount: Decimal::new(450_000, 2),
            due_amount: Decimal::new(405_000, 2),
            start_date: day,
            end_date: day,
            optional: PatientsOptional { remarks: Some(marker.into()), ..Default::default() },
        })?;
        let payment = tx.insert(PaymentsInsert {
            patient_id: patient,
            payment_date: day,
            amount: Decimal::new(45_000, 2),
            optional: PaymentsOptional { remarks: Some(marker.into()), ..Default::default() },
        })?;
        let city = BranchesPatch { city: Some(Some(marker.into())), ..Default::default() };
        assert!(tx.update::<Branches>(1, city)?, "branch 1 is in the cache before anything is written");
        if let Some(previous) = previous.filter(|_| number % 3 == 2) {
            assert!(tx.delete::<Payments>(previous)?, "the payment before is still there");
        }
        Ok(payment)
    })
}
