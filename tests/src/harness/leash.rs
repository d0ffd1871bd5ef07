//! A server process that cannot outlive us.

use super::{HarnessError, Result};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Holds its standard input open for as long as we live; when that ends, it kills the whole process group
/// of the server and removes the folder, whatever way we ended. It gives its standard error away, so that
/// the end of the log is the end of the server; and what ends a whole group of processes (Ctrl-C) does not end it first.
const KEEPER: &str = r#"
setsid "$@" </dev/null & child=$!
trap '' HUP INT TERM
exec 2>/dev/null
read word
kill -9 "-$child" || kill -9 "$child"
wait "$child"
[ "$word" = keep ] || [ -z "$PHYSIO_REMOVE" ] || rm -rf "$PHYSIO_REMOVE"
"#;

/// A running server with everything that it wrote to standard error.
#[derive(Debug)]
pub(super) struct Leash {
    keeper: Child,
    log: Arc<Mutex<Vec<String>>>,
    lines: Mutex<Receiver<()>>,
    program: String,
}

impl Leash {
    /// Starts `program`; `remove` is deleted when the server ends.
    pub(super) fn start(
        program: &str,
        arguments: &[String],
        environment: &[(String, String)],
        remove: Option<&Path>,
    ) -> Result<Self> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(KEEPER).arg("keeper").arg(program).args(arguments);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.env("PHYSIO_REMOVE", remove.unwrap_or(Path::new("")));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut keeper = command.spawn().map_err(|error| HarnessError::start("sh", &error))?;
        let stderr =
            keeper.stderr.take().ok_or_else(|| HarnessError::new("the keeper has no standard error"))?;
        let log: Arc<Mutex<Vec<String>>> = Arc::default();
        let (sender, lines) = channel();
        let shared = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).split(b'\n').map_while(std::result::Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                shared.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                if sender.send(()).is_err() {
                    continue; // nobody waits any more, but the log goes on
                }
            }
        });
        Ok(Self { keeper, log, lines: Mutex::new(lines), program: program.to_owned() })
    }

    /// Waits until a line of the server's log has one of these texts; the position in `log` is returned.
    pub(super) fn wait_for(&self, texts: &[&str], at_most: Duration) -> Result<()> {
        let until = Instant::now() + at_most;
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.log().iter().any(|line| texts.iter().any(|text| line.contains(text))) {
                return Ok(());
            }
            match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => return Err(self.failure("does not get ready")),
                Err(RecvTimeoutError::Disconnected) => return Err(self.failure("ended")),
            }
        }
    }

    /// Everything that it wrote so far.
    pub(super) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Kills the server at once, as a power cut does; its folder is kept.
    pub(super) fn kill(mut self) {
        if let Some(mut stdin) = self.keeper.stdin.take() {
            drop(stdin.write_all(b"keep\n"));
        }
        drop(self.keeper.wait());
    }

    fn failure(&self, what: &str) -> HarnessError {
        let log = self.log();
        let last = log[log.len().saturating_sub(12)..].join("\n");
        HarnessError::new(format!("{} {what}. Its last lines:\n{last}", self.program))
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

/// A TCP port of 127.0.0.1 that nobody uses at the moment.
pub(super) fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Whether a program can be found in PATH or in the places where Debian puts servers.
pub(crate) fn find_program(name: &str) -> Result<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = folders.map(|folder| folder.join(name)).find(|file| file.is_file());
    found.map(|file| file.to_string_lossy().into_owned()).ok_or_else(|| HarnessError::missing(name))
}
