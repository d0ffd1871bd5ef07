//! The bridge without HTTP, threads and clocks: a request in, an answer out.

use super::batch;
use super::checksum::TableChecksum;
use super::ddl;
use super::guard::Caller;
use super::pages;
use super::ranges;
use super::refusal::{Refusal, Stop};
use super::request::{Answer, Endpoint, Request};
use super::rights::{Bearer, Rights};
use super::spelling;
use super::store::{self, Clock};
use super::tokens::Tokens;
use crate::{Error, ErrorKind, Result};
use physio_schema::plan::{ColumnPlan, Plan};
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The server side of PROTOCOL.md over an in-memory store.
///
/// The same seed, the same requests and the same times give the same bytes: nothing here reads a clock or
/// draws a random number.
///
/// ```no_run
/// use physio_runtime::bridge::embedded::{BridgeCore, Request};
/// # fn plan() -> std::sync::Arc<physio_runtime::Plan> { unreachable!() }
/// let mut core = BridgeCore::new(plan(), 7)?;
/// core.add_token("secret", None);
/// let request = Request { method: "GET".into(), path: "/sync.php".into(), ..Request::default() };
/// assert_eq!(core.answer(&request, 0).status, 401);
/// # Ok::<(), physio_runtime::Error>(())
/// ```
#[derive(Debug)]
pub struct BridgeCore {
    plan: Arc<Plan>,
    store: Connection,
    clock: Clock,
    tokens: Tokens,
    seed: u64,
    n_epochs: u64,
    most_entries: u32,
}

/// Feed entries of one page at the most, unless it is told otherwise.
const MOST_ENTRIES: u32 = 10_000;

impl BridgeCore {
    /// An empty store with the plan's tables; `seed` decides the epochs of its feed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`] when the plan's tables cannot be made in SQLite.
    pub fn new(plan: Arc<Plan>, seed: u64) -> Result<Self> {
        let clock = Clock::default();
        let store = store::open(&plan, &clock, &epoch_of(seed, 0)).map_err(|error| {
            Error::with_source(
                ErrorKind::Usage,
                "the plan's tables cannot be made in the embedded bridge",
                error,
            )
        })?;
        Ok(Self {
            plan,
            store,
            clock,
            tokens: Tokens::default(),
            seed,
            n_epochs: 0,
            most_entries: MOST_ENTRIES,
        })
    }

    /// The plan that it serves.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Lets a token in, until `expires_at_ms` (milliseconds since 1970; `None`: for ever). Its bearer may do everything
    /// with all rows.
    pub fn add_token(&mut self, token: &str, expires_at_ms: Option<i64>) {
        self.tokens.add(token, Bearer::Everything, expires_at_ms);
    }

    /// Lets the token of a user in, or gives another role and scope to one that is known: what it may do and which rows
    /// it sees is what the plan's `[access]` says of them.
    pub fn add_user_token(&mut self, token: &str, role: Option<&str>, scope: Option<&str>) {
        let bearer = Bearer::User { role: role.map(str::to_owned), scope: scope.map(str::to_owned) };
        self.tokens.add(token, bearer, None);
    }

    /// Refuses a token from now on; false when there is no such token.
    pub fn revoke_token(&mut self, token: &str) -> bool {
        self.tokens.revoke(token)
    }

    /// Lets a token end at that time (milliseconds since 1970); false when there is no such token.
    pub fn expire_token(&mut self, token: &str, at_ms: i64) -> bool {
        self.tokens.expire(token, at_ms)
    }

    /// Sets the clock that column defaults read (milliseconds since 1970).
    pub fn set_clock(&self, now_ms: i64) {
        self.clock.store(now_ms, Ordering::Relaxed);
    }

    /// The store itself, as another application of the same database would use it: what is written here
    /// reaches devices by the feed. The store is SQLite and STRICT, with the server's constraints.
    pub fn store(&mut self) -> &mut Connection {
        &mut self.store
    }

    /// Bounds the entries of one page of the feed, as a server does that is short of time: a delta then has several.
    pub fn limit_entries(&mut self, most: u32) {
        self.most_entries = most.clamp(1, MOST_ENTRIES);
    }

    /// Starts a new epoch, as a server does that lost part of its feed: devices must look at everything again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Storage`] when the store fails.
    pub fn start_epoch(&mut self) -> Result<()> {
        self.n_epochs += 1;
        let epoch = epoch_of(self.seed, self.n_epochs);
        let sql = "UPDATE _physio_state SET epoch = ?1, floor_seq = seq WHERE id = 1";
        self.store.execute(sql, [epoch]).map(drop).map_err(storage)
    }

    /// Forgets the feed's entries up to the present one, as the server's cleaning does after months: older
    /// cursors have expired.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Storage`] when the store fails.
    pub fn forget_feed(&mut self) -> Result<()> {
        super::feed::sequence(&mut self.store).map_err(storage)?;
        let sql = "DELETE FROM _physio_feed; UPDATE _physio_state SET floor_seq = seq WHERE id = 1;";
        self.store.execute_batch(sql).map_err(storage)
    }

    /// Inserts rows spelt as on the wire, in one transaction; each has the values of `columns`, in that order.
    /// Foreign keys are not looked at, so that tables which refer to each other can be filled one by one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`] when the plan has no such table or column, or a value does not fit its column;
    /// [`ErrorKind::Constraint`] when a row breaks a rule of its table. Nothing is inserted then.
    pub fn load_rows(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: impl IntoIterator<Item = Vec<Option<String>>>,
    ) -> Result<()> {
        let plan = Arc::clone(&self.plan);
        let unknown =
            || Error::new(ErrorKind::Usage, format!("the plan has no table `{table}` with these columns"));
        let table = plan.table(table).ok_or_else(unknown)?;
        let named: Option<Vec<_>> = columns
            .iter()
            .map(|name| table.position(name).map(|position| &table.columns[position]))
            .collect();
        let named = named.ok_or_else(unknown)?;
        let marks = vec!["?"; columns.len()].join(", ");
        let list = ddl::quoted_list(columns.iter().copied());
        let sql = format!("INSERT INTO {} ({list}) VALUES ({marks})", ddl::quoted(&table.name));
        self.store.execute_batch("PRAGMA foreign_keys = OFF").map_err(storage)?;
        let loaded = self.insert_all(&table.name, &sql, &named, rows);
        self.store.execute_batch("PRAGMA foreign_keys = ON").map_err(storage)?;
        loaded
    }

    fn insert_all(
        &mut self,
        table: &str,
        sql: &str,
        columns: &[&ColumnPlan],
        rows: impl IntoIterator<Item = Vec<Option<String>>>,
    ) -> Result<()> {
        let work = self.store.transaction().map_err(storage)?;
        {
            let mut insert = work.prepare(sql).map_err(storage)?;
            for row in rows {
                let mut values = Vec::with_capacity(row.len());
                for (column, text) in columns.iter().zip(row) {
                    let bad = |_| {
                        let place = format!("{table}.{}", column.name);
                        Error::new(ErrorKind::Usage, format!("a value does not fit {place}"))
                    };
                    let value = text
                        .map(|text| spelling::stored_unchecked(column, &text).map_err(bad))
                        .transpose()?;
                    values.push(value.unwrap_or(rusqlite::types::Value::Null));
                }
                insert.execute(rusqlite::params_from_iter(values)).map_err(constraint)?;
            }
        }
        work.commit().map_err(constraint)
    }

    /// Rows and checksum of a table, by the wire's spelling of its visible columns.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`] when the plan has no such table.
    pub fn checksum(&self, table: &str) -> Result<TableChecksum> {
        let unknown = || Error::new(ErrorKind::Usage, format!("the plan has no table `{table}`"));
        let table = self.plan.table(table).ok_or_else(unknown)?;
        let columns = ddl::quoted_list(store::column_names(table));
        let sql = format!("SELECT {columns} FROM {}", ddl::quoted(&table.name));
        let mut checksum = TableChecksum::default();
        let mut all = self.store.prepare(&sql).map_err(storage)?;
        let mut rows = all.query([]).map_err(storage)?;
        while let Some(row) = rows.next().map_err(storage)? {
            checksum.add(&store::wire_row(table, row).map_err(storage)?);
        }
        Ok(checksum)
    }

    /// Answers one request at the time `now_ms` (milliseconds since 1970).
    pub fn answer(&mut self, request: &Request, now_ms: i64) -> Answer {
        self.set_clock(now_ms);
        let Some(endpoint) = Endpoint::of_path(&request.path) else {
            return Answer { status: 404, headers: Vec::new(), body: Vec::new() };
        };
        let (status, kind, body) = match self.work(endpoint, request, now_ms) {
            Ok(body) => match endpoint {
                Endpoint::Sync | Endpoint::Read => (200, "application/x-ndjson", body),
                Endpoint::Batch | Endpoint::Write => (200, "application/json", body),
            },
            Err(stop) => {
                let refusal = stop.into_refusal();
                (refusal.status(), "application/json", refusal.body())
            }
        };
        let mut headers = self.headers(kind);
        if status == 405 {
            headers.push(("allow", endpoint.method().to_owned()));
        }
        Answer { status, headers, body }
    }

    /// The answer that refuses a request with one of the wire's codes, whatever was asked.
    pub fn refusal(&self, code: &str) -> Answer {
        let refusal = Refusal::of(code);
        let mut headers = self.headers("application/json");
        if matches!(refusal.status(), 429 | 503) {
            headers.push(("retry-after", "1".to_owned()));
        }
        Answer { status: refusal.status(), headers, body: refusal.body() }
    }

    fn headers(&self, content_type: &str) -> Vec<(&'static str, String)> {
        vec![
            ("content-type", content_type.to_owned()),
            ("x-physio-fingerprint", self.plan.fingerprint.clone()),
            ("x-physio-protocol", "1".to_owned()),
            ("cache-control", "no-store".to_owned()),
        ]
    }

    fn work(&mut self, endpoint: Endpoint, request: &Request, now_ms: i64) -> Result<Vec<u8>, Stop> {
        if request.method != endpoint.method() {
            return Err(Refusal::of("method_not_allowed").into());
        }
        let parameters = request.parameters(endpoint)?;
        let bearer = self.tokens.check(request, now_ms)?;
        let caller = Caller::of(request, Rights::of(&self.plan, bearer))?;
        match endpoint {
            Endpoint::Sync => {
                pages::sync_page(&mut self.store, &self.plan, &caller, &parameters, now_ms, self.most_entries)
            }
            Endpoint::Read => ranges::read_page(&self.store, &self.plan, &caller, &parameters),
            Endpoint::Batch => batch::run(&mut self.store, &self.plan, &caller, &request.body, false, now_ms),
            Endpoint::Write => batch::run(&mut self.store, &self.plan, &caller, &request.body, true, now_ms),
        }
    }
}

fn storage(error: rusqlite::Error) -> Error {
    Error::with_source(ErrorKind::Storage, "the embedded bridge's store failed", error)
}

fn constraint(error: rusqlite::Error) -> Error {
    Error::with_source(ErrorKind::Constraint, "the embedded bridge's store refuses a row", error)
}

/// Eight hex digits that differ for every epoch of one seed (SplitMix64).
fn epoch_of(seed: u64, n: u64) -> String {
    let mut x = seed.wrapping_add(n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    format!("{:08x}", (x ^ (x >> 31)) as u32)
}
