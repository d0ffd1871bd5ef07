//! The versions of each application that were shipped, oldest first, and what the present one makes of their caches.

use physio_tests::harness::App;

/// One shipped version.
#[derive(Clone)]
pub(crate) struct Generation {
    /// What makes this version's dump of the present one (the ward's only).
    pub(crate) edits: &'static [(&'static str, &'static str)],
    pub(crate) server_rows: &'static str,
    pub(crate) conflict: &'static str,
    pub(crate) conflict_field: &'static str,
    pub(crate) in_flight: &'static str,
    pub(crate) queued: &'static [&'static [&'static str]],
    /// Codes and fields in the attention list after the present version has opened the unsent changes.
    pub(crate) needs_attention: &'static [&'static str],
    /// Present tables whose rows only the server can bring back.
    pub(crate) lost_rows: &'static [&'static str],
    /// What of the unsent changes is on the server after a sync: table and condition of one row.
    pub(crate) delivered: &'static [(&'static str, &'static str)],
}

pub(crate) mod clinic {
    use super::{App, Generation};

    pub(crate) fn app() -> App {
        App::clinic().unwrap()
    }

    pub(crate) fn generations() -> Vec<Generation> {
        let first = Generation {
            edits: &[],
            server_rows: "
                INSERT INTO branches (branch_id, branch_name, clinic_name) VALUES (1, 'Main', 'Clinic'), (2, 'East', 'Clinic');
                INSERT INTO patients (patient_id, branch_id, treatment_type, total_amount, due_amount, start_date, end_date, remarks, payment_method)
                  VALUES (11, 1, 'daily', '500.00', '500.00', '2026-01-05', '2026-01-25', 'first', 'cash'),
                         (12, 1, 'weekly', '900.50', '0.00', '2026-02-01', '2026-03-01', NULL, 'card');
                INSERT INTO payments (payment_id, patient_id, payment_date, amount, mode) VALUES (31, 11, '2026-01-06', '10.50', 'cash');
                INSERT INTO tests (test_id, test_uid, branch_id, visit_date, assigned_test_date, patient_name, test_name, test_done_by, total_amount, test_status)
                  VALUES (21, 'T-21', 1, '2026-01-02', '2026-01-03', 'Person A', 'ncv', 'Doctor', '100.00', 'pending');
                INSERT INTO system_settings (setting_key, setting_value) VALUES ('theme', 'dark')",
            conflict: "UPDATE tests SET test_status = 'completed' WHERE test_id = 21",
            conflict_field: "tests.test_status",
            in_flight: "UPDATE branches SET city = 'in flight' WHERE branch_id = 1",
            queued: &[
                &[
                    "INSERT INTO patients (branch_id, treatment_type, total_amount, due_amount, start_date, end_date, payment_method)
                       VALUES (1, 'daily', '1.00', '1.00', '2026-04-01', '2026-04-02', 'cash')",
                    "INSERT INTO payments (patient_id, payment_date, amount, mode) SELECT max(patient_id), '2026-04-01', '1.00', 'new' FROM patients",
                ],
                &["UPDATE patients SET remarks = 'edited' WHERE patient_id = 12"],
                &["DELETE FROM payments WHERE payment_id = 31"],
            ],
            needs_attention: &["changed tests.test_status"],
            lost_rows: &[],
            delivered: &[
                ("branches", "city = 'in flight'"),
                ("patients", "remarks = 'edited' AND patient_id = 12"),
                ("payments", "mode = 'new' AND patient_id < 1000"),
            ],
        };
        // Since the second, the inner tables spell their checks otherwise; since the third, fingerprints are
        // worked out otherwise.
        vec![first.clone(), first.clone(), first]
    }
}

pub(crate) mod ward {
    use super::{App, Generation};

    const DUMP: &str = "
CREATE TABLE tokens (token varchar(80) NOT NULL PRIMARY KEY);
CREATE TABLE patients (
  patient_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(40) NOT NULL,
  notes varchar(200) DEFAULT NULL,
  status enum('new','old','left') NOT NULL DEFAULT 'new',
  visits int NOT NULL DEFAULT 0
);
CREATE TABLE payments (
  payment_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  patient_id int NOT NULL,
  amount decimal(12,2) NOT NULL,
  CONSTRAINT fk_patient FOREIGN KEY (patient_id) REFERENCES patients (patient_id)
);
CREATE TABLE rooms (code varchar(10) NOT NULL PRIMARY KEY, label varchar(40) DEFAULT NULL);
CREATE TABLE beds (bed_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, place varchar(20) DEFAULT NULL);
";

    const TOML: &str = "
[app]
name = \"ward\"
dump = \"ward.sql\"
[server.tokens]
table = \"tokens\"
token = \"token\"
[access]
open = true

[[waves]]
name = \"all\"
tables = [\"*\"]
";

    const RENAMES: &str = "
[tables.patients.columns.notes]
renamed_from = [\"comment\", \"remarks\"]
[tables.rooms]
renamed_from = \"places\"
";

    pub(crate) fn app(generation: &Generation) -> App {
        let mut dump = DUMP.to_owned();
        for (from, to) in generation.edits {
            assert!(dump.contains(from), "{from}");
            dump = dump.replace(from, to);
        }
        let renames = if generation.edits.is_empty() { RENAMES } else { "" };
        App::of_texts(&format!("{TOML}{renames}"), &dump).unwrap()
    }

    const ROWS: &str = "
        INSERT INTO patients (patient_id, name) VALUES (1, 'A'), (2, 'B'), (3, 'C');
        INSERT INTO payments (payment_id, patient_id, amount) VALUES (7, 1, '10.50');
        INSERT INTO rooms (code, label) VALUES ('R1', 'first'), ('R2', 'second')";

    const NEW_PATIENT: &[&str] = &[
        "INSERT INTO patients (name, notes) VALUES ('new', 'n')",
        "INSERT INTO payments (patient_id, amount) SELECT max(patient_id), '5.00' FROM patients",
    ];
    const EDIT: &[&str] = &["UPDATE patients SET notes = 'edited', status = 'old' WHERE patient_id = 2"];
    const DELETE: &[&str] = &["DELETE FROM payments WHERE payment_id = 7"];

    const DELIVERED: &[(&str, &str)] = &[
        ("rooms", "label = 'in flight'"),
        ("patients", "name = 'new' AND notes = 'n' AND patient_id < 1000"),
        ("payments", "amount = '5.00' AND patient_id < 1000"),
        ("patients", "notes = 'edited' AND status = 'old' AND patient_id = 2"),
    ];

    /// The last one is the present schema.
    pub(crate) fn generations() -> Vec<Generation> {
        let present = Generation {
            edits: &[],
            server_rows: ROWS,
            conflict: "UPDATE patients SET notes = 'mine' WHERE patient_id = 1",
            conflict_field: "patients.notes",
            in_flight: "UPDATE rooms SET label = 'in flight' WHERE code = 'R1'",
            queued: &[NEW_PATIENT, EDIT, DELETE],
            needs_attention: &["changed patients.notes"],
            lost_rows: &[],
            delivered: DELIVERED,
        };
        vec![
            // Columns and tables were missing or called otherwise, and held less.
            Generation {
                edits: &[
                    ("notes varchar(200)", "remarks varchar(40)"),
                    ("'new','old','left'", "'new','old'"),
                    (" DEFAULT 'new',\n  visits int NOT NULL DEFAULT 0", " DEFAULT 'new'"),
                    ("decimal(12,2)", "decimal(10,2)"),
                    ("CREATE TABLE rooms", "CREATE TABLE places"),
                    (
                        "CREATE TABLE beds (bed_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, place varchar(20) DEFAULT NULL);\n",
                        "",
                    ),
                ],
                server_rows: "
                    INSERT INTO patients (patient_id, name) VALUES (1, 'A'), (2, 'B'), (3, 'C');
                    INSERT INTO payments (payment_id, patient_id, amount) VALUES (7, 1, '10.50');
                    INSERT INTO places (code, label) VALUES ('R1', 'first'), ('R2', 'second')",
                conflict: "UPDATE patients SET remarks = 'mine' WHERE patient_id = 1",
                conflict_field: "patients.remarks",
                in_flight: "UPDATE places SET label = 'in flight' WHERE code = 'R1'",
                queued: &[
                    &[
                        "INSERT INTO patients (name, remarks) VALUES ('new', 'n')",
                        "INSERT INTO payments (patient_id, amount) SELECT max(patient_id), '5.00' FROM patients",
                    ],
                    &["UPDATE patients SET remarks = 'edited', status = 'old' WHERE patient_id = 2"],
                    DELETE,
                ],
                ..present.clone()
            },
            // Visits were a text.
            Generation {
                edits: &[("visits int NOT NULL DEFAULT 0", "visits varchar(10) NOT NULL DEFAULT '0'")],
                queued: &[
                    NEW_PATIENT,
                    EDIT,
                    DELETE,
                    &["UPDATE patients SET visits = '17' WHERE patient_id = 2"],
                    &["UPDATE patients SET visits = 'many' WHERE patient_id = 3"],
                ],
                needs_attention: &["bad_value patients.visits", "changed patients.notes"],
                delivered: &[
                    ("rooms", "label = 'in flight'"),
                    ("patients", "name = 'new' AND notes = 'n' AND patient_id < 1000"),
                    ("patients", "notes = 'edited' AND status = 'old' AND visits = 17"),
                ],
                ..present.clone()
            },
            // There was a city, and a name could be missing.
            Generation {
                edits: &[(
                    "name varchar(40) NOT NULL",
                    "name varchar(40) DEFAULT NULL,\n  city varchar(20) DEFAULT NULL",
                )],
                queued: &[
                    NEW_PATIENT,
                    EDIT,
                    DELETE,
                    &["UPDATE patients SET city = 'Pune', visits = 4 WHERE patient_id = 2"],
                    &["UPDATE patients SET name = NULL WHERE patient_id = 3"],
                ],
                needs_attention: &[
                    "changed patients.notes",
                    "not_null patients.name",
                    "unknown_column patients.city",
                ],
                delivered: &[
                    ("rooms", "label = 'in flight'"),
                    ("patients", "name = 'new' AND notes = 'n' AND patient_id < 1000"),
                    ("patients", "notes = 'edited' AND status = 'old' AND visits = 4"),
                    ("patients", "name = 'C'"),
                ],
                ..present.clone()
            },
            // Rooms had another key.
            Generation {
                edits: &[(
                    "rooms (code varchar(10) NOT NULL PRIMARY KEY, label varchar(40) DEFAULT NULL)",
                    "rooms (code varchar(10) NOT NULL, label varchar(40) NOT NULL, PRIMARY KEY (code, label))",
                )],
                in_flight: "UPDATE patients SET visits = 9 WHERE patient_id = 3",
                queued: &[
                    NEW_PATIENT,
                    EDIT,
                    DELETE,
                    &["INSERT INTO rooms (code, label) VALUES ('R3', 'third')"],
                ],
                needs_attention: &["changed patients.notes", "unknown_column rooms"],
                lost_rows: &["rooms"],
                delivered: &[
                    ("patients", "visits = 9"),
                    ("patients", "name = 'new' AND notes = 'n' AND patient_id < 1000"),
                    ("payments", "amount = '5.00' AND patient_id < 1000"),
                ],
                ..present.clone()
            },
            // A status that is no more, and a table that is no more.
            Generation {
                edits: &[
                    ("'new','old','left'", "'new','old','left','gone'"),
                    (
                        "CREATE TABLE beds",
                        "CREATE TABLE shifts (shift_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, who varchar(20) DEFAULT NULL);\nCREATE TABLE beds",
                    ),
                ],
                queued: &[
                    NEW_PATIENT,
                    EDIT,
                    DELETE,
                    &["UPDATE patients SET status = 'gone' WHERE patient_id = 3"],
                    &["INSERT INTO shifts (who) VALUES ('somebody')"],
                ],
                needs_attention: &[
                    "bad_value patients.status",
                    "changed patients.notes",
                    "unknown_table shifts",
                ],
                ..present.clone()
            },
            present.clone(),
            // The inner tables spell their checks otherwise.
            present.clone(),
            // Fingerprints are worked out otherwise.
            present,
        ]
    }
}
