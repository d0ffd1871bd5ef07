//! A file with a key: what stands in it, and what opens it.

use super::*;

#[test]
fn a_plain_file_shows_its_values_and_an_encrypted_one_does_not() {
    for (encryption, is_plain) in [(Encryption::None, true), (key(7), false)] {
        let folder = folder();
        let cache = Cache::open_encrypted(&file(&folder), plan(), &encryption).unwrap();
        write(&cache, NAME);
        assert_eq!(holds(&beside(&file(&folder), "-wal"), NAME), is_plain);
        assert_eq!(anywhere(folder.path(), "branch_name"), is_plain, "names of columns");
        drop(cache);
        assert_eq!(anywhere(folder.path(), NAME), is_plain);
        let cache = Cache::open_encrypted(&file(&folder), plan(), &encryption).unwrap();
        assert_eq!(names(&cache), [NAME]);
        assert_eq!(cache.unsent().unwrap().n_changes(), 1);
    }
}

#[test]
fn another_key_or_none_is_an_error_that_changes_nothing() {
    let folder = folder();
    let path = file(&folder);
    let cache = Cache::open_encrypted(&path, plan(), &key(7)).unwrap();
    write(&cache, NAME);
    let copy = folder.path().join("copy.db");
    for suffix in ["", "-wal"] {
        std::fs::copy(beside(&path, suffix), beside(&copy, suffix)).unwrap();
    }
    drop(cache);
    // As a kill leaves it, and as an orderly end does.
    for path in [&copy, &path] {
        let before = bytes(path);
        let error = Cache::open_encrypted(path, plan(), &key(8)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Key);
        assert!(error.to_string().contains("another key"), "{error}");
        let error = Cache::open(path, plan()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Storage);
        assert!(error.to_string().contains("give its key"), "{error}");
        assert!(bytes(path) == before, "bytes of {} changed", path.display());
        assert_eq!(names(&Cache::open_encrypted(path, plan(), &key(7)).unwrap()), [NAME]);
    }
}

#[test]
fn a_plain_file_is_refused_with_a_key_and_stays() {
    let folder = folder();
    let path = file(&folder);
    write(&Cache::open(&path, plan()).unwrap(), NAME);
    let before = bytes(&path);
    let keys = Arc::new(MemoryKeys::default());
    for encryption in [key(7), store(&keys)] {
        let error = Cache::open_encrypted(&path, plan(), &encryption).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Key);
        assert!(error.to_string().contains("encrypt it first"), "{error}");
    }
    assert!(bytes(&path) == before);
    assert!(keys.load(Entry::CacheKey).unwrap().is_none(), "no key is made for it");
    assert_eq!(names(&Cache::open(&path, plan()).unwrap()), [NAME]);
}

#[test]
fn a_kept_key_is_made_with_the_file_and_its_loss_is_told() {
    let folder = folder();
    let path = file(&folder);
    let keys = Arc::new(MemoryKeys::default());
    write(&Cache::open_encrypted(&path, plan(), &store(&keys)).unwrap(), NAME);
    let made = keys.load(Entry::CacheKey).unwrap().expect("a key");
    let hex = std::str::from_utf8(made.bytes()).unwrap();
    assert!(hex.len() == 64 && !anywhere(folder.path(), hex));
    let of_the_key = Encryption::Key(CacheKey::from_hex(hex).unwrap());
    assert_eq!(names(&Cache::open_encrypted(&path, plan(), &of_the_key).unwrap()), [NAME]);
    keys.remove(Entry::CacheKey).unwrap();
    let before = bytes(&path);
    let error = Cache::open_encrypted(&path, plan(), &store(&keys)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Key);
    assert!(error.to_string().contains("has no key"), "{error}");
    assert!(keys.load(Entry::CacheKey).unwrap().is_none(), "none is made in its place");
    keys.store(Entry::CacheKey, &Secret::new("not a key")).unwrap();
    let error = Cache::open_encrypted(&path, plan(), &store(&keys)).unwrap_err();
    assert!(error.kind() == ErrorKind::Key && !error.to_string().contains("not a key\""), "{error}");
    assert!(bytes(&path) == before);
    keys.store(Entry::CacheKey, &made).unwrap();
    assert_eq!(names(&Cache::open_encrypted(&path, plan(), &store(&keys)).unwrap()), [NAME]);
}

#[test]
fn caches_that_begin_at_the_same_time_agree_on_the_key() {
    let folder = folder();
    let keys = Arc::new(MemoryKeys::default());
    std::thread::scope(|scope| {
        for n in 0..4 {
            let (folder, keys) = (&folder, &keys);
            scope.spawn(move || {
                let cache = Cache::open_encrypted(&file(folder), plan(), &store(keys)).unwrap();
                write(&cache, &format!("{NAME} {n}"));
            });
        }
    });
    assert_eq!(names(&Cache::open_encrypted(&file(&folder), plan(), &store(&keys)).unwrap()).len(), 4);
}

#[test]
fn an_older_schema_is_migrated_under_its_key() {
    let folder = folder();
    let path = file(&folder);
    let config = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../physio.toml")).unwrap();
    let config = physio_schema::config::parse(&config).unwrap();
    let dump = concat!(env!("CARGO_MANIFEST_DIR"), "/../physio-schema/schema/clinic.sql");
    let newer = std::fs::read_to_string(dump).unwrap().replacen(
        "`city` varchar(",
        "`extra` int DEFAULT NULL,\n  `city` varchar(",
        1,
    );
    let dump = physio_schema::dump::parse(newer.as_bytes(), &config.app.dump_options()).unwrap();
    let newer = Arc::new(physio_schema::plan::build(&dump.schema, &config).unwrap());
    assert_ne!(newer.fingerprint, plan().fingerprint, "the dump has such a column");
    write(&Cache::open_encrypted(&path, plan(), &key(7)).unwrap(), NAME);
    let cache = Cache::open_encrypted(&path, newer, &key(7)).unwrap();
    assert!(cache.migration().is_some());
    assert_eq!((names(&cache), cache.unsent().unwrap().n_changes()), (vec![NAME.to_owned()], 1));
    drop(cache);
    assert!(!anywhere(folder.path(), NAME));
}

#[tokio::test]
async fn an_encrypted_cache_syncs_both_ways() {
    let folder = folder();
    let bridge = EmbeddedBridge::start(plan()).unwrap();
    bridge.add_token("a-token");
    let keys = Arc::new(MemoryKeys::default());
    let open = || {
        builder(&folder)
            .encrypted_with(Arc::clone(&keys))
            .token_in(Arc::clone(&keys))
            .bridge_url(bridge.url())
    };
    let physio = open().token(Token::new("a-token")).open().unwrap();
    bridge.with_store(|store| {
        let sql = "INSERT INTO branches (branch_name, clinic_name, is_active, created_at)
                   VALUES (?1, 'C', 1, '2025-01-02 03:04:05')";
        store.execute(sql, [NAME]).unwrap();
    });
    physio.write(|tx| tx.insert(branch("Here"))).unwrap();
    physio.sync_now().await.unwrap();
    let mut there = names(physio.cache());
    there.sort();
    assert_eq!(there, ["Here", NAME]);
    assert!(!anywhere(folder.path(), NAME));
    physio.close().await;
    drop(physio);
    // The token was kept: the next start needs none.
    let physio = open().open().unwrap();
    physio.write(|tx| tx.insert(branch("Again"))).unwrap();
    physio.sync_now().await.unwrap();
    assert_eq!(physio.unsent().unwrap().n_changes(), 0);
    physio.set_token(Token::new("another")).await.unwrap();
    assert_eq!(keys.load(Entry::Token).unwrap(), Some(Secret::new("another")));
}

#[test]
fn without_a_token_anywhere_a_bridge_is_refused() {
    let folder = folder();
    let keys = MemoryKeys::default();
    let error = builder(&folder).token_in(keys).bridge_url("https://example.org/").open().unwrap_err();
    assert!(error.to_string().contains("needs a token"), "{error}");
}
