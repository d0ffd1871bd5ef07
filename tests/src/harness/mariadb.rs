//! A MariaDB server of our own: in a temporary folder, on a socket and a free loopback port. Where `PHYSIO_TEST_SERVER`
//! asks for MySQL it is one of those.

use super::leash::{Leash, free_port};
use super::{HarnessError, Result, ServerKind};
use mysql::prelude::Queryable;
use mysql::{Conn, OptsBuilder};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// A running MariaDB; it ends, and its folder goes, with the process that started it.
///
/// ```no_run
/// use physio_tests::harness::PrivateMariaDb;
/// let server = PrivateMariaDb::start(&[])?;
/// let database = server.create_database()?;
/// server.run_script(&database, "CREATE TABLE t (id INT PRIMARY KEY);")?;
/// # Ok::<(), physio_tests::harness::HarnessError>(())
/// ```
#[derive(Debug)]
pub struct PrivateMariaDb {
    kind: ServerKind,
    folder: PathBuf,
    port: u16,
    options: Vec<String>,
    leash: Mutex<Option<Leash>>,
    n_databases: AtomicU32,
}

impl PrivateMariaDb {
    /// Makes a data folder and starts a server over it; `options` are more arguments of the server.
    ///
    /// # Errors
    ///
    /// When the server is not installed (the text says what to install) or does not get ready in a minute.
    pub fn start(options: &[&str]) -> Result<Self> {
        let kind = ServerKind::asked_for()?;
        // What is missing is said before anything is made.
        kind.find_server()?;
        kind.find_client()?;
        // Removed by itself when the start fails; from then on by the server's keeper.
        let unfinished = tempfile::Builder::new().prefix("physio-mariadb-").tempdir_in(data_home())?;
        let folder = unfinished.path().to_owned();
        // Two servers that share a folder for temporary tables take them away from each other.
        std::fs::create_dir(folder.join("tmp"))?;
        kind.install(&folder, user_option().as_deref())?;
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let server = Self {
            kind,
            folder,
            port: free_port()?,
            options,
            leash: Mutex::new(None),
            n_databases: AtomicU32::new(0),
        };
        server.launch()?;
        drop(unfinished.keep());
        Ok(server)
    }

    /// The server that all tests of this process share; each takes a database of its own.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn shared() -> Result<&'static Self> {
        static SHARED: OnceLock<Result<PrivateMariaDb>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[])).as_ref().map_err(Clone::clone)
    }

    /// Whether it is MariaDB or MySQL.
    pub fn kind(&self) -> ServerKind {
        self.kind
    }

    /// The loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The Unix socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("s.sock")
    }

    /// Connects as root; `database` is chosen when given.
    ///
    /// # Errors
    ///
    /// When the server does not let us in.
    pub fn connect(&self, database: Option<&str>) -> Result<Conn> {
        self.connect_as("root", "", database)
    }

    /// Connects as another user.
    ///
    /// # Errors
    ///
    /// When the server does not let the user in.
    pub fn connect_as(&self, user: &str, password: &str, database: Option<&str>) -> Result<Conn> {
        let options = OptsBuilder::new()
            .user(Some(user))
            .pass(Some(password))
            .db_name(database)
            .socket(Some(self.socket().to_string_lossy()))
            .prefer_socket(true)
            .init(vec!["SET NAMES utf8mb4"]);
        Ok(Conn::new(options)?)
    }

    /// Makes an empty database and a user of the same name and password who may do everything in it and
    /// nothing elsewhere, as on a shared host. The name is returned.
    ///
    /// # Errors
    ///
    /// When the server refuses.
    pub fn create_database(&self) -> Result<String> {
        let name = format!("physio_{}", self.n_databases.fetch_add(1, Ordering::Relaxed));
        let mut root = self.connect(None)?;
        root.query_drop(format!(
            "CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
        ))?;
        for host in ["localhost", "127.0.0.1"] {
            root.query_drop(format!("CREATE USER `{name}`@`{host}` IDENTIFIED BY '{name}'"))?;
            root.query_drop(format!("GRANT ALL PRIVILEGES ON `{name}`.* TO `{name}`@`{host}`"))?;
        }
        Ok(name)
    }

    /// Takes a database and its user away.
    ///
    /// # Errors
    ///
    /// When the server refuses.
    pub fn drop_database(&self, name: &str) -> Result<()> {
        let mut root = self.connect(None)?;
        root.query_drop(format!("DROP DATABASE IF EXISTS `{name}`"))?;
        for host in ["localhost", "127.0.0.1"] {
            root.query_drop(format!("DROP USER IF EXISTS `{name}`@`{host}`"))?;
        }
        Ok(())
    }

    /// Runs a script as the server's own client does (`DELIMITER` included), as the database's own user.
    ///
    /// # Errors
    ///
    /// When a statement fails; the client's message says which line.
    pub fn run_script(&self, database: &str, script: &str) -> Result<()> {
        let client = self.kind.find_client()?;
        let mut child = Command::new(&client)
            .args(["--no-defaults", "--default-character-set=utf8mb4", "--batch"])
            .arg(format!("--socket={}", self.socket().display()))
            .args(["-u", database, &format!("-p{database}"), database])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| HarnessError::start(&client, &error))?;
        let stdin = child.stdin.take();
        // The first line of newer dumps of MariaDB is a command that older clients, and MySQL's, do not know.
        let rest = script.strip_prefix("/*M!999999\\- ").or_else(|| script.strip_prefix("/*!999999\\- "));
        let script = rest.map_or_else(|| script.to_owned(), |rest| format!("/* {rest}"));
        let writer = std::thread::spawn(move || {
            use std::io::Write;
            // A client that stops at an error closes its end; its message is what counts.
            stdin.map(|mut stdin| stdin.write_all(script.as_bytes()))
        });
        let output = child.wait_with_output()?;
        drop(writer.join());
        if output.status.success() {
            return Ok(());
        }
        Err(HarnessError::new(format!(
            "the script failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )))
    }

    /// Kills the server with signal 9 and starts it again over the same data.
    ///
    /// # Errors
    ///
    /// When it does not get ready again.
    pub fn kill_and_restart(&self) -> Result<()> {
        let leash = self.leash().take();
        if let Some(leash) = leash {
            leash.kill();
        }
        self.launch()
    }

    /// The data folder, the socket and the log are in here.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn leash(&self) -> std::sync::MutexGuard<'_, Option<Leash>> {
        self.leash.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn launch(&self) -> Result<()> {
        let path = |name: &str| self.folder.join(name).display().to_string();
        let mut arguments = vec![
            "--no-defaults".to_owned(),
            format!("--datadir={}", path("data")),
            format!("--socket={}", path("s.sock")),
            format!("--pid-file={}", path("s.pid")),
            format!("--tmpdir={}", path("tmp")),
            format!("--port={}", self.port),
            "--bind-address=127.0.0.1".to_owned(),
            "--innodb-buffer-pool-size=256M".to_owned(),
            "--max-connections=200".to_owned(),
            // Only a power cut would need these, and a dump makes hundreds of files.
            "--innodb-flush-method=nosync".to_owned(),
            "--innodb-flush-log-at-trx-commit=2".to_owned(),
        ];
        arguments.extend(self.kind.arguments().iter().map(|argument| (*argument).to_owned()));
        arguments.extend(user_option());
        arguments.extend(self.options.iter().cloned());
        let leash = Leash::start(&self.kind.find_server()?, &arguments, &[], Some(&self.folder))?;
        leash.wait_for(&["ready for connections"], Duration::from_secs(60))?;
        *self.leash() = Some(leash);
        Ok(())
    }
}

/// Where data folders are made: memory when there is plenty of it (fifty times as fast as a busy disk), else
/// the temporary folder.
fn data_home() -> PathBuf {
    const NEEDED_KIB: u64 = 4 << 20;
    let memory = Path::new("/dev/shm");
    let output = Command::new("df").args(["--output=avail", "-k"]).arg(memory).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let available = text.lines().last().and_then(|line| line.trim().parse::<u64>().ok());
    if available.is_some_and(|kib| kib >= NEEDED_KIB) { memory.to_owned() } else { std::env::temp_dir() }
}

/// Servers refuse to run as root unless told to.
fn user_option() -> Option<String> {
    is_root().then(|| "--user=root".to_owned())
}

/// Whether this process may do anything.
pub(super) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
