//! What the server makes of a declaration: implied types, collations, names, defaults and keys.

pub(crate) mod charset;
pub(crate) mod column;
pub(crate) mod column_type;
pub(crate) mod default_value;
pub(crate) mod foreign_key;
pub(crate) mod key;
pub(crate) mod number;
