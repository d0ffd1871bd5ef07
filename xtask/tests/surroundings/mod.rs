//! What the tests of the commands stand on: a project folder of their own, and a private MariaDB.

// Each test program uses a part of it.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A copy of the project's inputs in a temporary folder.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// physio.toml, the dump and PROTOCOL.md as they are committed.
    pub(crate) fn of_the_clinic() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
        for file in ["physio.toml", "PROTOCOL.md", "physio-schema/schema/clinic.sql"] {
            let target = folder.path().join(file);
            fs::create_dir_all(target.parent().expect("a file has a folder")).expect("folders can be made");
            fs::copy(root.join(file), target).expect("the project's inputs are there");
        }
        Self { folder }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap_or_else(|error| panic!("{file}: {error}"));
    }

    /// Runs `cargo xtask SUBCOMMAND --config <this project> ARGUMENTS`.
    pub(crate) fn xtask(&self, subcommand: &str, arguments: &[&str]) -> Ran {
        let mut all =
            vec![subcommand.to_owned(), "--config".into(), self.path("physio.toml").display().to_string()];
        all.extend(arguments.iter().map(|&argument| argument.to_owned()));
        xtask(&all)
    }
}

/// How a command ended and what it printed on both streams.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) printed: String,
}

/// Runs the program under test.
pub(crate) fn xtask<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Ran {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().expect("xtask starts");
    let printed = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    Ran { code: status.code().expect("it was not killed"), printed }
}

/// A MariaDB (or MySQL) of this test's own, in a temporary folder; it ends with the value.
pub(crate) struct MariaDb {
    folder: TempDir,
    process: Child,
}

/// Stands in every URL, so that a test can see that it is never printed.
pub(crate) const PASSWORD: &str = "s3cret-of-the-tests";

impl MariaDb {
    /// Starts a server without a network port and waits until it answers.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more options of the server.
    pub(crate) fn start_with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().join("data");
        // Two servers that share a folder for temporary tables take them away from each other.
        let temporary = format!("--tmpdir={}", folder.path().join("tmp").display());
        fs::create_dir(folder.path().join("tmp")).expect("a folder can be made");
        let user = if is_root() { vec!["--user=root"] } else { vec![] };
        let [filler, fill, program, _] = programs();
        let installed = Command::new(filler)
            .arg("--no-defaults")
            .args(fill.split(' '))
            .args(&user)
            .arg(format!("--datadir={}", data.display()))
            .arg(&temporary)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap_or_else(|error| panic!("{filler}, which `cargo xtask test` installs: {error}"));
        assert!(installed.success(), "{filler} failed");
        let process = Command::new(server_program(program))
            .args(["--no-defaults", "--skip-networking", "--innodb-buffer-pool-size=32M"])
            // Without it old servers give a TIMESTAMP defaults that the dump does not name.
            .arg("--explicit-defaults-for-timestamp=ON")
            .args(if is_mysql() { MYSQL_OPTIONS } else { &[] })
            .args(&user)
            .args(options)
            .arg(&temporary)
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--socket={}", folder.path().join("s").display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}, which `cargo xtask test` installs: {error}"));
        let mut server = Self { folder, process };
        server.wait();
        server.run("", &format!("CREATE USER tester@localhost IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON *.* TO tester@localhost;"));
        server
    }

    /// Loads a structure-only dump into a new database.
    pub(crate) fn load(&self, database: &str, dump: &str) {
        self.run("", &format!("CREATE DATABASE `{database}`"));
        self.run(database, dump);
    }

    /// Runs statements, with the client's own program.
    pub(crate) fn run(&self, database: &str, statements: &str) {
        let output =
            self.client().arg(database).args(["-e", statements]).output().expect("the client is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The first column of what a query answers, a line a row.
    pub(crate) fn query(&self, database: &str, query: &str) -> Vec<String> {
        let output = self
            .client()
            .args(["-N", "-B", database, "-e", query])
            .output()
            .expect("the client is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }

    /// What `--mysql` takes, password included.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("mysql://tester:{PASSWORD}@localhost/{database}?socket={}", self.socket().display())
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("s")
    }

    fn client(&self) -> Command {
        let [_, _, _, client] = programs();
        let mut client = Command::new(client);
        client.args(["--no-defaults", "--user=root", "--socket"]).arg(self.socket());
        client
    }

    fn wait(&mut self) {
        // Nothing tells when a server is ready but the server itself.
        for _ in 0..300 {
            let ping =
                self.client().args(["-e", "SELECT 1"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
            if ping.is_ok_and(|status| status.success()) {
                return;
            }
            assert!(
                self.process.try_wait().expect("a child can be asked").is_none(),
                "the server ended by itself"
            );
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("the server does not answer after 30 s");
    }
}

impl Drop for MariaDb {
    fn drop(&mut self) {
        // Its data is thrown away, so it need not shut down in order.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What fills a data folder, with which options, the server and its client: MariaDB's, or MySQL's where
/// `cargo xtask releases` asks for it as it does of the other tests.
fn programs() -> [&'static str; 4] {
    if is_mysql() {
        ["mysqld", "--initialize-insecure", "mysqld", "mysql"]
    } else {
        let fill = "--auth-root-authentication-method=normal --skip-test-db";
        ["mariadb-install-db", fill, "mariadbd", "mariadb"]
    }
}

/// As the private servers of the other tests have them.
const MYSQL_OPTIONS: &[&str] =
    &["--skip-log-bin", "--loose-mysqlx=OFF", "--performance-schema=OFF", "--secure-file-priv=NULL"];

fn is_mysql() -> bool {
    std::env::var("PHYSIO_TEST_SERVER").is_ok_and(|kind| kind == "mysql")
}

/// The first on the path, or where Debian keeps it, which an ordinary user's path does not name.
fn server_program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| PathBuf::from(name))
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
