//! Where an application learns of a change, and whether one of its statements would fail before.

use super::handshake::{Outcome, meet};
use super::kind::Mutation;
use super::{config_of, read};
use physio_schema::describe::{Description, Surface, describe};
use physio_schema::diff::{Class, diff};
use physio_schema::model::Schema;
use physio_schema::plan::{self, Plan};

/// A schema, and the application and bridge that are generated from it.
#[derive(Debug, Clone)]
pub struct Version {
    /// The model.
    pub schema: Schema,
    /// What is synced: everything that has a key.
    pub plan: Plan,
    /// What `schema!` generates.
    pub items: Description,
    /// What code can name of it.
    pub surface: Surface,
}

impl Version {
    /// `None` where the schema makes no plan.
    pub fn of(schema: Schema) -> Option<Self> {
        let plan = plan::build(&schema, &config_of(&[])).ok()?;
        let items = describe(&plan, &schema);
        Some(Self { surface: Surface::of(&items), schema, plan, items })
    }
}

/// An application as it was compiled.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The dump's text.
    pub dump: String,
    /// What came of it.
    pub version: Version,
}

impl Compiled {
    /// The application of a dump that uses everything.
    ///
    /// # Errors
    ///
    /// When the dump makes no plan.
    pub fn of(dump: &str) -> Result<Self, String> {
        let schema = read(dump).map_err(|errors| errors.to_string())?;
        let version = Version::of(schema).ok_or("the dump makes no plan")?;
        Ok(Self { dump: dump.to_owned(), version })
    }
}

/// Who tells of a mutation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The compiler refuses code that uses the thing.
    pub compiler: bool,
    /// `check` names it; the heaviest class it gives.
    pub check: Option<Class>,
    /// What the handshake of an application of the older dump and a bridge of the newer one pauses.
    pub handshake: Outcome,
    /// The same of a cache that never met the older bridge.
    pub newcomer: Outcome,
    /// The same of an application of the newer dump and a bridge of the older one.
    pub app_first: Outcome,
    /// Why something could fail or be misread when the two sync as if nothing were.
    pub dangers: Vec<String>,
    /// What of it the handshake lets through, also with a cache that never met the older bridge, and when the
    /// application is the newer side.
    pub escaped: Vec<String>,
    /// What contradicts the promise or the project's own model of a server.
    pub faults: Vec<String>,
}

impl Verdict {
    /// Who would tell first: the developer's compiler, the CI's `check`, the handshake in the field.
    pub fn first(&self) -> Option<&'static str> {
        if self.compiler {
            Some("compiler")
        } else if self.check.is_some() {
            Some("check")
        } else if self.handshake > Outcome::Same {
            Some("handshake")
        } else {
            None
        }
    }
}

/// Judges one mutation of the application's dump.
///
/// ```
/// use physio_tests::mutation::{judge::{Compiled, judge}, kind::mutations};
/// let app = Compiled::of("CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a enum('x','y') NOT NULL);").unwrap();
/// for mutation in mutations(&app.version.schema, 20, 1) {
///     let verdict = judge(&app, &mutation);
///     assert!(verdict.first().is_some() && verdict.faults.is_empty() && verdict.escaped.is_empty(), "{mutation:?} {verdict:?}");
/// }
/// ```
pub fn judge(app: &Compiled, mutation: &Mutation) -> Verdict {
    let mut faults = Vec::new();
    // The statements do on a server what was meant: the dump's reader stands in for it, MariaDB for a sample.
    let migrated = read(&format!("{}\n{};\n", app.dump, mutation.sql.join(";\n")));
    match &migrated {
        Ok(migrated) if *migrated == mutation.schema => {}
        Ok(migrated) => {
            faults.push(format!("the statements make something else: {:?}", diff(migrated, &mutation.schema)))
        }
        Err(errors) => faults.push(errors.to_string()),
    }
    let before = &app.version;
    let after = Version::of(mutation.schema.clone());
    let compiler = after.as_ref().is_none_or(|after| !before.surface.broken_by(&after.surface).is_empty());
    let changes = diff(&before.schema, &mutation.schema);
    let check = changes.iter().map(|change| change.class).max();
    let (mut dangers, mut escaped) = (Vec::new(), Vec::new());
    let [mut handshake, mut newcomer, mut app_first] = [Outcome::Same; 3];
    if let Some(after) = &after {
        for table in &before.plan.tables {
            let met = meet(before, table, after, true);
            handshake = handshake.max(met.outcome);
            dangers.extend(met.dangers);
            escaped.extend(met.escaped);
            let met = meet(before, table, after, false);
            newcomer = newcomer.max(met.outcome);
            escaped.extend(met.escaped);
        }
        for table in &after.plan.tables {
            let met = meet(after, table, before, false);
            app_first = app_first.max(met.outcome);
            escaped.extend(met.escaped.into_iter().map(|danger| format!("application first: {danger}")));
        }
    }
    escaped.sort();
    escaped.dedup();
    let verdict = Verdict { compiler, check, handshake, newcomer, app_first, dangers, escaped, faults };
    match (verdict.first(), verdict.compiler, verdict.check) {
        (None, ..) => with_fault(verdict, "nobody tells of it"),
        (_, true, Some(Class::BreaksCode)) | (_, false, Some(_)) => verdict,
        (_, true, class) => with_fault(verdict, &format!("code breaks, and `check` says {class:?}")),
        (_, false, None) => with_fault(verdict, "`check` says nothing"),
    }
}

fn with_fault(mut verdict: Verdict, fault: &str) -> Verdict {
    verdict.faults.push(fault.to_owned());
    verdict
}
