//! What is pushed, and what a refusal parks.

use super::*;

#[test]
fn pushes_go_on_until_nothing_is_left() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Write);
    let mut left = 3;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::LoadProgress => loaded(true, &[]),
        Task::Push { .. } if left > 0 => {
            left -= 1;
            Outcome::Pushed { sent: true, is_other_schema: false }
        }
        task => works(task),
    });
    let asked: Vec<&Task> = ran.tasks.iter().filter(|task| **task != Task::LoadProgress).collect();
    assert_eq!(asked, [&push(); 4], "a write wakes a push only");
    assert!(!ran.end.is_full);
    assert_eq!(due(&mut machine, NOW), Some(NOW + Duration::from_secs(30)), "the next poll keeps its time");
}

/// A late answer, or one with other columns, makes the cache read a table from its first page again.
#[test]
fn a_table_that_an_answer_sends_back_is_read_again_in_the_same_round() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Asked);
    let mut is_sent = false;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::LoadProgress => loaded(true, &[2]),
        Task::Push { .. } => {
            Outcome::Pushed { sent: !std::mem::replace(&mut is_sent, true), is_other_schema: false }
        }
        task => works(task),
    });
    assert_eq!(ran.pages(), [2]);
}

#[test]
fn a_table_that_a_decision_sends_back_is_read_again_at_once() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Decided);
    let ran = round(&mut machine, NOW, |task| match task {
        Task::LoadProgress => loaded(true, &[1]),
        task => works(task),
    });
    assert_eq!(ran.pages(), [1]);
    assert!(ran.end.is_full);
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
    assert_eq!(machine.next(NOW), Step::Run(push()));
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
    assert_eq!(ran.tasks, [push(), all.clone(), push(), all]);
    // A server that demands it for ever is given up, with backoff.
    machine.wake(NOW, Wake::Asked);
    let stuck = round(&mut machine, NOW, |task| match task {
        Task::Delta { .. } => Outcome::PushFirst,
        task => works(task),
    });
    assert_eq!(stuck.end.trouble.expect("trouble").code, "unanswered");
}

#[test]
fn a_refused_batch_is_parked_and_the_next_one_sent() {
    for code in ["body_too_large", "bad_request", "bad_value", "batch_reused", "batch_stale", "forbidden"] {
        let mut machine = synced();
        machine.wake(NOW, Wake::Write);
        let mut n_pushes = 0;
        let ran = round(&mut machine, NOW, |task| match task {
            Task::Push { .. } => {
                n_pushes += 1;
                if n_pushes == 1 { refused(code, Some("a.x")) } else { works(task) }
            }
            task => works(task),
        });
        let refuse = Task::RefuseInFlight { code: code.into(), field: Some("a.x".into()) };
        assert_eq!(ran.tasks, [push(), refuse, push()], "{code}");
    }
}

#[test]
fn a_host_that_blocks_pushes_does_not_block_the_pull_nor_park_anything() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Asked);
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Push { .. } => Outcome::Failed(Trouble::from(BridgeError::NotABridge {
            status: 403,
            message: "an HTML page came".into(),
            retry_after: None,
        })),
        task => works(task),
    });
    assert_eq!(ran.tasks, [push(), Task::Greet, Task::Delta { tables: vec![0, 1, 2, 3] }]);
    assert_eq!(ran.end.trouble.expect("it is told").code, "not_a_bridge");
}

#[test]
fn a_gap_in_the_batches_tells_the_cache_where_the_server_stands() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Write);
    let mut n_pushes = 0;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Push { .. } => {
            n_pushes += 1;
            let Outcome::Failed(mut trouble) = refused("batch_gap", None) else { unreachable!() };
            trouble.last_batch = Some(41);
            if n_pushes == 1 { Outcome::Failed(trouble) } else { works(task) }
        }
        task => works(task),
    });
    assert_eq!(ran.tasks[1], Task::RestartPull { last_batch: Some(41) });
    assert_eq!(ran.pages(), [0, 1, 2, 3], "though only a push was woken");
}

#[test]
fn a_bridge_that_was_replaced_is_asked_before_anything_is_sent_again() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Write);
    let mut is_known = false;
    let mut is_sent = false;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Push { .. } if !is_known => refused("schema_changed", None),
        Task::Push { .. } => {
            Outcome::Pushed { sent: !std::mem::replace(&mut is_sent, true), is_other_schema: false }
        }
        Task::Greet => {
            is_known = true;
            works(task)
        }
        task => works(task),
    });
    let refuse = Task::RefuseInFlight { code: "schema_changed".into(), field: None };
    assert_eq!(ran.tasks, [push(), refuse, Task::Greet, push(), Task::LoadProgress, push()]);
    assert_eq!(ran.end.trouble, None);
}

#[test]
fn a_bridge_that_always_says_it_was_replaced_is_not_asked_for_ever() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Write);
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Push { .. } => refused("schema_changed", None),
        task => works(task),
    });
    assert_eq!(ran.tasks.iter().filter(|task| matches!(task, Task::Push { .. })).count(), 4);
    assert_eq!(ran.end.trouble.expect("told").code, "schema_changed");
}

#[test]
fn a_table_that_the_database_lacks_is_held_and_the_others_changes_go() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Write);
    let mut is_sent = false;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Push { held } if held.is_empty() => refused("schema_changed", Some("b.name")),
        Task::Push { .. } => {
            Outcome::Pushed { sent: !std::mem::replace(&mut is_sent, true), is_other_schema: false }
        }
        task => works(task),
    });
    let refuse = Task::RefuseInFlight { code: "schema_changed".into(), field: Some("b.name".into()) };
    let held = Task::Push { held: vec![1] };
    assert_eq!(ran.tasks, [push(), refuse, held.clone(), Task::LoadProgress, held]);
    assert_eq!((ran.failed(), ran.end.trouble), (vec![1], None));
}

/// As while rows are imported: each push leaves something new to push.
fn always_has_more(task: &Task) -> Outcome {
    match task {
        Task::Push { .. } => Outcome::Pushed { sent: true, is_other_schema: false },
        task => works(task),
    }
}

#[test]
fn writes_that_never_cease_keep_no_pull_waiting() {
    let mut machine = machine();
    let mut missing = vec![0, 1, 2, 3];
    let mut tasks = Vec::new();
    // `round` would not end: asked for as long as it pushes alone.
    while tasks.len() < 40 {
        let Step::Run(task) = machine.next(NOW) else { panic!("{tasks:?}") };
        let outcome = match &task {
            Task::LoadProgress => loaded(true, &missing),
            Task::Page { table } => {
                missing.retain(|missing| missing != table);
                works(&task)
            }
            task => always_has_more(task),
        };
        machine.finish(NOW, &task, outcome);
        tasks.push(task);
    }
    tasks.retain(|task| !matches!(task, Task::LoadProgress | Task::Greet));
    let page = |table| Task::Page { table };
    let all = Task::Delta { tables: vec![0, 1, 2, 3] };
    let one_each = [push(), page(0), push(), page(1), push(), page(2), push(), page(3), push(), all, push()];
    assert_eq!(tasks[..11], one_each);
    assert!(tasks[11..].iter().all(|task| *task == push()), "{tasks:?}");
}

#[test]
fn a_round_of_pushes_gives_way_to_the_next_poll() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Write);
    let (mut now, mut deltas, mut ends) = (NOW, Vec::new(), 0);
    while now < NOW + Duration::from_secs(100) {
        let Step::Run(task) = machine.next(now) else { panic!("nothing to do at {now:?}") };
        let outcome = match &task {
            Task::LoadProgress => loaded(true, &[]),
            task => always_has_more(task),
        };
        if let Task::Delta { .. } = task {
            deltas.push((now - NOW).as_secs());
        }
        if let Task::Push { .. } = task {
            now += Duration::from_secs(1);
        }
        let notices = machine.finish(now, &task, outcome);
        ends += notices.iter().filter(|notice| matches!(notice, Notice::RoundEnded(_))).count();
    }
    assert_eq!(deltas, [30, 61, 91], "one poll an interval, beside the pushes");
    assert_eq!(ends, 2, "who waits for a round is answered");
}
