//! Private servers for tests: MariaDB or MySQL, PHP behind a web server, and both together.
//!
//! Every server ends with the process that started it, killed or not. Nothing here touches a system
//! service, and a missing program is an error that says what to install.

pub mod app;
pub mod compare;
mod error;
pub mod host;
pub(crate) mod leash;
pub mod mariadb;
pub mod node;
pub mod php;
pub mod server_kind;
pub mod stack;

pub use app::App;
pub use error::{HarnessError, Result};
pub use host::{Extensions, Host, WebServer};
pub use mariadb::PrivateMariaDb;
pub use php::PhpServer;
pub use server_kind::ServerKind;
pub use stack::Stack;
