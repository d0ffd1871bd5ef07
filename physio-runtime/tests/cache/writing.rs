//! Local writes: one unit each, durable, captured whoever makes them.

use super::*;
use physio_runtime::cache::Operation;
use physio_runtime::{ErrorKind, FromRow, RowValues, Table};

#[test]
fn a_write_is_one_unit_and_says_what_it_changed() {
    let device = Device::new();
    let changes = device.write(&[
        "INSERT INTO patients (name) VALUES ('A')",
        "INSERT INTO payments (patient_id, amount) VALUES (4503599627370496, '10.5')",
        "UPDATE patients SET remarks = 'new' WHERE name = 'A'",
    ]);
    let told: Vec<_> =
        changes.iter().map(|change| (change.table.as_str(), change.key.as_str(), change.operation)).collect();
    let key = format!("[\"{TEMP}\"]");
    assert_eq!(
        told,
        [
            ("patients", key.as_str(), Operation::Insert),
            ("payments", key.as_str(), Operation::Insert),
            ("patients", key.as_str(), Operation::Update),
        ]
    );
    assert_eq!(device.ask("SELECT count(DISTINCT unit_id), count(*) FROM _physio_outbox"), "1|3");
    assert_eq!(device.ask("SELECT unit FROM _physio_control"), "-");
    assert_eq!(device.ask("SELECT name, _sync_status FROM patients"), "A|pending");
    assert_eq!(device.cache.counts().unwrap().pending_changes, 3);
    assert_eq!(device.cache.counts().unwrap().queued_units, 1);
}

#[test]
fn a_write_that_fails_leaves_nothing_behind() {
    let device = Device::new();
    device.patients(&[]);
    let result = device.cache.write(|transaction| {
        transaction.execute("INSERT INTO patients (name) VALUES ('A')", [])?;
        transaction.execute("INSERT INTO payments (patient_id, amount) VALUES (99, '1')", [])
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Constraint);
    assert_eq!(device.ask("SELECT count(*) FROM patients"), "0");
    assert_eq!(device.ask("SELECT count(*) FROM _physio_units"), "0");
    assert_eq!(device.ask("SELECT unit FROM _physio_control"), "-");
    assert!(device.batch().is_none());
}

#[test]
fn a_panic_inside_a_write_rolls_back_and_the_next_write_works() {
    let device = Device::new();
    let cache = device.cache.clone();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        cache.write(|transaction| {
            transaction.execute("INSERT INTO patients (name) VALUES ('A')", [])?;
            if transaction.query("SELECT 1", [], |_| Ok(()))?.len() == 1 {
                panic!("an application's mistake");
            }
            Ok(())
        })
    }));
    assert!(panicked.is_err());
    device.write(&["INSERT INTO patients (name) VALUES ('B')"]);
    assert_eq!(device.ask("SELECT name FROM patients"), "B");
}

#[test]
fn a_write_that_changes_nothing_makes_no_unit() {
    let device = Device::new();
    assert!(device.write(&["UPDATE patients SET name = 'x'"]).is_empty());
    assert_eq!(device.ask("SELECT count(*) FROM _physio_units"), "0");
}

#[test]
fn a_write_may_not_end_its_own_transaction() {
    let device = Device::new();
    let error = device.cache.write(|transaction| transaction.execute("COMMIT", [])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert_eq!(device.ask("SELECT unit FROM _physio_control"), "-");
    device.write(&["INSERT INTO patients (name) VALUES ('B')"]);
}

#[test]
fn a_write_inside_a_write_is_refused_instead_of_waiting_for_ever() {
    let device = Device::new();
    let result = device.cache.write(|_| device.cache.write(|_| Ok(())));
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Usage);
    device.write(&["INSERT INTO patients (name) VALUES ('B')"]);
}

#[test]
fn other_programs_writes_are_captured_and_sealed_as_a_unit_of_their_own() {
    let device = Device::new();
    let foreign = device.foreign();
    foreign.execute("INSERT INTO patients (name) VALUES ('shell')", []).unwrap();
    assert_eq!(device.ask("SELECT count(*) FROM _physio_outbox WHERE unit_id IS NULL"), "1");
    device.write(&["INSERT INTO patients (name) VALUES ('app')"]);
    foreign.execute("UPDATE patients SET remarks = 'later' WHERE name = 'shell'", []).unwrap();
    let units = device.units();
    let ops: Vec<Vec<&str>> = units
        .as_array()
        .unwrap()
        .iter()
        .map(|unit| unit["changes"].as_array().unwrap().iter().map(|c| c["op"].as_str().unwrap()).collect())
        .collect();
    assert_eq!(ops, [vec!["insert"], vec!["insert"], vec!["update"]]);
}

#[test]
fn changes_of_other_programs_are_told_once_and_own_ones_never() {
    let device = Device::new();
    assert!(device.cache.external_changes().unwrap().is_empty());
    device.write(&["INSERT INTO patients (name) VALUES ('own')"]);
    assert!(device.cache.external_changes().unwrap().is_empty());
    let foreign = device.foreign();
    foreign.execute("INSERT INTO patients (name) VALUES ('shell')", []).unwrap();
    device.write(&["INSERT INTO patients (name) VALUES ('own too')"]);
    let told = device.cache.external_changes().unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].table.as_str(), told[0].operation), ("patients", Operation::Insert));
    assert_eq!(told[0].key, "[\"4503599627370497\"]");
    assert!(device.cache.external_changes().unwrap().is_empty());
}

#[test]
fn a_reader_sees_the_state_before_while_a_write_is_open() {
    let device = Device::new();
    device
        .cache
        .write(|transaction| {
            transaction.execute("INSERT INTO patients (name) VALUES ('A')", [])?;
            assert_eq!(device.ask("SELECT count(*) FROM patients"), "0");
            Ok(())
        })
        .unwrap();
    assert_eq!(device.ask("SELECT count(*) FROM patients"), "1");
}

#[test]
fn readers_cannot_write() {
    let device = Device::new();
    let error =
        device.cache.read(|connection| Ok(connection.execute("DELETE FROM patients", [])?)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
}

#[test]
fn errors_of_raw_statements_do_not_repeat_them() {
    let device = Device::new();
    let error = device
        .cache
        .read(|connection| Ok(connection.prepare("SELECT secret_value FROM nowhere").map(|_| ())?))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Sql);
    let text = format!("{error} {error:?}");
    assert!(text.contains("nowhere") && !text.contains("secret_value"), "{text}");
}

// What `schema!` makes of `patients`, by hand: the cache must not depend on the macro.
#[derive(Debug, PartialEq)]
struct Patient {
    patient_id: i64,
    name: String,
    referred_by: Option<i64>,
}

impl FromRow for Patient {
    const TABLE: &'static str = "patients";
    const COLUMNS: &'static [&'static str] = &["patient_id", "name", "referred_by"];
    fn from_row(row: &rusqlite::Row<'_>) -> Result<Self, physio_runtime::types::FieldError> {
        use physio_runtime::__private::read_field;
        Ok(Self {
            patient_id: read_field(row, 0)?,
            name: read_field(row, 1)?,
            referred_by: read_field(row, 2)?,
        })
    }
}

struct PatientValues(Vec<(&'static str, Value)>);

impl RowValues for PatientValues {
    type Table = Patient;
    fn values(&self) -> Vec<(&'static str, Value)> {
        self.0.clone()
    }
}

impl Table for Patient {
    type Key = i64;
    type Insert = PatientValues;
    type Patch = PatientValues;
    const KEY: &'static [&'static str] = &["patient_id"];
    const CREATE: &'static str = "";
    const UPSERT: &'static str = "";
    fn key(&self) -> i64 {
        self.patient_id
    }
}

fn named(name: &str) -> PatientValues {
    PatientValues(vec![("name", Value::Text(name.into()))])
}

#[test]
fn typed_writes_give_the_key_and_find_the_row_again() {
    let device = Device::new();
    let (key, changes) = device.cache.write(|transaction| transaction.insert(named("A"))).unwrap();
    assert_eq!(key, 1 << 52);
    assert_eq!(changes.len(), 1);
    device
        .cache
        .write(|transaction| {
            assert!(transaction.update::<Patient>(key, named("B"))?);
            assert!(!transaction.update::<Patient>(7, named("B"))?);
            assert!(!transaction.update::<Patient>(key, PatientValues(Vec::new()))?);
            assert_eq!(transaction.get::<Patient>(key)?.map(|patient| patient.name), Some("B".into()));
            assert!(transaction.delete::<Patient>(key)?);
            assert_eq!(transaction.get::<Patient>(key)?, None);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_temporary_key_finds_its_row_after_the_push_and_as_a_reference() {
    let device = Device::new();
    let (key, _) = device.cache.write(|transaction| transaction.insert(named("A"))).unwrap();
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![applied(&units[0])],
        keys: vec![mapped("patients", TEMP, "901")],
        rows: vec![row_block("patients", PATIENT, json!([["901", "A", null, null]]))],
        ..empty_answer(1)
    });
    assert_eq!(device.cache.resolve_key("patients", key).unwrap().as_deref(), Some("901"));
    assert_eq!(device.cache.resolve_key("patients", key + 1).unwrap(), None);
    let (second, _) = device
        .cache
        .write(|transaction| {
            assert_eq!(transaction.get::<Patient>(key)?.map(|patient| patient.patient_id), Some(901));
            assert!(transaction.update::<Patient>(key, named("A2"))?);
            let mut values = named("child");
            values.0.push(("referred_by", Value::Integer(key)));
            transaction.insert(values)
        })
        .unwrap();
    assert_ne!(second, key, "a temporary key is never given twice");
    assert_eq!(device.ask("SELECT name, referred_by FROM patients ORDER BY name"), "A2|-\nchild|901");
}

// What `schema!` makes of `visits`, as above.
#[derive(Debug)]
struct Visit {
    key: (i64, i64),
}

impl FromRow for Visit {
    const TABLE: &'static str = "visits";
    const COLUMNS: &'static [&'static str] = &["patient_id", "visit_no"];
    fn from_row(row: &rusqlite::Row<'_>) -> Result<Self, physio_runtime::types::FieldError> {
        use physio_runtime::__private::read_field;
        Ok(Self { key: (read_field(row, 0)?, read_field(row, 1)?) })
    }
}

struct VisitValues(Vec<(&'static str, Value)>);

impl RowValues for VisitValues {
    type Table = Visit;
    fn values(&self) -> Vec<(&'static str, Value)> {
        self.0.clone()
    }
}

impl Table for Visit {
    type Key = (i64, i64);
    type Insert = VisitValues;
    type Patch = VisitValues;
    const KEY: &'static [&'static str] = &["patient_id", "visit_no"];
    const CREATE: &'static str = "";
    const UPSERT: &'static str = "";
    fn key(&self) -> (i64, i64) {
        self.key
    }
}

#[test]
fn a_key_with_a_temporary_part_finds_its_row_after_the_push() {
    let device = Device::new();
    let (key, _) = device.cache.write(|transaction| transaction.insert(named("A"))).unwrap();
    device.write(&["INSERT INTO visits (patient_id, visit_no) VALUES (4503599627370496, 1)"]);
    let units = device.units();
    device.answer(&BatchAnswer {
        units: vec![applied(&units[0]), applied(&units[1])],
        keys: vec![mapped("patients", TEMP, "901")],
        ..empty_answer(1)
    });
    let seen = VisitValues(vec![("finding", Value::Text("well".into()))]);
    let (is_found, _) =
        device.cache.write(|transaction| transaction.update::<Visit>((key, 1), seen)).unwrap();
    assert!(is_found);
    assert_eq!(device.ask("SELECT patient_id, visit_no, finding FROM visits"), "901|1|well");
}
