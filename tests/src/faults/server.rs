//! The clinic's server, with a log of its own of every row that is written.

use super::{Cable, Device, Ledger, Said};
use crate::data::{Generator, load_mysql};
use crate::harness::{App, Result, Stack};
use mysql::prelude::Queryable;
use std::collections::BTreeMap;
use std::path::Path;

/// The token that every device has.
pub const TOKEN: &str = "a-device-of-the-tests";

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
    CREATE TRIGGER log_test AFTER INSERT ON tests FOR EACH ROW
      INSERT INTO write_log (what, marker) VALUES ('test', NEW.address);
";

/// PHP and MariaDB with the clinic's rows, reached through a cable.
#[derive(Debug)]
pub struct Server {
    /// The servers.
    pub stack: Stack,
    /// The way of this server's [`device`](Self::device).
    pub cable: Cable,
}

impl Server {
    /// With that many rows in its large tables, and twelve branches.
    ///
    /// # Errors
    ///
    /// When a server cannot be had.
    pub fn start(seed: u64, n_rows: u64) -> Result<Self> {
        let stack = Stack::start_bare(App::clinic()?)?;
        let wanted = [
            ("patients", n_rows),
            ("payments", 2 * n_rows),
            ("tests", n_rows),
            ("attendance", n_rows),
            ("branches", 12),
        ];
        load_mysql(&mut stack.connect()?, &Generator::new(&stack.app.schema, seed, &wanted))?;
        stack.install()?;
        stack.maria().run_script(&stack.database, LOG)?;
        stack.add_token(TOKEN, "UTC_TIMESTAMP() + INTERVAL 2 DAY", false)?;
        let cable = Cable::new(stack.php.port());
        Ok(Self { stack, cable })
    }

    /// A device with an empty cache, on the cable.
    pub fn device(&self, program: &Path) -> Device {
        Device::new(program, self.cable.url(), TOKEN)
    }

    /// Kills PHP with signal 9 and lets nobody on the cable reach it until [`plug_in`](Self::plug_in).
    ///
    /// # Errors
    ///
    /// When the next one does not start.
    pub fn kill_php(&mut self) -> Result<()> {
        self.cable.lead_to(None);
        self.stack.replace_php()
    }

    /// PHP can be reached again.
    pub fn plug_in(&self) {
        self.cable.lead_to(Some(self.stack.php.port()));
    }

    /// How often each thing was written with each marker.
    ///
    /// # Errors
    ///
    /// When the server does not answer.
    pub fn log(&self) -> Result<BTreeMap<(String, String), u32>> {
        let sql = "SELECT what, marker, count(*) FROM write_log GROUP BY what, marker";
        let rows: Vec<(String, Option<String>, u32)> = self.stack.connect()?.query(sql)?;
        Ok(rows.into_iter().map(|(what, marker, n)| ((what, marker.unwrap_or_default()), n)).collect())
    }

    /// Every acknowledged transaction is on the server exactly once and whole, the others once or not at all, both
    /// sides are equal, and nothing waits, in an attention list neither.
    ///
    /// # Panics
    ///
    /// When that is not so.
    pub fn check(&self, device: &Device, acknowledged: &[String]) {
        let said = Said { written: acknowledged.to_vec(), contended: Vec::new() };
        let ledger = Ledger::check(self, &[(device, &said)]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(ledger.n_attention, 0, "nothing waits for a person");
        self.stack.php.assert_clean();
    }
}
