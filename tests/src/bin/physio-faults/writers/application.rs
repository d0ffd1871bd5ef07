//! One application: it knows nothing of the sync, and writes in every way that SQL has.

use fastrand::Rng;
use mysql::Conn;
use mysql::prelude::Queryable;
use physio_runtime::Physio;
use std::time::{Duration, Instant};

/// Rows of one statement at the most.
const MOST_ROWS: u64 = 600;
/// Keys of one application; no other uses them, so that they interleave in place of waiting for one another.
const KEYS: u64 = 100_000_000;
/// Rows of a table that an application comes back to.
const SPAN: u64 = 20_000;

/// What was written.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) n_changes: u64,
    pub(crate) n_cascaded: u64,
    pub(crate) n_committed: u64,
    pub(crate) n_rolled_back: u64,
    pub(crate) longest: Duration,
    /// The first row of each committed transaction, and the cursor of each device just before the commit.
    pub(crate) marks: Vec<(String, Vec<u64>)>,
}

impl Book {
    pub(crate) fn add(&mut self, other: Self) {
        self.n_changes += other.n_changes;
        self.n_cascaded += other.n_cascaded;
        self.n_committed += other.n_committed;
        self.n_rolled_back += other.n_rolled_back;
        self.longest = self.longest.max(other.longest);
        self.marks.extend(other.marks);
    }
}

/// A connection with its own keys.
pub(crate) struct Application<'d> {
    conn: Conn,
    random: Rng,
    number: u64,
    n_moved: u64,
    devices: &'d [Physio],
}

impl<'d> Application<'d> {
    pub(crate) fn new(conn: Conn, number: u64, seed: u64, devices: &'d [Physio]) -> Self {
        Self { conn, random: Rng::with_seed(seed ^ (number + 1)), number, n_moved: 0, devices }
    }

    /// Writes until that many changes are committed.
    pub(crate) fn write(&mut self, n_changes: u64) -> mysql::Result<Book> {
        let mut book = Book::default();
        self.conn.query_drop(format!(
            "INSERT INTO patients (patient_id, treatment_type, total_amount, due_amount, start_date, end_date)
             VALUES ({}, 'daily', 1, 1, '2026-01-01', '2026-02-01')",
            self.first()
        ))?;
        for n in 0_u64.. {
            if book.n_changes >= n_changes {
                break;
            }
            match self.transaction(n, &mut book) {
                Ok(()) => {}
                // Deadlocks and lock waits happen to every application; what was written is undone.
                Err(mysql::Error::MySqlError(error)) if [1205, 1213].contains(&error.code) => {
                    self.conn.query_drop("ROLLBACK")?;
                    book.n_rolled_back += 1;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(book)
    }

    fn first(&self) -> u64 {
        (self.number + 1) * KEYS
    }

    fn transaction(&mut self, n: u64, book: &mut Book) -> mysql::Result<()> {
        let start = Instant::now();
        let marker = format!("mark-{}-{n}", self.number);
        self.conn.query_drop("BEGIN")?;
        self.conn.query_drop(format!(
            "INSERT INTO system_settings (setting_key, setting_value) VALUES ('{marker}', '{n}')"
        ))?;
        let (mut n_changes, mut n_cascaded) = (1, 0);
        let is_long = self.random.u8(..100) < 8;
        for _ in 0..self.random.u8(1..6) {
            let (rows, cascaded) = self.statement(n)?;
            n_changes += rows + cascaded;
            n_cascaded += cascaded;
            if is_long {
                std::thread::sleep(Duration::from_millis(self.random.u64(100..1500)));
            }
        }
        let cursors = self.devices.iter().map(cursor).collect();
        if self.random.u8(..100) < 7 {
            self.conn.query_drop("ROLLBACK")?;
            book.n_rolled_back += 1;
            return Ok(());
        }
        self.conn.query_drop("COMMIT")?;
        book.n_changes += n_changes;
        book.n_cascaded += n_cascaded;
        book.n_committed += 1;
        book.longest = book.longest.max(start.elapsed());
        book.marks.push((marker, cursors));
        Ok(())
    }

    /// Gives the rows that it changed, and how many more by cascades.
    fn statement(&mut self, n: u64) -> mysql::Result<(u64, u64)> {
        let first = self.first();
        let from = first + 1 + self.random.u64(..SPAN);
        let to = from + self.random.u64(1..MOST_ROWS);
        let day = 1 + n % 28;
        match self.random.u8(..100) {
            0..25 => {
                let rows = (from..to).map(|id| format!("({id},{first},'2026-01-{day:02}','n{n}')"));
                self.run(&format!(
                    "INSERT IGNORE INTO attendance (attendance_id, patient_id, attendance_date, remarks) VALUES {}",
                    list(rows)
                ))
            }
            25..50 => self.run(&format!(
                "UPDATE attendance SET remarks = 'u{n}-{from}', attendance_date = '2026-02-{day:02}'
                 WHERE attendance_id BETWEEN {from} AND {to}"
            )),
            50..60 => {
                self.run(&format!("DELETE FROM attendance WHERE attendance_id BETWEEN {from} AND {to}"))
            }
            60..70 => {
                let rows = (from..to).map(|id| format!("({id},{first},'2026-03-{day:02}',{n}.25,'r{n}')"));
                let sql = format!(
                    "REPLACE INTO payments (payment_id, patient_id, payment_date, amount, remarks) VALUES {}",
                    list(rows)
                );
                // The server counts a row that was there as two.
                self.run(&sql).map(|_| (to - from, 0))
            }
            70..80 => {
                let rows = (from..to).map(|id| format!("({id},{first},'2026-04-{day:02}',{n}.50)"));
                let sql = format!(
                    "INSERT INTO payments (payment_id, patient_id, payment_date, amount) VALUES {}
                     ON DUPLICATE KEY UPDATE amount = amount + 1, remarks = 'd{n}'",
                    list(rows)
                );
                self.run(&sql).map(|_| (to - from, 0))
            }
            _ => self.cascade(n),
        }
    }

    /// Inquiries with registrations: made, moved to other keys, or taken away, and the registrations with them.
    fn cascade(&mut self, n: u64) -> mysql::Result<(u64, u64)> {
        let from = self.first() + 1 + self.random.u64(..300);
        let to = from + self.random.u64(1..60);
        let children = "SELECT count(*) FROM registration WHERE inquiry_id";
        match self.random.u8(..4) {
            0 | 1 => {
                let rows = (from..to).map(|id| format!("({id},'I','Other','1')"));
                let (made, _) = self.run(&format!(
                    "INSERT IGNORE INTO quick_inquiry (inquiry_id, name, gender, phone_number) VALUES {}",
                    list(rows)
                ))?;
                let rows =
                    (from..to).flat_map(|id| (0..4).map(move |_| format!("('R{n}','1','Other',{id})")));
                let (more, _) = self.run(&format!(
                    "INSERT INTO registration (patient_name, phone_number, gender, inquiry_id) VALUES {}",
                    list(rows)
                ))?;
                Ok((made + more, 0))
            }
            2 => {
                let condition = format!("BETWEEN {from} AND {to}");
                let gone = self.conn.query_first(format!("{children} {condition}"))?.unwrap_or(0);
                let (deleted, _) =
                    self.run(&format!("DELETE FROM quick_inquiry WHERE inquiry_id {condition}"))?;
                Ok((deleted, gone))
            }
            _ => {
                // Each new key is above all others of this application.
                self.n_moved += 1;
                let far = self.first() + 1_000_000 + self.n_moved;
                let moved = self.conn.query_first(format!("{children} = {from}"))?.unwrap_or(0);
                let (changed, _) = self
                    .run(&format!("UPDATE quick_inquiry SET inquiry_id = {far} WHERE inquiry_id = {from}"))?;
                Ok((changed, if changed == 0 { 0 } else { moved }))
            }
        }
    }

    fn run(&mut self, sql: &str) -> mysql::Result<(u64, u64)> {
        self.conn.query_drop(sql)?;
        Ok((self.conn.affected_rows(), 0))
    }
}

fn list(rows: impl Iterator<Item = String>) -> String {
    rows.collect::<Vec<_>>().join(",")
}

/// Where a device stands in the feed, as its file says.
fn cursor(device: &Physio) -> u64 {
    let state = device.cache().pull_state().expect("the cache can be read");
    let cursor = state.cursor.expect("the first pull is over");
    cursor.0.rsplit_once('.').and_then(|(_, seq)| seq.parse().ok()).expect("a cursor is EPOCH.SEQ")
}
