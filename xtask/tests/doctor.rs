//! `cargo xtask doctor` before hosts that are wrong in one way each.

mod surroundings;

use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use surroundings::{Project, Ran};

const TOKEN: &str = "t0ken-of-the-tests";

/// A request: its file with the query, and its header lines in lower case.
struct Request {
    file: String,
    headers: String,
}

impl Request {
    fn shows(&self, header: &str) -> bool {
        self.headers.contains(&format!("\n{header}: "))
    }
}

/// Serves until the test ends; gives the address.
fn host(answer: impl Fn(&Request) -> (&'static str, String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/physio", listener.local_addr().expect("it is bound"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut lines = Vec::new();
            for line in BufReader::new(stream.try_clone().expect("a socket can be shared")).lines() {
                match line {
                    Ok(line) if !line.is_empty() => lines.push(line),
                    _ => break,
                }
            }
            let path = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
            let file = path.trim_start_matches("/physio/").to_owned();
            let headers = format!("\n{}", lines.join("\n").to_ascii_lowercase());
            let (status, body) = answer(&Request { file, headers });
            let length = body.len();
            // A client that has seen enough closes early.
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    url
}

fn error(code: &str) -> String {
    json!({ "error": { "code": code, "message": "" } }).to_string()
}

/// A host where all is well, made from this plan.
fn good(request: &Request, fingerprint: &str, tables: &[&str]) -> (&'static str, String) {
    let file = request.file.as_str();
    if file.starts_with("sync.php") {
        if !request.shows("authorization") && !request.shows("x-physio-token") {
            return ("401 Unauthorized", error("token_missing"));
        }
        let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S").to_string();
        let report = json!({
            "v": 1, "fingerprint": fingerprint, "php": "8.2.7", "sapi": "fpm-fcgi", "driver": "mysqli",
            "database": "10.6.12-MariaDB", "time": now, "database_time": now, "max_execution_time": "30",
            "memory_limit": "128M", "post_max_size": "8M", "gzip": true, "triggers": tables,
        });
        return ("200 OK", report.to_string());
    }
    ("403 Forbidden", "Forbidden".to_owned())
}

fn doctor(project: &Project, url: &str) -> Ran {
    project.write("token.txt", &format!("{TOKEN}\n"));
    let token_file = project.path("token.txt").display().to_string();
    let ran = project.xtask("doctor", &[url, "--token-file", &token_file]);
    assert!(!ran.printed.contains(TOKEN), "the token was printed");
    ran
}

/// The project, its fingerprint and its synced tables.
fn project() -> (Project, String, Vec<String>) {
    let project = Project::of_the_clinic();
    let printed = project.xtask("regenerate", &[]).printed;
    let fingerprint = printed.trim().rsplit(' ').next().expect("the last word").to_owned();
    let whitelist = project.read("php-bridge/generated/whitelist.php");
    let lines = whitelist.lines().filter_map(|line| line.strip_prefix("        '")?.strip_suffix("' => ["));
    (project, fingerprint, lines.map(str::to_owned).collect())
}

#[test]
fn a_host_where_all_is_well_has_nothing_to_mend() {
    let (project, fingerprint, tables) = project();
    let url = host(move |request| {
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        good(request, &fingerprint, &tables)
    });
    let ran = doctor(&project, &url);
    assert_eq!(ran.code, 0, "{}", ran.printed);
    assert!(ran.printed.contains("0 to mend, 0 that could be better"), "{}", ran.printed);
    assert!(ran.printed.contains("PHP 8.2.7 (fpm-fcgi)"), "{}", ran.printed);
    assert!(ran.printed.contains("triggers note the changes of all 17 tables"), "{}", ran.printed);
}

#[test]
fn without_a_token_only_the_outside_is_seen() {
    let (project, ..) = project();
    let url = host(|request| good(request, "", &[]));
    let ran = project.xtask("doctor", &[&url]);
    assert_eq!(ran.code, 0, "{}", ran.printed);
    assert!(ran.printed.contains("without a token nothing of the host can be seen"), "{}", ran.printed);
}

#[test]
fn each_thing_that_is_wrong_is_told_with_what_to_do() {
    let (project, fingerprint, _) = project();
    type Answers = fn(&Request) -> Option<(&'static str, String)>;
    let cases: [(&str, i32, &str, Answers); 11] = [
        ("the host shows the source of PHP files", 1, "off the web at once", |_| {
            Some(("200 OK", "<?php\nreturn 1;".to_owned()))
        }),
        ("the host answers 500", 1, "Options -Indexes", |_| {
            Some(("500 Internal Server Error", "<html>".to_owned()))
        }),
        ("there is no sync.php", 1, "upload web/physio", |_| Some(("404 Not Found", "<html>".to_owned()))),
        ("something answers 200, but not a bridge", 1, "correct the address", |_| {
            Some(("200 OK", "<html>Welcome</html>".to_owned()))
        }),
        ("anybody can read generated/install.sql", 1, "nginx", |request| {
            (request.file == "generated/install.sql").then(|| ("200 OK", "CREATE TABLE".to_owned()))
        }),
        ("the host lists the files", 1, "upload .htaccess", |request| {
            request.file.is_empty().then(|| ("200 OK", "<a href=sync.php>".to_owned()))
        }),
        ("the host removes the Authorization header", 0, "X-Physio-Token", |request| {
            let is_lost = request.shows("authorization") && !request.shows("x-physio-token");
            is_lost.then(|| ("401 Unauthorized", error("token_missing")))
        }),
        ("neither Authorization nor X-Physio-Token arrives", 1, "firewall", |request| {
            request.file.starts_with("sync.php").then(|| ("401 Unauthorized", error("token_missing")))
        }),
        ("the token is refused", 1, "token list", |request| {
            request.shows("authorization").then(|| ("401 Unauthorized", error("token_refused")))
        }),
        ("does not reach the database", 1, "physio-config.php", |request| {
            request.shows("authorization").then(|| ("503 Service Unavailable", error("database_unavailable")))
        }),
        ("no triggers note the changes of", 0, "install-bridge", |_| None),
    ];
    for (what, code, help, answers) in cases {
        let fingerprint = fingerprint.clone();
        let url = host(move |request| answers(request).unwrap_or_else(|| good(request, &fingerprint, &[])));
        let ran = doctor(&project, &url);
        assert_eq!(ran.code, code, "{what}: {}", ran.printed);
        assert!(ran.printed.contains(what) && ran.printed.contains(help), "{what}: {}", ran.printed);
    }
}

#[test]
fn an_address_that_cannot_be_one_is_a_usage_error() {
    let (project, ..) = project();
    for (url, why) in
        [("example.org/physio", "https://"), ("https://me:secret@example.org/physio", "does not belong")]
    {
        let ran = project.xtask("doctor", &[url]);
        assert_eq!(ran.code, 2, "{}", ran.printed);
        assert!(ran.printed.contains(why) && !ran.printed.contains("secret@"), "{}", ran.printed);
    }
    let unused =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let ran = project.xtask("doctor", &[&format!("http://{unused}/physio")]);
    assert_eq!(ran.code, 1, "{}", ran.printed);
    assert!(ran.printed.contains("nothing answers"), "{}", ran.printed);
}
