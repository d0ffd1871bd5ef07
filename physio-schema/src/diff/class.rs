//! What a changed column means: the rules behind [`Class`], aspect by aspect.

mod type_change;

use super::Class;
use super::spell::charset_of;
use crate::model::{Column, ColumnDefault};
use type_change::classify_type;

/// A class and the reasons for it, the weightiest first.
#[derive(Debug)]
pub(super) struct Verdict {
    found: Vec<(Class, String)>,
}

impl Verdict {
    pub(super) fn new() -> Self {
        Self { found: Vec::new() }
    }

    pub(super) fn add(&mut self, class: Class, why: impl Into<String>) {
        self.found.push((class, why.into()));
    }

    /// The heaviest class with its reasons; reasons of lighter classes would only distract.
    pub(super) fn conclude(self) -> (Class, String) {
        let class = self.found.iter().map(|(class, _)| *class).max().unwrap_or(Class::Compatible);
        let reasons: Vec<String> =
            self.found.into_iter().filter(|(found, _)| *found == class).map(|(_, why)| why).collect();
        (class, reasons.join("; "))
    }
}

/// A column on both sides, and what its table says of it.
pub(super) struct ColumnPair<'a> {
    pub(super) old: &'a Column,
    pub(super) new: &'a Column,
    /// The CHECK behind the column, on each side.
    pub(super) checks: [Option<&'a str>; 2],
    /// Whether the column may hold a temporary key, on each side.
    pub(super) wide: [bool; 2],
    /// Whether the column is in a primary or unique key, on either side.
    pub(super) is_unique: bool,
    /// Whether applications insert into the table.
    pub(super) is_written: bool,
}

impl ColumnPair<'_> {
    /// Whether the two columns differ in anything that MySQL knows.
    pub(super) fn differs(&self) -> bool {
        self.old != self.new || self.checks[0] != self.checks[1]
    }

    /// Why, and how much, the difference matters.
    pub(super) fn classify(&self) -> Verdict {
        let (old, new) = (self.old, self.new);
        let mut verdict = Verdict::new();
        if old.column_type != new.column_type {
            classify_type(self, &mut verdict);
        }
        self.classify_null_and_default(&mut verdict);
        self.classify_what_mysql_does(&mut verdict);
        self.classify_collation(&mut verdict);
        let unnoticed = [
            (old.comment != new.comment, "a comment is for people"),
            (old.invisible != new.invisible, "statements name their columns; `SELECT *` is never sent"),
            (old.compressed != new.compressed, "how it is stored is not what it holds"),
            (old.unversioned != new.unversioned, "the history of rows is not synced"),
            (self.checks[0] != self.checks[1], "the server reports a refused row by itself (check_failed)"),
        ];
        for (_, why) in unnoticed.into_iter().filter(|(changed, _)| *changed) {
            verdict.add(Class::Compatible, why);
        }
        verdict
    }

    fn classify_null_and_default(&self, verdict: &mut Verdict) {
        let (old, new) = (self.old, self.new);
        if old.generated.is_some() != new.generated.is_some() {
            return;
        }
        let stays_generated = old.generated.is_some();
        match (old.nullable, new.nullable) {
            (true, true) | (false, false) => {}
            (true, false) if stays_generated => {
                verdict.add(Class::NeedsRePull, "MySQL computes other values where it had NULL");
            }
            (false, true) if stays_generated => verdict.add(Class::Compatible, "MySQL makes the value"),
            (true, false) => verdict.add(Class::BreaksCode, "the field is no longer an Option"),
            (false, true) => verdict.add(Class::BreaksCode, "the field becomes an Option"),
        }
        // Both are told by the lines above, or by those of the counter.
        if old.nullable != new.nullable || old.auto_increment != new.auto_increment {
            return;
        }
        if self.is_written && old.is_optional() != new.is_optional() {
            let why = if new.is_optional() {
                "an insert no longer has to name it: the field moves to `optional`"
            } else {
                "an insert must name it: the field moves out of `optional`"
            };
            verdict.add(Class::BreaksCode, why);
        } else if !old.nullable && old.is_computed() != new.is_computed() {
            let why = "only MySQL can compute one of the two defaults, and until then the field is None";
            verdict.add(Class::BreaksCode, why);
        } else if old.default != new.default && !is_same_value(old, new) {
            verdict.add(Class::Compatible, "a default is for rows to come");
        }
    }

    fn classify_what_mysql_does(&self, verdict: &mut Verdict) {
        let (old, new) = (self.old, self.new);
        match (old.auto_increment, new.auto_increment) {
            (true, true) | (false, false) => {}
            (false, true) => {
                verdict.add(Class::BreaksCode, "MySQL makes the value: an insert has no such field")
            }
            (true, false) => verdict.add(Class::BreaksCode, "an insert must bring the value"),
        }
        match (&old.generated, &new.generated) {
            (None, None) => {}
            (None, Some(_)) => verdict.add(Class::BreaksCode, "MySQL computes it: no insert or patch has it"),
            (Some(_), None) if new.nullable || new.is_computed() => {
                verdict.add(Class::Additive, "an insert or a patch may set it now");
            }
            (Some(_), None) => verdict.add(Class::BreaksCode, "the field is no longer an Option"),
            (Some(old), Some(new)) if old.expression != new.expression => {
                verdict.add(Class::NeedsRePull, "MySQL computes other values");
            }
            (Some(old), Some(new)) if old.stored != new.stored => {
                verdict.add(Class::Compatible, "stored or not, the value is the same");
            }
            (Some(_), Some(_)) => {}
        }
        if old.on_update != new.on_update {
            verdict.add(Class::Compatible, "an update by the server arrives as any other");
        }
    }

    fn classify_collation(&self, verdict: &mut Verdict) {
        // Where text begins or ends, the type says so.
        let (Some(old), Some(new)) = (&self.old.collation, &self.new.collation) else { return };
        if old == new {
            return;
        }
        let (old_set, new_set) = (charset_of(old), charset_of(new));
        if old_set != new_set && !holds_every_text_of(new_set, old_set) {
            verdict.add(
                Class::NeedsRePull,
                format!("{new_set} may lack characters of {old_set}: the server may hold other text now"),
            );
        } else if self.is_unique {
            verdict.add(Class::NeedsRePull, "rows are told apart and paged by it, in another order now");
        } else if old_set != new_set {
            verdict.add(Class::Compatible, format!("{new_set} holds every text of {old_set}; UTF-8 is sent"));
        } else {
            verdict.add(Class::Compatible, "it decides how the server compares, not what it holds");
        }
    }
}

/// The same default under another type, such as `0.00` and `0.000`.
fn is_same_value(old: &Column, new: &Column) -> bool {
    match (&old.default, &new.default) {
        (ColumnDefault::Literal(a), ColumnDefault::Literal(b)) if old.column_type != new.column_type => {
            a.parse::<f64>().ok().zip(b.parse::<f64>().ok()).is_some_and(|(a, b)| a == b)
        }
        _ => false,
    }
}

/// Whether a conversion loses nothing.
fn holds_every_text_of(new: &str, old: &str) -> bool {
    match (new, old) {
        ("utf8mb4" | "utf16" | "utf32", _) => old != "binary",
        ("utf8mb3", "ascii" | "latin1" | "ucs2") => true,
        (_, "ascii") => new != "binary",
        _ => false,
    }
}
