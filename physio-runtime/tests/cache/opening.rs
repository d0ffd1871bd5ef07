//! The file itself: who may read it, what it refuses to be, and one syncing process at a time.

use super::*;
use physio_runtime::ErrorKind;
use std::time::Duration;

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let device = Device::new();
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    for suffix in ["", "-wal", "-shm"] {
        let file = format!("{}{suffix}", device.file().display());
        let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
    }
}

#[test]
fn the_device_keeps_its_name() {
    let device = Device::new();
    let name = device.cache.device().to_owned();
    assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
    assert_eq!(device.reopened().cache.device(), name);
    assert_ne!(Device::new().cache.device(), name);
}

/// The file and its log, byte for byte.
fn bytes(file: &std::path::Path) -> (Vec<u8>, Option<Vec<u8>>) {
    let log = std::fs::read(format!("{}-wal", file.display()));
    (std::fs::read(file).unwrap(), log.ok().filter(|log| !log.is_empty()))
}

#[test]
fn a_file_from_the_future_is_refused_and_keeps_every_byte() {
    for (name, value) in [("plan_format", "99"), ("plan_format", "2026-beta"), ("needs", "encrypted-rows")] {
        let device = Device::new();
        device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
        device
            .foreign()
            .execute("INSERT OR REPLACE INTO _physio_meta (name, value) VALUES (?1, ?2)", [name, value])
            .unwrap();
        // As a kill leaves it (the log holds the last transactions), and as an orderly end does.
        let folder = tempfile::tempdir().unwrap();
        let killed = folder.path().join("killed.db");
        let ended = folder.path().join("ended.db");
        std::fs::copy(device.file(), &killed).unwrap();
        std::fs::copy(format!("{}-wal", device.file().display()), format!("{}-wal", killed.display()))
            .unwrap();
        std::fs::copy(&killed, &ended).unwrap();
        std::fs::copy(format!("{}-wal", killed.display()), format!("{}-wal", ended.display())).unwrap();
        Connection::open(&ended)
            .unwrap()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        assert!(bytes(&killed).1.is_some() && bytes(&ended).1.is_none());
        for file in [&killed, &ended] {
            let before = bytes(file);
            for plan in [plan(), plan_of(&DUMP.replace("label", "title"), CONFIG)] {
                let error = Cache::open(file, plan).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::CacheFromTheFuture, "{name} {value}");
                assert!(error.to_string().contains("install that version again"), "{error}");
                assert!(bytes(file) == before, "{name} {value}: bytes of {} changed", file.display());
            }
        }
    }
}

#[test]
fn files_of_other_programs_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("other.db");
    Connection::open(&database).unwrap().execute_batch("CREATE TABLE patients (id)").unwrap();
    let error = Cache::open(&database, plan()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.to_string().contains("another program"), "{error}");
    let text = folder.path().join("text.db");
    std::fs::write(&text, "a letter, not a database, and long enough to be looked at ".repeat(40)).unwrap();
    assert_eq!(Cache::open(&text, plan()).unwrap_err().kind(), ErrorKind::Storage);
    let nowhere = folder.path().join("no such folder").join("cache.db");
    let error = Cache::open(&nowhere, plan()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.to_string().contains("create the folder"), "{error}");
}

#[test]
fn only_one_may_sync_the_file() {
    let device = Device::new();
    let lock = device.cache.try_sync_lock().unwrap().expect("free");
    assert!(device.cache.try_sync_lock().unwrap().is_none());
    let other = Cache::open(&device.file(), plan()).unwrap();
    assert!(other.try_sync_lock().unwrap().is_none());
    drop(lock);
    assert!(other.try_sync_lock().unwrap().is_some());
}

#[test]
fn two_caches_of_one_file_see_each_others_writes() {
    let device = Device::new();
    let other = Cache::open(&device.file(), plan()).unwrap();
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    let told = other.external_changes().unwrap();
    assert_eq!(told.len(), 1);
    other.write(|transaction| transaction.execute("UPDATE patients SET remarks = 'x'", [])).unwrap();
    assert_eq!(device.ask("SELECT name, remarks FROM patients"), "A|x");
    assert_eq!(device.cache.external_changes().unwrap().len(), 1);
}

#[test]
fn the_history_is_kept_for_people() {
    let device = Device::new();
    assert_eq!(device.cache.table_age("patients").unwrap(), None);
    device.cache.store_sync_failure("patients", "the bridge did not answer").unwrap();
    assert_eq!(device.cache.table_age("patients").unwrap(), None);
    device.cache.store_sync_success("patients", 5).unwrap();
    device.cache.store_sync_success("patients", 2).unwrap();
    assert!(device.cache.table_age("patients").unwrap().unwrap() < Duration::from_secs(60));
    assert_eq!(device.ask("SELECT rows_pulled, last_error FROM sync_history"), "7|-");
    device.cache.store_sync_failure("patients", "HTTP 503").unwrap();
    assert_eq!(device.ask("SELECT rows_pulled, last_error FROM sync_history"), "7|HTTP 503");
    assert!(device.cache.table_age("patients").unwrap().is_some());
}

#[test]
fn a_full_disk_is_told_as_such_and_changes_nothing() {
    let device = Device::new();
    device.write(&["INSERT INTO patients (name) VALUES ('A')"]);
    // SQLite's own bound on the file's length gives the error of a full disk, on this connection only.
    let long = "x".repeat(200_000);
    let result = device.cache.write(|transaction| {
        transaction.query("PRAGMA max_page_count = 1", [], |_| Ok(()))?;
        transaction.execute("INSERT INTO patients (name, remarks) VALUES ('B', ?1)", [&long])
    });
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.to_string().contains("disk is full"), "{error}");
    assert_eq!(device.ask("SELECT name FROM patients"), "A");
    assert_eq!(device.cache.counts().unwrap().pending_changes, 1);
    let device = device.reopened();
    device.write(&["INSERT INTO patients (name) VALUES ('C')"]);
}
