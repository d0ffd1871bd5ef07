//! Devices, a network and a server in one process, where a seed decides everything.
//!
//! The sync machine, the cache on its SQLite files, the HTTP client's requests and answers and the embedded bridge
//! are the real ones; who runs next, what the network does and what time it is comes from a [`Plan`]. A shadow of
//! what was written says afterwards whether something was lost, doubled or left stale. docs/simulation.md tells more.

mod check;
mod device;
mod dump;
mod figures;
mod generate;
mod network;
mod plan;
mod schema;
mod server;
mod shadow;
mod shrink;
mod statement;
mod store;
mod wal;
mod world;

pub use figures::Figures;
pub use generate::plan_of_seed;
pub use plan::{Application, Awaited, Fault, Kill, Op, Plan, Step, What};
pub use shrink::{shrink, shrink_seed};
pub use world::{Failure, Report, Runner, stay_on_processor};
