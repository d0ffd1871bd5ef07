//! How a cache works beside its callers: on threads of its own and by the real clock, or, in a simulation, in its
//! caller's thread and by a clock that a seed moves, so that the same calls always leave the same file.

#[cfg(feature = "simulation")]
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

/// Length of the log from which a checkpoint is worth its work (4 MiB).
const DUE_BYTES: u64 = 4 << 20;

/// Says what time it is and where work that needs no caller is done.
#[derive(Debug)]
pub(super) struct Pace {
    started: Instant,
    #[cfg(feature = "simulation")]
    simulated: Option<Simulated>,
}

/// A clock that goes on by itself, by steps that its seed decides.
#[cfg(feature = "simulation")]
#[derive(Debug)]
struct Simulated {
    seed: u64,
    n_looks: AtomicU64,
    now_us: AtomicU64,
}

/// In a simulation the log is moved into the file early, so that it happens in short runs too.
#[cfg(feature = "simulation")]
const SIMULATED_DUE_BYTES: u64 = 768 << 10;

impl Pace {
    /// Threads, and the clock of the machine.
    pub(super) fn real() -> Self {
        Self {
            started: Instant::now(),
            #[cfg(feature = "simulation")]
            simulated: None,
        }
    }

    /// No threads, and a clock that is moved by the looks at it.
    #[cfg(feature = "simulation")]
    pub(super) fn simulated(seed: u64) -> Self {
        let simulated = Simulated { seed, n_looks: AtomicU64::new(0), now_us: AtomicU64::new(0) };
        Self { simulated: Some(simulated), ..Self::real() }
    }

    /// Whether everything is done in the caller's thread.
    pub(super) fn is_simulated(&self) -> bool {
        #[cfg(feature = "simulation")]
        return self.simulated.is_some();
        #[cfg(not(feature = "simulation"))]
        false
    }

    /// Time since the cache was opened.
    pub(super) fn now(&self) -> Duration {
        #[cfg(feature = "simulation")]
        if let Some(simulated) = &self.simulated {
            return simulated.look();
        }
        self.started.elapsed()
    }

    /// Rows between two looks at the clock: a simulation has few rows, and looks at every one.
    pub(super) fn is_look(&self, n_rows: u64, rows_between: u64) -> bool {
        n_rows.is_multiple_of(self.rows_between_looks(rows_between))
    }

    /// After so many rows the next look is due.
    pub(super) fn rows_between_looks(&self, rows_between: u64) -> u64 {
        if self.is_simulated() { 1 } else { rows_between }
    }

    /// Rows that one statement writes: few in a simulation, so that its small pages have some of them.
    pub(super) fn rows_of_a_statement(&self, n_rows: usize) -> usize {
        if self.is_simulated() { 2 } else { n_rows }
    }

    /// Length of the log from which it is moved into the file.
    pub(super) fn due_bytes(&self) -> u64 {
        #[cfg(feature = "simulation")]
        if self.simulated.is_some() {
            return SIMULATED_DUE_BYTES;
        }
        DUE_BYTES
    }
}

#[cfg(feature = "simulation")]
impl Simulated {
    /// Most steps are short; one in eight is as long as a chunk may be.
    fn look(&self) -> Duration {
        use std::sync::atomic::Ordering::Relaxed;
        let n = self.n_looks.fetch_add(1, Relaxed);
        let mut x = self.seed ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let step_us = if (x >> 32).is_multiple_of(8) { 250_000 } else { 100 };
        Duration::from_micros(self.now_us.fetch_add(step_us, Relaxed) + step_us)
    }
}

#[cfg(all(test, feature = "simulation"))]
mod tests {
    use super::Pace;

    #[test]
    fn a_simulated_clock_is_moved_by_the_looks_at_it_and_by_nothing_else() {
        let times = |seed| {
            let pace = Pace::simulated(seed);
            (0..100).map(|_| pace.now()).collect::<Vec<_>>()
        };
        assert_eq!(times(7), times(7));
        assert_ne!(times(7), times(8));
        assert!(times(7).is_sorted());
        assert!(Pace::simulated(7).is_simulated() && !Pace::real().is_simulated());
    }
}
