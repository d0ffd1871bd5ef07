//! `cargo xtask token` on a private MariaDB.

mod surroundings;

use surroundings::{MariaDb, PASSWORD, Project, Ran};

struct Clinic {
    project: Project,
    server: MariaDb,
}

impl Clinic {
    fn start() -> Self {
        let project = Project::of_the_clinic();
        let server = MariaDb::start();
        server.load("clinic", &project.read("physio-schema/schema/clinic.sql"));
        server.run(
            "clinic",
            "INSERT INTO employees (employee_id, first_name, last_name, date_of_joining)
             VALUES (7, 'Test', 'One', '2026-01-01'), (8, 'Test', 'Two', '2026-01-01')",
        );
        Self { project, server }
    }

    fn token(&self, subcommand: &str, arguments: &[&str]) -> Ran {
        let url = self.server.url("clinic");
        let config = self.project.path("physio.toml").display().to_string();
        let first = ["token", subcommand, "--config", &config, "--mysql", &url];
        let ran = surroundings::xtask(&[&first, arguments].concat());
        assert!(!ran.printed.contains(PASSWORD), "the password was printed");
        ran
    }

    fn ask(&self, query: &str) -> String {
        self.server.query("clinic", query).join("\n")
    }
}

/// The last line of what `create` prints.
fn token_of(ran: &Ran) -> String {
    assert_eq!(ran.code, 0, "{}", ran.printed);
    ran.printed.lines().last().expect("something was printed").to_owned()
}

#[test]
fn tokens_are_made_listed_and_revoked() {
    let clinic = Clinic::start();
    let token = token_of(&clinic.token("create", &["--user", "7", "--days", "30"]));
    assert!(token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    let is_right = "employee_id = 7 AND NOT is_revoked
        AND expires_at BETWEEN NOW() + INTERVAL 29 DAY AND NOW() + INTERVAL 31 DAY";
    assert_eq!(
        clinic.ask(&format!("SELECT {is_right} FROM api_tokens WHERE token = SHA2('{token}', 256)")),
        "1"
    );
    assert_ne!(token_of(&clinic.token("create", &["--user", "7"])), token, "a new one each time");

    // A table that holds tokens as they are, and a file in place of the screen.
    let file = clinic.project.path("token.txt");
    let path = file.display().to_string();
    let plain = clinic.token("create", &["--user", "8", "--storage", "plain", "--token-file", &path]);
    let in_file = clinic.project.read("token.txt");
    assert_eq!(
        clinic.ask(&format!("SELECT employee_id FROM api_tokens WHERE token = '{}'", in_file.trim())),
        "8"
    );
    assert!(!plain.printed.contains(in_file.trim()), "{}", plain.printed);
    #[cfg(unix)]
    {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&file.metadata().expect("it is there").permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(
        clinic.token("create", &["--user", "8", "--token-file", &path]).code,
        2,
        "the file is there already"
    );
    assert_eq!(clinic.ask("SELECT COUNT(*) FROM api_tokens"), "3", "nothing was made without its file");

    clinic
        .server
        .run("clinic", "UPDATE api_tokens SET expires_at = NOW() - INTERVAL 1 HOUR WHERE employee_id = 8");
    let list = clinic.token("list", &[]);
    assert!(
        list.printed.contains("3 tokens, 2 of them valid") && list.printed.contains("expired"),
        "{}",
        list.printed
    );
    for secret in [
        token.as_str(),
        in_file.trim(),
        &clinic.ask("SELECT MIN(token) FROM api_tokens WHERE employee_id = 7"),
    ] {
        assert!(!list.printed.contains(secret), "{}", list.printed);
    }

    let id = clinic.ask(&format!("SELECT LEFT(SHA2(SHA2('{token}', 256), 256), 12)"));
    let revoked = clinic.token("revoke", &["--id", &id]);
    assert_eq!(revoked.code, 0, "{}", revoked.printed);
    let mine = format!("SELECT is_revoked FROM api_tokens WHERE token = SHA2('{token}', 256)");
    assert_eq!(clinic.ask(&mine), "1");
    assert_eq!(clinic.ask("SELECT SUM(is_revoked) FROM api_tokens"), "1", "the others stay");
    assert_eq!(clinic.token("revoke", &["--user", "7"]).code, 0);
    assert_eq!(clinic.ask("SELECT SUM(is_revoked) FROM api_tokens"), "2");
}

#[test]
fn what_cannot_be_done_is_said_and_changes_nothing() {
    let clinic = Clinic::start();
    let nobody = clinic.token("create", &[]);
    assert_eq!(nobody.code, 2);
    assert!(
        nobody.printed.contains("api_tokens.employee_id") && nobody.printed.contains("--user ID"),
        "{}",
        nobody.printed
    );
    let unknown = clinic.token("create", &["--user", "7", "--set", "no_such=1"]);
    assert!(unknown.printed.contains("no column `no_such` in `api_tokens`"), "{}", unknown.printed);
    let missing = clinic.token("revoke", &["--id", "0123456789ab"]);
    assert_eq!(missing.code, 2);
    assert!(missing.printed.contains("no such token"), "{}", missing.printed);
    assert_eq!(clinic.ask("SELECT COUNT(*) FROM api_tokens"), "0");

    let file = clinic.project.path("token.txt");
    clinic.server.run("clinic", "ALTER TABLE api_tokens MODIFY token varchar(40) NOT NULL");
    let narrow = clinic.token("create", &["--user", "7", "--token-file", &file.display().to_string()]);
    assert_eq!(narrow.code, 2, "{}", narrow.printed);
    assert!(!file.exists(), "a file without a token");
}
