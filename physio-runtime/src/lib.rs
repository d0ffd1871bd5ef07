//! The local cache and its sync: read and write SQLite at once, keep a remote MySQL the same.
//!
//! [`schema!`] turns a MySQL dump and `physio.toml` into typed rows; [`Physio`] holds the cache. Reads and
//! writes are local, typed where that helps and raw SQL where it does not. In the background a loop pushes what
//! was written, pulls what changed, and tells about both as [`Event`]s.
//!
//! ```
//! mod clinic {
//!     physio_runtime::schema!("physio.toml");
//! }
//! use clinic::{Branches, BranchesInsert, BranchesPatch};
//! use physio_runtime::{FromRow, Physio};
//!
//! #[derive(FromRow)]
//! #[physio(table = "branches")]
//! struct Card {
//!     branch_name: String,
//!     city: Option<String>,
//! }
//!
//! # fn main() -> physio_runtime::Result<()> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("physio_cache.db");
//! // Add `.bridge_url("https://example.org/bridge/").token(token)` within a tokio runtime to sync it.
//! let physio = Physio::builder(clinic::plan()).cache(path).open()?;
//!
//! // One local transaction: on the disk and queued for the push when this returns.
//! let key = physio.write(|tx| {
//!     let key = tx.insert(BranchesInsert {
//!         branch_name: "Main".into(),
//!         clinic_name: "Synthetic Clinic".into(),
//!         optional: Default::default(),
//!     })?;
//!     tx.update::<Branches>(key, BranchesPatch { city: Some(Some("Pune".into())), ..Default::default() })?;
//!     Ok(key)
//! })?;
//!
//! assert_eq!(physio.get::<Branches>(key)?.unwrap().branch_name, "Main");
//! let cards: Vec<Card> = physio.query("SELECT * FROM branches WHERE city = ?1", ["Pune"])?;
//! assert_eq!((cards[0].branch_name.as_str(), cards[0].city.as_deref()), ("Main", Some("Pune")));
//! assert_eq!(physio.status()?.n_pending, 2);
//! # Ok(())
//! # }
//! ```
//!
//! | for | see |
//! |---|---|
//! | opening, reading, writing, waiting, deciding conflicts | [`Physio`], [`PhysioBuilder`] |
//! | what an interface is told | [`Event`], [`Status`] |
//! | dates, decimals, ENUMs without loss | [`types`] |
//! | the file itself | [`cache::Cache`] |
//! | encrypting it, and keeping key and token | [`secret`] |
//! | the bridge: HTTP client, wire types, one inside the process for tests | [`bridge`] |
//! | interfaces that are not Rust | `sidecar` (a feature) |
//!
//! # What surprises
//!
//! * A row made here has a temporary key (2^52 and above) until it is pushed; [`Event::Remapped`] tells the real
//!   one, and look-ups by the temporary key go on finding the row.
//! * A write that the server does not take is never dropped: it stays in [`Physio::attention`] until someone
//!   decides.
//! * Several programs may use one cache file at once; one of them syncs it.
//! * Values that MySQL computes (generated columns, `ON UPDATE CURRENT_TIMESTAMP`) are the server's: they arrive
//!   with the answer to the push.
//!
//! Not supported: changing the schema through the cache, tables without a key, and queries that must see the
//! server's newest state (ask the server for those).

pub mod bridge;
pub mod cache;
/// How the handshake compares a bridge's table with the application's: for tools that ask before it happens.
pub mod drift {
    pub use crate::sync::drift::{Comparison, compare};
}
mod error;
mod event;
mod physio;
pub mod secret;
#[cfg(feature = "sidecar")]
pub mod sidecar;
/// What a simulation of devices, network and server stands on: the real loop, cache and client, without their clock
/// and their network.
#[cfg(feature = "simulation")]
pub mod simulation {
    pub use crate::bridge::carrier::{Carried, Carrier};
    pub use crate::cache::set_calendar;
    pub use crate::sync::stepper::{Stepped, Stepper, Wakes};
}
mod sync;
mod table;
pub mod types;

pub use cache::{DriftClass, TableAudit, TableDrift, Unsent};
pub use error::{Error, ErrorKind, Result};
pub use event::{Cause, Event, SyncStatus};
pub use physio::{Physio, PhysioBuilder, Status, TableStatus, WhenRefused};
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

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
