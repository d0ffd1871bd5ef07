//! What a person does with the attention list.

use super::{Done, World};
use crate::simulation::shadow::View;
use physio_runtime::cache::{Attention, AttentionChange, Operation, ParkedState, Resolution};

impl World {
    /// Decides about one item of a device; false when its list is empty. `is_final`: in a way that ends it.
    pub(super) fn decide(&mut self, device: usize, pick: u16, is_final: bool) -> Done<bool> {
        self.devices[device].set_calendar();
        let cache = self.devices[device].cache.clone();
        let text = |error: physio_runtime::Error| error.to_string();
        let list = cache.attention().map_err(text)?;
        if list.is_empty() {
            return Ok(false);
        }
        let item = &list[usize::from(pick) % list.len()];
        let way = pick / 8 % 4;
        self.figures.add("decisions", 1);
        self.tell(|| {
            format!(
                "  device {device} decides in way {way}, final {is_final}: {} {:?}",
                item.code, item.changes
            )
        });
        let before = View::of(&cache).map_err(text)?;
        // A person sees the server's side too.
        let theirs = item.changes.iter().filter_map(|change| change.theirs.as_ref());
        let texts: Vec<String> = theirs
            .flat_map(|row| row.values())
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect();
        self.shadow.note_seen(device, &texts);
        let in_conflict: Vec<&AttentionChange> =
            item.changes.iter().filter(|change| change.in_conflict).collect();
        // Whether such a unit has arrived is not known: a person looks at the rows, and does not send it again.
        let is_unclear = matches!(item.code.as_str(), "batch_stale" | "batch_reused");
        match (item.state, in_conflict.first()) {
            (ParkedState::Notice, Some(change)) => {
                self.give_up(device, std::slice::from_ref(change));
                cache.resolve_conflict(change.change, Resolution::Theirs).map_err(text)?;
            }
            (ParkedState::Conflict, Some(change)) if way < 2 => {
                let is_mine = way == 0 && !is_final;
                if is_mine && change.theirs.is_none() && change.operation == Operation::Update {
                    self.shadow.note_made_again(&change.table, &change.key, &before);
                }
                if !is_mine {
                    // With a row that is gone, everything that this unit does to it is given up.
                    let same = |other: &&AttentionChange| {
                        change.theirs.is_none() && (&other.table, &other.key) == (&change.table, &change.key)
                    };
                    let same: Vec<&AttentionChange> = item.changes.iter().filter(same).collect();
                    self.give_up(device, std::slice::from_ref(change));
                    self.give_up(device, &same);
                }
                let resolution = if is_mine { Resolution::Mine } else { Resolution::Theirs };
                cache.resolve_conflict(change.change, resolution).map_err(text)?;
            }
            _ if way == 3 || is_final || is_unclear => {
                self.give_up_unit(device, item);
                cache.discard_unit(item.unit).map_err(text)?;
            }
            _ => cache.retry_unit(item.unit).map_err(text)?,
        }
        let after = View::of(&cache).map_err(text)?;
        let server_key = |table: &str, key: i64| cache.resolve_key(table, key).ok().flatten()?.parse().ok();
        self.shadow.note_decision(device, &before, &after, server_key);
        self.devices[device].wakes.decided();
        Ok(true)
    }

    fn give_up_unit(&mut self, device: usize, unit: &Attention) {
        let changes: Vec<&AttentionChange> = unit.changes.iter().collect();
        self.give_up(device, &changes);
    }

    fn give_up(&mut self, device: usize, changes: &[&AttentionChange]) {
        for change in changes.iter().filter(|change| change.operation == Operation::Delete) {
            self.shadow.give_up_delete(device, &change.table, &change.key);
        }
        for text in changes.iter().flat_map(|change| change.mine.values()).filter_map(|value| value.as_str())
        {
            self.shadow.give_up(text);
        }
    }
}
