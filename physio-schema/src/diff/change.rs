//! One change: what it is, what it means for an application, and the SQL that carries it out.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a change means for an application that was compiled with the older schema, in order of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Neither code nor values notice.
    Compatible,
    /// Something is there that was not there before; code goes on as it was written.
    Additive,
    /// Code goes on, but values that a cache holds may be others, or spelt otherwise, on the server now.
    NeedsRePull,
    /// Code that names the thing no longer compiles.
    BreaksCode,
}

impl Class {
    /// All classes, the lightest first.
    ///
    /// ```
    /// use physio_schema::diff::Class;
    /// assert!(Class::ALL.is_sorted());
    /// assert_eq!(Class::ALL.map(|class| class.to_string())[3], "breaks code");
    /// ```
    pub const ALL: [Self; 4] = [Self::Compatible, Self::Additive, Self::NeedsRePull, Self::BreaksCode];
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Compatible => "compatible",
            Self::Additive => "additive",
            Self::NeedsRePull => "needs re-pull",
            Self::BreaksCode => "breaks code",
        })
    }
}

/// What was changed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the names are the documentation
pub enum ChangeKind {
    TableAdded,
    TableDropped,
    TableRenamed,
    /// Engine, collation or comment: [`Change::name`] says which.
    TableChanged,
    ColumnAdded,
    ColumnDropped,
    ColumnRenamed,
    ColumnChanged,
    ColumnMoved,
    KeyAdded,
    KeyDropped,
    KeyChanged,
    ForeignKeyAdded,
    ForeignKeyDropped,
    ForeignKeyChanged,
    CheckAdded,
    CheckDropped,
    CheckChanged,
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::TableAdded => "table added",
            Self::TableDropped => "table dropped",
            Self::TableRenamed => "table renamed",
            Self::TableChanged => "table changed",
            Self::ColumnAdded => "column added",
            Self::ColumnDropped => "column dropped",
            Self::ColumnRenamed => "column renamed",
            Self::ColumnChanged => "column changed",
            Self::ColumnMoved => "column moved",
            Self::KeyAdded => "key added",
            Self::KeyDropped => "key dropped",
            Self::KeyChanged => "key changed",
            Self::ForeignKeyAdded => "foreign key added",
            Self::ForeignKeyDropped => "foreign key dropped",
            Self::ForeignKeyChanged => "foreign key changed",
            Self::CheckAdded => "check added",
            Self::CheckDropped => "check dropped",
            Self::CheckChanged => "check changed",
        })
    }
}

/// One change from an older schema to a newer one.
///
/// `Display` is one line for people: `column amount: decimal(10,2) NOT NULL → double NOT NULL`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The table, as the newer schema calls it (the older one where it was dropped).
    pub table: String,
    /// What happened.
    pub kind: ChangeKind,
    /// The column, key or constraint; `engine`, `collation` or `comment` of a table; `None` for a whole table.
    pub name: Option<String>,
    /// As MySQL spells it in the older schema; `None` where it was not there.
    pub before: Option<String>,
    /// As MySQL spells it in the newer schema; `None` where it is not there.
    pub after: Option<String>,
    /// What it means for an application.
    pub class: Class,
    /// Why it is of that class.
    pub why: String,
    #[serde(skip)]
    pub(super) steps: Vec<Step>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = match self.kind {
            ChangeKind::TableAdded | ChangeKind::TableDropped | ChangeKind::TableRenamed => "table",
            ChangeKind::TableChanged => "",
            ChangeKind::ColumnAdded
            | ChangeKind::ColumnDropped
            | ChangeKind::ColumnRenamed
            | ChangeKind::ColumnChanged
            | ChangeKind::ColumnMoved => "column",
            ChangeKind::KeyAdded | ChangeKind::KeyDropped | ChangeKind::KeyChanged => "key",
            ChangeKind::ForeignKeyAdded | ChangeKind::ForeignKeyDropped | ChangeKind::ForeignKeyChanged => {
                "foreign key"
            }
            ChangeKind::CheckAdded | ChangeKind::CheckDropped | ChangeKind::CheckChanged => "check",
        };
        let name = self.name.as_deref().unwrap_or(&self.table);
        f.write_str(subject)?;
        if !subject.is_empty() {
            f.write_str(" ")?;
        }
        f.write_str(name)?;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, ": {before} → {after}"),
            (None, Some(after)) => write!(f, " added: {after}"),
            (Some(before), None) => write!(f, " dropped (was {before})"),
            (None, None) => Ok(()),
        }
    }
}

impl Change {
    /// Where in the list it stands: where its last step is carried out, so that all it needs is there. A table
    /// comes before what refers to it, though its own foreign keys come last.
    pub(super) fn place(&self) -> (u8, &str, Option<Phase>) {
        let own = self.steps.iter().filter(|step| step.aside.is_none());
        let phases = own.map(|step| step.phase);
        let phase = if self.kind == ChangeKind::TableAdded { phases.min() } else { phases.max() };
        (phase.map_or(u8::MAX, Phase::stage), &self.table, phase)
    }
}

/// When a step is carried out. Everything of one table's [`Phase::Alter`] is one statement, so that no state
/// in between (a counter without its key, say) must be allowed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    RenameTable,
    RenameColumn,
    DropForeignKey,
    DropTable,
    CreateTable,
    Alter(Clause),
    AddForeignKey,
}

/// Where in the one ALTER TABLE a clause stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Clause {
    DropKey,
    DropColumn,
    Column,
    Option,
    AddKey,
}

impl Phase {
    /// Steps of the same stage and table may share a statement.
    fn stage(self) -> u8 {
        match self {
            Self::RenameTable => 0,
            Self::RenameColumn => 1,
            Self::DropForeignKey => 2,
            Self::DropTable => 3,
            Self::CreateTable => 4,
            Self::Alter(_) => 5,
            Self::AddForeignKey => 6,
        }
    }
}

/// A part of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) phase: Phase,
    /// The table, where it is not the change's own business: a foreign key that only stands in the way goes
    /// and comes.
    pub(super) aside: Option<String>,
    /// A whole statement, or a clause of `ALTER TABLE`.
    pub(super) sql: String,
}

impl Step {
    pub(super) fn clause(clause: Clause, sql: String) -> Self {
        Self::new(Phase::Alter(clause), sql)
    }

    pub(super) fn new(phase: Phase, sql: String) -> Self {
        Self { phase, aside: None, sql }
    }
}

/// The statements that carry the changes out, in an order in which a server takes them.
///
/// Run them with `SET FOREIGN_KEY_CHECKS = 0`: tables that refer to each other come and go one by one.
/// What MySQL must compute for rows that are there already (a column that becomes NOT NULL, a text that
/// becomes a number) is the server's business: it does it or refuses.
///
/// ```
/// use physio_schema::{diff::{diff, emit_sql}, dump::{parse, DumpOptions}};
/// let read = |sql: &str| parse(sql.as_bytes(), &DumpOptions::default()).unwrap().schema;
/// let older = read("CREATE TABLE t (id int PRIMARY KEY, name varchar(20))");
/// let newer = read("CREATE TABLE t (id int PRIMARY KEY, name varchar(50), age int, KEY age (age))");
/// assert_eq!(emit_sql(&diff(&older, &newer)), [
///     "ALTER TABLE `t` MODIFY COLUMN `name` varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT NULL, \
///      ADD COLUMN `age` int(11) DEFAULT NULL AFTER `name`, ADD KEY `age` (`age`)",
/// ]);
/// ```
pub fn emit_sql(changes: &[Change]) -> Vec<String> {
    let mut steps: Vec<(u8, &str, &Step)> = changes
        .iter()
        .flat_map(|change| {
            change
                .steps
                .iter()
                .map(|step| (step.phase.stage(), step.aside.as_deref().unwrap_or(&change.table), step))
        })
        .collect();
    // Stable: clauses of one kind keep the order of the changes.
    let by_name = |step: &Step| step.aside.as_ref().map(|_| step.sql.clone());
    steps.sort_by(|a, b| (a.0, a.1, a.2.phase, by_name(a.2)).cmp(&(b.0, b.1, b.2.phase, by_name(b.2))));
    // A foreign key may stand in the way of both its columns.
    steps.dedup_by(|a, b| a.2.aside.is_some() && (a.0, a.1, &a.2.sql) == (b.0, b.1, &b.2.sql));
    let mut statements: Vec<String> = Vec::new();
    let mut open: Option<(u8, &str)> = None;
    for (stage, table, step) in steps {
        match step.phase {
            Phase::RenameTable | Phase::DropTable | Phase::CreateTable => {
                statements.push(step.sql.clone());
                open = None;
            }
            Phase::RenameColumn | Phase::DropForeignKey | Phase::Alter(_) | Phase::AddForeignKey => {
                match (open == Some((stage, table)), statements.last_mut()) {
                    (true, Some(last)) => {
                        last.push_str(", ");
                        last.push_str(&step.sql);
                    }
                    _ => statements.push(format!(
                        "ALTER TABLE {} {}",
                        super::spell::quoted_name(table),
                        step.sql
                    )),
                }
                open = Some((stage, table));
            }
        }
    }
    statements
}
