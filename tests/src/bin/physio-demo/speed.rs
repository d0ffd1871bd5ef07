//! Local reads and durable writes, timed one by one.

use crate::Result;
use crate::clinic::{Payments, PaymentsPatch};
use crate::screen::Screen;
use physio_runtime::Physio;
use physio_tests::timing::{Timings, grouped, shown};
use std::time::Duration;

const N_READS: usize = 5_000;
const N_WRITES: usize = 200;
const READ_PROMISE: Duration = Duration::from_millis(2);
const WRITE_PROMISE: Duration = Duration::from_millis(10);

/// Times typed reads by key and captured, durable updates; whether both promises were kept.
pub(crate) fn measure(screen: &Screen, physio: &Physio) -> Result<bool> {
    let keys =
        physio.query_rows("SELECT payment_id FROM payments ORDER BY payment_id LIMIT 2000", [], |row| {
            Ok(row.get::<_, i64>(0)?)
        })?;
    if keys.is_empty() {
        return Err("there is no payment to read".into());
    }
    let reads = Timings::try_measure(N_READS, |n| physio.get::<Payments>(keys[n * 7 % keys.len()]))?;
    let writes = Timings::try_measure(N_WRITES, |n| {
        let remarks = format!("checked by the demo, {n}");
        let patch = PaymentsPatch { remarks: Some(Some(remarks)), ..Default::default() };
        physio.write(|tx| tx.update::<Payments>(keys[n % keys.len()], patch))
    })?;
    let is_read_fast = show(screen, "typed read by key", &reads, READ_PROMISE);
    let is_write_fast = show(screen, "durable write, captured", &writes, WRITE_PROMISE);
    Ok(is_read_fast && is_write_fast)
}

fn show(screen: &Screen, what: &str, timings: &Timings, promise: Duration) -> bool {
    let is_kept = timings.p99() < promise;
    let (p50, p99) = (shown(timings.p50()), shown(timings.p99()));
    let n = grouped(timings.len() as u64);
    screen.verdict(
        is_kept,
        format!("{what:<24} p50 {p50:>9}   p99 {p99:>9}   of {n}, promised below {}", shown(promise)),
    );
    is_kept
}
