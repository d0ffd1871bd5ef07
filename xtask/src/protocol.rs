//! The tables of error codes in PROTOCOL.md, kept between two marker lines.

use crate::artefact::replace_between;
use anyhow::Result;
use physio_schema::wire_codes::{Remedy, UNIT_CODES, WIRE_CODES};
use std::fmt::Write;

const BEGIN: &str = "<!-- generated: error codes -->";
const END: &str = "<!-- end of generated -->";

/// The page with its tables as the code has them.
///
/// # Errors
///
/// When a marker line is missing.
pub(crate) fn with_error_codes(page: &str) -> Result<String> {
    replace_between(page, BEGIN, END, &emit_tables())
}

fn emit_tables() -> String {
    let mut text = String::from("\n| code | HTTP | what the client does | meaning |\n|---|---|---|---|\n");
    for entry in WIRE_CODES {
        writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            entry.code,
            entry.status,
            describe_remedy(entry.remedy),
            entry.meaning
        )
        .expect("writing to a String cannot fail");
    }
    text.push_str("\nWhy a unit of a batch was not applied:\n\n| code | meaning |\n|---|---|\n");
    for (code, meaning) in UNIT_CODES {
        writeln!(text, "| `{code}` | {meaning} |").expect("writing to a String cannot fail");
    }
    text.push('\n');
    text
}

fn describe_remedy(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Retry => "sends the same bytes again later",
        Remedy::Login => "asks for a new token, keeps the outbox",
        Remedy::Schema => "pauses the tables that differ",
        Remedy::Resync => "reads all rows anew, keeps the outbox",
        Remedy::Never => "reports it; repeating gives the same",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_page_and_a_second_run_changes_nothing() {
        let page = format!("before\n{BEGIN}\nstale words\n{END}\nafter\n");
        let new = with_error_codes(&page).expect("both markers are there");
        assert!(
            WIRE_CODES.iter().all(|entry| new.contains(&format!("| `{}` | {} |", entry.code, entry.status)))
        );
        assert!(UNIT_CODES.iter().all(|(code, _)| new.contains(&format!("| `{code}` |"))));
        assert!(new.starts_with("before\n") && new.ends_with("\nafter\n") && !new.contains("stale words"));
        assert_eq!(with_error_codes(&new).expect("both markers are there"), new);
    }
}
