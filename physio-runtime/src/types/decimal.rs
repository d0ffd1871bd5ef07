//! MySQL's DECIMAL.

use super::{SpellingError, stored_as_text};
use bigdecimal::BigDecimal;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Deref, Mul, Neg, Sub, SubAssign};
use std::str::FromStr;

/// A DECIMAL, exact, with the places it was stored with.
///
/// It dereferences to [`BigDecimal`] for everything that is not here (division, rounding, signs).
/// Comparisons go by value: `10.5` equals `10.50`.
///
/// ```
/// use physio_runtime::types::Decimal;
///
/// let amount: Decimal = "10.50".parse()?;
/// assert_eq!(amount.to_string(), "10.50");
/// assert_eq!((amount + Decimal::from(2)).to_string(), "12.50");
/// # Ok::<(), physio_runtime::types::SpellingError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(BigDecimal);

impl Decimal {
    /// `digits` divided by ten to the power of `places`: `Decimal::new(1050, 2)` is `10.50`.
    pub fn new(digits: i64, places: u16) -> Self {
        Self(BigDecimal::new(digits.into(), places.into()))
    }

    /// The number itself.
    pub fn into_inner(self) -> BigDecimal {
        self.0
    }

    /// Rounded to that many places, halves to even, and printed with them.
    #[must_use]
    pub fn with_places(&self, places: u16) -> Self {
        Self(self.0.with_scale_round(places.into(), bigdecimal::RoundingMode::HalfEven))
    }
}

impl Deref for Decimal {
    type Target = BigDecimal;

    fn deref(&self) -> &BigDecimal {
        &self.0
    }
}

impl From<BigDecimal> for Decimal {
    fn from(number: BigDecimal) -> Self {
        Self(number)
    }
}

impl From<Decimal> for BigDecimal {
    fn from(number: Decimal) -> Self {
        number.0
    }
}

macro_rules! from_integers {
    ($($integer:ty),+) => {$(
        impl From<$integer> for Decimal {
            fn from(number: $integer) -> Self {
                Self(number.into())
            }
        }
    )+};
}
from_integers!(i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! by_value_and_by_reference {
    ($($trait:ident $method:ident),+) => {$(
        impl $trait for Decimal {
            type Output = Decimal;
            fn $method(self, other: Decimal) -> Decimal {
                Decimal(self.0.$method(other.0))
            }
        }
        impl $trait<&Decimal> for &Decimal {
            type Output = Decimal;
            fn $method(self, other: &Decimal) -> Decimal {
                Decimal((&self.0).$method(&other.0))
            }
        }
    )+};
}
by_value_and_by_reference!(Add add, Sub sub, Mul mul);

impl Neg for Decimal {
    type Output = Decimal;

    fn neg(self) -> Decimal {
        Decimal(-self.0)
    }
}

impl AddAssign<&Decimal> for Decimal {
    fn add_assign(&mut self, other: &Decimal) {
        self.0 += &other.0;
    }
}

impl SubAssign<&Decimal> for Decimal {
    fn sub_assign(&mut self, other: &Decimal) {
        self.0 -= &other.0;
    }
}

impl Sum for Decimal {
    fn sum<I: Iterator<Item = Decimal>>(numbers: I) -> Decimal {
        numbers.fold(Decimal::default(), |sum, number| sum + number)
    }
}

impl<'a> Sum<&'a Decimal> for Decimal {
    fn sum<I: Iterator<Item = &'a Decimal>>(numbers: I) -> Decimal {
        let mut sum = Decimal::default();
        numbers.for_each(|number| sum += number);
        sum
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // BigDecimal's own Display turns to exponents for small numbers, which MySQL never prints.
        f.write_str(&self.0.to_plain_string())
    }
}

impl FromStr for Decimal {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        let error = SpellingError::new("a DECIMAL (digits with a point)");
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(places) {
            return Err(error);
        }
        BigDecimal::from_str(text).map(Self).map_err(|_| error)
    }
}

stored_as_text!(Decimal, "a DECIMAL (digits with a point)");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_exponents_and_half_numbers() {
        for text in ["", "-", "1e3", ".5", "5.", "1,000.00", "+1", "0x1", "NaN", "1_000", "--1"] {
            assert!(text.parse::<Decimal>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn small_numbers_have_no_exponent() {
        let text = "0.000000000000000000000000000001";
        assert_eq!(text.parse::<Decimal>().unwrap().to_string(), text);
    }

    #[test]
    fn a_sum_is_exact_where_doubles_are_not() {
        let tenth: Decimal = "0.10".parse().unwrap();
        assert_eq!((0..3).map(|_| tenth.clone()).sum::<Decimal>().to_string(), "0.30");
        assert_ne!(0.1 + 0.1 + 0.1, 0.3);
    }

    #[test]
    fn json_is_a_string() {
        let amount: Decimal = "12345678901234567890.10".parse().unwrap();
        let json = serde_json::to_string(&amount).unwrap();
        assert_eq!(json, "\"12345678901234567890.10\"");
        assert_eq!(serde_json::from_str::<Decimal>(&json).unwrap().to_string(), amount.to_string());
    }

    proptest! {
        // DECIMAL(65,30): the widest that MySQL has.
        #[test]
        fn text_round_trips_to_the_letter(text in "-?(0|[1-9][0-9]{0,34})(\\.[0-9]{1,30})?") {
            let number: Decimal = text.parse().unwrap();
            let zero = text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
            let expected = if zero { text.trim_start_matches('-') } else { &text };
            prop_assert_eq!(number.to_string(), expected);
        }

        #[test]
        fn addition_agrees_with_integers(a in any::<i32>(), b in any::<i32>(), places in 0u16..10) {
            let sum = Decimal::new(a.into(), places) + Decimal::new(b.into(), places);
            prop_assert_eq!(sum, Decimal::new(i64::from(a) + i64::from(b), places));
        }
    }
}
