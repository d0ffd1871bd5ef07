//! A failing plan with as little in it as still fails.

use super::generate::plan_of_seed;
use super::plan::{Plan, Step};
use super::world::{Failure, Runner};

/// Takes steps, statements and devices out of a plan as long as `fails` says that it still fails (delta debugging),
/// with at most `n_tries` runs.
///
/// ```
/// use physio_tests::simulation::{Step, plan_of_seed, shrink};
/// let asks = |plan: &physio_tests::simulation::Plan| plan.steps.iter().any(|step| matches!(step, Step::Ask { .. }));
/// let plan = (0..).map(plan_of_seed).find(asks).unwrap();
/// assert_eq!(shrink(&plan, 1000, asks).steps.len(), 1);
/// ```
pub fn shrink(plan: &Plan, n_tries: usize, fails: impl Fn(&Plan) -> bool) -> Plan {
    let mut shrinking = Shrinking { best: plan.clone(), left: n_tries, fails };
    loop {
        let before = shrinking.best.clone();
        shrinking.drop_steps();
        shrinking.drop_statements();
        shrinking.shorten_moves();
        shrinking.drop_devices();
        if shrinking.best == before || shrinking.left == 0 {
            return shrinking.best;
        }
    }
}

/// The plan of a seed that failed, shrunk as long as it fails in the same way; it says why.
pub fn shrink_seed(seed: u64, failure: &Failure, n_tries: usize) -> Plan {
    let runner = Runner::new();
    let kind = kind_of(&failure.message);
    let fails = |plan: &Plan| matches!(runner.run(plan), Err(failure) if kind_of(&failure.message) == kind);
    let mut plan = shrink(&plan_of_seed(seed), n_tries, fails);
    let now = runner.run(&plan).err().map(|failure| failure.message);
    plan.why = Some(now.unwrap_or_else(|| failure.message.clone()));
    plan
}

/// The first word of what is wrong: a shrunk plan must fail in the same way, not in another.
fn kind_of(message: &str) -> &str {
    let known = [
        "doubled",
        "lost",
        "torn",
        "overwritten",
        "stale",
        "undone",
        "left over",
        "panic",
        "come to rest",
        "outbox says",
        "other files",
    ];
    known.into_iter().find(|kind| message.contains(kind)).unwrap_or("other")
}

struct Shrinking<F> {
    best: Plan,
    left: usize,
    fails: F,
}

impl<F: Fn(&Plan) -> bool> Shrinking<F> {
    /// Whether a smaller plan fails too; it is kept then.
    fn try_steps(&mut self, steps: Vec<Step>) -> bool {
        self.try_plan(Plan { steps, ..self.best.clone() })
    }

    fn try_plan(&mut self, plan: Plan) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let is_failing = (self.fails)(&plan);
        if is_failing {
            self.best = plan;
        }
        is_failing
    }

    fn drop_steps(&mut self) {
        let mut length = self.best.steps.len().div_ceil(2);
        while length > 0 {
            let mut at = 0;
            while at < self.best.steps.len() {
                let mut steps = self.best.steps.clone();
                steps.drain(at..steps.len().min(at + length));
                if !self.try_steps(steps) {
                    at += length;
                }
            }
            length = if length == 1 { 0 } else { length.div_ceil(2) };
        }
    }

    fn drop_statements(&mut self) {
        for at in 0..self.best.steps.len() {
            let mut op = 0;
            loop {
                let mut steps = self.best.steps.clone();
                let (Step::Write { ops, .. } | Step::Remote { ops }) = &mut steps[at] else { break };
                if op >= ops.len() || ops.len() == 1 {
                    break;
                }
                ops.remove(op);
                if !self.try_steps(steps) {
                    op += 1;
                }
            }
        }
    }

    fn shorten_moves(&mut self) {
        for at in 0..self.best.steps.len() {
            while let Step::Go { device, moves } = self.best.steps[at] {
                let fewer = [moves / 2, moves.saturating_sub(1)];
                let shortened = fewer.into_iter().filter(|fewer| *fewer > 0 && *fewer < moves).any(|moves| {
                    let mut steps = self.best.steps.clone();
                    steps[at] = Step::Go { device, moves };
                    self.try_steps(steps)
                });
                if !shortened {
                    break;
                }
            }
        }
    }

    fn drop_devices(&mut self) {
        while self.best.devices > 1
            && self.try_plan(Plan { devices: self.best.devices - 1, ..self.best.clone() })
        {}
    }
}
