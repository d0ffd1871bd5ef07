//! PHP array literals, laid out so that a difference between two of them reads well.

/// A PHP value.
#[derive(Debug, Clone)]
pub(crate) enum Php {
    Null,
    Bool(bool),
    Integer(i64),
    Text(String),
    /// `[a, b]` on one line.
    List(Vec<Php>),
    /// `['k' => v, …]` on one line.
    Inline(Vec<(&'static str, Php)>),
    /// `['k' => v, …]`, an entry a line.
    Block(Vec<(String, Php)>),
}

impl Php {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn texts<S: Into<String>>(texts: impl IntoIterator<Item = S>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    pub(crate) fn text_or_null(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Null, Self::text)
    }

    /// The literal; nested blocks are indented by four blanks a level.
    pub(crate) fn emit(&self, depth: usize, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Integer(value) => out.push_str(&value.to_string()),
            Self::Text(text) => emit_text(text, out),
            Self::List(items) => emit_sequence(items.iter().map(|item| (None, item)), out),
            Self::Inline(entries) => {
                emit_sequence(entries.iter().map(|(key, value)| (Some(*key), value)), out)
            }
            Self::Block(entries) => {
                out.push_str("[\n");
                for (key, value) in entries {
                    out.push_str(&"    ".repeat(depth + 1));
                    emit_text(key, out);
                    out.push_str(" => ");
                    value.emit(depth + 1, out);
                    out.push_str(",\n");
                }
                out.push_str(&"    ".repeat(depth));
                out.push(']');
            }
        }
    }
}

fn emit_sequence<'a>(items: impl Iterator<Item = (Option<&'static str>, &'a Php)>, out: &mut String) {
    out.push('[');
    for (position, (key, value)) in items.enumerate() {
        if position > 0 {
            out.push_str(", ");
        }
        if let Some(key) = key {
            emit_text(key, out);
            out.push_str(" => ");
        }
        value.emit(0, out);
    }
    out.push(']');
}

/// Single quotes: PHP reads nothing in them but `\\` and `\'`.
fn emit_text(text: &str, out: &mut String) {
    out.push('\'');
    out.push_str(&text.replace('\\', "\\\\").replace('\'', "\\'"));
    out.push('\'');
}

#[cfg(test)]
mod tests {
    use super::Php;

    #[test]
    fn text_cannot_leave_its_quotes() {
        let mut out = String::new();
        Php::text("a'b\\").emit(0, &mut out);
        assert_eq!(out, r"'a\'b\\'");
    }

    #[test]
    fn blocks_nest_and_lists_stay_on_a_line() {
        let value = Php::Block(vec![("a".into(), Php::Block(vec![("b".into(), Php::texts(["x", "y"]))]))]);
        let mut out = String::new();
        value.emit(0, &mut out);
        assert_eq!(out, "[\n    'a' => [\n        'b' => ['x', 'y'],\n    ],\n]");
    }
}
