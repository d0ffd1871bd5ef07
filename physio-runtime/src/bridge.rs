//! The door to the server: the trait, the HTTP client, and the wire types.
//!
//! Nothing else in this crate knows JSON field names or HTTP. `embedded` (a feature) is a whole bridge
//! inside the process.

#[cfg(feature = "embedded-bridge")]
pub mod embedded;
mod http;
mod row_sum;
pub mod wire;

#[cfg(feature = "simulation")]
pub(crate) use http::carrier;
pub use http::{HttpBridge, Token};
pub use row_sum::RowSums;
pub(crate) use row_sum::row_sum;

use std::future::Future;
use wire::{BatchAnswer, BridgeError, PageRequest, RangeRequest, RowSink, StreamEnd, SyncRequest};

/// What the sync loop asks of a server.
///
/// `sync` and `page` stream: every line of the answer goes to `sink` as it arrives, and the returned
/// [`StreamEnd`] exists only if the answer was complete.
pub trait Bridge: Send + Sync + 'static {
    /// `GET sync.php`.
    fn sync<S: RowSink>(
        &self,
        request: &SyncRequest,
        sink: &mut S,
    ) -> impl Future<Output = Result<StreamEnd, BridgeError>> + Send;
    /// `GET read.php`.
    fn page<S: RowSink>(
        &self,
        request: &PageRequest,
        sink: &mut S,
    ) -> impl Future<Output = Result<StreamEnd, BridgeError>> + Send;
    /// `GET read.php` for a range of a table: its rows, or the sums of its parts.
    ///
    /// The default refuses, as a bridge does that is older than this request: its tables cannot be audited.
    fn range<S: RowSink>(
        &self,
        request: &RangeRequest,
        sink: &mut S,
    ) -> impl Future<Output = Result<StreamEnd, BridgeError>> + Send {
        let _ = (request, sink);
        std::future::ready(Err(BridgeError::Refused {
            code: "bad_request".into(),
            status: 400,
            message: "this bridge knows no ranges".into(),
            field: None,
            retry_after: None,
            last_batch: None,
        }))
    }
    /// `POST batch.php` with exactly these bytes.
    fn push(&self, request: &[u8]) -> impl Future<Output = Result<BatchAnswer, BridgeError>> + Send;
    /// Tells the bridge from the next request on with which fingerprint of it the client has compared its plan.
    ///
    /// A bridge that has another fingerprint by then answers `schema_changed` instead of rows, and before it
    /// applies anything. The default does nothing: for a bridge that never changes while it is in use.
    fn set_known_fingerprint(&self, fingerprint: &str) {
        let _ = fingerprint;
    }
    /// Uses another token from the next request on. A bridge without tokens ignores it.
    ///
    /// # Errors
    ///
    /// `Usage` when the token cannot be sent.
    fn set_token(&self, token: &Token) -> crate::Result<()> {
        let _ = token;
        Ok(())
    }
}
