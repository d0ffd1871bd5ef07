//! When the next round comes, and who may bring it forward.

use super::*;

#[test]
fn a_refused_token_waits_for_a_new_one_and_keeps_the_rest() {
    let mut machine = synced();
    machine.wake(NOW, Wake::Write);
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Push { .. } => refused("token_refused", None),
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
