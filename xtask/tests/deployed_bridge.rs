//! `check --bridge` against answers of a bridge, sent by a small server in the test.

mod surroundings;

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;
use surroundings::{Project, Ran};

const TOKEN: &str = "t0ken-of-the-tests";

/// Answers one request and gives back its header lines.
fn answer_once(status: &str, body: String) -> (String, JoinHandle<Vec<String>>) {
    answer_each(vec![(status, body)])
}

/// Answers as many requests as there are answers and gives back their header lines.
fn answer_each(answers: Vec<(&str, String)>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let answers: Vec<(String, String)> =
        answers.into_iter().map(|(status, body)| (status.to_owned(), body)).collect();
    let request = std::thread::spawn(move || {
        let mut lines = Vec::new();
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().expect("a request comes");
            let mut reader = BufReader::new(stream.try_clone().expect("a socket can be shared"));
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).expect("readable");
                if line.trim().is_empty() {
                    break;
                }
                lines.push(line.trim().to_owned());
            }
            write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
            .expect("writable");
        }
        lines
    });
    (url, request)
}

fn check(project: &Project, url: &str) -> Ran {
    project.write("token.txt", &format!("{TOKEN}\n"));
    let token_file = project.path("token.txt").display().to_string();
    let ran = project.xtask("check", &["--bridge", url, "--token-file", &token_file]);
    assert!(!ran.printed.contains(TOKEN), "the token was printed");
    ran
}

/// The project, and its fingerprint as the generated file has it.
fn project() -> (Project, String) {
    let project = Project::of_the_clinic();
    let printed = project.xtask("regenerate", &[]).printed;
    let (_, fingerprint) = printed.trim().rsplit_once("fingerprint ").expect("regenerate tells it");
    let fingerprint = fingerprint.to_owned();
    (project, fingerprint)
}

#[test]
fn a_bridge_of_the_same_schema_is_current_and_the_token_goes_in_headers() {
    let (project, fingerprint) = project();
    let first = format!("{{\"v\":1,\"fingerprint\":\"{fingerprint}\",\"epoch\":\"e\"}}\n{{\"end\":true}}\n");
    let (url, request) = answer_once("200 OK", first);
    let ran = check(&project, &url);
    assert_eq!(ran.code, 0, "{}", ran.printed);
    let lines = request.join().expect("the server answered");
    assert_eq!(lines[0], "GET /sync.php?since=new HTTP/1.1");
    let lines: Vec<String> = lines.iter().map(|line| line.to_lowercase()).collect();
    assert!(lines.contains(&format!("authorization: bearer {TOKEN}")), "{lines:?}");
    assert!(lines.contains(&format!("x-physio-token: {TOKEN}")), "{lines:?}");
    assert!(lines.contains(&format!("x-physio-fingerprint: {fingerprint}")), "{lines:?}");
}

#[test]
fn a_bridge_of_an_older_schema_is_named_with_its_tables() {
    let (project, _) = project();
    let first =
        "{\"v\":1,\"fingerprint\":\"00\",\"epoch\":\"e\",\"tables\":{\"payments\":\"11\"}}\n".to_owned();
    let (url, _request) = answer_once("200 OK", first);
    let ran = check(&project, &url);
    assert_eq!(ran.code, 1, "{}", ran.printed);
    assert!(ran.printed.contains("generated from another schema"), "{}", ran.printed);
    assert!(ran.printed.contains("payments"), "{}", ran.printed);
}

/// The clinic's project with two tables, and the first line of a bridge that has others under their names.
fn two_tables() -> (Project, String) {
    let (project, _) = project();
    let config = project.read("physio.toml");
    let waves = config.find("[[waves]]").expect("waves");
    let (head, _) = config.split_at(waves);
    let one_wave =
        "[[waves]]\nname = \"all\"\ntables = [\"roles\", \"payment_methods\"]\n[access]\nopen = true\n";
    project.write("physio.toml", &format!("{head}{one_wave}"));
    assert_eq!(project.xtask("regenerate", &[]).code, 0);
    let first = "{\"v\":1,\"fingerprint\":\"00\",\"epoch\":\"e\",\
                 \"tables\":{\"roles\":\"11\",\"payment_methods\":\"22\",\"beds\":\"33\"}}\n";
    (project, first.to_owned())
}

/// A `describe` line; each column is name, type, null, optional.
fn described(table: &str, auto: &str, columns: &[(&str, &str, bool, bool)]) -> String {
    let columns: Vec<Value> = columns
        .iter()
        .map(|(name, column_type, nullable, optional)| {
            json!({ "name": name, "type": column_type, "null": nullable, "optional": optional, "generated": false })
        })
        .collect();
    let line = json!({ "describe": { "table": table, "fingerprint": "x", "writable": true, "key": [auto],
                                     "auto": auto, "columns": columns } });
    format!("{line}\n")
}

/// The clinic's `payment_methods`, as a bridge of the same dump describes it.
const METHODS: &[(&str, &str, bool, bool)] = &[
    ("method_id", "int(11)", false, true),
    ("branch_id", "int(11)", false, false),
    ("method_name", "varchar(50)", false, false),
    ("method_code", "varchar(50)", false, false),
    ("is_active", "tinyint(1)", true, true),
    ("display_order", "int(11)", true, true),
    ("created_at", "timestamp", true, true),
];

#[test]
fn a_bridge_that_describes_its_tables_is_compared_column_by_column() {
    let (project, first) = two_tables();
    let roles = [
        ("role_id", "bigint(20)", false, true),
        ("role_name", "varchar(20)", true, true),
        ("rank", "int(11)", false, false),
    ];
    let beds = [("bed_id", "int(11)", false, true)];
    let answer = format!(
        "{first}{}{}{}{{\"end\":true}}\n",
        described("roles", "role_id", &roles),
        described("payment_methods", "method_id", METHODS),
        described("beds", "bed_id", &beds)
    );
    let run = |arguments: &[&str]| {
        let (url, request) = answer_each(vec![("200 OK", first.clone()), ("200 OK", answer.clone())]);
        project.write("token.txt", &format!("{TOKEN}\n"));
        let token_file = project.path("token.txt").display().to_string();
        let all = [&["--bridge", &url, "--token-file", &token_file], arguments].concat();
        let ran = project.xtask("check", &all);
        let lines = request.join().expect("the server answered");
        let asked = lines.iter().filter(|line| line.starts_with("GET ")).cloned().collect::<Vec<_>>();
        assert_eq!(asked[1], "GET /sync.php?since=new&describe=payment_methods,roles,beds HTTP/1.1");
        ran
    };
    let ran = run(&[]);
    assert_eq!(ran.code, 1, "{}", ran.printed);
    for expected in [
        "breaks code   column changed role_name",
        "bridge varchar(20) DEFAULT NULL",
        "breaks code   column added rank",
        "bridge int(11) NOT NULL",
        "additive      table added beds",
        "payment_methods: the same columns and key; a default, an index, a foreign key or a collation differs",
    ] {
        assert!(ran.printed.contains(expected), "{expected}: {}", ran.printed);
    }
    let report: Value = serde_json::from_str(&run(&["--format", "json"]).printed).expect("an object");
    let finding = &report["findings"][0];
    let changes = finding["changes"].as_array().expect("a list");
    let of = |name: &str| changes.iter().find(|change| change["name"] == name).expect("it is there");
    // A key that is made offline has 64 bits already.
    assert_eq!(
        (&of("role_id")["class"], &of("rank")["class"]),
        (&json!("compatible"), &json!("breaks-code"))
    );
    assert_eq!(of("role_name")["bridge"], "varchar(20) DEFAULT NULL");
    assert!(of("rank")["file"].as_str().expect("a path").ends_with("physio-schema/schema/clinic.sql"));
    assert_eq!(finding["tables"][0]["change"], "declaration-changed");
    assert!(run(&["--format", "github"]).printed.contains("::error file="), "annotations");
}

#[test]
fn of_an_older_bridge_the_columns_of_a_table_that_differs_are_asked_for_without_a_row() {
    let (project, first) = two_tables();
    let columns =
        |names: &str| format!("{{\"v\":1,\"fingerprint\":\"00\",\"table\":\"t\",\"columns\":[{names}]}}\n");
    let names: Vec<String> = METHODS.iter().map(|(name, ..)| format!("\"{name}\"")).collect();
    let refused = "{\"error\":{\"code\":\"bad_request\",\"message\":\"x\"}}".to_owned();
    let (url, request) = answer_each(vec![
        ("200 OK", first),
        ("400 Bad Request", refused),
        // Tables come in the plan's order: by name where nothing refers to another.
        ("200 OK", columns(&names.join(","))),
        ("200 OK", columns("\"role_id\",\"rank\"")),
    ]);
    let ran = check(&project, &url);
    assert_eq!(ran.code, 1, "{}", ran.printed);
    assert!(ran.printed.contains("roles: the bridge lacks role_name"), "{}", ran.printed);
    assert!(ran.printed.contains("the bridge has rank besides (additive)"), "{}", ran.printed);
    let same = "payment_methods: the same columns, but a type, NULL, a default or a key differs";
    assert!(ran.printed.contains(same), "{}", ran.printed);
    let lines = request.join().expect("the server answered");
    let asked: Vec<&String> = lines.iter().filter(|line| line.starts_with("GET ")).collect();
    assert_eq!(asked[3], "GET /read.php?table=roles&key=%5B%220%22%5D HTTP/1.1");
}

#[test]
fn a_refused_token_is_an_error_and_not_a_difference() {
    let (project, _) = project();
    let body = "{\"error\":{\"code\":\"token_refused\",\"message\":\"x\"}}".to_owned();
    let (url, _request) = answer_once("401 Unauthorized", body);
    let ran = check(&project, &url);
    assert_eq!(ran.code, 2, "{}", ran.printed);
    assert!(ran.printed.contains("401 token_refused"), "{}", ran.printed);
}

#[test]
fn a_hosts_error_page_is_not_taken_for_a_bridge() {
    let (project, _) = project();
    let (url, _request) = answer_once("508 Loop Detected", "<html>limit</html>".to_owned());
    let ran = check(&project, &url);
    assert_eq!(ran.code, 2, "{}", ran.printed);
    assert!(ran.printed.contains("508"), "{}", ran.printed);
}
