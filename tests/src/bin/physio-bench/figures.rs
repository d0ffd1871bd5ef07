//! The measured figures, collected and printed as one table.

use comfy_table::{Cell, CellAlignment, Color, Table, presets};

/// One line of the result.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) what: String,
    /// Physio's figure.
    pub(crate) ours: String,
    /// What it is compared with, and its figure.
    pub(crate) against: String,
    /// The comparison: `1.3 x the time`, `11.2 x as fast`.
    pub(crate) ratio: String,
    /// What was promised and whether it was kept.
    pub(crate) promise: Option<(String, bool)>,
}

/// Prints all of them; whether every promise was kept.
pub(crate) fn show(figures: &[Figure]) -> bool {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["", "Physio", "compared with", "ratio", "promise"]);
    for figure in figures {
        let promise = match &figure.promise {
            None => Cell::new(""),
            Some((text, true)) => Cell::new(format!("{text}: kept")).fg(Color::Green),
            Some((text, false)) => Cell::new(format!("{text}: NOT KEPT")).fg(Color::Red),
        };
        let right = |text: &str| Cell::new(text).set_alignment(CellAlignment::Right);
        table.add_row(vec![
            Cell::new(&figure.what),
            right(&figure.ours),
            right(&figure.against),
            right(&figure.ratio),
            promise,
        ]);
    }
    anstream::println!("\n{table}");
    figures.iter().all(|figure| figure.promise.as_ref().is_none_or(|(_, is_kept)| *is_kept))
}
