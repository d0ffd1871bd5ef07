//! Takes refused statements out of a script, so that the model sees what the server kept.

use super::Refusal;

/// The script with each refused statement overwritten by blanks; lines stay where they are. The second value
/// is the refusals that could not be found in the text.
pub(super) fn without<'r>(
    script: &[u8],
    refusals: impl Iterator<Item = &'r Refusal>,
) -> (Vec<u8>, Vec<&'r Refusal>) {
    let mut script = script.to_vec();
    let mut lost = Vec::new();
    for refusal in refusals {
        let Some((start, end)) = find(&script, refusal) else {
            lost.push(refusal);
            continue;
        };
        for byte in &mut script[start..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    (script, lost)
}

/// Where the statement stands. The client may move blanks in what it repeats.
fn find(script: &[u8], refusal: &Refusal) -> Option<(usize, usize)> {
    let line_start = match refusal.line {
        0 | 1 => 0,
        line => script.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(line - 2)?.0 + 1,
    };
    let statement: Vec<u8> = refusal.statement.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let first = *statement.first()?;
    let starts = (line_start..script.len()).filter(|at| script[*at] == first);
    starts.into_iter().find_map(|start| Some((start, end_of(script, start, &statement)?)))
}

/// Where the bytes of `statement`, which has no blanks, end in the script from `start` on.
fn end_of(script: &[u8], start: usize, statement: &[u8]) -> Option<usize> {
    let mut wanted = statement.iter();
    let mut next = wanted.next()?;
    for (at, byte) in script.iter().enumerate().skip(start).filter(|(_, byte)| !byte.is_ascii_whitespace()) {
        if byte != next {
            return None;
        }
        match wanted.next() {
            Some(byte) => next = byte,
            None => return Some(at + 1),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_statement_leaves_blanks() {
        let script =
            b"CREATE TABLE a (x int);\nCREATE TABLE b (\n  x foo,\n  y int\n); CREATE TABLE c (y int\n);\n";
        let statement = "CREATE TABLE b (\n  x foo,\n  y int\n)".to_owned();
        let refusal = Refusal { line: 2, code: 1, message: String::new(), statement };
        let (left, lost) = without(script, [&refusal].into_iter());
        assert!(lost.is_empty());
        let left = String::from_utf8(left).unwrap();
        let words: Vec<&str> = left.split_whitespace().collect();
        assert_eq!(words.join(" "), "CREATE TABLE a (x int); ; CREATE TABLE c (y int );");
        assert_eq!(left.matches('\n').count(), 6);
    }
}
