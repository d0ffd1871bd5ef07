//! The figures of all parts, printed as one table.

use comfy_table::{Cell, CellAlignment, Color, Table, presets};
use physio_tests::timing::grouped;

/// One line of the result.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    part: String,
    what: String,
    figure: String,
    /// Whether a property holds; `None` where the figure only tells how much was tried.
    holds: Option<bool>,
}

impl Figure {
    /// How much was tried.
    pub(crate) fn count(what: &str, n: u64) -> Self {
        Self::plain(what, grouped(n))
    }

    /// Something that is neither right nor wrong.
    pub(crate) fn plain(what: &str, figure: String) -> Self {
        Self { part: String::new(), what: what.to_owned(), figure, holds: None }
    }

    /// A number that must be zero.
    pub(crate) fn zero(what: &str, n: u64) -> Self {
        Self { holds: Some(n == 0), ..Self::count(what, n) }
    }

    /// A property that holds or does not.
    pub(crate) fn holds(what: &str, holds: bool, figure: String) -> Self {
        Self { holds: Some(holds), ..Self::plain(what, figure) }
    }

    /// Something that must not be.
    pub(crate) fn wrong(what: &str, figure: String) -> Self {
        Self::holds(what, false, figure)
    }

    pub(crate) fn of(mut self, part: &str) -> Self {
        part.clone_into(&mut self.part);
        self
    }
}

/// Prints all of them; whether everything holds.
pub(crate) fn show(figures: &[Figure]) -> bool {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["part", "", "figure", "verdict"]);
    for figure in figures {
        let verdict = match figure.holds {
            None => Cell::new(""),
            Some(true) => Cell::new("holds").fg(Color::Green),
            Some(false) => Cell::new("DOES NOT HOLD").fg(Color::Red),
        };
        table.add_row(vec![
            Cell::new(&figure.part),
            Cell::new(&figure.what),
            Cell::new(&figure.figure).set_alignment(CellAlignment::Right),
            verdict,
        ]);
    }
    anstream::println!("{table}");
    figures.iter().all(|figure| figure.holds != Some(false))
}
