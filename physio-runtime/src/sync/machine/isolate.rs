//! Which table makes the delta fail? Each is asked for alone, once, so that the others can go on.

use super::TableIndex;
use crate::sync::trouble::Trouble;
use std::collections::VecDeque;

/// A search among the tables of a delta that failed without naming one.
#[derive(Debug)]
pub(super) struct Isolation {
    untried: VecDeque<TableIndex>,
    n_tables: usize,
    blamed: Vec<(TableIndex, Trouble)>,
    cause: Trouble,
}

impl Isolation {
    pub(super) fn new(tables: Vec<TableIndex>, cause: Trouble) -> Self {
        Self { n_tables: tables.len(), untried: tables.into(), blamed: Vec::new(), cause }
    }

    /// The table to try.
    pub(super) fn next(&self) -> Option<TableIndex> {
        self.untried.front().copied()
    }

    /// The tried table is in order, or `trouble` came of it.
    pub(super) fn tried(&mut self, trouble: Option<Trouble>) {
        if let (Some(table), Some(trouble)) = (self.untried.pop_front(), trouble) {
            self.blamed.push((table, trouble));
        }
    }

    /// The tables to leave out; the delta's own trouble when no table, or every table, is to blame.
    pub(super) fn verdict(self) -> Result<Vec<(TableIndex, Trouble)>, Trouble> {
        if self.blamed.is_empty() || self.blamed.len() == self.n_tables {
            return Err(self.cause);
        }
        Ok(self.blamed)
    }
}
