//! What breaks things on the real stack, and what tells afterwards whether anything was lost: devices as processes
//! that can be killed, two kinds of bad network, and the server's own log of every row that was written.
//!
//! The tests of `tests/kill.rs` and the command `cargo xtask faults` stand on it.

pub mod cable;
pub mod device;
pub mod ledger;
pub mod proxy;
pub mod server;

pub use cable::{Cable, Caught, Point};
pub use device::{Device, Process};
pub use ledger::{Ledger, Said};
pub use proxy::{Proxy, Weather};
pub use server::Server;
