//! What a host gives away: the five endpoints answer, and nothing else of the folder does.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use physio_tests::conformance::{PhpTarget, Target};
use physio_tests::harness::{App, Host, WebServer};
use std::path::{Path, PathBuf};
use std::process::Command;

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

#[test]
fn a_large_table_comes_through_little_memory_and_time() {
    let arguments = ["--rows", "100000", "--memory", "16M", "--seconds", "2", "--only", "nginx"];
    let output = Command::new(env!("CARGO_BIN_EXE_physio-hosts")).args(arguments).output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
    assert!(text.contains("100,000 rows") && text.contains("every row equal"), "{text}");
}

#[test]
fn answers_are_no_pages_and_a_broken_bridge_shows_no_error_of_php() {
    for server in [WebServer::BuiltIn, WebServer::NginxFpm, WebServer::ApacheCgi] {
        let target = start(server);
        for path in ["sync.php?since=new", "read.php?table=nothing", "batch.php"] {
            let headers = target.client().get(path).headers;
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "no-referrer"),
                ("cache-control", "no-store"),
            ] {
                assert_eq!(headers.get(name).map(String::as_str), Some(value), "{server:?} {path} {name}");
            }
            assert!(!headers.contains_key("x-powered-by"), "{server:?} {path}");
        }
        target.check_clean();
        // Half an upload: PHP cannot even read the file.
        let whitelist = target.stack().folder().join("generated/whitelist.php");
        std::fs::write(whitelist, "<?php return ['format' => ").unwrap();
        let reply = target.client().get("sync.php?since=new");
        reply.expect_error("internal");
        for secret in ["syntax error", "whitelist", ".php", "/tmp"] {
            assert!(!reply.text().contains(secret), "{server:?} shows {secret}: {}", reply.text());
        }
    }
}
