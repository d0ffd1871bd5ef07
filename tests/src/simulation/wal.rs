//! SQLite's write-ahead log as a list of commits: which prefix of them a kill leaves.
//!
//! The format is <https://sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::path::{Path, PathBuf};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Where the index beside the log says how many of its frames are in the file already.
const BACKFILLED: usize = 96;

/// Bytes of the two copies of the index's header, which must be equal and valid.
const INDEX_HEADERS: usize = 96;

/// The log that belongs to a file.
pub(super) fn log_of(file: &Path) -> PathBuf {
    beside(file, "-wal")
}

/// The index of a file's log.
pub(super) fn index_of(file: &Path) -> PathBuf {
    beside(file, "-shm")
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// What tells one round of the log from the next, which overwrites it from its beginning.
pub(super) type Salt = [u8; 8];

/// Length of the log, and its salt; `None` while it is empty.
pub(super) fn standing(log: &Path) -> Option<(usize, Salt)> {
    use std::io::Read;
    let mut file = std::fs::File::open(log).ok()?;
    let mut header = [0; HEADER];
    file.read_exact(&mut header).ok()?;
    let length = file.metadata().ok()?.len();
    Some((usize::try_from(length).ok()?, salt(&header)?))
}

/// The salt of a log.
pub(super) fn salt(log: &[u8]) -> Option<Salt> {
    log.get(16..24)?.try_into().ok()
}

/// Length of the part of the log that has been moved into the file: both waited for the disk before.
pub(super) fn moved(log: &[u8], index: &[u8]) -> usize {
    let n_frames = index.get(BACKFILLED..BACKFILLED + 4).and_then(|bytes| bytes.try_into().ok());
    match n_frames.map_or(0, u32::from_ne_bytes) as usize {
        0 => 0,
        n_frames => page_of(log).map_or(0, |page| HEADER + n_frames * (FRAME_HEADER + page)),
    }
}

/// What a failure of the power leaves of a file's log.
#[derive(Debug)]
pub(super) struct Rest {
    pub(super) file: PathBuf,
    /// Bytes of the log.
    pub(super) length: usize,
}

impl Rest {
    /// Cuts the log of a file that nobody works with, and makes its index invalid: whoever has the file open reads the
    /// log anew, as after a crash.
    pub(super) fn cut(&self) {
        use std::io::Write;
        let open = |path: &Path| std::fs::File::options().write(true).open(path);
        // A log or an index that was never made.
        if let (Ok(log), Ok(mut index)) = (open(&log_of(&self.file)), open(&index_of(&self.file))) {
            let length = log.metadata().expect("the log is there").len();
            log.set_len(length.min(self.length as u64)).expect("the log can be cut");
            index.write_all(&[0; INDEX_HEADERS]).expect("the index can be written");
        }
    }
}

fn number(log: &[u8], at: usize) -> Option<u32> {
    log.get(at..at + 4).map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

fn page_of(log: &[u8]) -> Option<usize> {
    number(log, 8).map(|page| page as usize)
}

/// The lengths of the log at which a commit has just ended, shortest first.
pub(super) fn commits(log: &[u8]) -> Vec<usize> {
    let Some(page) = page_of(log) else { return Vec::new() };
    let (salt, frame) = (log.get(16..24), FRAME_HEADER + page);
    let mut ends = Vec::new();
    let mut at = HEADER;
    // A frame of an earlier round of the log has another salt; a commit's last frame names the file's size.
    while at + frame <= log.len() && log.get(at + 8..at + 16) == salt {
        if number(log, at + 4).is_some_and(|n_pages| n_pages > 0) {
            ends.push(at + frame);
        }
        at += frame;
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn who_has_a_file_open_finds_the_log_cut() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.db");
        let open = || Connection::open(&file).expect("a file");
        let (one, other) = (open(), open());
        one.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (n INTEGER);",
        )
        .expect("a table");
        for n in 0..5 {
            one.execute("INSERT INTO t VALUES (?1)", [n]).expect("a row");
        }
        let count = |file: &Connection| {
            file.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)).expect("a count")
        };
        assert_eq!((count(&one), count(&other)), (5, 5));
        let ends = commits(&std::fs::read(log_of(&file)).expect("a log"));
        Rest { file: file.clone(), length: ends[ends.len() - 3] }.cut();
        assert_eq!((count(&other), count(&one)), (3, 3));
        other.execute("INSERT INTO t VALUES (7)", []).expect("a row");
        assert_eq!((count(&one), count(&open())), (4, 4));
    }

    #[test]
    fn a_log_cut_at_a_commit_is_the_file_as_it_was_then() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.db");
        let open = Connection::open(&file).expect("a file");
        open.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (n INTEGER);",
        )
        .expect("a table");
        for n in 0..5 {
            open.execute("INSERT INTO t VALUES (?1)", [n]).expect("a row");
        }
        let log = std::fs::read(log_of(&file)).expect("a log");
        assert_eq!(standing(&log_of(&file)), Some((log.len(), salt(&log).expect("a salt"))));
        let index = || std::fs::read(index_of(&file)).expect("an index");
        assert_eq!(moved(&log, &index()), 0);
        let ends = commits(&log);
        assert_eq!(ends.last(), Some(&log.len()));
        for (rows, end) in ends[ends.len() - 5..].iter().enumerate() {
            let copy = folder.path().join(format!("{rows}.db"));
            std::fs::copy(&file, &copy).expect("a copy");
            std::fs::write(log_of(&copy), &log[..*end]).expect("a log");
            let n: u32 = Connection::open(&copy)
                .and_then(|copy| copy.query_row("SELECT count(*) FROM t", [], |row| row.get(0)))
                .expect("a count");
            assert_eq!(n as usize, rows + 1);
        }
        open.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).expect("a checkpoint");
        assert_eq!(moved(&log, &index()), log.len(), "all of it is in the file");
        open.execute("INSERT INTO t VALUES (5)", []).expect("a row");
        let begun_again = std::fs::read(log_of(&file)).expect("a log");
        assert_ne!(salt(&begun_again), salt(&log));
        assert_eq!(commits(&begun_again).len(), 1, "the frames of the earlier round are none of this one");
        assert_eq!(moved(&begun_again, &index()), 0);
    }
}
