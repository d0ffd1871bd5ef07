//! On which line of a dump each table, column and key is declared, for annotations.
//!
//! A guess from the text, line by line, as dump programs write it: good enough to point at a place, and nothing
//! depends on it.

/// The lines of one dump.
#[derive(Debug, Clone, Default)]
pub(crate) struct DumpLines {
    lines: Vec<String>,
}

impl DumpLines {
    /// The lines of a dump's text.
    pub(crate) fn of_text(text: &str) -> Self {
        Self { lines: text.lines().map(str::to_owned).collect() }
    }

    /// The line, from 1, that declares a column or key of a table; that of the table when it has none of its
    /// own, and 1 when the table is not there either.
    pub(crate) fn of(&self, table: &str, name: Option<&str>) -> usize {
        let Some(start) = self.statement("CREATE TABLE", table, 0) else { return 1 };
        let Some(name) = name else { return start + 1 };
        if let Some(line) = self.declaration(start, name) {
            return line + 1;
        }
        // phpMyAdmin adds keys at the end of the file.
        let mut from = 0;
        while let Some(alter) = self.statement("ALTER TABLE", table, from) {
            if let Some(line) = self.declaration(alter, name) {
                return line + 1;
            }
            from = alter + 1;
        }
        start + 1
    }

    fn statement(&self, words: &str, table: &str, from: usize) -> Option<usize> {
        let is_it = |line: &String| {
            let line = line.trim_start();
            let Some(rest) = line.get(..words.len()).filter(|head| head.eq_ignore_ascii_case(words)) else {
                return false;
            };
            let rest = line[rest.len()..].trim_start();
            let rest = rest.strip_prefix("IF NOT EXISTS").unwrap_or(rest);
            is_named(rest, table)
        };
        self.lines.iter().skip(from).position(is_it).map(|offset| from + offset)
    }

    /// The line below `start`, within its statement, whose first name is this one.
    fn declaration(&self, start: usize, name: &str) -> Option<usize> {
        const BEFORE_A_NAME: [&str; 9] =
            ["ADD", "UNIQUE", "FULLTEXT", "SPATIAL", "PRIMARY", "KEY", "INDEX", "CONSTRAINT", "MODIFY"];
        for (offset, line) in self.lines[start..].iter().enumerate() {
            let mut rest = line.trim();
            if offset > 0 {
                if name == "PRIMARY" && rest.to_uppercase().contains("PRIMARY KEY") {
                    return Some(start + offset);
                }
                while let Some(word) = BEFORE_A_NAME.iter().find(|word| starts_with_word(rest, word)) {
                    rest = rest[word.len()..].trim_start();
                }
                if is_named(rest, name) {
                    return Some(start + offset);
                }
            }
            if line.trim_end().ends_with(';') {
                return None;
            }
        }
        None
    }
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
        && text[word.len()..].starts_with(' ')
}

/// Whether the text begins with that name, in backticks or bare.
fn is_named(text: &str, name: &str) -> bool {
    let text = text.trim_start();
    let quoted = format!("`{}`", name.replace('`', "``"));
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
    text.starts_with(&quoted) || text.strip_prefix(name).is_some_and(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "-- a dump\nCREATE TABLE `a` (\n  `id` int(11) NOT NULL,\n  `b` text,\n  KEY `k` (`b`)\n) ENGINE=InnoDB;\n\
                        CREATE TABLE b (\n  id int,\n  ab int\n);\nALTER TABLE `b`\n  ADD PRIMARY KEY (`id`),\n  ADD KEY `ab` (`ab`);\n\
                        ALTER TABLE `b`\n  ADD CONSTRAINT `f` FOREIGN KEY (`ab`) REFERENCES `a` (`id`);\n";

    #[test]
    fn tables_columns_and_keys_are_found() {
        let lines = DumpLines::of_text(DUMP);
        for (table, name, line) in [
            ("a", None, 2),
            ("a", Some("b"), 4),
            ("a", Some("k"), 5),
            ("b", None, 7),
            ("b", Some("ab"), 9),
            ("b", Some("PRIMARY"), 12),
            ("b", Some("f"), 15),
            ("b", Some("not there"), 7),
            ("c", Some("x"), 1),
        ] {
            assert_eq!(lines.of(table, name), line, "{table}.{name:?}");
        }
    }
}
