//! How the demo looks: numbered steps, progress bars, and the table at the end.

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, Table, presets};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use physio_runtime::bridge::embedded::TableChecksum;
use physio_tests::timing::grouped;
use std::collections::BTreeMap;

const STEP: Style = AnsiColor::Cyan.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const FAINT: Style = Style::new().dimmed();

/// Prints steps one after the other and counts them.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    n_steps: usize,
}

impl Screen {
    /// The first line.
    pub(crate) fn title(&self, text: &str) {
        anstream::println!("\n{STEP}{text}{STEP:#}");
    }

    /// A new step.
    pub(crate) fn step(&mut self, text: &str) {
        self.n_steps += 1;
        anstream::println!(
            "\n{STEP}{:>2}{STEP:#}  {}{text}{:#}",
            self.n_steps,
            Style::new().bold(),
            Style::new()
        );
    }

    /// Something that the step did or found.
    pub(crate) fn say(&self, text: impl std::fmt::Display) {
        anstream::println!("    {text}");
    }

    /// Something of less importance.
    pub(crate) fn note(&self, text: impl std::fmt::Display) {
        anstream::println!("    {FAINT}{text}{FAINT:#}");
    }

    /// Something that turned out as promised, or did not.
    pub(crate) fn verdict(&self, is_good: bool, text: impl std::fmt::Display) {
        let (style, mark) = if is_good { (GOOD, "✓") } else { (BAD, "✗") };
        anstream::println!("    {style}{mark}{style:#} {text}");
    }
}

/// A progress bar a wave; invisible unless standard error is a terminal.
#[derive(Debug)]
pub(crate) struct WaveBars {
    bars: BTreeMap<String, ProgressBar>,
    /// Rows so far by table, so that each wave shows the sum of its tables.
    n_rows: BTreeMap<(String, String), u64>,
}

impl WaveBars {
    /// One bar for each wave, with the number of rows that the server holds for it.
    pub(crate) fn new(waves: &[(String, u64)]) -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("    {prefix:<10} {bar:32.cyan/dim} {percent:>3} %  {msg}")
            .expect("the template is a constant and well-formed")
            .progress_chars("━╸─");
        let bars = waves.iter().map(|(name, n_rows)| {
            let bar = all.add(ProgressBar::new((*n_rows).max(1)));
            bar.set_style(style.clone());
            bar.set_prefix(name.clone());
            bar.tick();
            (name.clone(), bar)
        });
        Self { bars: bars.collect(), n_rows: BTreeMap::new() }
    }

    /// A table has come that far.
    pub(crate) fn advance(&mut self, wave: &str, table: &str, n_rows: u64) {
        self.n_rows.insert((wave.to_owned(), table.to_owned()), n_rows);
        if let Some(bar) = self.bars.get(wave) {
            let sum: u64 = self.n_rows.iter().filter(|((of, _), _)| of == wave).map(|(_, n)| n).sum();
            bar.set_position(sum);
            bar.set_message(table.to_owned());
        }
    }

    /// Takes the bars away; what they said is printed as text.
    pub(crate) fn finish(self) {
        for bar in self.bars.values() {
            bar.finish_and_clear();
        }
    }
}

/// Rows and checksum of a table on both sides.
#[derive(Debug, Clone)]
pub(crate) struct Compared {
    pub(crate) table: String,
    pub(crate) server: TableChecksum,
    pub(crate) cache: TableChecksum,
}

impl Compared {
    pub(crate) fn is_equal(&self) -> bool {
        self.server == self.cache
    }
}

/// The proof: one line a table.
pub(crate) fn show_comparison(compared: &[Compared]) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["table", "rows here", "rows there", "checksum here", "checksum there", ""].map(faint));
    for line in compared {
        let mark = if line.is_equal() {
            Cell::new("equal").fg(comfy_table::Color::Green)
        } else {
            Cell::new("DIFFERENT").fg(comfy_table::Color::Red)
        };
        table.add_row(vec![
            Cell::new(&line.table),
            number(line.cache.n_rows),
            number(line.server.n_rows),
            Cell::new(line.cache),
            Cell::new(line.server),
            mark,
        ]);
    }
    for line in table.to_string().lines() {
        anstream::println!("   {line}");
    }
}

fn faint(text: &str) -> Cell {
    Cell::new(text).add_attribute(comfy_table::Attribute::Dim)
}

fn number(n_rows: u64) -> Cell {
    Cell::new(grouped(n_rows)).set_alignment(CellAlignment::Right)
}
