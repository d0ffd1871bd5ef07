//! A column's name with the table and the type it belongs to.

use crate::table::Table;
use std::fmt;
use std::marker::PhantomData;

/// The name of a column, typed by its table and its Rust type; `schema!` makes one constant per column.
///
/// It costs what a `&str` costs and prints as the bare name:
///
/// ```
/// mod clinic {
///     physio_runtime::schema!("physio.toml");
/// }
/// use clinic::payments;
///
/// let sql = format!("SELECT {} FROM {}", payments::AMOUNT, payments::TABLE);
/// assert_eq!(sql, "SELECT amount FROM payments");
/// ```
///
/// A column of one table is not a column of another:
///
/// ```compile_fail,E0308
/// # mod clinic { physio_runtime::schema!("physio.toml"); }
/// use physio_runtime::types::Column;
///
/// const STATE: Column<clinic::Employees, Option<String>> = clinic::branches::STATE;
/// ```
pub struct Column<T: Table, V> {
    name: &'static str,
    belongs: PhantomData<fn() -> (T, V)>,
}

impl<T: Table, V> Column<T, V> {
    /// Names a column; generated code calls it with names that were checked.
    pub const fn new(name: &'static str) -> Self {
        Self { name, belongs: PhantomData }
    }

    /// The name as the dump spells it, without quotes.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

// Written by hand: a derive would ask the same of the row type and the value type.
impl<T: Table, V> Clone for Column<T, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Table, V> Copy for Column<T, V> {}

impl<T: Table, V> PartialEq for Column<T, V> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<T: Table, V> Eq for Column<T, V> {}

impl<T: Table, V> fmt::Debug for Column<T, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", T::TABLE, self.name)
    }
}

impl<T: Table, V> fmt::Display for Column<T, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl<T: Table, V> AsRef<str> for Column<T, V> {
    fn as_ref(&self) -> &str {
        self.name
    }
}
