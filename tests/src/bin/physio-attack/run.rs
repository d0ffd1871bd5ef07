//! The changed requests, several at a time, and what they led to.

use crate::ledger::{self, Said};
use crate::reach::Reach;
use crate::seeds::{Pusher, Seeds};
use crate::socket::{Answer, Request, send};
use crate::{Result, answer, mutate};
use fastrand::Rng;
use physio_schema::plan::TablePlan;
use physio_tests::harness::Stack;
use physio_tests::timing::grouped;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

const N_THREADS: u64 = 4;

/// Findings that are printed whole; more of them tell nothing new.
const MOST_SHOWN: usize = 5;

/// What one thread has seen.
#[derive(Debug, Default)]
struct Seen {
    said: Said,
    statuses: BTreeMap<String, u64>,
    findings: Vec<String>,
}

/// Sends the requests to one application's bridge; whether nothing was found. With a `branch` the token is one of its
/// users', and nothing of the others may be read or written.
pub(crate) fn run(stack: &Stack, branch: Option<u32>, n_requests: u64, seed: u64) -> Result<bool> {
    let folder = if stack.url().ends_with("/physio/") { "/physio/" } else { "/" };
    // Before anything is marked: what is out of reach goes out as part of requests, but never the mark.
    let seeds = Seeds::read(stack, folder)?;
    let reach = branch.map(|branch| Reach::mark(stack, branch)).transpose()?;
    ledger::install(stack, branch)?;
    let tables: BTreeMap<String, TablePlan> =
        stack.app.plan.tables.iter().map(|table| (table.name.clone(), table.clone())).collect();
    let (start, next, all) = (Instant::now(), AtomicU64::new(0), Mutex::new(Seen::default()));
    let reach = reach.as_ref();
    std::thread::scope(|scope| {
        let work = |number: u64| -> Result<()> {
            let mut random = Rng::with_seed(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let (mut seen, mut pusher) = (Seen::default(), Pusher::new(&mut random));
            while next.fetch_add(1, Ordering::Relaxed) < n_requests && seen.findings.len() < MOST_SHOWN {
                let (request, answer) = exchange(stack, folder, &seeds, &mut pusher, &mut random)?;
                seen.take(&tables, reach, &request, &answer);
                follow(&mut pusher, &answer, &mut random);
            }
            let mut all = all.lock().map_err(|_| "another thread broke off")?;
            all.add(seen);
            Ok(())
        };
        let threads: Vec<_> = (0..N_THREADS).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread broke off")?)
    })?;
    let mut seen = all.into_inner().map_err(|_| "a thread broke off")?;
    let (unspoken, n_changed) = seen.said.unspoken(stack)?;
    seen.findings.extend(
        unspoken
            .iter()
            .take(MOST_SHOWN)
            .map(|(table, key)| format!("a row of {table} changed ({key}) that no answer spoke of")),
    );
    if reach.is_some() {
        seen.findings.extend(ledger::out_of_reach(stack)?.into_iter().take(MOST_SHOWN));
    }
    let complaints = stack.php.complaints();
    seen.findings.extend(complaints.iter().take(MOST_SHOWN).map(|line| format!("PHP logged: {line}")));
    let whose = if reach.is_some() { ", a user of one branch" } else { "" };
    let name = format!("{}{whose}", stack.app.config.app.name);
    seen.show(&name, n_changed, start.elapsed().as_secs_f64());
    if let Some(reach) = reach {
        anstream::println!("  rows out of the token's reach: {}", grouped(reach.n_foreign() as u64));
    }
    Ok(seen.findings.is_empty())
}

fn exchange(
    stack: &Stack,
    folder: &str,
    seeds: &Seeds,
    pusher: &mut Pusher,
    random: &mut Rng,
) -> Result<(Request, Answer)> {
    let (mut request, body) = if random.bool() {
        (seeds.pull(random), None)
    } else {
        let (request, body) = seeds.push(pusher, random);
        (request, Some(body))
    };
    // One in sixteen stays as it is, so that there is always something that valid requests changed.
    if random.u8(..16) == 0 {
        request.body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    } else {
        mutate::mutate(&mut request, body, random);
    }
    let answer = send(stack.php.port(), &request.bytes(folder))?;
    Ok((request, answer))
}

/// The device's next batch, as the answer tells it.
fn follow(pusher: &mut Pusher, answer: &Answer, random: &mut Rng) {
    let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let (200, Some(batch)) = (answer.status, value["batch"].as_u64()) {
        pusher.batch = batch + 1;
    } else if matches!(answer.status, 409 | 422) {
        *pusher = Pusher::new(random);
    }
}

impl Seen {
    fn take(
        &mut self,
        tables: &BTreeMap<String, TablePlan>,
        reach: Option<&Reach>,
        request: &Request,
        answer: &Answer,
    ) {
        let told = match answer.status {
            0 => "closed without an answer".to_owned(),
            status => {
                let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                format!("{status} {}", body["error"]["code"].as_str().unwrap_or_default())
            }
        };
        *self.statuses.entry(told).or_default() += 1;
        let complaint = answer::complaint(request, answer);
        if let Some(complaint) = complaint.or_else(|| reach?.complaint(answer)) {
            let shown = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(3000)]).into_owned();
            self.findings.push(format!(
                "{complaint}\n--- request\n{}\n--- answer {}\n{}",
                shown(&request.bytes("/")),
                answer.status,
                shown(&answer.body)
            ));
        }
        if answer.status == 200 && request.method == "POST" {
            self.said.take(tables, &serde_json::from_slice(&answer.body).unwrap_or_default());
        }
    }

    fn add(&mut self, other: Self) {
        self.said.add(other.said);
        for (status, n) in other.statuses {
            *self.statuses.entry(status).or_default() += n;
        }
        self.findings.extend(other.findings);
    }

    fn show(&self, app: &str, n_changed: usize, seconds: f64) {
        let n: u64 = self.statuses.values().sum();
        anstream::println!("{app}: {} requests in {seconds:.0} s", grouped(n));
        for (status, n) in &self.statuses {
            anstream::println!("  {}: {}", status.trim_end(), grouped(*n));
        }
        anstream::println!(
            "  units applied: {}, not applied: {}; rows changed: {}, each named by an answer unless said below",
            grouped(self.said.n_applied),
            grouped(self.said.n_refused),
            grouped(n_changed as u64)
        );
        for finding in self.findings.iter().take(MOST_SHOWN) {
            anstream::println!("FOUND: {finding}");
        }
        anstream::println!("  findings: {}", self.findings.len());
    }
}
