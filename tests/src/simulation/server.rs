//! The server: the embedded bridge's core, and a log of which text arrived in which request.

use super::plan::{Application, Op};
use super::schema;
use super::statement::{statement, text_columns};
use super::store::Content;
use physio_runtime::bridge::embedded::{Answer, BridgeCore, Request};
use physio_schema::plan::TablePlan;
use physio_schema::sqlite::quote_identifier as quoted;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Devices of a run at the most.
const MOST_DEVICES: usize = 8;

/// The token of a device.
pub(super) fn token_of(device: usize) -> String {
    format!("token-{device}")
}

/// The branch that a device's user sees; `None`: all of them.
fn scope_of(pick: u64) -> Option<u64> {
    Some(pick % 4).filter(|branch| *branch > 0)
}

/// Entries of a delta's page: few, so that deltas have several pages.
const MOST_ENTRIES: u32 = 4;

/// When a run begins, in milliseconds since 1970.
pub(super) const BEGIN_MS: i64 = 1_800_000_000_000;

/// Beside the bridge's own tables; a backup holds them too.
const LOG: &str = "
CREATE TABLE _sim_clock (n INTEGER NOT NULL) STRICT;
INSERT INTO _sim_clock VALUES (0);
CREATE TABLE _sim_arrivals (text TEXT NOT NULL, request INTEGER NOT NULL, replaced TEXT) STRICT;
";

pub(super) struct Server {
    core: BridgeCore,
    application: Application,
    seed: u64,
    pub(super) version: usize,
    n_epochs: u64,
    n_requests: i64,
    pub(super) now_ms: i64,
    backup: Option<(Content, usize)>,
    /// What each device's user sees, where that is not everything.
    scopes: Vec<Option<u64>>,
}

impl Server {
    pub(super) fn new(application: Application, seed: u64) -> Self {
        let mut server = Self {
            core: core(application, 0, seed),
            scopes: (0..MOST_DEVICES as u64).map(|device| scope_of(seed.wrapping_add(device))).collect(),
            application,
            seed,
            version: 0,
            n_epochs: 0,
            n_requests: 0,
            now_ms: BEGIN_MS,
            backup: None,
        };
        server.let_in();
        server
    }

    /// Every device's token is good.
    fn let_in(&mut self) {
        for (device, scope) in self.scopes.iter().enumerate() {
            let token = token_of(device);
            match (self.application, scope) {
                (Application::Branches, Some(branch)) => {
                    self.core.add_user_token(&token, Some("desk"), Some(&branch.to_string()));
                }
                (Application::Branches, None) => self.core.add_user_token(&token, Some("owner"), None),
                (Application::Clinic | Application::Shop, _) => self.core.add_token(&token, None),
            }
        }
    }

    /// Another scope for a device's user.
    pub(super) fn rescope(&mut self, device: usize, pick: u16) {
        self.scopes[device % MOST_DEVICES] = scope_of(pick.into());
        self.let_in();
    }

    /// The branch whose rows a device may see; `None`: all.
    pub(super) fn scope(&self, device: usize) -> Option<u64> {
        self.scopes[device].filter(|_| self.application == Application::Branches)
    }

    pub(super) fn plan(&self) -> &physio_schema::plan::Plan {
        self.core.plan()
    }

    pub(super) fn store(&mut self) -> &mut Connection {
        self.core.store()
    }

    /// Answers one request; a second passes.
    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        self.tick();
        let now_ms = self.now_ms;
        self.core.answer(request, now_ms)
    }

    pub(super) fn refusal(&self, code: &str) -> Answer {
        self.core.refusal(code)
    }

    /// What is written now is logged under a number of its own.
    fn tick(&mut self) {
        self.n_requests += 1;
        self.now_ms += 1000;
        let n = self.n_requests;
        let store = self.core.store();
        store
            .prepare_cached("UPDATE _sim_clock SET n = ?1")
            .and_then(|mut update| update.execute([n]))
            .expect("the log's clock");
    }

    /// A transaction of another application; whether it was carried out.
    pub(super) fn change(&mut self, ops: &[Op], text: impl Fn(usize) -> String) -> bool {
        self.tick();
        let plan = std::sync::Arc::clone(self.core.plan());
        let store = self.core.store();
        store.execute_batch("BEGIN").expect("no transaction is open");
        for (at, op) in ops.iter().enumerate() {
            if statement(&plan, *op, &text(at)).run(store).is_err() {
                store.execute_batch("ROLLBACK").expect("a transaction is open");
                return false;
            }
        }
        store.execute_batch("COMMIT").is_ok() || store.execute_batch("ROLLBACK").is_err()
    }

    pub(super) fn revoke_token(&mut self) {
        for device in 0..MOST_DEVICES {
            self.core.revoke_token(&token_of(device));
        }
    }

    pub(super) fn renew_token(&mut self) {
        self.let_in();
    }

    pub(super) fn back_up(&mut self) {
        self.backup = Some((Content::load(self.core.store()).expect("the store can be read"), self.version));
    }

    /// The last backup in place of what is there; false when there is none of this schema.
    pub(super) fn restore(&mut self) -> bool {
        let Some((content, version)) = self.backup.clone() else { return false };
        if version != self.version {
            return false;
        }
        content.store(self.core.store(), |_, _| None).expect("the backup fits");
        self.start_epoch();
        true
    }

    /// A feed under a new name. Its number is kept beside the store, which a backup would set back.
    pub(super) fn start_epoch(&mut self) {
        self.n_epochs += 1;
        self.core.start_epoch().expect("the store works");
    }

    pub(super) fn forget_feed(&mut self) {
        self.core.forget_feed().expect("the store works");
    }

    /// The next version of the schema, with everything that is there; false when there is none.
    pub(super) fn upgrade(&mut self) -> bool {
        if self.version == schema::LAST {
            return false;
        }
        let content = Content::load(self.core.store()).expect("the store can be read");
        self.version += 1;
        let mut core = core(self.application, self.version, self.seed);
        let plan = std::sync::Arc::clone(core.plan());
        let renamed = |table: &str, column: &str| {
            let known = plan.renames.iter().find(|rename| rename.table == table && rename.from == column);
            known.and_then(|rename| rename.column.clone())
        };
        // The names of epochs go on where the former core was.
        for _ in 0..self.n_epochs {
            core.start_epoch().expect("the store works");
        }
        content.store(core.store(), renamed).expect("the rows fit the next version");
        self.core = core;
        self.let_in();
        true
    }

    /// In which requests each text arrived.
    pub(super) fn arrivals(&mut self) -> BTreeMap<String, Vec<i64>> {
        let mut arrivals: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        let mut statement = self
            .core
            .store()
            .prepare("SELECT text, request FROM _sim_arrivals ORDER BY rowid")
            .expect("the log");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("the log");
        for row in rows {
            let (text, request) = row.expect("the log");
            arrivals.entry(text).or_default().push(request);
        }
        arrivals
    }

    /// Texts that took the place of another in their row, each with that one.
    pub(super) fn replacements(&mut self) -> Vec<(String, String)> {
        let sql = "SELECT text, replaced FROM _sim_arrivals WHERE replaced IS NOT NULL";
        let mut statement = self.core.store().prepare(sql).expect("the log");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("the log");
        rows.collect::<rusqlite::Result<_>>().expect("the log")
    }

    /// The feed's last number, with what has no number yet counted in.
    pub(super) fn place(&mut self) -> i64 {
        let sql = "SELECT seq + (SELECT count(*) FROM _physio_inbox) FROM _physio_state";
        self.core.store().query_row(sql, [], |row| row.get(0)).expect("the feed")
    }
}

fn core(application: Application, version: usize, seed: u64) -> BridgeCore {
    let plan = schema::plan(application, version);
    let mut core =
        BridgeCore::new(std::sync::Arc::clone(&plan), seed).expect("the plan's tables can be made");
    core.limit_entries(MOST_ENTRIES);
    let mut sql = LOG.to_owned();
    for table in &plan.tables {
        sql.push_str(&log_of(table));
    }
    core.store().execute_batch(&sql).expect("the log's triggers");
    core.store().set_prepared_statement_cache_capacity(256);
    core
}

/// Triggers that log each text where it was not before.
fn log_of(table: &TablePlan) -> String {
    let name = quoted(&table.name);
    let mut sql = String::new();
    for (event, is_new, old) in [("INSERT", "", "NULL"), ("UPDATE", " AND NEW.{} IS NOT OLD.{}", "OLD.{}")] {
        let logged = text_columns(table).into_iter().map(|at| {
            let column = quoted(&table.columns[at].name);
            let (is_new, old) = (is_new.replace("{}", &column), old.replace("{}", &column));
            format!(
                " INSERT INTO _sim_arrivals SELECT NEW.{column}, n, {old} FROM _sim_clock WHERE NEW.{column} IS NOT NULL{is_new};"
            )
        });
        let body: String = logged.collect();
        let trigger = quoted(&format!("_sim_{}_{event}", table.name));
        sql.push_str(&format!("CREATE TRIGGER {trigger} AFTER {event} ON {name} BEGIN{body} END;\n"));
    }
    sql
}
