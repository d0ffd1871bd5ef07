//! What the devices acknowledged against what the server wrote down: nothing lost, nothing doubled.

use super::{Device, Server};
use crate::comparison::{self, TableComparison};
use crate::harness::{HarnessError, Result};
use mysql::prelude::Queryable;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// Markers of the local transactions that one device acknowledged.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// A patient, a payment and a branch each.
    pub written: Vec<String>,
    /// Tests under numbers that several devices give out.
    pub contended: Vec<String>,
}

impl Said {
    /// Takes what a run of the device said.
    pub fn take(&mut self, lines: &[String]) {
        let with = |word: &'static str| {
            lines.iter().filter_map(move |line| line.strip_prefix(word)).map(str::to_owned)
        };
        self.written.extend(with("written "));
        self.contended.extend(with("contended "));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.written.len() + self.contended.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The sums of a check that found nothing wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Local transactions that were acknowledged.
    pub n_acknowledged: usize,
    /// Of these, on the server: once and whole.
    pub n_applied: usize,
    /// Of these, in a device's attention list, and not on the server.
    pub n_attention: usize,
    /// Rows that were compared, on the server's side.
    pub n_compared: u64,
}

type Log = BTreeMap<(String, String), u32>;

impl Ledger {
    /// Checks all devices of a server after their last sync.
    ///
    /// # Errors
    ///
    /// Everything that was lost, doubled, halved, or is not equal.
    pub fn check(server: &Server, devices: &[(&Device, &Said)]) -> Result<Self> {
        let log = server.log()?;
        let mut sums = Self::default();
        let mut wrong: Vec<String> = Vec::new();
        for (device, said) in devices {
            let file = device.open();
            wrong.extend(waiting(&file)?);
            let parked = parked(&file)?;
            sums.take(&log, said, &parked, &mut wrong);
            let mut conn = server.stack.connect()?;
            let compared = comparison::compare_all(&server.stack.app.plan, &mut conn, &file, 5)?;
            sums.n_compared += compared.iter().map(|table| table.n_server).sum::<u64>();
            wrong.extend(compared.iter().filter(|table| !table.is_equal()).map(unequal));
        }
        wrong.extend(log.iter().filter_map(|((what, marker), n)| doubled(&log, what, marker, *n)));
        let orphans: Option<u64> = server.stack.connect()?.query_first(
            "SELECT count(*) FROM payments LEFT JOIN patients USING (patient_id)
             WHERE NOT payments.remarks <=> patients.remarks
               AND EXISTS (SELECT 1 FROM write_log WHERE marker = payments.remarks)",
        )?;
        if orphans != Some(0) {
            wrong.push(format!("{orphans:?} payments refer to the patient of another transaction"));
        }
        if wrong.is_empty() {
            return Ok(sums);
        }
        let n = wrong.len();
        wrong.truncate(20);
        Err(HarnessError::new(format!("{n} things are wrong:\n{}", wrong.join("\n"))))
    }

    fn take(&mut self, log: &Log, said: &Said, parked: &BTreeSet<String>, wrong: &mut Vec<String>) {
        let times = |what: &str, marker: &String| {
            log.get(&(what.to_owned(), marker.clone())).copied().unwrap_or_default()
        };
        self.n_acknowledged += said.len();
        let known: BTreeSet<&String> = said.written.iter().collect();
        for marker in &said.written {
            let whole = ["patient", "branch"].map(|what| times(what, marker));
            let (inserted, deleted) = (times("payment", marker), times("deleted payment", marker));
            // A row that is deleted before it was sent need not be sent.
            let is_payment_right =
                (inserted, deleted) == (1, 0) || (is_deleted_by_next(marker, &known) && inserted == deleted);
            match (whole, parked.contains(marker)) {
                ([1, 1], false) if is_payment_right => self.n_applied += 1,
                ([0, 0], true) if inserted == 0 => self.n_attention += 1,
                (found, is_parked) => wrong.push(format!(
                    "{marker}: patient and branch {found:?} times, payment +{inserted} -{deleted}, \
                     in the attention list: {is_parked}"
                )),
            }
        }
        for marker in &said.contended {
            match (times("test", marker), parked.contains(marker)) {
                (1, false) => self.n_applied += 1,
                (0, true) => self.n_attention += 1,
                (n, is_parked) => {
                    wrong.push(format!("{marker}: test {n} times, in the attention list: {is_parked}"));
                }
            }
        }
    }
}

/// A thing that was written twice, or a transaction of which only a part was.
fn doubled(log: &Log, what: &str, marker: &str, n: u32) -> Option<String> {
    let is_whole = |what: &str| log.contains_key(&(what.to_owned(), marker.to_owned()));
    if n != 1 {
        return Some(format!("{what} {marker} was written {n} times"));
    }
    (what == "patient" && !is_whole("branch") || what == "branch" && !is_whole("patient"))
        .then(|| format!("{marker} is not whole"))
}

/// Every third transaction of a run deletes the payment of the one before it. The last acknowledged one of a run that
/// was killed may be followed by one that was on the disk but could not say so any more.
fn is_deleted_by_next(marker: &str, known: &BTreeSet<&String>) -> bool {
    let Some((run, number)) = marker.rsplit_once('-') else { return false };
    let Ok(number) = number.parse::<u32>() else { return false };
    let is_last = !known.iter().any(|other| {
        other
            .rsplit_once('-')
            .is_some_and(|(theirs, n)| theirs == run && n.parse::<u32>().is_ok_and(|n| n > number))
    });
    (number + 1) % 3 == 2 && (known.contains(&format!("{run}-{}", number + 1)) || is_last)
}

/// What waits to be sent; after a sync there is nothing.
fn waiting(file: &Connection) -> Result<Option<String>> {
    let sql = "SELECT (SELECT count(*) FROM _physio_units WHERE state IN ('queued', 'sent')),
                      (SELECT count(*) FROM _physio_outbox WHERE unit_id IS NULL),
                      (SELECT count(*) FROM _physio_in_flight)";
    let counts: (i64, i64, i64) = file
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .map_err(|error| HarnessError::new(error.to_string()))?;
    Ok((counts != (0, 0, 0)).then(|| format!("units, changes and batches that still wait: {counts:?}")))
}

/// Markers of the transactions in the attention list.
fn parked(file: &Connection) -> Result<BTreeSet<String>> {
    let sql = "SELECT coalesce(changed ->> '$.remarks', changed ->> '$.address', '')
               FROM _physio_outbox JOIN _physio_units USING (unit_id)
               WHERE op = 'insert' AND state IN ('conflict', 'failed')";
    let read = || {
        let mut statement = file.prepare(sql)?;
        statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()
    };
    read().map_err(|error| HarnessError::new(error.to_string()))
}

fn unequal(table: &TableComparison) -> String {
    format!(
        "{}: {} rows differ, {} are missing in the cache, {} on the server; the first: {:?}",
        table.table, table.n_differing, table.n_missing_here, table.n_missing_there, table.first
    )
}
