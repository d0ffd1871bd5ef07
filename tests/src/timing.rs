//! Durations of many repetitions, and what to say about them.

use std::time::{Duration, Instant};

/// Durations of one operation, repeated.
///
/// ```
/// use physio_tests::timing::Timings;
/// let timings = Timings::measure(100, |n| n * 2);
/// assert_eq!(timings.len(), 100);
/// assert!(timings.p50() <= timings.p99());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Timings {
    sorted: Vec<Duration>,
}

impl Timings {
    /// Runs `operation` that often, each time with its number from 0, and keeps how long each took.
    pub fn measure<R>(n_times: usize, mut operation: impl FnMut(usize) -> R) -> Self {
        let taken = (0..n_times).map(|n| {
            let start = Instant::now();
            std::hint::black_box(operation(n));
            start.elapsed()
        });
        taken.collect()
    }

    /// As [`Timings::measure`], for an operation that may fail: the first error ends it.
    ///
    /// # Errors
    ///
    /// The operation's own.
    pub fn try_measure<R, E>(
        n_times: usize,
        mut operation: impl FnMut(usize) -> Result<R, E>,
    ) -> Result<Self, E> {
        let mut taken = Vec::with_capacity(n_times);
        for n in 0..n_times {
            let start = Instant::now();
            std::hint::black_box(operation(n)?);
            taken.push(start.elapsed());
        }
        Ok(taken.into_iter().collect())
    }

    /// All durations of several measurements.
    pub fn merged(measurements: impl IntoIterator<Item = Self>) -> Self {
        measurements.into_iter().flat_map(|timings| timings.sorted).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Half of them took no longer; zero when there is none.
    pub fn p50(&self) -> Duration {
        self.percentile(50)
    }

    /// 99 of 100 took no longer.
    pub fn p99(&self) -> Duration {
        self.percentile(99)
    }

    /// The longest.
    pub fn max(&self) -> Duration {
        self.percentile(100)
    }

    /// That many of 100 took no longer (nearest rank).
    pub fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.sorted.len() * percent).div_ceil(100).max(1);
        self.sorted.get(rank - 1).copied().unwrap_or_default()
    }
}

impl FromIterator<Duration> for Timings {
    fn from_iter<I: IntoIterator<Item = Duration>>(durations: I) -> Self {
        let mut sorted: Vec<Duration> = durations.into_iter().collect();
        sorted.sort_unstable();
        Self { sorted }
    }
}

/// A duration with three digits and the unit that fits: `4.52 µs`, `1.30 ms`, `12.4 s`.
///
/// ```
/// use std::time::Duration;
/// assert_eq!(physio_tests::timing::shown(Duration::from_nanos(4_520)), "4.52 µs");
/// assert_eq!(physio_tests::timing::shown(Duration::from_micros(130_400)), "130 ms");
/// ```
pub fn shown(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    let (value, unit) = match micros {
        m if m < 1e3 => (m, "µs"),
        m if m < 1e6 => (m / 1e3, "ms"),
        m => (m / 1e6, "s"),
    };
    let places = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.places$} {unit}")
}

/// A whole number with thin groups of three: `200,000`.
///
/// ```
/// assert_eq!(physio_tests::timing::grouped(1_234_567), "1,234,567");
/// assert_eq!(physio_tests::timing::grouped(42), "42");
/// ```
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let timings: Timings = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(timings.p50(), Duration::from_millis(100));
        assert_eq!(timings.p99(), Duration::from_millis(198));
        assert_eq!(timings.max(), Duration::from_millis(200));
        assert_eq!(Timings::default().p99(), Duration::ZERO);
    }
}
