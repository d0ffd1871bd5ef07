//! The program `physio-sidecar` as a user interface meets it: HTTP, WebSocket, exit codes.
#![cfg(all(feature = "sidecar", feature = "embedded-bridge"))]

use physio_runtime::Plan;
use physio_runtime::bridge::embedded::{EmbeddedBridge, Endpoint, Fault, Faults};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use tempfile::TempDir;

mod clinic {
    physio_runtime::schema!("physio.toml");
}

struct Place {
    folder: TempDir,
    bridge: EmbeddedBridge,
}

impl Place {
    fn new() -> Self {
        let plan: &Plan = clinic::plan();
        let bridge = EmbeddedBridge::start(Arc::new(plan.clone())).expect("a bridge");
        bridge.add_token("a-token");
        let folder = tempfile::tempdir().expect("a folder");
        let token = folder.path().join("token");
        std::fs::write(&token, "a-token\n").expect("a token file");
        #[cfg(unix)]
        {
            let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(&token, private).expect("a token file");
        }
        Self { folder, bridge }
    }

    fn command(&self) -> Command {
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../physio.toml");
        let mut command = Command::new(env!("CARGO_BIN_EXE_physio-sidecar"));
        command.arg("--config").arg(config).arg("--cache").arg(self.cache());
        command
    }

    fn with_bridge(&self) -> Command {
        let mut command = self.command();
        command.args(["--bridge", &self.bridge.url(), "--token-file"]).arg(self.folder.path().join("token"));
        command
    }

    fn once(&self) -> (i32, String) {
        let Output { status, stdout, stderr } = self.with_bridge().arg("--once").output().expect("it runs");
        let text = String::from_utf8([stdout, stderr].concat()).expect("UTF-8");
        (status.code().expect("an exit code"), text)
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("cache.db")
    }

    fn add_branch(&self, name: &str) {
        self.bridge.with_store(|store| {
            let sql = "INSERT INTO branches (branch_name, clinic_name, is_active, created_at)
                       VALUES (?1, 'C', 1, '2025-01-02 03:04:05')";
            store.execute(sql, [name]).expect("a row");
        });
    }
}

/// A running sidecar; killed when dropped.
struct Running {
    child: Child,
    url: String,
    token: String,
    client: reqwest::Client,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let told: Value = serde_json::from_str(&line).expect("one line of JSON");
        let text = |name: &str| told[name].as_str().expect(name).to_owned();
        Self { child, url: text("url"), token: text("token"), client: reqwest::Client::new() }
    }

    fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.bare(Method::GET, path).bearer_auth(&self.token)
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.bare(Method::POST, path).bearer_auth(&self.token).body(body.to_string())
    }

    async fn query(&self, sql: &str, params: Value) -> Value {
        answer(self.post("/query", &json!({"sql": sql, "params": params}))).await.1
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response: Response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

fn branch(name: &str) -> Value {
    json!({
        "sql": "INSERT INTO branches (branch_name, clinic_name) VALUES (:name, :clinic) RETURNING branch_id",
        "params": {"name": name, "clinic": "C"}
    })
}

#[tokio::test]
async fn statements_come_in_and_rows_go_out() {
    let place = Place::new();
    let door = Running::start(place.command());
    let (status, written) = answer(door.post(
        "/write",
        &json!({"statements": [
            branch("One"),
            {"sql": "UPDATE branches SET city = ?1 WHERE branch_name = ?2", "params": ["Pune", "One"]},
            {"sql": "UPDATE branches SET city = ?1 WHERE branch_name = ?2", "params": ["Pune", "Nobody"]},
        ]}),
    ))
    .await;
    assert_eq!(status, 200, "{written}");
    let key = 1_i64 << 52;
    assert_eq!((&written["changes"], &written["last_insert_rowid"]), (&json!(2), &json!(key)));
    assert_eq!(
        written["results"][0],
        json!({"changes": 1, "last_insert_rowid": key, "columns": ["branch_id"], "rows": [[key]]})
    );
    assert_eq!(written["results"][2]["changes"], 0);
    let rows = door
        .query("SELECT branch_id, city, _sync_status, 9007199254740993, x'00ff', 0.5 FROM branches WHERE branch_name = ?", json!(["One"]))
        .await;
    assert_eq!(rows["columns"][1], "city");
    assert_eq!(rows["rows"], json!([[key, "Pune", "pending", "9007199254740993", {"$base64": "AP8="}, 0.5]]));
    let (_, status) = answer(door.get("/status")).await;
    assert_eq!((&status["state"], &status["n_queued_units"]), (&json!("local"), &json!(1)), "one unit");
}

#[tokio::test]
async fn a_write_that_breaks_a_rule_is_undone_whole() {
    let place = Place::new();
    let door = Running::start(place.command());
    let write = json!({"statements": [
        branch("Half"),
        {"sql": "INSERT INTO expenses (branch_id, status) VALUES (1, 'no such member')"},
    ]});
    let (status, error) = answer(door.post("/write", &write)).await;
    assert_eq!((status, &error["error"]["code"]), (422, &json!("constraint")), "{error}");
    let rows = door.query("SELECT count(*) FROM branches", json!([])).await;
    assert_eq!(rows["rows"], json!([[0]]));
}

#[tokio::test]
async fn what_reaches_beyond_rows_stays_outside() {
    let place = Place::new();
    let door = Running::start(place.command());
    for (path, sql) in [
        ("/query", "ATTACH 'other.db' AS other"),
        ("/query", "PRAGMA journal_mode = DELETE"),
        ("/query", "DELETE FROM branches"),
        ("/query", "WITH a AS (SELECT 1) DELETE FROM branches"),
        ("/query", "SELECT nothing FROM nowhere"),
        ("/write", "DROP TABLE branches"),
        ("/write", "VACUUM"),
        ("/write", "COMMIT"),
    ] {
        let body = if path == "/query" { json!({"sql": sql}) } else { json!({"statements": [{"sql": sql}]}) };
        let (status, error) = answer(door.post(path, &body)).await;
        assert_eq!(status, 400, "{sql}: {error}");
    }
    let (status, error) = answer(door.post("/query", &json!("secret"))).await;
    assert_eq!(status, 400);
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn strangers_stay_outside() {
    let place = Place::new();
    let door = Running::start(place.command());
    let status = |request: RequestBuilder| async { answer(request).await.0 };
    assert_eq!(status(door.get("/status")).await, 200);
    assert_eq!(status(door.bare(Method::GET, "/status")).await, 401);
    assert_eq!(status(door.bare(Method::GET, "/status").bearer_auth("wrong")).await, 401);
    assert_eq!(status(door.bare(Method::GET, &format!("/status?token={}", door.token))).await, 401);
    assert_eq!(status(door.get("/status").header("host", "evil.example")).await, 403);
    assert_eq!(status(door.get("/status").header("origin", "https://evil.example")).await, 403);
    assert_eq!(status(door.get("/status").header("origin", "null")).await, 403);

    let allowed = door.get("/status").header("origin", "tauri://localhost").send().await.expect("an answer");
    assert_eq!(allowed.headers()["access-control-allow-origin"], "tauri://localhost");
    let preflight = door.bare(Method::OPTIONS, "/query").header("origin", "http://localhost:5173");
    let preflight = preflight.send().await.expect("an answer");
    assert_eq!(preflight.status(), 204, "a preflight carries no token");
    assert_eq!(preflight.headers()["access-control-allow-headers"], "authorization, content-type");
    let foreign = door.bare(Method::OPTIONS, "/query").header("origin", "https://evil.example");
    assert_eq!(foreign.send().await.expect("an answer").status(), 403);

    let mut command = place.command();
    command.args(["--allow-origin", "https://app.example"]);
    let door = Running::start(command);
    assert_eq!(status(door.get("/status").header("origin", "https://app.example")).await, 200);
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused() {
    let place = Place::new();
    let Output { status, stderr, .. } =
        place.command().args(["--listen", "0.0.0.0:0"]).output().expect("it runs");
    assert_eq!(status.code(), Some(1));
    assert!(String::from_utf8_lossy(&stderr).contains("loopback"));
}

#[tokio::test]
async fn a_conflict_is_listed_and_decided_through_the_door() {
    let place = Place::new();
    place.add_branch("Main");
    let door = Running::start(place.with_bridge());
    assert_eq!(answer(door.post("/sync", &Value::Null)).await.0, 200);
    place.bridge.set_faults(Faults::none().always(None, Fault::Offline));
    let mine = json!({"statements": [{"sql": "UPDATE branches SET city = 'Mine' WHERE branch_id = 1"}]});
    assert_eq!(answer(door.post("/write", &mine)).await.0, 200);
    let (status, error) = answer(door.post("/sync", &Value::Null)).await;
    assert_eq!((status, &error["error"]["code"]), (503, &json!("offline")));
    place.bridge.with_store(|store| {
        store.execute("UPDATE branches SET city = 'Theirs' WHERE branch_id = 1", []).expect("an update");
    });
    place.bridge.set_faults(Faults::none());
    assert_eq!(answer(door.post("/sync", &Value::Null)).await.0, 200);
    let (_, attention) = answer(door.get("/attention")).await;
    let change = &attention[0]["changes"][0];
    assert_eq!((&attention[0]["state"], &attention[0]["code"]), (&json!("conflict"), &json!("changed")));
    assert_eq!((&change["mine"]["city"], &change["theirs"]["city"]), (&json!("Mine"), &json!("Theirs")));
    let path = format!("/attention/changes/{}", change["change"]);
    let merged = json!({"resolution": {"merged": {"city": "Both"}}});
    assert_eq!(answer(door.post(&path, &merged)).await, (200, json!({})));
    assert_eq!(answer(door.post("/sync", &Value::Null)).await.0, 200);
    let city: String = place.bridge.with_store(|store| {
        store.query_row("SELECT city FROM branches", [], |row| row.get(0)).expect("a row")
    });
    assert_eq!(city, "Both");
    assert_eq!(answer(door.get("/attention")).await.1, json!([]));
    let (status, error) = answer(door.post("/attention/units/999/discard", &Value::Null)).await;
    assert_eq!((status, &error["error"]["code"]), (400, &json!("usage")), "{error}");
}

#[test]
fn audit_tells_what_is_proven_and_status_shows_it() {
    let place = Place::new();
    place.add_branch("Main");
    let audit = || {
        let Output { status, stdout, .. } = place.with_bridge().arg("--audit").output().expect("it runs");
        (status.code().expect("an exit code"), String::from_utf8(stdout).expect("UTF-8"))
    };
    let (exit, text) = audit();
    assert!(exit == 0 && text.contains("branches: 1 rows, 0 repaired, in sync as of 2"), "{exit}: {text}");
    place.bridge.with_store(|store| {
        // A change that no feed tells.
        let change = "UPDATE branches SET city = 'Theirs'; DELETE FROM _physio_inbox";
        store.execute_batch(change).expect("an update");
    });
    let (exit, text) = audit();
    assert!(exit == 0 && text.contains("branches: 1 rows, 1 repaired"), "{exit}: {text}");
    let Output { stdout, .. } = place.command().arg("--status").output().expect("it runs");
    let report = String::from_utf8(stdout).expect("UTF-8");
    assert!(report.contains("= proven as of 2"), "{report}");
    assert!(!(text + &report).contains("Theirs"), "no value of a row");
}

#[test]
fn once_tells_by_its_exit_code_how_it_went() {
    let place = Place::new();
    place.add_branch("Main");
    assert_eq!(place.once(), (0, "in sync\n".into()));

    place.bridge.set_faults(Faults::none().always(None, Fault::Offline));
    assert_eq!(place.once().0, 3);

    place.bridge.set_faults(Faults::none().always(None, Fault::Html(403)));
    let (exit, text) = place.once();
    assert!(exit == 3 && text.contains("firewall"), "{exit}: {text}");

    place.bridge.set_faults(Faults::none().always(None, Fault::Refuse("token_refused")));
    assert_eq!(place.once().0, 4);

    place.bridge.set_faults(Faults::none());
    place.bridge.with_store(|store| {
        store.execute_batch("ALTER TABLE attendance RENAME TO gone").expect("the store takes it");
    });
    std::fs::remove_file(place.cache()).expect("a cache");
    let (exit, text) = place.once();
    assert!(exit == 2 && text.contains("attendance"), "{exit}: {text}");
    place.bridge.with_store(|store| {
        store.execute_batch("ALTER TABLE gone RENAME TO attendance").expect("the store takes it");
    });
    assert_eq!(place.once().0, 0);

    let shell = rusqlite::Connection::open(place.cache()).expect("the file");
    shell.execute("UPDATE branches SET city = 'Mine' WHERE branch_id = 1", []).expect("captured");
    place.bridge.with_store(|store| {
        store.execute("UPDATE branches SET city = 'Theirs' WHERE branch_id = 1", []).expect("an update");
    });
    assert_eq!(place.once().0, 5);

    let Output { status, stdout, .. } = place.command().arg("--status").output().expect("it runs");
    let report = String::from_utf8(stdout).expect("UTF-8");
    assert_eq!(status.code(), Some(0));
    assert!(report.contains("attention: 1") && report.contains("changed branches.city"), "{report}");
    assert!(!report.contains("Mine") && !report.contains("Theirs"), "no value of a row: {report}");
}

#[test]
fn headless_it_syncs_until_it_is_stopped() {
    let place = Place::new();
    place.add_branch("Main");
    let mut child = place.with_bridge().arg("--headless").stdout(Stdio::piped()).spawn().expect("it runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
    assert!(line.contains("cache.db"), "{line}");
    let cache = rusqlite::Connection::open(place.cache()).expect("the file");
    let is_synced = || {
        let sql = "SELECT count(*) FROM _physio_tables WHERE state = 'complete'";
        cache.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count") == 17
    };
    let begin = std::time::Instant::now();
    while !is_synced() {
        assert!(begin.elapsed().as_secs() < 30, "the first pull does not end");
        std::thread::yield_now();
    }
    let asked = Command::new("kill").arg(child.id().to_string()).status().expect("kill runs");
    assert!(asked.success());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

/// The same door from Node: fetch and WebSocket, as a web view uses them.
#[tokio::test]
async fn node_reads_writes_and_hears_events() {
    let place = Place::new();
    place.bridge.set_faults(Faults::none().times(1, Some(Endpoint::Batch), Fault::DropReply));
    let door = Running::start(place.with_bridge());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sidecar.mjs");
    let mut node = Command::new("node");
    node.arg("--experimental-websocket")
        .arg(script)
        .env("DOOR_URL", &door.url)
        .env("DOOR_TOKEN", &door.token);
    let Output { status, stdout, stderr } = tokio::task::spawn_blocking(move || node.output())
        .await
        .expect("no panic")
        .expect("node is installed");
    let told = [stdout, stderr].concat();
    assert!(status.success(), "{}", String::from_utf8_lossy(&told));
    let n_rows: i64 = place.bridge.with_store(|store| {
        let sql = "SELECT count(*) FROM branches WHERE branch_name = 'From Node'";
        store.query_row(sql, [], |row| row.get(0)).expect("a count")
    });
    assert_eq!(n_rows, 1, "once, though the first answer was lost");
}
