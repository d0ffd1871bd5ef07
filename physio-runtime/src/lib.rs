//! The local cache and its sync: read and write SQLite at once, keep a remote MySQL the same.

pub mod bridge;
pub mod cache;
mod error;
mod event;
mod physio;
#[cfg(feature = "sidecar")]
pub mod sidecar;
mod sync;
mod table;
pub mod types;

pub use error::{Error, ErrorKind, Result};
pub use event::{Cause, Event, SyncStatus};
/// ```
/// use physio_runtime::{FromRow, types::Decimal};
///
/// #[derive(FromRow)]
/// #[physio(table = "payments")]
/// struct Receipt {
///     payment_id: i64,
///     amount: Decimal,
///     #[physio(column = "mode")]
///     paid_by: Option<String>,
/// }
///
/// assert_eq!(Receipt::COLUMNS, ["payment_id", "amount", "mode"]);
/// ```
///
pub use physio_derive::FromRow;
/// ```
/// mod clinic {
///     physio_runtime::schema!("physio.toml");
/// }
/// use clinic::{PaymentsInsert, PaymentsOptional, PaymentsPatch, Payments, payments};
/// use physio_runtime::{RowValues, Table, types::Decimal};
///
/// let new = PaymentsInsert {
///     patient_id: 7,
///     payment_date: "2024-03-05".parse()?,
///     amount: Decimal::new(1050, 2),
///     optional: PaymentsOptional { mode: Some("upi".into()), ..Default::default() },
/// };
/// let names: Vec<&str> = new.values().into_iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["patient_id", "payment_date", "amount", "mode"]);
///
/// // `None` leaves a column as it is, `Some(None)` sets NULL.
/// let change = PaymentsPatch { remarks: Some(None), ..Default::default() };
/// assert_eq!(change.values().len(), 1);
///
/// assert_eq!(Payments::KEY, [payments::PAYMENT_ID.name()]);
/// assert_eq!(clinic::plan().app, "clinic");
/// # Ok::<(), physio_runtime::types::SpellingError>(())
/// ```
///
pub use physio_derive::schema;
pub use physio::{Physio, PhysioBuilder, Status, TableStatus};
pub use physio_schema::plan::Plan;
pub use rusqlite;
pub use sync::SyncState;
pub use table::{FromRow, RowKey, RowValues, Table};

/// What generated code names; not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::table::read_field;
    pub use crate::types::{FieldError, FieldValue, read_member};
    pub use rusqlite;
    pub use rusqlite::types::{Value, ValueRef};
    pub use serde;
    pub use serde_json;
}
