//! How the triggers spell a REAL, whatever version of SQLite runs them.
//!
//! Seventeen digits tell every double from its neighbours, if they are the right ones. Versions of SQLite before 3.53 get
//! the last digit wrong for some numbers with large exponents, so those are brought near 1 first: multiplying by a power of
//! two loses nothing. What is noted then is the number's digits and the power, as `1.5p64`: 1.5 × 2⁶⁴.

/// Keeps SQLite from putting each sub-query into the next one, where it would be written out three times: nine of them in a
/// row would take a second to compile.
const KEPT_APART: &str = " LIMIT 1 OFFSET 0";

/// The captured text of a REAL; NULL stays NULL.
pub(super) fn captured_real(value: &str) -> String {
    // Every version prints these right. 9e999 is infinity, which no column of MySQL's holds.
    let is_near = format!("{value} = 0.0 OR abs({value}) BETWEEN 1e-30 AND 1e30 OR abs({value}) = 9e999");
    let mut scaled = format!(
        "SELECT {value} AS m, 0 AS e, d AS p64, d * d AS p128, d * d * d * d AS p256, \
         d * d * d * d * d * d * d * d AS p512 FROM (SELECT 4294967296.0 * 4294967296.0 AS d){KEPT_APART}"
    );
    for power in [512, 256, 128, 64] {
        scaled = step(&scaled, &format!("abs(m) >= p{power}"), &format!("m / p{power}"), power);
    }
    // The smallest double is 2^-1074.
    for power in [512, 512, 256, 128, 64] {
        scaled = step(&scaled, &format!("abs(m) * p{power} < 1.0"), &format!("m * p{power}"), -power);
    }
    format!(
        "CASE WHEN {value} IS NULL THEN NULL WHEN {is_near} THEN printf('%!.17g', {value}) \
         ELSE (SELECT printf('%!.17g', m) || 'p' || e FROM ({scaled})) END"
    )
}

fn step(scaled: &str, condition: &str, changed: &str, power: i32) -> String {
    format!(
        "SELECT CASE WHEN {condition} THEN {changed} ELSE m END AS m, \
         CASE WHEN {condition} THEN e + {power} ELSE e END AS e, p64, p128, p256, p512 FROM ({scaled}){KEPT_APART}"
    )
}
