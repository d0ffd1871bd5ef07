//! `install-bridge` on a private MariaDB: what each table gets, twice the same, and nothing left at the end.

mod surroundings;

use surroundings::{MariaDb, PASSWORD, Project, Ran};

struct Host {
    project: Project,
    server: MariaDb,
}

impl Host {
    /// A server with these options, and a user who has these privileges on the clinic's database.
    fn start(options: &[&str], privileges: &str) -> Self {
        let project = Project::of_the_clinic();
        let server = MariaDb::start_with(options);
        server.load("clinic", &project.read("physio-schema/schema/clinic.sql"));
        server.run(
            "",
            &format!(
                "CREATE USER owner@localhost IDENTIFIED BY '{PASSWORD}'; GRANT {privileges} ON clinic.* TO owner@localhost"
            ),
        );
        Self { project, server }
    }

    fn install(&self, arguments: &[&str]) -> Ran {
        let url = self.server.url("clinic").replace("tester", "owner");
        let ran = self.project.xtask("install-bridge", &[&["--mysql", &url], arguments].concat());
        assert!(!ran.printed.contains(PASSWORD), "the password was printed");
        ran
    }

    /// Tables and triggers that are ours, and everything else, as the server lists them.
    fn objects(&self, condition: &str) -> Vec<String> {
        self.server.query(
            "clinic",
            &format!(
                "SELECT CONCAT('table ', TABLE_NAME) AS n FROM information_schema.TABLES
                   WHERE TABLE_SCHEMA = 'clinic' AND TABLE_NAME {condition}
                 UNION ALL SELECT CONCAT('trigger ', TRIGGER_NAME, SHA2(ACTION_STATEMENT, 256)) FROM information_schema.TRIGGERS
                   WHERE TRIGGER_SCHEMA = 'clinic' AND TRIGGER_NAME {condition} ORDER BY n"
            ),
        )
    }

    fn ours(&self) -> Vec<String> {
        self.objects("LIKE '\\_physio\\_%'")
    }

    fn modes(&self) -> Vec<String> {
        self.server.query("clinic", "SELECT CONCAT(name, ' ', mode) FROM _physio_table ORDER BY name")
    }
}

#[test]
fn with_all_privileges_every_table_gets_triggers_and_the_uninstall_leaves_nothing() {
    let host = Host::start(&[], "ALL PRIVILEGES");
    host.server.run("clinic", "CREATE TABLE shown (id INT); CREATE TRIGGER own AFTER INSERT ON roles FOR EACH ROW INSERT INTO shown VALUES (1)");
    let before = host.objects("NOT LIKE '\\_physio\\_%'");

    let dry = host.install(&["--dry-run"]);
    assert_eq!((dry.code, host.ours().len()), (0, 0), "{}", dry.printed);
    assert!(dry.printed.contains("triggers for 17 of 17 tables, would be installed"), "{}", dry.printed);

    let first = host.install(&[]);
    assert_eq!(first.code, 0, "{}", first.printed);
    assert!(first.printed.contains("triggers for 17 of 17 tables, are installed"), "{}", first.printed);
    assert!(host.modes().iter().all(|mode| mode.ends_with(" trigger")), "{:?}", host.modes());
    let objects = host.ours();
    let epoch = host.server.query("clinic", "SELECT epoch FROM _physio_state");
    host.server.run("clinic", "INSERT INTO system_settings (setting_key, setting_value) VALUES ('a', 'b')");

    let second = host.install(&[]);
    assert_eq!((second.code, host.ours()), (0, objects), "a second run changes nothing but the epoch");
    assert_ne!(host.server.query("clinic", "SELECT epoch FROM _physio_state"), epoch);
    assert_eq!(host.server.query("clinic", "SELECT COUNT(*) FROM _physio_inbox"), ["1"], "changes are kept");

    // An older install had fewer tables, and a trigger of another shape.
    host.server.run("clinic", "DROP TABLE _physio_table, _physio_reader; DROP TRIGGER _physio_roles_au; CREATE TRIGGER _physio_roles_au AFTER UPDATE ON roles FOR EACH ROW DO 1");
    assert_eq!(host.install(&[]).code, 0);
    assert_eq!(host.ours().len(), second_len(&host), "brought up to date in place");
    assert_eq!(host.objects("NOT LIKE '\\_physio\\_%'"), before, "the application's own things stay");

    let gone = host.install(&["--uninstall"]);
    assert_eq!((gone.code, host.ours().len()), (0, 0), "{}", gone.printed);
    assert_eq!(host.objects("NOT LIKE '\\_physio\\_%'"), before);
    assert_eq!(host.install(&["--uninstall"]).code, 0, "again is harmless");
}

/// What a whole install has.
fn second_len(host: &Host) -> usize {
    let triggers = host.server.query(
        "clinic",
        "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_NAME LIKE '\\_physio\\_%'",
    );
    let tables = host.server.query(
        "clinic",
        "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME LIKE '\\_physio\\_%'",
    );
    assert_eq!(tables, ["8"]);
    triggers[0].parse::<usize>().expect("a number") + 8
}

#[test]
fn without_the_privilege_every_table_falls_back_and_says_why() {
    let host = Host::start(&[], "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX");
    let dry = host.install(&["--dry-run"]);
    assert!(dry.printed.contains("triggers for 0 of 17 tables"), "{}", dry.printed);
    let ran = host.install(&[]);
    assert_eq!(ran.code, 0, "{}", ran.printed);
    assert!(ran.printed.contains("triggers for 0 of 17 tables"), "{}", ran.printed);
    assert!(ran.printed.contains("has no TRIGGER privilege"), "{}", ran.printed);
    let modes = host.modes();
    assert_eq!(modes.len(), 17);
    assert!(modes.iter().all(|mode| mode.ends_with(" scan") || mode.ends_with(" timestamp")), "{modes:?}");
    // Now the host allows them.
    host.server.run("", "GRANT TRIGGER ON clinic.* TO owner@localhost");
    assert_eq!(host.install(&[]).code, 0);
    assert!(host.modes().iter().all(|mode| mode.ends_with(" trigger")), "{:?}", host.modes());
}

#[test]
fn with_a_binary_log_error_1419_is_told_apart() {
    let host = Host::start(&["--log-bin=bin", "--server-id=1"], "ALL PRIVILEGES");
    let dry = host.install(&["--dry-run"]);
    assert!(dry.printed.contains("error 1419"), "{}", dry.printed);
    let ran = host.install(&[]);
    assert_eq!(ran.code, 0, "{}", ran.printed);
    assert!(
        ran.printed.contains("error 1419") && ran.printed.contains("for 0 of 17 tables"),
        "{}",
        ran.printed
    );
    host.server.run("", "SET GLOBAL log_bin_trust_function_creators = 1");
    let ran = host.install(&[]);
    assert!(ran.printed.contains("for 17 of 17 tables"), "{}", ran.printed);
}
