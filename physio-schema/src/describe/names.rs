//! MySQL's names as Rust identifiers: valid, in Rust's case, and unique.

use proc_macro2::{Ident, Span};
use std::collections::HashSet;

/// Names that are taken in one Rust namespace.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// Names that are taken from the start.
    pub(super) fn reserving(names: &[&str]) -> Self {
        Self { taken: names.iter().map(|name| (*name).to_owned()).collect() }
    }

    /// `OrderLinesStatus` of `["order_lines", "status"]`.
    pub(super) fn take_type(&mut self, parts: &[&str]) -> String {
        let camel: String =
            parts.iter().flat_map(|part| words(part)).map(|word| capitalised(&word)).collect();
        self.take(valid(&camel, "Unnamed"))
    }

    /// A type's name as it is, such as `OrdersInsert`.
    pub(super) fn take_exact(&mut self, name: String) -> String {
        self.take(name)
    }

    /// `order_lines` of `OrderLines`.
    pub(super) fn take_module(&mut self, name: &str) -> String {
        let snake = words(name).iter().map(|word| word.to_lowercase()).collect::<Vec<_>>().join("_");
        self.take(valid(&snake, "unnamed"))
    }

    /// `ORDER_ID` of `orderId`.
    pub(super) fn take_constant(&mut self, name: &str) -> String {
        let upper = words(name).iter().map(|word| word.to_uppercase()).collect::<Vec<_>>().join("_");
        self.take(valid(&upper, "UNNAMED"))
    }

    /// The name itself where Rust can spell it, else with `_` for what it cannot.
    pub(super) fn take_field(&mut self, name: &str) -> String {
        let spelt: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        self.take(valid(&spelt, "unnamed"))
    }

    fn take(&mut self, name: String) -> String {
        let free = (2..)
            .map(|number| format!("{name}_{number}"))
            .find(|numbered| !self.taken.contains(numbered))
            .filter(|_| self.taken.contains(&name))
            .unwrap_or(name);
        self.taken.insert(free.clone());
        free
    }
}

/// The identifier that a described name stands for.
///
/// ```
/// use proc_macro2::Span;
/// assert_eq!(physio_schema::describe::parse_name("r#type", Span::call_site()).to_string(), "r#type");
/// ```
pub fn parse_name(name: &str, span: Span) -> Ident {
    match name.strip_prefix("r#") {
        Some(keyword) => Ident::new_raw(keyword, span),
        None => Ident::new(name, span),
    }
}

/// The name where it is an identifier; raw where it is a keyword; with `_` where it cannot be raw.
fn valid(name: &str, when_empty: &str) -> String {
    let mut name = if name.is_empty() { when_empty.to_owned() } else { name.to_owned() };
    if name.starts_with(|c: char| c.is_numeric()) {
        name.insert(0, '_');
    }
    // `gen` is a keyword since edition 2024, which syn does not know.
    if name != "gen" && syn::parse_str::<Ident>(&name).is_ok() {
        return name;
    }
    let raw = format!("r#{name}");
    if syn::parse_str::<Ident>(&raw).is_ok() {
        return raw;
    }
    name.push('_');
    if syn::parse_str::<Ident>(&name).is_ok() { name } else { format!("{when_empty}_") }
}

/// Splits at everything that is not a letter or a digit, and where the case turns (`userID` is two words).
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before: Option<char> = None;
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        if !letter.is_alphanumeric() {
            flush(&mut word, &mut words);
            before = None;
            continue;
        }
        let after_small = before.is_some_and(|c| c.is_lowercase() || c.is_numeric());
        let ends_capitals =
            before.is_some_and(char::is_uppercase) && letters.peek().is_some_and(|c| c.is_lowercase());
        if letter.is_uppercase() && (after_small || ends_capitals) {
            flush(&mut word, &mut words);
        }
        word.push(letter);
        before = Some(letter);
    }
    flush(&mut word, &mut words);
    words
}

fn flush(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

pub(super) fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let Some(first) = letters.next() else { return String::new() };
    first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_where_the_case_turns() {
        assert_eq!(words("order_lines"), ["order", "lines"]);
        assert_eq!(words("userID"), ["user", "ID"]);
        assert_eq!(words("HTTPServer 2nd"), ["HTTP", "Server", "2nd"]);
        assert!(words("--").is_empty());
    }

    #[test]
    fn every_kind_of_name_has_its_case() {
        let mut names = Names::default();
        assert_eq!(names.take_type(&["order_lines", "paidStatus"]), "OrderLinesPaidStatus");
        assert_eq!(names.take_module("OrderLines"), "order_lines");
        assert_eq!(names.take_constant("consultationType"), "CONSULTATION_TYPE");
        assert_eq!(names.take_field("consultationType"), "consultationType");
    }

    #[test]
    fn names_that_rust_cannot_spell_are_changed_as_little_as_possible() {
        let mut names = Names::default();
        let fields = ["type", "self", "2fa", "first name", "gen", "_", "größe", "日本", "", "a-b"];
        let spelt = fields.map(|field| names.take_field(field));
        assert_eq!(
            spelt,
            ["r#type", "self_", "_2fa", "first_name", "r#gen", "__", "größe", "日本", "unnamed", "a_b"]
        );
        for name in &spelt {
            parse_name(name, Span::call_site());
        }
    }

    #[test]
    fn equal_names_get_numbers() {
        let mut names = Names::reserving(&["TABLE"]);
        assert_eq!(names.take_constant("table"), "TABLE_2");
        assert_eq!(names.take_field("a b"), "a_b");
        assert_eq!(names.take_field("a_b"), "a_b_2");
        assert_eq!(names.take_field("a-b"), "a_b_3");
    }

    #[test]
    fn a_table_called_self_has_a_type() {
        assert_eq!(Names::default().take_type(&["self"]), "Self_");
        assert_eq!(Names::default().take_type(&["1"]), "_1");
    }
}
