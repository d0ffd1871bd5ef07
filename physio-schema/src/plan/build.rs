//! (being written)
/// x
pub struct PlanError;
/// x
pub fn build() {}
