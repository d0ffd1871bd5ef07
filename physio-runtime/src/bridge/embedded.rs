//! A whole bridge inside the process: PROTOCOL.md over loopback HTTP on an in-memory store.
//!
//! For demos, tests of applications and fault injection; what it holds is gone when it is dropped.
//! [`BridgeCore`] is the protocol alone, free of threads, sockets and clocks; [`EmbeddedBridge`] puts it
//! behind HTTP. What MySQL computes by itself is not here: generated columns stay empty, and
//! `ON UPDATE CURRENT_TIMESTAMP` does not move.

mod batch;
mod change;
mod checksum;
mod constraint;
mod core;
mod ddl;
mod faults;
mod feed;
mod guard;
mod pages;
mod ranges;
mod readers;
mod refusal;
mod request;
mod resolve;
mod rights;
mod row_guard;
mod serve;
mod shape;
mod spelling;
mod store;
mod stream;
mod tokens;
mod unit;

pub use checksum::TableChecksum;
pub use core::BridgeCore;
pub use faults::{Fault, Faults};
pub use request::{Answer, Endpoint, Request};

use crate::{Error, ErrorKind, Result};
use physio_schema::plan::Plan;
use rusqlite::Connection;
use serve::{Server, Shared};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

/// A running embedded bridge; dropping it closes its port.
///
/// ```no_run
/// use physio_runtime::bridge::embedded::{EmbeddedBridge, Fault, Faults};
/// # fn plan() -> std::sync::Arc<physio_runtime::Plan> { unreachable!() }
/// let bridge = EmbeddedBridge::start(plan())?;
/// bridge.add_token("secret");
/// bridge.with_store(|store| {
///     store.execute("INSERT INTO branches (branch_name) VALUES ('Main')", [])
/// })?;
/// bridge.set_faults(Faults::none().times(1, None, Fault::Offline));
/// println!("point the client at {}", bridge.url());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EmbeddedBridge {
    shared: Arc<Shared>,
    server: Mutex<Option<Server>>,
    address: SocketAddr,
}

impl EmbeddedBridge {
    /// Starts a bridge with empty tables on a free loopback port.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`] when the plan's tables cannot be made; [`ErrorKind::Offline`] when no port can
    /// be opened.
    pub fn start(plan: Arc<Plan>) -> Result<Self> {
        Self::start_seeded(plan, 0)
    }

    /// As [`start`](Self::start); the seed decides the epochs of the feed.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_seeded(plan: Arc<Plan>, seed: u64) -> Result<Self> {
        let core = BridgeCore::new(plan, seed)?;
        let shared = Arc::new(Shared { core: Mutex::new(core), faults: Mutex::default() });
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = Server::start(anywhere, Arc::clone(&shared)).map_err(no_port)?;
        Ok(Self { shared, address: server.address, server: Mutex::new(Some(server)) })
    }

    /// `http://127.0.0.1:PORT/`: the folder of the five PHP files, so to speak.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Lets a token in for ever; its bearer may do everything with all rows.
    pub fn add_token(&self, token: &str) {
        self.shared.core().add_token(token, None);
    }

    /// Lets a token in until `expires_at_ms` (milliseconds since 1970); its bearer may do everything with all rows.
    pub fn add_token_until(&self, token: &str, expires_at_ms: i64) {
        self.shared.core().add_token(token, Some(expires_at_ms));
    }

    /// Lets the token of a user in, or gives another role and scope to one that is known: what it may do and which rows
    /// it sees is what the plan's `[access]` says of them.
    pub fn add_user_token(&self, token: &str, role: Option<&str>, scope: Option<&str>) {
        self.shared.core().add_user_token(token, role, scope);
    }

    /// Refuses a token from now on; false when there is no such token.
    pub fn revoke_token(&self, token: &str) -> bool {
        self.shared.core().revoke_token(token)
    }

    /// Works on the store directly, as another application of the same database does. No request is
    /// answered meanwhile.
    pub fn with_store<T>(&self, work: impl FnOnce(&mut Connection) -> T) -> T {
        work(self.shared.core().store())
    }

    /// Works on the protocol's core: epochs, the feed's floor, the clock.
    pub fn with_core<T>(&self, work: impl FnOnce(&mut BridgeCore) -> T) -> T {
        work(&mut self.shared.core())
    }

    /// Rows and checksum of a table.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`] when the plan has no such table.
    pub fn checksum(&self, table: &str) -> Result<TableChecksum> {
        self.shared.core().checksum(table)
    }

    /// Replaces the faults that wait for requests.
    pub fn set_faults(&self, faults: Faults) {
        *self.shared.faults() = faults;
    }

    /// Closes the port and every connection; the store is kept.
    pub fn stop(&self) {
        let mut server = self.server.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(server.take());
    }

    /// Closes every connection and listens again at the same address; the store is kept.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Offline`] when the port cannot be opened again.
    pub fn restart(&self) -> Result<()> {
        let mut server = self.server.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(server.take());
        *server = Some(Server::start(self.address, Arc::clone(&self.shared)).map_err(no_port)?);
        Ok(())
    }
}

fn no_port(error: std::io::Error) -> Error {
    Error::with_source(ErrorKind::Offline, "the embedded bridge cannot open a loopback port", error)
}
