//! A MySQL dump and `physio.toml` in; the model, the plan and every generated artefact out.
//!
//! Pure: text in, values out. No file, no clock, no socket is touched here; `xtask` and the macros
//! read the files and write the results.
//!
//! The pipeline, one module a step:
//!
//! ```text
//! dump text ── dump::parse ──> model::Schema ─┐
//!                                             ├─ plan::Plan ──> sqlite::*  (cache DDL, triggers, upserts)
//! physio.toml ── config::parse ──> Config ────┘             └─> server::*  (PHP whitelist, install SQL)
//! ```
//!
//! [`diff`] compares two schemas, and `describe` (a feature) says what Rust code a plan becomes.
//! [`codec`] holds the lossless conversions between the wire, SQLite and MySQL's spelling.

pub mod codec;
#[cfg(feature = "parse")]
pub mod config;
#[cfg(feature = "describe")]
pub mod describe;
#[cfg(feature = "parse")]
pub mod diff;
#[cfg(feature = "parse")]
pub mod dump;
pub mod facts;
pub mod field_type;
pub mod fingerprint;
pub mod model;
pub mod plan;
#[cfg(feature = "parse")]
pub mod server;
pub mod sqlite;
pub mod suggest;
pub mod wire_codes;
