//! `cargo xtask diff` of two dumps, in every format.

mod surroundings;

use serde_json::Value;
use surroundings::{Project, Ran, xtask};

const OLDER: &str =
    "CREATE TABLE `patients` (\n  `id` int(11) NOT NULL,\n  `notes` text,\n  PRIMARY KEY (`id`)\n);\n";
const NEWER: &str =
    "CREATE TABLE `patients` (\n  `id` int(11) NOT NULL,\n  `remarks` text,\n  PRIMARY KEY (`id`)\n);\n";

fn diff(older: &str, newer: &str, arguments: &[&str]) -> Ran {
    let project = Project::of_the_clinic();
    project.write("older.sql", older);
    project.write("newer.sql", newer);
    let [older, newer] = ["older.sql", "newer.sql"].map(|file| project.path(file).display().to_string());
    xtask(&[&["diff", older.as_str(), newer.as_str()], arguments].concat())
}

#[test]
fn equal_dumps_have_no_difference() {
    let ran = diff(OLDER, OLDER, &[]);
    assert_eq!((ran.code, ran.printed.contains("no difference")), (0, true), "{}", ran.printed);
    assert_eq!(diff(OLDER, OLDER, &["--format", "sql"]).printed, "");
}

#[test]
fn a_rename_is_offered_and_taken_when_it_is_declared() {
    let ran = diff(OLDER, NEWER, &[]);
    assert_eq!(ran.code, 1, "{}", ran.printed);
    assert!(ran.printed.contains("breaks code   column dropped notes"), "{}", ran.printed);
    assert!(ran.printed.contains("additive      column added remarks"), "{}", ran.printed);
    let offer = "say so in physio.toml: [tables.patients.columns.remarks] renamed_from = \"notes\"";
    assert!(ran.printed.contains(offer), "{}", ran.printed);

    let declared = diff(OLDER, NEWER, &["--renamed", "patients.notes=remarks", "--format", "sql"]);
    assert_eq!(declared.code, 1);
    assert!(declared.printed.contains("CHANGE COLUMN `notes` `remarks` text"), "{}", declared.printed);
    assert!(!declared.printed.contains("DROP COLUMN"), "{}", declared.printed);
    assert_eq!(diff(OLDER, NEWER, &["--renamed", "notes"]).code, 2, "not a rename at all");
}

#[test]
fn programs_and_github_get_class_file_and_line() {
    let newer = OLDER.replace("`notes` text", "`notes` varchar(20)").replace("int(11)", "bigint(20)");
    let json: Value =
        serde_json::from_str(&diff(OLDER, &newer, &["--format", "json"]).printed).expect("an object");
    assert_eq!((&json["ok"], &json["worst"]), (&Value::from(false), &Value::from("breaks-code")));
    let notes = &json["changes"][1];
    assert_eq!((&notes["name"], &notes["class"]), (&Value::from("notes"), &Value::from("needs-re-pull")));
    assert_eq!((&notes["line"], &notes["change"]), (&Value::from(3), &Value::from("column-changed")));
    let ran = diff(OLDER, &newer, &["--format", "github"]);
    let lines: Vec<&str> = ran.printed.lines().collect();
    assert!(lines[0].starts_with("::error file=") && lines[0].contains("newer.sql,line=2,"), "{lines:?}");
    assert!(lines[1].starts_with("::warning file=") && lines[1].contains("newer.sql,line=3,"), "{lines:?}");
}

#[test]
fn what_is_not_synced_is_only_a_notice() {
    let project = Project::of_the_clinic();
    let config = project.path("physio.toml").display().to_string();
    let newer = OLDER.replace("int(11)", "bigint(20)").replace("patients", "blocked_ips");
    let older = OLDER.replace("patients", "blocked_ips");
    let ran = diff(&older, &newer, &["--format", "github", "--config", &config]);
    assert!(ran.printed.starts_with("::notice "), "{}", ran.printed);
}

#[test]
fn a_rename_that_physio_toml_declares_is_one() {
    let project = Project::of_the_clinic();
    let config = project.read("physio.toml");
    let declared = "[tables.patients.columns.remarks]\nrenamed_from = \"notes\"\n";
    let plain = "[tables.patients.columns.remarks]\n";
    assert!(config.contains(plain));
    project.write("physio.toml", &config.replace(plain, declared));
    let config = project.path("physio.toml").display().to_string();
    let ran = diff(OLDER, NEWER, &["--config", &config]);
    assert_eq!(ran.code, 1, "{}", ran.printed);
    assert!(ran.printed.contains("breaks code   column renamed remarks"), "{}", ran.printed);
    assert!(!ran.printed.contains("column dropped") && !ran.printed.contains('?'), "{}", ran.printed);
}
