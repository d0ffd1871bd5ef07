//! After the last step: no more trouble, everybody syncs until nothing moves, and then the verdict.

use super::{Done, World};
use crate::simulation::check;
use fastrand::Rng;
use physio_runtime::cache::TableState;

/// Sweeps over all devices after which it must be quiet.
const MOST_SWEEPS: usize = 60;
/// Moves of one device in one sweep.
const MOST_MOVES: usize = 3000;
/// How the line of a device ends that has pulled and sent everything; no other line ends so.
const LEVEL: &str = "level";

impl World {
    pub(super) async fn settle(&mut self, seed: u64) -> Done {
        self.tell(|| "quiet".to_owned());
        while !self.stragglers.is_empty() {
            self.straggler(0);
        }
        self.server.renew_token();
        self.bring_to_one_version()?;
        self.quieten().await?;
        self.verdict()?;
        let mut rng = Rng::with_seed(seed);
        for sweep in 0..MOST_SWEEPS {
            let mut is_decided = false;
            for device in 0..self.devices.len() {
                for _ in 0..self.attention(device)?.len() {
                    is_decided |= self.decide(device, rng.u16(..), sweep > 5)?;
                }
            }
            if !is_decided {
                return self.last_verdict();
            }
            self.quieten().await?;
        }
        Err(format!("the attention lists do not become empty within {MOST_SWEEPS} sweeps"))
    }

    fn bring_to_one_version(&mut self) -> Done {
        let versions = self.devices.iter().map(|device| device.version);
        let version = versions.max().unwrap_or(0).max(self.server.version);
        while self.server.version < version {
            self.upgrade_server();
        }
        for device in 0..self.devices.len() {
            while self.devices[device].version < version {
                self.upgrade(device)?;
            }
        }
        Ok(())
    }

    /// Everybody syncs until nothing moves.
    async fn quieten(&mut self) -> Done {
        let mut before = Vec::new();
        for _ in 0..MOST_SWEEPS {
            for device in 0..self.devices.len() {
                self.round(device).await?;
            }
            let now = self.standing()?;
            let is_clean = self.devices.iter().all(|device| device.last_round == Some(Ok(())));
            if is_clean && now == before && now.iter().all(|line| line.ends_with(LEVEL)) {
                return Ok(());
            }
            before = now;
        }
        let rounds: Vec<_> = self.devices.iter().map(|device| device.last_round.clone()).collect();
        Err(format!("it does not come to rest within {MOST_SWEEPS} sweeps: {before:?} {rounds:?}"))
    }

    /// Runs the device's loop until a full round has ended. One that began before counts too: that it saw everything
    /// is what the next sweep finds out.
    async fn round(&mut self, device: usize) -> Done {
        self.devices[device].last_round = None;
        self.devices[device].wakes.ask();
        for _ in 0..MOST_MOVES {
            if self.devices[device].last_round.is_some() {
                return Ok(());
            }
            self.go(device).await?;
        }
        Err(format!("device {device} ends no round within {MOST_MOVES} moves"))
    }

    /// Where everybody stands: the same twice in a row means that nothing moves.
    fn standing(&mut self) -> Done<Vec<String>> {
        let place = self.server.place();
        let mut lines = Vec::new();
        for device in &self.devices {
            let text = |error: physio_runtime::Error| error.to_string();
            let state = device.cache.pull_state().map_err(text)?;
            let counts = device.cache.counts().map_err(text)?;
            let is_complete = state.tables.iter().all(|table| table.state == TableState::Complete);
            let cursor = state.cursor.map(|cursor| cursor.0).unwrap_or_default();
            // Units that depend on one in the attention list wait with it.
            let is_sent = counts.queued_units == 0 || counts.attention > 0;
            let end = if is_complete && is_sent { LEVEL } else { "behind" };
            lines.push(format!("{place} {cursor} {counts:?} {end}"));
        }
        Ok(lines)
    }

    fn attention(&self, device: usize) -> Done<Vec<physio_runtime::cache::Attention>> {
        self.devices[device].cache.attention().map_err(|error| error.to_string())
    }

    /// With the attention lists as they are.
    fn verdict(&mut self) -> Done {
        let mut shown = Vec::new();
        for device in 0..self.devices.len() {
            let attention = self.attention(device)?;
            self.figures.add("units in the attention list", attention.len() as u64);
            let cache = self.devices[device].cache.clone();
            let place = |fault: String| format!("device {device}: {fault}");
            check::always(&cache).map_err(place)?;
            // Rows of what waits behind an item of the list are as they were written here.
            let waiting = cache.read(|file| {
                let mut statement =
                    file.prepare("SELECT table_name, row_key, coalesce(changed, '') FROM _physio_outbox")?;
                let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
                Ok(rows.collect::<rusqlite::Result<Vec<(String, String, String)>>>()?)
            });
            let waiting = waiting.map_err(|error| error.to_string())?;
            check::level(&cache, &mut self.server, device, &attention, &waiting).map_err(place)?;
            let queued =
                if attention.is_empty() { String::new() } else { format!("{waiting:?}").replace('\\', "") };
            shown.push(format!("{} {queued}", listed(&attention)));
        }
        let arrivals = self.server.arrivals();
        self.figures.add("writes followed to their end", self.shadow.n_living() as u64);
        self.shadow.check_replacements(&self.server.replacements())?;
        self.shadow.check(&arrivals, &shown, self.is_upgraded)
    }

    /// After everything was decided.
    fn last_verdict(&mut self) -> Done {
        for device in 0..self.devices.len() {
            let cache = self.devices[device].cache.clone();
            let place = |fault: String| format!("device {device}: {fault}");
            check::always(&cache).and_then(|()| check::empty(&cache)).map_err(place)?;
            check::level(&cache, &mut self.server, device, &[], &[]).map_err(place)?;
        }
        let arrivals = self.server.arrivals();
        let none = vec![String::new(); self.devices.len()];
        self.shadow.check(&arrivals, &none, self.is_upgraded)?;
        self.shadow.check_replacements(&self.server.replacements())?;
        let plan = self.server.plan().clone();
        let store = self.server.store();
        self.shadow.check_deletes(
            |device, table, key| match self.devices[device].cache.resolve_key(table, key) {
                Ok(Some(server_key)) => Some(server_key),
                _ if key >= physio_schema::sqlite::internal::FIRST_TEMPORARY_KEY => None,
                _ => Some(key.to_string()),
            },
            |table, key| plan.table(table).is_some_and(|table| check::has_row(store, table, key)),
        )
    }
}

/// A list as text: names and values of all changes.
fn listed(attention: &[physio_runtime::cache::Attention]) -> String {
    let values = attention
        .iter()
        .flat_map(|unit| &unit.changes)
        .map(|change| serde_json::Value::Object(change.mine.clone()).to_string());
    values.collect::<Vec<_>>().join("\n")
}
