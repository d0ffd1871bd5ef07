//! The network between device and bridge, with a plug that can be pulled.

use physio_runtime::bridge::wire::{BatchAnswer, BridgeError, PageRequest, RowSink, StreamEnd, SyncRequest};
use physio_runtime::bridge::{Bridge, HttpBridge, Token};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// An HTTP bridge that cannot be reached while the plug is out.
#[derive(Debug, Clone)]
pub(crate) struct Cable {
    bridge: HttpBridge,
    is_out: Arc<AtomicBool>,
}

impl Cable {
    pub(crate) fn new(bridge: HttpBridge) -> Self {
        Self { bridge, is_out: Arc::default() }
    }

    /// Every request fails from now on.
    pub(crate) fn pull(&self) {
        self.is_out.store(true, Ordering::SeqCst);
    }

    /// Requests go through again.
    pub(crate) fn plug_in(&self) {
        self.is_out.store(false, Ordering::SeqCst);
    }

    fn check(&self) -> Result<(), BridgeError> {
        if self.is_out.load(Ordering::SeqCst) {
            return Err(BridgeError::Unreachable("the cable is out".to_owned()));
        }
        Ok(())
    }
}

impl Bridge for Cable {
    async fn sync<S: RowSink>(&self, request: &SyncRequest, sink: &mut S) -> Result<StreamEnd, BridgeError> {
        self.check()?;
        self.bridge.sync(request, sink).await
    }

    async fn page<S: RowSink>(&self, request: &PageRequest, sink: &mut S) -> Result<StreamEnd, BridgeError> {
        self.check()?;
        self.bridge.page(request, sink).await
    }

    async fn push(&self, request: &[u8]) -> Result<BatchAnswer, BridgeError> {
        self.check()?;
        self.bridge.push(request).await
    }

    fn set_token(&self, token: &Token) -> physio_runtime::Result<()> {
        self.bridge.set_token(token)
    }
}
