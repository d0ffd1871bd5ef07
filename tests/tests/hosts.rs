//! What a host gives away: the five endpoints answer, and nothing else of the folder does.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_tests::conformance::{PhpTarget, Target};
use physio_tests::harness::{App, Host, WebServer};
use std::path::{Path, PathBuf};

const ENDPOINTS: [&str; 5] = ["batch.php", "config.php", "read.php", "sync.php", "write.php"];

fn start(server: WebServer) -> PhpTarget {
    PhpTarget::start_on(App::clinic().unwrap(), Host { server, ..Host::default() })
}

/// Every file below a folder, as the URL names it.
fn files(folder: &Path, below: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            found.push(format!("{}/", path.strip_prefix(below).unwrap().display()));
            files(&path, below, found);
        } else {
            found.push(path.strip_prefix(below).unwrap().display().to_string());
        }
    }
}

/// Asks for every file and folder that was uploaded, and for ways around.
fn assert_closed(target: &PhpTarget) {
    let folder: PathBuf = target.stack().folder().to_owned();
    let mut all = vec![String::new(), "src/Http/../".into(), "nothing.php".into(), ".git/config".into()];
    files(&folder, &folder, &mut all);
    let is_there = |name: &str| all.iter().any(|file| file == name);
    for expected in
        [".htaccess", "physio-config.php", "generated/install.sql", "src/Bridge.php", "tests/run.php"]
    {
        assert!(is_there(expected), "{expected} is not in the folder: nothing would be tested");
    }
    all.extend(
        [
            "generated/install.sql%00sync.php",
            "src/Bridge.php/sync.php",
            "physio-config.php/read.php",
            "./.htaccess",
        ]
        .map(str::to_owned),
    );
    let client = target.client();
    let mut n_closed = 0;
    for file in all.iter().filter(|file| !ENDPOINTS.contains(&file.as_str())) {
        let reply = client.get(file);
        assert!(matches!(reply.status, 400 | 403 | 404), "{file}: {} {}", reply.status, reply.text());
        let text = reply.text();
        for secret in ["<?php", "CREATE TABLE", "Index of", &target.stack().database] {
            assert!(!text.contains(secret), "{file} shows {secret}: {text}");
        }
        n_closed += 1;
    }
    assert!(n_closed > 60, "only {n_closed} files were asked for");
    for endpoint in ENDPOINTS {
        let reply = client.get(endpoint);
        match endpoint {
            "config.php" => assert_eq!(reply.status, 404, "there is nothing in it for a browser"),
            "batch.php" | "write.php" => drop(reply.expect_error("method_not_allowed")),
            _ => drop(reply.expect_error("bad_request")),
        }
    }
    target.check_clean();
}

#[test]
fn the_shipped_htaccess_closes_everything_but_the_endpoints() {
    assert_closed(&start(WebServer::ApacheCgi));
}

#[test]
fn the_nginx_lines_of_the_readme_close_everything_but_the_endpoints() {
    assert_closed(&start(WebServer::NginxFpm));
}

#[test]
fn the_shipped_htaccess_brings_the_authorization_header_through_cgi() {
    let target = start(WebServer::ApacheCgi);
    let bearer_alone = || target.client().with_header("x-physio-token", None).get("sync.php?since=new");
    assert_eq!(bearer_alone().status, 200);
    // Without its lines Apache keeps the header to itself: the test above would not pass by accident.
    let file = target.stack().folder().join(".htaccess");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("SetEnvIf Authorization", "# SetEnvIf Authorization")).unwrap();
    bearer_alone().expect_error("token_missing");
    assert_eq!(target.client().get("sync.php?since=new").status, 200, "the plain header is there for this");
    target.check_clean();
}
