//! SQLite's write-ahead log as a list of commits: which prefix of them a kill leaves.
//!
//! The format is <https://sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::path::{Path, PathBuf};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// The log that belongs to a file.
pub(super) fn log_of(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push("-wal");
    path.into()
}

/// The lengths of the log at which a commit has just ended, shortest first.
pub(super) fn commits(log: &[u8]) -> Vec<usize> {
    let number = |at: usize| {
        log.get(at..at + 4).map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    };
    let Some(page) = number(8) else { return Vec::new() };
    let (salt, frame) = (log.get(16..24), FRAME_HEADER + page as usize);
    let mut ends = Vec::new();
    let mut at = HEADER;
    // A frame of an earlier round of the log has another salt; a commit's last frame names the file's size.
    while at + frame <= log.len() && log.get(at + 8..at + 16) == salt {
        if number(at + 4).is_some_and(|n_pages| n_pages > 0) {
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
    }
}
