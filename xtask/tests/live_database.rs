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

/// What is done to the server, and the one finding that it must add: table, change, name, class, and the
/// server's side.
type Drift =
    (&'static str, &'static str, &'static str, Option<&'static str>, &'static str, Option<&'static str>);

const DRIFTS: &[Drift] = &[
    (
        "ALTER TABLE payments ADD COLUMN tip decimal(6,2) NULL",
        "payments",
        "column-added",
        Some("tip"),
        "additive",
        Some("decimal(6,2) DEFAULT NULL"),
    ),
    (
        "ALTER TABLE payments ADD COLUMN till int NOT NULL",
        "payments",
        "column-added",
        Some("till"),
        "breaks-code",
        Some("int(11) NOT NULL"),
    ),
    (
        "ALTER TABLE patients DROP COLUMN advance_payment",
        "patients",
        "column-dropped",
        Some("advance_payment"),
        "breaks-code",
        None,
    ),
    (
        "ALTER TABLE tests MODIFY test_uid int(11) NULL",
        "tests",
        "column-changed",
        Some("test_uid"),
        "breaks-code",
        Some("int(11) DEFAULT NULL"),
    ),
    (
        "ALTER TABLE roles MODIFY role_name varchar(80) NOT NULL",
        "roles",
        "column-changed",
        Some("role_name"),
        "compatible",
        Some("varchar(80) NOT NULL COLLATE latin1_swedish_ci"),
    ),
    (
        "ALTER TABLE expenses MODIFY amount decimal(10,3) NOT NULL",
        "expenses",
        "column-changed",
        Some("amount"),
        "needs-re-pull",
        Some("decimal(10,3) NOT NULL"),
    ),
    (
        "ALTER TABLE attendance DROP FOREIGN KEY attendance_ibfk_2",
        "attendance",
        "foreign-key-dropped",
        Some("attendance_ibfk_2"),
        "breaks-code",
        None,
    ),
    (
        "CREATE UNIQUE INDEX one_each ON quick_inquiry (name(10))",
        "quick_inquiry",
        "key-added",
        Some("one_each"),
        "compatible",
        Some("UNIQUE KEY (`name`(10))"),
    ),
    (
        "ALTER TABLE blocked_ips ENGINE = MyISAM",
        "blocked_ips",
        "table-changed",
        Some("engine"),
        "compatible",
        Some("MyISAM"),
    ),
    ("CREATE TABLE rooms (id int PRIMARY KEY)", "rooms", "table-added", None, "additive", Some("1 column")),
];

#[test]
fn every_drift_of_a_live_database_is_found_named_and_classed() {
    let clinic = Clinic::start();
    let mut known = clinic.live_findings();
    assert_eq!(known, Vec::<Value>::new(), "the dump was just loaded");
    // Foreign keys would stand in the way of some of the drifts; they are not what is looked at.
    for (statement, table, change, name, class, live) in DRIFTS {
        clinic.server.run("clinic", &format!("SET FOREIGN_KEY_CHECKS = 0; {statement}"));
        let found = clinic.live_findings();
        let new: Vec<&Value> = found.iter().filter(|finding| !known.contains(finding)).collect();
        let is_it = |f: &&&Value| {
            f["table"] == *table
                && f["change"] == *change
                && f["name"] == json!(name)
                && f["class"] == *class
                && f["live"] == json!(live)
        };
        assert!(new.iter().any(|f| is_it(&f)), "after `{statement}`: {new:#?}");
        known = found;
    }
    let report = clinic.check(&[]);
    assert_eq!(report.code, 1);
    let tip = "additive      column added tip\n      dump not there\n      live decimal(6,2) DEFAULT NULL\n";
    assert!(report.printed.contains(tip), "{}", report.printed);
    assert!(report.printed.contains("× breaks code"), "{}", report.printed);

    // Annotations point into the dump, and say how bad it is.
    let annotations = clinic.check(&["--format", "github"]);
    assert_eq!(annotations.code, 1);
    let dump = clinic.project.read("physio-schema/schema/clinic.sql");
    let line = dump.lines().position(|line| line.starts_with("  `test_uid` ")).expect("declared") + 1;
    let wanted =
        format!("clinic.sql,line={line},title=tests%3A column changed (breaks code)::column test_uid");
    let error = annotations.printed.lines().find(|line| line.contains(&wanted));
    assert!(error.is_some_and(|line| line.starts_with("::error file=")), "{}", annotations.printed);
    assert!(annotations.printed.contains("::notice file="), "{}", annotations.printed);
}

#[test]
fn a_lighter_change_than_asked_for_is_no_failure() {
    let clinic = Clinic::start();
    clinic.server.run("clinic", "ALTER TABLE payments ADD COLUMN tip decimal(6,2) NULL");
    assert_eq!(clinic.check(&["--fail-on", "additive"]).code, 1);
    let lenient = clinic.check(&["--fail-on", "needs-re-pull"]);
    assert_eq!(lenient.code, 0, "{}", lenient.printed);
    assert!(lenient.printed.contains("column added tip"), "it is printed all the same");
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

#[test]
fn a_live_database_that_was_not_migrated_after_a_declared_rename_has_a_renamed_column() {
    let clinic = Clinic::start();
    clinic.server.run("clinic", "ALTER TABLE patients CHANGE remarks notes text DEFAULT NULL");
    let kinds = || -> Vec<String> {
        let changes = clinic.live_findings().into_iter().filter(|finding| finding["kind"] == "live-differs");
        changes.map(|change| change["change"].as_str().expect("a word").to_owned()).collect()
    };
    let mut undeclared = kinds();
    undeclared.sort();
    assert_eq!(undeclared, ["column-added", "column-dropped"]);
    let plain = "[tables.patients.columns.remarks]\n";
    let config = clinic.project.read("physio.toml");
    clinic
        .project
        .write("physio.toml", &config.replace(plain, &format!("{plain}renamed_from = \"notes\"\n")));
    assert_eq!(kinds(), ["column-renamed"]);
}
