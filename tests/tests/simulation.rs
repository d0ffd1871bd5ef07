//! Seeds of the simulation, and every plan that once failed.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_tests::harness::app::repository;
use physio_tests::simulation::{
    Failure, Figures, Plan, Report, Runner, plan_of_seed, shrink_seed, stay_on_processor,
};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Few: `cargo xtask test` has a step that sets `PHYSIO_SIMULATION_SEEDS` to 2,000.
const N_SEEDS: u64 = 60;

/// Runs with which the first failing seed is shrunk, at the most.
const SHRINKING_RUNS: usize = 1000;

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
fn run_all(plans: &[(String, Plan)]) -> (Figures, Vec<(String, Failure)>) {
    let (next, sum, faults) =
        (AtomicU64::new(0), Mutex::<Figures>::default(), Mutex::<Vec<(String, Failure)>>::default());
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for job in 0..n_threads {
            let (next, sum, faults) = (&next, &sum, &faults);
            scope.spawn(move || {
                stay_on_processor(job);
                let runner = Runner::new();
                while let Some((name, plan)) = plans.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                    match runner.run(plan) {
                        Ok(Report { figures, .. }) => sum.lock().unwrap().merge(&figures),
                        Err(failure) => faults.lock().unwrap().push((name.clone(), failure)),
                    }
                }
            });
        }
    });
    (sum.into_inner().unwrap(), faults.into_inner().unwrap())
}

#[test]
fn nothing_is_lost_doubled_or_stale_whatever_happens() {
    let n_seeds = std::env::var("PHYSIO_SIMULATION_SEEDS")
        .map_or(N_SEEDS, |text| text.parse().expect("PHYSIO_SIMULATION_SEEDS is a number"));
    let plans: Vec<(String, Plan)> =
        (0..n_seeds).map(|seed| (seed.to_string(), plan_of_seed(seed))).collect();
    let (figures, faults) = run_all(&plans);
    if let Some((name, failure)) = faults.first() {
        let plan = shrink_seed(name.parse().unwrap(), failure, SHRINKING_RUNS);
        panic!("{} of {n_seeds} seeds fail; {name}: {}\n{}", faults.len(), failure.message, plan.to_text());
    }
    for name in MUST_HAPPEN {
        assert!(figures.get(name) > 0, "{name} never happens: {figures:?}");
    }
}

#[test]
fn plans_that_once_failed_do_so_no_more() {
    let folder = repository().join("tests/fixtures/simulation");
    let mut plans: Vec<(String, Plan)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let plan = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            (path.file_name().unwrap().to_string_lossy().into_owned(), plan)
        })
        .collect();
    plans.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!plans.is_empty());
    let (_, faults) = run_all(&plans);
    assert_eq!(faults, Vec::new());
}

#[test]
fn the_same_seed_gives_the_same_files() {
    let runner = Runner::new().traced();
    // 450 and 950 have many kills while tasks run.
    for seed in [1, 2, 8, 450, 950] {
        let plan = plan_of_seed(seed);
        let (first, second) = (runner.run(&plan).unwrap(), runner.run(&plan).unwrap());
        assert_eq!(first.trace, second.trace, "seed {seed}");
        assert_eq!(first.files, second.files, "seed {seed}");
        assert!(first.files.contains("_physio_meta"));
    }
}
