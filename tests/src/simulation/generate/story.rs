//! Short sequences that bring about what chance alone rarely does: two or three things in a row that each are likely
//! enough, at one device and in the right order.

use super::Traits;
use crate::simulation::plan::{Awaited, Fault, Op, Step, What};

/// As [`REFUSALS`](super::REFUSALS) has it.
const BODY_TOO_LARGE: u8 = 6;

impl Traits {
    /// One sequence, of those that fit this run.
    pub(super) fn story(&mut self) -> Vec<Step> {
        let device = self.rng.usize(..self.devices);
        let mut steps = match self.rng.u8(..10) {
            0 | 1 if self.is_faulty => self.answer_lost_and_feed_too(device),
            2 if self.is_faulty => self.refused_after_it_arrived(device),
            3 if self.is_faulty => self.page_cut(device),
            4 | 5 if self.has_scopes => self.there_and_back(device),
            6 if self.has_lost_feeds => self.restored(device),
            7 if self.has_kills || self.has_upgrades => self.ended_while_a_batch_is_out(device),
            8 => self.edited_twice(device),
            _ => self.written_behind_a_batch(device),
        };
        steps.push(Step::Go { device, moves: self.moves() });
        steps
    }

    /// The stored answer is older than what the device reads before it comes.
    fn answer_lost_and_feed_too(&mut self, device: usize) -> Vec<Step> {
        let mut steps =
            vec![self.write(device), until(device, Awaited::Push), trouble(device, Fault::ReplyLost)];
        steps.push(Step::Remote { ops: self.ops(3) });
        steps.push(self.lost_feed(device));
        if self.rng.bool() {
            steps.push(trouble(device, Fault::RequestLost));
        }
        steps.push(Step::Go { device, moves: self.moves() });
        steps.push(Step::Remote { ops: self.ops(3) });
        steps
    }

    /// The server has the batch, and something between says that it was refused.
    fn refused_after_it_arrived(&mut self, device: usize) -> Vec<Step> {
        let mut steps = vec![self.write(device)];
        for fault in [Fault::ReplyLost, Fault::Refused(BODY_TOO_LARGE)] {
            steps.extend([until(device, Awaited::Push), trouble(device, fault)]);
        }
        steps.push(self.write(device));
        steps
    }

    /// Of a page that is read again, some rows come.
    fn page_cut(&mut self, device: usize) -> Vec<Step> {
        let lost = self.lost_feed(device);
        let cut = Fault::ReplyCut(self.rng.u16(500..1000));
        vec![lost, Step::Ask { device }, until(device, Awaited::Page), trouble(device, cut)]
    }

    /// The user sees other rows for a while.
    fn there_and_back(&mut self, device: usize) -> Vec<Step> {
        let (before, between) = (self.rng.u16(..4), self.rng.u16(..4));
        let mut steps = vec![Step::Rescope { device, pick: before }, Step::Ask { device }];
        steps.push(Step::Go { device, moves: self.moves() });
        let awaited = if self.rng.bool() {
            steps.push(self.write(device));
            Awaited::Push
        } else {
            Awaited::Page
        };
        steps.push(until(device, awaited));
        steps.push(Step::Rescope { device, pick: between });
        steps.push(Step::Go { device, moves: self.rng.u8(1..12) });
        steps.push(Step::Rescope { device, pick: before });
        steps
    }

    /// The feed goes back, and then on to where the device has been before.
    fn restored(&mut self, device: usize) -> Vec<Step> {
        let mut steps = vec![Step::Backup, self.write(device), Step::Remote { ops: self.ops(2) }];
        steps.extend([Step::Ask { device }, Step::Go { device, moves: 40 }, Step::Restore]);
        for _ in 0..self.rng.usize(..4) {
            steps.push(Step::Remote { ops: self.ops(3) });
        }
        steps
    }

    /// The process ends, or begins again as another version, before the answer is there.
    fn ended_while_a_batch_is_out(&mut self, device: usize) -> Vec<Step> {
        let mut steps = vec![self.write(device), until(device, Awaited::Push)];
        if self.rng.bool() {
            steps.push(self.write(device));
        }
        if self.rng.bool() {
            steps.push(trouble(device, Fault::ReplyLost));
        }
        steps.push(if self.has_kills && (!self.has_upgrades || self.rng.bool()) {
            Step::Kill { device, kill: self.kill() }
        } else {
            Step::Upgrade { device }
        });
        steps
    }

    /// The same place is edited elsewhere, here, and here again while the first edit is on its way.
    fn edited_twice(&mut self, device: usize) -> Vec<Step> {
        let (table, row, column) = (self.rng.u16(..1000), self.rng.u16(..1000), self.rng.u16(..1000));
        let edit = || vec![Op(What::Update, table, row, column)];
        let write = || Step::Write { device, ops: edit(), foreign: false };
        let mut steps = vec![Step::Ask { device }, Step::Go { device, moves: 30 }];
        steps.extend([Step::Remote { ops: edit() }, write(), until(device, Awaited::Push), write()]);
        steps
    }

    /// What is written while a batch is on its way refers to what is in it.
    fn written_behind_a_batch(&mut self, device: usize) -> Vec<Step> {
        let inserts = |traits: &mut Self| {
            let n = traits.rng.usize(1..4);
            (0..n)
                .map(|_| Op(What::Insert, traits.rng.u16(..1000), u16::MAX, traits.rng.u16(..1000)))
                .collect()
        };
        let mut steps = Vec::new();
        for _ in 0..self.rng.usize(2..4) {
            steps.push(Step::Write { device, ops: inserts(self), foreign: false });
            steps.push(until(device, Awaited::Push));
        }
        steps.push(Step::Write { device, ops: inserts(self), foreign: false });
        steps.push(self.write(device));
        steps
    }

    fn write(&mut self, device: usize) -> Step {
        Step::Write { device, ops: self.ops(3), foreign: false }
    }

    /// Something after which the device reads everything again.
    fn lost_feed(&mut self, device: usize) -> Step {
        match self.rng.u8(..4) {
            0 if self.has_scopes => Step::Rescope { device, pick: self.rng.u16(..4) },
            1 if self.has_lost_feeds => Step::Restore,
            2 => Step::ForgetFeed,
            _ => Step::NewEpoch,
        }
    }
}

fn until(device: usize, request: Awaited) -> Step {
    Step::Until { device, request }
}

fn trouble(device: usize, fault: Fault) -> Step {
    Step::Trouble { device, fault }
}
