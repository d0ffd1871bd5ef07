//! The readers: tokens of one statement to what it declares. No rule of the server is applied here.

pub(crate) mod alter_table;
pub(crate) mod column;
pub(crate) mod create_table;
pub(crate) mod data_type;
pub(crate) mod default_value;
pub(crate) mod key;
pub(crate) mod statement;
pub(crate) mod table_options;
