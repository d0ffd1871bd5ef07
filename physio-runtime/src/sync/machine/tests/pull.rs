//! What is pulled, in which order, and what a failure stops.

use super::*;

#[test]
fn the_first_round_pushes_greets_pulls_wave_by_wave_and_polls() {
    let mut machine = machine();
    let ran = round(&mut machine, NOW, works);
    let all = vec![0, 1, 2, 3];
    assert_eq!(
        ran.tasks,
        [
            Task::LoadProgress,
            push(),
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
fn the_page_after_the_last_of_a_table_is_foreseen() {
    let mut machine = machine();
    let mut foreseen = Vec::new();
    while let Step::Run(task) = machine.next(NOW) {
        foreseen.push(machine.page_after(&task));
        let outcome = works(&task);
        machine.finish(NOW, &task, outcome);
    }
    // Load, push and greet; four pages, of which the last has none after it; the delta.
    assert_eq!(foreseen, [None, None, None, Some(1), Some(2), Some(3), None, None]);
}

#[test]
fn pages_follow_until_the_table_is_complete() {
    let mut machine = machine();
    let mut left = 3;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Page { table: 1 } => {
            left -= 1;
            Outcome::Paged { n_rows: 10, complete: left == 0, is_other_schema: false }
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
            let more = Outcome::Paged { n_rows: 10, complete: false, is_other_schema: false };
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
fn a_page_of_another_epoch_restarts_the_pull_in_the_same_round() {
    let mut machine = machine();
    let mut n_pages = 0;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Page { .. } => {
            n_pages += 1;
            if n_pages == 3 { page_failed(refused("epoch_changed", None), false) } else { works(task) }
        }
        task => works(task),
    });
    assert!(ran.tasks.contains(&Task::RestartPull { last_batch: None }));
    assert_eq!((ran.pages(), ran.failed(), ran.end.trouble), (vec![0, 1, 2, 0, 1, 2, 3], vec![], None));
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

/// A server on which table `d` differs.
fn differs(is_pull_paused: bool) -> impl Fn(&Task) -> Outcome {
    move |task| match task {
        Task::Greet => {
            let Outcome::Failed(trouble) = refused("schema_changed", Some("d.name")) else { unreachable!() };
            Outcome::Greeted { paused: vec![Paused { table: 3, is_pull_paused, trouble }], is_reread: false }
        }
        task => works(task),
    }
}

/// The next delta says that the bridge has another fingerprint.
fn told(machine: &mut Machine, server: impl Fn(&Task) -> Outcome) -> Ran {
    machine.wake(NOW, Wake::Asked);
    round(machine, NOW, |task| match task {
        Task::Delta { .. } => Outcome::Polled { is_other_schema: true },
        task => server(task),
    })
}

#[test]
fn a_table_with_another_schema_pauses_and_is_read_anew_when_it_fits_again() {
    let mut machine = synced();
    let ran = told(&mut machine, differs(true));
    assert!(ran.tasks.contains(&Task::Greet) && ran.tasks.contains(&Task::Reread { table: 3 }));
    assert_eq!(ran.failed(), [3]);
    assert!(ran.events.iter().any(|event| matches!(event, Event::Attention { table, code, field }
        if table == "d" && code == "schema_changed" && field.as_deref() == Some("d.name"))));
    let paused = round(&mut machine, NOW + Duration::from_secs(30), differs(true));
    assert_eq!((paused.pages(), paused.deltas()), (vec![], vec![vec![0, 1, 2]]));
    assert_eq!((paused.failed(), paused.events.len()), (vec![3], 0), "told once");
    let seen = round(&mut machine, NOW + Duration::from_secs(60), works);
    assert_eq!(seen.pages(), [3], "it is asked for in each round whether it fits again");
    assert_eq!(seen.failed(), [0; 0]);
}

#[test]
fn a_table_whose_changes_wait_is_still_pulled() {
    let mut machine = synced();
    let ran = told(&mut machine, differs(false));
    assert!(!ran.tasks.iter().any(|task| matches!(task, Task::Reread { .. })));
    assert_eq!(ran.failed(), [3]);
    let paused = round(&mut machine, NOW + Duration::from_secs(30), differs(false));
    assert_eq!(paused.deltas(), [[0, 1, 2, 3]]);
}

#[test]
fn a_page_that_meets_a_replaced_bridge_is_asked_for_again() {
    let mut machine = machine();
    let mut is_replaced = false;
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Page { table: 1 } if !std::mem::replace(&mut is_replaced, true) => {
            page_failed(refused("schema_changed", None), false)
        }
        task => works(task),
    });
    assert_eq!(ran.pages(), [0, 1, 1, 2, 3]);
    assert_eq!(ran.tasks.iter().filter(|task| **task == Task::Greet).count(), 2);
    assert_eq!((ran.failed(), ran.end.trouble), (vec![], None));
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
