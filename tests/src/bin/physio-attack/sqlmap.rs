//! sqlmap, which knows more ways into a statement than we do, against every endpoint and parameter.

use crate::relay::{DEVICE, Relay};
use crate::{Result, TOKEN, ledger};
use physio_tests::harness::Stack;
use physio_tests::timing::grouped;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Every place that it may put something into, marked with `*`: what it is called, the URL, headers, the body.
fn targets() -> Vec<(&'static str, String, Vec<String>, Option<String>)> {
    let good = || {
        vec![
            format!("Authorization: Bearer {TOKEN}"),
            format!("X-Physio-Device: {DEVICE}"),
            "X-Physio-Protocol: 1".to_owned(),
        ]
    };
    let marked = |name: &str, value: &str| {
        let mut headers = good();
        headers.retain(|header| !header.starts_with(name));
        headers.push(format!("{name}: {value}*"));
        headers
    };
    let body = |unit: &str, changes: &str| {
        Some(format!(
            r#"{{"v":1,"device":"{DEVICE}","batch":1,"units":[{{"unit":"{unit}","changes":[{changes}]}}]}}"#
        ))
    };
    let update = r#"{"op":"update*","table":"patients*","key":["1*"],"values":{"remarks*":"a*"},"base":{"remarks*":"b*"}}"#;
    let insert = r#"{"op":"insert","table":"branches*","temp":"1*","values":{"branch_name*":"a*","clinic_name":"b*","admin_employee_id":{"$ref":["employees*","1*"]}}}"#;
    let delete = r#"{"op":"delete","table":"expenses*","key":["1*"],"base":{"amount*":"1*"}}"#;
    vec![
        (
            "read.php, a page",
            "read.php?table=patients*&after=[\"1*\"]&until=[\"9*\"]&limit=5*".into(),
            good(),
            None,
        ),
        ("read.php, sums", "read.php?table=tests&after=[\"1\"]&sums=10*&limit=20*".into(), good(), None),
        ("read.php, a row", "read.php?table=system_settings&key=[\"1*\"]".into(), good(), None),
        ("sync.php", "sync.php?since=new*&tables=patients*&describe=tests*&limit=9*".into(), good(), None),
        ("sync.php, its report", "sync.php?report=1*".into(), good(), None),
        ("the token", "sync.php?since=new".into(), marked("Authorization", "Bearer x"), None),
        ("the plain token", "sync.php?since=new".into(), vec!["X-Physio-Token: x*".into()], None),
        ("the device", "sync.php?since=new".into(), marked("X-Physio-Device", DEVICE), None),
        (
            "the fingerprint",
            "sync.php?since=new".into(),
            marked("X-Physio-Fingerprint", "0123456789abcdef0123456789abcdef"),
            None,
        ),
        (
            "the known fingerprint",
            "read.php?table=tests&limit=1".into(),
            marked("X-Physio-Known", "0123456789abcdef0123456789abcdef"),
            None,
        ),
        ("batch.php, an update", "batch.php".into(), good(), body("1*", update)),
        ("batch.php, an insert", "batch.php".into(), good(), body("1", insert)),
        ("write.php, a delete", "write.php".into(), good(), body("1", delete)),
    ]
}

/// A file as nobody should write it, for the private bridge alone: sqlmap must find this, or what it says of the others
/// is worth nothing.
const PLANTED: &str = r#"<?php
mysqli_report(MYSQLI_REPORT_OFF);
$e = static fn (string $name): string => (string) getenv('PHYSIO_DB_' . $name);
$link = new mysqli('localhost', $e('USER'), $e('PASSWORD'), $e('NAME'), 0, $e('SOCKET'));
$rows = $link->query("SELECT branch_id FROM branches WHERE branch_name <> '" . $_GET['name'] . "'");
echo json_encode($rows === false ? [] : $rows->fetch_all());
"#;

/// How one target ended.
struct Tried {
    was_found: bool,
    is_through: bool,
    text: String,
}

fn try_target(url: &str, headers: &[String], body: Option<&str>, output: &Path) -> Result<Tried> {
    let mut command = Command::new("sqlmap");
    command.args(["--batch", "--flush-session", "--disable-coloring", "--level=3", "--risk=2"]);
    command.args(["--dbms=MySQL", "--threads=4", "--ignore-code=*", "--timeout=20", "--retries=1"]);
    command.arg(format!("--output-dir={}", output.display())).arg(format!("--url={url}"));
    command.arg(format!("--headers={}", headers.join("\\n")));
    if let Some(body) = body {
        command.args(["--method=POST", &format!("--data={body}")]);
    }
    let ended = command.stdin(Stdio::null()).output().map_err(|error| {
        format!("sqlmap cannot be started ({error}). On Debian and Ubuntu: apt-get install -y sqlmap")
    })?;
    let text = String::from_utf8_lossy(&ended.stdout).into_owned();
    Ok(Tried {
        was_found: text.contains("sqlmap identified the following injection point"),
        is_through: text.contains("all tested parameters do not appear to be injectable"),
        text,
    })
}

/// Runs it on every target in turn; whether it found nothing but what was planted, and wrote nothing out of reach.
pub(crate) fn run(stack: &Stack, branch: Option<u32>) -> Result<bool> {
    ledger::install(stack, branch)?;
    let relay = Relay::start(stack.php.port())?;
    let folder = if stack.url().ends_with("/physio/") { "physio/" } else { "" };
    let url = |path: &str| format!("http://127.0.0.1:{}/{folder}{path}", relay.port);
    let output = tempfile::Builder::new().prefix("physio-sqlmap-").tempdir()?;
    // The other web servers would not even answer for such a file.
    if folder.is_empty() {
        std::fs::write(stack.folder().join("planted.php"), PLANTED)?;
        let tried = try_target(&url("planted.php?name=a*"), &[], None, output.path())?;
        if !tried.was_found {
            return Err(format!("sqlmap does not find what was planted for it:\n{}", tried.text).into());
        }
        anstream::println!("planted hole: found, as it must be");
    }
    let mut n_findings = 0;
    for (name, path, headers, body) in targets() {
        let (start, n_requests, n_good) = (Instant::now(), relay.n_requests(), relay.n_good());
        let tried = try_target(&url(&path), &headers, body.as_deref(), output.path())?;
        n_findings += usize::from(tried.was_found || !tried.is_through);
        let verdict = match (tried.was_found, tried.is_through) {
            (true, _) => format!("FOUND\n{}", tried.text),
            (false, true) => "nothing found".to_owned(),
            (false, false) => format!("did not run to its end\n{}", tried.text),
        };
        anstream::println!(
            "{name}: {} requests, {} of them answered with 200, in {:.0} s: {verdict}",
            grouped(relay.n_requests() - n_requests),
            grouped(relay.n_good() - n_good),
            start.elapsed().as_secs_f64()
        );
    }
    let complaints = stack.php.complaints();
    for line in complaints.iter().take(5) {
        anstream::println!("PHP logged: {line}");
    }
    let out_of_reach = if branch.is_some() { ledger::out_of_reach(stack)? } else { Vec::new() };
    for line in out_of_reach.iter().take(5) {
        anstream::println!("FOUND: {line}");
    }
    n_findings += out_of_reach.len();
    anstream::println!("{} requests of sqlmap, findings: {n_findings}", grouped(relay.n_requests()));
    Ok(n_findings == 0 && complaints.is_empty())
}
