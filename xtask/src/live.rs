//! A live MySQL or MariaDB: what `information_schema` says, as values that can be compared with a dump.
//!
//! Only read here. Nothing of a row's content is ever asked for.

mod compare;
mod connect;
mod default;
mod facts;
mod model;
mod read;

pub(crate) use compare::compare;
pub(crate) use connect::{MySqlUrl, connect, plain};
pub(crate) use facts::Facts;
pub(crate) use model::bring_to_one_spelling;
pub(crate) use read::load_facts;

/// Tables of the bridge itself; they are no part of the application's schema.
pub(crate) const BRIDGE_TABLE_PREFIX: &str = "_physio_";
