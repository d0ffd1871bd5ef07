//! Rounds of the machine against servers made of closures.

use super::{Machine, Notice, Outcome, RoundEnd, Step, Task, Wake};
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
        Task::Push => Outcome::Pushed { sent: false },
        Task::Greet => Outcome::Greeted { mismatched: Vec::new() },
        Task::Page { .. } => Outcome::Paged { n_rows: 1, complete: true, mismatched: Vec::new() },
        Task::Delta { .. } => Outcome::Polled { mismatched: Vec::new() },
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

fn due(machine: &mut Machine, now: Duration) -> Option<Duration> {
    match machine.next(now) {
        Step::Wait(due) => due,
        Step::Run(task) => panic!("{task:?} instead of a wait"),
    }
}

#[test]
fn the_first_round_pushes_greets_pulls_wave_by_wave_and_polls() {
    let mut machine = machine();
    let ran = round(&mut machine, NOW, works);
    let all = vec![0, 1, 2, 3];
    assert_eq!(
        ran.tasks,
        [
            Task::LoadProgress,
            Task::Push,
            Task::Greet,
            Task::Page { table: 0 },
            Task::Page { table: 1 },
            Task::Page { table: 2 },
            Task::Page { table: 3 },
            Task::Delta { tables: all }
        ]
    );
    assert_eq!(ran.events[0], Event::Online { online: true });
    assert_eq!(due(&mut machine, NOW), Some(NOW + Duration::from_secs(30)));
}

#[test]
fn pages_follow_until_the_table_is_complete() {
    let mut machine = machine();
    let mut left = 3;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Page { table: 1 } => {
            left -= 1;
            Outcome::Paged { n_rows: 10, complete: left == 0, mismatched: Vec::new() }
        }
        task => works(task),
    });
    assert_eq!(ran.pages(), [0, 1, 1, 1, 2, 3]);
}

#[test]
fn a_table_that_fails_stops_neither_its_wave_nor_the_next() {
    for failure in ["unknown_table", "internal", "unknown_column", "bad_request"] {
        let mut machine = machine();
        let server = |task: &Task| match task {
            Task::Page { table: 1 } => page_failed(refused(failure, Some("b")), false),
            task => works(task),
        };
        let ran = round(&mut machine, NOW, server);
        assert_eq!(ran.pages(), [0, 1, 2, 3], "{failure}");
        assert_eq!(ran.failed(), [1]);
        assert_eq!(ran.end.trouble, None, "the round as a whole is in order");
        assert_eq!(ran.deltas(), [[0, 2, 3]], "an empty table is left out of the delta");
        let attention = |event: &&Event| matches!(event, Event::Attention { .. });
        assert_eq!(ran.events.iter().filter(attention).count(), 1);

        let wait = due(&mut machine, NOW).expect("a time") - NOW;
        let may_pass_soon = failure == "internal";
        assert_eq!(wait < Duration::from_secs(2), may_pass_soon, "{failure}: {wait:?}");
        let again = round(&mut machine, NOW + Duration::from_secs(30), server);
        assert_eq!(again.pages(), [1], "it is tried again");
        assert_eq!(again.events.iter().filter(attention).count(), 0, "but told only once");

        let mended = round(&mut machine, NOW + Duration::from_secs(60), works);
        assert_eq!((mended.pages(), mended.failed()), (vec![1], vec![]));
    }
}

#[test]
fn a_page_that_breaks_off_is_the_tables_fault_when_the_bridge_answers() {
    let mut machine = machine();
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Page { table: 0 } => page_failed(offline(), false),
        task => works(task),
    });
    assert_eq!(ran.tasks[3..5], [Task::Page { table: 0 }, Task::Greet]);
    assert_eq!((ran.pages(), ran.failed()), (vec![0, 1, 2, 3], vec![0]));
}

#[test]
fn a_table_that_holds_some_of_its_rows_is_never_left_out_of_a_delta() {
    // It would miss what happens to these rows between the cursor and its next page.
    let mut machine = machine();
    let mut n_pages = 0;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Page { table: 0 } => page_failed(refused("internal", None), true),
        Task::Page { table: 1 } => {
            n_pages += 1;
            let more = Outcome::Paged { n_rows: 10, complete: false, mismatched: Vec::new() };
            if n_pages == 1 { more } else { page_failed(refused("internal", None), true) }
        }
        task => works(task),
    });
    assert_eq!((ran.failed(), ran.deltas()), (vec![0, 1], vec![vec![0, 1, 2, 3]]));
}

#[test]
fn a_bridge_that_is_gone_ends_the_round_and_blames_no_table() {
    let mut machine = machine();
    let mut n_greets = 0;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Greet => {
            n_greets += 1;
            if n_greets > 1 { offline() } else { works(task) }
        }
        Task::Page { table: 1 } => page_failed(offline(), false),
        task => works(task),
    });
    assert_eq!((ran.pages(), ran.failed()), (vec![0, 1], vec![]));
    assert_eq!(ran.events.last(), Some(&Event::Online { online: false }));
    let wait = due(&mut machine, NOW).expect("a time") - NOW;
    assert!(wait <= Duration::from_millis(1200), "{wait:?}");
    // What was pulled is not asked for again.
    let resumed = round(&mut machine, NOW + wait, works);
    assert_eq!(resumed.pages(), [1, 2, 3]);
}

#[test]
fn a_kill_resumes_where_the_cache_says() {
    let mut machine = machine();
    let ran = round(&mut machine, NOW, |task| match task {
        Task::LoadProgress => Outcome::Loaded { has_cursor: true, incomplete: vec![(2, true)] },
        task => works(task),
    });
    assert_eq!(ran.pages(), [2]);
}

#[test]
fn pushes_go_on_until_nothing_is_left() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Write);
    let mut left = 3;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Push if left > 0 => {
            left -= 1;
            Outcome::Pushed { sent: true }
        }
        task => works(task),
    });
    assert_eq!(ran.tasks, [Task::Push, Task::Push, Task::Push, Task::Push], "a write wakes a push only");
    assert!(!ran.end.is_full);
    assert_eq!(due(&mut machine, NOW), Some(NOW + Duration::from_secs(30)), "the next poll keeps its time");
}

#[test]
fn a_write_during_the_first_pull_is_pushed_between_two_pages() {
    let mut machine = machine();
    let mut tasks = Vec::new();
    while tasks.last() != Some(&Task::Page { table: 0 }) {
        let Step::Run(task) = machine.next(NOW) else { panic!("a round is due") };
        let outcome = works(&task);
        machine.finish(NOW, &task, outcome);
        tasks.push(task);
    }
    machine.wake(NOW, Wake::Write);
    assert_eq!(machine.next(NOW), Step::Run(Task::Push));
}

#[test]
fn a_long_first_pull_polls_in_between() {
    let mut machine = machine();
    let mut now = NOW;
    let mut tasks = Vec::new();
    while let Step::Run(task) = machine.next(now) {
        let outcome = works(&task);
        machine.finish(now, &task, outcome);
        tasks.push(task);
        now += Duration::from_secs(20);
    }
    let polls = tasks.iter().filter(|task| matches!(task, Task::Delta { .. })).count();
    let last_page = tasks.iter().rposition(|task| matches!(task, Task::Page { .. })).expect("pages");
    let first_poll = tasks.iter().position(|task| matches!(task, Task::Delta { .. })).expect("polls");
    assert!(polls >= 2 && first_poll < last_page, "{tasks:?}");
}

#[test]
fn push_first_fetches_the_answer_before_the_delta_is_asked_again() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Asked);
    let mut n_deltas = 0;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Delta { .. } => {
            n_deltas += 1;
            if n_deltas == 1 { Outcome::PushFirst } else { works(task) }
        }
        task => works(task),
    });
    let all = Task::Delta { tables: vec![0, 1, 2, 3] };
    assert_eq!(ran.tasks, [Task::Push, all.clone(), Task::Push, all]);
    // A server that demands it for ever is given up, with backoff.
    machine.wake(NOW, Wake::Asked);
    let stuck = round(&mut machine, NOW, |task| match task {
        Task::Delta { .. } => Outcome::PushFirst,
        task => works(task),
    });
    assert_eq!(stuck.end.trouble.expect("trouble").code, "unanswered");
}

#[test]
fn a_refused_token_waits_for_a_new_one_and_keeps_the_rest() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Write);
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Push => refused("token_refused", None),
        task => works(task),
    });
    assert_eq!(ran.events, [Event::LoginNeeded]);
    assert!(machine.needs_login());
    for wake in [Wake::Write, Wake::Stale] {
        machine.wake(NOW, wake);
        assert_eq!(due(&mut machine, NOW + Duration::from_secs(100_000)), None);
    }
    machine.wake(NOW, Wake::Token);
    assert!(!machine.needs_login());
    let ran = round(&mut machine, NOW, works);
    assert!(ran.end.is_full && ran.end.trouble.is_none());
}

#[test]
fn a_refused_batch_is_parked_and_the_next_one_sent() {
    for code in ["body_too_large", "bad_request", "bad_value", "batch_reused", "batch_stale", "forbidden"] {
        let mut machine = synced();
        machine.wake(NOW, Wake::Write);
        let mut n_pushes = 0;
        let ran = round(&mut machine, NOW, |task| match task {
            Task::Push => {
                n_pushes += 1;
                if n_pushes == 1 { refused(code, Some("a.x")) } else { works(task) }
            }
            task => works(task),
        });
        let refuse = Task::RefuseInFlight { code: code.into(), field: Some("a.x".into()) };
        assert_eq!(ran.tasks, [Task::Push, refuse, Task::Push], "{code}");
    }
}

#[test]
fn a_host_that_blocks_pushes_does_not_block_the_pull_nor_park_anything() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Asked);
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Push => Outcome::Failed(Trouble::from(BridgeError::NotABridge {
            status: 403,
            message: "an HTML page came".into(),
            retry_after: None,
        })),
        task => works(task),
    });
    assert_eq!(ran.tasks, [Task::Push, Task::Greet, Task::Delta { tables: vec![0, 1, 2, 3] }]);
    assert_eq!(ran.end.trouble.expect("it is told").code, "not_a_bridge");
}

#[test]
fn a_rebuilt_feed_restarts_the_pull_in_the_same_round() {
    for code in ["epoch_changed", "cursor_expired"] {
        let mut machine = synced();
        machine.wake(NOW, Wake::Asked);
        let mut n_deltas = 0;
        let ran = round(&mut machine, NOW, |task| match task {
            Task::Delta { .. } => {
                n_deltas += 1;
                if n_deltas == 1 { refused(code, None) } else { works(task) }
            }
            task => works(task),
        });
        assert!(ran.tasks.contains(&Task::RestartPull { last_batch: None }));
        assert_eq!((ran.pages(), ran.end.trouble), (vec![0, 1, 2, 3], None), "{code}");
        // A server that says so for ever is given up, with backoff.
        machine.wake(NOW, Wake::Asked);
        let stuck = round(&mut machine, NOW, |task| match task {
            Task::Delta { .. } => refused(code, None),
            task => works(task),
        });
        assert_eq!(stuck.end.trouble.expect("trouble").code, code);
    }
}

#[test]
fn a_gap_in_the_batches_tells_the_cache_where_the_server_stands() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Write);
    let mut n_pushes = 0;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Push => {
            n_pushes += 1;
            let Outcome::Failed(mut trouble) = refused("batch_gap", None) else { unreachable!() };
            trouble.last_batch = Some(41);
            if n_pushes == 1 { Outcome::Failed(trouble) } else { works(task) }
        }
        task => works(task),
    });
    assert_eq!(ran.tasks[1], Task::RestartPull { last_batch: Some(41) });
}

#[test]
fn a_delta_that_names_its_table_goes_on_without_it_and_reads_it_anew() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Asked);
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Delta { tables } if tables.contains(&2) => refused("unknown_column", Some("c.x")),
        Task::Page { table: 2 } => page_failed(refused("unknown_column", Some("c.x")), false),
        task => works(task),
    });
    assert_eq!(ran.deltas(), [vec![0, 1, 2, 3], vec![0, 1, 3]]);
    assert!(ran.tasks.contains(&Task::Reread { table: 2 }), "what it missed must be read");
    assert_eq!((ran.failed(), ran.end.trouble.clone()), (vec![2], None));
    let mended = round(&mut machine, NOW + Duration::from_secs(30), works);
    assert_eq!((mended.pages(), mended.deltas()), (vec![2], vec![vec![0, 1, 2, 3]]));
}

#[test]
fn a_delta_that_names_no_table_is_asked_for_table_by_table() {
    for failure in ["internal", "bad_request"] {
        let mut machine = synced();
        machine.wake(NOW, Wake::Asked);
        let ran = round(&mut machine, NOW, |task| match task {
            Task::Delta { tables } if tables.contains(&1) => refused(failure, None),
            Task::TryDelta { table: 1 } => refused(failure, None),
            task => works(task),
        });
        assert_eq!(ran.deltas().last(), Some(&vec![0, 2, 3]), "{failure}");
        assert_eq!((ran.failed(), ran.end.trouble), (vec![1], None));
    }
}

#[test]
fn a_delta_that_fails_for_every_table_blames_none() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Asked);
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Delta { .. } | Task::TryDelta { .. } => refused("internal", None),
        task => works(task),
    });
    assert_eq!((ran.failed(), ran.end.trouble.expect("told").code), (vec![], "internal".to_owned()));
    assert!(!ran.tasks.iter().any(|task| matches!(task, Task::Reread { .. })));
}

#[test]
fn a_table_with_another_schema_pauses_and_is_read_anew_when_it_fits_again() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Asked);
    let differs = |task: &Task| match task {
        Task::Delta { .. } => Outcome::Polled { mismatched: vec![3] },
        task => works(task),
    };
    let ran = round(&mut machine, NOW, differs);
    assert!(ran.tasks.contains(&Task::Reread { table: 3 }));
    assert_eq!(ran.failed(), [3]);
    assert!(ran.events.iter().any(
        |event| matches!(event, Event::Attention { table, code, .. } if table == "d" && code == "schema_changed")
    ));
    let paused = round(&mut machine, NOW + Duration::from_secs(30), differs);
    assert_eq!((paused.pages(), paused.deltas()), (vec![], vec![vec![0, 1, 2]]));
    let seen = round(&mut machine, NOW + Duration::from_secs(60), works);
    assert_eq!(seen.pages(), [3], "the delta told that it fits again");
    assert_eq!(seen.failed(), [0; 0]);
}

#[test]
fn offline_waits_grow_and_a_write_does_not_hammer() {
    let mut machine = synced();
    let mut now = NOW + Duration::from_secs(30);
    let mut waits = Vec::new();
    for _ in 0..12 {
        let ran = round(&mut machine, now, |_| offline());
        assert!(ran.end.trouble.is_some());
        let wait = due(&mut machine, now).expect("a time") - now;
        waits.push(wait);
        machine.wake(now, Wake::Write);
        let after_write = due(&mut machine, now).expect("a time") - now;
        assert_eq!(after_write, wait.min(Duration::from_secs(30)), "a write tries within the interval");
        now += after_write;
    }
    assert!(waits[0] <= Duration::from_millis(1200) && waits[11] >= Duration::from_secs(240), "{waits:?}");
}

#[test]
fn a_servers_wish_holds_for_writes_but_not_for_a_person() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Asked);
    round(&mut machine, NOW, |_| {
        let Outcome::Failed(mut trouble) = refused("too_many_attempts", None) else { unreachable!() };
        trouble.retry_after = Some(Duration::from_secs(600));
        Outcome::Failed(trouble)
    });
    for wake in [Wake::Write, Wake::Stale] {
        machine.wake(NOW, wake);
        assert_eq!(due(&mut machine, NOW), Some(NOW + Duration::from_secs(600)));
    }
    machine.wake(NOW, Wake::Asked);
    assert!(matches!(machine.next(NOW), Step::Run(_)));
}

#[test]
fn reads_of_an_old_table_refresh_it_once_in_a_while() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Stale);
    assert_eq!(due(&mut machine, NOW), Some(NOW + Duration::from_secs(5)));
    let ran = round(&mut machine, NOW + Duration::from_secs(5), works);
    assert_eq!(ran.deltas().len(), 1);
}

#[test]
fn a_question_during_a_round_gets_a_round_of_its_own() {
    let mut machine = machine();
    let Step::Run(task) = machine.next(NOW) else { panic!("the first round is due") };
    machine.wake(NOW, Wake::Asked);
    let outcome = works(&task);
    machine.finish(NOW, &task, outcome);
    assert_eq!(round(&mut machine, NOW, works).end.round, 1);
    let second = round(&mut machine, NOW, works);
    assert_eq!((second.end.round, second.deltas().len()), (2, 1));
}

#[test]
fn a_full_disk_ends_the_round_with_backoff() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Asked);
    let error = crate::Error::new(crate::ErrorKind::Storage, "the disk is full");
    let mut error = Some(error);
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Delta { .. } => Outcome::Failed(error.take().expect("asked once").into()),
        task => works(task),
    });
    assert_eq!(ran.end.trouble.expect("told").text, "the disk is full");
    assert!(due(&mut machine, NOW).expect("a time") > NOW);
}
