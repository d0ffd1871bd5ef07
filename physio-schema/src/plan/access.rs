//! Who may do what: the part of a plan that only the server decides by.

use super::Plan;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// `[access]` of physio.toml. No fingerprint depends on it: a client that knows other rules is still answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Every valid token may do everything with every synced table.
    pub open: bool,
    /// Where a token's user is looked up; `None` only where access is open.
    pub users: Option<Users>,
    /// Roles that see the rows of all scopes.
    pub all_scopes: Vec<String>,
}

/// The table of users and the columns that say what one may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Users {
    /// The table; it need not be synced.
    pub table: String,
    /// Its key column, which the token table's user column holds.
    pub key: String,
    /// Where the role's name stands.
    pub role: RoleColumn,
    /// The column that is 0 for a user who may nothing any more.
    pub active: Option<String>,
    /// The column that holds the user's scope.
    pub scope: Option<String>,
}

/// A column of the users, or the name that it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleColumn {
    /// The users' column.
    pub column: String,
    /// The table whose key it holds, where it is not the name itself.
    pub table: Option<RoleTable>,
}

/// The table of roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleTable {
    /// Its name.
    pub name: String,
    /// Its key column.
    pub key: String,
    /// The column with the role's name.
    pub role: String,
}

/// What one may do with the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// See them.
    Read,
    /// Make new ones.
    Insert,
    /// Change them.
    Update,
    /// Delete them.
    Delete,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::Insert, Self::Update, Self::Delete];

    /// Its name in physio.toml and in the whitelist.
    ///
    /// ```
    /// use physio_schema::plan::Operation;
    /// assert_eq!(Operation::ALL.map(Operation::name), ["read", "insert", "update", "delete"]);
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// The rules of one table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableAccess {
    /// Which roles may do what; `*` stands for every user. An operation that is missing is nobody's.
    pub may: BTreeMap<Operation, Vec<String>>,
    /// Whose rows they are.
    pub scope: Scope,
}

impl TableAccess {
    /// Whether a role may do this.
    ///
    /// ```
    /// use physio_schema::plan::{Operation, TableAccess};
    /// let may = [(Operation::Read, vec!["*".to_owned()]), (Operation::Delete, vec!["owner".to_owned()])];
    /// let access = TableAccess { may: may.into(), ..TableAccess::default() };
    /// assert!(access.allows(Operation::Read, Some("reception")));
    /// assert!(!access.allows(Operation::Delete, Some("Owner")));
    /// assert!(!access.allows(Operation::Insert, Some("owner")));
    /// ```
    pub fn allows(&self, operation: Operation, role: Option<&str>) -> bool {
        let roles = self.may.get(&operation).map(Vec::as_slice).unwrap_or_default();
        roles.iter().any(|allowed| allowed == "*" || Some(allowed.as_str()) == role)
    }
}

/// How a row says to which scope it belongs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// It belongs to all of them.
    #[default]
    Shared,
    /// By a column of its own.
    Column(String),
    /// By the row of another table that it refers to.
    Through {
        /// The column that holds that row's key.
        column: String,
        /// That table.
        table: String,
        /// Its key column.
        key: String,
    },
}

impl Plan {
    /// 32 hex digits that differ when other rules are in force: devices read everything anew then.
    pub fn access_fingerprint(&self) -> String {
        let mut text = format!("{:?}", self.access);
        let mut tables: Vec<_> = self.tables.iter().map(|table| (&table.name, &table.access)).collect();
        tables.sort_by_key(|(name, _)| *name);
        for (name, access) in tables {
            write!(text, "\n{name}: {access:?}").expect("a String takes all");
        }
        Sha256::digest(text).iter().take(16).fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a String takes all");
            hex
        })
    }
}
