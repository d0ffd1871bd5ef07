//! Logging out.

use super::*;

fn open(folder: &TempDir, keys: &Arc<MemoryKeys>) -> Physio {
    builder(folder).encrypted_with(Arc::clone(keys)).token_in(Arc::clone(keys)).open().unwrap()
}

/// What lies in the folder.
fn left(folder: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn a_wipe_leaves_nothing_and_the_next_opening_begins_anew() {
    let folder = folder();
    let keys = Arc::new(MemoryKeys::default());
    let physio = open(&folder, &keys);
    let device = physio.cache().device().to_owned();
    keys.store(Entry::Token, &Secret::new("a-token")).unwrap();
    let first = keys.load(Entry::CacheKey).unwrap().unwrap();
    physio.write(|tx| tx.insert(branch(NAME))).unwrap();
    let (clone, mut events) = (physio.clone(), physio.events());
    physio.wipe(physio.unsent().unwrap()).await.unwrap();
    event(&mut events, |event| *event == Event::Wiped).await;
    assert_eq!(left(&folder), [""; 0]);
    assert!(keys.load(Entry::CacheKey).unwrap().is_none() && keys.load(Entry::Token).unwrap().is_none());
    // What is still in use says so.
    for error in [
        clone.write(|tx| tx.insert(branch(NAME))).unwrap_err(),
        clone.query::<Branches>("SELECT * FROM branches", []).unwrap_err(),
        clone.unsent().unwrap_err(),
        clone.cache().next_batch().unwrap_err(),
        clone.cache().external_changes().unwrap_err(),
    ] {
        assert!(error.kind() == ErrorKind::Usage && error.to_string().contains("was wiped"), "{error}");
    }
    assert_eq!(left(&folder), [""; 0], "and makes no file");
    let again = open(&folder, &keys);
    assert_eq!((names(again.cache()), again.unsent().unwrap().n_changes()), (vec![], 0));
    assert_ne!(again.cache().device(), device);
    assert_ne!(keys.load(Entry::CacheKey).unwrap().unwrap(), first);
}

#[tokio::test]
async fn what_came_after_the_report_keeps_the_wipe_from_happening() {
    let folder = folder();
    let physio = builder(&folder).open().unwrap();
    physio.write(|tx| tx.insert(branch(NAME))).unwrap();
    let unsent = physio.unsent().unwrap();
    assert_eq!((unsent.n_changes(), unsent.tables()), (1, &[("branches".to_owned(), 1)][..]));
    // Another program writes.
    Connection::open(file(&folder))
        .unwrap()
        .execute("INSERT INTO branches (branch_name, clinic_name) VALUES ('Late', 'C')", [])
        .unwrap();
    let error = physio.wipe(unsent.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsent);
    assert!(error.to_string().starts_with("1 unsent"), "{error}");
    // Nothing happened.
    physio.write(|tx| tx.insert(branch("Later"))).unwrap();
    assert_eq!(names(physio.cache()), [NAME, "Late", "Later"]);
    // A code covers what it was given for.
    let now = physio.unsent().unwrap();
    assert_eq!(now.n_changes(), 3);
    let covered = now.clone().confirmed_by(unsent.code()).unwrap();
    assert_eq!(physio.wipe(covered).await.unwrap_err().kind(), ErrorKind::Unsent);
    for wrong in ["", "3", "x.0.12345678", "3.0.00000000", "3.0.1.2"] {
        assert_eq!(now.clone().confirmed_by(wrong).unwrap_err().kind(), ErrorKind::Usage, "{wrong}");
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let other = builder(&elsewhere).open().unwrap().unsent().unwrap();
    assert_eq!(physio.wipe(other).await.unwrap_err().kind(), ErrorKind::Usage, "another cache's");
    physio.wipe(physio.unsent().unwrap().confirmed_by(now.code()).unwrap()).await.unwrap();
    assert!(!file(&folder).exists());
}

#[tokio::test]
async fn a_file_that_is_open_elsewhere_is_not_wiped() {
    let folder = folder();
    let physio = builder(&folder).open().unwrap();
    let other = Cache::open(&file(&folder), plan()).unwrap();
    assert_eq!(physio.wipe(physio.unsent().unwrap()).await.unwrap_err().kind(), ErrorKind::Busy);
    write(&other, NAME);
    physio.write(|tx| tx.insert(branch("Here"))).unwrap();
    drop(other);
    physio.wipe(physio.unsent().unwrap()).await.unwrap();
    assert_eq!(left(&folder), [""; 0]);
}

#[tokio::test]
async fn a_wipe_does_not_wait_for_itself() {
    let folder = folder();
    let physio = builder(&folder).open().unwrap();
    let unsent = physio.unsent().unwrap();
    let error = physio.write(|_| physio.cache().wipe(&unsent)).unwrap_err();
    assert!(error.to_string().contains("inside a write"), "{error}");
    physio.wipe(unsent).await.unwrap();
}

/// A store that cannot remove, as a keychain that is locked.
struct Stubborn(MemoryKeys);

impl KeyStore for Stubborn {
    fn load(&self, entry: Entry) -> Result<Option<Secret>, Box<dyn std::error::Error + Send + Sync>> {
        self.0.load(entry)
    }
    fn store(&self, entry: Entry, secret: &Secret) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.store(entry, secret)
    }
    fn remove(&self, _: Entry) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err("it is locked".into())
    }
}

#[tokio::test]
async fn a_wipe_that_cannot_be_finished_is_finished_by_the_next_opening() {
    let folder = folder();
    let keys = Arc::new(Stubborn(MemoryKeys::default()));
    let physio = builder(&folder).encrypted_with(Arc::clone(&keys)).open().unwrap();
    physio.write(|tx| tx.insert(branch(NAME))).unwrap();
    let error = physio.wipe(physio.unsent().unwrap()).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Key && error.to_string().contains("it is locked"), "{error}");
    assert!(physio.cache().is_wiped());
    drop(physio);
    assert!(beside(&file(&folder), ".wiping").exists());
    let first = keys.0.load(Entry::CacheKey).unwrap().unwrap();
    // Without the store the key would stay: that is told, and the files go.
    let error = builder(&folder).open().unwrap_err();
    assert!(error.kind() == ErrorKind::Key && error.to_string().contains("open it once with"), "{error}");
    assert!(!file(&folder).exists());
    let unlocked = Arc::new(MemoryKeys::default());
    unlocked.store(Entry::CacheKey, &first).unwrap();
    let again = builder(&folder).encrypted_with(Arc::clone(&unlocked)).open().unwrap();
    assert_eq!(names(again.cache()), [""; 0]);
    assert_ne!(unlocked.load(Entry::CacheKey).unwrap().unwrap(), first);
    assert!(!beside(&file(&folder), ".wiping").exists());
}
