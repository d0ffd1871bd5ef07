//! A device as a process that can be killed at any moment.

use rusqlite::{Connection, OpenFlags};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// One cache file, used by one process after another.
pub(crate) struct Device {
    folder: tempfile::TempDir,
    url: String,
    token: &'static str,
}

/// A run of the device.
pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Device {
    pub(crate) fn new(url: String, token: &'static str) -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), url, token }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("cache.db")
    }

    /// Starts the program; `arguments` are split at spaces.
    pub(crate) fn start(&self, arguments: &str) -> Process {
        let mut child = Command::new(env!("CARGO_BIN_EXE_physio-test-client"))
            .arg("--cache")
            .arg(self.file())
            .args(["--url", &self.url, "--token", self.token])
            .args(arguments.split_whitespace())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the test client starts");
        let stdout = child.stdout.take().expect("it is piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Whoever killed the process may have stopped listening.
                drop(sender.send(line));
            }
        });
        Process { child, lines, said: Vec::new() }
    }

    /// Runs until nothing waits; gives what it said.
    pub(crate) fn sync(&self, arguments: &str) -> Vec<String> {
        self.start(&format!("{arguments} --until-synced")).finish()
    }

    /// The file as somebody else sees it.
    pub(crate) fn open(&self) -> Connection {
        let file = Connection::open_with_flags(self.file(), OpenFlags::SQLITE_OPEN_READ_WRITE)
            .expect("the file opens");
        file.busy_timeout(Duration::from_secs(10)).expect("a timeout");
        file
    }

    pub(crate) fn count(&self, sql: &str) -> u64 {
        let n: u32 = self.open().query_row(sql, [], |row| row.get(0)).expect("a number");
        n.into()
    }
}

impl Process {
    /// Waits until it says something that `is_meant`.
    pub(crate) fn wait_for(&mut self, is_meant: impl Fn(&str) -> bool) {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(60));
            let line = line.unwrap_or_else(|error| panic!("{error}; it said so far: {:?}", self.said));
            self.said.push(line);
            if self.said.last().is_some_and(|line| is_meant(line)) {
                return;
            }
        }
    }

    /// Waits for that many lines.
    pub(crate) fn wait_for_lines(&mut self, n_lines: usize) {
        for _ in 0..n_lines {
            self.wait_for(|_| true);
        }
    }

    /// Ends it with signal 9; gives everything that it said.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("it runs until it is killed");
        let status = self.child.wait().expect("it ends");
        assert_eq!(status.code(), None, "it ended by itself; it said: {:?}", self.said);
        self.rest()
    }

    /// Waits for its good end; gives everything that it said.
    pub(crate) fn finish(mut self) -> Vec<String> {
        self.wait_for(|line| line == "synced");
        assert!(self.child.wait().expect("it ends").success());
        self.rest()
    }

    fn rest(mut self) -> Vec<String> {
        let mut said = std::mem::take(&mut self.said);
        said.extend(self.lines.iter());
        said
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A test that fails leaves no process behind.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Markers of the local transactions that were acknowledged.
pub(crate) fn written(said: &[String]) -> Vec<String> {
    said.iter().filter_map(|line| line.strip_prefix("written ")).map(str::to_owned).collect()
}
