//! The local file.
