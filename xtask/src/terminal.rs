//! What a person sees: colour and progress, both only where the output is a terminal.
//!
//! `anstream` takes the colours out when the output is a pipe or `NO_COLOR` is set.

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Something is as it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Something differs or failed.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// What could be better.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
/// A heading.
pub(crate) const HEADING: Style = Style::new().bold();
/// Less important.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// `text` in `style`.
pub(crate) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// One line: a green tick and what is well.
pub(crate) fn say_good(text: impl std::fmt::Display) {
    anstream::println!("{} {text}", paint(GOOD, "✓"));
}

/// One line: a red cross and what is not.
pub(crate) fn say_bad(text: impl std::fmt::Display) {
    anstream::println!("{} {text}", paint(BAD, "✗"));
}

/// A heading with an empty line before it.
pub(crate) fn say_heading(text: impl std::fmt::Display) {
    anstream::println!("\n{}", paint(HEADING, text));
}

/// A plain line.
pub(crate) fn say(text: impl std::fmt::Display) {
    anstream::println!("{text}");
}

/// The error and its causes, on standard error.
pub(crate) fn report_error(error: &anyhow::Error) {
    anstream::eprintln!("{} {error}", paint(BAD, "error:"));
    for cause in error.chain().skip(1) {
        anstream::eprintln!("  {} {cause}", paint(FAINT, "because:"));
    }
}

/// A bar over `length` steps on standard error; invisible unless that is a terminal.
pub(crate) fn progress_bar(length: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    bar.set_style(
        ProgressStyle::with_template("{prefix:>12} [{bar:30}] {pos}/{len} {msg}")
            .expect("the template is a constant and well-formed")
            .progress_chars("=> "),
    );
    bar.set_prefix(what);
    bar
}
