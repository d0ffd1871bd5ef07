//! The applications of the simulation, each in three versions: as it was, with something added, and with something
//! renamed and something dropped.

use super::plan::Application;
use crate::harness::App;
use physio_schema::plan;
use std::sync::{Arc, OnceLock};

/// What the clinic's description becomes where each user sees one branch.
const BRANCHES: [(&str, &str); 4] = [
    ("token = \"token\"\n", "token = \"token\"\nuser = \"staff_id\"\n"),
    ("[access]\nopen = true\n", include_str!("schema/branches.toml")),
    ("[tables.system_settings]\n", "[tables.system_settings]\nscope = \"*\"\n"),
    (
        "[tables.patients.columns.advice]\n",
        "[tables.patients]\nscope = \"branch_id\"\n[tables.patients.columns.advice]\n",
    ),
];

/// The table of users; it is not synced.
const STAFF: &str =
    "CREATE TABLE staff (staff_id int NOT NULL PRIMARY KEY, role varchar(20), branch_id int);";

/// The last version.
pub(super) const LAST: usize = 2;

const TEXTS: [[(&str, &str); 3]; 2] = [
    [
        (include_str!("schema/clinic-0.toml"), include_str!("schema/clinic-0.sql")),
        (include_str!("schema/clinic-1.toml"), include_str!("schema/clinic-1.sql")),
        (include_str!("schema/clinic-2.toml"), include_str!("schema/clinic-2.sql")),
    ],
    [
        (include_str!("schema/shop-0.toml"), include_str!("schema/shop-0.sql")),
        (include_str!("schema/shop-1.toml"), include_str!("schema/shop-1.sql")),
        (include_str!("schema/shop-2.toml"), include_str!("schema/shop-2.sql")),
    ],
];

/// The plan of a version.
pub(super) fn plan(application: Application, version: usize) -> Arc<plan::Plan> {
    plan_and_text(application, version).0
}

/// The plan of a version, and the same as JSON.
pub(super) fn plan_and_text(application: Application, version: usize) -> (Arc<plan::Plan>, &'static str) {
    /// By application and version.
    type Plans = Vec<Vec<(Arc<plan::Plan>, String)>>;
    static PLANS: OnceLock<Plans> = OnceLock::new();
    let all = PLANS.get_or_init(|| {
        let plan = |(toml, sql): &(&str, &str)| {
            let plan = App::of_texts(toml, sql).expect("the schema is in order").plan;
            let text = serde_json::to_string(&*plan).expect("a plan is plain data");
            (plan, text)
        };
        let by_branch = |(toml, sql): &(&str, &str)| {
            let mut toml = (*toml).to_owned();
            for (from, to) in BRANCHES {
                assert!(toml.contains(from), "{from}");
                toml = toml.replace(from, to);
            }
            if sql.contains("CREATE TABLE tests") {
                toml.push_str("[tables.tests]\nscope = \"patient_id -> patients\"\n");
            }
            plan(&(toml.as_str(), format!("{STAFF}{sql}").as_str()))
        };
        let mut plans: Vec<Vec<_>> =
            TEXTS.iter().map(|versions| versions.iter().map(plan).collect()).collect();
        plans.push(TEXTS[0].iter().map(by_branch).collect());
        plans
    });
    let (plan, text) = &all[position(application)][version];
    (Arc::clone(plan), text)
}

/// Which application it is, for tables of what each has.
pub(super) fn position(application: Application) -> usize {
    match application {
        Application::Clinic => 0,
        Application::Shop => 1,
        Application::Branches => 2,
    }
}

/// What the last version calls a column of an earlier one; `None`: it was dropped.
pub(super) fn last_name(application: Application, table: &str, column: &str) -> Option<String> {
    let last = plan(application, LAST);
    let renamed = last.renames.iter().find(|rename| rename.table == table && rename.from == column);
    if let Some(to) = renamed.and_then(|rename| rename.column.clone()) {
        return Some(to);
    }
    last.table(table)?.position(column).map(|_| column.to_owned())
}
