//! The server's side: what the PHP bridge knows, and the SQL that a database owner runs once.
//!
//! Texts only. The bridge's knowledge of tables and columns comes from [`emit_whitelist`] and from nowhere
//! else; `php-bridge/generated/README.md` describes its format.

mod access;
mod cascade;
mod error_table;
mod install;
mod key_text;
mod modes;
mod paths;
mod php_literal;
mod scope;
mod triggers;
mod whitelist;

pub use error_table::emit_errors_php;
pub use install::{
    Install, TableMode, TableTriggers, emit_install_sql, emit_uninstall_sql, install_statements,
    uninstall_statements,
};
pub use whitelist::emit_whitelist;

/// A name in backticks.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
