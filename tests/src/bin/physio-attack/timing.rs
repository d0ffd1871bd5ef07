//! How long refused tokens take. What must hold is tested by their statements; this shows that a clock agrees.

use crate::Result;
use crate::socket::{Request, send};
use mysql::prelude::Queryable;
use physio_tests::harness::Stack;
use physio_tests::timing::Timings;
use std::time::Instant;

const N_EACH: usize = 150;

/// Prints the median of each kind, asked in turn.
pub(crate) fn show(stack: &Stack) -> Result<()> {
    let kinds = ["unknown", "expired", "revoked"];
    let tokens = kinds.map(|kind| format!("Timing-Token-{kind}-000000"));
    stack.add_token(&tokens[1], "UTC_TIMESTAMP() - INTERVAL 2 DAY", false)?;
    stack.add_token(&tokens[2], "UTC_TIMESTAMP() + INTERVAL 2 DAY", true)?;
    let folder = if stack.url().ends_with("/physio/") { "/physio/" } else { "/" };
    let mut conn = stack.connect()?;
    let mut took: [Vec<_>; 3] = Default::default();
    for _ in 0..N_EACH {
        for (token, took) in tokens.iter().zip(&mut took) {
            conn.query_drop("DELETE FROM _physio_attempt")?;
            let request = Request {
                method: "GET".to_owned(),
                path: "sync.php".to_owned(),
                query: vec![(b"since".to_vec(), b"new".to_vec())],
                headers: vec![("X-Physio-Token".to_owned(), token.clone().into_bytes())],
                body: Vec::new(),
            };
            let bytes = request.bytes(folder);
            let start = Instant::now();
            let answer = send(stack.php.port(), &bytes)?;
            took.push(start.elapsed());
            if answer.status != 401 {
                return Err(format!("a refused token got {}", answer.status).into());
            }
        }
    }
    let medians: Vec<String> = kinds
        .iter()
        .zip(took)
        .map(|(kind, took)| format!("{kind} {:.2} ms", Timings::from_iter(took).p50().as_secs_f64() * 1000.0))
        .collect();
    anstream::println!("  refused tokens, median of {N_EACH}: {}", medians.join(", "));
    Ok(())
}
