//! What a run of tests printed, counted.

/// The sum of all test programs of a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) n_passed: u32,
    pub(super) n_failed: u32,
    /// Names of the tests that failed, in the order in which they were told.
    pub(super) failed: Vec<String>,
}

impl Outcome {
    /// Takes one line of what `cargo test`, or the bridge's own tests, print.
    pub(super) fn read(&mut self, line: &str) {
        let line = line.trim();
        let totals =
            line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")).map(|pair| pair.1);
        // The bridge's own tests end with `90 passed, 0 failed`.
        if let Some([n_passed, n_failed]) = totals.or(Some(line)).and_then(counts) {
            self.n_passed += n_passed;
            self.n_failed += n_failed;
        } else if let Some(name) =
            line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            self.failed.push(name.to_owned());
        } else if let Some(name) = line.strip_prefix("FAILED ") {
            self.failed.push(name.to_owned());
        }
    }

    /// Whether something was tried and nothing failed.
    pub(super) fn is_good(&self) -> bool {
        self.n_failed == 0 && self.failed.is_empty() && self.n_passed > 0
    }
}

/// `12 passed; 0 failed; …` or `12 passed, 0 failed`, and nothing in front of it.
fn counts(text: &str) -> Option<[u32; 2]> {
    let mut parts = text.split([';', ',']).map(str::trim);
    let n_passed = parts.next()?.strip_suffix(" passed")?.parse().ok()?;
    let n_failed = parts.next()?.strip_suffix(" failed")?.parse().ok()?;
    Some([n_passed, n_failed])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Outcome {
        let mut outcome = Outcome::default();
        text.lines().for_each(|line| outcome.read(line));
        outcome
    }

    #[test]
    fn the_totals_of_all_programs_are_added_up() {
        let outcome = read(
            "90 passed, 0 failed\n\nrunning 2 tests\ntest one ... ok\ntest a::two ... FAILED\n\n\
             test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n\
             test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.01s\n",
        );
        assert_eq!((outcome.n_passed, outcome.n_failed), (94, 1));
        assert_eq!(outcome.failed, ["a::two"]);
        assert!(!outcome.is_good());
    }

    #[test]
    fn nothing_tried_is_no_success() {
        assert!(read("test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out").is_good());
        assert!(
            !read("test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out").is_good()
        );
        assert!(!read("").is_good());
    }

    #[test]
    fn text_that_only_looks_like_totals_is_passed_over() {
        assert_eq!(read("note: 3 passed; 1 failed\n12 passengers, 1 failed\n"), Outcome::default());
    }
}
