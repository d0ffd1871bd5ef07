//! Sends a script through the `mariadb` client and collects what the server refuses.

use super::{HOME, Oracle, quoted};
use crate::harness::leash::find_program;
use crate::harness::{HarnessError, Result};
use mysql::prelude::Queryable;
use std::io::Write;
use std::process::{Command, Stdio};

/// A statement that the server did not carry out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Line in the file on which the statement begins, from 1.
    pub line: usize,
    /// The server's error number; 0 when the client itself gave up.
    pub code: u32,
    /// The server's sentence.
    pub message: String,
    /// The statement, as the client sent it.
    pub statement: String,
}

impl Refusal {
    /// Whether the statement would have shaped a table.
    pub fn is_about_structure(&self) -> bool {
        let words: Vec<String> = first_words(&self.statement);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let rest = || words[1..].iter().take(4);
        match words.first().copied() {
            Some("CREATE") => rest().any(|word| ["TABLE", "INDEX", "DATABASE", "SCHEMA"].contains(word)),
            Some("ALTER") => rest().any(|word| ["TABLE", "DATABASE", "SCHEMA"].contains(word)),
            Some("DROP") => words.get(1).is_some_and(|word| ["TABLE", "TABLES", "INDEX"].contains(word)),
            Some("RENAME") => words.get(1).is_some_and(|word| word.starts_with("TABLE")),
            Some("USE") => true,
            // The client stopped, and what comes behind was never tried.
            _ => self.code == 0,
        }
    }
}

/// The first words in capitals, comments taken away and version comments opened.
fn first_words(statement: &str) -> Vec<String> {
    let is_comment = |line: &&str| line.trim_start().starts_with("--") || line.trim_start().starts_with('#');
    let lines: Vec<&str> = statement.lines().filter(|line| !is_comment(line)).collect();
    let mut text = lines.join("\n");
    while let Some(start) = text.find("/*").filter(|start| *start < 200) {
        let opened = text[start + 2..].trim_start_matches(['!', 'M']).trim_start_matches(char::is_numeric);
        let is_version = text[start + 2..].starts_with(['!', 'M']);
        text = if is_version {
            format!("{} {opened}", &text[..start])
        } else {
            let end = text[start..].find("*/").map_or(text.len(), |end| start + end + 2);
            format!("{} {}", &text[..start], &text[end..])
        };
    }
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.split(|letter| !is_letter(letter))
        .filter(|word| !word.is_empty())
        .take(8)
        .map(str::to_uppercase)
        .collect()
}

impl Oracle {
    /// Runs a script in an empty server whose databases `known` exist already.
    pub(super) fn load(&mut self, script: &[u8], known: &[String], collation: &str) -> Result<Vec<Refusal>> {
        self.clean(collation)?;
        let mut root = self.server.connect(None)?;
        for database in known {
            root.query_drop(format!(
                "CREATE DATABASE IF NOT EXISTS {} COLLATE {collation}",
                quoted(database)
            ))?;
        }
        let mut child = Command::new(find_program("mariadb")?)
            .args(["--no-defaults", "--batch", "--force"])
            .arg(format!("--default-character-set={}", charset_of(script)))
            // Statements are repeated as they stand in the file.
            .arg("--comments")
            // A dump is no program: it starts nothing and reads no other file.
            .args(["--sandbox", "--max-allowed-packet=1G"])
            // Tables come in any order.
            .arg("--init-command=SET foreign_key_checks = 0")
            .arg(format!("--socket={}", self.server.socket().display()))
            .args(["-u", HOME, &format!("-p{HOME}"), HOME])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| HarnessError::start("mariadb", &error))?;
        let stdin = child.stdin.take();
        let output = std::thread::scope(|scope| {
            // A client that stops closes its end; what it said is what counts.
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(script)));
            child.wait_with_output()
        })?;
        Ok(refusals(&String::from_utf8_lossy(&output.stderr)))
    }
}

/// An old file is in Latin-1 without saying so; whoever loads it has to.
fn charset_of(script: &[u8]) -> &'static str {
    if std::str::from_utf8(script).is_ok() { "utf8mb4" } else { "latin1" }
}

/// What the client printed: each refused statement between two rulers, and the error below.
fn refusals(printed: &str) -> Vec<Refusal> {
    const RULER: &str = "--------------";
    let mut found = Vec::new();
    let mut statement: Vec<&str> = Vec::new();
    let mut is_inside = false;
    for line in printed.lines() {
        if let Some(error) = parse_error(line).filter(|_| !is_inside) {
            found.push(Refusal { statement: statement.join("\n"), ..error });
        } else if line == RULER {
            is_inside = !is_inside;
            if is_inside {
                statement.clear();
            }
        } else if is_inside {
            statement.push(line);
        }
    }
    found
}

/// `ERROR 1273 (HY000) at line 7: Unknown collation: 'x'`; the client's own errors have no number.
fn parse_error(line: &str) -> Option<Refusal> {
    let rest = line.strip_prefix("ERROR").filter(|rest| rest.starts_with(' '))?;
    let (head, message) = rest.split_once(": ")?;
    let (code, place) = match head.split_once(" at line ") {
        Some((code, place)) => (code, place.parse().ok()?),
        None => (head, 1),
    };
    let code = code.split_whitespace().next().and_then(|code| code.parse().ok()).unwrap_or(0);
    Some(Refusal { line: place, code, message: message.to_owned(), statement: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_stand_between_rulers_and_errors_below() {
        let printed = "--------------\ncreate table t (\n  a foo)\n--------------\n\n\
                       ERROR 4161 (HY000) at line 3: Unknown data type: 'foo'\nERROR at line 9: Unknown command '\\z'.\n";
        let found = refusals(printed);
        assert_eq!((found[0].line, found[0].code), (3, 4161));
        assert_eq!(found[0].statement, "create table t (\n  a foo)");
        assert!(found[0].is_about_structure());
        assert_eq!((found[1].line, found[1].code), (9, 0));
    }

    #[test]
    fn what_shapes_no_table_may_be_refused() {
        for (statement, is_structure) in [
            ("CREATE DEFINER=`a`@`b` TRIGGER t BEFORE INSERT ON x", false),
            ("/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER x", false),
            ("/*!40000 ALTER TABLE `t` DISABLE KEYS */", true),
            ("CREATE /* c */ UNIQUE INDEX i ON t (a)", true),
            ("GRANT ALL ON x TO y", false),
            ("use shop", true),
        ] {
            let refusal = Refusal { line: 1, code: 1, message: String::new(), statement: statement.into() };
            assert_eq!(refusal.is_about_structure(), is_structure, "{statement}");
        }
    }
}
