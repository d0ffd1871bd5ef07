//! Programs that are killed in the middle of a conversion or a wipe.

use super::*;
use std::thread::sleep;

const N_NOTES: usize = 8_000;

/// A plain cache of some megabytes with one unsent change.
fn large(path: &Path) {
    let cache = Cache::open(path, plan()).unwrap();
    write(&cache, NAME);
    let mut raw = Connection::open(path).unwrap();
    let open = raw.transaction().unwrap();
    open.execute_batch("CREATE TABLE app_notes (note TEXT)").unwrap();
    for n in 0..N_NOTES {
        open.execute("INSERT INTO app_notes VALUES (?1)", [format!("{n} {}", NAME.repeat(30))]).unwrap();
    }
    open.commit().unwrap();
}

fn check(cache: &Cache) {
    assert_eq!((names(cache), cache.unsent().unwrap().n_changes()), (vec![NAME.to_owned()], 1));
    let n_notes =
        cache.read(|c| Ok(c.query_row("SELECT count(*) FROM app_notes", [], |row| row.get::<_, i64>(0))?));
    assert_eq!(n_notes.unwrap(), i64::try_from(N_NOTES).unwrap());
}

/// Kills the child as soon as `is_time`; false when it ended before.
fn killed_when(child: &mut Child, is_time: impl Fn() -> bool) -> bool {
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return false;
        }
        if is_time() {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        sleep(Duration::from_micros(200));
    }
}

fn length(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|known| known.len())
}

fn is_plain(path: &Path) -> bool {
    std::fs::read(path).unwrap().starts_with(b"SQLite format 3")
}

#[test]
fn a_kill_in_a_conversion_leaves_the_old_file_or_the_new_one() {
    let original = folder();
    large(&file(&original));
    let n_bytes = length(&file(&original)).unwrap();
    for how in ["encrypted", "new-key", "plain"] {
        let mut n_cut = 0;
        // From the first byte of the second file to after its last.
        for part in [0, 2, 7] {
            let folder = folder();
            let path = file(&folder);
            let keys = KeyFile::new(folder.path().join("key"));
            let encryption = Encryption::Store(Arc::new(keys.clone()));
            std::fs::copy(file(&original), &path).unwrap();
            if how != "encrypted" {
                cache::encrypt_file(&path, &encryption).unwrap();
            }
            let converted = beside(&path, ".converting");
            let mut command = sidecar(&path);
            command.args(["--encrypt", "--convert", how, "--key-file"]).arg(folder.path().join("key"));
            let mut child = command.stdout(Stdio::null()).spawn().unwrap();
            let is_time = || length(&converted).is_some_and(|length| length >= part * n_bytes / 10);
            if killed_when(&mut child, is_time) && converted.exists() {
                n_cut += 1;
            }
            let is_whole_plain = is_plain(&path);
            let cache = match is_whole_plain {
                true => Cache::open(&path, plan()).unwrap(),
                false => Cache::open_encrypted(&path, plan(), &encryption).unwrap(),
            };
            check(&cache);
            drop(cache);
            assert!(!converted.exists(), "what was left is cleared away");
            if how == "new-key" {
                assert!(!is_whole_plain && keys.load(Entry::NextCacheKey).unwrap().is_none());
            }
            // The next try does it, however far the first one came.
            assert_eq!(ran(&mut command).0, 0, "{how} {part}");
            assert_eq!(is_plain(&path), how == "plain");
            let now = if how == "plain" { Encryption::None } else { encryption };
            check(&Cache::open_encrypted(&path, plan(), &now).unwrap());
            assert_eq!(holds(&path, NAME), how == "plain");
        }
        assert!(n_cut >= 1, "{how}: only {n_cut} of the kills came in the middle");
    }
}

#[test]
fn a_kill_in_a_wipe_is_finished_by_the_next_opening() {
    let original = folder();
    large(&file(&original));
    let mut n_cut = 0;
    for part in 0..3 {
        let folder = folder();
        let path = file(&folder);
        let keys = KeyFile::new(folder.path().join("key"));
        let encryption = Encryption::Store(Arc::new(keys.clone()));
        std::fs::copy(file(&original), &path).unwrap();
        cache::encrypt_file(&path, &encryption).unwrap();
        let first = keys.load(Entry::CacheKey).unwrap().unwrap();
        let code = {
            let cache = Cache::open_encrypted(&path, plan(), &encryption).unwrap();
            cache.unsent().unwrap().code().to_owned()
        };
        let marker = beside(&path, ".wiping");
        let mut command = sidecar(&path);
        command.args(["--encrypt", "--key-file"]).arg(folder.path().join("key")).args(["--wipe", &code]);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        killed_when(&mut child, || match part {
            // As soon as it has begun; later, when the key is gone; or when the log is.
            0 => marker.exists(),
            1 => marker.exists() && !folder.path().join("key").exists(),
            _ => marker.exists() && !beside(&path, "-wal").exists(),
        });
        if marker.exists() {
            n_cut += 1;
        }
        let cache = Cache::open_encrypted(&path, plan(), &encryption).unwrap();
        assert_eq!((names(&cache), cache.unsent().unwrap().n_changes()), (vec![], 0));
        assert!(!marker.exists());
        assert_ne!(keys.load(Entry::CacheKey).unwrap().unwrap(), first);
    }
    assert!(n_cut >= 1, "only {n_cut} of the kills came in the middle");
}
