//! What happened in a run, or in many, in numbers.

use std::collections::BTreeMap;

/// Counts by name.
///
/// ```
/// use physio_tests::simulation::Figures;
/// let mut sum = Figures::default();
/// sum.add("local writes", 2);
/// sum.add("local writes", 1);
/// assert_eq!(sum.get("local writes"), 3);
/// assert_eq!(sum.iter().count(), 1);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures(BTreeMap<&'static str, u64>);

impl Figures {
    /// Adds to one of them.
    pub fn add(&mut self, name: &'static str, n: u64) {
        *self.0.entry(name).or_default() += n;
    }

    /// One of them.
    pub fn get(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// Adds those of another run.
    pub fn merge(&mut self, other: &Self) {
        for (name, n) in &other.0 {
            self.add(name, *n);
        }
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(name, n)| (*name, *n))
    }
}
