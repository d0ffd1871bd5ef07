//! A client that only knows HTTP and JSON, so that no mistake of the runtime can hide one of a bridge.

use serde_json::Value;
use std::collections::BTreeMap;

/// Sends requests with fixed headers.
#[derive(Debug)]
pub struct Client {
    runtime: tokio::runtime::Runtime,
    http: reqwest::Client,
    url: String,
    headers: Vec<(String, String)>,
    device: String,
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// The rows of an answer: table, then key (JSON text), then column and value.
pub type Tables = BTreeMap<String, BTreeMap<String, BTreeMap<String, Option<String>>>>;

/// A whole answer of `sync.php`.
#[derive(Debug, Clone)]
pub struct Pull {
    /// The first line.
    pub head: Value,
    /// The rows that came.
    pub rows: Tables,
    /// Keys that are gone, by table, as JSON texts.
    pub deleted: BTreeMap<String, Vec<String>>,
    /// The last line.
    pub end: Value,
}

/// A whole answer of `read.php`.
#[derive(Debug, Clone)]
pub struct Page {
    /// The first line.
    pub head: Value,
    /// The rows in order.
    pub rows: Vec<BTreeMap<String, Option<String>>>,
    /// The last line.
    pub end: Value,
}

impl Client {
    /// A client of the bridge at `url`.
    pub fn new(url: &str, token: &str, device: &str) -> Self {
        let headers = [
            ("authorization", format!("Bearer {token}")),
            ("x-physio-token", token.to_owned()),
            ("x-physio-device", device.to_owned()),
            ("x-physio-protocol", "1".to_owned()),
        ];
        Self {
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime needs no more than a file descriptor"),
            http: reqwest::Client::builder()
                .timeout(std::time::Duration::from_secs(60))
                .build()
                .expect("the client's settings are constant"),
            url: url.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            device: device.to_owned(),
        }
    }

    /// The same client with one header replaced, or left out.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: Option<&str>) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        self
    }

    /// The device that it names.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// Sends any request.
    pub fn send(&self, method: &str, path: &str, body: Option<&[u8]>) -> Reply {
        let method = method.parse().expect("an HTTP method");
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_vec());
        }
        self.runtime.block_on(async {
            let answer = request.send().await.expect("the bridge answers");
            let status = answer.status().as_u16();
            let text =
                |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers = answer
                .headers()
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), text(value)))
                .collect();
            let body = answer.bytes().await.expect("the answer is whole").to_vec();
            Reply { status, headers, body }
        })
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, None)
    }

    /// `POST batch.php` with exactly these bytes.
    pub fn post(&self, body: &[u8]) -> Reply {
        self.send("POST", "batch.php", Some(body))
    }

    /// The bytes of a batch of units.
    pub fn batch_bytes(&self, batch: u64, units: &Value) -> Vec<u8> {
        serde_json::json!({"v": 1, "device": self.device, "batch": batch, "units": units})
            .to_string()
            .into_bytes()
    }

    /// Pushes units, each a name and a list of changes, and expects them to be answered.
    #[track_caller]
    pub fn push(&self, batch: u64, units: Value) -> Value {
        let reply = self.post(&self.batch_bytes(batch, &units));
        assert_eq!(reply.status, 200, "{}", reply.text());
        let answer = reply.json();
        assert_eq!(answer["v"], 1);
        assert_eq!(answer["batch"], batch);
        assert_eq!(answer["units"].as_array().map(Vec::len), units.as_array().map(Vec::len), "{answer}");
        answer
    }

    /// Pushes one unit of these changes.
    #[track_caller]
    pub fn push_changes(&self, batch: u64, changes: Value) -> Value {
        self.push(batch, serde_json::json!([{"unit": "1", "changes": changes}]))
    }

    /// `sync.php?since=new`: the present cursor.
    #[track_caller]
    pub fn cursor(&self) -> String {
        self.sync("new").cursor()
    }

    /// `sync.php` from a cursor.
    #[track_caller]
    pub fn sync(&self, since: &str) -> Pull {
        self.get(&format!("sync.php?since={since}")).pull()
    }

    /// `sync.php` from a cursor with more parameters (`&limit=…`).
    #[track_caller]
    pub fn sync_with(&self, since: &str, parameters: &str) -> Pull {
        self.get(&format!("sync.php?since={since}{parameters}")).pull()
    }

    /// `read.php` with these parameters.
    #[track_caller]
    pub fn read(&self, parameters: &str) -> Page {
        self.get(&format!("read.php?{parameters}")).page()
    }
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// Expects an error of the wire with its own status, and nothing else in the answer.
    #[track_caller]
    pub fn expect_error(&self, code: &str) -> Value {
        let error = self.json()["error"].clone();
        assert_eq!(error["code"], code, "{}", self.text());
        let entry = physio_schema::wire_codes::wire_code(code).expect("the case names a code of the wire");
        assert_eq!(self.status, entry.status, "{code}");
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
        assert!(self.headers["content-type"].starts_with("application/json"), "{:?}", self.headers);
        let known = ["code", "message", "field", "last"];
        let members = error.as_object().expect("an error is an object");
        assert!(members.keys().all(|name| known.contains(&name.as_str())), "{error}");
        error
    }

    #[track_caller]
    fn lines(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{}", self.text());
        assert!(self.headers["content-type"].starts_with("application/x-ndjson"), "{:?}", self.headers);
        assert!(self.body.ends_with(b"\n"), "the last line is whole");
        let parse =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON line: {line}"));
        self.text().lines().map(parse).collect()
    }

    /// The body as the lines of `sync.php`.
    #[track_caller]
    pub fn pull(&self) -> Pull {
        let mut lines = self.lines();
        let end = lines.pop().expect("an answer has an end line");
        assert_eq!(end["end"], true, "{end}");
        assert!(end["more"].is_boolean() && end["exact"].is_boolean() && end["ack"].is_u64(), "{end}");
        let head = lines.remove(0);
        assert_eq!(head["v"], 1);
        assert!(head["epoch"].as_str().is_some_and(|epoch| epoch.len() == 8), "{head}");
        let (mut rows, mut deleted) = (Tables::new(), BTreeMap::<String, Vec<String>>::new());
        let mut open: Option<(String, Vec<String>)> = None;
        for line in lines {
            match line {
                Value::Object(_) if line["deleted"].is_array() => {
                    let table = line["table"].as_str().expect("a table's name").to_owned();
                    let keys = line["deleted"].as_array().expect("an array of keys");
                    deleted.entry(table).or_default().extend(keys.iter().map(Value::to_string));
                }
                Value::Object(_) => {
                    let table = line["table"].as_str().expect("a table's name").to_owned();
                    assert!(line["base64"].is_array(), "{line}");
                    open = Some((table, strings(&line["columns"])));
                }
                Value::Array(_) => {
                    let (table, columns) = open.as_ref().expect("a row comes after its table's line");
                    let row = named(columns, &line);
                    // The first column stands for the key here; cases with other keys look at the columns.
                    let key = line[0].to_string();
                    rows.entry(table.clone()).or_default().insert(key, row);
                }
                other => panic!("an unexpected line: {other}"),
            }
        }
        Pull { head, rows, deleted, end }
    }

    /// The body as the lines of `read.php`.
    #[track_caller]
    pub fn page(&self) -> Page {
        let mut lines = self.lines();
        let end = lines.pop().expect("an answer has an end line");
        assert_eq!(end["end"], true, "{end}");
        let head = lines.remove(0);
        assert_eq!(head["v"], 1);
        let columns = strings(&head["columns"]);
        assert_eq!(end["rows"], lines.len(), "the end line counts the rows");
        assert_eq!(end["after"].is_null(), lines.is_empty(), "after is null only when there is no row");
        Page { rows: lines.iter().map(|line| named(&columns, line)).collect(), head, end }
    }
}

impl Pull {
    /// Where to go on.
    #[track_caller]
    pub fn cursor(&self) -> String {
        self.end["cursor"].as_str().expect("the end line has a cursor").to_owned()
    }

    /// The value of a row whose first column is `key`.
    #[track_caller]
    pub fn value(&self, table: &str, key: &str, column: &str) -> Option<String> {
        let row = self.rows.get(table).and_then(|rows| rows.get(&format!("\"{key}\"")));
        row.unwrap_or_else(|| panic!("{table} {key} did not come: {:?}", self.rows))[column].clone()
    }

    /// How many rows and deleted keys came.
    pub fn n_changes(&self) -> usize {
        self.rows.values().map(BTreeMap::len).sum::<usize>()
            + self.deleted.values().map(Vec::len).sum::<usize>()
    }
}

fn strings(list: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().expect("a name").to_owned();
    list.as_array().expect("a list of names").iter().map(text).collect()
}

/// A row by its columns; every value must be a string or null.
#[track_caller]
fn named(columns: &[String], row: &Value) -> BTreeMap<String, Option<String>> {
    let values = row.as_array().unwrap_or_else(|| panic!("no row: {row}"));
    assert_eq!(values.len(), columns.len(), "{row}");
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => panic!("a value that is no string: {other}"),
    };
    columns.iter().cloned().zip(values.iter().map(text)).collect()
}
