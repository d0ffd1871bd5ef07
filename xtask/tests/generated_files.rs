//! `regenerate` and `check` on the project's own files.

mod surroundings;

use surroundings::{Project, xtask};

#[test]
fn what_was_just_regenerated_is_current() {
    let project = Project::of_the_clinic();
    let first = project.xtask("regenerate", &[]);
    assert_eq!(first.code, 0, "{}", first.printed);
    assert!(first.printed.contains("php-bridge/generated/whitelist.php (new)"), "{}", first.printed);
    let check = project.xtask("check", &[]);
    assert_eq!(check.code, 0, "{}", check.printed);
    let again = project.xtask("regenerate", &[]);
    assert!(!again.printed.contains("(changed)") && !again.printed.contains("(new)"), "{}", again.printed);
}

#[test]
fn the_committed_files_are_current() {
    let root =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    let config = root.join("physio.toml");
    let check = xtask(&["check", "--config", &config.display().to_string()]);
    assert_eq!(check.code, 0, "{}", check.printed);
}

#[test]
fn a_file_edited_by_hand_is_shown_with_the_edited_line() {
    let project = Project::of_the_clinic();
    assert_eq!(project.xtask("regenerate", &[]).code, 0);
    let whitelist = project.read("php-bridge/generated/whitelist.php");
    project.write("php-bridge/generated/whitelist.php", &whitelist.replacen("'payments'", "'payment'", 1));
    let check = project.xtask("check", &[]);
    assert_eq!(check.code, 1, "{}", check.printed);
    assert!(check.printed.contains("whitelist.php was edited by hand"), "{}", check.printed);
    assert!(check.printed.contains("'payment'") && check.printed.contains("'payments'"), "{}", check.printed);
}

#[test]
fn a_dump_changed_without_regenerate_is_found() {
    let project = Project::of_the_clinic();
    assert_eq!(project.xtask("regenerate", &[]).code, 0);
    let dump = project.read("physio-schema/schema/clinic.sql");
    let column =
        dump.lines().find(|line| line.contains("`assigned_test_date`")).expect("the dump has that column");
    project.write("physio-schema/schema/clinic.sql", &dump.replacen(&format!("{column}\n"), "", 1));
    let check = project.xtask("check", &[]);
    assert_eq!(check.code, 1, "{}", check.printed);
    assert!(check.printed.contains("clinic.cache.sql is older than the dump"), "{}", check.printed);
    assert!(check.printed.contains("assigned_test_date"), "{}", check.printed);
}

#[test]
fn a_missing_file_is_named() {
    let project = Project::of_the_clinic();
    assert_eq!(project.xtask("regenerate", &[]).code, 0);
    std::fs::remove_file(project.path("php-bridge/generated/install.sql")).expect("it was generated");
    let check = project.xtask("check", &["--format", "json"]);
    assert_eq!(check.code, 1, "{}", check.printed);
    let report: serde_json::Value = serde_json::from_str(&check.printed).expect("one JSON object");
    assert_eq!(report["ok"], false);
    assert_eq!(report["findings"][0]["kind"], "file-missing");
    assert_eq!(report["findings"][0]["path"], "php-bridge/generated/install.sql");
}

#[test]
fn a_table_that_has_no_key_is_not_passed_over_in_silence() {
    let project = Project::of_the_clinic();
    let dump = project.read("physio-schema/schema/clinic.sql");
    project.write(
        "physio-schema/schema/clinic.sql",
        &format!("{dump}\nCREATE TABLE door_log (opened DATETIME);\n"),
    );
    // Without roles: each of all those tables would have to say who may read it.
    let config = project.read("physio.toml");
    let (waves, _) = config.split_once("[access]").expect("it says who may do what");
    let config = format!("{waves}[access]\nopen = true\n");
    project.write("physio.toml", &config);
    let named = project.xtask("regenerate", &[]);
    assert_eq!(named.code, 0, "{}", named.printed);
    assert!(!named.printed.contains("door_log"), "no wave asks for it: {}", named.printed);
    project.write("physio.toml", &config.replacen("\"system_settings\"", "\"system_settings\", \"*\"", 1));
    for subcommand in ["regenerate", "check"] {
        let ran = project.xtask(subcommand, &[]);
        assert_eq!(ran.code, 0, "{}", ran.printed);
        assert!(
            ran.printed.contains("door_log is not synced") && ran.printed.contains("ADD COLUMN row_id"),
            "{}",
            ran.printed
        );
    }
    let json = project.xtask("check", &["--format", "json"]);
    assert!(serde_json::from_str::<serde_json::Value>(&json.printed).is_ok(), "{}", json.printed);
}

#[test]
fn a_mistake_in_physio_toml_writes_nothing_and_is_a_usage_error() {
    let project = Project::of_the_clinic();
    let config = project.read("physio.toml").replace("\"patients_treatment\"", "\"patients_treatmant\"");
    project.write("physio.toml", &config);
    let ran = project.xtask("regenerate", &[]);
    assert_eq!(ran.code, 2, "{}", ran.printed);
    assert!(ran.printed.contains("patients_treatmant"), "{}", ran.printed);
    assert!(!project.path("php-bridge").exists(), "something was written");
}
