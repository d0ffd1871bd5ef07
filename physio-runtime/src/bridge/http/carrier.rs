//! Requests that travel otherwise than by the network: a simulation decides when each arrives, and whether.

use super::{HttpBridge, Token, refusal};
use crate::bridge::wire::BridgeError;
use crate::error::Result;
use physio_schema::plan::Plan;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

/// What becomes of a request; the error says why no answer came.
pub type Carried = Pin<Box<dyn Future<Output = Result<reqwest::Response, String>> + Send>>;

/// Takes requests instead of the network.
///
/// ```
/// use physio_runtime::simulation::{Carried, Carrier};
/// #[derive(Debug)]
/// struct Unplugged;
/// impl Carrier for Unplugged {
///     fn carry(&self, request: reqwest::Request) -> Carried {
///         Box::pin(async move { Err(format!("{} goes nowhere", request.url().path())) })
///     }
/// }
/// ```
pub trait Carrier: fmt::Debug + Send + Sync + 'static {
    /// Begins to carry a request.
    fn carry(&self, request: reqwest::Request) -> Carried;
}

impl HttpBridge {
    /// As [`new`](Self::new), with requests and answers as they are on the network, but carried by `carrier`.
    /// `client` only builds requests; one can serve any number of bridges.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn carried_by(
        carrier: Arc<dyn Carrier>,
        client: reqwest::Client,
        url: &str,
        token: &Token,
        device: &str,
        plan: &Plan,
    ) -> Result<Self> {
        let mut bridge = Self::with_client(client, url, token, device, plan)?;
        if let Some(shared) = Arc::get_mut(&mut bridge.shared) {
            shared.carrier = Some(carrier);
        }
        Ok(bridge)
    }
}

pub(super) async fn carried(
    carrier: &dyn Carrier,
    request: reqwest::RequestBuilder,
) -> Result<reqwest::Response, BridgeError> {
    let request = request.build().map_err(|error| BridgeError::Unreachable(refusal::describe(&error)))?;
    carrier.carry(request).await.map_err(BridgeError::Unreachable)
}
