//! A database whose owner may make no triggers: the bridge looks at the tables, and devices notice no difference.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use mysql::prelude::Queryable;
use physio_runtime::Physio;
use physio_runtime::bridge::Token;
use physio_schema::server::emit_install_sql;
use physio_tests::harness::server_kind::with_numbers;
use physio_tests::harness::{App, Stack, compare};

const TOKEN: &str = "Good-Token-0123456789abcdef";

const DUMP: &str = "
CREATE TABLE notes (
  id int NOT NULL AUTO_INCREMENT, body varchar(200) CHARACTER SET latin1 NOT NULL, raw varbinary(20) DEFAULT NULL,
  updated_at timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  PRIMARY KEY (id), KEY updated_at (updated_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE tags (
  note_id int NOT NULL, tag varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, weight double DEFAULT NULL,
  PRIMARY KEY (note_id, tag),
  CONSTRAINT tags_note FOREIGN KEY (note_id) REFERENCES notes (id) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
";

const CONFIG: &str = "
[app]
name = \"notes\"
dump = \"notes.sql\"
[server.tokens]
table = \"tokens\"
token = \"token\"
[access]
open = true

[[waves]]
name = \"all\"
tables = [\"notes\", \"tags\"]
";

struct Host {
    stack: Stack,
    folder: tempfile::TempDir,
}

impl Host {
    fn start() -> Self {
        Self::start_with(CONFIG, DUMP)
    }

    fn start_with(config: &str, dump: &str) -> Self {
        let stack = Stack::start_bare(App::of_texts(config, dump).unwrap()).unwrap();
        let mut root = stack.maria().connect(None).unwrap();
        for host in ["localhost", "127.0.0.1"] {
            let user = format!("`{0}`@`{host}`", stack.database);
            root.query_drop(format!("REVOKE TRIGGER ON `{}`.* FROM {user}", stack.database)).unwrap();
        }
        let install = emit_install_sql(&stack.app.plan, &stack.app.schema, &stack.app.config);
        let refused = stack.maria().run_script(&stack.database, &install).unwrap_err();
        assert!(refused.to_string().contains("TRIGGER command denied"), "{refused}");
        stack.add_token(TOKEN, "NULL", false).unwrap();
        Self { stack, folder: tempfile::tempdir().unwrap() }
    }

    fn open(&self) -> Physio {
        Physio::builder(&*self.stack.app.plan)
            .cache(self.folder.path().join("cache.db"))
            .bridge_url(self.stack.url())
            .token(Token::new(TOKEN))
            .open()
            .unwrap()
    }

    fn execute(&self, statements: &[&str]) {
        let mut conn = self.stack.connect().unwrap();
        statements.iter().for_each(|statement| conn.query_drop(with_numbers(statement)).unwrap());
    }

    fn ask(&self, query: &str) -> Vec<String> {
        self.stack.connect().unwrap().query(query).unwrap()
    }

    /// As if the time of the next look had come; a look at all rows only when that is wanted.
    async fn look(&self, physio: &Physio, is_full: bool) {
        let full = if is_full { "0" } else { "UNIX_TIMESTAMP() + 1000" };
        self.execute(&[&format!("UPDATE _physio_table SET scan_s = 0, full_s = {full}")]);
        physio.sync_now().await.unwrap();
    }

    fn is_equal(&self, physio: &Physio, table: &str) -> bool {
        let table = self.stack.app.plan.table(table).unwrap();
        let theirs = compare::mysql_rows(&mut self.stack.connect().unwrap(), table).unwrap();
        theirs == physio.cache().read(|cache| Ok(compare::sqlite_rows(cache, table).unwrap())).unwrap()
    }

    fn check_equal(&self, physio: &Physio) {
        assert!(self.is_equal(physio, "notes") && self.is_equal(physio, "tags"));
    }
}

const ROWS: &[&str] = &[
    "INSERT INTO notes (id, body, raw, updated_at) SELECT seq, CONCAT('Ä ', seq), UNHEX('00FF'), '2025-01-01' FROM seq_1_to_4500",
    "INSERT INTO tags (note_id, tag, weight) SELECT id, 'Red', id / 3 FROM notes WHERE id <= 500",
    "INSERT INTO tags (note_id, tag) SELECT id, 'red' FROM notes WHERE id <= 500",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_change_is_seen_by_a_look_at_all_rows() {
    let host = Host::start();
    assert_eq!(
        host.ask("SELECT CONCAT(name, ' ', mode) FROM _physio_table ORDER BY name"),
        ["notes timestamp", "tags scan"]
    );
    host.execute(ROWS);
    let physio = host.open();
    physio.wait_until_synced().await.unwrap();
    host.look(&physio, true).await;
    host.check_equal(&physio);
    assert_eq!(host.ask("SELECT COUNT(*) FROM _physio_shadow"), ["5500"]);
    let steps: &[&[&str]] = &[
        &[
            "INSERT INTO notes (id, body) VALUES (9000, 'new')",
            "INSERT INTO tags (note_id, tag) VALUES (9000, 'x')",
        ],
        &["UPDATE notes SET body = 'changed', updated_at = updated_at WHERE id % 1000 = 0"],
        &["UPDATE tags SET weight = weight + 1 WHERE tag = 'Red' AND note_id < 10"],
        &["DELETE FROM tags WHERE tag = 'red' AND note_id > 490"],
        // Their tags go by the foreign key.
        &["DELETE FROM notes WHERE id IN (1, 2, 3)"],
        &["UPDATE notes SET id = 8000 WHERE id = 4"],
        &["SET foreign_key_checks = 0", "TRUNCATE TABLE notes"],
        &ROWS[..1],
    ];
    for step in steps {
        host.execute(step);
        host.look(&physio, true).await;
        host.check_equal(&physio);
    }
    // Nothing changed: nothing goes into the feed.
    let before = host.ask("SELECT seq FROM _physio_state");
    host.look(&physio, true).await;
    assert_eq!(host.ask("SELECT seq FROM _physio_state"), before);
    for audit in physio.audit().await.unwrap() {
        assert_eq!((audit.n_reread, audit.n_repaired), (0, 0), "{}", audit.table);
    }
    host.stack.php.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_column_tells_of_writes_and_a_later_look_of_the_rest() {
    let host = Host::start();
    host.execute(ROWS);
    let physio = host.open();
    physio.wait_until_synced().await.unwrap();
    host.look(&physio, true).await;
    host.check_equal(&physio);

    host.execute(&[
        "UPDATE notes SET body = 'seen' WHERE id = 7",
        "INSERT INTO notes (id, body) VALUES (5000, 'seen')",
    ]);
    host.look(&physio, false).await;
    assert!(host.is_equal(&physio, "notes"));

    // Written before the look and committed after it.
    let mut slow = host.stack.connect().unwrap();
    slow.query_drop("BEGIN").unwrap();
    slow.query_drop("UPDATE notes SET body = 'late' WHERE id = 8").unwrap();
    host.look(&physio, false).await;
    assert!(host.is_equal(&physio, "notes"), "not committed yet");
    slow.query_drop("COMMIT").unwrap();
    host.look(&physio, false).await;
    assert!(host.is_equal(&physio, "notes"), "the overlap brings it");

    // What the column does not tell: a delete, and a write that keeps the old time.
    host.execute(&[
        "DELETE FROM notes WHERE id = 4400",
        "UPDATE notes SET body = 'kept', updated_at = updated_at WHERE id = 3000",
    ]);
    host.look(&physio, false).await;
    assert!(!host.is_equal(&physio, "notes"));
    host.look(&physio, true).await;
    host.check_equal(&physio);
    host.stack.php.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_conflicts_and_other_devices_work_as_with_triggers() {
    let host = Host::start();
    host.execute(ROWS);
    let physio = host.open();
    physio.wait_until_synced().await.unwrap();
    let other = Physio::builder(&*host.stack.app.plan)
        .cache(host.folder.path().join("other.db"))
        .bridge_url(host.stack.url())
        .token(Token::new(TOKEN))
        .open()
        .unwrap();
    other.wait_until_synced().await.unwrap();
    let write = |sql: &str| physio.write(|tx| tx.execute(sql, []).map(drop)).unwrap();
    write("INSERT INTO notes (body) VALUES ('from here')");
    write("UPDATE notes SET body = 'mine' WHERE id = 11");
    write("DELETE FROM tags WHERE note_id = 12");
    host.look(&physio, true).await;
    host.look(&other, true).await;
    host.check_equal(&physio);
    host.check_equal(&other);
    assert_eq!(host.ask("SELECT COUNT(*) FROM notes WHERE body IN ('from here', 'mine')"), ["2"]);
    host.stack.php.assert_clean();
}

/// A row that moves to another scope takes with it the rows that follow it, though their own sums stay. Scopes are texts
/// here: a collation that takes `Nörd` for `nörd` must not open a door.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_follow_a_moved_row_are_found_by_the_look_at_it() {
    const DUMP: &str = "
CREATE TABLE users (id int NOT NULL AUTO_INCREMENT, role varchar(20) NOT NULL, place varchar(20) NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB;
CREATE TABLE tokens (token varchar(64) NOT NULL, user_id int NOT NULL, PRIMARY KEY (token)) ENGINE=InnoDB;
CREATE TABLE folders (id int NOT NULL AUTO_INCREMENT, place varchar(20) NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=latin1;
CREATE TABLE files (id int NOT NULL AUTO_INCREMENT, folder_id int NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB;
CREATE TABLE lines_of (file_id int NOT NULL, n int NOT NULL, PRIMARY KEY (file_id, n)) ENGINE=InnoDB;";
    const CONFIG: &str = "
[app]
name = \"folders\"
dump = \"folders.sql\"
[server.tokens]
table = \"tokens\"
token = \"token\"
user = \"user_id\"
[access]
users = \"users\"
role = \"role\"
scope = \"place\"
[[access.grants]]
roles = [\"*\"]
tables = [\"*\"]
may = [\"read\"]
[[waves]]
name = \"all\"
tables = [\"folders\", \"files\", \"lines_of\"]
[tables]
folders.scope = \"place\"
files.scope = \"folder_id -> folders\"
lines_of.scope = \"file_id -> files\"
";
    let host = Host::start_with(CONFIG, DUMP);
    host.execute(&[
        "INSERT INTO users VALUES (1, 'clerk', 'Nörd')",
        "INSERT INTO folders VALUES (1, 'Nörd'), (2, 'nörd'), (3, 'Süd')",
        "INSERT INTO files VALUES (11, 1), (12, 1), (21, 2), (31, 3)",
        "INSERT INTO lines_of VALUES (11, 1), (11, 2), (21, 1), (31, 1)",
    ]);
    let physio = host.open();
    physio.wait_until_synced().await.unwrap();
    let rows = || {
        let sql = "SELECT 'folder ' || id FROM folders UNION ALL SELECT 'file ' || id FROM files
                   UNION ALL SELECT 'line ' || file_id || '.' || n FROM lines_of ORDER BY 1";
        physio.query_rows(sql, [], |row| Ok(row.get::<_, String>(0)?)).unwrap()
    };
    assert_eq!(rows(), ["file 11", "file 12", "folder 1", "line 11.1", "line 11.2"]);
    host.look(&physio, true).await;
    host.execute(&[
        "UPDATE folders SET place = 'Süd' WHERE id = 1",
        "UPDATE folders SET place = 'Nörd' WHERE id = 3",
    ]);
    host.look(&physio, true).await;
    assert_eq!(rows(), ["file 31", "folder 3", "line 31.1"]);
    // A file in the middle goes to another folder, and its line with it.
    host.execute(&["UPDATE files SET folder_id = 3 WHERE id = 21"]);
    host.look(&physio, true).await;
    assert_eq!(rows(), ["file 21", "file 31", "folder 3", "line 21.1", "line 31.1"]);
    host.stack.php.assert_clean();
}
