//! The loop one step at a time, by a clock that is handed in: what a simulation drives.

use super::{Driver, Notice, Running, Shared, Step, Wake, round_error};
use crate::bridge::Bridge;
use crate::cache::Cache;
use crate::error::Error;
use crate::sync::machine::Machine;
use crate::sync::status::{Freshness, LoopStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::Instant;

/// The real machine and the real tasks, without the task that waits between them.
pub struct Stepper<B> {
    driver: Driver<B>,
    running: Running,
    wakes: Wakes,
}

impl<B> std::fmt::Debug for Stepper<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stepper").field("wakes", &self.wakes).finish_non_exhaustive()
    }
}

/// Wakes of the loop that may come while a step runs; clones reach the same loop.
#[derive(Debug, Clone, Default)]
pub struct Wakes(Arc<Mutex<Vec<Wake>>>);

impl Wakes {
    /// A full round is asked for.
    pub fn ask(&self) {
        self.push(Wake::Asked);
    }

    /// Something was written here.
    pub fn written(&self) {
        self.push(Wake::Write);
    }

    /// A person decided about a unit.
    pub fn decided(&self) {
        self.push(Wake::Decided);
    }

    /// There is a new token.
    pub fn new_token(&self) {
        self.push(Wake::Token);
    }

    fn push(&self, wake: Wake) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(wake);
    }

    fn take(&self) -> Vec<Wake> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a step came to.
#[derive(Debug)]
pub enum Stepped {
    /// Nothing is due before this time; `None`: before a wake.
    Waits(Option<Duration>),
    /// A task of this name was run.
    Worked(&'static str),
    /// A task was run and the round ended with it, well or not.
    Ended {
        /// Its name.
        task: &'static str,
        /// Whether the round was to pull too.
        is_full: bool,
        /// What a caller who asked for the round would be told.
        error: Option<Error>,
    },
}

impl<B: Bridge> Stepper<B> {
    /// The loop of a cache; `seed` decides the jitter of its waits.
    pub fn new(cache: Cache, bridge: B, seed: u64) -> Self {
        let plan = Arc::clone(cache.plan());
        let shared = Shared {
            freshness: Freshness::new(&plan),
            cache,
            events: broadcast::Sender::new(1),
            status: watch::Sender::new(LoopStatus::default()),
            untold: Mutex::default(),
        };
        let (_, commands) = mpsc::unbounded_channel();
        let machine = Machine::new(&plan, fastrand::Rng::with_seed(seed));
        Self {
            driver: Driver::new(bridge, Arc::new(shared), commands),
            running: Running { machine, start: Instant::now(), waiting: Vec::new() },
            wakes: Wakes::default(),
        }
    }

    /// By which the loop is woken.
    pub fn wakes(&self) -> Wakes {
        self.wakes.clone()
    }

    /// Runs the task that is due at `now`, if one is. Dropping the future breaks the task off, as a kill does.
    ///
    /// Call it within a tokio runtime.
    pub async fn step(&mut self, now: Duration) -> Stepped {
        self.wake(now);
        let task = match self.running.machine.next(now) {
            Step::Wait(until) => return Stepped::Waits(until),
            Step::Run(task) => task,
        };
        let outcome = self.driver.run(task.clone(), None).await;
        self.wake(now);
        let mut stepped = Stepped::Worked(task.name());
        for notice in self.running.machine.finish(now, &task, outcome) {
            if let Notice::RoundEnded(end) = &notice {
                let plan = self.driver.shared.cache.plan();
                let error = round_error(plan, &end.trouble, &end.failures).map(|trouble| trouble.to_error());
                stepped = Stepped::Ended { task: task.name(), is_full: end.is_full, error };
            }
            self.driver.take_notice(&mut self.running, notice).await;
        }
        stepped
    }

    fn wake(&mut self, now: Duration) {
        for wake in self.wakes.take() {
            self.running.machine.wake(now, wake);
        }
    }
}
