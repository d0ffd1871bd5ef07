//! The committed generated files against what would be generated now.

use super::report::Finding;
use crate::artefact::{Artefact, State};
use crate::project::Project;
use anyhow::Result;
use similar::TextDiff;

/// Lines of a diff that are shown; a changed dump changes thousands.
const SHOWN_LINES: usize = 60;

/// One finding per file that is not as it would be generated.
///
/// # Errors
///
/// When a file is there but cannot be read.
pub(super) fn check_files(project: &Project, artefacts: &[Artefact]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let same_plan = project.is_whitelist_of_this_plan();
    for artefact in artefacts {
        let path = project.shown(&artefact.path);
        match artefact.state()? {
            State::Current => {}
            State::Missing => findings.push(Finding::FileMissing { path }),
            State::Different(found) => findings.push(Finding::FileDiffers {
                diff: shortened_diff(&found, &artefact.content),
                same_plan,
                path,
            }),
        }
    }
    Ok(findings)
}

/// A unified diff from the committed text to the generated one.
fn shortened_diff(committed: &str, generated: &str) -> String {
    let diff = TextDiff::from_lines(committed, generated);
    let whole = diff.unified_diff().context_radius(2).header("committed", "generated").to_string();
    let n_lines = whole.lines().count();
    if n_lines <= SHOWN_LINES {
        return whole;
    }
    let shown: Vec<&str> = whole.lines().take(SHOWN_LINES).collect();
    format!("{}\n… {} more lines\n", shown.join("\n"), n_lines - SHOWN_LINES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_change_is_shown_with_its_surroundings() {
        let diff = shortened_diff("a\nb\nc\n", "a\nB\nc\n");
        assert!(diff.contains("-b\n+B\n"), "{diff}");
    }

    #[test]
    fn a_large_change_is_cut() {
        let long: String = (0..500).map(|n| format!("{n}\n")).collect();
        let diff = shortened_diff("", &long);
        assert_eq!(diff.lines().count(), SHOWN_LINES + 1);
        assert!(diff.ends_with("more lines\n"));
    }
}
