//! What a device holds is what its user may see, from the first pull on and whatever changes later. On both bridges.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_runtime::Physio;
use physio_runtime::bridge::Token;
use physio_tests::conformance::access::add_rows;
use physio_tests::conformance::{EmbeddedTarget, PhpTarget, Target};
use physio_tests::harness::App;

/// A device of one target.
struct Device {
    _folder: tempfile::TempDir,
    physio: Physio,
}

impl Device {
    async fn start(target: &impl Target, token: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let physio = Physio::builder(&*target.app().plan)
            .cache(folder.path().join("cache.db"))
            .bridge_url(target.url())
            .token(Token::new(token))
            .open()
            .unwrap();
        physio.wait_until_synced().await.unwrap();
        Self { _folder: folder, physio }
    }

    fn keys(&self, sql: &str) -> Vec<i64> {
        self.physio.query_rows(sql, [], |row| Ok(row.get(0)?)).unwrap()
    }

    fn patients(&self) -> Vec<i64> {
        self.keys("SELECT patient_id FROM patients ORDER BY 1")
    }

    fn visits(&self) -> Vec<i64> {
        self.keys("SELECT attendance_id FROM attendance ORDER BY 1")
    }

    fn execute(&self, sql: &str) {
        self.physio.write(|work| work.execute(sql, [])).unwrap();
    }
}

/// Two branches; patients 11 and 12 in the first, 21 in the second; a visit and a payment of each.
fn fill(target: &impl Target) {
    add_rows(target);
    target.execute(
        "INSERT INTO payments (payment_id, patient_id, branch_id, payment_date, amount, mode)
           VALUES (1111, 11, 1, '2026-01-06', '1.00', 'cash'), (1121, 21, 2, '2026-01-06', '1.00', 'cash')",
    );
    for (token, role, branch) in [
        ("Token-of-the-main-reception", "reception", 1),
        ("Token-of-the-east-reception", "reception", 2),
        ("Token-of-a-main-therapist", "therapist", 1),
    ] {
        target.add_user(token, role, Some(branch));
    }
}

async fn rows_follow_their_branch(target: impl Target) {
    fill(&target);
    let main = Device::start(&target, "Token-of-the-main-reception").await;
    let east = Device::start(&target, "Token-of-the-east-reception").await;
    assert_eq!((main.patients(), main.visits()), (vec![11, 12], vec![111, 112]));
    assert_eq!((east.patients(), east.visits()), (vec![21], vec![121]));

    // Only the patient is written, by another application; its visits and those alone come along.
    target.execute("UPDATE patients SET branch_id = 2 WHERE patient_id = 11");
    main.physio.sync_now().await.unwrap();
    east.physio.sync_now().await.unwrap();
    assert_eq!((main.patients(), main.visits()), (vec![12], vec![112]));
    assert_eq!((east.patients(), east.visits()), (vec![11, 21], vec![111, 121]));

    // An edit of a row that left meanwhile is a conflict, and both versions are kept.
    target.execute("UPDATE patients SET branch_id = 1 WHERE patient_id = 11");
    east.execute("UPDATE patients SET remarks = 'here' WHERE patient_id = 11");
    east.physio.sync_now().await.unwrap();
    let attention = east.physio.attention().unwrap();
    assert_eq!(attention.len(), 1, "{attention:?}");
    assert_eq!(target.count("patients WHERE remarks IS NOT NULL"), 0);
    main.physio.sync_now().await.unwrap();
    assert_eq!((main.patients(), main.visits()), (vec![11, 12], vec![111, 112]));

    // Comparing the tables with the server finds nothing to mend: both sides mean the same rows.
    let audits = main.physio.audit().await.unwrap();
    assert!(audits.iter().all(|audit| audit.n_repaired == 0), "{audits:?}");
    assert_eq!(main.visits(), [111, 112]);
    target.check_clean();
}

async fn a_user_that_changes_changes_what_is_there(target: impl Target) {
    fill(&target);
    let device = Device::start(&target, "Token-of-the-main-reception").await;
    assert_eq!(device.keys("SELECT payment_id FROM payments"), [1111]);
    assert_eq!(device.patients(), [11, 12]);

    // A therapist may not read payments: those of before leave, and nothing of the round fails for it.
    device.physio.set_token(Token::new("Token-of-a-main-therapist")).await.unwrap();
    device.physio.sync_now().await.unwrap();
    assert_eq!(device.keys("SELECT payment_id FROM payments"), Vec::<i64>::new());
    assert_eq!(device.patients(), [11, 12]);
    device.execute(
        "INSERT INTO patients (branch_id, treatment_type, total_amount, due_amount, start_date, end_date)
        VALUES (1, 'daily', '1.00', '1.00', '2026-01-05', '2026-01-25')",
    );
    device.physio.sync_now().await.unwrap();
    let attention = device.physio.attention().unwrap();
    assert_eq!((attention[0].code.as_str(), attention[0].field.as_deref()), ("forbidden", Some("patients")));
    assert_eq!(target.count("patients"), 3);
    device.physio.discard_unit(attention[0].unit).unwrap();

    // The next person at this desk belongs to the other branch.
    device.physio.set_token(Token::new("Token-of-the-east-reception")).await.unwrap();
    device.physio.sync_now().await.unwrap();
    assert_eq!((device.patients(), device.visits()), (vec![21], vec![121]));
    assert_eq!(device.keys("SELECT payment_id FROM payments"), [1121]);
    device.execute("INSERT INTO attendance (patient_id, attendance_date) VALUES (21, '2026-01-09')");
    device.physio.sync_now().await.unwrap();
    assert_eq!(target.count("attendance WHERE patient_id = 21"), 2);
    assert!(device.physio.attention().unwrap().is_empty());
    target.check_clean();
}

fn clinic() -> App {
    App::clinic_by_role().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_follow_their_branch_on_the_embedded_bridge() {
    rows_follow_their_branch(EmbeddedTarget::start(clinic())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_follow_their_branch_on_php() {
    rows_follow_their_branch(PhpTarget::start(clinic())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_that_changes_changes_what_is_there_on_the_embedded_bridge() {
    a_user_that_changes_changes_what_is_there(EmbeddedTarget::start(clinic())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_that_changes_changes_what_is_there_on_php() {
    a_user_that_changes_changes_what_is_there(PhpTarget::start(clinic())).await;
}
