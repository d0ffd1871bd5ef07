//! Rounds of the machine against servers made of closures.

mod audit;
mod pull;
mod push;
mod timing;

use super::{Machine, Notice, Outcome, Paused, RoundEnd, Step, Task, Wake};
use crate::bridge::wire::BridgeError;
use crate::event::Event;
use crate::sync::test_plan;
use crate::sync::trouble::Trouble;
use std::time::Duration;

const NOW: Duration = Duration::from_secs(1000);

fn machine() -> Machine {
    // Tables 0 and 1 are the first wave, 2 and 3 the second.
    let plan = test_plan(&[("priority", &["a", "b"]), ("deferred", &["c", "d"])]);
    Machine::new(&plan, fastrand::Rng::with_seed(7))
}

fn refused(code: &str, field: Option<&str>) -> Outcome {
    let entry = physio_schema::wire_codes::wire_code(code).expect("a known code");
    Outcome::Failed(Trouble::from(BridgeError::Refused {
        code: code.into(),
        status: entry.status,
        message: String::new(),
        field: field.map(Into::into),
        retry_after: None,
        last_batch: None,
    }))
}

fn offline() -> Outcome {
    Outcome::Failed(Trouble::from(BridgeError::Unreachable("no connection".into())))
}

/// A page that fails after whole chunks of it, or nothing, were applied.
fn page_failed(outcome: Outcome, has_rows: bool) -> Outcome {
    let Outcome::Failed(trouble) = outcome else { panic!("{outcome:?}") };
    Outcome::PageFailed { trouble, has_rows }
}

/// A server where everything works: each table has one page, nothing waits to be pushed.
fn works(task: &Task) -> Outcome {
    match task {
        Task::LoadProgress => loaded(false, &[0, 1, 2, 3]),
        Task::Push { .. } => Outcome::Pushed { sent: false, is_other_schema: false },
        Task::Greet => Outcome::Greeted { paused: Vec::new(), is_reread: false },
        Task::Page { .. } => Outcome::Paged { n_rows: 1, complete: true, is_other_schema: false },
        Task::Delta { .. } => Outcome::Polled { is_other_schema: false },
        Task::Audit { .. } => Outcome::Audited { is_complete: true, is_other_schema: false },
        Task::RefuseInFlight { .. }
        | Task::TryDelta { .. }
        | Task::Reread { .. }
        | Task::RestartPull { .. } => Outcome::Done,
    }
}

fn loaded(has_cursor: bool, incomplete: &[usize]) -> Outcome {
    Outcome::Loaded { has_cursor, incomplete: incomplete.iter().map(|&table| (table, false)).collect() }
}

#[derive(Debug)]
struct Ran {
    tasks: Vec<Task>,
    events: Vec<Event>,
    end: RoundEnd,
}

impl Ran {
    fn pages(&self) -> Vec<usize> {
        self.tasks
            .iter()
            .filter_map(|task| if let Task::Page { table } = task { Some(*table) } else { None })
            .collect()
    }
    fn deltas(&self) -> Vec<Vec<usize>> {
        let tables =
            |task: &Task| if let Task::Delta { tables } = task { Some(tables.clone()) } else { None };
        self.tasks.iter().filter_map(tables).collect()
    }
    fn failed(&self) -> Vec<usize> {
        self.end.failures.iter().map(|(table, _)| *table).collect()
    }
}

/// Runs one round, which must be due at `now`.
fn round(machine: &mut Machine, now: Duration, mut server: impl FnMut(&Task) -> Outcome) -> Ran {
    let (mut tasks, mut events) = (Vec::new(), Vec::new());
    for _ in 0..200 {
        let Step::Run(task) = machine.next(now) else { panic!("no round is due: {machine:?}") };
        assert_eq!(machine.next(now), Step::Run(task.clone()), "asking twice changes nothing");
        let outcome = server(&task);
        let notices = machine.finish(now, &task, outcome);
        tasks.push(task);
        for notice in notices {
            match notice {
                Notice::Emit(event) => events.push(event),
                Notice::TableFailed { .. } => {}
                Notice::RoundEnded(end) => return Ran { tasks, events, end },
            }
        }
    }
    panic!("the round does not end: {tasks:?}")
}

fn synced() -> Machine {
    let mut machine = machine();
    let ran = round(&mut machine, NOW, works);
    assert_eq!(ran.end.trouble, None);
    machine
}

fn push() -> Task {
    Task::Push { held: Vec::new() }
}

fn due(machine: &mut Machine, now: Duration) -> Option<Duration> {
    match machine.next(now) {
        Step::Wait(due) => due,
        Step::Run(task) => panic!("{task:?} instead of a wait"),
    }
}
