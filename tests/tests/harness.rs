//! The private servers themselves: they start, die, come back, and leave nothing behind.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use mysql::prelude::Queryable;
use physio_tests::harness::{PhpServer, PrivateMariaDb};

#[test]
fn mariadb_survives_a_kill_and_leaves_nothing_behind() {
    let server = PrivateMariaDb::start(&[]).unwrap();
    let database = server.create_database().unwrap();
    server.run_script(&database, "CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1);").unwrap();
    server.kill_and_restart().unwrap();
    let mut conn = server.connect_as(&database, &database, Some(&database)).unwrap();
    assert_eq!(conn.query_first::<u32, _>("SELECT count(*) FROM t").unwrap(), Some(1));
    drop(conn);
    let folder = server.folder().to_owned();
    assert!(folder.exists());
    drop(server);
    assert!(!folder.exists(), "the data folder is still there");
}

#[test]
fn a_failing_script_says_what_failed() {
    let server = PrivateMariaDb::shared().unwrap();
    let database = server.create_database().unwrap();
    let error = server.run_script(&database, "SELECT 1;\nSELECT * FROM nowhere;").unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
}

#[test]
fn the_owner_of_a_database_has_no_rights_elsewhere() {
    let server = PrivateMariaDb::shared().unwrap();
    let (mine, other) = (server.create_database().unwrap(), server.create_database().unwrap());
    assert!(server.connect_as(&mine, &mine, Some(&other)).is_err());
}

#[test]
fn php_serves_a_folder_and_its_warnings_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.php"), "<?php echo getenv('GREETING');").unwrap();
    std::fs::write(folder.path().join("bad.php"), "<?php echo $nothing;").unwrap();
    let php = PhpServer::start(folder.path(), &[("GREETING".into(), "hello".into())]).unwrap();
    let get = |file: &str| fetch(&format!("{}{file}", php.url()));
    assert_eq!(get("good.php"), "hello");
    php.assert_clean();
    assert_eq!(get("bad.php"), "", "a warning must not be printed into the answer");
    assert!(
        php.complaints().iter().any(|line| line.contains("Undefined variable")),
        "{:?}",
        php.complaints()
    );
}

fn fetch(url: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { reqwest::get(url).await.unwrap().text().await.unwrap() })
}
