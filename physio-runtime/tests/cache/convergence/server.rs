//! A server that fits on a page: the protocol's rules on maps, in one thread, without a network.

use crate::{PATIENT, PAYMENT, ROOM, VISIT, empty_answer};
use physio_runtime::bridge::wire::{
    Batch, BatchAnswer, Change, DeletedBlock, MappedKey, RowBlock, UnitOutcome, UnitStatus, Values,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(super) type Row = BTreeMap<String, Option<String>>;
type Key = Vec<String>;

/// Name, columns, key columns, whether the server makes the key, and the column that refers to `patients`.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) columns: &'static [&'static str],
    pub(super) key: &'static [&'static str],
    has_own_keys: bool,
    parent: Option<&'static str>,
}

pub(super) const SHAPES: [Shape; 4] = [
    Shape {
        name: "patients",
        columns: PATIENT,
        key: &["patient_id"],
        has_own_keys: true,
        parent: Some("referred_by"),
    },
    Shape {
        name: "payments",
        columns: PAYMENT,
        key: &["payment_id"],
        has_own_keys: true,
        parent: Some("patient_id"),
    },
    Shape {
        name: "visits",
        columns: VISIT,
        key: &["patient_id", "visit_no"],
        has_own_keys: false,
        parent: Some("patient_id"),
    },
    Shape { name: "rooms", columns: ROOM, key: &["code"], has_own_keys: false, parent: None },
];

fn shape(table: &str) -> &'static Shape {
    SHAPES.iter().find(|shape| shape.name == table).unwrap()
}

#[derive(Clone, Default)]
struct State {
    tables: BTreeMap<String, BTreeMap<Key, Row>>,
    last_key: i64,
    seq: u64,
    feed: BTreeMap<(String, Key), u64>,
}

#[derive(Default)]
pub(super) struct Server {
    state: State,
    last_batch: u64,
    stored: Option<(Vec<u8>, BatchAnswer)>,
}

struct Refusal {
    status: UnitStatus,
    code: &'static str,
}

fn refuse<T>(status: UnitStatus, code: &'static str) -> Result<T, Refusal> {
    Err(Refusal { status, code })
}

impl State {
    fn rows(&self, table: &str) -> impl Iterator<Item = (&Key, &Row)> {
        self.tables.get(table).into_iter().flatten()
    }

    fn row(&self, table: &str, key: &Key) -> Option<&Row> {
        self.tables.get(table).and_then(|rows| rows.get(key))
    }

    fn touch(&mut self, table: &str, key: &Key) {
        self.seq += 1;
        self.feed.insert((table.to_owned(), key.clone()), self.seq);
    }

    fn put(&mut self, table: &str, key: Key, row: Row) {
        self.touch(table, &key);
        self.tables.entry(table.to_owned()).or_default().insert(key, row);
    }

    fn remove(&mut self, table: &str, key: &Key) {
        self.touch(table, key);
        if let Some(rows) = self.tables.get_mut(table) {
            rows.remove(key);
        }
    }

    fn has_children(&self, table: &str, key: &Key) -> bool {
        table == "patients"
            && SHAPES.iter().any(|shape| {
                shape.parent.is_some_and(|column| {
                    self.rows(shape.name).any(|(_, row)| row[column].as_ref() == Some(&key[0]))
                })
            })
    }

    fn check_parent(&self, table: &str, row: &Row) -> Result<(), Refusal> {
        let parent = shape(table).parent.and_then(|column| row[column].clone());
        match parent {
            Some(id) if self.row("patients", &vec![id.clone()]).is_none() => {
                refuse(UnitStatus::Failed, "parent_missing")
            }
            _ => Ok(()),
        }
    }
}

/// Everything that one batch needs to know beside the rows.
#[derive(Default)]
struct Run {
    keys: BTreeMap<(String, String), String>,
    parked_temps: BTreeMap<(String, String), String>,
    touched: BTreeSet<(String, Key)>,
}

impl Run {
    fn text(&self, value: &Value) -> Result<Option<String>, Refusal> {
        match value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.clone())),
            reference => {
                let pair = &reference["$ref"];
                let name = (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned());
                match self.keys.get(&name) {
                    Some(key) => Ok(Some(key.clone())),
                    None if self.parked_temps.contains_key(&name) => refuse(UnitStatus::Failed, "blocked"),
                    None => refuse(UnitStatus::Failed, "unknown_reference"),
                }
            }
        }
    }

    fn key(&self, key: &[Value]) -> Result<Key, Refusal> {
        key.iter().map(|part| Ok(self.text(part)?.unwrap())).collect()
    }

    fn row(&self, values: &Values) -> Result<Row, Refusal> {
        values.iter().map(|(name, value)| Ok((name.clone(), self.text(value)?))).collect()
    }
}

/// A table, its rows as lines, and its keys that are gone.
pub(super) type TableDelta = (&'static Shape, Vec<String>, Vec<String>);

impl Server {
    /// Takes a batch, or gives the stored answer to one that it has taken.
    pub(super) fn push(&mut self, bytes: &[u8]) -> BatchAnswer {
        let batch: Batch = serde_json::from_slice(bytes).unwrap();
        if batch.batch == self.last_batch {
            let (stored, answer) = self.stored.as_ref().unwrap();
            assert_eq!(stored, bytes, "a retry sends the bytes of the first try");
            return answer.clone();
        }
        assert_eq!(batch.batch, self.last_batch + 1, "batches come in order");
        let mut run = Run::default();
        let mut answer = empty_answer(batch.batch);
        for unit in &batch.units {
            let before = (self.state.clone(), run.keys.clone());
            let mut refused = None;
            for (index, change) in unit.changes.iter().enumerate() {
                if let Err(refusal) = self.change(&mut run, change) {
                    refused = Some((index, refusal));
                    break;
                }
            }
            let mut outcome = UnitOutcome {
                unit: unit.unit.clone(),
                status: UnitStatus::Applied,
                change: None,
                code: None,
                field: None,
                blocked_by: None,
                kept: Vec::new(),
            };
            if let Some((index, refusal)) = refused {
                (self.state, run.keys) = before;
                outcome.status = refusal.status;
                outcome.change = Some(index);
                outcome.code = Some(refusal.code.to_owned());
                for change in &unit.changes {
                    if let Change::Insert { table, temp: Some(temp), .. } = change {
                        run.parked_temps.insert((table.clone(), temp.clone()), unit.unit.clone());
                    }
                }
            }
            answer.units.push(outcome);
        }
        answer.keys = run
            .keys
            .iter()
            .map(|((table, temp), key)| MappedKey {
                table: table.clone(),
                temp: temp.clone(),
                key: key.clone(),
            })
            .collect();
        for (table, key) in &run.touched {
            match self.state.row(table, key) {
                Some(row) => answer.rows.push(RowBlock {
                    table: table.clone(),
                    columns: shape(table).columns.iter().map(|name| (*name).to_owned()).collect(),
                    base64: Vec::new(),
                    rows: vec![line(table, row)],
                }),
                None => answer.deleted.push(DeletedBlock { table: table.clone(), keys: vec![key.clone()] }),
            }
        }
        self.last_batch = batch.batch;
        self.stored = Some((bytes.to_vec(), answer.clone()));
        answer
    }

    fn change(&mut self, run: &mut Run, change: &Change) -> Result<(), Refusal> {
        match change {
            Change::Insert { table, temp, values } => {
                let shape = shape(table);
                let mut row: Row = shape.columns.iter().map(|name| ((*name).to_owned(), None)).collect();
                row.extend(run.row(values)?);
                if let Some(temp) = temp {
                    assert!(shape.has_own_keys);
                    self.state.last_key += 1;
                    let key = self.state.last_key.to_string();
                    let name = (table.clone(), temp.clone());
                    assert!(run.keys.insert(name, key.clone()).is_none(), "a temporary key names one row");
                    row.insert(shape.key[0].to_owned(), Some(key));
                }
                let key: Key = shape.key.iter().map(|name| row[*name].clone().unwrap()).collect();
                self.state.check_parent(table, &row)?;
                if self.state.row(table, &key).is_some() {
                    return refuse(UnitStatus::Failed, "duplicate_key");
                }
                run.touched.insert((table.clone(), key.clone()));
                self.state.put(table, key, row);
            }
            Change::Update { table, key, values, base } => {
                let key = run.key(key)?;
                let (values, base) = (run.row(values)?, run.row(base)?);
                run.touched.insert((table.clone(), key.clone()));
                let Some(mut row) = self.state.row(table, &key).cloned() else {
                    return refuse(UnitStatus::Conflict, "gone");
                };
                for (name, value) in values {
                    if row[&name] != base[&name] && row[&name] != value {
                        return refuse(UnitStatus::Conflict, "changed");
                    }
                    row.insert(name, value);
                }
                self.state.check_parent(table, &row)?;
                self.state.put(table, key, row);
            }
            Change::Delete { table, key, base } => {
                let key = run.key(key)?;
                let base = run.row(base)?;
                run.touched.insert((table.clone(), key.clone()));
                if let Some(row) = self.state.row(table, &key) {
                    if base.iter().any(|(name, value)| row[name] != *value) {
                        return refuse(UnitStatus::Conflict, "changed");
                    }
                    if self.state.has_children(table, &key) {
                        return refuse(UnitStatus::Failed, "still_referenced");
                    }
                    self.state.remove(table, &key);
                }
            }
        }
        Ok(())
    }

    /// What changed after a place in the feed: rows and deleted keys by table, and the new place.
    pub(super) fn delta(&self, since: u64) -> (Vec<TableDelta>, u64) {
        let changed = SHAPES.iter().map(|shape| {
            let (mut rows, mut deleted) = (Vec::new(), Vec::new());
            for ((table, key), seq) in &self.state.feed {
                if table == shape.name && *seq > since {
                    match self.state.row(table, key) {
                        Some(row) => rows.push(serde_json::to_string(&line(table, row)).unwrap()),
                        None => deleted.push(serde_json::to_string(key).unwrap()),
                    }
                }
            }
            (shape, rows, deleted)
        });
        (changed.collect(), self.state.seq)
    }

    /// All rows of a table as a page sends them.
    pub(super) fn page(&self, shape: &Shape) -> Vec<String> {
        let mut rows: Vec<(&Key, &Row)> = self.state.rows(shape.name).collect();
        rows.sort_by_key(|(key, _)| {
            key.iter().map(|part| (part.parse::<i64>().unwrap_or(0), (*part).clone())).collect::<Vec<_>>()
        });
        rows.into_iter().map(|(_, row)| serde_json::to_string(&line(shape.name, row)).unwrap()).collect()
    }

    pub(super) fn ack(&self) -> u64 {
        self.last_batch
    }

    pub(super) fn seq(&self) -> u64 {
        self.state.seq
    }

    /// Every value of a column, in any order.
    pub(super) fn column(&self, table: &str, column: &str) -> Vec<Option<String>> {
        self.state.rows(table).map(|(_, row)| row[column].clone()).collect()
    }

    /// A change by somebody else; gives the names of rows that it deleted.
    pub(super) fn change_remotely(&mut self, rng: &mut fastrand::Rng, text: &str) -> Option<String> {
        let table = SHAPES[rng.usize(..SHAPES.len())].name;
        let keys: Vec<Key> = self.state.rows(table).map(|(key, _)| key.clone()).collect();
        let key = rng.choice(&keys).cloned();
        match (rng.u8(..4), key) {
            (0, _) | (_, None) => {
                let mut row: Row = PATIENT.iter().map(|name| ((*name).to_owned(), None)).collect();
                self.state.last_key += 1;
                let key = self.state.last_key.to_string();
                row.insert("patient_id".into(), Some(key.clone()));
                row.insert("name".into(), Some(text.to_owned()));
                self.state.put("patients", vec![key], row);
                None
            }
            (1, Some(key)) if !self.state.has_children(table, &key) => {
                let name = self.state.row(table, &key).and_then(|row| row.get("name").cloned().flatten());
                self.state.remove(table, &key);
                name
            }
            (_, Some(key)) => {
                let mut row = self.state.row(table, &key).cloned().unwrap();
                let column = shape(table).columns.iter().rfind(|name| {
                    !shape(table).key.contains(name)
                        && shape(table).parent != Some(**name)
                        && **name != "amount"
                });
                row.insert((*column.unwrap()).to_owned(), Some(text.to_owned()));
                self.state.put(table, key, row);
                None
            }
        }
    }
}

fn line(table: &str, row: &Row) -> Vec<Option<String>> {
    shape(table).columns.iter().map(|name| row[*name].clone()).collect()
}
