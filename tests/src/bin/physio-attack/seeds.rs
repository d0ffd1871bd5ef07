//! Valid requests of an application, made from its own rows as the bridge spells them.

use crate::socket::{Request, send};
use crate::{READER, Result, TOKEN};
use fastrand::Rng;
use physio_schema::plan::TablePlan;
use physio_tests::harness::Stack;
use serde_json::{Map, Value, json};

/// Rows of one table with their columns.
#[derive(Debug)]
struct Known {
    table: TablePlan,
    rows: Vec<Vec<Value>>,
}

/// Where valid requests come from.
#[derive(Debug)]
pub(crate) struct Seeds {
    tables: Vec<Known>,
    fingerprint: String,
    cursor: String,
}

/// The parts of a device that its next request needs.
#[derive(Debug, Clone)]
pub(crate) struct Pusher {
    pub(crate) device: String,
    pub(crate) batch: u64,
}

impl Pusher {
    pub(crate) fn new(random: &mut Rng) -> Self {
        Self { device: format!("{:032x}", random.u128(..)), batch: 1 }
    }
}

impl Seeds {
    /// Reads some rows of every table through the bridge, those that the attacker must not see too.
    pub(crate) fn read(stack: &Stack, folder: &str) -> Result<Self> {
        let plan = &stack.app.plan;
        let mut seeds =
            Self { tables: Vec::new(), fingerprint: plan.fingerprint.clone(), cursor: String::new() };
        let ask = |seeds: &Self, token: &str, path: &str, query: &[(&str, &str)]| -> Result<Vec<Value>> {
            let request = seeds.request("GET", path, query, &"0".repeat(32), token);
            let answer = send(stack.php.port(), &request.bytes(folder))?;
            if answer.status != 200 {
                return Err(
                    format!("a valid request is refused: {}", String::from_utf8_lossy(&answer.body)).into()
                );
            }
            Ok(String::from_utf8_lossy(&answer.body)
                .lines()
                .map(serde_json::from_str)
                .collect::<Result<_, _>>()?)
        };
        for table in &plan.tables {
            let lines = ask(&seeds, READER, "read.php", &[("table", &table.name), ("limit", "40")])?;
            let rows = lines.iter().filter_map(|line| line.as_array().cloned()).collect();
            seeds.tables.push(Known { table: table.clone(), rows });
        }
        let lines = ask(&seeds, TOKEN, "sync.php", &[("since", "new")])?;
        let end = lines.last().ok_or("an empty answer")?;
        seeds.cursor = end["cursor"].as_str().ok_or("an answer without a cursor")?.to_owned();
        Ok(seeds)
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        query: &[(&str, &str)],
        device: &str,
        token: &str,
    ) -> Request {
        let bytes = |text: &str| text.as_bytes().to_vec();
        Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.iter().map(|(name, value)| (bytes(name), bytes(value))).collect(),
            headers: [
                ("Authorization", format!("Bearer {token}").as_str()),
                ("X-Physio-Token", token),
                ("X-Physio-Device", device),
                ("X-Physio-Fingerprint", &self.fingerprint),
                ("X-Physio-Protocol", "1"),
            ]
            .map(|(name, value)| (name.to_owned(), bytes(value)))
            .into(),
            body: Vec::new(),
        }
    }

    /// A pull.
    pub(crate) fn pull(&self, random: &mut Rng) -> Request {
        let known = &self.tables[random.usize(..self.tables.len())];
        let name = known.table.name.as_str();
        let key = |random: &mut Rng| match known.rows.len() {
            0 => "[\"1\"]".to_owned(),
            n => Value::Array(key_of(&known.table, &known.rows[random.usize(..n)])).to_string(),
        };
        let (from, to) = (key(random), key(random));
        let (path, query): (&str, Vec<(&str, &str)>) = match random.u8(..8) {
            0 => ("sync.php", vec![("since", "new"), ("describe", name)]),
            1 => ("sync.php", vec![("since", &self.cursor), ("tables", name), ("limit", "50")]),
            2 => ("sync.php", vec![("report", "1")]),
            3 => ("read.php", vec![("table", name), ("key", &from)]),
            4 => (
                "read.php",
                vec![("table", name), ("after", &from), ("until", &to), ("sums", "10"), ("limit", "30")],
            ),
            _ => ("read.php", vec![("table", name), ("after", &from), ("until", &to), ("limit", "20")]),
        };
        self.request("GET", path, &query, &format!("{:032x}", random.u128(..)), TOKEN)
    }

    /// A push of one to three units.
    pub(crate) fn push(&self, pusher: &Pusher, random: &mut Rng) -> (Request, Value) {
        let is_single = random.u8(..4) == 0;
        let n_units = if is_single { 1 } else { random.usize(1..=3) };
        let units: Vec<Value> = (0..n_units)
            .map(|n| {
                let changes: Vec<Value> = (0..random.usize(1..=2)).map(|_| self.change(random)).collect();
                json!({"unit": n.to_string(), "changes": changes})
            })
            .collect();
        let body = json!({"v": 1, "device": pusher.device, "batch": pusher.batch, "units": units});
        let path = if is_single { "write.php" } else { "batch.php" };
        let mut request = self.request("POST", path, &[], &pusher.device, TOKEN);
        request.headers.push(("Content-Type".to_owned(), b"application/json".to_vec()));
        (request, body)
    }

    fn change(&self, random: &mut Rng) -> Value {
        let known = loop {
            let known = &self.tables[random.usize(..self.tables.len())];
            if !known.rows.is_empty() {
                break known;
            }
        };
        let (name, row) = (&known.table.name, &known.rows[random.usize(..known.rows.len())]);
        let other = &known.rows[random.usize(..known.rows.len())];
        let key = key_of(&known.table, row);
        let columns = known.table.columns.iter().enumerate();
        let free: Vec<(usize, &str)> = columns
            .filter(|(position, column)| !known.table.key.contains(position) && !column.generated)
            .map(|(position, column)| (position, column.name.as_str()))
            .collect();
        let pick = |random: &mut Rng, from: &[Value]| -> Map<String, Value> {
            let chosen = free.iter().filter(|_| random.u8(..4) == 0);
            chosen.map(|(position, name)| ((*name).to_owned(), from[*position].clone())).collect()
        };
        // Few deletes: the rows must last for the whole run.
        match random.u8(..32) {
            0 => json!({"op": "delete", "table": name, "key": key, "base": {}}),
            1..9 => {
                let mut values: Map<String, Value> = free
                    .iter()
                    .map(|(position, name)| ((*name).to_owned(), row[*position].clone()))
                    .collect();
                if known.table.temporary_key.is_some() {
                    return json!({"op": "insert", "table": name, "temp": random.u32(..).to_string(), "values": values});
                }
                for &position in &known.table.key {
                    values.insert(
                        known.table.columns[position].name.clone(),
                        json!(format!("N{}", random.u32(..))),
                    );
                }
                json!({"op": "insert", "table": name, "values": values})
            }
            _ => {
                let values = pick(random, other);
                let base: Map<String, Value> = free
                    .iter()
                    .filter(|(_, name)| values.contains_key(*name))
                    .map(|(position, name)| ((*name).to_owned(), row[*position].clone()))
                    .collect();
                json!({"op": "update", "table": name, "key": key, "values": values, "base": base})
            }
        }
    }
}

fn key_of(table: &TablePlan, row: &[Value]) -> Vec<Value> {
    table.key.iter().map(|&position| row[position].clone()).collect()
}
