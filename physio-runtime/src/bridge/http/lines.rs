//! Cuts a stream of bytes into lines without copying those that lie within one chunk.

use crate::bridge::wire::BridgeError;

/// Longer than any row that a bridge can send: PHP's own memory ends before.
const MAX_LINE_BYTES: usize = 64 << 20;

/// Keeps the beginning of a line whose end has not come yet.
#[derive(Default)]
pub(super) struct LineSplitter {
    begun: Vec<u8>,
}

impl LineSplitter {
    /// Hands every line that ends in `chunk` to `take`.
    pub(super) fn feed(
        &mut self,
        chunk: &[u8],
        mut take: impl FnMut(&str) -> Result<(), BridgeError>,
    ) -> Result<(), BridgeError> {
        let mut rest = chunk;
        while let Some(length) = memchr::memchr(b'\n', rest) {
            let (line, after) = (&rest[..length], &rest[length + 1..]);
            if self.begun.is_empty() {
                take(text(line)?)?;
            } else {
                self.extend(line)?;
                take(text(&self.begun)?)?;
                self.begun.clear();
            }
            rest = after;
        }
        self.extend(rest)
    }

    /// The last line may lack its line end.
    pub(super) fn finish(
        self,
        mut take: impl FnMut(&str) -> Result<(), BridgeError>,
    ) -> Result<(), BridgeError> {
        if self.begun.is_empty() { Ok(()) } else { take(text(&self.begun)?) }
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), BridgeError> {
        if self.begun.len() + bytes.len() > MAX_LINE_BYTES {
            return Err(not_a_bridge(format!("a line is longer than {MAX_LINE_BYTES} bytes")));
        }
        self.begun.extend_from_slice(bytes);
        Ok(())
    }
}

fn text(line: &[u8]) -> Result<&str, BridgeError> {
    std::str::from_utf8(line).map_err(|_| not_a_bridge("a line is not UTF-8".into()))
}

fn not_a_bridge(message: String) -> BridgeError {
    BridgeError::NotABridge { status: 200, message, retry_after: None }
}

#[cfg(test)]
mod tests {
    use super::LineSplitter;
    use proptest::prelude::*;

    fn split(chunks: &[&[u8]]) -> Vec<String> {
        let mut splitter = LineSplitter::default();
        let mut lines = Vec::new();
        let mut take = |line: &str| {
            lines.push(line.to_owned());
            Ok(())
        };
        for chunk in chunks {
            splitter.feed(chunk, &mut take).expect("UTF-8");
        }
        splitter.finish(take).expect("UTF-8");
        lines
    }

    #[test]
    fn a_line_may_be_cut_inside_a_character() {
        let bytes = "[\"é\"]\n[\"b\"]".as_bytes();
        assert_eq!(split(&[&bytes[..3], &bytes[3..]]), ["[\"é\"]", "[\"b\"]"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_an_error() {
        let mut splitter = LineSplitter::default();
        assert!(splitter.feed(b"\xff\xfe\n", |_| Ok(())).is_err());
    }

    proptest! {
        #[test]
        fn any_cutting_gives_the_same_lines(
            lines in prop::collection::vec("[a-zé\"]{0,12}", 0..12), size in 1usize..9,
        ) {
            let whole = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
            let chunks = whole.as_bytes().chunks(size).collect::<Vec<_>>();
            prop_assert_eq!(split(&chunks), lines);
        }
    }
}
