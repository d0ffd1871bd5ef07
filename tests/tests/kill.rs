//! Processes that are killed with signal 9 at bad moments: no acknowledged write is lost, none is doubled.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]
#![allow(clippy::print_stdout, reason = "a failing test must name its seed")]

use mysql::prelude::Queryable;
use physio_tests::faults::{Device, Point, Server};
use std::path::Path;
use std::time::{Duration, Instant};

/// The device's program.
fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_physio-test-client"))
}

/// Markers of the local transactions that were acknowledged.
fn written(said: &[String]) -> Vec<String> {
    said.iter().filter_map(|line| line.strip_prefix("written ")).map(str::to_owned).collect()
}

/// Decides the kill points; a failure prints it, and `PHYSIO_SEED` sets it.
fn seed(test: &str) -> u64 {
    let given = std::env::var("PHYSIO_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| fastrand::u64(..));
    println!("{test}: PHYSIO_SEED={seed}");
    seed
}

/// Sends little at a time, so that there are many batches to be killed in.
const WRITING: &str = "--push-bytes 2500 --units 15";

#[test]
fn a_first_pull_goes_on_where_it_was_killed() {
    const PAGE_ROWS: u64 = 200;
    let seed = seed("first pull");
    let mut random = fastrand::Rng::with_seed(seed);
    let server = Server::start(seed, 1_500).unwrap();
    let device = server.device(program());
    let arguments = format!("--page-rows {PAGE_ROWS}");
    let rows_in_cache = |device: &Device| -> u64 {
        let tables = server.stack.app.plan.tables.iter();
        tables.map(|table| device.count(&format!("SELECT count(*) FROM \"{}\"", table.name))).sum()
    };
    let (mut n_kills, mut n_before) = (0, 0);
    for round in 0..7 {
        let n_pages = 2 + random.usize(..3);
        match round % 2 {
            0 => {
                let mut process = device.start(&arguments);
                (0..n_pages).for_each(|_| process.wait_for(|line| line.starts_with("progress ")));
                process.kill();
            }
            _ => {
                // Half a page is in the socket, and perhaps in the file.
                let caught = server.cable.catch("/read.php", Point::HalfAnswer, n_pages);
                let process = device.start(&arguments);
                caught.wait();
                process.kill();
            }
        }
        n_kills += 1;
        let n_now = rows_in_cache(&device);
        assert!(n_now > n_before, "run {round} came no further: {n_now} rows");
        n_before = n_now;
    }
    let n_incomplete = device.count("SELECT count(*) FROM _physio_tables WHERE state <> 'complete'");
    assert!(n_incomplete > 0, "the last kill was in the middle");

    device.sync(&arguments);
    server.check(&device, &[]);
    let n_pages: u64 = server
        .stack
        .app
        .plan
        .tables
        .iter()
        .map(|table| device.count(&format!("SELECT count(*) FROM \"{}\"", table.name)) / PAGE_ROWS + 1)
        .sum();
    let n_asked = server.cable.requests().iter().filter(|line| line.contains("/read.php")).count() as u64;
    assert!(n_asked <= n_pages + 2 * n_kills, "{n_asked} pages were asked for where {n_pages} are needed");
}

#[test]
fn what_was_acknowledged_offline_is_sent_after_a_kill() {
    let seed = seed("offline");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut server = Server::start(seed, 20).unwrap();
    let device = server.device(program());
    device.sync("");
    let mut acknowledged = Vec::new();
    for run in 0..3 {
        server.kill_php().unwrap();
        let mut process = device.start(&format!("{WRITING} --run offline{run}"));
        let last = format!("written offline{run}-{}", random.usize(5..15));
        process.wait_for(|line| line == last);
        acknowledged.extend(written(&process.kill()));
        assert!(server.log().unwrap().len() < acknowledged.len(), "nothing was sent while PHP was away");
    }
    assert_eq!(server.log().unwrap().len(), 0);
    server.plug_in();
    device.sync("");
    server.check(&device, &acknowledged);
}

#[test]
fn a_device_killed_while_it_pushes_sends_everything_once() {
    let seed = seed("while pushing");
    let mut random = fastrand::Rng::with_seed(seed);
    let server = Server::start(seed, 20).unwrap();
    let device = server.device(program());
    device.sync("");
    let points =
        [None, Some(Point::Request), Some(Point::Work), Some(Point::HalfAnswer), Some(Point::Answer)];
    let mut acknowledged = Vec::new();
    for run in 0..15 {
        let arguments = format!("{WRITING} --run pushing{run}");
        let said = match points[run % points.len()] {
            None => {
                let mut process = device.start(&arguments);
                process.wait_for(|line| line.starts_with("remapped "));
                process.wait_for_lines(random.usize(..20));
                process.kill()
            }
            Some(point) => {
                let caught = server.cable.catch("/batch.php", point, random.usize(..3));
                let process = device.start(&arguments);
                caught.wait();
                process.kill()
            }
        };
        acknowledged.extend(written(&said));
        if run % 5 == 4 {
            device.sync("");
            server.check(&device, &acknowledged);
        }
    }
    assert!(acknowledged.len() >= 15, "{acknowledged:?}");
}

#[test]
fn a_php_killed_in_the_middle_of_a_batch_applies_all_of_it_or_nothing() {
    let seed = seed("PHP");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut server = Server::start(seed, 20).unwrap();
    let device = server.device(program());
    device.sync("");
    let mut acknowledged = Vec::new();

    // In its transaction, waiting for a row: after the first inserts and before the update.
    let n_before = server.log().unwrap().len();
    let mut other = server.stack.connect().unwrap();
    other.query_drop("BEGIN").unwrap();
    other.query_drop("UPDATE branches SET state = state WHERE branch_id = 1").unwrap();
    let process = device.start(&format!("{WRITING} --run locked --until-synced"));
    wait_for_php_at_the_branch(&server);
    server.kill_php().unwrap();
    assert_eq!(server.log().unwrap().len(), n_before, "nothing of the batch is seen");
    other.query_drop("ROLLBACK").unwrap();
    server.plug_in();
    acknowledged.extend(written(&process.finish()));
    server.check(&device, &acknowledged);

    // At any point: before PHP reads, while it works, after it committed.
    for (run, point) in [Point::Work, Point::Answer, Point::HalfAnswer, Point::Work].into_iter().enumerate() {
        let caught = server.cable.catch("/batch.php", point, random.usize(..3));
        let process = device.start(&format!("{WRITING} --run php{run} --until-synced"));
        caught.wait();
        server.kill_php().unwrap();
        drop(caught);
        server.plug_in();
        acknowledged.extend(written(&process.finish()));
        server.check(&device, &acknowledged);
    }
    assert_eq!(acknowledged.len(), 5 * 15);
}

/// Until a statement of PHP is at the branch's row, which another transaction holds.
fn wait_for_php_at_the_branch(server: &Server) {
    let mut root = server.stack.maria().connect(None).unwrap();
    let sql = "SELECT count(*) FROM information_schema.processlist
               WHERE db = ? AND info LIKE 'UPDATE `branches`%'";
    let until = Instant::now() + Duration::from_secs(60);
    while root.exec_first(sql, (&server.stack.database,)).unwrap() != Some(1_u64) {
        assert!(Instant::now() < until, "PHP never came to the branch's row");
        std::thread::yield_now();
    }
}
