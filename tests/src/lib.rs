//! What the end-to-end tests, the demo and the benchmarks stand on: private servers, synthetic rows, and the
//! cases that every bridge must pass.

pub mod comparison;
pub mod conformance;
pub mod data;
pub mod faults;
pub mod harness;
pub mod mutation;
pub mod oracle;
pub mod simulation;
pub mod timing;
