//! Every case of `tests/diff/*.yml`: the changes and their classes, applied again, and held against what
//! generated code and fingerprints say.
//!
//! `PHYSIO_BLESS=1` writes the present answers into the files, to be looked at line by line.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_schema::config::{self, Config};
use physio_schema::describe::{Surface, describe};
use physio_schema::diff::{
    Change, ChangeKind, Class, DiffOptions, Rename, apply, diff, diff_with, emit_sql, offer_renames,
};
use physio_schema::dump::{DumpOptions, parse};
use physio_schema::model::Schema;
use physio_schema::plan::{self, Plan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One case. `old` and `new` are SQL; where they do not begin with CREATE they are the elements of a table `t`
/// behind its key `id`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Case {
    case: String,
    old: String,
    new: String,
    /// `t.notes = remarks`, `patient = patients`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    renames: Vec<String>,
    /// `class kind name`, in order; tables other than `t` before the name.
    #[serde(default)]
    changes: Vec<String>,
    /// What looks like a rename: `t.notes = remarks`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    offers: Vec<String>,
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn cases() -> Vec<(String, Case)> {
    let of_file = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let cases: Vec<Case> =
            serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        cases.into_iter().map(move |case| (format!("{name}: {}", case.case), case)).collect::<Vec<_>>()
    };
    files().into_iter().flat_map(of_file).collect()
}

fn sql(text: &str) -> String {
    if text.trim_start().to_uppercase().starts_with("CREATE") || text.trim().is_empty() {
        return format!("{text};\n");
    }
    format!("CREATE TABLE t (id int NOT NULL, {text}, PRIMARY KEY (id));\n")
}

fn read(sql: &str) -> Schema {
    if sql.trim().trim_matches(';').is_empty() {
        return Schema::default();
    }
    parse(sql.as_bytes(), &DumpOptions::default()).unwrap_or_else(|error| panic!("{sql}\n{error}")).schema
}

impl Case {
    fn schemas(&self) -> (Schema, Schema) {
        (read(&sql(&self.old)), read(&sql(&self.new)))
    }

    fn renames(&self) -> Vec<Rename> {
        let read = |line: &String| {
            let (old, new) = line.split_once(" = ").expect("`old = new`");
            let new = new.to_owned();
            match old.split_once('.') {
                Some((table, old)) => Rename::Column { table: table.to_owned(), old: old.to_owned(), new },
                None => Rename::Table { old: old.to_owned(), new },
            }
        };
        self.renames.iter().map(read).collect()
    }

    fn options(&self) -> DiffOptions {
        DiffOptions { renames: self.renames(), ..DiffOptions::default() }
    }

    fn found(&self) -> Vec<Change> {
        let (old, new) = self.schemas();
        diff_with(&old, &new, &self.options())
    }

    fn found_offers(&self) -> Vec<String> {
        let (old, new) = self.schemas();
        let shown = |offer: physio_schema::diff::RenameOffer| {
            let table = if offer.is_column { format!("{}.", offer.table) } else { String::new() };
            format!("{table}{} = {}", offer.old, offer.new)
        };
        offer_renames(&old, &new, &self.options()).into_iter().map(shown).collect()
    }
}

fn line(change: &Change) -> String {
    let kebab = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    let class = kebab(serde_json::to_value(change.class).unwrap());
    let kind = kebab(serde_json::to_value(change.kind).unwrap());
    let name = match (&change.name, change.table.as_str()) {
        (Some(name), "t") => name.clone(),
        (Some(name), table) => format!("{table}.{name}"),
        (None, table) => table.to_owned(),
    };
    format!("{class} {kind} {name}")
}

fn wanted_config() -> Config {
    config::parse(
        "[app]\nname = \"cases\"\ndump = \"cases.sql\"\n[server.tokens]\ntable = \"no_such_tokens\"\n\
         token = \"token\"\n[access]\nopen = true\n[[waves]]\nname = \"all\"\ntables = [\"*\"]\n",
    )
    .unwrap()
}

#[test]
fn every_case_has_its_changes_and_offers() {
    if std::env::var_os("PHYSIO_BLESS").is_some() {
        bless();
    }
    let mut wrong = Vec::new();
    for (name, case) in cases() {
        let found: Vec<String> = case.found().iter().map(line).collect();
        let offers = case.found_offers();
        if found != case.changes || offers != case.offers {
            wrong.push(format!(
                "{name}\n  wanted {:?} {:?}\n  found  {found:?} {offers:?}",
                case.changes, case.offers
            ));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

fn bless() {
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap();
        let head: String =
            text.lines().take_while(|line| line.starts_with('#')).map(|l| format!("{l}\n")).collect();
        let mut cases: Vec<Case> = serde_yaml_ng::from_str(&text).unwrap();
        for case in &mut cases {
            case.changes = case.found().iter().map(line).collect();
            case.offers = case.found_offers();
        }
        let body = serde_yaml_ng::to_string(&cases).unwrap().replace("\n- case", "\n\n- case");
        std::fs::write(&file, format!("{head}\n{body}")).unwrap();
    }
}

#[test]
fn there_are_hundreds_of_cases_of_every_kind_and_class() {
    let found: Vec<Change> = cases().iter().flat_map(|(_, case)| case.found()).collect();
    assert!(cases().len() >= 400, "{}", cases().len());
    let names: BTreeSet<String> = cases().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), cases().len(), "two cases have one name");
    let kinds: BTreeSet<ChangeKind> = found.iter().map(|change| change.kind).collect();
    assert_eq!(kinds.len(), 18, "{kinds:?}");
    let classes: BTreeSet<Class> = found.iter().map(|change| change.class).collect();
    assert_eq!(classes.len(), Class::ALL.len());
    assert!(found.iter().all(|change| !change.why.is_empty()));
}

/// The SQL of the changes, run after the older dump's own text, makes the newer schema.
#[test]
fn every_case_applied_leaves_nothing_to_change() {
    for (name, case) in cases() {
        let (old, new) = case.schemas();
        let changes = case.found();
        let statements: Vec<String> =
            emit_sql(&changes).iter().map(|statement| format!("{statement};\n")).collect();
        let migrated = read(&format!("{}{}", sql(&case.old), statements.concat()));
        assert_eq!(diff(&migrated, &new), [], "{name}: {statements:?}");
        assert_eq!(migrated, new, "{name}: the diff does not see all: {statements:?}");
        let applied = apply(&old, &changes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(diff(&applied, &new), [], "{name}: {statements:?}");
        // And back again.
        let back = diff(&new, &old);
        assert_eq!(apply(&new, &back).unwrap_or_else(|error| panic!("{name}: {error}")), old, "{name}, back");
    }
}

#[test]
fn the_changes_can_be_carried_out_one_by_one_in_their_order() {
    for (name, case) in cases() {
        let (_, new) = case.schemas();
        let changes = case.found();
        let one_by_one = changes.iter().flat_map(|change| emit_sql(std::slice::from_ref(change)));
        let statements: Vec<String> = one_by_one.map(|statement| format!("{statement};\n")).collect();
        let migrated = read(&format!("{}{}", sql(&case.old), statements.concat()));
        assert_eq!(migrated, new, "{name}: {statements:?}");
        assert_eq!(changes, case.found(), "{name}: two runs differ");
    }
}

/// What the compiled application would say, worked out by the code that generates it.
struct Truth {
    plan: Plan,
    surface: Surface,
}

impl Truth {
    fn of(schema: &Schema) -> Self {
        let plan = plan::build(schema, &wanted_config()).unwrap_or_else(|errors| panic!("{errors:?}"));
        let surface = Surface::of(&describe(&plan, schema));
        Self { plan, surface }
    }
}

#[test]
fn code_breaks_exactly_where_a_change_says_so() {
    for (name, case) in cases() {
        let (old, new) = case.schemas();
        let (before, after) = (Truth::of(&old), Truth::of(&new));
        let broken = before.surface.broken_by(&after.surface);
        // A table that cannot be synced has no code.
        let touched = case.found().into_iter().filter(|change| {
            let old_name = match change.kind {
                ChangeKind::TableRenamed => change.before.as_deref().unwrap(),
                _ => &change.table,
            };
            before.plan.table(old_name).is_some()
                || case.renames.iter().any(|line| line.contains(&change.table))
        });
        let says: Vec<String> = touched
            .filter(|change| change.class == Class::BreaksCode)
            .map(|change| change.to_string())
            .collect();
        assert_eq!(
            says.is_empty(),
            broken.is_empty(),
            "{name}\n  the diff: {says:?}\n  the code: {broken:?}"
        );
    }
}

/// Without the handshake nobody would tell a device to read again or a developer to build again.
#[test]
fn what_a_fingerprint_does_not_see_is_compatible_or_additive() {
    for (name, case) in cases() {
        let (old, new) = case.schemas();
        let (before, after) = (Truth::of(&old), Truth::of(&new));
        for table in &before.plan.tables {
            let Some(now) = after.plan.table(&table.name) else { continue };
            let worst = case
                .found()
                .into_iter()
                .filter(|change| change.table == table.name)
                .max_by_key(|change| change.class);
            if now.fingerprint == table.fingerprint
                && let Some(worst) = worst
            {
                assert!(worst.class <= Class::Additive, "{name}: unseen, but {:?}: {worst}", worst.class);
            }
        }
    }
}
