//! Line and column of a byte in a stream that is seen piece by piece.

/// Counts line ends up to a byte, lazily: nothing is looked at twice.
#[derive(Debug)]
pub(crate) struct Position {
    line: u32,
    /// Bytes since the last line end.
    column: u32,
    /// How far into the present bytes the two are valid.
    counted: usize,
}

impl Default for Position {
    fn default() -> Self {
        Self { line: 1, column: 0, counted: 0 }
    }
}

impl Position {
    /// New bytes begin where the old ones were left.
    pub(crate) fn begin(&mut self) {
        self.counted = 0;
    }

    /// Counts up to byte `to`.
    pub(crate) fn advance(&mut self, bytes: &[u8], to: usize) {
        let part = &bytes[self.counted..to];
        let n_lines = memchr::memchr_iter(b'\n', part).count();
        self.line = self.line.saturating_add(u32::try_from(n_lines).unwrap_or(u32::MAX));
        let since = match memchr::memrchr(b'\n', part) {
            Some(end) => {
                self.column = 0;
                part.len() - end - 1
            }
            None => part.len(),
        };
        self.column = self.column.saturating_add(u32::try_from(since).unwrap_or(u32::MAX));
        self.counted = to;
    }

    /// Line and column of byte `at`, from 1; `at` must not go back.
    pub(crate) fn line_and_column(&mut self, bytes: &[u8], at: usize) -> (u32, u32) {
        self.advance(bytes, at);
        (self.line, self.column.saturating_add(1))
    }
}
