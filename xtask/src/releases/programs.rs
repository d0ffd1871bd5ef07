//! The folder of programs that is put first into PATH: each leads into the root of its release.

use super::list::{Release, Root, Server};
use super::root;
use crate::project;
use anyhow::{Context, Result, bail};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Says in a root whose root it is, once it is run.
const NAME_FILE: &str = "physio-suite";

/// What the tests call a program, and the names that distributions have for it; `*` stands for a version.
type Program = (&'static str, &'static [&'static str]);

const PHP: &[Program] = &[
    ("php", &["/usr/bin/php"]),
    ("php-cgi", &["/usr/bin/php-cgi"]),
    ("php-fpm", &["/usr/sbin/php-fpm*"]),
    // Apache runs php-cgi as nobody, who may not change the root: so it is in there itself.
    ("apache2", &["/usr/sbin/apache2"]),
];

const MARIADB: &[Program] = &[
    ("mariadbd", &["/usr/sbin/mariadbd", "/usr/sbin/mysqld"]),
    ("mariadb-install-db", &["/usr/bin/mariadb-install-db", "/usr/bin/mysql_install_db"]),
    ("mariadb", &["/usr/bin/mariadb", "/usr/bin/mysql"]),
];

const MYSQL: &[Program] = &[("mysqld", &["/usr/sbin/mysqld"]), ("mysql", &["/usr/bin/mysql"])];

/// Writes the folder and returns it.
///
/// # Errors
///
/// When a root lacks a program.
pub(super) fn write(release: &Release) -> Result<PathBuf> {
    let folder = root::home().join(format!("{}.programs", release.name));
    std::fs::create_dir_all(&folder).context("the folder of programs cannot be made")?;
    let servers = if release.server == Server::MySql { MYSQL } else { MARIADB };
    for (root, programs) in [(release.php, PHP), (release.database, servers)] {
        let inside = root::folder(root);
        // Some of MariaDB's programs refuse to work where `localhost` has no address.
        std::fs::write(inside.join(NAME_FILE), root.suite)
            .and_then(|()| std::fs::write(inside.join("etc/hosts"), "127.0.0.1 localhost\n"))
            .context("a root cannot be written to")?;
        for (name, places) in programs {
            let Some(place) = places.iter().find_map(|place| find(&inside, place)) else {
                bail!("the root of {} has no {name} ({})", root.suite, places.join(", "));
            };
            let file = folder.join(name);
            std::fs::write(&file, script(root, &inside, &place))
                .and_then(|()| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
    }
    Ok(folder)
}

/// One program: it becomes the one in the root, with the same process number, so that signals and process groups are as
/// without it. Inside of the root, to which the folder of programs is mounted too, it is the program itself.
fn script(root: &Root, inside: &Path, place: &str) -> String {
    format!(
        "#!/bin/sh\n[ \"$(cat /{NAME_FILE} 2>/dev/null)\" = {} ] && exec {place} \"$@\"\nexec chroot '{}' {place} \"$@\"\n",
        root.suite,
        inside.display()
    )
}

/// A path in the root, with its version put in.
fn find(inside: &Path, place: &str) -> Option<String> {
    let (folder, name) = place.rsplit_once('/')?;
    let (front, back) = name.split_once('*').unwrap_or((name, ""));
    let entries = std::fs::read_dir(inside.join(folder.trim_start_matches('/'))).ok()?;
    let mut found: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|entry| {
            if name.contains('*') { entry.starts_with(front) && entry.ends_with(back) } else { entry == name }
        })
        .collect();
    found.sort();
    Some(format!("{folder}/{}", found.pop()?))
}

/// What mounts the machine's folders into the roots and then becomes the command behind it. Everything is unmounted when
/// the mount namespace ends, however that comes about.
pub(super) fn mounting_script(release: &Release) -> String {
    let mut script = "set -e\n".to_owned();
    let repository = project::root();
    let mut shared = vec![PathBuf::from("/tmp"), PathBuf::from("/dev"), PathBuf::from("/proc"), repository];
    let temporary = std::env::temp_dir();
    if !shared.contains(&temporary) {
        shared.push(temporary);
    }
    let mut roots = vec![release.php];
    if release.database != release.php {
        roots.push(release.database);
    }
    for root in roots {
        let inside = root::folder(root).display().to_string();
        for folder in &shared {
            let folder = folder.display();
            // Not a recursive mount for the repository: the roots lie in it.
            let kind = if folder.to_string() == "/dev" { "--rbind" } else { "--bind" };
            script.push_str(&format!(
                "mkdir -p '{inside}{folder}'\nmount {kind} '{folder}' '{inside}{folder}'\n"
            ));
        }
    }
    script.push_str("exec \"$@\"\n");
    script
}

#[cfg(test)]
mod tests {
    use super::super::list::ALL;
    use super::*;

    #[test]
    fn a_program_is_found_under_the_name_that_the_root_has_for_it() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("usr/sbin")).unwrap();
        for name in ["php-fpm7.4", "mysqld", "mysqld_safe"] {
            std::fs::write(root.path().join("usr/sbin").join(name), "").unwrap();
        }
        assert_eq!(find(root.path(), "/usr/sbin/php-fpm*").as_deref(), Some("/usr/sbin/php-fpm7.4"));
        assert_eq!(find(root.path(), "/usr/sbin/mysqld").as_deref(), Some("/usr/sbin/mysqld"));
        assert_eq!(find(root.path(), "/usr/sbin/mariadbd"), None);
        assert_eq!(find(root.path(), "/usr/bin/php"), None);
    }

    #[test]
    fn each_root_of_a_run_gets_the_machines_folders() {
        let two_roots = ALL.iter().find(|release| release.php != release.database).unwrap();
        let script = mounting_script(two_roots);
        for root in [two_roots.php, two_roots.database] {
            let proc = root::folder(root).join("proc");
            assert!(script.contains(&format!("mount --bind '/proc' '{}'\n", proc.display())), "{script}");
        }
        assert!(script.ends_with("exec \"$@\"\n"));
    }

    #[test]
    fn a_program_becomes_the_one_in_the_root() {
        let release = &ALL[0];
        let text = script(release.php, Path::new("/r"), "/usr/bin/php");
        assert!(text.contains("= bullseye ] && exec /usr/bin/php \"$@\"\n"), "{text}");
        assert!(text.ends_with("exec chroot '/r' /usr/bin/php \"$@\"\n"), "{text}");
    }
}
