//! Numbers in the spelling in which the server stores a default.

/// A decimal number taken apart: sign, digits before and behind the point.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    negative: bool,
    whole: String,
    fraction: String,
}

/// `text` as a decimal with `scale` digits behind the point, rounded half away from zero; `None` when
/// it is no number.
pub(crate) fn to_scale(text: &str, scale: usize) -> Option<String> {
    let Parts { negative, whole, fraction } = parts(text)?;
    let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|digit| digit - b'0').collect();
    let wanted = whole.len() + scale;
    let rounds_up = digits.get(wanted).is_some_and(|digit| *digit >= 5);
    digits.resize(wanted, 0);
    if rounds_up {
        let mut carried = true;
        for digit in digits.iter_mut().rev() {
            *digit += 1;
            carried = *digit == 10;
            if !carried {
                break;
            }
            *digit = 0;
        }
        if carried {
            digits.insert(0, 1);
        }
    }
    let text: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
    let (whole, fraction) = text.split_at(text.len() - scale);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let is_zero = whole == "0" && fraction.bytes().all(|digit| digit == b'0');
    let sign = if negative && !is_zero { "-" } else { "" };
    Some(if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

/// Takes `-12.50e3` apart, with the exponent worked in.
fn parts(text: &str) -> Option<Parts> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok().filter(|exp| exp.abs() <= 400)?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let point = i64::try_from(whole.len()).ok()? + i64::from(exponent);
    let digits = format!("{whole}{fraction}");
    let n_digits = i64::try_from(digits.len()).ok()?;
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    let (whole, fraction) = if point <= 0 {
        ("0".to_owned(), format!("{}{digits}", zeros(-point)))
    } else if point >= n_digits {
        (format!("{digits}{}", zeros(point - n_digits)), String::new())
    } else {
        let (whole, fraction) = digits.split_at(usize::try_from(point).ok()?);
        (whole.to_owned(), fraction.to_owned())
    };
    Some(Parts { negative, whole, fraction })
}

/// A floating value as the server prints it: six digits of a FLOAT, as many as needed of a DOUBLE, and
/// an exponent only beyond 15 places.
pub(crate) fn to_float(text: &str, is_single: bool) -> Option<String> {
    let value: f64 = text.trim().parse().ok().filter(|value: &f64| value.is_finite())?;
    let digits = if is_single { format!("{:.5e}", value as f32) } else { format!("{value:e}") };
    let (mantissa, exponent) = digits.split_once('e')?;
    let mantissa =
        if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    let exponent: i32 = exponent.parse().ok()?;
    if (-15..15).contains(&exponent) {
        let scale = i32::try_from(mantissa.split_once('.').map_or(0, |(_, digits)| digits.len())).ok()?;
        let scale = usize::try_from((scale - exponent).max(0)).ok()?;
        return to_scale(&format!("{mantissa}e{exponent}"), scale);
    }
    Some(format!("{mantissa}e{exponent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_take_the_scale_of_their_column() {
        let cases = [
            ("0", 2, "0.00"),
            (".5", 2, "0.50"),
            ("-1.005", 2, "-1.01"),
            ("99.995", 2, "100.00"),
            ("1e3", 0, "1000"),
            ("-0.001", 2, "0.00"),
            ("12.5", 0, "13"),
            ("007", 0, "7"),
            ("1.5e-2", 3, "0.015"),
            ("18.000", 3, "18.000"),
        ];
        for (text, scale, expected) in cases {
            assert_eq!(to_scale(text, scale).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(to_scale("abc", 0), None);
        assert_eq!(to_scale("", 0), None);
    }

    #[test]
    fn floats_are_printed_short() {
        for (text, single, expected) in [
            ("0.0", false, "0"),
            ("1e3", false, "1000"),
            ("0.1", true, "0.1"),
            ("1e30", false, "1e30"),
            ("-2.50", true, "-2.5"),
            ("3.14159265", true, "3.14159"),
            ("1e10", true, "10000000000"),
            ("999999.99", true, "1000000"),
        ] {
            assert_eq!(to_float(text, single).as_deref(), Some(expected), "{text}");
        }
    }
}
