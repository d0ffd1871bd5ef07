//! What was written, kept beside the devices: at the end it says where each write must be.

use super::plan::Application;
use super::schema;
use super::statement::{Mark, text_columns};
use physio_runtime::Result;
use physio_runtime::cache::Cache;
use physio_schema::sqlite::quote_identifier as quoted;
use std::collections::{BTreeMap, BTreeSet};

/// A write that was acknowledged.
#[derive(Debug)]
struct Written {
    device: usize,
    /// Number of its transaction.
    unit: usize,
    mark: Mark,
    fate: Fate,
}

/// What may have become of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It must be on the server, once, or wait in the attention list.
    Lives,
    /// A later write of the same device took its place, a person gave it up, or the server lost it: it may be
    /// there, once.
    MayBeThere,
}

/// A delete that was acknowledged.
#[derive(Debug)]
struct Deleted {
    device: usize,
    table: String,
    key: i64,
}

/// What a device shows, as far as the shadow can tell writes by it.
#[derive(Debug, Default)]
pub(super) struct View {
    texts: BTreeSet<String>,
    keys: BTreeSet<(String, i64)>,
}

impl View {
    pub(super) fn of(cache: &Cache) -> Result<Self> {
        cache.read(|file| {
            let mut view = Self::default();
            for table in &cache.plan().tables {
                let mut columns: Vec<&str> =
                    text_columns(table).into_iter().map(|at| table.columns[at].name.as_str()).collect();
                let key = table.temporary_key.filter(|_| table.key.len() == 1);
                columns.extend(key.map(|at| table.columns[at].name.as_str()));
                let names: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
                let sql = format!("SELECT {} FROM {}", names.join(", "), quoted(&table.name));
                let mut statement = file.prepare_cached(&sql)?;
                let mut rows = statement.query([])?;
                let n_texts = columns.len() - usize::from(key.is_some());
                while let Some(row) = rows.next()? {
                    for at in 0..n_texts {
                        view.texts.extend(row.get::<_, Option<String>>(at)?);
                    }
                    if key.is_some() {
                        view.keys.insert((table.name.clone(), row.get(n_texts)?));
                    }
                }
            }
            Ok(view)
        })
    }
}

/// Everything that was written.
#[derive(Debug)]
pub(super) struct Shadow {
    application: Application,
    written: BTreeMap<String, Written>,
    /// `None` after a backup was restored: keys may then be given again to other rows.
    deleted: Option<Vec<Deleted>>,
    n_units: usize,
    /// A person had a row made again: texts of it may arrive again.
    made_again: BTreeSet<String>,
    keys_made_again: BTreeSet<(String, String)>,
    /// What each device has shown, and to whom it has shown the server's side of a conflict.
    seen: BTreeMap<usize, BTreeSet<String>>,
}

impl Shadow {
    pub(super) fn new(application: Application) -> Self {
        Self {
            application,
            written: BTreeMap::new(),
            // A row that has left the scope meanwhile is not there for who deletes it, and stays.
            deleted: (application != Application::Branches).then(Vec::new),
            n_units: 0,
            made_again: BTreeSet::new(),
            keys_made_again: BTreeSet::new(),
            seen: BTreeMap::new(),
        }
    }

    /// A transaction of a device was committed between two views of it.
    pub(super) fn note_write(&mut self, device: usize, marks: Vec<Mark>, before: &View, after: &View) {
        self.n_units += 1;
        self.replace(device, before, after);
        self.note_seen(device, before.texts.iter().chain(&after.texts));
        for mark in marks {
            let fate = if after.texts.contains(&mark.text) && !mark.is_yielding {
                Fate::Lives
            } else {
                Fate::MayBeThere
            };
            self.written.insert(mark.text.clone(), Written { device, unit: self.n_units, mark, fate });
        }
        let is_followed = |(table, _): &&(String, i64)| {
            let plan = schema::plan(self.application, schema::LAST);
            let table = plan.table(table);
            table.is_some_and(|table| {
                table
                    .columns
                    .iter()
                    .all(|column| column.conflict != physio_schema::plan::ConflictRule::Server)
            })
        };
        let gone = before.keys.difference(&after.keys).filter(is_followed);
        if let Some(deleted) = &mut self.deleted {
            deleted.extend(gone.map(|(table, key)| Deleted { device, table: table.clone(), key: *key }));
        }
    }

    /// A person decided something on a device between two views of it.
    /// `server_key` says what its own temporary keys have become.
    pub(super) fn note_decision(
        &mut self,
        device: usize,
        before: &View,
        after: &View,
        server_key: impl Fn(&str, i64) -> Option<i64>,
    ) {
        self.replace(device, before, after);
        let back: Vec<&(String, i64)> = after.keys.difference(&before.keys).collect();
        let is_back = |deleted: &Deleted| {
            let key_now = server_key(&deleted.table, deleted.key).unwrap_or(deleted.key);
            back.iter().any(|(table, key)| *table == deleted.table && [key_now, deleted.key].contains(key))
        };
        if let Some(deleted) = &mut self.deleted {
            deleted.retain(|deleted| deleted.device != device || !is_back(deleted));
        }
    }

    /// A person will have a row made again that is gone on the server.
    pub(super) fn note_made_again(&mut self, table: &str, key: &str, row: &View) {
        self.keys_made_again.insert((table.to_owned(), key.to_owned()));
        self.made_again.extend(row.texts.iter().cloned());
    }

    /// The text of a unit that a person has given up although it is not shown in any row.
    pub(super) fn give_up(&mut self, text: &str) {
        if let Some(written) = self.written.get_mut(text) {
            written.fate = Fate::MayBeThere;
        }
    }

    /// A person has given a delete up; the row may be back only after the next pull. `key`: as the device captured it.
    pub(super) fn give_up_delete(&mut self, device: usize, table: &str, key: &str) {
        if let Some(deleted) = &mut self.deleted {
            deleted.retain(|deleted| {
                (deleted.device, deleted.table.as_str()) != (device, table)
                    || key != format!("[\"{}\"]", deleted.key)
            });
        }
    }

    /// A device has shown these texts.
    pub(super) fn note_seen<'t>(&mut self, device: usize, texts: impl IntoIterator<Item = &'t String>) {
        self.seen.entry(device).or_default().extend(texts.into_iter().cloned());
    }

    /// A write that took the place of what its device did not know, where nobody has decided so.
    pub(super) fn check_replacements(
        &self,
        replacements: &[(String, String)],
    ) -> std::result::Result<(), String> {
        for (text, replaced) in replacements {
            let Some(Written { device, mark, .. }) = self.written.get(text) else { continue };
            let is_own = self.written.get(replaced).is_some_and(|other| other.device == *device);
            let is_seen = is_own || self.seen.get(device).is_some_and(|seen| seen.contains(replaced));
            if !is_seen && !mark.is_forced {
                return Err(format!(
                    "overwritten: {}.{} = {text} took the place of {replaced}, which device {device} never had",
                    mark.table, mark.column
                ));
            }
        }
        Ok(())
    }

    fn replace(&mut self, device: usize, before: &View, after: &View) {
        for text in before.texts.difference(&after.texts) {
            if let Some(written) = self.written.get_mut(text).filter(|written| written.device == device) {
                written.fate = Fate::MayBeThere;
            }
        }
    }

    /// The server was set back: what is not there any more and not in its device's outbox will not come again.
    pub(super) fn note_restore(
        &mut self,
        before: &BTreeMap<String, Vec<i64>>,
        after: &BTreeMap<String, Vec<i64>>,
        outboxes: &[String],
    ) {
        for (text, written) in &mut self.written {
            if before.contains_key(text)
                && !after.contains_key(text)
                && !outboxes[written.device].contains(&format!("\"{text}\""))
            {
                written.fate = Fate::MayBeThere;
            }
        }
        self.deleted = None;
    }

    /// What is wrong, when nothing is on its way any more. `attention` holds each device's list as text.
    pub(super) fn check(
        &self,
        arrivals: &BTreeMap<String, Vec<i64>>,
        attention: &[String],
        is_upgraded: bool,
    ) -> std::result::Result<(), String> {
        let mut units: BTreeMap<usize, (i64, &str)> = BTreeMap::new();
        for (text, written) in &self.written {
            let at = arrivals.get(text).map_or(&[][..], Vec::as_slice);
            let place = format!(
                "{}.{} = {text} of device {}",
                written.mark.table, written.mark.column, written.device
            );
            let is_made_again = self.made_again.contains(text);
            if at.len() > 1 && !is_made_again {
                return Err(format!("doubled: {place} arrived in requests {at:?}"));
            }
            let is_dropped = is_upgraded
                && schema::last_name(self.application, &written.mark.table, &written.mark.column).is_none();
            let is_shown = attention[written.device].contains(&format!("\"{text}\""));
            if written.fate == Fate::Lives && at.is_empty() && !is_shown && !is_dropped {
                return Err(format!("lost: {place} is neither on the server nor in the attention list"));
            }
            if let Some(request) = at.first().filter(|_| !is_made_again) {
                let (first, other) = units.entry(written.unit).or_insert((*request, text));
                if first != request {
                    return Err(format!(
                        "torn: {place} arrived in request {request}, {other} of the same unit in {first}"
                    ));
                }
            }
        }
        Ok(())
    }

    /// A deleted row that is there again. `server_key` says what a device's key is on the server.
    pub(super) fn check_deletes(
        &self,
        server_key: impl Fn(usize, &str, i64) -> Option<String>,
        is_there: impl Fn(&str, &str) -> bool,
    ) -> std::result::Result<(), String> {
        for Deleted { device, table, key } in self.deleted.iter().flatten() {
            let Some(server_key) = server_key(*device, table, *key) else { continue };
            let is_made_again =
                self.keys_made_again.contains(&(table.clone(), format!("[\"{server_key}\"]")));
            if !is_made_again && is_there(table, &server_key) {
                return Err(format!("undone: device {device} deleted {table} {server_key}, and it is there"));
            }
        }
        Ok(())
    }

    /// Texts of writes that must be somewhere.
    pub(super) fn n_living(&self) -> usize {
        self.written.values().filter(|written| written.fate == Fate::Lives).count()
    }
}
