//! A checksum of a table that does not depend on the order of its rows.

use sha2::{Digest, Sha256};
use std::fmt;

/// Rows and checksum of a table: equal on both sides exactly when the rows are equal, spelt as on the wire.
///
/// ```
/// use physio_runtime::bridge::embedded::TableChecksum;
/// let (mut a, mut b) = (TableChecksum::default(), TableChecksum::default());
/// a.add(&[Some("1".into()), None]);
/// a.add(&[Some("2".into()), Some(String::new())]);
/// b.add(&[Some("2".into()), Some(String::new())]);
/// b.add(&[Some("1".into()), None]);
/// assert_eq!(a, b);
/// assert_eq!(a.n_rows, 2);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableChecksum {
    /// Rows of the table.
    pub n_rows: u64,
    /// Sum of the rows' hashes.
    pub sum: u128,
}

impl TableChecksum {
    /// Adds a row, its columns in the plan's order.
    pub fn add(&mut self, row: &[Option<String>]) {
        let mut hash = Sha256::new();
        for value in row {
            // The length before the text keeps neighbours apart; a NULL is no empty text.
            let length = value.as_ref().map_or(u64::MAX, |text| text.len() as u64);
            hash.update(length.to_le_bytes());
            hash.update(value.as_deref().unwrap_or_default());
        }
        let digest = hash.finalize();
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        self.n_rows += 1;
        self.sum = self.sum.wrapping_add(u128::from_le_bytes(half));
    }
}

impl fmt::Display for TableChecksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.sum as u64)
    }
}
