//! Takes refused statements out of a script, so that the model sees what the server kept.

use super::Refusal;

/// The script with each refused statement overwritten by blanks; lines stay where they are. The second value
/// is the refusals that could not be found in the text.
pub(super) fn without<'r>(script: &[u8], refusals: impl Iterator<Item = &'r Refusal>) -> (Vec<u8>, Vec<&'r Refusal>) {
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

/// Where the statement stands. The client leaves comment lines out of what it repeats, so that only its first
/// and its last line are looked for.
fn find(script: &[u8], refusal: &Refusal) -> Option<(usize, usize)> {
    let line_start = match refusal.line {
        0 | 1 => 0,
        line => script.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(line - 2)?.0 + 1,
    };
    let mut lines = refusal.statement.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next()?;
    let start = line_start + position(&script[line_start..], first.as_bytes())?;
    let Some(last) = lines.next_back() else { return Some((start, start + first.len())) };
    // The last line may stand in the statement more than once; its number of lines says which is meant.
    let n_lines = refusal.statement.trim_end().matches('\n').count();
    let mut from = start + first.len();
    for _ in 1..n_lines {
        from += position(&script[from..], b"\n")? + 1;
    }
    let end = from + position(&script[from..], last.as_bytes())? + last.len();
    Some((start, end))
}

fn position(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_statement_leaves_blanks() {
        let script = b"CREATE TABLE a (x int);\nCREATE TABLE b (\n  x foo,\n  y int\n); CREATE TABLE c (y int\n);\n";
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
