//! MySQL fires no trigger on rows that a foreign key deletes or changes; the feed has them all the same.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use mysql::prelude::Queryable;
use physio_runtime::Physio;
use physio_runtime::bridge::Token;
use physio_tests::harness::{App, Stack, compare};

const TOKEN: &str = "Good-Token-0123456789abcdef";

/// A chain of four with a table in it that is not synced, a tree at each end of it, pointers that become NULL, and two
/// tables that delete each other's rows.
const DUMP: &str = "
CREATE TABLE firms (id int NOT NULL AUTO_INCREMENT, code varchar(9) NOT NULL, PRIMARY KEY (id), UNIQUE KEY code (code)) ENGINE=InnoDB;
CREATE TABLE folders (
  id int NOT NULL AUTO_INCREMENT, firm_id int DEFAULT NULL, parent_id int DEFAULT NULL, PRIMARY KEY (id),
  CONSTRAINT folder_firm FOREIGN KEY (firm_id) REFERENCES firms (id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT folder_parent FOREIGN KEY (parent_id) REFERENCES folders (id) ON DELETE CASCADE
) ENGINE=InnoDB;
CREATE TABLE hidden_files (
  id int NOT NULL AUTO_INCREMENT, folder_id int NOT NULL, PRIMARY KEY (id),
  CONSTRAINT file_folder FOREIGN KEY (folder_id) REFERENCES folders (id) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB;
CREATE TABLE pages (
  id int NOT NULL AUTO_INCREMENT, file_id int DEFAULT NULL, next_id int DEFAULT NULL, PRIMARY KEY (id),
  CONSTRAINT page_file FOREIGN KEY (file_id) REFERENCES hidden_files (id) ON DELETE CASCADE,
  CONSTRAINT page_next FOREIGN KEY (next_id) REFERENCES pages (id) ON DELETE SET NULL
) ENGINE=InnoDB;
CREATE TABLE labels (
  code varchar(9) NOT NULL, n int NOT NULL, page_id int DEFAULT NULL, PRIMARY KEY (code, n),
  CONSTRAINT label_firm FOREIGN KEY (code) REFERENCES firms (code) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT label_page FOREIGN KEY (page_id) REFERENCES pages (id) ON DELETE SET NULL
) ENGINE=InnoDB;
CREATE TABLE eggs (id int NOT NULL AUTO_INCREMENT, hen_id int DEFAULT NULL, PRIMARY KEY (id)) ENGINE=InnoDB;
CREATE TABLE hens (
  id int NOT NULL AUTO_INCREMENT, egg_id int DEFAULT NULL, PRIMARY KEY (id),
  CONSTRAINT hen_egg FOREIGN KEY (egg_id) REFERENCES eggs (id) ON DELETE CASCADE
) ENGINE=InnoDB;
ALTER TABLE eggs ADD CONSTRAINT egg_hen FOREIGN KEY (hen_id) REFERENCES hens (id) ON DELETE CASCADE;
";

const CONFIG: &str = "
[app]
name = \"cascades\"
dump = \"cascades.sql\"
[server.tokens]
table = \"tokens\"
token = \"token\"
[access]
open = true

[[waves]]
name = \"all\"
tables = [\"firms\", \"folders\", \"pages\", \"labels\", \"eggs\", \"hens\"]
";

const ROWS: &str = "
INSERT INTO firms VALUES (1, 'a'), (2, 'b');
INSERT INTO folders VALUES (1, 1, NULL), (2, NULL, 1), (3, NULL, 2), (4, NULL, 3), (5, 2, NULL), (6, NULL, 5), (7, NULL, NULL), (8, NULL, 7), (9, NULL, 8);
INSERT INTO hidden_files SELECT id, id FROM folders;
INSERT INTO pages SELECT id, id, NULL FROM folders;
UPDATE pages SET next_id = 4 WHERE id IN (5, 7);
UPDATE pages SET next_id = 9 WHERE id = 6;
INSERT INTO labels VALUES ('a', 1, 1), ('a', 2, 9), ('b', 1, 4), ('b', 2, 6);
INSERT INTO eggs VALUES (1, NULL), (2, NULL);
INSERT INTO hens VALUES (1, 1), (2, 2);
INSERT INTO eggs VALUES (3, 1);
";

fn execute(stack: &Stack, statements: &str) {
    let mut conn = stack.connect().unwrap();
    for statement in statements.split(';').filter(|statement| !statement.trim().is_empty()) {
        conn.query_drop(statement).unwrap();
    }
}

fn differing(stack: &Stack, physio: &Physio) -> Vec<String> {
    let mut conn = stack.connect().unwrap();
    let differs = |table: &&physio_schema::plan::TablePlan| {
        let theirs = compare::mysql_rows(&mut conn, table).unwrap();
        theirs != physio.cache().read(|cache| Ok(compare::sqlite_rows(cache, table).unwrap())).unwrap()
    };
    stack.app.plan.tables.iter().filter(differs).map(|table| table.name.clone()).collect()
}

/// MySQL 5.7 knows no WITH RECURSIVE, which a tree of cascades needs.
fn lacks_recursion(stack: &Stack) -> bool {
    let version: Option<String> = stack.connect().unwrap().query_first("SELECT VERSION()").unwrap();
    version.unwrap().starts_with("5.")
}

/// The install stops at the first trigger that the server cannot make; what has no triggers yet is looked at.
fn check_half_install(stack: &Stack) {
    let error = stack.install().unwrap_err().to_string();
    assert!(error.contains("RECURSIVE"), "{error}");
    let looked_at: Vec<String> =
        stack.connect().unwrap().query("SELECT name FROM _physio_table WHERE mode = 'scan'").unwrap();
    assert!(looked_at.iter().any(|table| table == "folders"), "{looked_at:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_foreign_key_does_reaches_every_device() {
    let stack = Stack::start_bare(App::of_texts(CONFIG, DUMP).unwrap()).unwrap();
    if lacks_recursion(&stack) {
        return check_half_install(&stack);
    }
    stack.install().unwrap();
    stack.add_token(TOKEN, "NULL", false).unwrap();
    execute(&stack, ROWS);
    let folder = tempfile::tempdir().unwrap();
    let physio = Physio::builder(&*stack.app.plan)
        .cache(folder.path().join("cache.db"))
        .bridge_url(stack.url())
        .token(Token::new(TOKEN))
        .open()
        .unwrap();
    physio.wait_until_synced().await.unwrap();
    for step in [
        // A tree of its own, and what hangs on each of its rows.
        "DELETE FROM folders WHERE id = 7",
        // A key that others refer to, once as part of their own key.
        "UPDATE firms SET code = 'c' WHERE id = 2",
        "UPDATE firms SET id = 22 WHERE id = 2",
        // A tree below a row of another table, through a table that is not synced, to pointers that become NULL.
        "DELETE FROM firms WHERE id = 1",
        "DELETE FROM pages WHERE id = 6",
        // Two tables that delete each other's rows.
        "DELETE FROM eggs WHERE id = 1",
        "DELETE FROM firms",
    ] {
        execute(&stack, step);
        physio.sync_now().await.unwrap();
        assert_eq!(differing(&stack, &physio), Vec::<String>::new(), "{step}");
    }
    assert_eq!(
        physio.query_rows("SELECT count(*) FROM folders", [], |row| Ok(row.get::<_, i64>(0)?)).unwrap(),
        [0]
    );
    stack.php.assert_clean();
}

/// MariaDB gives an ENUM that may not be NULL its first member where an INSERT leaves it out, but not in a table with a
/// BEFORE UPDATE trigger: ours must not break such an INSERT of the application.
#[test]
fn an_insert_of_the_application_works_as_before_the_install() {
    const DUMP: &str = "
CREATE TABLE owners (id int NOT NULL AUTO_INCREMENT, code varchar(9) NOT NULL, kind enum('a','b') NOT NULL, PRIMARY KEY (id), UNIQUE KEY code (code)) ENGINE=InnoDB;
CREATE TABLE things (
  code varchar(9) NOT NULL, n int NOT NULL, PRIMARY KEY (code, n),
  CONSTRAINT thing_owner FOREIGN KEY (code) REFERENCES owners (code) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB;
CREATE TABLE notes (
  id int NOT NULL AUTO_INCREMENT, code varchar(9) DEFAULT NULL, PRIMARY KEY (id),
  CONSTRAINT note_owner FOREIGN KEY (code) REFERENCES owners (code) ON DELETE CASCADE ON UPDATE SET NULL
) ENGINE=InnoDB;";
    let config = CONFIG.replace("\"firms\", \"folders\", \"pages\", \"labels\", \"eggs\", \"hens\"", "\"*\"");
    let stack = Stack::start(App::of_texts(&config, DUMP).unwrap()).unwrap();
    execute(&stack, "INSERT INTO owners (code) VALUES ('x'); UPDATE owners SET code = 'y'");
    let kind: Option<String> = stack.connect().unwrap().query_first("SELECT kind FROM owners").unwrap();
    assert_eq!(kind.as_deref(), Some("a"));
}
