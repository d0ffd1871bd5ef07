//! The traps of syncing two databases, each under its own name, on real MariaDB and PHP with real cache files.
//!
//! | trap | test |
//! |---|---|
//! | a transaction commits late under a lower number | `late_commit::*` |
//! | equal timestamps | `pull::equal_timestamps` |
//! | a page that is exactly full | `pull::a_page_that_is_exactly_full`, `pull::a_delta_page_that_is_exactly_full` |
//! | the cursor across a restart | `pull::the_cursor_across_a_restart` |
//! | own writes come back | `pull::own_writes_echo_back` |
//! | a row moves between branches | `pull::a_row_moves_between_branches` |
//! | a cascading delete | `pull::a_cascading_delete_on_the_server`, `push::a_cascading_delete_on_the_device` |
//! | the server changes a primary key | `pull::a_primary_key_update_on_the_server` |
//! | TRUNCATE | `pull::truncate_on_the_server` |
//! | created and deleted before the first push | `push::created_then_deleted_before_the_first_push` |
//! | a poison change at the head of the queue | `push::a_poison_change_at_the_head_of_the_queue` |
//! | two devices make the same unique key | `push::two_devices_create_the_same_unique_key` |
//! | a child of a parent whose temporary key was remapped | `keys::*` |
//! | the token expires in the middle of a push | `login::the_token_expires_mid_push` |
//! | a 401 keeps the queue | `login::a_401_keeps_the_queue` |
//! | deadlock and lock timeout | `locks::*` |
//!
//! Killed processes and lost answers are in `tests/kill.rs`, what the wire says of each case in the conformance suite.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

#[path = "traps/keys.rs"]
mod keys;
#[path = "traps/late_commit.rs"]
mod late_commit;
#[path = "traps/locks.rs"]
mod locks;
#[path = "traps/login.rs"]
mod login;
#[path = "traps/pull.rs"]
mod pull;
#[path = "traps/push.rs"]
mod push;

use mysql::prelude::Queryable;
use physio_runtime::bridge::Token;
use physio_runtime::{Physio, Plan};
use physio_tests::comparison;
use physio_tests::faults::Cable;
use physio_tests::harness::{App, Stack};
use std::path::PathBuf;
use std::time::{Duration, Instant};

const TOKEN: &str = "a-device-of-the-traps";

/// A server with a few rows, reached through a cable.
struct Site {
    stack: Stack,
    cable: Cable,
    folder: tempfile::TempDir,
}

impl Site {
    fn start() -> Self {
        let stack = Stack::start(App::clinic().unwrap()).unwrap();
        stack.add_token(TOKEN, "UTC_TIMESTAMP() + INTERVAL 2 DAY", false).unwrap();
        let cable = Cable::new(stack.php.port());
        let site = Self { stack, cable, folder: tempfile::tempdir().unwrap() };
        site.execute(
            "INSERT INTO branches (branch_id, branch_name, clinic_name) VALUES (1, 'Main', 'C'), (2, 'East', 'C')",
        );
        site.execute(
            "INSERT INTO patients (patient_id, branch_id, treatment_type, total_amount, due_amount, start_date, end_date)
             VALUES (11, 1, 'daily', '500.00', '500.00', '2026-01-05', '2026-01-25')",
        );
        site
    }

    /// As another application of the database does.
    fn execute(&self, sql: &str) {
        let mut conn = self.stack.connect().unwrap();
        // MySQL 5.7 gives a TIMESTAMP a zero default and then makes no trigger for its table.
        conn.query_drop("SET sql_mode = REPLACE(@@sql_mode, 'NO_ZERO_DATE', '')").unwrap();
        conn.query_drop(sql).unwrap();
    }

    fn count(&self, from: &str) -> u64 {
        self.stack.connect().unwrap().query_first(format!("SELECT count(*) FROM {from}")).unwrap().unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.db"))
    }

    /// Opens a device; each name is a cache file of its own.
    fn open(&self, name: &str) -> Physio {
        self.open_with(name, |_| {})
    }

    fn open_with(&self, name: &str, change: impl FnOnce(&mut Plan)) -> Physio {
        let mut plan = (*self.stack.app.plan).clone();
        change(&mut plan);
        let builder = Physio::builder(plan).cache(self.file(name));
        builder.bridge_url(self.cable.url()).token(Token::new(TOKEN)).open().unwrap()
    }

    /// A device that has every row.
    async fn synced(&self, name: &str) -> Physio {
        let physio = self.open(name);
        physio.wait_until_synced().await.unwrap();
        physio
    }

    /// Nobody reaches PHP until [`plug_in`](Self::plug_in).
    fn unplug(&self) {
        self.cable.lead_to(None);
    }

    fn plug_in(&self) {
        self.cable.lead_to(Some(self.stack.php.port()));
    }

    /// Both sides hold the same rows, and nothing is unsent.
    fn assert_equal(&self, physio: &Physio) {
        let mut conn = self.stack.connect().unwrap();
        let compared = physio
            .read(|file| Ok(comparison::compare_all(physio.plan(), &mut conn, file, 5).unwrap()))
            .unwrap();
        for table in compared {
            assert!(table.is_equal() && table.n_unsent == 0, "{table:?}");
        }
        assert_eq!(physio.attention().unwrap(), []);
        self.stack.php.assert_clean();
    }
}

/// One statement in a local transaction of its own; the key of the row that it made.
fn write(physio: &Physio, sql: &str) -> i64 {
    physio
        .write(|tx| {
            assert_eq!(tx.execute(sql, [])?, 1, "{sql}");
            Ok(tx.query("SELECT last_insert_rowid()", [], |row| Ok(row.get(0)?))?[0])
        })
        .unwrap()
}

fn count_here(physio: &Physio, from: &str) -> i64 {
    physio.query_rows(&format!("SELECT count(*) FROM {from}"), [], |row| Ok(row.get(0)?)).unwrap()[0]
}

fn patient(remarks: &str) -> String {
    format!(
        "INSERT INTO patients (branch_id, treatment_type, total_amount, due_amount, start_date, end_date, remarks)
         VALUES (1, 'daily', '10.00', '10.00', '2026-01-05', '2026-01-25', '{remarks}')"
    )
}

fn payment(patient: i64, remarks: &str) -> String {
    format!(
        "INSERT INTO payments (patient_id, payment_date, amount, remarks) VALUES ({patient}, '2026-01-05', '5.00', '{remarks}')"
    )
}

/// Until `is_so`, which other processes bring about.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "{what} never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}
