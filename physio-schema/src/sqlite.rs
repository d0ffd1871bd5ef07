//! The SQL of the local cache.

pub mod internal;
