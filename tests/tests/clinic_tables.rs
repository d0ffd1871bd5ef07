//! Every table that failed in the field pulls from real MariaDB through real PHP, with equal rows on both sides.
//!
//! The log of the attempt before said, for instance, `table patients_treatment has no column named
//! treatment_id`. Each such line has a test here that is named after it; the structs below do not compile when the
//! dump lacks the column.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_runtime::bridge::Token;
use physio_runtime::types::{Date, Decimal, Timestamp};
use physio_runtime::{FromRow, Physio};
use physio_tests::data::{Generator, load_mysql};
use physio_tests::harness::{App, Stack, compare};
use std::sync::LazyLock;
use std::time::Duration;

/// Rows of each of the 17 tables on the server.
const N_ROWS: u64 = 300;

const TOKEN: &str = "a-token-of-the-test";

struct Clinic {
    stack: Stack,
    folder: tempfile::TempDir,
}

/// One server, filled once, and one cache, pulled once.
static CLINIC: LazyLock<Clinic> = LazyLock::new(|| {
    let stack = Stack::start_bare(App::clinic().unwrap()).unwrap();
    let wanted: Vec<(&str, u64)> =
        stack.app.plan.tables.iter().map(|table| (table.name.as_str(), N_ROWS)).collect();
    let generator = Generator::new(&stack.app.schema, 17, &wanted);
    load_mysql(&mut stack.connect().unwrap(), &generator).unwrap();
    stack.install().unwrap();
    stack.add_token(TOKEN, "'2037-01-01'", false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let physio = Physio::builder(&*stack.app.plan)
            .cache(folder.path().join("physio_cache.db"))
            .bridge_url(stack.url())
            .token(Token::new(TOKEN))
            .open()
            .unwrap();
        tokio::time::timeout(Duration::from_secs(120), physio.wait_until_synced()).await.unwrap().unwrap();
        physio.close().await;
    });
    stack.php.assert_clean();
    Clinic { stack, folder }
});

/// The pulled cache without a bridge: reads only.
fn cache() -> Physio {
    let clinic = &*CLINIC;
    Physio::builder(&*clinic.stack.app.plan)
        .cache(clinic.folder.path().join("physio_cache.db"))
        .open()
        .unwrap()
}

/// The table has as many rows as the generator could make, and they are equal on both sides.
fn assert_equal(table: &str) {
    let clinic = &*CLINIC;
    let plan = clinic.stack.app.plan.table(table).unwrap();
    let server = compare::mysql_rows(&mut clinic.stack.connect().unwrap(), plan).unwrap();
    assert!(!server.is_empty(), "{table} is empty on the server");
    let local = cache().read(|connection| Ok(compare::sqlite_rows(connection, plan).unwrap())).unwrap();
    assert_eq!(compare::differing(plan, &server, &local), Vec::<String>::new());
    let (table, status) = (format!("\"{table}\""), "_sync_status <> 'synced' OR _last_synced_at IS NULL");
    let sql = format!("SELECT count(*) FROM {table} WHERE {status}");
    let n_unsynced = cache().query_rows(&sql, [], |row| Ok(row.get::<_, i64>(0)?)).unwrap();
    assert_eq!(n_unsynced, [0]);
}

/// As [`assert_equal`]; and the app's own struct reads every row.
fn assert_equal_and_typed<T: FromRow>() {
    assert_equal(T::TABLE);
    let rows: Vec<T> =
        cache().query(&format!("SELECT {} FROM \"{}\"", T::COLUMNS.join(", "), T::TABLE), []).unwrap();
    assert!(!rows.is_empty());
}

macro_rules! field_tests {
    ($($(#[$doc:meta])* $test:ident: $table:literal { $($field:ident: $type:ty),+ })+) => {$(
        $(#[$doc])*
        #[test]
        fn $test() {
            #[derive(FromRow)]
            #[physio(table = $table)]
            #[allow(dead_code)] // reading them is the test
            struct Row { $($field: $type),+ }
            assert_equal_and_typed::<Row>();
        }
    )+};
}

field_tests! {
    /// read.php answered 500, because it filtered on a `branch_id` that this table does not have.
    attendance_answers_rows_instead_of_500: "attendance" { attendance_id: i64, patient_id: i64, attendance_date: Date }
    patients_treatment_has_treatment_id: "patients_treatment" { treatment_id: i64, due_amount: Option<Decimal> }
    patient_master_has_first_registered_at: "patient_master" { master_patient_id: u64, first_registered_at: Timestamp }
    employees_has_user_id: "employees" { employee_id: i64, user_id: Option<i32> }
    branches_has_state: "branches" { branch_id: i64, state: Option<String> }
    payment_methods_has_method_id: "payment_methods" { method_id: i64, method_code: String }
    notifications_has_created_by_employee_id: "notifications" { created_by_employee_id: Option<i64> }
    expenses_has_user_id: "expenses" { user_id: Option<i32>, amount: Decimal }
    system_settings_has_updated_by: "system_settings" { setting_key: String, updated_by: Option<i32> }
}

macro_rules! equal_tests {
    ($($test:ident: $table:literal)+) => {$(
        #[test]
        fn $test() {
            assert_equal($table);
        }
    )+};
}

equal_tests! {
    registration_pulls: "registration"
    patients_pulls: "patients"
    tests_pulls: "tests"
    payments_pulls: "payments"
    quick_inquiry_pulls: "quick_inquiry"
    test_inquiry_pulls: "test_inquiry"
    roles_pulls: "roles"
    service_tracks_pulls: "service_tracks"
}

#[test]
fn every_table_of_both_waves_is_tested_above() {
    let source = include_str!("clinic_tables.rs");
    let plan = &CLINIC.stack.app.plan;
    let waves: Vec<&str> = plan.waves.iter().map(|wave| wave.name.as_str()).collect();
    assert_eq!(waves, ["priority", "deferred"]);
    assert_eq!(plan.tables.len(), 17);
    for table in &plan.tables {
        assert!(source.contains(&format!(": \"{}\"", table.name)), "{} has no test", table.name);
    }
}

/// `3.0` and shifted dates: what SQLite holds is what MySQL printed.
#[test]
fn ids_are_integers_and_dates_are_the_servers_text() {
    let classes = cache()
        .query_rows(
            "SELECT DISTINCT typeof(payment_id), typeof(amount), typeof(payment_date) FROM payments",
            [],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)),
        )
        .unwrap();
    assert_eq!(classes, [("integer".to_owned(), "text".to_owned(), "text".to_owned())]);
}

#[test]
fn sync_history_names_every_table_and_no_error() {
    let rows = cache()
        .query_rows(
            "SELECT table_name, rows_pulled, last_error FROM sync_history WHERE last_sync_at IS NOT NULL",
            [],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<String>>(2)?)),
        )
        .unwrap();
    assert_eq!(rows.len(), 17);
    assert!(rows.iter().all(|(_, n_rows, error)| *n_rows > 0 && error.is_none()), "{rows:?}");
}
