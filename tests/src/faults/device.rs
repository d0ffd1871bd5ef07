//! A device as a process that can be killed at any moment.

use crate::harness::{HarnessError, Result};
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// As long may a device say nothing that is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// One cache file, used by one process after another.
#[derive(Debug)]
pub struct Device {
    program: PathBuf,
    folder: Folder,
    url: String,
    token: String,
    before: Vec<String>,
}

#[derive(Debug)]
enum Folder {
    Own(tempfile::TempDir),
    Given(PathBuf),
}

/// A run of the device.
#[derive(Debug)]
pub struct Process {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Device {
    /// A device with an empty cache; `program` is `physio-test-client`.
    ///
    /// # Panics
    ///
    /// When no temporary folder can be made.
    pub fn new(program: &Path, url: String, token: &str) -> Self {
        let folder = Folder::Own(tempfile::tempdir().expect("a folder"));
        Self { program: program.to_owned(), folder, url, token: token.to_owned(), before: Vec::new() }
    }

    /// Keeps the cache in this folder, which is not removed.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        self.folder = Folder::Given(folder.to_owned());
        self
    }

    /// Starts the program by another one, such as a shell that sets limits: `before` stands in front of it.
    #[must_use]
    pub fn started_by(mut self, before: &[&str]) -> Self {
        self.before = before.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// The cache file.
    pub fn file(&self) -> PathBuf {
        let folder = match &self.folder {
            Folder::Own(folder) => folder.path(),
            Folder::Given(folder) => folder,
        };
        folder.join("cache.db")
    }

    /// Starts the program; `arguments` are split at spaces.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn start(&self, arguments: &str) -> Process {
        let mut child = self
            .command(arguments)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", self.program.display()));
        let stdout = child.stdout.take().expect("it is piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(std::result::Result::ok) {
                // Whoever killed the process may have stopped listening.
                drop(sender.send(line));
            }
        });
        Process { child, lines, said: Vec::new() }
    }

    /// The program with its arguments, split at spaces; what it says is piped.
    pub fn command(&self, arguments: &str) -> Command {
        let mut words: Vec<&OsStr> = self.before.iter().map(AsRef::as_ref).collect();
        words.push(self.program.as_os_str());
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg("--cache").arg(self.file());
        command.args(["--url", &self.url, "--token", &self.token]).args(arguments.split_whitespace());
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }

    /// Runs until nothing waits; gives what it said.
    ///
    /// # Panics
    ///
    /// When it does not get there.
    pub fn sync(&self, arguments: &str) -> Vec<String> {
        self.start(&format!("{arguments} --until-synced")).finish()
    }

    /// The file as somebody else sees it.
    ///
    /// # Panics
    ///
    /// When there is no cache yet.
    pub fn open(&self) -> Connection {
        let file = Connection::open_with_flags(self.file(), OpenFlags::SQLITE_OPEN_READ_WRITE)
            .expect("the file opens");
        file.busy_timeout(Duration::from_secs(10)).expect("a timeout");
        file
    }

    /// The number that a query gives.
    ///
    /// # Panics
    ///
    /// When it gives none.
    pub fn count(&self, sql: &str) -> u64 {
        let n: u32 = self.open().query_row(sql, [], |row| row.get(0)).expect("a number");
        n.into()
    }
}

impl Process {
    /// Its process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it says something that `is_meant`.
    ///
    /// # Panics
    ///
    /// When it does not, or ends.
    pub fn wait_for(&mut self, is_meant: impl Fn(&str) -> bool) {
        self.try_wait_for(is_meant).unwrap_or_else(|error| panic!("{error}"));
    }

    /// As [`wait_for`](Self::wait_for).
    ///
    /// # Errors
    ///
    /// When it does not, or ends.
    pub fn try_wait_for(&mut self, is_meant: impl Fn(&str) -> bool) -> Result<()> {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).map_err(|error| {
                let what = match error {
                    RecvTimeoutError::Timeout => "says nothing more",
                    RecvTimeoutError::Disconnected => "has ended",
                };
                let last = &self.said[self.said.len().saturating_sub(8)..];
                HarnessError::new(format!("the device {what}; it said at last: {last:?}"))
            })?;
            self.said.push(line);
            if self.said.last().is_some_and(|line| is_meant(line)) {
                return Ok(());
            }
        }
    }

    /// Waits for that many lines.
    ///
    /// # Panics
    ///
    /// As [`wait_for`](Self::wait_for).
    pub fn wait_for_lines(&mut self, n_lines: usize) {
        for _ in 0..n_lines {
            self.wait_for(|_| true);
        }
    }

    /// Everything that it said so far, without waiting.
    pub fn heard(&mut self) -> &[String] {
        self.said.extend(self.lines.try_iter());
        &self.said
    }

    /// Ends it with signal 9; gives everything that it said.
    ///
    /// # Panics
    ///
    /// When it has ended by itself before.
    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("it runs until it is killed");
        let status = self.child.wait().expect("it ends");
        assert_eq!(status.code(), None, "it ended by itself; it said: {:?}", self.said);
        self.rest()
    }

    /// Waits for its good end; gives everything that it said.
    ///
    /// # Panics
    ///
    /// When it ends badly or not at all.
    pub fn finish(mut self) -> Vec<String> {
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
