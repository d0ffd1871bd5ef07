//! Seeds of the simulation, and every plan that once failed.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_tests::harness::app::repository;
use physio_tests::simulation::{Failure, Figures, Plan, Report, Runner, plan_of_seed};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Few: `cargo xtask simulate` runs 2,000 in a form that is fast.
const N_SEEDS: u64 = 60;

/// What every range of seeds must have in it, or it proves nothing.
const MUST_HAPPEN: [&str; 14] = [
    "local transactions",
    "foreign local transactions",
    "remote transactions",
    "schema upgrades of devices",
    "schema upgrades of servers",
    "units in the attention list",
    "writes followed to their end",
    "fault: kill",
    "fault: power lost",
    "fault: reply lost",
    "fault: reply cut",
    "fault: request lost",
    "fault: straggler arrives",
    "fault: clock jumped",
];

/// Every plan, on all processors; each fault with the name of its plan.
fn run_all(plans: &[(String, Plan)]) -> (Figures, Vec<String>) {
    let (next, sum, faults) =
        (AtomicU64::new(0), Mutex::<Figures>::default(), Mutex::<Vec<String>>::default());
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..n_threads {
            scope.spawn(|| {
                let runner = Runner::new();
                while let Some((name, plan)) = plans.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                    match runner.run(plan) {
                        Ok(Report { figures, .. }) => sum.lock().unwrap().merge(&figures),
                        Err(Failure { message, .. }) => {
                            faults.lock().unwrap().push(format!("{name}: {message}"))
                        }
                    }
                }
            });
        }
    });
    (sum.into_inner().unwrap(), faults.into_inner().unwrap())
}

#[test]
fn nothing_is_lost_doubled_or_stale_whatever_happens() {
    let plans: Vec<(String, Plan)> =
        (0..N_SEEDS).map(|seed| (format!("seed {seed}"), plan_of_seed(seed))).collect();
    let (figures, faults) = run_all(&plans);
    assert_eq!(faults, Vec::<String>::new(), "`cargo xtask simulate --seeds A..B` shrinks a seed");
    for name in MUST_HAPPEN {
        assert!(figures.get(name) > 0, "{name} never happens: {figures:?}");
    }
}

#[test]
fn plans_that_once_failed_do_so_no_more() {
    let folder = repository().join("tests/fixtures/simulation");
    let mut plans: Vec<(String, Plan)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let plan = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            (path.file_name().unwrap().to_string_lossy().into_owned(), plan)
        })
        .collect();
    plans.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!plans.is_empty());
    let (_, faults) = run_all(&plans);
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_same_seed_gives_the_same_files() {
    let runner = Runner::new().traced();
    for seed in [1, 2, 8] {
        let plan = plan_of_seed(seed);
        let (first, second) = (runner.run(&plan).unwrap(), runner.run(&plan).unwrap());
        assert_eq!(first.trace, second.trace, "seed {seed}");
        assert_eq!(first.files, second.files, "seed {seed}");
        assert!(first.files.contains("_physio_meta"));
    }
}
