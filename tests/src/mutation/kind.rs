//! One random change of a schema.

use super::model::{self, Changed};
use physio_schema::diff::{DiffOptions, Rename, diff_with, emit_sql};
use physio_schema::model::Schema;
use std::fmt;

/// What is done to the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // the names are the documentation
pub enum Kind {
    DropColumn,
    AddOptionalColumn,
    AddRequiredColumn,
    RenameColumn,
    RetypeColumn,
    ChangeNullability,
    ChangeKey,
    DropMember,
    AddMember,
    RenameMember,
    DropTable,
    AddTable,
    RenameTable,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::DropColumn,
        Self::AddOptionalColumn,
        Self::AddRequiredColumn,
        Self::RenameColumn,
        Self::RetypeColumn,
        Self::ChangeNullability,
        Self::ChangeKey,
        Self::DropMember,
        Self::AddMember,
        Self::RenameMember,
        Self::DropTable,
        Self::AddTable,
        Self::RenameTable,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::DropColumn => "column dropped",
            Self::AddOptionalColumn => "optional column added",
            Self::AddRequiredColumn => "required column added",
            Self::RenameColumn => "column renamed",
            Self::RetypeColumn => "column retyped",
            Self::ChangeNullability => "nullability changed",
            Self::ChangeKey => "key changed",
            Self::DropMember => "ENUM member dropped",
            Self::AddMember => "ENUM member added",
            Self::RenameMember => "ENUM member renamed",
            Self::DropTable => "table dropped",
            Self::AddTable => "table added",
            Self::RenameTable => "table renamed",
        })
    }
}

/// A changed schema and how it came about.
#[derive(Debug, Clone)]
pub struct Mutation {
    /// What was done.
    pub kind: Kind,
    /// The table, as the older schema calls it.
    pub table: String,
    /// The schema afterwards.
    pub schema: Schema,
    /// The statements that do it on a server.
    pub sql: Vec<String>,
}

/// `n` mutations of a schema, each of the whole schema anew; equal seeds give equal lists.
///
/// ```
/// use physio_tests::mutation::{kind::mutations, read};
/// let schema = read("CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a enum('x','y'), b varchar(9) NOT NULL)").unwrap();
/// let (once, again) = (mutations(&schema, 30, 7), mutations(&schema, 30, 7));
/// assert_eq!(once.len(), 30);
/// assert!(once.iter().zip(&again).all(|(a, b)| a.sql == b.sql && !a.sql.is_empty()));
/// ```
pub fn mutations(schema: &Schema, n: usize, seed: u64) -> Vec<Mutation> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut found = Vec::with_capacity(n);
    // Each kind in turn; not every table has something that the kind fits, and a schema may have none at all.
    for kind in Kind::ALL.into_iter().cycle().take(n * Kind::ALL.len()) {
        if found.len() == n {
            break;
        }
        found.extend((0..100).find_map(|_| mutate(schema, kind, &mut random)));
    }
    found
}

fn mutate(schema: &Schema, kind: Kind, random: &mut fastrand::Rng) -> Option<Mutation> {
    let mut changed = schema.clone();
    let at = random.usize(..schema.tables.len());
    let table = schema.tables[at].name.clone();
    let Changed { rename } = model::change(&mut changed, at, kind, random)?;
    let options = DiffOptions { renames: Vec::from_iter(rename), ..DiffOptions::default() };
    let sql = emit_sql(&diff_with(schema, &changed, &options));
    (!sql.is_empty()).then_some(Mutation { kind, table, schema: changed, sql })
}

/// The rename of a column.
pub(super) fn column_renamed(table: &str, old: &str, new: &str) -> Rename {
    Rename::Column { table: table.to_owned(), old: old.to_owned(), new: new.to_owned() }
}
