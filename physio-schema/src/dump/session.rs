//! What the statements so far have set for those that follow.

use super::lex::Quoting;
use super::spec::Setting;

/// The settings that change how text is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Session {
    /// Character set of the file's text, when it was set.
    pub(crate) charset: Option<String>,
    /// Engine of tables that name none.
    pub(crate) engine: Option<String>,
    /// `foreign_key_checks`, when the dump sets it.
    pub(crate) foreign_key_checks: Option<bool>,
    sql_mode: String,
}

impl Session {
    /// Takes over settings.
    pub(crate) fn apply(&mut self, settings: Vec<Setting>) {
        for setting in settings {
            match setting {
                Setting::Names(charset) => self.charset = Some(charset),
                Setting::SqlMode(mode) => self.sql_mode = mode.unwrap_or_default().to_ascii_uppercase(),
                Setting::Engine(engine) => self.engine = Some(engine),
                Setting::ForeignKeyChecks(checks) => self.foreign_key_checks = checks,
                Setting::Other => {}
            }
        }
    }

    /// How quotes are read.
    pub(crate) fn quoting(&self) -> Quoting {
        let has = |mode: &str| self.sql_mode.split(',').any(|set| set.trim() == mode);
        let compatible = ["ANSI", "ANSI_QUOTES", "ORACLE", "MSSQL", "DB2", "POSTGRESQL", "MAXDB"];
        Quoting {
            ansi: compatible.iter().any(|mode| has(mode)),
            backslash_is_plain: has("NO_BACKSLASH_ESCAPES"),
        }
    }

    /// A statement's bytes as text: UTF-8, or Latin-1 where the session or the bytes say so.
    pub(crate) fn decode(&self, bytes: Vec<u8>) -> String {
        let is_latin = matches!(self.charset.as_deref(), Some("latin1" | "cp1252"));
        if is_latin {
            return bytes.iter().map(|byte| latin1(*byte)).collect();
        }
        String::from_utf8(bytes)
            .unwrap_or_else(|error| error.as_bytes().iter().map(|byte| latin1(*byte)).collect())
    }
}

/// MySQL's latin1 is Windows-1252, with the holes of that filled by the control characters.
fn latin1(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf8_unless_it_cannot_be_or_is_said_not_to_be() {
        let mut session = Session::default();
        assert_eq!(session.decode("größe".into()), "größe");
        assert_eq!(session.decode(b"gr\xf6\xdfe \x80".to_vec()), "größe €");
        session.apply(vec![Setting::Names("latin1".into())]);
        assert_eq!(session.decode("ö".into()), "Ã¶");
    }

    #[test]
    fn modes_change_the_quotes() {
        let mut session = Session::default();
        session.apply(vec![Setting::SqlMode(Some("NO_AUTO_VALUE_ON_ZERO,ansi".into()))]);
        assert!(session.quoting().ansi);
        session.apply(vec![Setting::SqlMode(None)]);
        assert!(!session.quoting().ansi);
    }
}
