//! How long to wait after a failure: exponential, with jitter, never shorter than the server asks.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// Doubles from 1 s to 5 min; every wait is up to 20 % shorter or longer, so that devices that lost the
/// same server do not come back together.
#[derive(Debug)]
pub(crate) struct Backoff {
    n_failures: u32,
    rng: fastrand::Rng,
}

impl Backoff {
    pub(crate) fn new(rng: fastrand::Rng) -> Self {
        Self { n_failures: 0, rng }
    }

    /// The next wait. `retry_after` is what the server asked for: a lower bound.
    pub(crate) fn after_failure(&mut self, retry_after: Option<Duration>) -> Duration {
        let exact = FIRST.saturating_mul(1 << self.n_failures.min(16)).min(LONGEST);
        self.n_failures = self.n_failures.saturating_add(1);
        let jitter = 0.8 + 0.4 * self.rng.f64();
        exact.mul_f64(jitter).max(retry_after.unwrap_or_default())
    }

    /// Something worked: the next failure waits 1 s again.
    pub(crate) fn reset(&mut self) {
        self.n_failures = 0;
    }

    pub(crate) fn is_active(&self) -> bool {
        self.n_failures > 0
    }
}

#[cfg(test)]
mod tests {
    use super::{Backoff, LONGEST};
    use std::time::Duration;

    #[test]
    fn waits_double_up_to_five_minutes_within_a_fifth() {
        for seed in 0..50 {
            let mut backoff = Backoff::new(fastrand::Rng::with_seed(seed));
            for n in 0..40_u32 {
                let exact = Duration::from_secs(1 << n.min(20)).min(LONGEST).as_secs_f64();
                let wait = backoff.after_failure(None).as_secs_f64();
                assert!((exact * 0.8..=exact * 1.2).contains(&wait), "failure {n}: {wait} s");
            }
            backoff.reset();
            assert!(backoff.after_failure(None) <= Duration::from_millis(1200));
        }
    }

    #[test]
    fn two_devices_do_not_come_back_together() {
        let wait = |seed| Backoff::new(fastrand::Rng::with_seed(seed)).after_failure(None);
        assert_ne!(wait(1), wait(2));
        assert_eq!(wait(1), wait(1), "the same seed gives the same waits");
    }

    #[test]
    fn the_servers_wish_is_a_lower_bound() {
        let mut backoff = Backoff::new(fastrand::Rng::with_seed(1));
        let asked = Duration::from_secs(90);
        assert_eq!(backoff.after_failure(Some(asked)), asked);
        assert!(backoff.after_failure(Some(Duration::from_millis(1))) >= Duration::from_millis(1600));
    }
}
