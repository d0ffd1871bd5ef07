//! A plan from a seed.

mod story;

use super::plan::{Application, Fault, Kill, Op, Plan, Step, What};
use fastrand::Rng;

/// Codes that a server may answer whatever was asked.
pub(super) const REFUSALS: [&str; 8] = [
    "too_many_attempts",
    "internal",
    "busy",
    "database_unavailable",
    "not_installed",
    "token_refused",
    "body_too_large",
    "schema_changed",
];

/// Places of the clinic's tables in its plan, in all versions.
const BRANCHES: u16 = 0;
const PATIENTS: u16 = 1;
const PAYMENTS: u16 = 3;

/// The plan of a seed: the same on every machine.
///
/// ```
/// let plan = physio_tests::simulation::plan_of_seed(1);
/// assert!((1..=8).contains(&plan.devices) && !plan.steps.is_empty());
/// ```
pub fn plan_of_seed(seed: u64) -> Plan {
    let mut rng = Rng::with_seed(seed);
    let application = match rng.u8(..3) {
        0 => Application::Clinic,
        1 => Application::Branches,
        _ => Application::Shop,
    };
    // Few devices find most things soonest; many are needed for few.
    let devices = match rng.u8(..10) {
        0..=2 => 1,
        3..=6 => 2,
        7 | 8 => 3,
        _ => rng.usize(4..=8),
    };
    let mut traits = Traits {
        devices,
        has_scopes: application == Application::Branches,
        is_faulty: rng.u8(..8) > 0,
        has_kills: rng.u8(..3) > 0,
        has_upgrades: rng.u8(..3) == 0,
        has_lost_feeds: rng.u8(..3) == 0,
        has_stories: rng.bool(),
        rng,
    };
    let n_steps = traits.rng.usize(30..110);
    let mut steps: Vec<Step> = Vec::with_capacity(n_steps + 4);
    if traits.has_scopes {
        steps.extend(traits.peopled_branches());
    }
    // Something is there before anybody comes.
    for _ in 0..traits.rng.usize(1..5) {
        steps.push(Step::Remote { ops: traits.ops(6) });
    }
    for _ in 0..n_steps {
        if traits.has_stories && traits.rng.u8(..30) == 0 {
            steps.extend(traits.story());
        }
        steps.push(traits.step());
    }
    Plan { why: None, seed, application, devices, steps }
}

/// What may happen in one run: not everything in every one, or nothing would ever get far.
struct Traits {
    rng: Rng,
    devices: usize,
    has_scopes: bool,
    is_faulty: bool,
    has_kills: bool,
    has_upgrades: bool,
    has_lost_feeds: bool,
    has_stories: bool,
}

impl Traits {
    fn step(&mut self) -> Step {
        let device = self.rng.usize(..self.devices);
        match self.rng.u8(..100) {
            0..=21 => Step::Write { device, ops: self.ops(4), foreign: self.rng.u8(..8) == 0 },
            22..=25 if self.has_scopes => Step::Remote { ops: vec![self.op_on(What::Move, PATIENTS)] },
            22..=31 => Step::Remote { ops: self.ops(3) },
            32..=63 => Step::Go { device, moves: self.moves() },
            64..=66 if self.has_scopes => Step::Rescope { device, pick: self.rng.u16(..) },
            64..=69 => Step::Ask { device },
            70..=81 if self.is_faulty => Step::Trouble { device, fault: self.fault() },
            82..=83 if self.is_faulty => Step::Straggler { pick: self.rng.u16(..) },
            84..=88 if self.has_kills => Step::Kill { device, kill: self.kill() },
            89..=91 => Step::Decide { device, pick: self.rng.u16(..) },
            92 if self.has_upgrades => Step::Upgrade { device },
            93 if self.has_upgrades => Step::UpgradeServer,
            94 => Step::Backup,
            95 if self.has_lost_feeds => Step::Restore,
            96 if self.has_lost_feeds => {
                if self.rng.bool() {
                    Step::NewEpoch
                } else {
                    Step::ForgetFeed
                }
            }
            97 if self.is_faulty => Step::RevokeToken,
            98 => Step::Jump { device, seconds: self.rng.u32(..1000) },
            _ => Step::Go { device, moves: self.moves() },
        }
    }

    /// Three branches with patients and what follows them: there is something to leave a scope and to enter it.
    fn peopled_branches(&mut self) -> [Step; 3] {
        let mut made = |table: u16, n: usize| Step::Remote {
            ops: (0..n).map(|_| self.op_on(What::Insert, table)).collect(),
        };
        [made(BRANCHES, 3), made(PATIENTS, 6), made(PAYMENTS, 5)]
    }

    fn op_on(&mut self, what: What, table: u16) -> Op {
        Op(what, table, self.rng.u16(..1000), self.rng.u16(..1000))
    }

    fn moves(&mut self) -> u8 {
        if self.rng.bool() { self.rng.u8(1..4) } else { self.rng.u8(3..40) }
    }

    fn kill(&mut self) -> Kill {
        if self.rng.bool() { Kill::Process } else { Kill::Power(self.rng.u16(..=1000)) }
    }

    fn fault(&mut self) -> Fault {
        match self.rng.u8(..16) {
            0 | 1 => Fault::RequestLost,
            2 | 3 => Fault::RequestLate,
            4 => Fault::RequestDoubled,
            5 | 6 => Fault::Refused(self.rng.u8(..REFUSALS.len() as u8)),
            7 => Fault::Html(if self.rng.bool() { 403 } else { 502 }),
            8..=11 => Fault::ReplyLost,
            12..=14 => Fault::ReplyCut(self.rng.u16(..1000)),
            _ => Fault::ReplyStale,
        }
    }

    fn ops(&mut self, most: usize) -> Vec<Op> {
        (0..self.rng.usize(1..=most)).map(|_| self.op()).collect()
    }

    fn op(&mut self) -> Op {
        let what = match self.rng.u8(..20) {
            0..=7 => What::Insert,
            8 => What::Replace,
            9..=14 => What::Update,
            15 => What::Move,
            16 => What::Rename,
            _ => What::Delete,
        };
        Op(what, self.rng.u16(..1000), self.rng.u16(..1000), self.rng.u16(..1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::schema;

    #[test]
    fn the_tables_stand_where_they_are_looked_for() {
        for version in 0..=schema::LAST {
            let plan = schema::plan(Application::Branches, version);
            let name = |at: u16| plan.tables[usize::from(at)].name.as_str();
            assert_eq!([BRANCHES, PATIENTS, PAYMENTS].map(name), ["branches", "patients", "payments"]);
        }
    }
}
