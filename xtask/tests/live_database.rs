//! `check --mysql`, `pull-schema` and `install-bridge` on a private MariaDB.

mod surroundings;

use serde_json::{Value, json};
use surroundings::{MariaDb, PASSWORD, Project, Ran, xtask};

/// The clinic's database on a server of this test's own.
struct Clinic {
    project: Project,
    server: MariaDb,
}

impl Clinic {
    fn start() -> Self {
        let project = Project::of_the_clinic();
        assert_eq!(project.xtask("regenerate", &[]).code, 0);
        let server = MariaDb::start();
        server.load("clinic", &project.read("physio-schema/schema/clinic.sql"));
        Self { project, server }
    }

    fn check(&self, arguments: &[&str]) -> Ran {
        let url = self.server.url("clinic");
        let ran = self.project.xtask("check", &[&["--mysql", &url], arguments].concat());
        assert!(!ran.printed.contains(PASSWORD), "the password was printed");
        ran
    }

    fn live_findings(&self) -> Vec<Value> {
        let ran = self.check(&["--format", "json"]);
        let report: Value = serde_json::from_str(&ran.printed).expect("one JSON object");
        let findings = report["findings"].as_array().expect("a list").clone();
        assert_eq!(ran.code, i32::from(!findings.is_empty()), "{}", ran.printed);
        findings
    }
}

/// What is done to the server, and the one finding that it must add: table, what, and the server's side.
const DRIFTS: &[(&str, &str, &str, Option<&str>)] = &[
    (
        "ALTER TABLE payments ADD COLUMN tip decimal(6,2) NULL",
        "payments",
        "column tip",
        Some("decimal(6,2) null default null"),
    ),
    ("ALTER TABLE patients DROP COLUMN advance_payment", "patients", "column advance_payment", None),
    (
        "ALTER TABLE tests MODIFY test_uid int(11) NULL",
        "tests",
        "column test_uid",
        Some("int(11) null default null"),
    ),
    (
        "ALTER TABLE roles MODIFY role_name varchar(50) NULL",
        "roles",
        "column role_name",
        Some("varchar(50) null default null latin1_swedish_ci"),
    ),
    (
        "ALTER TABLE expenses ALTER COLUMN status SET DEFAULT 'approved'",
        "expenses",
        "column status",
        Some("enum('pending','approved','rejected','paid') not null default 'approved' utf8mb4_general_ci"),
    ),
    (
        "ALTER TABLE attendance DROP FOREIGN KEY attendance_ibfk_2",
        "attendance",
        "foreign key attendance_ibfk_2",
        None,
    ),
    (
        "CREATE UNIQUE INDEX one_each ON quick_inquiry (name(10))",
        "quick_inquiry",
        "key one_each",
        Some("unique (name(10))"),
    ),
    ("ALTER TABLE blocked_ips ENGINE = MyISAM", "blocked_ips", "engine", Some("MyISAM")),
    ("CREATE TABLE rooms (id int PRIMARY KEY)", "rooms", "table", Some("1 columns")),
];

#[test]
fn every_drift_of_a_live_database_is_found_and_named() {
    let clinic = Clinic::start();
    let mut known = clinic.live_findings();
    assert_eq!(known, Vec::<Value>::new(), "the dump was just loaded");
    // Foreign keys would stand in the way of some of the drifts; they are not what is looked at.
    for (statement, table, what, live) in DRIFTS {
        clinic.server.run("clinic", &format!("SET FOREIGN_KEY_CHECKS = 0; {statement}"));
        let found = clinic.live_findings();
        let new: Vec<&Value> = found.iter().filter(|finding| !known.contains(finding)).collect();
        assert!(
            new.iter().any(|f| f["table"] == *table && f["what"] == *what && f["live"] == json!(live)),
            "after `{statement}`: {new:#?}"
        );
        known = found;
    }
    let report = clinic.check(&[]);
    assert_eq!(report.code, 1);
    assert!(report.printed.contains("column tip\n      dump not there\n      live decimal(6,2) null"));
}

#[test]
fn a_pulled_schema_is_the_schema_and_carries_no_counter() {
    let clinic = Clinic::start();
    clinic.server.run("clinic", "INSERT INTO roles (role_id, role_name) VALUES (70, 'synthetic')");
    let pulled = clinic.project.path("pulled.sql").display().to_string();
    let ran = xtask(&["pull-schema", "--mysql", &clinic.server.url("clinic"), "--output", &pulled]);
    assert_eq!(ran.code, 0, "{}", ran.printed);
    assert!(!ran.printed.contains(PASSWORD));
    let dump = clinic.project.read("pulled.sql");
    assert!(!dump.contains("AUTO_INCREMENT=") && !dump.contains("INSERT"), "more than structure");

    // The dump loads again, and the same fingerprint comes out of it.
    clinic.server.load("copy", &dump);
    let before = clinic.project.read("php-bridge/generated/whitelist.php");
    clinic.project.write("physio-schema/schema/clinic.sql", &dump);
    assert_eq!(clinic.project.xtask("regenerate", &[]).code, 0);
    assert_eq!(clinic.project.read("php-bridge/generated/whitelist.php"), before);
}

#[test]
fn the_bridge_is_installed_twice_without_harm_and_taken_away_whole() {
    let clinic = Clinic::start();
    let url = clinic.server.url("clinic");
    let triggers = "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'clinic'";
    for _ in 0..2 {
        let ran = clinic.project.xtask("install-bridge", &["--mysql", &url]);
        assert_eq!(ran.code, 0, "{}", ran.printed);
        assert!(clinic.server.query("clinic", triggers).len() >= 17 * 3, "a trigger per table and event");
    }
    let installed = clinic.check(&[]);
    assert_eq!(installed.code, 0, "the bridge's own tables are no drift: {}", installed.printed);
    clinic.server.run("clinic", "INSERT INTO roles (role_name) VALUES ('synthetic')");
    assert_eq!(clinic.server.query("clinic", "SELECT COUNT(*) FROM _physio_inbox"), ["1"]);

    assert_eq!(clinic.project.xtask("install-bridge", &["--mysql", &url, "--uninstall"]).code, 0);
    assert_eq!(clinic.server.query("clinic", triggers), Vec::<String>::new());
    assert_eq!(clinic.server.query("clinic", "SHOW TABLES LIKE '\\_physio%'"), Vec::<String>::new());
}

#[test]
fn a_server_that_refuses_is_an_error_without_the_password() {
    let project = Project::of_the_clinic();
    assert_eq!(project.xtask("regenerate", &[]).code, 0);
    let url = format!("mysql://nobody:{PASSWORD}@127.0.0.1:1/clinic");
    let ran = project.xtask("check", &["--mysql", &url]);
    assert_eq!(ran.code, 2, "{}", ran.printed);
    assert!(ran.printed.contains("127.0.0.1:1/clinic") && !ran.printed.contains(PASSWORD), "{}", ran.printed);
}
