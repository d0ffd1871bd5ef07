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
//! [`codec`] holds the lossless conversions between the wire, SQLite and MySQL's spelling.

pub mod codec;
#[cfg(feature = "parse")]
pub mod config;
#[cfg(feature = "parse")]
pub mod dump;
pub mod facts;
pub mod fingerprint;
pub mod model;
pub mod plan;
#[cfg(feature = "parse")]
pub mod server;
pub mod sqlite;
pub mod suggest;
pub mod wire_codes;
