//! What the steps do to devices, network and server.

use super::{Done, World, told};
use crate::simulation::device::{Call, Device, Doing, Surroundings};
use crate::simulation::dump::{SYNCED_AT, TIMES};
use crate::simulation::generate::REFUSALS;
use crate::simulation::network::{html, response};
use crate::simulation::plan::{Awaited, Fault, Kill, Op};
use crate::simulation::schema;
use crate::simulation::shadow::View;
use crate::simulation::statement::statement;
use physio_runtime::bridge::embedded::{Answer, Request};
use physio_schema::sqlite::quote_identifier as quoted;
use rusqlite::config::DbConfig;
use std::time::Duration;

impl World {
    /// A local transaction; one that a rule of its table refuses is no write.
    pub(super) fn write(&mut self, device: usize, number: usize, ops: &[Op], is_foreign: bool) -> Done {
        let state = &mut self.devices[device];
        state.set_calendar();
        let plan = state.cache.plan().clone();
        let statements: Vec<_> = ops
            .iter()
            .enumerate()
            .map(|(at, op)| statement(&plan, *op, &format!("w{number}.{at}")))
            .collect();
        let before = View::of(&state.cache).map_err(|error| error.to_string())?;
        let written = if is_foreign {
            let file = state.foreign();
            file.execute_batch("BEGIN IMMEDIATE").map_err(|error| error.to_string())?;
            let done = statements
                .iter()
                .try_for_each(|statement| statement.run(file).map(drop))
                .and_then(|()| file.execute_batch("COMMIT"));
            if done.is_err() && !file.is_autocommit() {
                file.execute_batch("ROLLBACK").map_err(|error| error.to_string())?;
            }
            done.map_err(|error| error.to_string())
        } else {
            let all = state.cache.write(|transaction| {
                statements.iter().try_for_each(|statement| {
                    transaction.execute(&statement.sql, statement.parameters()).map(drop)
                })
            });
            all.map(drop).map_err(|error| error.to_string())
        };
        if let Err(refusal) = written {
            self.figures.add("refused local transactions", 1);
            self.tell(|| format!("  refused: {refusal}"));
            return Ok(());
        }
        state.note_durable();
        state.wakes.written();
        let after = View::of(&state.cache).map_err(|error| error.to_string())?;
        let marks = statements.into_iter().filter_map(|statement| statement.mark).collect();
        self.shadow.note_write(device, marks, &before, &after);
        self.figures.add(if is_foreign { "foreign local transactions" } else { "local transactions" }, 1);
        Ok(())
    }

    /// Moves until a request of this kind waits to be sent.
    pub(super) async fn until(&mut self, device: usize, request: Awaited) -> Done {
        /// A round has fewer.
        const MOST_MOVES: usize = 40;
        let is_awaited = |waiting: &Request| match request {
            Awaited::Push => waiting.path.ends_with("batch.php"),
            Awaited::Page => waiting.path.ends_with("read.php"),
            Awaited::Delta => waiting.path.ends_with("sync.php") && !waiting.query.contains("since=new"),
        };
        for _ in 0..MOST_MOVES {
            if self.waiting(device).is_some_and(is_awaited) {
                break;
            }
            self.go(device).await?;
        }
        Ok(())
    }

    /// The request that waits arrives at the server.
    pub(super) fn arrive(&mut self, device: usize) {
        let Doing::Busy { call: Some(call), .. } = &mut self.devices[device].doing else { return };
        let answer = self.server.answer(&call.request);
        let text = self.trace.is_some().then(|| shown(&answer));
        if call.request.path.ends_with("batch.php") && answer.status == 200 {
            self.devices[device].push_answers.push(answer.clone());
        }
        if let Doing::Busy { call: Some(call), .. } = &mut self.devices[device].doing {
            call.answer = Some(answer);
        }
        self.tell(|| format!("  the server answers device {device}: {}", text.unwrap_or_default()));
    }

    /// The answer arrives at the device; with `cut`, only so many thousandths of it.
    pub(super) async fn reply(&mut self, device: usize, cut: Option<u16>) -> Done {
        let Some(call) = self.take_call(device) else { return Ok(()) };
        if let Some(answer) = &call.answer {
            // A device that has gone needs no answer.
            let _ = call.reply.send(Ok(response(answer, cut)));
        }
        self.pump(device).await
    }

    async fn lose(&mut self, device: usize) -> Done {
        let Some(call) = self.take_call(device) else { return Ok(()) };
        let _ = call.reply.send(Err("nothing came".to_owned()));
        self.pump(device).await
    }

    async fn reply_with(&mut self, device: usize, answer: &Answer) -> Done {
        let Some(call) = self.take_call(device) else { return Ok(()) };
        let _ = call.reply.send(Ok(response(answer, None)));
        self.pump(device).await
    }

    fn take_call(&mut self, device: usize) -> Option<Call> {
        match &mut self.devices[device].doing {
            Doing::Busy { call, .. } => call.take(),
            Doing::Idle(_) => None,
        }
    }

    /// The request that waits, if it has not arrived yet.
    fn waiting(&self, device: usize) -> Option<&Request> {
        match &self.devices[device].doing {
            Doing::Busy { call: Some(call), .. } if call.answer.is_none() => Some(&call.request),
            Doing::Busy { .. } | Doing::Idle(_) => None,
        }
    }

    pub(super) async fn trouble(&mut self, device: usize, fault: Fault) -> Done {
        if matches!(self.devices[device].doing, Doing::Idle(_)) {
            self.begin(device).await?;
        }
        let request = self.waiting(device).cloned();
        match (fault, request) {
            (Fault::RequestLost, Some(_)) => {
                self.figures.add("fault: request lost", 1);
                self.lose(device).await
            }
            (Fault::RequestLate, Some(request)) => {
                self.figures.add("fault: request late", 1);
                self.stragglers.push(request);
                self.lose(device).await
            }
            (Fault::RequestDoubled, Some(request)) => {
                self.figures.add("fault: request doubled", 1);
                self.stragglers.push(request);
                self.arrive(device);
                Ok(())
            }
            (Fault::Refused(code), Some(request)) => {
                let code = REFUSALS[usize::from(code) % REFUSALS.len()];
                // A bridge says this of a push only before it has ever applied it.
                if code == "schema_changed" && request.path.ends_with("batch.php") {
                    return Ok(());
                }
                self.figures.add(refusal_figure(code), 1);
                let answer = self.server.refusal(code);
                self.reply_with(device, &answer).await
            }
            (Fault::Html(status), Some(_)) => {
                self.figures.add("fault: page of the host", 1);
                self.reply_with(device, &html(status)).await
            }
            (Fault::ReplyLost, _) => {
                if self.has_answer(device) {
                    self.figures.add("fault: reply lost", 1);
                    return self.lose(device).await;
                }
                Ok(())
            }
            (Fault::ReplyCut(thousandths), _) => {
                if self.has_answer(device) {
                    self.figures.add("fault: reply cut", 1);
                    return self.reply(device, Some(thousandths)).await;
                }
                Ok(())
            }
            (Fault::ReplyStale, _) => self.reply_stale(device).await,
            (
                Fault::RequestLost
                | Fault::RequestLate
                | Fault::RequestDoubled
                | Fault::Refused(_)
                | Fault::Html(_),
                None,
            ) => Ok(()),
        }
    }

    /// Has the request that waits, if any, arrive first.
    fn has_answer(&mut self, device: usize) -> bool {
        if self.waiting(device).is_some() {
            self.arrive(device);
        }
        matches!(self.devices[device].doing, Doing::Busy { call: Some(_), .. })
    }

    async fn reply_stale(&mut self, device: usize) -> Done {
        let is_push = match &self.devices[device].doing {
            Doing::Busy { call: Some(call), .. } => call.request.path.ends_with("batch.php"),
            Doing::Busy { call: None, .. } | Doing::Idle(_) => false,
        };
        let Some(stale) = self.devices[device].push_answers.first().cloned().filter(|_| is_push) else {
            return Ok(());
        };
        self.has_answer(device);
        self.figures.add("fault: reply of an earlier push", 1);
        self.reply_with(device, &stale).await
    }

    pub(super) fn straggler(&mut self, pick: u16) {
        if self.stragglers.is_empty() {
            return;
        }
        let request = self.stragglers.remove(usize::from(pick) % self.stragglers.len());
        self.figures.add("fault: straggler arrives", 1);
        let answer = self.server.answer(&request);
        self.tell(|| format!("  a straggler arrives: {}: {}", told(&request), shown(&answer)));
    }

    pub(super) fn kill(&mut self, device: usize, kill: Kill) -> Done {
        self.figures.add(if kill == Kill::Process { "fault: kill" } else { "fault: power lost" }, 1);
        if let Some(call) = self.take_call(device).filter(|call| call.answer.is_none()) {
            // What was sent arrives or not, whether its sender lives or not.
            self.stragglers.push(call.request);
        }
        let version = self.devices[device].version;
        self.restart(device, kill, version)
    }

    fn restart(&mut self, device: usize, kill: Kill, version: usize) -> Done {
        let around = Surroundings {
            application: self.application,
            seed: self.seed,
            folder: self.folder.path(),
            world: &self.sender,
            client: &self.client,
        };
        self.devices[device].set_calendar();
        self.devices[device].kill(kill, version, &around);
        crate::simulation::check::always(&self.devices[device].cache)
            .map_err(|fault| format!("device {device}: {fault}"))
    }

    pub(super) fn upgrade(&mut self, device: usize) -> Done {
        let version = self.devices[device].version + 1;
        if version > schema::LAST {
            return Ok(());
        }
        self.figures.add("schema upgrades of devices", 1);
        self.is_upgraded = true;
        drop(self.take_call(device));
        self.restart(device, Kill::Process, version)
    }

    pub(super) fn upgrade_server(&mut self) {
        if self.server.upgrade() {
            self.is_upgraded = true;
            self.figures.add("schema upgrades of servers", 1);
        }
    }

    pub(super) fn restore(&mut self) -> Done {
        let before = self.server.arrivals();
        if self.server.restore() {
            self.figures.add("fault: backup restored", 1);
            // A host that restores a backup is shut meanwhile, for longer than any request is on its way by itself.
            self.stragglers.clear();
            let after = self.server.arrivals();
            let outbox = |device: &Device| {
                // An answer that is on its way tells the device that what it has sent has arrived.
                let is_told =
                    matches!(&device.doing, Doing::Busy { call: Some(call), .. } if call.answer.is_some());
                device.cache.read(|file| {
                    let sql = "SELECT coalesce(group_concat(changed), '') FROM _physio_outbox LEFT JOIN _physio_units
                               USING (unit_id) WHERE NOT (?1 AND state IS 'sent')";
                    Ok(file.query_row(sql, [is_told], |row| row.get::<_, String>(0))?)
                })
            };
            let outboxes = self.devices.iter().map(outbox).collect::<Result<Vec<_>, _>>();
            self.shadow.note_restore(&before, &after, &outboxes.map_err(|error| error.to_string())?);
        }
        Ok(())
    }

    /// The device's loop goes on later by its own clock, and what its file notes of times comes from another clock.
    pub(super) fn jump(&mut self, device: usize, seconds: u32) -> Done {
        self.figures.add("fault: clock jumped", 1);
        let state = &mut self.devices[device];
        state.now += Duration::from_secs(u64::from(seconds));
        let way = if seconds.is_multiple_of(2) { 1 } else { -1 };
        self.server.now_ms += way * i64::from(seconds) * 100_000;
        state.calendar_ms -= way * i64::from(seconds) * 100_000;
        let plan = std::sync::Arc::clone(state.cache.plan());
        let moved = |file: &rusqlite::Connection| {
            file.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
            let year = 1990 + seconds % 100;
            let synced = plan.tables.iter().map(|table| (table.name.as_str(), SYNCED_AT));
            for (table, column) in synced.chain(TIMES) {
                let (table, column) = (quoted(table), quoted(column));
                let sql = format!(
                    "UPDATE {table} SET {column} = ?1 || substr({column}, 5) WHERE {column} IS NOT NULL"
                );
                file.prepare_cached(&sql)?.execute([year.to_string()])?;
            }
            file.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true)?;
            Ok::<_, rusqlite::Error>(())
        };
        moved(state.foreign()).map_err(|error| error.to_string())
    }
}

fn refusal_figure(code: &str) -> &'static str {
    match code {
        "too_many_attempts" => "fault: 429 too_many_attempts",
        "internal" => "fault: 500 internal",
        "busy" => "fault: 503 busy",
        "database_unavailable" => "fault: 503 database_unavailable",
        "not_installed" => "fault: 503 not_installed",
        "token_refused" => "fault: 401 token_refused",
        "body_too_large" => "fault: 413 body_too_large",
        _ => "fault: 409 schema_changed",
    }
}

fn shown(answer: &Answer) -> String {
    format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body))
}
