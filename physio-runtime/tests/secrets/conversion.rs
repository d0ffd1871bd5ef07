//! From plain to encrypted and back, and from one key to another, with unsent changes.

use super::*;

/// A plain cache with an unsent change and things of the application's own.
fn plain(path: &Path) {
    let cache = Cache::open(path, plan()).unwrap();
    write(&cache, NAME);
    Connection::open(path)
        .unwrap()
        .execute_batch(
            "CREATE TABLE app_notes (note TEXT, length INTEGER AS (length(note)));
             INSERT INTO app_notes (note) VALUES ('kept'), ('kept too');
             CREATE VIEW app_view AS SELECT count(*) AS n FROM app_notes;
             CREATE INDEX app_index ON app_notes (note);
             ANALYZE; PRAGMA user_version = 41",
        )
        .unwrap();
}

fn check(cache: &Cache) {
    assert_eq!(names(cache), [NAME]);
    assert_eq!(cache.unsent().unwrap().n_changes(), 1);
    let own = |sql: &str| cache.read(|c| Ok(c.query_row(sql, [], |row| row.get::<_, i64>(0))?)).unwrap();
    assert_eq!((own("SELECT n FROM app_view"), own("PRAGMA user_version")), (2, 41));
    assert_eq!(own("SELECT sum(length) FROM app_notes"), 12);
    assert_eq!(own("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'app_notes'"), 1);
    cache
        .read(|c| {
            Ok(c.query_row("PRAGMA integrity_check", [], |row| {
                assert_eq!(row.get::<_, String>(0)?, "ok");
                Ok(())
            })?)
        })
        .unwrap();
}

#[test]
fn a_plain_cache_becomes_an_encrypted_one_and_back() {
    let folder = folder();
    let path = file(&folder);
    plain(&path);
    let device = Cache::open(&path, plan()).unwrap().device().to_owned();
    let keys = Arc::new(MemoryKeys::default());
    for encryption in [key(7), store(&keys)] {
        cache::encrypt_file(&path, &encryption).unwrap();
        cache::encrypt_file(&path, &encryption).expect("it is already");
        assert!(!anywhere(folder.path(), NAME));
        assert_eq!(cache::encrypt_file(&path, &key(9)).unwrap_err().kind(), ErrorKind::Key);
        let cache = Cache::open_encrypted(&path, plan(), &encryption).unwrap();
        check(&cache);
        // Still captured: the triggers came along.
        write(&cache, "Another");
        cache.write(|tx| tx.execute("DELETE FROM branches WHERE branch_name = 'Another'", [])).unwrap();
        assert_eq!(cache.unsent().unwrap().n_changes(), 3);
        assert_eq!(cache.device(), device);
        cache.next_batch().unwrap().expect("a batch");
        drop(cache);
        cache::decrypt_file(&path, &encryption).unwrap();
        cache::decrypt_file(&path, &encryption).expect("it is already");
        assert!(anywhere(folder.path(), NAME));
        std::fs::remove_file(&path).unwrap();
        plain(&path);
        Connection::open(&path)
            .unwrap()
            .execute("UPDATE _physio_meta SET value = ?1 WHERE name = 'device'", [&device])
            .unwrap();
    }
    assert!(keys.load(Entry::CacheKey).unwrap().is_none(), "a key of no file is not kept");
    check(&Cache::open(&path, plan()).unwrap());
}

#[test]
fn a_key_is_changed() {
    let folder = folder();
    let path = file(&folder);
    plain(&path);
    let keys = Arc::new(MemoryKeys::default());
    cache::encrypt_file(&path, &store(&keys)).unwrap();
    let first = keys.load(Entry::CacheKey).unwrap().unwrap();
    cache::change_key(&path, &store(&keys), &store(&keys)).unwrap();
    assert_ne!(keys.load(Entry::CacheKey).unwrap().unwrap(), first);
    assert!(keys.load(Entry::NextCacheKey).unwrap().is_none());
    check(&Cache::open_encrypted(&path, plan(), &store(&keys)).unwrap());
    let old = Encryption::Key(CacheKey::from_hex(std::str::from_utf8(first.bytes()).unwrap()).unwrap());
    assert_eq!(Cache::open_encrypted(&path, plan(), &old).unwrap_err().kind(), ErrorKind::Key);
    // To another store, then to a key of the application's own.
    let others = Arc::new(MemoryKeys::default());
    cache::change_key(&path, &store(&keys), &store(&others)).unwrap();
    assert!(keys.load(Entry::CacheKey).unwrap().is_none());
    check(&Cache::open_encrypted(&path, plan(), &store(&others)).unwrap());
    cache::change_key(&path, &store(&others), &key(3)).unwrap();
    check(&Cache::open_encrypted(&path, plan(), &key(3)).unwrap());
    assert_eq!(cache::change_key(&path, &key(3), &Encryption::None).unwrap_err().kind(), ErrorKind::Usage);
    check(&Cache::open_encrypted(&path, plan(), &key(3)).unwrap());
}

#[test]
fn a_change_of_the_key_that_was_cut_off_is_settled_when_the_file_is_opened() {
    let folder = folder();
    let path = file(&folder);
    plain(&path);
    let keys = Arc::new(MemoryKeys::default());
    cache::encrypt_file(&path, &store(&keys)).unwrap();
    let first = keys.load(Entry::CacheKey).unwrap().unwrap();
    // Before the file was replaced.
    keys.store(Entry::NextCacheKey, &Secret::new("ab".repeat(32))).unwrap();
    check(&Cache::open_encrypted(&path, plan(), &store(&keys)).unwrap());
    assert!(keys.load(Entry::NextCacheKey).unwrap().is_none());
    // After it was.
    cache::change_key(&path, &store(&keys), &store(&keys)).unwrap();
    let second = keys.load(Entry::CacheKey).unwrap().unwrap();
    keys.store(Entry::CacheKey, &first).unwrap();
    keys.store(Entry::NextCacheKey, &second).unwrap();
    check(&Cache::open_encrypted(&path, plan(), &store(&keys)).unwrap());
    assert_eq!(keys.load(Entry::CacheKey).unwrap(), Some(second));
}

#[test]
fn an_open_file_is_not_converted() {
    let folder = folder();
    let path = file(&folder);
    plain(&path);
    let cache = Cache::open(&path, plan()).unwrap();
    let error = cache::encrypt_file(&path, &key(7)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    assert!(error.to_string().contains("open elsewhere"), "{error}");
    drop(cache);
    // A program that knows nothing of our locks, in the middle of a read.
    let shell = Connection::open(&path).unwrap();
    let mut statement = shell.prepare("SELECT note FROM app_notes").unwrap();
    let mut rows = statement.query([]).unwrap();
    rows.next().unwrap();
    assert_eq!(cache::encrypt_file(&path, &key(7)).unwrap_err().kind(), ErrorKind::Busy);
    drop(rows);
    drop(statement);
    drop(shell);
    check(&Cache::open(&path, plan()).unwrap());
    cache::encrypt_file(&path, &key(7)).unwrap();
    check(&Cache::open_encrypted(&path, plan(), &key(7)).unwrap());
}

#[test]
fn the_builder_encrypts_a_file_that_was_there() {
    let folder = folder();
    let path = file(&folder);
    plain(&path);
    let keys = Arc::new(MemoryKeys::default());
    let open = || builder(&folder).encrypted_with(Arc::clone(&keys)).encrypt_existing().open();
    for _ in 0..2 {
        check(open().unwrap().cache());
        assert!(!anywhere(folder.path(), NAME));
    }
    let error = cache::encrypt_file(&folder.path().join("none.db"), &key(7)).unwrap_err();
    assert!(error.to_string().contains("no cache file"), "{error}");
}

#[test]
fn a_conversion_that_fails_leaves_the_file_and_nothing_beside_it() {
    let folder = folder();
    let path = file(&folder);
    plain(&path);
    // An index that the copy cannot make: only the application's own connections know its order.
    let own = Connection::open(&path).unwrap();
    own.create_collation("app_order", |a, b| b.cmp(a)).unwrap();
    own.execute_batch("CREATE INDEX app_ordered ON app_notes (note COLLATE app_order)").unwrap();
    drop(own);
    let error = cache::encrypt_file(&path, &key(7)).unwrap_err();
    assert!(error.to_string().contains("app_order"), "{error}");
    assert!(!beside(&path, ".converting").exists());
    let cache = Cache::open(&path, plan()).unwrap();
    assert_eq!((names(&cache), cache.unsent().unwrap().n_changes()), (vec![NAME.to_owned()], 1));
    drop(cache);
    Connection::open(&path).unwrap().execute_batch("DROP INDEX app_ordered").unwrap();
    cache::encrypt_file(&path, &key(7)).unwrap();
    check(&Cache::open_encrypted(&path, plan(), &key(7)).unwrap());
}
