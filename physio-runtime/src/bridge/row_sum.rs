//! Sums of rows: by them both sides find out whether a range of a table is the same, without sending it.

use physio_schema::codec::{Cell, CodecError, wire_from_cell};
use physio_schema::model::{ColumnType, LobSize};
use physio_schema::plan::{ColumnPlan, TablePlan, Wire};
use sha2::{Digest, Sha256};
use std::fmt;

/// Number and sum of the rows of a range; the order in which they are added makes no difference.
///
/// A row's sum is the first eight bytes of the SHA-256 of its values (PROTOCOL.md), and a range's is the exclusive or of
/// its rows' sums. Every row holds its key, so no row comes twice and none cancels another.
///
/// ```
/// use physio_runtime::bridge::RowSums;
/// let (mut a, mut b) = (RowSums::default(), RowSums::default());
/// a.add(7);
/// a.add(9);
/// b.add(9);
/// b.add(7);
/// assert_eq!(a, b);
/// assert_eq!((a.n_rows, a.to_string().as_str()), (2, "000000000000000e"));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowSums {
    /// Rows of the range.
    pub n_rows: u64,
    /// Exclusive or of their sums.
    pub sum: u64,
}

impl RowSums {
    /// Adds a row by its sum.
    pub fn add(&mut self, row_sum: u64) {
        self.n_rows += 1;
        self.sum ^= row_sum;
    }

    /// From the texts of the wire; `None` when they are none.
    pub(crate) fn from_wire(n_rows: &str, sum: &str) -> Option<Self> {
        Some(Self { n_rows: n_rows.parse().ok()?, sum: u64::from_str_radix(sum, 16).ok()? })
    }
}

impl fmt::Display for RowSums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.sum)
    }
}

/// Stands between two values, and for NULL: bytes that no text in UTF-8 holds.
const SEPARATOR: u8 = 0xff;
const NULL: u8 = 0xfe;

/// The sum of one row, its cells in the plan's order.
///
/// # Errors
///
/// When a cell is not of its column's storage class, which only another client of the file can bring about.
pub(crate) fn row_sum<'a>(
    table: &TablePlan,
    cells: impl IntoIterator<Item = Cell<'a>>,
    buffer: &mut Vec<u8>,
) -> Result<u64, CodecError> {
    buffer.clear();
    for (position, (column, cell)) in table.columns.iter().zip(cells).enumerate() {
        if position > 0 {
            buffer.push(SEPARATOR);
        }
        match (&cell, column.wire) {
            (Cell::Null, _) => buffer.push(NULL),
            (Cell::Blob(bytes), Wire::Base64) => buffer.extend_from_slice(hex(bytes).as_bytes()),
            _ => match wire_from_cell(column, &cell)? {
                None => buffer.push(NULL),
                Some(text) if is_long(column) => buffer.extend_from_slice(hex(text.as_bytes()).as_bytes()),
                Some(text) => buffer.extend_from_slice(text.as_bytes()),
            },
        }
    }
    let mut first = [0; 8];
    first.copy_from_slice(&Sha256::digest(&buffer)[..8]);
    Ok(u64::from_be_bytes(first))
}

/// Whether a value may be longer than one packet of MySQL, so that it stands in the sum by its own SHA-256.
fn is_long(column: &ColumnPlan) -> bool {
    matches!(
        column.column_type,
        ColumnType::Json
            | ColumnType::Text { size: LobSize::Medium }
            | ColumnType::Text { size: LobSize::Long }
    )
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
