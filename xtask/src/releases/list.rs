//! What is run on what: a PHP and a database server, each from a distribution that still has it.

/// A distribution that debootstrap makes a root folder of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Root {
    /// The suite's name, also of the folder.
    pub(super) suite: &'static str,
    pub(super) mirror: &'static str,
    /// debootstrap's own script for it, where the suite may be younger than debootstrap.
    pub(super) script: Option<&'static str>,
    pub(super) components: &'static str,
    pub(super) packages: &'static [&'static str],
}

/// The two kinds of database server, as `PHYSIO_TEST_SERVER` calls them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Server {
    MariaDb,
    MySql,
}

impl Server {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::MariaDb => "mariadb",
            Self::MySql => "mysql",
        }
    }
}

/// One run of the tests.
#[derive(Debug)]
pub(super) struct Release {
    /// What `--only` takes.
    pub(super) name: &'static str,
    pub(super) php: &'static Root,
    pub(super) database: &'static Root,
    pub(super) server: Server,
}

/// The script that debootstrap uses for every Ubuntu since 2007; its newer names are links.
const UBUNTU_SCRIPT: &str = "/usr/share/debootstrap/scripts/gutsy";

const fn debian(suite: &'static str, packages: &'static [&'static str]) -> Root {
    Root { suite, mirror: "http://deb.debian.org/debian", script: None, components: "main", packages }
}

const fn ubuntu(suite: &'static str, packages: &'static [&'static str]) -> Root {
    let mirror = "http://archive.ubuntu.com/ubuntu";
    Root { suite, mirror, script: Some(UBUNTU_SCRIPT), components: "main,universe", packages }
}

/// PHP as owners of a host have it, and these packages.
macro_rules! with_php {
    ($($package:literal),*) => {
        &["php-cli", "php-mysql", "php-fpm", "php-cgi", "apache2-bin" $(, $package)*]
    };
}

const BIONIC: Root = ubuntu("bionic", &["mysql-server-core-5.7", "mysql-client-core-5.7"]);
const FOCAL: Root = ubuntu("focal", &["mariadb-server-core-10.3", "mariadb-client-core-10.3"]);
const JAMMY: Root = ubuntu("jammy", with_php!("mariadb-server-core-10.6", "mariadb-client-core-10.6"));
const NOBLE: Root = ubuntu("noble", with_php!("mysql-server-core-8.0", "mysql-client-core-8.0"));
const QUESTING: Root = ubuntu("questing", with_php!("mysql-server-core", "mysql-client-core"));
const BULLSEYE: Root = debian("bullseye", with_php!("mariadb-server-core-10.5", "mariadb-client-core-10.5"));
const TRIXIE: Root = debian("trixie", with_php!("mariadb-server-core", "mariadb-client-core"));
const SID: Root = debian("sid", with_php!("mysql-server-core", "mysql-client-core"));

/// Every run, the oldest database first. Where a distribution's PHP is older than the bridge takes, bullseye's is used.
pub(super) const ALL: &[Release] = &[
    Release { name: "mysql-5.7", php: &BULLSEYE, database: &BIONIC, server: Server::MySql },
    Release { name: "mysql-8.0", php: &NOBLE, database: &NOBLE, server: Server::MySql },
    Release { name: "mysql-8.4", php: &QUESTING, database: &QUESTING, server: Server::MySql },
    Release { name: "mysql-9", php: &SID, database: &SID, server: Server::MySql },
    Release { name: "mariadb-10.3", php: &BULLSEYE, database: &FOCAL, server: Server::MariaDb },
    Release { name: "mariadb-10.5", php: &BULLSEYE, database: &BULLSEYE, server: Server::MariaDb },
    Release { name: "mariadb-10.6", php: &JAMMY, database: &JAMMY, server: Server::MariaDb },
    Release { name: "mariadb-11.8", php: &TRIXIE, database: &TRIXIE, server: Server::MariaDb },
];

/// The runs that were asked for by name; all of them when none was.
///
/// # Errors
///
/// The name that is none, with those that are.
pub(super) fn chosen(names: &[String]) -> Result<Vec<&'static Release>, String> {
    if let Some(unknown) = names.iter().find(|name| ALL.iter().all(|release| release.name != **name)) {
        let known: Vec<&str> = ALL.iter().map(|release| release.name).collect();
        return Err(format!("`{unknown}` is none of: {}", known.join(", ")));
    }
    Ok(ALL
        .iter()
        .filter(|release| names.is_empty() || names.iter().any(|name| name == release.name))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_there_once_and_begins_with_its_kind_of_server() {
        for release in ALL {
            assert!(release.name.starts_with(&format!("{}-", release.server.name())), "{}", release.name);
            assert_eq!(ALL.iter().filter(|other| other.name == release.name).count(), 1);
        }
    }

    #[test]
    fn a_name_that_is_none_is_refused_with_those_that_are() {
        let error = chosen(&["mariadb-11.8".into(), "bookworm".into()]).unwrap_err();
        assert!(error.starts_with("`bookworm` is none of: mysql-5.7, "), "{error}");
        assert_eq!(chosen(&["mysql-9".into()]).unwrap().len(), 1);
        assert_eq!(chosen(&[]).unwrap().len(), ALL.len());
    }
}
