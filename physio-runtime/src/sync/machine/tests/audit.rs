//! When which table is compared.

use super::*;
use crate::sync::machine::TableIndex;

const DAY: Duration = Duration::from_secs(86_400);

fn audited(ran: &Ran) -> Vec<TableIndex> {
    let table = |task: &Task| if let Task::Audit { table, .. } = task { Some(*table) } else { None };
    ran.tasks.iter().filter_map(table).collect()
}

fn daily() -> Machine {
    let mut plan = test_plan(&[("priority", &["a", "b"]), ("deferred", &["c", "d"])]);
    plan.sync.audit_interval_s = DAY.as_secs();
    Machine::new(&plan, fastrand::Rng::with_seed(7))
}

#[test]
fn a_round_compares_a_few_tables_whose_time_has_come() {
    let mut machine = daily();
    let hours = |n: u64| Some(Duration::from_secs(n * 3600));
    machine.schedule_audits(Duration::ZERO, &[hours(30), hours(1), hours(40), hours(25)]);
    let mut at = NOW;
    let mut rounds = Vec::new();
    for _ in 0..3 {
        rounds.push(audited(&round(&mut machine, at, works)));
        at += Duration::from_secs(60);
    }
    assert_eq!(rounds, [vec![0, 2], vec![3], vec![]], "two a round; one was compared an hour ago");
    let mut later = NOW + DAY - Duration::from_secs(3600);
    assert_eq!(audited(&round(&mut machine, later, works)), [1]);
    later += Duration::from_secs(3700);
    assert_eq!(audited(&round(&mut machine, later, works)), [0, 2], "again after a day");
}

#[test]
fn a_table_that_was_never_compared_waits_for_the_first_pull_to_settle() {
    let mut machine = daily();
    machine.schedule_audits(Duration::ZERO, &[None, None, None, None]);
    assert!(audited(&round(&mut machine, Duration::ZERO, works)).is_empty());
    assert_eq!(audited(&round(&mut machine, Duration::from_secs(700), works)), [0, 1]);
}

#[test]
fn nothing_is_compared_by_itself_where_nobody_wants_it() {
    let mut machine = machine();
    machine.schedule_audits(Duration::ZERO, &[None, None, None, None]);
    assert!(audited(&round(&mut machine, NOW + DAY * 100, works)).is_empty());
}

#[test]
fn whoever_asks_gets_every_table_in_the_next_round() {
    let mut machine = daily();
    machine.wake(NOW, Wake::Audit);
    let ran = round(&mut machine, NOW, works);
    assert_eq!(audited(&ran), [0, 1, 2, 3]);
    let place = |is_it: &dyn Fn(&Task) -> bool| ran.tasks.iter().position(is_it);
    let delta = place(&|task| matches!(task, Task::Delta { .. }));
    assert!(delta < place(&|task| matches!(task, Task::Audit { .. })), "the delta goes before");
    assert!(audited(&round(&mut machine, NOW + Duration::from_secs(60), works)).is_empty());
}

#[test]
fn one_that_was_put_off_is_not_repeated_in_the_same_round() {
    let mut machine = daily();
    machine.wake(NOW, Wake::Audit);
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Audit { table: 1, .. } => Outcome::Audited { is_complete: false, is_other_schema: false },
        task => works(task),
    });
    assert_eq!(audited(&ran), [0, 1, 2, 3]);
    assert_eq!(ran.end.trouble, None);
}

#[test]
fn an_older_bridge_fails_nothing_unless_it_was_asked() {
    let refuses = |task: &Task| match task {
        Task::Audit { .. } => refused("bad_request", None),
        task => works(task),
    };
    let mut machine = daily();
    machine.schedule_audits(Duration::ZERO, &[None, None, None, None]);
    let ran = round(&mut machine, NOW, refuses);
    assert_eq!((audited(&ran).len(), ran.failed()), (4, vec![]), "each is put off");
    machine.wake(NOW, Wake::Audit);
    let ran = round(&mut machine, NOW, refuses);
    assert_eq!(ran.failed(), [0, 1, 2, 3]);
}

#[test]
fn a_server_that_goes_away_ends_the_round() {
    let mut machine = daily();
    machine.wake(NOW, Wake::Audit);
    let ran = round(&mut machine, NOW, |task| match task {
        Task::Audit { .. } => offline(),
        task => works(task),
    });
    assert_eq!(audited(&ran), [0]);
    assert!(ran.end.trouble.is_some());
}
