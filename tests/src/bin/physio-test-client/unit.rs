//! Local transactions that leave their marker in every row they touch.

use crate::clinic::{
    Branches, BranchesPatch, PatientsInsert, PatientsOptional, Payments, PaymentsInsert, PaymentsOptional,
    TestsInsert, TestsOptional,
};
use physio_runtime::types::{Date, Decimal};
use physio_runtime::{Physio, Result};

/// A patient, a payment that refers to it by its temporary key, and an edit of the branch. Every third one also
/// deletes the payment of the one before, whose key is `previous` and may have become another meanwhile.
///
/// The payment's key is returned once all of it is on the disk.
pub(crate) fn write(
    physio: &Physio,
    marker: &str,
    number: u32,
    branch: i64,
    previous: Option<i64>,
) -> Result<i64> {
    physio.write(|tx| {
        let patient = tx.insert(PatientsInsert {
            treatment_type: "package".into(),
            total_amount: Decimal::new(450_000, 2),
            due_amount: Decimal::new(405_000, 2),
            start_date: day(),
            end_date: day(),
            optional: PatientsOptional { remarks: Some(marker.into()), ..Default::default() },
        })?;
        let payment = tx.insert(PaymentsInsert {
            patient_id: patient,
            payment_date: day(),
            amount: Decimal::new(45_000, 2),
            optional: PaymentsOptional { remarks: Some(marker.into()), ..Default::default() },
        })?;
        let city = BranchesPatch { city: Some(Some(marker.into())), ..Default::default() };
        assert!(
            tx.update::<Branches>(branch, city)?,
            "the branch is in the cache before anything is written"
        );
        if let Some(previous) = previous.filter(|_| number % 3 == 2) {
            assert!(tx.delete::<Payments>(previous)?, "the payment before is still there");
        }
        Ok(payment)
    })
}

/// A test under a number that every device gives out by itself: two that are offline make the same one.
pub(crate) fn contend(physio: &Physio, marker: &str, number: u32) -> Result<i64> {
    physio.write(|tx| {
        tx.insert(TestsInsert {
            visit_date: day(),
            assigned_test_date: day(),
            patient_name: "Person".into(),
            test_name: "ncv".into(),
            test_done_by: "Doctor".into(),
            total_amount: Decimal::new(10_000, 2),
            optional: TestsOptional {
                test_uid: Some(format!("contended-{number}")),
                address: Some(marker.into()),
                ..Default::default()
            },
        })
    })
}

fn day() -> Date {
    Date::new(2026, 3, 2).expect("a day of the calendar")
}
