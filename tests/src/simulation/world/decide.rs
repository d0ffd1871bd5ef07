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
                self.give_up_unit(device, item)?;
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

    /// With a row's insert goes what was done to the row later, as `Cache::discard_unit` says.
    fn give_up_unit(&mut self, device: usize, unit: &Attention) -> Done<()> {
        let changes: Vec<&AttentionChange> = unit.changes.iter().collect();
        self.give_up(device, &changes);
        for insert in changes.iter().filter(|change| change.operation == Operation::Insert) {
            for (is_delete, texts) in self.later_changes(device, insert)? {
                if is_delete {
                    self.shadow.give_up_delete(device, &insert.table, &insert.key);
                }
                texts.iter().for_each(|text| self.shadow.give_up(text));
            }
        }
        Ok(())
    }

    /// What waits of a row after its insert: whether it is a delete, and its texts.
    fn later_changes(&self, device: usize, insert: &AttentionChange) -> Done<Vec<(bool, Vec<String>)>> {
        let found = self.devices[device].cache.read(|file| {
            let mut statement = file.prepare_cached(
                "SELECT op = 'delete', (SELECT json_group_array(value) FROM json_each(changed)) FROM _physio_outbox
                 WHERE table_name = ?1 AND row_key = ?2 AND change_id > ?3",
            )?;
            let mut rows = statement.query((&insert.table, &insert.key, insert.change))?;
            let mut changes = Vec::new();
            while let Some(row) = rows.next()? {
                let texts: Vec<Option<String>> =
                    serde_json::from_str(&row.get::<_, String>(1)?).expect("a list of texts and nulls");
                changes.push((row.get(0)?, texts.into_iter().flatten().collect()));
            }
            Ok(changes)
        });
        found.map_err(|error| error.to_string())
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
