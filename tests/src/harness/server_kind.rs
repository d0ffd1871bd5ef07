//! What differs between MariaDB and MySQL for somebody who starts one.

use super::leash::find_program;
use super::{HarnessError, Result};
use std::path::Path;
use std::process::Command;

/// Names the kind of server that the tests are to run on.
const VARIABLE: &str = "PHYSIO_TEST_SERVER";

/// The kind of database server that a private one is.
///
/// ```
/// use physio_tests::harness::ServerKind;
/// assert_eq!(ServerKind::named("mysql")?, ServerKind::MySql);
/// assert!(ServerKind::named("postgres").is_err());
/// # Ok::<(), physio_tests::harness::HarnessError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerKind {
    /// `mariadbd`, filled by `mariadb-install-db`.
    MariaDb,
    /// `mysqld`, which fills its folder by itself.
    MySql,
}

impl ServerKind {
    /// What the environment variable `PHYSIO_TEST_SERVER` asks for: `mariadb` (also without it) or `mysql`. It is never
    /// guessed from the programs that are there, because Debian's MariaDB answers to the names of MySQL's, too.
    ///
    /// # Errors
    ///
    /// When the variable says anything else.
    pub fn asked_for() -> Result<Self> {
        std::env::var(VARIABLE).map_or(Ok(Self::MariaDb), |name| Self::named(&name))
    }

    /// The kind of this name.
    ///
    /// # Errors
    ///
    /// When it is neither `mariadb` nor `mysql`.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "mariadb" => Ok(Self::MariaDb),
            "mysql" => Ok(Self::MySql),
            _ => Err(HarnessError::new(format!("{VARIABLE}={name}: only mariadb and mysql are known"))),
        }
    }

    /// The command line client, which knows `DELIMITER`.
    pub(crate) fn find_client(self) -> Result<String> {
        self.find("mariadb", "mysql")
    }

    /// The server's program.
    pub(super) fn find_server(self) -> Result<String> {
        self.find("mariadbd", "mysqld")
    }

    /// Fills an empty data folder: root without a password, nobody else.
    pub(super) fn install(self, folder: &Path, user: Option<&str>) -> Result<()> {
        let (data, temporary) = (folder.join("data"), folder.join("tmp"));
        let program = match self {
            Self::MariaDb => find_program("mariadb-install-db")?,
            Self::MySql => self.find_server()?,
        };
        let mut command = Command::new(&program);
        match self {
            Self::MariaDb => {
                command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
            }
            Self::MySql => {
                command.args(["--no-defaults", "--initialize-insecure"]);
            }
        }
        command.arg(format!("--datadir={}", data.display()));
        command.arg(format!("--tmpdir={}", temporary.display())).args(user);
        let output = command.output().map_err(|error| HarnessError::start(&program, &error))?;
        if output.status.success() {
            return Ok(());
        }
        // MariaDB's script says why on its standard output.
        let [said, error] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        Err(HarnessError::new(format!("{program} cannot fill a data folder:\n{said}{error}")))
    }

    /// Arguments that only this kind knows.
    pub(super) fn arguments(self) -> &'static [&'static str] {
        match self {
            // Only a power cut would need what is switched off here, and a dump makes hundreds of files.
            Self::MariaDb => &["--debug-no-sync"],
            // Without a binary log the owner of a database may make triggers, as on a host that allows them
            // (log_bin_trust_function_creators). MySQL 5.7 knows no second port that could be closed.
            Self::MySql => &[
                "--skip-log-bin",
                "--loose-mysqlx=OFF",
                "--performance-schema=OFF",
                "--secure-file-priv=NULL",
            ],
        }
    }

    fn find(self, mariadb: &str, mysql: &str) -> Result<String> {
        match self {
            Self::MariaDb => find_program(mariadb),
            Self::MySql => {
                let program = find_program(mysql)?;
                let output = Command::new(&program)
                    .arg("--version")
                    .output()
                    .map_err(|error| HarnessError::start(&program, &error))?;
                if String::from_utf8_lossy(&output.stdout).contains("MariaDB") {
                    return Err(HarnessError::new(format!(
                        "{VARIABLE} asks for MySQL, but {program} is MariaDB; `cargo xtask releases` brings MySQL"
                    )));
                }
                Ok(program)
            }
        }
    }
}

/// SQL in which MariaDB's tables of numbers (`seq_1_to_2500`) are queries that MySQL has too; their column is `seq`.
///
/// ```
/// use physio_tests::harness::server_kind::with_numbers;
/// let sql = with_numbers("SELECT seq FROM seq_1_to_25 WHERE seq > 3");
/// assert!(sql.starts_with("SELECT seq FROM (SELECT ") && sql.ends_with("<= 25) numbers WHERE seq > 3"));
/// assert_eq!(with_numbers("SELECT 1"), "SELECT 1");
/// ```
pub fn with_numbers(sql: &str) -> String {
    const NAME: &str = "seq_1_to_";
    let Some((before, rest)) = sql.split_once(NAME) else { return sql.to_owned() };
    let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (n, after) = rest.split_at(n_digits);
    let digits = |alias: &str| {
        let rows: Vec<String> = (0..10).map(|digit| format!("SELECT {digit} AS d")).collect();
        format!("({}) {alias}", rows.join(" UNION ALL "))
    };
    let [a, b, c, d] = ["a", "b", "c", "d"].map(digits);
    let seq = "1 + a.d + 10 * b.d + 100 * c.d + 1000 * d.d";
    format!(
        "{before}(SELECT {seq} AS seq FROM {a} CROSS JOIN {b} CROSS JOIN {c} CROSS JOIN {d} WHERE {seq} <= {n}) numbers{}",
        with_numbers(after)
    )
}
