//! Every endpoint × table × operation × token × row: what must be let through, and how the rest is refused.
//!
//! What is expected is worked out here from physio.toml alone. A write is tried in a unit whose second change is always
//! refused: where the answer blames the second one, the first was let through, and nothing stays of it.

use super::super::{Client, Target, Token};
use super::rows;
use physio_schema::plan::{Operation, Plan, Scope, TablePlan};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The two branches; each table has one row of each, with the same number.
pub(super) const OWN: u32 = 1001;
pub(super) const FOREIGN: u32 = 1002;

/// What is the matter with a token, or whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bearer {
    Missing,
    Malformed,
    Unknown,
    Expired,
    Revoked,
    User { role: &'static str, branch: Option<u32> },
}

const BEARERS: [(&str, Bearer); 11] = [
    ("no token", Bearer::Missing),
    ("a malformed token", Bearer::Malformed),
    ("an unknown token", Bearer::Unknown),
    ("an expired token", Bearer::Expired),
    ("a revoked token", Bearer::Revoked),
    ("a therapist", Bearer::User { role: "therapist", branch: Some(OWN) }),
    ("the reception", Bearer::User { role: "reception", branch: Some(OWN) }),
    ("a manager", Bearer::User { role: "manager", branch: Some(OWN) }),
    ("the other branch's manager", Bearer::User { role: "manager", branch: Some(FOREIGN) }),
    ("a manager without a branch", Bearer::User { role: "manager", branch: None }),
    ("an owner", Bearer::User { role: "owner", branch: Some(OWN) }),
];

/// Tables of the dump that nobody reaches, and one that is not there.
const UNREACHABLE: [&str; 4] = ["api_tokens", "login_attempts", "role_login_keys", "nothing"];

/// How one try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    Allowed,
    /// The whole request or the change was refused with this code.
    Refused(String),
}

struct Caller<'t> {
    plan: &'t Plan,
    name: &'static str,
    bearer: Bearer,
    client: Client,
    cursor: Option<String>,
    batch: u64,
    /// Cells that were looked at, and those that are not as specified.
    n_cells: usize,
    wrong: Vec<String>,
}

/// Looks at all of it; gives the number of cells.
pub(super) fn check(target: &impl Target) -> usize {
    let plan = &*target.app().plan;
    for table in ["branches", "roles"] {
        insert_rows(target, plan, table);
    }
    let mut callers: Vec<Caller<'_>> = BEARERS
        .iter()
        .enumerate()
        .map(|(n, &(name, bearer))| Caller::new(target, plan, name, bearer, n))
        .collect();
    for table in plan.tables.iter().filter(|table| !["branches", "roles"].contains(&table.name.as_str())) {
        insert_rows(target, plan, &table.name);
    }
    target.execute("UPDATE branches SET address_line_1 = 'moved'; UPDATE roles SET role_name = 'x-1001' WHERE role_id = 1001");
    for caller in &mut callers {
        for table in &plan.tables {
            caller.read(&table.name);
            caller.pull(&table.name);
            caller.write(&table.name);
        }
        for table in UNREACHABLE {
            caller.read(table);
            caller.pull(table);
            caller.write(table);
        }
    }
    let wrong: Vec<&String> = callers.iter().flat_map(|caller| &caller.wrong).collect();
    assert!(wrong.is_empty(), "{} cells are not as specified: {wrong:#?}", wrong.len());
    callers.iter().map(|caller| caller.n_cells).sum()
}

fn insert_rows(target: &impl Target, plan: &Plan, table: &str) {
    let table = plan.table(table).expect("a synced table");
    for branch in [OWN, FOREIGN] {
        target.execute(&rows::insert_sql(table, &rows::row(plan, table, branch, branch)));
    }
}

impl<'t> Caller<'t> {
    fn new(target: &'t impl Target, plan: &'t Plan, name: &'static str, bearer: Bearer, n: usize) -> Self {
        let token = format!("Matrix-Token-{n:02}-0123456789");
        match bearer {
            Bearer::Missing | Bearer::Malformed | Bearer::Unknown => {}
            Bearer::Expired => target.add_token(&token, Token::Expired),
            Bearer::Revoked => target.add_token(&token, Token::Revoked),
            Bearer::User { role, branch } => target.add_user(&token, role, branch),
        }
        let client = Client::new(&target.url(), &token, &format!("{n:032x}"));
        let client = match bearer {
            Bearer::Missing => client.with_header("authorization", None).with_header("x-physio-token", None),
            Bearer::Malformed => {
                let client = client.with_header("authorization", Some("Bearer a b"));
                client.with_header("x-physio-token", None)
            }
            _ => client,
        };
        let cursor = matches!(bearer, Bearer::User { .. }).then(|| super::settled(&client));
        Self { plan, name, bearer, client, cursor, batch: 0, n_cells: 0, wrong: Vec::new() }
    }

    fn compare<R: std::fmt::Debug + PartialEq>(&mut self, cell: &str, expected: R, found: R) {
        self.n_cells += 1;
        if expected != found {
            self.wrong.push(format!("{}, {cell}: expected {expected:?}, found {found:?}", self.name));
        }
    }

    /// Why every request of this token is refused.
    fn refusal(&self) -> Option<&'static str> {
        match self.bearer {
            // Two words are no token.
            Bearer::Missing | Bearer::Malformed => Some("token_missing"),
            Bearer::Unknown | Bearer::Expired | Bearer::Revoked => Some("token_refused"),
            Bearer::User { .. } => None,
        }
    }

    fn user(&self) -> (&'static str, Option<u32>) {
        match self.bearer {
            Bearer::User { role, branch } => (role, branch),
            _ => unreachable!("only users get this far"),
        }
    }

    fn may(&self, table: &TablePlan, operation: Operation) -> bool {
        table.access.allows(operation, Some(self.user().0))
    }

    fn sees(&self, table: &TablePlan, branch: u32) -> bool {
        let (role, own) = self.user();
        role == "owner" || own == Some(branch) || table.access.scope == Scope::Shared
    }

    /// `read.php`: the page, each row by its key, the sums.
    fn read(&mut self, name: &str) {
        let table = self.plan.table(name);
        let page = self.client.get(&format!("read.php?table={name}"));
        let refusal = self.refusal().or_else(|| match table {
            None => Some("unknown_table"),
            Some(table) if !self.may(table, Operation::Read) => Some("forbidden"),
            Some(_) => None,
        });
        if let Some(code) = refusal {
            for path in [
                format!("read.php?table={name}"),
                format!("read.php?table={name}&key=[\"{OWN}\"]"),
                format!("read.php?table={name}&key=[\"{FOREIGN}\"]"),
                format!("read.php?table={name}&sums=100"),
            ] {
                let reply = self.client.get(&path);
                let found =
                    if reply.status == 200 { "200".to_owned() } else { code_of(&reply.json()["error"]) };
                self.compare(&path, code.to_owned(), found);
            }
            return;
        }
        let table = table.expect("it was looked for");
        let key_column = table.key_columns().next().expect("a table has a key").name.clone();
        let rows = page.page().rows;
        for branch in [OWN, FOREIGN] {
            let key = rows::key(table, branch);
            let expected = self.sees(table, branch);
            let is_there = rows.iter().any(|row| row[&key_column].as_deref() == Some(&key));
            self.compare(&format!("read.php {name}, page, row of {branch}"), expected, is_there);
            let one = self.client.read(&format!("table={name}&key=[\"{key}\"]"));
            self.compare(&format!("read.php {name}, row of {branch}"), expected, one.rows.len() == 1);
        }
        let sums = self.client.get(&format!("read.php?table={name}&sums=10000")).text();
        let n_summed = sums.lines().nth(1).and_then(|line| serde_json::from_str::<Value>(line).ok());
        let n_summed = n_summed.and_then(|line| line[0].as_str()?.parse::<usize>().ok()).unwrap_or(0);
        self.compare(&format!("read.php {name}, sums"), rows.len(), n_summed);
    }

    /// `sync.php`: the rows that were written since the cursor.
    fn pull(&mut self, name: &str) {
        let cursor = self.cursor.clone().unwrap_or_else(|| "new".to_owned());
        let reply = self.client.get(&format!("sync.php?since={cursor}&limit=10000&tables={name}"));
        let table = self.plan.table(name);
        let refusal = self.refusal().or(table.is_none().then_some("unknown_table"));
        if let Some(code) = refusal {
            let found = if reply.status == 200 { "200".to_owned() } else { code_of(&reply.json()["error"]) };
            self.compare(&format!("sync.php {name}"), code.to_owned(), found);
            return;
        }
        let table = table.expect("it was looked for");
        let pull = reply.pull();
        for branch in [OWN, FOREIGN] {
            if name == "roles" && branch == FOREIGN {
                continue; // not written since the cursor
            }
            let key = rows::key(table, branch);
            let came = pull.rows.get(name).is_some_and(|rows| rows.contains_key(&format!("\"{key}\"")));
            let gone = pull.deleted.get(name).is_some_and(|keys| keys.contains(&format!("[\"{key}\"]")));
            let expected = match (self.may(table, Operation::Read), self.sees(table, branch)) {
                (false, _) => (false, false),
                (true, true) => (true, false),
                (true, false) => (false, true),
            };
            self.compare(&format!("sync.php {name}, row of {branch} (came, gone)"), expected, (came, gone));
        }
    }

    /// `batch.php` and `write.php`: each operation on a row of its own branch, on a foreign one, and from one to the other.
    fn write(&mut self, name: &str) {
        let Some(table) = self.plan.table(name) else {
            for (cell, change) in [
                ("insert", json!({"op": "insert", "table": name, "values": {}})),
                ("update", json!({"op": "update", "table": name, "key": ["1"], "values": {}, "base": {}})),
                ("delete", json!({"op": "delete", "table": name, "key": ["1"], "base": {}})),
            ] {
                let expected = self.refusal().unwrap_or("unknown_table");
                self.try_write(&format!("{cell} {name}"), &change, &Cell::Refused(expected.to_owned()));
            }
            return;
        };
        for branch in [OWN, FOREIGN] {
            let insert = rows::pushed(table, &rows::row(self.plan, table, branch + 10, branch));
            let expected =
                self.expected(table, Operation::Insert, |caller| caller.insert_expected(table, branch));
            self.try_write(&format!("insert {name} for {branch}"), &insert, &expected);

            let key = rows::key(table, branch);
            if let Some((column, value)) = rows::plain_column(self.plan, table, branch) {
                let mut change =
                    json!({"op": "update", "table": name, "key": [key], "values": {}, "base": {}});
                change["values"][&column] = json!("y");
                change["base"][&column] = json!(value);
                let expected = self.expected(table, Operation::Update, |caller| {
                    if caller.sees(table, branch) { Cell::Allowed } else { refused("gone") }
                });
                self.try_write(&format!("update {name} of {branch}"), &change, &expected);
            }
            let base = json!({});
            let delete = json!({"op": "delete", "table": name, "key": [key], "base": base});
            // A row that the caller does not see is gone already.
            let expected = self.expected(table, Operation::Delete, |_| Cell::Allowed);
            self.try_write(&format!("delete {name} of {branch}"), &delete, &expected);
        }
        self.write_move(table);
    }

    /// A row of the own branch is given to the other one. Who has no branch tries it with somebody else's.
    fn write_move(&mut self, table: &TablePlan) {
        let name = &table.name;
        let own = if self.refusal().is_none() { self.user().1.unwrap_or(OWN) } else { OWN };
        let other = if own == OWN { FOREIGN } else { OWN };
        let (column, from, to) = match &table.access.scope {
            Scope::Column(column) if table.key_columns().all(|key| key.name != *column) => {
                (column, own.to_string(), other.to_string())
            }
            Scope::Through { column, table: parent, .. } => {
                let parent = self.plan.table(parent).expect("a synced table");
                (column, rows::key(parent, own), rows::key(parent, other))
            }
            Scope::Column(_) | Scope::Shared => return,
        };
        let mut change =
            json!({"op": "update", "table": name, "key": [rows::key(table, own)], "values": {}, "base": {}});
        change["values"][column] = json!(to);
        change["base"][column] = json!(from);
        let expected = self.expected(table, Operation::Update, |caller| match caller.user() {
            ("owner", _) => Cell::Allowed,
            (_, Some(_)) => refused("forbidden"),
            (_, None) => refused("gone"),
        });
        self.try_write(&format!("move {name} to {other}"), &change, &expected);
    }

    /// What holds for every write, then what `of_row` says.
    fn expected(&self, table: &TablePlan, operation: Operation, of_row: impl Fn(&Self) -> Cell) -> Cell {
        if let Some(code) = self.refusal() {
            return refused(code);
        }
        if !table.writable {
            return refused("table_read_only");
        }
        if !self.may(table, operation) {
            return refused("forbidden");
        }
        of_row(self)
    }

    fn insert_expected(&self, table: &TablePlan, branch: u32) -> Cell {
        if !self.sees(table, branch) {
            return refused("forbidden");
        }
        let written: BTreeMap<String, String> =
            rows::row(self.plan, table, branch + 10, branch).into_iter().collect();
        let refers_to_foreign = table.references.iter().any(|reference| {
            let parent = self.plan.table(&reference.table).expect("references lead to synced tables");
            let is_written =
                reference.columns.iter().any(|&at| written.contains_key(&table.columns[at].name));
            is_written && !self.sees(parent, branch)
        });
        if refers_to_foreign { refused("parent_missing") } else { Cell::Allowed }
    }

    fn try_write(&mut self, cell: &str, change: &Value, expected: &Cell) {
        let stop = json!({"op": "delete", "table": "nothing", "key": ["1"], "base": {}});
        for endpoint in ["batch.php", "write.php"] {
            self.batch += 1;
            let units = json!([{"unit": "1", "changes": [change, stop]}]);
            let bytes = self.client.batch_bytes(self.batch, &units);
            let reply = self.client.send("POST", endpoint, Some(&bytes));
            let found = if reply.status == 200 {
                let unit = &reply.json()["units"][0];
                let code = code_of(unit);
                // Other rows may refer to it, in which case the delete itself was let through.
                let is_allowed = unit["change"] == 1 || code == "still_referenced";
                if is_allowed { Cell::Allowed } else { Cell::Refused(code) }
            } else {
                Cell::Refused(code_of(&reply.json()["error"]))
            };
            self.compare(&format!("{endpoint}, {cell}"), expected.clone(), found);
        }
    }
}

fn refused(code: &str) -> Cell {
    Cell::Refused(code.to_owned())
}

/// A refused token that comes often is told so (`tokens.rs` sees when): it is refused all the same.
fn code_of(error: &Value) -> String {
    match error["code"].as_str().unwrap_or("no code") {
        "too_many_attempts" => "token_refused".to_owned(),
        code => code.to_owned(),
    }
}
