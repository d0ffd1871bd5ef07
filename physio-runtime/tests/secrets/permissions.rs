//! Who may read the files.

use super::*;
use std::os::unix::fs::PermissionsExt;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn every_file_is_its_owners_alone_and_is_mended_when_it_was_not() {
    for encryption in [Encryption::None, key(7)] {
        let folder = folder();
        let path = file(&folder);
        let files = ["", "-wal", "-shm", ".sync-lock", ".open-lock"].map(|suffix| beside(&path, suffix));
        let cache = Cache::open_encrypted(&path, plan(), &encryption).unwrap();
        write(&cache, NAME);
        drop(cache.try_sync_lock().unwrap());
        assert_eq!(files.each_ref().map(|path| mode(path)), [0o600; 5]);
        // As an older version, or a restored backup, left them: a kill keeps the log.
        let copy = folder.path().join("copy.db");
        for suffix in ["", "-wal", "-shm", ".sync-lock", ".open-lock"] {
            let to = beside(&copy, suffix);
            std::fs::copy(beside(&path, suffix), &to).unwrap();
            std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o664)).unwrap();
        }
        let again = Cache::open_encrypted(&copy, plan(), &encryption).unwrap();
        write(&again, "More");
        for suffix in ["", "-wal", "-shm", ".sync-lock", ".open-lock"] {
            assert_eq!(mode(&beside(&copy, suffix)), 0o600, "{suffix}");
        }
    }
}

#[test]
fn a_converted_file_is_its_owners_alone() {
    let folder = folder();
    let path = file(&folder);
    write(&Cache::open(&path, plan()).unwrap(), NAME);
    cache::encrypt_file(&path, &key(7)).unwrap();
    assert_eq!(mode(&path), 0o600);
}
