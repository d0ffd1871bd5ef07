//! `[access]`: who may do what with which table, and which rows a user sees.

use crate::plan::Operation;
use serde::Deserialize;

/// `[access]`. Nothing is allowed that it does not list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessConfig {
    /// Every valid token may read and write every row of every synced table.
    pub open: bool,
    /// The table of users; its row key is what the column `[server.tokens] user` holds.
    pub users: Option<String>,
    /// The users' column that says the role, or `column -> table.column` where another table has its name.
    pub role: Option<String>,
    /// The users' column that is 0 for a user who may nothing any more.
    pub active: Option<String>,
    /// The users' column that holds the scope: a branch, a tenant.
    pub scope: Option<String>,
    /// Roles that see the rows of all scopes.
    pub all_scopes: Vec<String>,
    /// Tables that may never be synced, whatever a wave says.
    pub never: Vec<String>,
    /// `[[access.grants]]`.
    pub grants: Vec<GrantConfig>,
}

/// One `[[access.grants]]`: these roles may do this with these tables.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantConfig {
    /// Role names as the database spells them; `*` for every user.
    pub roles: Vec<String>,
    /// Synced tables; `*` for all of them.
    pub tables: Vec<String>,
    /// What they may do.
    pub may: Vec<Operation>,
}
