//! What is put where it does not belong.

use fastrand::Rng;
use serde_json::{Value, json};

/// A word that no schema has: an answer that holds it repeats a value.
pub(crate) const MARK: &str = "zqxjkmark";

const TEXTS: &[&str] = &[
    "",
    "'",
    "\"",
    "`",
    "\\",
    "\\'",
    "%",
    "?",
    "#",
    "--",
    "/*",
    "\0",
    "a\0b",
    "' OR '1'='1",
    "') OR ('1'='1",
    "1' AND SLEEP(5) -- ",
    "1 UNION SELECT token FROM api_tokens -- ",
    "` = 1 OR `patient_id",
    "1; DROP TABLE patients; -- ",
    "'||(SELECT password_hash FROM employees LIMIT 1)||'",
    "${7*7}{{7*7}}",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "php://filter/convert.base64-encode/resource=config.php",
    "O:8:\"stdClass\":0:{}",
    "\u{feff}",
    "\u{202e}😀é",
    "\r\nX-Injected: 1",
    "null",
    "true",
    "NaN",
    "-1",
    "0",
    "00",
    "1e309",
    "-1e309",
    "0x41",
    "1.5",
    "+1",
    " 1",
    "1 ",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "99999999999999999999999999999999",
    "0000-00-00",
    "2026-02-30",
    "2026-13-01 25:61:61",
    "9999-99-99",
    "838:59:59",
    "[]",
    "{}",
    "[\"1\"]",
    "[1]",
    "[[\"1\"]]",
    "[null]",
    "[\"1\",\"2\",\"3\"]",
    "{\"0\":\"1\"}",
    "[\"1\"",
    "[\"\u{1f600}\u{e9}\"]",
    "[\"\\u0000\"]",
    "[\"\u{1f600}\",\"\u{e9}\"]",
    "api_tokens",
    "_physio_state",
    "_physio_inbox",
    "information_schema.tables",
    "mysql.user",
    "password_hash",
    "token",
    "employees",
    "PATIENTS",
    "patients ",
    "new",
    "00000000.0",
    "ffffffff.999999999999999999",
    "====",
    "AAA",
];

/// A text, often with the mark, sometimes very long.
pub(crate) fn text(random: &mut Rng) -> String {
    let text = TEXTS[random.usize(..TEXTS.len())];
    match random.u8(..8) {
        0 => format!("{text}{MARK}"),
        1 => format!("{MARK}{text}{MARK}"),
        2 => text.repeat(random.usize(1..40)),
        3 if random.u8(..4) == 0 => "A".repeat(random.usize(1..20_000)),
        _ => text.to_owned(),
    }
}

/// Bytes, one time in eight not even UTF-8.
pub(crate) fn bytes(random: &mut Rng) -> Vec<u8> {
    if random.u8(..8) == 0 {
        return (0..random.usize(1..24)).map(|_| random.u8(..)).collect();
    }
    text(random).into_bytes()
}

/// Any JSON.
pub(crate) fn json(random: &mut Rng) -> Value {
    match random.u8(..14) {
        0 => Value::Null,
        1 => json!(random.bool()),
        2 => json!(random.i64(..)),
        3 => json!(random.f64() * 1e300),
        4 => json!([]),
        5 => json!({}),
        6 => json!([text(random)]),
        7 => json!({text(random): text(random)}),
        8 => json!({"$ref": [text(random), text(random)]}),
        9 => json!({"$ref": text(random)}),
        10 => (0..random.usize(2..40)).fold(Value::Null, |inner, _| json!([inner])),
        11 => (0..random.usize(2..40)).fold(Value::Null, |inner, _| json!({"a": inner})),
        _ => json!(text(random)),
    }
}
