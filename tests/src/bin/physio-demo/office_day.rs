//! What the clinic does while the network is down, and what became of it.

use crate::Result;
use crate::clinic::{
    Patients, PatientsInsert, PatientsOptional, Payments, PaymentsInsert, PaymentsOptional, Tests, TestsPatch,
};
use crate::screen::Screen;
use crate::server::Server;
use physio_runtime::Physio;
use physio_runtime::types::{Date, Decimal};
use physio_tests::timing::{Timings, shown};

/// What was written offline: temporary keys and the edited row.
#[derive(Debug)]
pub(crate) struct Day {
    patient: i64,
    payment: i64,
    test: i64,
    /// The row that somebody else changed meanwhile.
    elsewhere: i64,
}

const LIMB: &str = "left knee";
const REMARKS_ELSEWHERE: &str = "moved to the evening, says the website";

/// Registers a patient with a payment, edits a test; meanwhile the website changes something on the server.
pub(crate) fn work(screen: &Screen, physio: &Physio, server: &Server) -> Result<Day> {
    let branch = first_key(physio, "SELECT min(branch_id) FROM branches")?;
    let test = first_key(physio, "SELECT min(test_id) FROM tests")?;
    let elsewhere = first_key(physio, "SELECT max(patient_id) FROM patients")?;

    let (first_day, last_day): (Date, Date) = ("2026-03-02".parse()?, "2026-03-21".parse()?);
    let mut keys = None;
    let took = Timings::try_measure(1, |_| -> physio_runtime::Result<()> {
        keys = Some(physio.write(|tx| {
            let patient = tx.insert(PatientsInsert {
                treatment_type: "package".into(),
                total_amount: Decimal::new(450_000, 2),
                due_amount: Decimal::new(405_000, 2),
                start_date: first_day,
                end_date: last_day,
                optional: PatientsOptional {
                    branch_id: Some(branch),
                    assigned_doctor: Some("Dr. Synthetic".into()),
                    ..Default::default()
                },
            })?;
            // The patient's key is temporary; the payment refers to it all the same.
            let payment = tx.insert(PaymentsInsert {
                patient_id: patient,
                payment_date: first_day,
                amount: Decimal::new(45_000, 2),
                optional: PaymentsOptional { mode: Some("cash".into()), ..Default::default() },
            })?;
            Ok((patient, payment))
        })?);
        Ok(())
    })?;
    let (patient, payment) = keys.ok_or("the write did not run")?;
    screen.say(format!("a patient is registered, with a first payment of 450.00, in {}", shown(took.max())));
    screen.note(format!("temporary keys: patient {patient}, payment {payment}"));

    let patch = TestsPatch { limb: Some(Some(LIMB.into())), ..Default::default() };
    physio.write(|tx| tx.update::<Tests>(test, patch))?;
    screen.say(format!("test {test} is edited: limb is \"{LIMB}\" now"));

    server.change_elsewhere(&format!(
        "UPDATE patients SET remarks = '{REMARKS_ELSEWHERE}' WHERE patient_id = {elsewhere}"
    ))?;
    screen.say(format!("meanwhile the website changes patient {elsewhere} on the server"));

    let status = physio.status()?;
    screen.say(format!(
        "waiting: {} changes in {} transactions; each of these rows is `pending`",
        status.n_pending, status.n_queued_units
    ));
    Ok(Day { patient, payment, test, elsewhere })
}

impl Day {
    /// Shows the keys that the server gave, and that everything arrived; whether all is as it should be.
    pub(crate) fn show_outcome(&self, screen: &Screen, physio: &Physio) -> Result<bool> {
        let patient = new_key(physio, "patients", self.patient)?;
        let payment = new_key(physio, "payments", self.payment)?;
        screen.say(format!("patient {} → {patient}", self.patient));
        screen.say(format!("payment {} → {payment}", self.payment));

        // A screen that still holds the temporary key finds the row.
        let by_temporary = physio.get::<Patients>(self.patient)?;
        let found = by_temporary.is_some_and(|row| row.patient_id == patient);
        screen.verdict(found, "the temporary key still finds the patient");
        let follows = physio.get::<Payments>(payment)?.is_some_and(|row| row.patient_id == patient);
        screen.verdict(follows, "the payment refers to the patient's new key");
        let edited = physio.get::<Tests>(self.test)?.is_some_and(|row| row.limb.as_deref() == Some(LIMB));
        screen.verdict(edited, format!("test {} keeps its edit", self.test));
        let elsewhere = physio.get::<Patients>(self.elsewhere)?;
        let arrived = elsewhere.is_some_and(|row| row.remarks.as_deref() == Some(REMARKS_ELSEWHERE));
        screen.verdict(arrived, format!("the website's change of patient {} has arrived", self.elsewhere));

        let status = physio.status()?;
        let is_clear = status.n_pending == 0 && status.n_attention == 0;
        screen.verdict(is_clear, "nothing waits any more, nothing needs a person");
        Ok(found && follows && edited && arrived && is_clear)
    }
}

fn first_key(physio: &Physio, sql: &str) -> Result<i64> {
    let found = physio.query_rows(sql, [], |row| Ok(row.get::<_, Option<i64>>(0)?))?;
    found.into_iter().flatten().next().ok_or_else(|| format!("no row: {sql}").into())
}

fn new_key(physio: &Physio, table: &str, temporary_key: i64) -> Result<i64> {
    let key = physio.resolve_key(table, temporary_key)?;
    let key = key.ok_or_else(|| format!("the new row of {table} was not pushed"))?;
    Ok(key.parse()?)
}
