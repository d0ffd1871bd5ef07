//! A whole bridge inside the process.
