//! The clinic's server, with a log of its own of every row that is written.

use crate::cable::Cable;
use crate::device::Device;
use mysql::Conn;
use mysql::prelude::Queryable;
use physio_tests::data::{Generator, load_mysql};
use physio_tests::harness::{App, Stack, compare};
use std::collections::BTreeMap;

const TOKEN: &str = "a-device-of-the-tests";

/// Triggers of the tests, beside those of the sync: InnoDB rolls their rows back with what they tell of.
const LOG: &str = "
    CREATE TABLE write_log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(20) NOT NULL, marker TEXT);
    CREATE TRIGGER log_patient AFTER INSERT ON patients FOR EACH ROW
      INSERT INTO write_log (what, marker) VALUES ('patient', NEW.remarks);
    CREATE TRIGGER log_payment AFTER INSERT ON payments FOR EACH ROW
      INSERT INTO write_log (what, marker) VALUES ('payment', NEW.remarks);
    CREATE TRIGGER log_deleted_payment AFTER DELETE ON payments FOR EACH ROW
      INSERT INTO write_log (what, marker) VALUES ('deleted payment', OLD.remarks);
    CREATE TRIGGER log_branch AFTER UPDATE ON branches FOR EACH ROW
      INSERT INTO write_log (what, marker) VALUES ('branch', NEW.city);
";

/// PHP and MariaDB with the clinic's rows, reached through a cable.
pub(crate) struct Server {
    pub(crate) stack: Stack,
    pub(crate) cable: Cable,
}

impl Server {
    /// With that many rows in its large tables.
    pub(crate) fn start(seed: u64, n_rows: u64) -> Self {
        let stack = Stack::start_bare(App::clinic().unwrap()).unwrap();
        let wanted =
            [("patients", n_rows), ("payments", 2 * n_rows), ("tests", n_rows), ("attendance", n_rows)];
        load_mysql(&mut stack.connect().unwrap(), &Generator::new(&stack.app.schema, seed, &wanted)).unwrap();
        stack.install().unwrap();
        stack.maria().run_script(&stack.database, LOG).unwrap();
        stack.add_token(TOKEN, "UTC_TIMESTAMP() + INTERVAL 2 DAY", false).unwrap();
        let cable = Cable::new(stack.php.port());
        Self { stack, cable }
    }

    /// A device with an empty cache.
    pub(crate) fn device(&self) -> Device {
        Device::new(self.cable.url(), TOKEN)
    }

    pub(crate) fn connect(&self) -> Conn {
        self.stack.connect().unwrap()
    }

    /// Kills PHP with signal 9 and lets nobody reach it until [`plug_in`](Self::plug_in).
    pub(crate) fn kill_php(&mut self) {
        self.cable.lead_to(None);
        self.stack.replace_php().unwrap();
    }

    /// PHP can be reached again.
    pub(crate) fn plug_in(&self) {
        self.cable.lead_to(Some(self.stack.php.port()));
    }

    /// How often each thing was written with each marker.
    pub(crate) fn log(&self) -> BTreeMap<(String, String), u32> {
        let sql = "SELECT what, marker, count(*) FROM write_log GROUP BY what, marker";
        let rows: Vec<(String, String, u32)> = self.connect().query(sql).unwrap();
        rows.into_iter().map(|(what, marker, n)| ((what, marker), n)).collect()
    }

    /// Every acknowledged transaction is on the server exactly once and whole, the others once or not at all,
    /// both sides are equal, and nothing waits.
    pub(crate) fn check(&self, device: &Device, acknowledged: &[String]) {
        for table in ["_physio_outbox", "_physio_units", "_physio_in_flight", "_physio_conflicts"] {
            assert_eq!(device.count(&format!("SELECT count(*) FROM {table}")), 0, "{table} is empty");
        }
        let plan = &self.stack.app.plan;
        for table in &plan.tables {
            let waiting = format!("SELECT count(*) FROM \"{}\" WHERE _sync_status <> 'synced'", table.name);
            assert_eq!(device.count(&waiting), 0, "{}", table.name);
        }
        compare::check_equal(plan, &mut self.connect(), &device.open()).unwrap();

        let log = self.log();
        let written = |what: &str, marker: &str| {
            log.get(&(what.to_owned(), marker.to_owned())).copied().unwrap_or_default()
        };
        for marker in acknowledged {
            let n_times = ["patient", "branch"].map(|what| written(what, marker));
            assert_eq!(n_times, [1, 1], "{marker}: patients and branches");
            let (inserted, deleted) = (written("payment", marker), written("deleted payment", marker));
            // A row that is deleted before it was sent need not be sent.
            let is_good = (inserted, deleted) == (1, 0)
                || (is_deleted_by_next(marker, acknowledged) && inserted == deleted);
            assert!(is_good, "{marker}: payment inserted {inserted} times, deleted {deleted} times");
        }
        for ((what, marker), n) in &log {
            assert_eq!(*n, 1, "{what} {marker}");
            assert_eq!(written("patient", marker), written("branch", marker), "{marker} is whole");
        }
        let orphans: Option<u64> = self
            .connect()
            .query_first(
                "SELECT count(*) FROM payments LEFT JOIN patients USING (patient_id)
                 WHERE payments.remarks LIKE '%-%' AND NOT payments.remarks <=> patients.remarks
                   AND EXISTS (SELECT 1 FROM write_log WHERE marker = payments.remarks)",
            )
            .unwrap();
        assert_eq!(orphans, Some(0), "every payment refers to the patient of its own transaction");
        self.stack.php.assert_clean();
    }
}

/// Every third transaction of a run deletes the payment of the one before it. The last acknowledged one of a run
/// that was killed may be followed by one that was on the disk but could not say so any more.
fn is_deleted_by_next(marker: &str, acknowledged: &[String]) -> bool {
    let (run, number) = marker.rsplit_once('-').expect("a run and a number");
    let number: u32 = number.parse().expect("a number");
    let next = format!("{run}-{}", number + 1);
    let is_last = !acknowledged.contains(&next);
    (number + 1) % 3 == 2 && (acknowledged.contains(&next) || is_last)
}
