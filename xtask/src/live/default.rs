//! Column defaults as `information_schema.COLUMNS` prints them, in MariaDB's way and in MySQL's.

use super::facts::squeeze;
use physio_schema::model::ColumnDefault;

/// Reads MariaDB's `COLUMN_DEFAULT`: an SQL expression (`'pending'`, `0.00`, `NULL`, `current_timestamp()`).
pub(super) fn parse_mariadb_default(text: Option<&str>) -> ColumnDefault {
    let Some(text) = text else { return ColumnDefault::Missing };
    if text.eq_ignore_ascii_case("null") {
        return ColumnDefault::Null;
    }
    if let Some(inner) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return ColumnDefault::Literal(unescape(inner));
    }
    parse_expression(text)
}

/// Reads MySQL's `COLUMN_DEFAULT`: a bare value, or an expression when `EXTRA` says `DEFAULT_GENERATED`.
pub(super) fn parse_mysql_default(text: Option<&str>, nullable: bool, extra: &str) -> ColumnDefault {
    match text {
        None if nullable => ColumnDefault::Null,
        None => ColumnDefault::Missing,
        Some(text) if extra.contains("DEFAULT_GENERATED") || is_current_timestamp(text).is_some() => {
            parse_expression(text)
        }
        // The bit and hex literals of a constant are printed as such, not as bytes.
        Some(text) => {
            parse_bytes(text).map_or_else(|| ColumnDefault::Literal(text.to_owned()), ColumnDefault::Bytes)
        }
    }
}

/// Whether an omitted value becomes the same, whichever server or dump spelt it.
pub(super) fn is_same_default(a: &ColumnDefault, b: &ColumnDefault) -> bool {
    match (a, b) {
        (ColumnDefault::Expression(a), ColumnDefault::Expression(b)) => squeeze(a) == squeeze(b),
        // A number as the default of a TEXT is an expression to one of them.
        (ColumnDefault::Expression(a), ColumnDefault::Literal(b))
        | (ColumnDefault::Literal(b), ColumnDefault::Expression(a)) => a == b,
        (ColumnDefault::Bytes(a), ColumnDefault::Bytes(b)) => significant(a) == significant(b),
        (a, b) => a == b,
    }
}

/// For people: `default 'pending'`, `no default`.
pub(super) fn describe_default(default: &ColumnDefault) -> String {
    match default {
        ColumnDefault::Missing => "no default".to_owned(),
        ColumnDefault::Null => "default null".to_owned(),
        ColumnDefault::Literal(text) => format!("default '{text}'"),
        ColumnDefault::CurrentTimestamp(0) => "default current_timestamp".to_owned(),
        ColumnDefault::CurrentTimestamp(fraction) => format!("default current_timestamp({fraction})"),
        ColumnDefault::Bytes(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("default x'{hex}'")
        }
        ColumnDefault::Expression(text) => format!("default ({text})"),
    }
}

/// The fractional digits of `current_timestamp(n)` and its synonyms.
pub(super) fn is_current_timestamp(text: &str) -> Option<u8> {
    let lower = text.trim().to_ascii_lowercase();
    let rest = lower.strip_prefix("current_timestamp").or_else(|| lower.strip_prefix("now"))?;
    let digits = match rest {
        "" => "",
        _ => rest.strip_prefix('(')?.strip_suffix(')')?,
    };
    if digits.is_empty() { Some(0) } else { digits.parse().ok() }
}

fn parse_expression(text: &str) -> ColumnDefault {
    if let Some(fraction) = is_current_timestamp(text) {
        return ColumnDefault::CurrentTimestamp(fraction);
    }
    if let Some(bytes) = parse_bytes(text) {
        return ColumnDefault::Bytes(bytes);
    }
    let is_number =
        text.parse::<f64>().is_ok() && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    if is_number {
        ColumnDefault::Literal(text.to_owned())
    } else {
        ColumnDefault::Expression(text.to_owned())
    }
}

/// `b'101'` and `x'0aff'` as bytes, the most significant first.
fn parse_bytes(text: &str) -> Option<Vec<u8>> {
    let (base, inner) = match text.get(..2)? {
        "b'" | "B'" => (2, &text[2..]),
        "x'" | "X'" => (16, &text[2..]),
        _ => return None,
    };
    let digits = inner.strip_suffix('\'')?;
    let per_byte = if base == 2 { 8 } else { 2 };
    let padded = format!("{}{digits}", "0".repeat((per_byte - digits.len() % per_byte) % per_byte));
    padded
        .as_bytes()
        .chunks(per_byte)
        .map(|chunk| std::str::from_utf8(chunk).ok().and_then(|part| u8::from_str_radix(part, base).ok()))
        .collect()
}

/// Without leading zeros.
pub(super) fn significant(bytes: &[u8]) -> &[u8] {
    let n_zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[n_zeros..]
}

fn unescape(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                chars.next();
                result.push('\'');
            }
            '\\' => match chars.next() {
                Some('0') => result.push('\0'),
                Some('n') => result.push('\n'),
                Some('r') => result.push('\r'),
                Some('t') => result.push('\t'),
                Some('Z') => result.push('\x1a'),
                Some(other) => result.push(other),
                None => result.push('\\'),
            },
            other => result.push(other),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mariadb_prints_expressions() {
        assert_eq!(parse_mariadb_default(None), ColumnDefault::Missing);
        assert_eq!(parse_mariadb_default(Some("NULL")), ColumnDefault::Null);
        assert_eq!(parse_mariadb_default(Some("'NULL'")), ColumnDefault::Literal("NULL".into()));
        assert_eq!(parse_mariadb_default(Some("'it''s due'")), ColumnDefault::Literal("it's due".into()));
        assert_eq!(parse_mariadb_default(Some("0.00")), ColumnDefault::Literal("0.00".into()));
        assert_eq!(parse_mariadb_default(Some("current_timestamp(6)")), ColumnDefault::CurrentTimestamp(6));
        assert_eq!(parse_mariadb_default(Some("b'101'")), ColumnDefault::Bytes(vec![5]));
        assert_eq!(parse_mariadb_default(Some("uuid()")), ColumnDefault::Expression("uuid()".into()));
    }

    #[test]
    fn mysql_prints_bare_values() {
        assert_eq!(parse_mysql_default(None, true, ""), ColumnDefault::Null);
        assert_eq!(parse_mysql_default(None, false, ""), ColumnDefault::Missing);
        assert_eq!(parse_mysql_default(Some("pending"), false, ""), ColumnDefault::Literal("pending".into()));
        assert_eq!(
            parse_mysql_default(Some("CURRENT_TIMESTAMP"), false, "DEFAULT_GENERATED"),
            ColumnDefault::CurrentTimestamp(0)
        );
        assert_eq!(
            parse_mysql_default(Some("uuid()"), false, "DEFAULT_GENERATED"),
            ColumnDefault::Expression("uuid()".into())
        );
    }

    #[test]
    fn leading_zero_bits_mean_nothing() {
        assert!(is_same_default(&ColumnDefault::Bytes(vec![0, 5]), &ColumnDefault::Bytes(vec![5])));
        assert!(!is_same_default(&ColumnDefault::Bytes(vec![5, 0]), &ColumnDefault::Bytes(vec![5])));
    }
}
