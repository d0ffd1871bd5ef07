//! A local door for user interfaces that are not Rust: HTTP and a WebSocket on 127.0.0.1.
//!
//! | request | effect |
//! |---|---|
//! | `POST /query {"sql", "params"}` | `{"columns", "rows"}` of one SELECT |
//! | `POST /write {"statements": [{"sql", "params"}]}` | one local transaction; `{"changes", "last_insert_rowid", "results"}` |
//! | `GET /status` | [`Status`](crate::Status) |
//! | `POST /sync` | one full round, then `{}` |
//! | `POST /token {"token"}` | a new token for the bridge |
//! | `GET /attention` | the units that wait for a person |
//! | `POST /attention/units/ID/retry`, `…/discard` | sends a unit again, gives it up |
//! | `POST /attention/changes/ID {"resolution"}` | `"mine"`, `"theirs"` or `{"merged": {…}}` |
//! | `GET /unsent` | what a wipe would destroy: counts and a code |
//! | `POST /wipe {"code"}` | destroys the cache, its key and the token, if the code covers everything unsent |
//! | `GET /events` | WebSocket: every [`Event`](crate::Event) as JSON |
//!
//! Every request needs the token of this start as `Authorization: Bearer`; a browser's WebSocket, which cannot
//! set headers, offers it as the subprotocol `physio.token.TOKEN` beside `physio.v1`. A request with an `Origin`
//! is answered only when that origin is allowed, and one whose `Host` is not this address never: a web page
//! somewhere cannot reach the door through the browser. No sync decision is made here.

mod answer;
mod attention;
pub mod command;
mod events;
mod guard;
mod report;
mod routes;
mod security;
mod values;

use crate::error::{Error, ErrorKind, Result};
use crate::physio::Physio;
use guard::Guard;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How the door is opened.
#[derive(Debug, Clone)]
pub struct SidecarOptions {
    /// Where to listen; must be a loopback address. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Origins besides `tauri://localhost`, `http://tauri.localhost`, `https://tauri.localhost` and
    /// `http://localhost` with any port.
    pub allowed_origins: Vec<String>,
}

impl Default for SidecarOptions {
    /// A free port of 127.0.0.1 and no further origin.
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 0)), allowed_origins: Vec::new() }
    }
}

/// An open door; dropping it closes it.
pub struct Sidecar {
    address: SocketAddr,
    token: String,
    open: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl std::fmt::Debug for Sidecar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sidecar").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What every request sees.
struct Door {
    physio: Physio,
    guard: Guard,
    /// False when the door closes: open WebSockets end then.
    open: watch::Receiver<bool>,
}

impl Sidecar {
    /// Opens the door to `physio` and answers until it is dropped or shut down.
    ///
    /// # Errors
    ///
    /// `Usage` when the address is not a loopback one, is taken, or the system gives no randomness.
    pub async fn start(physio: Physio, options: SidecarOptions) -> Result<Self> {
        if !options.listen.ip().is_loopback() {
            return Err(Error::new(
                ErrorKind::Usage,
                "the sidecar listens on a loopback address only (127.0.0.1)",
            ));
        }
        let no_port = |error| {
            Error::with_source(
                ErrorKind::Usage,
                format!("the sidecar cannot listen on {}", options.listen),
                error,
            )
        };
        let listener = TcpListener::bind(options.listen).await.map_err(no_port)?;
        let address = listener.local_addr().map_err(no_port)?;
        let token = new_token()?;
        let (open, mut closing) = watch::channel(true);
        let door = Arc::new(Door {
            physio,
            guard: Guard::new(address, &token, options.allowed_origins),
            open: closing.clone(),
        });
        let server = tokio::spawn(async move {
            let closed = async move {
                // An error means that the sender is gone, which closes too.
                let _ = closing.wait_for(|open| !open).await;
            };
            if let Err(error) =
                axum::serve(listener, routes::router(door)).with_graceful_shutdown(closed).await
            {
                tracing::error!(%error, "the sidecar's door failed");
            }
        });
        Ok(Self { address, token, open, server })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bearer token of this start.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Closes the door and waits for the requests that are under way.
    pub async fn shutdown(mut self) {
        self.open.send_replace(false);
        // A server that panicked has ended too.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        self.open.send_replace(false);
    }
}

fn new_token() -> Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)
        .map_err(|_| Error::new(ErrorKind::Usage, "the operating system gives no random numbers"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
