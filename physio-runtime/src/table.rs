//! What the generated code implements: rows, inserts and patches of one table.

use crate::types::{FieldError, FieldValue};
use rusqlite::types::{Value, ValueRef};

/// A struct that can be read from a result row: the generated row structs and the app's own partial ones.
///
/// A type of the application's own is a field only if it is a [`FieldValue`]:
///
/// ```compile_fail,E0277
/// # use physio_runtime::FromRow;
/// struct PatientId;
///
/// #[derive(FromRow)]
/// #[physio(table = "patients")]
/// struct Card {
///     patient_id: PatientId,
/// }
/// ```
pub trait FromRow: Sized {
    /// The table whose columns were checked at compile time.
    const TABLE: &'static str;
    /// The columns it needs, in field order.
    const COLUMNS: &'static [&'static str];
    /// Reads the fields from the first `COLUMNS.len()` columns of a row, in that order.
    fn from_row(row: &rusqlite::Row<'_>) -> Result<Self, FieldError>;
}

/// The full row of a synced table, made by `schema!`.
///
/// Its fields are the table's visible columns and nothing else:
///
/// ```compile_fail,E0609
/// # mod clinic { physio_runtime::schema!("physio.toml"); }
/// fn amount(payment: &clinic::Payments) -> String {
///     payment.amuont.to_string()
/// }
/// ```
///
/// `writable = false` in physio.toml leaves no value to insert:
///
/// ```compile_fail,E0574
/// # mod clinic { physio_runtime::schema!("physio.toml"); }
/// let role = clinic::RolesInsert { role_name: "owner".to_owned() };
/// ```
pub trait Table: FromRow {
    /// The key's type: the column's type, or a tuple for composite keys.
    type Key: RowKey;
    /// What `insert` takes.
    type Insert: RowValues<Table = Self>;
    /// What `update` takes.
    type Patch: RowValues<Table = Self>;
    /// Columns of the row key, in key order.
    const KEY: &'static [&'static str];
    /// `CREATE TABLE …` of the cache.
    const CREATE: &'static str;
    /// The upsert that a pull uses: takes every visible column in order, then `_last_synced_at`.
    const UPSERT: &'static str;
    /// This row's key.
    fn key(&self) -> Self::Key;
}

/// The key of a row as SQLite values, in key order.
pub trait RowKey {
    /// One value per key column.
    fn to_values(&self) -> Vec<Value>;
    /// Reads the key from the first columns of a row (what `RETURNING` gives).
    fn from_row(row: &rusqlite::Row<'_>) -> Result<Self, FieldError>
    where
        Self: Sized;
}

/// Named values of an insert or a patch: only those that are set.
pub trait RowValues {
    /// The table they belong to.
    type Table: Table;
    /// Column and value of each set field, in column order.
    fn values(&self) -> Vec<(&'static str, Value)>;
}

impl<T: FieldValue> RowKey for T {
    fn to_values(&self) -> Vec<Value> {
        vec![self.to_sql()]
    }
    fn from_row(row: &rusqlite::Row<'_>) -> Result<Self, FieldError> {
        read_field(row, 0)
    }
}

macro_rules! tuple_key {
    ($($name:ident $index:tt),+) => {
        impl<$($name: FieldValue),+> RowKey for ($($name,)+) {
            fn to_values(&self) -> Vec<Value> {
                vec![$(self.$index.to_sql()),+]
            }
            fn from_row(row: &rusqlite::Row<'_>) -> Result<Self, FieldError> {
                Ok(($(read_field::<$name>(row, $index)?,)+))
            }
        }
    };
}
// MySQL allows 16 columns in a key.
tuple_key!(A 0, B 1);
tuple_key!(A 0, B 1, C 2);
tuple_key!(A 0, B 1, C 2, D 3);
tuple_key!(A 0, B 1, C 2, D 3, E 4);
tuple_key!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple_key!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple_key!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuple_key!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuple_key!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuple_key!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuple_key!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
tuple_key!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12);
tuple_key!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13);
tuple_key!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14);
tuple_key!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15);

/// Reads one field of a row; the error names the column.
pub fn read_field<T: FieldValue>(row: &rusqlite::Row<'_>, position: usize) -> Result<T, FieldError> {
    let value: ValueRef<'_> = row.get_ref(position).map_err(|_| FieldError::missing(position))?;
    T::from_sql(value).map_err(|error| {
        let name = row.as_ref().column_name(position).unwrap_or("?").to_owned();
        error.in_column(name)
    })
}
