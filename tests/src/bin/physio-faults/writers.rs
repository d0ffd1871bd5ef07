//! Applications that write straight to MariaDB, in long and short transactions, while several devices pull.

mod application;

use crate::figures::Figure;
use crate::{Result, Setting};
use application::{Application, Book};
use mysql::prelude::Queryable;
use physio_runtime::Physio;
use physio_runtime::bridge::Token;
use physio_tests::comparison::{self, TableComparison};
use physio_tests::data::{Generator, load_mysql};
use physio_tests::harness::{App, Stack};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const N_WRITERS: u64 = 6;
const N_DEVICES: usize = 3;
const TOKEN: &str = "a-device-of-the-faults";

pub(crate) fn run(setting: &Setting) -> Result<Vec<Figure>> {
    let stack = Stack::start_bare(App::clinic()?)?;
    let wanted =
        [("patients", 100), ("payments", 100), ("tests", 100), ("attendance", 100), ("branches", 12)];
    load_mysql(&mut stack.connect()?, &Generator::new(&stack.app.schema, setting.seed, &wanted))?;
    stack.install()?;
    // A device that has seen nothing yet keeps the whole feed, in which `passed` looks up each transaction's place.
    stack
        .connect()?
        .query_drop("INSERT INTO _physio_reader VALUES (REPEAT('f', 32), 0, UNIX_TIMESTAMP())")?;
    stack.add_token(TOKEN, "UTC_TIMESTAMP() + INTERVAL 2 DAY", false)?;
    let folder = tempfile::Builder::new().prefix("physio-faults-").tempdir()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let devices = {
        let _runtime = runtime.enter();
        (0..N_DEVICES).map(|number| open(&stack, folder.path(), number)).collect::<Result<Vec<_>>>()?
    };
    for device in &devices {
        runtime.block_on(device.wait_until_synced())?;
    }
    let n_rounds = AtomicU64::new(0);
    let start = Instant::now();
    let book = write_while_they_pull(setting, &stack, &devices, &runtime, &n_rounds)?;
    let wrote = start.elapsed();
    for device in &devices {
        runtime.block_on(device.sync_now())?;
        runtime.block_on(device.wait_until_synced())?;
    }
    let mut figures = vec![
        Figure::count("row changes committed", book.n_changes),
        Figure::count("of these by cascades", book.n_cascaded),
        Figure::count("transactions committed", book.n_committed),
        Figure::count("transactions rolled back", book.n_rolled_back),
        Figure::plain("longest transaction", format!("{:.1} s", book.longest.as_secs_f64())),
        Figure::plain("changes a second", format!("{:.0}", book.n_changes as f64 / wrote.as_secs_f64())),
        Figure::count("rounds of the devices meanwhile", n_rounds.load(Ordering::Relaxed)),
    ];
    figures.extend(passed(&stack, &book)?);
    for (number, device) in devices.iter().enumerate() {
        let compared = device.read(|file| {
            let mut conn = stack.connect().map_err(usage)?;
            comparison::compare_all(&stack.app.plan, &mut conn, file, 5).map_err(usage)
        })?;
        figures.push(missed(number, &compared));
        runtime.block_on(device.close());
    }
    figures.push(Figure::holds(
        "as many changes as were asked for",
        book.n_changes >= setting.args.n_changes(),
        String::new(),
    ));
    stack.php.assert_clean();
    Ok(figures)
}

fn usage(error: physio_tests::harness::HarnessError) -> physio_runtime::Error {
    physio_runtime::rusqlite::Error::UserFunctionError(Box::new(error)).into()
}

fn open(stack: &Stack, folder: &Path, number: usize) -> Result<Physio> {
    Ok(Physio::builder(&*stack.app.plan)
        .cache(folder.join(format!("device{number}.db")))
        .bridge_url(stack.url())
        .token(Token::new(TOKEN))
        .open()?)
}

fn write_while_they_pull(
    setting: &Setting,
    stack: &Stack,
    devices: &[Physio],
    runtime: &tokio::runtime::Runtime,
    n_rounds: &AtomicU64,
) -> Result<Book> {
    let is_over = AtomicBool::new(false);
    let n_each = setting.args.n_changes().div_ceil(N_WRITERS);
    std::thread::scope(|scope| {
        let pulling: Vec<_> = devices
            .iter()
            .map(|device| {
                scope.spawn(|| {
                    while !is_over.load(Ordering::SeqCst) {
                        runtime.block_on(device.sync_now())?;
                        n_rounds.fetch_add(1, Ordering::Relaxed);
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    Ok::<(), physio_runtime::Error>(())
                })
            })
            .collect();
        let writing: Vec<_> = (0..N_WRITERS)
            .map(|number| {
                scope.spawn(move || -> Result<Book, String> {
                    let conn = stack.connect().map_err(|error| error.to_string())?;
                    let mut application = Application::new(conn, number, setting.seed, devices);
                    application.write(n_each).map_err(|error| error.to_string())
                })
            })
            .collect();
        let books: Vec<_> = writing.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        is_over.store(true, Ordering::SeqCst);
        for device in pulling {
            device.join().map_err(|_| "a device panicked")??;
        }
        let mut sum = Book::default();
        for book in books {
            sum.add(book.map_err(|_| "a writer panicked")??);
        }
        Ok(sum)
    })
}

/// The cursors that the devices had just before a transaction was committed must lie before its changes: each
/// transaction began with a row of its own, whose place in the feed tells.
fn passed(stack: &Stack, book: &Book) -> Result<Vec<Figure>> {
    let rows: Vec<(String, u64)> = stack
        .connect()?
        .query("SELECT pk, seq FROM _physio_feed WHERE t = CRC32('system_settings') AND pk LIKE 'mark-%'")?;
    let places: HashMap<String, u64> = rows.into_iter().collect();
    let (mut n_passed, mut n_checked, mut n_absent) = (0, 0, 0);
    for (marker, cursors) in &book.marks {
        match places.get(marker) {
            None => n_absent += 1,
            Some(place) => {
                n_checked += cursors.len() as u64;
                n_passed += cursors.iter().filter(|cursor| *cursor >= place).count() as u64;
            }
        }
    }
    Ok(vec![
        Figure::count("cursors looked at just before a commit", n_checked),
        Figure::zero("cursors that had passed the uncommitted change", n_passed),
        Figure::zero("committed transactions that are not in the feed", n_absent),
    ])
}

fn missed(number: usize, compared: &[TableComparison]) -> Figure {
    let n_wrong: u64 =
        compared.iter().map(|table| table.n_differing + table.n_missing_here + table.n_missing_there).sum();
    let n_rows: u64 = compared.iter().map(|table| table.n_server).sum();
    for table in compared.iter().filter(|table| !table.is_equal()) {
        anstream::eprintln!("device {number}: {table:?}");
    }
    Figure::zero(&format!("device {number}: rows missed or wrong, of {n_rows}"), n_wrong)
}
