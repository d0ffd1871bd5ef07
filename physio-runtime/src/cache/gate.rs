//! Who of this process writes next: local writes go before chunks of an apply.
//!
//! SQLite lets one connection write at a time and makes the others poll. Inside one process that would make a
//! local write wait for its next look; here it is woken. Other processes are ordered by SQLite alone.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

/// Local writes in a row after which a waiting apply gets its turn.
const LOCAL_TURNS: u32 = 32;

#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    turn: Condvar,
    /// Outside the mutex, because an apply looks at it every few rows.
    local_waiting: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    holder: Option<ThreadId>,
    apply_waiting: u32,
    local_turns: u32,
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn<'a>(&'a Gate);

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is plain counters, valid after any panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn of a local write: at most for one chunk of an apply.
    pub(super) fn enter_local(&self) -> Turn<'_> {
        self.local_waiting.fetch_add(1, Ordering::SeqCst);
        let mut state = self.state();
        while state.holder.is_some() || (state.apply_waiting > 0 && state.local_turns >= LOCAL_TURNS) {
            state = self.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.holder = Some(std::thread::current().id());
        state.local_turns = state.local_turns.saturating_add(1);
        self.local_waiting.fetch_sub(1, Ordering::SeqCst);
        Turn(self)
    }

    /// Waits until no local write wants to go first.
    pub(super) fn enter_apply(&self) -> Turn<'_> {
        let mut state = self.state();
        state.apply_waiting += 1;
        while state.holder.is_some()
            || (self.local_waiting.load(Ordering::SeqCst) > 0 && state.local_turns < LOCAL_TURNS)
        {
            state = self.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.apply_waiting -= 1;
        state.local_turns = 0;
        state.holder = Some(std::thread::current().id());
        Turn(self)
    }

    /// Whether this thread has its turn already: waiting for another would never end.
    pub(super) fn is_held_here(&self) -> bool {
        self.state().holder == Some(std::thread::current().id())
    }

    /// Whether a local write of this process waits for its turn.
    pub(super) fn is_wanted(&self) -> bool {
        self.local_waiting.load(Ordering::SeqCst) > 0
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.state().holder = None;
        self.0.turn.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::Gate;
    use std::sync::mpsc;
    use std::sync::{Arc, Mutex};
    use std::thread;

    #[test]
    fn a_local_write_goes_before_a_waiting_apply() {
        let gate = Arc::new(Gate::default());
        let order = Arc::new(Mutex::new(Vec::new()));
        let held = gate.enter_apply();
        let (ready, readied) = mpsc::channel();
        let enter = |is_local: bool| {
            let (gate, order, ready) = (Arc::clone(&gate), Arc::clone(&order), ready.clone());
            thread::spawn(move || {
                ready.send(()).unwrap();
                let turn = if is_local { gate.enter_local() } else { gate.enter_apply() };
                order.lock().unwrap().push(is_local);
                drop(turn);
            })
        };
        let apply = enter(false);
        readied.recv().unwrap();
        let local = enter(true);
        readied.recv().unwrap();
        while !gate.is_wanted() {
            thread::yield_now();
        }
        drop(held);
        local.join().unwrap();
        apply.join().unwrap();
        assert_eq!(*order.lock().unwrap(), [true, false]);
    }

    #[test]
    fn many_writers_cannot_starve_an_apply() {
        let gate = Arc::new(Gate::default());
        let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let writers: Vec<_> = (0..4)
            .map(|_| {
                let (gate, done) = (Arc::clone(&gate), Arc::clone(&done));
                thread::spawn(move || {
                    while !done.load(std::sync::atomic::Ordering::SeqCst) {
                        drop(gate.enter_local());
                    }
                })
            })
            .collect();
        for _ in 0..50 {
            drop(gate.enter_apply());
        }
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        for writer in writers {
            writer.join().unwrap();
        }
    }
}
