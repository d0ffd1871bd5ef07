//! Character sets, their default collations, and which collation a declaration means.

use crate::dump::options::{Flavour, Server};
use crate::dump::spec::CharsetSpec;

/// Character set, default collation, bytes of its longest character.
const CHARSETS: [(&str, &str, u32); 41] = [
    ("armscii8", "armscii8_general_ci", 1),
    ("ascii", "ascii_general_ci", 1),
    ("big5", "big5_chinese_ci", 2),
    ("binary", "binary", 1),
    ("cp1250", "cp1250_general_ci", 1),
    ("cp1251", "cp1251_general_ci", 1),
    ("cp1256", "cp1256_general_ci", 1),
    ("cp1257", "cp1257_general_ci", 1),
    ("cp850", "cp850_general_ci", 1),
    ("cp852", "cp852_general_ci", 1),
    ("cp866", "cp866_general_ci", 1),
    ("cp932", "cp932_japanese_ci", 2),
    ("dec8", "dec8_swedish_ci", 1),
    ("eucjpms", "eucjpms_japanese_ci", 3),
    ("euckr", "euckr_korean_ci", 2),
    ("gb18030", "gb18030_chinese_ci", 4),
    ("gb2312", "gb2312_chinese_ci", 2),
    ("gbk", "gbk_chinese_ci", 2),
    ("geostd8", "geostd8_general_ci", 1),
    ("greek", "greek_general_ci", 1),
    ("hebrew", "hebrew_general_ci", 1),
    ("hp8", "hp8_english_ci", 1),
    ("keybcs2", "keybcs2_general_ci", 1),
    ("koi8r", "koi8r_general_ci", 1),
    ("koi8u", "koi8u_general_ci", 1),
    ("latin1", "latin1_swedish_ci", 1),
    ("latin2", "latin2_general_ci", 1),
    ("latin5", "latin5_turkish_ci", 1),
    ("latin7", "latin7_general_ci", 1),
    ("macce", "macce_general_ci", 1),
    ("macroman", "macroman_general_ci", 1),
    ("sjis", "sjis_japanese_ci", 2),
    ("swe7", "swe7_swedish_ci", 1),
    ("tis620", "tis620_thai_ci", 1),
    ("ucs2", "ucs2_general_ci", 2),
    ("ujis", "ujis_japanese_ci", 3),
    ("utf16", "utf16_general_ci", 4),
    ("utf16le", "utf16le_general_ci", 4),
    ("utf32", "utf32_general_ci", 4),
    ("utf8mb3", "utf8mb3_general_ci", 3),
    ("utf8mb4", "utf8mb4_general_ci", 4),
];

/// `utf8` is the old name of `utf8mb3`, in collations too.
pub(crate) fn modern_name(name: &str) -> String {
    match name.strip_prefix("utf8") {
        Some("") => "utf8mb3".to_owned(),
        Some(rest) if rest.starts_with('_') => format!("utf8mb3{rest}"),
        _ => name.to_owned(),
    }
}

/// The character set of a collation.
pub(crate) fn charset_of(collation: &str) -> &str {
    collation.split('_').next().unwrap_or(collation)
}

/// The collation that a character set alone means.
pub(crate) fn default_collation(charset: &str, server: Server) -> String {
    if charset == "utf8mb4" && server.flavour == Flavour::MySql && server.version >= 80_000 {
        return "utf8mb4_0900_ai_ci".to_owned();
    }
    // Since MariaDB 11.5 every Unicode character set sorts by the newer rules.
    let is_unicode = ["utf8mb3", "utf8mb4", "ucs2", "utf16", "utf32"].contains(&charset);
    if is_unicode && server.is_mariadb() && server.version >= 110_500 {
        return format!("{charset}_uca1400_ai_ci");
    }
    let found = CHARSETS.iter().find(|(name, _, _)| *name == charset);
    found.map_or_else(|| format!("{charset}_general_ci"), |(_, collation, _)| (*collation).to_owned())
}

/// Bytes of the longest character of a collation's character set.
pub(crate) fn bytes_per_character(collation: &str) -> u32 {
    let charset = charset_of(collation);
    CHARSETS.iter().find(|(name, _, _)| *name == charset).map_or(4, |(_, _, bytes)| *bytes)
}

/// The collation of a database or table that says nothing, in a server that was not set up otherwise.
pub(crate) fn server_collation(server: Server) -> String {
    let is_old = server.flavour == Flavour::MySql && server.version < 80_000;
    if is_old { "latin1_swedish_ci".to_owned() } else { default_collation("utf8mb4", server) }
}

/// The collation that `spec` means below something of collation `inherited`.
pub(crate) fn resolve(spec: &CharsetSpec, inherited: &str, server: Server) -> String {
    let charset = spec.charset.as_deref().map(modern_name);
    if let Some(collation) = &spec.collation {
        let collation = modern_name(collation);
        if collation.starts_with("uca1400_") {
            let charset = charset.as_deref().unwrap_or_else(|| charset_of(inherited));
            return format!("{charset}_{collation}");
        }
        return collation;
    }
    if spec.binary {
        let charset = charset.as_deref().unwrap_or_else(|| charset_of(inherited));
        return if charset == "binary" { "binary".to_owned() } else { format!("{charset}_bin") };
    }
    charset.map_or_else(|| inherited.to_owned(), |charset| default_collation(&charset, server))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(charset: Option<&str>, collation: Option<&str>, binary: bool) -> String {
        let spec =
            CharsetSpec { charset: charset.map(Into::into), collation: collation.map(Into::into), binary };
        resolve(&spec, "latin1_general_ci", Server::DEFAULT)
    }

    #[test]
    fn what_is_not_said_is_inherited_or_implied() {
        assert_eq!(resolved(None, None, false), "latin1_general_ci");
        assert_eq!(resolved(Some("latin1"), None, false), "latin1_swedish_ci");
        assert_eq!(resolved(Some("utf8"), None, false), "utf8mb3_general_ci");
        assert_eq!(resolved(None, Some("utf8_bin"), false), "utf8mb3_bin");
        assert_eq!(resolved(None, None, true), "latin1_bin");
        assert_eq!(resolved(Some("utf8"), None, true), "utf8mb3_bin");
        assert_eq!(resolved(Some("utf8mb4"), Some("uca1400_ai_ci"), false), "utf8mb4_uca1400_ai_ci");
    }
}
