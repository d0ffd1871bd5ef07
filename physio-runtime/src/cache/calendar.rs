//! What the calendar says. It may be set, forth and back, while the program runs, so it is for people and for work
//! that is done every few days; the order of changes never hangs on it.
//!
//! In a simulation it is what the simulation says, because a time that is written decides more than it seems to:
//! SQLite does not write a page whose bytes stay the same, and so there is a commit less in the log when two things
//! happen within the same millisecond.

use jiff::Timestamp;

#[cfg(feature = "simulation")]
thread_local! {
    /// Milliseconds since 1970.
    static SIMULATED: std::cell::Cell<Option<i64>> = const { std::cell::Cell::new(None) };
}

/// Sets the calendar of this thread, in milliseconds since 1970 (UTC); `None`: the machine's again.
///
/// ```
/// use physio_runtime::simulation::set_calendar;
/// set_calendar(Some(1_800_000_000_000)); // 15 January 2027
/// set_calendar(None);
/// ```
#[cfg(feature = "simulation")]
pub fn set_calendar(unix_ms: Option<i64>) {
    SIMULATED.set(unix_ms);
}

/// Now.
pub(crate) fn now() -> Timestamp {
    #[cfg(feature = "simulation")]
    if let Some(unix_ms) = SIMULATED.get() {
        return Timestamp::from_millisecond(unix_ms).unwrap_or_default();
    }
    Timestamp::now()
}

/// What is called on another thread goes by the calendar of the one that asked for it.
pub(crate) fn carried<R>(call: impl FnOnce() -> R) -> impl FnOnce() -> R {
    #[cfg(feature = "simulation")]
    let simulated = SIMULATED.get();
    move || {
        #[cfg(feature = "simulation")]
        SIMULATED.set(simulated);
        call()
    }
}

/// UTC, to the second, as `_last_synced_at` holds it.
pub(super) fn now_text() -> String {
    now().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// UTC, to the millisecond, as the tables of the sync itself hold it.
pub(super) fn now_text_ms() -> String {
    now().strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_is_the_machines() {
        assert!(now().as_second() > 1_700_000_000);
        assert_eq!(now_text().len(), "2026-03-05 09:30:00".len());
        assert_eq!(now_text_ms().len(), "2026-03-05 09:30:00.000".len());
    }

    #[cfg(feature = "simulation")]
    #[test]
    fn a_simulated_calendar_is_that_of_its_thread() {
        set_calendar(Some(1_772_703_000_007));
        assert_eq!(
            (now_text().as_str(), now_text_ms().as_str()),
            ("2026-03-05 09:30:00", "2026-03-05 09:30:00.007")
        );
        let elsewhere = |call: Box<dyn FnOnce() -> Timestamp + Send>| {
            std::thread::spawn(call).join().map(Timestamp::as_millisecond).ok()
        };
        assert_eq!(elsewhere(Box::new(carried(now))), Some(1_772_703_000_007));
        assert_ne!(elsewhere(Box::new(now)), Some(1_772_703_000_007));
        set_calendar(None);
        assert_ne!(now().as_millisecond(), 1_772_703_000_007);
    }
}
