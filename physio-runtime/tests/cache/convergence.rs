//! Any order of local writes, foreign writes, remote changes, pushes whose request or answer is lost, pulls,
//! kills and restarted pulls ends with both sides equal, nothing lost and nothing doubled.

mod server;

use crate::{Device, shown, texts};
use physio_runtime::bridge::wire::{Cursor, RowSink, StreamEnd};
use physio_runtime::cache::{DeltaOutcome, ParkedState, Resolution, TableState};
use physio_runtime::{Error, ErrorKind};
use server::{SHAPES, Server, Shape};
use std::collections::BTreeSet;

struct World {
    device: Option<Device>,
    server: Server,
    rng: fastrand::Rng,
    n_texts: u32,
    /// Names of patients that were made here and of whose deletion nobody has heard.
    alive: BTreeSet<String>,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            device: Some(Device::new()),
            server: Server::default(),
            rng: fastrand::Rng::with_seed(seed),
            n_texts: 0,
            alive: BTreeSet::new(),
        }
    }

    fn device(&self) -> &Device {
        self.device.as_ref().unwrap()
    }

    /// A text that no other change has.
    fn text(&mut self) -> String {
        self.n_texts += 1;
        format!("t{}", self.n_texts)
    }

    fn step(&mut self) {
        match self.rng.u8(..20) {
            0..=5 => self.write(),
            6 => self.write_as_another_program(),
            7..=9 => {
                let text = self.text();
                let deleted = self.server.change_remotely(&mut self.rng, &text);
                deleted.map(|name| self.alive.remove(&name));
            }
            10..=13 => self.push(),
            14..=16 => self.pull(),
            17 => self.device = self.device.take().map(Device::reopened),
            18 if self.rng.u8(..4) == 0 => self.device().cache.restart_pull().unwrap(),
            _ => self.decide(),
        }
    }

    /// A condition that finds one row of a table, whichever the seed says.
    fn any_row(&mut self, table: &str) -> String {
        let shape = SHAPES.iter().find(|shape| shape.name == table).unwrap();
        let (key, place) = (shape.key.join(", "), self.rng.u32(..1_000));
        format!(
            "({key}) = (SELECT {key} FROM {table} ORDER BY {key} \
             LIMIT 1 OFFSET {place} % max(1, (SELECT count(*) FROM {table})))"
        )
    }

    /// A statement, and the name of the patient that it makes.
    fn statement(&mut self) -> (String, Option<String>) {
        let text = self.text();
        let patient = format!("(SELECT patient_id FROM patients WHERE {})", self.any_row("patients"));
        let number = self.rng.u8(1..6);
        let sql = match self.rng.u8(..9) {
            0 | 1 => return (format!("INSERT INTO patients (name) VALUES ('{text}')"), Some(text)),
            2 => {
                let sql = format!("INSERT INTO patients (name, referred_by) VALUES ('{text}', {patient})");
                return (sql, Some(text));
            }
            3 => format!("INSERT INTO payments (patient_id, amount) VALUES ({patient}, '{number}.5')"),
            4 => format!("INSERT INTO visits (patient_id, visit_no) VALUES ({patient}, {number})"),
            5 => format!(
                "INSERT INTO rooms (code, label) VALUES ('R{number}', '{text}')
                 ON CONFLICT DO UPDATE SET label = excluded.label"
            ),
            6 => format!("UPDATE patients SET remarks = '{text}' WHERE {}", self.any_row("patients")),
            7 => format!("UPDATE payments SET note = '{text}' WHERE {}", self.any_row("payments")),
            _ => {
                let table = SHAPES[self.rng.usize(..SHAPES.len())].name;
                format!("DELETE FROM {table} WHERE {}", self.any_row(table))
            }
        };
        (sql, None)
    }

    fn write(&mut self) {
        let statements: Vec<_> = (0..self.rng.usize(1..4)).map(|_| self.statement()).collect();
        let before = self.local_names();
        let result = self.device().cache.write(|transaction| {
            for (statement, _) in &statements {
                transaction.execute(statement, [])?;
            }
            Ok(())
        });
        match result {
            Ok(_) => {
                // The same write may have deleted what it made.
                let now = self.local_names();
                let made = statements.into_iter().filter_map(|(_, name)| name);
                self.alive.extend(made.filter(|made| now.iter().any(|(_, name)| name == made)));
            }
            // The triggers refuse what MySQL would refuse; the unit is rolled back.
            Err(error) => assert_eq!(error.kind(), ErrorKind::Constraint, "{error}"),
        }
        self.notice_deleted(before);
    }

    fn write_as_another_program(&mut self) {
        let (statement, name) = self.statement();
        let before = self.local_names();
        if self.device().foreign().execute(&statement, []).is_ok() {
            self.alive.extend(name);
        }
        self.notice_deleted(before);
    }

    /// Key and name of every patient here. A row that a pull brought before the answer to its own insert is
    /// here twice for a while, under both keys.
    fn local_names(&self) -> BTreeSet<(String, String)> {
        let pairs = self.device().ask("SELECT patient_id, name FROM patients");
        pairs
            .lines()
            .filter_map(|line| line.split_once('|'))
            .map(|(k, n)| (k.to_owned(), n.to_owned()))
            .collect()
    }

    /// What vanished in a local write was deleted on purpose.
    fn notice_deleted(&mut self, before: BTreeSet<(String, String)>) {
        let now = self.local_names();
        for (_, name) in before.difference(&now) {
            self.alive.remove(name);
        }
    }

    fn push(&mut self) {
        let Some(outgoing) = self.device().cache.next_batch().unwrap() else { return };
        match self.rng.u8(..6) {
            // The request is lost.
            0 => {}
            // The answer is lost.
            1 | 2 => drop(self.server.push(&outgoing.bytes)),
            // The answer arrives, perhaps twice.
            n => {
                let answer = self.server.push(&outgoing.bytes);
                for _ in 0..n - 2 {
                    self.device().cache.apply_answer(&answer).unwrap();
                }
            }
        }
        self.check();
    }

    fn pull(&mut self) {
        let state = self.device().cache.pull_state().unwrap();
        let Some(cursor) = state.cursor else {
            let cursor = Cursor(self.server.seq().to_string());
            return self.device().cache.store_first_cursor(&cursor, 0).unwrap();
        };
        for shape in &SHAPES {
            let progress = state.tables.iter().find(|progress| progress.table == shape.name).unwrap();
            if progress.state != TableState::Complete && !self.page(shape, progress.after_key.as_deref()) {
                return;
            }
        }
        let (changed, seq) = self.server.delta(cursor.0.parse().unwrap());
        let mut sink = self.device().cache.delta_sink();
        for (shape, rows, deleted) in changed {
            sink.table(shape.name, &texts(shape.columns), &[]).unwrap();
            for row in &rows {
                sink.row(row).unwrap();
            }
            sink.deleted(shape.name, deleted).unwrap();
        }
        let end = StreamEnd {
            cursor: Some(Cursor(seq.to_string())),
            ack: self.server.ack(),
            ..StreamEnd::default()
        };
        match self.device().cache.apply_delta(sink, &end).unwrap() {
            DeltaOutcome::Applied(_) => {}
            DeltaOutcome::PushFirst => {
                let outgoing = self.device().cache.next_batch().unwrap().expect("a batch is in flight");
                let answer = self.server.push(&outgoing.bytes);
                self.device().cache.apply_answer(&answer).unwrap();
            }
        }
        self.check();
    }

    /// Reads one page; whether the table is complete now.
    fn page(&mut self, shape: &Shape, after: Option<&str>) -> bool {
        let rows = self.server.page(shape);
        let begin = after.map_or(0, |after| {
            let key: Vec<String> = serde_json::from_str(after).unwrap();
            let is_behind = |row: &String| {
                let row: Vec<Option<String>> = serde_json::from_str(row).unwrap();
                let order = |part: &str| (part.parse::<i64>().unwrap_or(0), part.to_owned());
                let own = (0..key.len()).map(|at| order(row[at].as_deref().unwrap())).collect::<Vec<_>>();
                own > key.iter().map(|part| order(part)).collect::<Vec<_>>()
            };
            rows.iter().position(is_behind).unwrap_or(rows.len())
        });
        let end = rows.len().min(begin + 3);
        let more = end < rows.len();
        let mut sink = self.device().cache.page_sink(shape.name).unwrap();
        sink.table(shape.name, &texts(shape.columns), &[]).unwrap();
        for row in &rows[begin..end] {
            sink.row(row).unwrap();
        }
        if self.rng.u8(..5) == 0 {
            drop(sink);
            return false;
        }
        sink.finish(&StreamEnd { more, ..StreamEnd::default() }).unwrap();
        !more
    }

    /// A person looks at the list.
    fn decide(&mut self) {
        let attention = self.device().cache.attention().unwrap();
        let Some(parked) = self.rng.choice(&attention).cloned() else { return };
        let before = self.local_names();
        let is_first_way = self.rng.bool();
        let cache = &self.device().cache;
        match parked.state {
            ParkedState::Conflict => {
                let change = parked.changes.iter().find(|change| change.in_conflict).unwrap().change;
                let resolution = if is_first_way { Resolution::Mine } else { Resolution::Theirs };
                cache.resolve_conflict(change, resolution).unwrap();
            }
            ParkedState::Failed if is_first_way => cache.retry_unit(parked.unit).unwrap(),
            ParkedState::Failed => cache.discard_unit(parked.unit).unwrap(),
            ParkedState::Notice => panic!("the schema did not change"),
        }
        self.notice_deleted(before);
        self.check();
    }

    /// What must hold at every moment.
    fn check(&self) {
        let device = self.device();
        for shape in &SHAPES {
            let wrong = device.ask(&format!(
                "SELECT {} FROM {} AS r WHERE (_sync_status = 'synced') = EXISTS (
                   SELECT 1 FROM _physio_outbox WHERE table_name = '{}' AND row_key = json_array({}))",
                shape.key.join(", "),
                shape.name,
                shape.name,
                shape.key.iter().map(|key| format!("CAST({key} AS TEXT)")).collect::<Vec<_>>().join(", ")
            ));
            assert_eq!(wrong, "", "rows of {} whose status is not what the outbox says", shape.name);
        }
        assert_eq!(device.ask("SELECT unit FROM _physio_control"), "-");
    }

    /// Sends, receives and decides until nothing is left to do.
    fn settle(&mut self) {
        for _ in 0..400 {
            if let Some(outgoing) = self.device().cache.next_batch().unwrap() {
                let answer = self.server.push(&outgoing.bytes);
                self.device().cache.apply_answer(&answer).unwrap();
            }
            self.pull();
            self.decide();
            let state = self.device().cache.pull_state().unwrap();
            let is_complete = SHAPES.iter().all(|shape| {
                state.tables.iter().any(|p| p.table == shape.name && p.state == TableState::Complete)
            });
            let cursor = state.cursor.is_some_and(|cursor| cursor.0 == self.server.seq().to_string());
            let counts = self.device().cache.counts().unwrap();
            if is_complete && cursor && counts.pending_changes == 0 {
                return;
            }
        }
        panic!("it does not settle: {:?}", self.device().cache.attention());
    }

    fn local_rows(&self, shape: &Shape) -> Result<BTreeSet<String>, Error> {
        let sql = format!("SELECT {} FROM {}", shape.columns.join(", "), shape.name);
        self.device().cache.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let mut rows = statement.query([])?;
            let mut lines = BTreeSet::new();
            while let Some(row) = rows.next()? {
                let cells: Vec<Option<String>> = (0..shape.columns.len())
                    .map(|at| {
                        row.get::<_, rusqlite::types::Value>(at)
                            .map(|value| (value != rusqlite::types::Value::Null).then(|| shown(value)))
                    })
                    .collect::<Result<_, _>>()?;
                lines.insert(serde_json::to_string(&cells).unwrap());
            }
            Ok(lines)
        })
    }
}

#[test]
fn every_order_of_events_ends_with_both_sides_equal() {
    // PHYSIO_SEEDS=400 looks further than every test run has time for.
    let n_seeds = std::env::var("PHYSIO_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(24);
    for seed in 0..n_seeds {
        let result = std::panic::catch_unwind(|| {
            let mut world = World::new(seed);
            for _ in 0..60 {
                world.step();
            }
            world.settle();
            world.check();
            for shape in &SHAPES {
                let server: BTreeSet<String> = world.server.page(shape).into_iter().collect();
                assert_eq!(world.local_rows(shape).unwrap(), server, "{}", shape.name);
                let unsynced = world
                    .device()
                    .ask(&format!("SELECT count(*) FROM {} WHERE _sync_status <> 'synced'", shape.name));
                assert_eq!(unsynced, "0", "{}", shape.name);
            }
            let names: Vec<String> = world.server.column("patients", "name").into_iter().flatten().collect();
            let unique: BTreeSet<&String> = names.iter().collect();
            assert_eq!(unique.len(), names.len(), "nothing is doubled");
            let lost: Vec<&String> = world.alive.iter().filter(|name| !unique.contains(name)).collect();
            assert!(lost.is_empty(), "nothing is lost: {lost:?}");
        });
        if let Err(panic) = result {
            eprintln!("seed {seed}");
            std::panic::resume_unwind(panic);
        }
    }
}
