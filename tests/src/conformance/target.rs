//! A bridge under test, seen from outside and from the database behind it.

use super::Client;
use crate::harness::App;

/// What is the matter with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// Nothing.
    Good,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

/// The token that every target lets in.
pub const GOOD_TOKEN: &str = "Good-Token-0123456789abcdef";

/// The device of cases that need only one.
pub const DEVICE: &str = "00112233445566778899aabbccddeeff";

/// A bridge with an application's empty tables.
///
/// `execute` takes SQL that means the same to MySQL and SQLite.
pub trait Target {
    /// The application.
    fn app(&self) -> &App;
    /// The folder of the five files.
    fn url(&self) -> String;
    /// Puts a token into the token table.
    fn add_token(&self, token: &str, state: Token);
    /// Puts the token of an employee with this role and branch into the token table; the branch must be there.
    fn add_user(&self, token: &str, role: &str, branch: Option<u32>);
    /// Takes a token back.
    fn revoke(&self, token: &str);
    /// Runs statements as another application of the database does, one transaction each.
    fn execute(&self, sql: &str);
    /// Runs statements in one transaction and rolls it back.
    fn execute_and_roll_back(&self, sql: &str);
    /// The first column of each row, as text.
    fn query(&self, sql: &str) -> Vec<Option<String>>;
    /// Checks that the bridge complained about nothing.
    fn check_clean(&self);

    /// A client with the good token and [`DEVICE`].
    fn client(&self) -> Client {
        Client::new(&self.url(), GOOD_TOKEN, DEVICE)
    }

    /// A client with the good token and another device.
    fn client_of(&self, device: &str) -> Client {
        Client::new(&self.url(), GOOD_TOKEN, device)
    }

    /// How many rows a condition finds.
    fn count(&self, table_and_condition: &str) -> u64 {
        let found = self.query(&format!("SELECT count(*) FROM {table_and_condition}"));
        found
            .first()
            .cloned()
            .flatten()
            .and_then(|text| text.parse().ok())
            .expect("count(*) gives one number")
    }

    /// The clinic's first rows: two branches, two patients, a test, a setting.
    fn add_clinic_rows(&self) {
        self.execute(
            "INSERT INTO branches (branch_id, branch_name, clinic_name) VALUES (1, 'Main', 'Clinic'), (2, 'East', 'Clinic');
             INSERT INTO patients (patient_id, branch_id, treatment_type, total_amount, due_amount, start_date, end_date, remarks, payment_method)
               VALUES (11, 1, 'daily', '500.00', '500.00', '2026-01-05', '2026-01-25', 'first', 'cash'),
                      (12, 1, 'weekly', '900.50', '0.00', '2026-02-01', '2026-03-01', NULL, 'card');
             INSERT INTO tests (test_id, test_uid, branch_id, visit_date, assigned_test_date, patient_name, test_name, test_done_by, total_amount, test_status)
               VALUES (21, 'T-21', 1, '2026-01-02', '2026-01-03', 'Person A', 'ncv', 'Doctor', '100.00', 'pending');
             INSERT INTO system_settings (setting_key, setting_value) VALUES ('theme', 'dark')",
        );
    }
}
