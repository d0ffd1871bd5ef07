//! The HTTP client.

/// The bridge over HTTP.
#[derive(Debug)]
pub struct HttpBridge {}
