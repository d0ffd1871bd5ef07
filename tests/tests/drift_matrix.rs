//! Old and new application against old and new server, for each kind of schema change, on real PHP and MariaDB.
//!
//! Each case runs twice. Server first: an old application meets the new server, then is updated. Application
//! first: a new application meets the old server, then the server is updated. Both begin where all is old and end
//! where all is new, so the four cells of the matrix are all seen.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

#[path = "drift_matrix/cases.rs"]
mod cases;

use cases::{Case, Met, OLD};
use mysql::prelude::Queryable;
use physio_runtime::bridge::Token;
use physio_runtime::cache::{ParkedState, Resolution};
use physio_runtime::{ErrorKind, Event, Physio, TableDrift};
use physio_tests::harness::{App, Stack, compare};
use std::path::Path;
use tokio::sync::broadcast::Receiver;

const TOKEN: &str = "a-token";

const TOML: &str = "
[app]
name = \"matrix\"
dump = \"matrix.sql\"
[server.tokens]
table = \"tokens\"
token = \"token\"
[access]
open = true

[[waves]]
name = \"all\"
tables = [\"*\"]
";

fn old_app() -> App {
    App::of_texts(TOML, OLD).unwrap()
}

fn new_app(case: &Case) -> App {
    let mut dump = OLD.to_owned();
    for (from, to) in case.edits {
        assert!(dump.contains(from), "{from}");
        // An addition has nothing to replace.
        dump = if from.is_empty() { format!("{dump}{to}") } else { dump.replace(from, to) };
    }
    App::of_texts(&format!("{TOML}{}", case.toml), &dump).unwrap()
}

/// One application on one cache file against one server.
struct Scene {
    stack: Stack,
    folder: tempfile::TempDir,
    physio: Physio,
    events: Receiver<Event>,
}

impl Scene {
    /// Old application, old server: nothing differs.
    async fn start() -> Self {
        let stack = Stack::start(old_app()).unwrap();
        stack.add_token(TOKEN, "'2037-01-01'", false).unwrap();
        let rows = "INSERT INTO patients (patient_id, name) VALUES (1, 'A'), (2, 'B');
                    INSERT INTO rooms (code, label) VALUES ('R1', 'first');
                    INSERT INTO visits (visit_no, code, finding) VALUES (5, 'x', NULL)";
        stack.connect().unwrap().query_drop(rows).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let physio = open(&stack.app, &stack, folder.path());
        let events = physio.events();
        physio.sync_now().await.unwrap();
        let scene = Self { stack, folder, physio, events };
        scene.assert_equal(&scene.stack.app);
        assert!(scene.drift().is_empty(), "{:?}", scene.drift());
        scene
    }

    /// Another version of the application opens the same file.
    async fn update_app(self, app: &App) -> Self {
        self.physio.close().await;
        let physio = open(app, &self.stack, self.folder.path());
        Self { events: physio.events(), physio, ..self }
    }

    fn on_server(&self, sql: &str) {
        self.stack.connect().unwrap().query_drop(sql).unwrap();
    }

    fn write(&self, statements: &[&str]) {
        for statement in statements {
            self.physio
                .write(|tx| tx.execute(statement, []))
                .unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
    }

    fn count(&self, condition: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {condition}");
        self.physio.query_rows(&sql, [], |row| Ok(row.get(0)?)).unwrap()[0]
    }

    fn server_count(&self, condition: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {condition}");
        self.stack.connect().unwrap().query_first(sql).unwrap().unwrap()
    }

    fn drift(&self) -> Vec<TableDrift> {
        self.physio.status().unwrap().tables.into_iter().filter_map(|table| table.drift).collect()
    }

    /// Two versions meet: both sides write the table in question and another one, and sync twice.
    async fn meet(&mut self, met: &Met) {
        self.write(met.local_writes);
        self.write(&["INSERT INTO rooms (code, label) VALUES ('LOCAL', 'here')"]);
        self.on_server(&format!("{}; INSERT INTO rooms (code) VALUES ('SERVER')", met.server_write));
        for _ in 0..2 {
            match (self.physio.sync_now().await, met.is_pull_paused || met.is_push_paused) {
                (Ok(()), false) => {}
                (Err(error), true) => {
                    assert_eq!(error.kind(), ErrorKind::Schema, "{error}");
                    let column = met.field.rsplit('.').next().unwrap();
                    assert!(error.to_string().contains(column), "{error} does not name {column}");
                }
                (result, is_paused) => panic!("{result:?}, paused: {is_paused}"),
            }
        }
        // The other table goes both ways.
        assert_eq!(self.server_count("rooms WHERE code = 'LOCAL'"), 1, "the others' changes arrive");
        assert_eq!(self.count("rooms WHERE code = 'SERVER'"), 1, "the others' rows arrive");
        assert_eq!(self.count("rooms WHERE _sync_status <> 'synced'"), 0);
        // The table in question.
        let mut told = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            // Of a renamed table the server has another one, too, which is told beside it.
            if let Event::Drift(drift) = event
                && met.field.starts_with(&drift.table)
            {
                told.push(drift);
            }
        }
        assert_eq!(told.len(), 1, "said once: {told:?}");
        let found = &told[0];
        assert_eq!(
            (found.class, found.is_pull_paused, found.is_push_paused),
            (met.class, met.is_pull_paused, met.is_push_paused),
            "{found:?}"
        );
        assert!(found.message.contains(met.field.rsplit('.').next().unwrap()), "{found:?}");
        if met.field.contains('.') {
            assert_eq!(found.fields.first().map(String::as_str), Some(met.field));
        }
        if !met.arrived.is_empty() {
            assert_eq!(self.count(met.arrived), i64::from(!met.is_pull_paused), "{}", met.arrived);
        }
        let status = self.physio.status().unwrap();
        assert_eq!(status.n_pending, met.n_pending, "what waits is kept");
        assert_eq!(status.n_attention, 0, "nobody has to decide anything");
        self.stack.php.assert_clean();
    }

    /// New application, new server: what waited is delivered, and both sides are equal.
    async fn end(&self, n_attention: u64) {
        self.physio.sync_now().await.unwrap();
        self.physio.sync_now().await.unwrap();
        assert!(self.drift().is_empty(), "{:?}", self.drift());
        let attention = self.physio.attention().unwrap();
        assert_eq!(attention.len() as u64, n_attention, "{attention:?}");
        for unit in attention {
            match unit.state {
                ParkedState::Notice => {
                    self.physio.resolve_conflict(unit.changes[0].change, Resolution::Theirs).unwrap();
                }
                ParkedState::Failed | ParkedState::Conflict => self.physio.discard_unit(unit.unit).unwrap(),
            }
        }
        self.physio.sync_now().await.unwrap();
        let status = self.physio.status().unwrap();
        assert_eq!((status.n_pending, status.n_attention), (0, 0));
        self.assert_equal(&self.stack.app);
        self.stack.php.assert_clean();
    }

    fn assert_equal(&self, app: &App) {
        let mut conn = self.stack.connect().unwrap();
        let compared = self.physio.read(|local| Ok(compare::check_equal(&app.plan, &mut conn, local)));
        compared.unwrap().unwrap();
    }
}

fn open(app: &App, stack: &Stack, folder: &Path) -> Physio {
    Physio::builder(&*app.plan)
        .cache(folder.join("cache.db"))
        .bridge_url(stack.url())
        .token(Token::new(TOKEN))
        .open()
        .unwrap()
}

async fn server_first(case: &Case) {
    let new = new_app(case);
    let mut scene = Scene::start().await;
    scene.stack.deploy(new.clone(), case.alter).unwrap();
    scene.meet(&case.old_app_new_server).await;
    let scene = scene.update_app(&new).await;
    scene.end(case.n_attention).await;
    for (table, condition) in case.delivered {
        assert_eq!(scene.server_count(&format!("{table} WHERE {condition}")), 1, "{condition}");
    }
}

async fn app_first(case: &Case) {
    let new = new_app(case);
    let mut scene = Scene::start().await.update_app(&new).await;
    scene.meet(&case.new_app_old_server).await;
    scene.stack.deploy(new, case.alter).unwrap();
    scene.end(0).await;
}

macro_rules! matrix {
    ($($case:ident)*) => {$(
        mod $case {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn server_first() {
                super::server_first(&super::cases::$case()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn application_first() {
                super::app_first(&super::cases::$case()).await;
            }
        }
    )*};
}

matrix! {
    column_added_nullable
    column_added_required
    column_dropped
    column_renamed
    column_retyped_wider
    column_retyped_incompatibly
    column_that_may_no_longer_be_null
    column_that_may_be_null_now
    enum_member_added
    enum_member_removed
    table_added
    table_dropped
    table_renamed
    key_changed
}

/// ALTER TABLE fills a new column without a trigger, so no feed of changes tells: the table is read again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_were_pulled_without_a_column_are_read_again_when_it_comes() {
    let column = "  city varchar(20) DEFAULT 'Agra',\n  status enum";
    let new = App::of_texts(TOML, &OLD.replace("  status enum", column)).unwrap();
    let mut scene = Scene::start().await.update_app(&new).await;
    scene.physio.sync_now().await.unwrap();
    assert_eq!(scene.count("patients WHERE city = 'Agra'"), 2, "the default, until the server says more");
    scene.on_server(
        "ALTER TABLE patients ADD COLUMN city varchar(20) DEFAULT 'Pune' AFTER remarks;
         ALTER TABLE patients ALTER COLUMN city SET DEFAULT 'Agra'",
    );
    scene.stack.upload(new).unwrap();
    scene.physio.sync_now().await.unwrap();
    assert_eq!(scene.count("patients WHERE city = 'Pune'"), 2);
    scene.end(0).await;
}

/// The owner altered the live table and did not upload the bridge that was generated from it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_table_that_is_not_the_bridges_waits_and_the_others_go_on() {
    let scene = Scene::start().await;
    scene.on_server(
        "ALTER TABLE patients DROP COLUMN remarks; UPDATE patients SET name = 'B2' WHERE patient_id = 2",
    );
    scene.write(&[
        "UPDATE patients SET name = 'mine' WHERE patient_id = 1",
        "INSERT INTO rooms (code) VALUES ('LOCAL')",
    ]);
    scene.on_server("INSERT INTO rooms (code) VALUES ('SERVER')");
    let error = scene.physio.sync_now().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema, "{error}");
    assert!(error.to_string().contains("patients.remarks"), "{error}");
    assert_eq!(scene.server_count("rooms WHERE code = 'LOCAL'"), 1);
    assert_eq!(scene.count("rooms WHERE code = 'SERVER'"), 1);
    let status = scene.physio.status().unwrap();
    assert_eq!((status.n_pending, status.n_attention), (1, 0));
    scene.on_server("ALTER TABLE patients ADD COLUMN remarks varchar(40) DEFAULT NULL AFTER name");
    scene.physio.sync_now().await.unwrap();
    scene.physio.sync_now().await.unwrap();
    scene.assert_equal(&scene.stack.app);
    assert_eq!(scene.physio.status().unwrap().n_pending, 0);
    // A bare 500 would be in the log.
    scene.stack.php.assert_clean();
}
