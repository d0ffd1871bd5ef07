//! `[access]`: what it becomes, and every mistake told with its line and what to do.

#![allow(clippy::unwrap_used)] // what cannot be unwrapped here is a failed test

use physio_schema::plan::{self, Operation, Plan, Scope};
use physio_schema::server::{emit_install_sql, emit_whitelist};
use physio_schema::{config, dump};

const DUMP: &str = "
CREATE TABLE roles (role_id int PRIMARY KEY, role_name varchar(50) NOT NULL);
CREATE TABLE staff (staff_id int PRIMARY KEY, role_id int, branch_id int, works tinyint NOT NULL DEFAULT 1);
CREATE TABLE patients (patient_id int AUTO_INCREMENT PRIMARY KEY, branch_id int NOT NULL);
CREATE TABLE visits (visit_id int AUTO_INCREMENT PRIMARY KEY, patient_id int NOT NULL,
  FOREIGN KEY (patient_id) REFERENCES patients (patient_id));
CREATE TABLE notes (note_id int AUTO_INCREMENT PRIMARY KEY, visit_id int NOT NULL, text varchar(50));
CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE regions (region_id int PRIMARY KEY, place varchar(20) NOT NULL);
CREATE TABLE tokens (token varchar(64) PRIMARY KEY, staff_id int);
CREATE TABLE secrets (secret_id int PRIMARY KEY);";

const HEAD: &str = "[app]
name = \"a\"
dump = \"a.sql\"
[server.tokens]
table = \"tokens\"
token = \"token\"
user = \"staff_id\"
[[waves]]
name = \"all\"
tables = [\"roles\", \"patients\", \"visits\", \"notes\", \"pairs\", \"regions\"]
";

const ACCESS: &str = "[access]
users = \"staff\"
role = \"role_id -> roles.role_name\"
active = \"works\"
scope = \"branch_id\"
all_scopes = [\"owner\"]
never = [\"secrets\"]
[[access.grants]]
roles = [\"*\"]
tables = [\"*\"]
may = [\"read\"]
[[access.grants]]
roles = [\"desk\"]
tables = [\"patients\", \"visits\"]
may = [\"insert\", \"update\"]
";

const SCOPES: &str = "[tables]
roles.scope = \"*\"
patients.scope = \"branch_id\"
visits.scope = \"patient_id -> patients\"
notes.scope = \"visit_id -> visits\"
pairs.scope = \"*\"
regions.scope = \"place\"
";

fn plan_of(access: &str, scopes: &str) -> Result<Plan, Vec<String>> {
    let config = config::parse(&format!("{HEAD}{access}{scopes}"))
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let schema = dump::parse(DUMP.as_bytes(), &dump::DumpOptions::default()).unwrap().schema;
    plan::build(&schema, &config).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

/// The errors when one piece of the whole is replaced.
fn errors_with(from: &str, to: &str) -> Vec<String> {
    assert!(format!("{ACCESS}{SCOPES}").contains(from), "{from}");
    plan_of(&ACCESS.replacen(from, to, 1), &SCOPES.replacen(from, to, 1)).expect_err("must be refused")
}

#[test]
fn rules_and_scopes_are_worked_out_per_table() {
    let plan = plan_of(ACCESS, SCOPES).unwrap();
    let visits = &plan.table("visits").unwrap().access;
    assert!(visits.allows(Operation::Read, None));
    assert!(visits.allows(Operation::Insert, Some("desk")));
    assert!(!visits.allows(Operation::Insert, Some("owner")));
    assert!(!visits.allows(Operation::Delete, Some("desk")));
    let through =
        Scope::Through { column: "patient_id".into(), table: "patients".into(), key: "patient_id".into() };
    assert_eq!(visits.scope, through);
    assert_eq!(plan.table("roles").unwrap().access.scope, Scope::Shared);
    let users = plan.access.users.as_ref().unwrap();
    assert_eq!((users.table.as_str(), users.key.as_str()), ("staff", "staff_id"));
    assert_eq!(users.role.table.as_ref().unwrap().role, "role_name");
}

#[test]
fn other_rules_have_another_fingerprint_and_the_same_schema() {
    let (one, other) =
        (plan_of(ACCESS, SCOPES).unwrap(), plan_of(&ACCESS.replace("\"desk\"", "\"door\""), SCOPES).unwrap());
    assert_eq!(one.fingerprint, other.fingerprint);
    assert_ne!(one.access_fingerprint(), other.access_fingerprint());
}

#[test]
fn nothing_listed_is_nothing_allowed() {
    let errors = plan_of("", "").expect_err("no [access]");
    assert!(
        errors[0].contains("does not say who may do what") && errors[0].contains("open = true"),
        "{errors:?}"
    );
    let errors = errors_with("tables = [\"*\"]", "tables = [\"roles\"]");
    assert!(errors.iter().any(|error| error.contains("nobody may read `patients`")), "{errors:?}");
    let errors = errors_with("patients.scope = \"branch_id\"\n", "");
    assert!(errors[0].contains("`patients` does not say to which scope its rows belong"), "{errors:?}");
    assert!(errors[0].contains("`scope = \"branch_id\"`"), "{errors:?}");
}

#[test]
fn open_access_gives_every_token_everything_and_takes_no_other_option() {
    let plan = plan_of("[access]\nopen = true\n", "").unwrap();
    assert!(plan.tables.iter().all(|table| table.access.allows(Operation::Delete, None)));
    let errors = plan_of(&ACCESS.replace("[access]", "[access]\nopen = true"), SCOPES).expect_err("both");
    assert!(
        errors.iter().any(|error| error.contains("[access] is open, so `grants` has no effect")),
        "{errors:?}"
    );
    assert!(errors.iter().any(|error| error.contains("the scope of `visits` has no effect")), "{errors:?}");
}

#[test]
fn every_mistake_is_told_with_its_line_and_the_nearest_name() {
    let cases = [
        ("users = \"staff\"", "users = \"stuff\"", "did you mean `staff`?"),
        ("users = \"staff\"", "users = \"pairs\"", "`pairs` has no key of a single column"),
        ("users = \"staff\"\n", "", "`users` and `role` are missing"),
        ("role_id -> roles.role_name", "rol_id -> roles.role_name", "no column `rol_id` in `staff`"),
        ("role_id -> roles.role_name", "role_id -> roles.name", "no column `name` in `roles`"),
        ("role_id -> roles.role_name", "role_id -> role_name", "does not name a column of another table"),
        ("active = \"works\"", "active = \"work\"", "did you mean `works`?"),
        ("scope = \"branch_id\"", "scope = \"branch\"", "no column `branch` in `staff`"),
        ("never = [\"secrets\"]", "never = [\"secret\"]", "did you mean `secrets`?"),
        ("never = [\"secrets\"]", "never = [\"pairs\"]", "[access] never names `pairs`"),
        ("tables = [\"patients\", \"visits\"]", "tables = [\"patient\"]", "`patient` is not a synced table"),
        ("may = [\"insert\", \"update\"]", "may = []", "`may` of this grant is empty"),
        ("may = [\"insert\", \"update\"]", "may = [\"drop\"]", "unknown variant `drop`"),
        ("roles = [\"*\"]", "roles = [\"owner\"]", "desk may insert rows of `patients`, but not read them"),
        ("patients.scope = \"branch_id\"", "patients.scope = \"branch\"", "did you mean `branch_id`?"),
        ("visit_id -> visits", "visit_id -> visit", "did you mean `visits`?"),
        ("visit_id -> visits", "visit_id -> pairs", "the key of `pairs` has several columns"),
        ("visit_id -> visits", "visit_id -> roles", "whose rows belong to all"),
        (
            "patients.scope = \"branch_id\"",
            "patients.scope = \"branch_id -> notes\"",
            "goes round in a circle",
        ),
    ];
    for (from, to, expected) in cases {
        let errors = errors_with(from, to);
        let found = errors.iter().find(|error| error.contains(expected));
        let found = found.unwrap_or_else(|| panic!("{to}: {errors:#?}"));
        assert!(found.starts_with("physio.toml:"), "no line: {found}");
    }
    let without_user = HEAD.replace("user = \"staff_id\"\n", "");
    let config = config::parse(&format!("{without_user}{ACCESS}{SCOPES}")).unwrap();
    let schema = dump::parse(DUMP.as_bytes(), &dump::DumpOptions::default()).unwrap().schema;
    let errors = plan::build(&schema, &config).unwrap_err();
    assert!(errors[0].to_string().contains("tokens have no `user`"), "{errors:?}");
}

#[test]
fn the_whitelist_has_the_way_to_each_rows_scope() {
    let config = config::parse(&format!("{HEAD}{ACCESS}{SCOPES}")).unwrap();
    let schema = dump::parse(DUMP.as_bytes(), &dump::DumpOptions::default()).unwrap().schema;
    let plan = plan::build(&schema, &config).unwrap();
    let php = emit_whitelist(&plan, &schema, &config);
    let way = "'scope' => ['via' => [['visit_id', 'visits', 'visit_id'], ['patient_id', 'patients', 'patient_id']], \
               'column' => 'branch_id', 'exact' => false],";
    assert!(php.contains(way), "{php}");
    assert!(php.contains("'scope' => ['via' => [], 'column' => 'place', 'exact' => true],"), "{php}");
    assert!(php.contains("'heirs' => [['visits', 'patient_id']],"), "{php}");
    assert!(php.contains("'role' => ['role_id', 'roles', 'role_id', 'role_name'],"), "{php}");
    assert!(
        php.contains(
            "'may' => ['read' => ['*'], 'insert' => ['desk'], 'update' => ['desk'], 'delete' => []],"
        )
    );
    assert!(!php.contains("secrets"));
    let open = "[access]\nopen = true\n";
    let config = config::parse(&format!("{HEAD}{open}")).unwrap();
    let plan = plan::build(&schema, &config).unwrap();
    assert!(emit_whitelist(&plan, &schema, &config).contains("'access' => null,"));
}

#[test]
fn a_moved_parent_announces_the_rows_that_move_with_it() {
    let config = config::parse(&format!("{HEAD}{ACCESS}{SCOPES}")).unwrap();
    let schema = dump::parse(DUMP.as_bytes(), &dump::DumpOptions::default()).unwrap().schema;
    let plan = plan::build(&schema, &config).unwrap();
    let sql = emit_install_sql(&plan, &schema, &config);
    let trigger = |name: &str| {
        let from = sql.find(&format!("CREATE TRIGGER `{name}`")).unwrap_or_else(|| panic!("{name}: {sql}"));
        sql[from..].split("\nEND").next().unwrap().to_owned()
    };
    let moved = trigger("_physio_patients_au");
    assert!(
        moved.contains("IF NOT (CAST(OLD.`branch_id` AS BINARY) <=> CAST(NEW.`branch_id` AS BINARY)"),
        "{moved}"
    );
    assert!(
        moved.contains("FROM `visits` physio_1 WHERE physio_1.`patient_id` = NEW.`patient_id`"),
        "{moved}"
    );
    assert!(moved.contains("JOIN `notes` physio_2 ON physio_2.`visit_id` = physio_1.`visit_id`"), "{moved}");
    // No foreign key keeps a note from being there before its visit.
    assert!(trigger("_physio_visits_ai").contains("FROM `notes` physio_1"), "{sql}");
    assert!(!trigger("_physio_patients_ai").contains("visits"), "{sql}");
}
