//! The fingerprint of a deployed bridge, and how its tables differ.

mod described;

use super::report::Finding;
use crate::changes::Changes;
use anyhow::{Context, Result, anyhow, bail};
use described::Described;
use physio_schema::diff::{ChangeKind, Class, DiffOptions};
use physio_schema::plan::{Plan, TablePlan};
use serde_json::{Value, json};
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// Bytes of an answer that are looked at: fingerprints of some hundred tables, or what fifty of them hold.
const ANSWER_BYTES: u64 = 8 << 20;

/// Names in one address; hosts cut long ones off.
const TABLES_PER_REQUEST: usize = 50;

/// How a table of the bridge differs from the dump's, where no list of changes says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BridgeTable {
    pub(super) name: String,
    pub(super) difference: TableDifference,
}

/// What a handshake and a list of columns can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TableDifference {
    /// The bridge does not serve it.
    Missing,
    /// Columns that the dump has and the bridge has not, and the other way round.
    Columns { dropped: Vec<String>, added: Vec<String> },
    /// The same columns in another order.
    Order,
    /// The columns are the same; a type, NULL, a default or a key is not.
    Declaration,
    /// All that a bridge describes is the same: a default, an index, a foreign key or a collation is not.
    Untold,
    /// Whether the bridge takes changes of it.
    Writable(bool),
    /// The bridge did not answer for the table.
    Unknown,
}

impl BridgeTable {
    /// `change` is a word of the same kind as in the changes of a live database.
    pub(super) fn to_json(&self) -> Value {
        let none: [&str; 0] = [];
        let (change, class) = match &self.difference {
            TableDifference::Missing => ("table-dropped", Some(Class::BreaksCode)),
            TableDifference::Columns { dropped, .. } if dropped.is_empty() => {
                ("columns-changed", Some(Class::Additive))
            }
            TableDifference::Columns { .. } => ("columns-changed", Some(Class::BreaksCode)),
            TableDifference::Order => ("columns-moved", Some(Class::Compatible)),
            TableDifference::Declaration | TableDifference::Untold => ("declaration-changed", None),
            TableDifference::Writable(true) => ("writable", Some(Class::Additive)),
            TableDifference::Writable(false) => ("read-only", Some(Class::BreaksCode)),
            TableDifference::Unknown => ("unknown", None),
        };
        let (dropped, added) = match &self.difference {
            TableDifference::Columns { dropped, added } => (json!(dropped), json!(added)),
            TableDifference::Missing
            | TableDifference::Order
            | TableDifference::Declaration
            | TableDifference::Untold
            | TableDifference::Writable(_)
            | TableDifference::Unknown => (json!(none), json!(none)),
        };
        json!({ "table": self.name, "change": change, "class": class, "dropped": dropped, "added": added })
    }
}

impl fmt::Display for BridgeTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.difference {
            TableDifference::Missing => write!(f, "the bridge does not serve it ({})", Class::BreaksCode),
            TableDifference::Columns { dropped, added } => {
                let mut parts = Vec::new();
                if !dropped.is_empty() {
                    parts.push(format!("the bridge lacks {} ({})", dropped.join(", "), Class::BreaksCode));
                }
                if !added.is_empty() {
                    parts.push(format!("the bridge has {} besides ({})", added.join(", "), Class::Additive));
                }
                f.write_str(&parts.join("; "))
            }
            TableDifference::Order => {
                write!(f, "the same columns in another order ({})", Class::Compatible)
            }
            TableDifference::Declaration => {
                f.write_str("the same columns, but a type, NULL, a default or a key differs")
            }
            TableDifference::Untold => f.write_str(
                "the same columns and key; a default, an index, a foreign key or a collation differs",
            ),
            TableDifference::Writable(true) => {
                write!(f, "the bridge takes changes of it ({})", Class::Additive)
            }
            TableDifference::Writable(false) => {
                write!(f, "the bridge takes no changes of it ({})", Class::BreaksCode)
            }
            TableDifference::Unknown => f.write_str("the bridge did not tell its columns"),
        }
    }
}

/// Where the bridge is, and what proves who asks.
struct Access<'a> {
    url: &'a str,
    token: &'a str,
    plan: &'a Plan,
}

/// Asks the bridge for its present cursor and compares fingerprints; tables that differ are described by the
/// bridge, or at least their columns are asked for where it is too old for that.
///
/// # Errors
///
/// When the bridge does not answer, refuses the token, or answers something else than the protocol.
pub(super) fn check_bridge(
    url: &str,
    token_file: &Path,
    plan: &Plan,
    options: &DiffOptions,
) -> Result<Option<Finding>> {
    let token = std::fs::read_to_string(token_file)
        .with_context(|| format!("cannot read the token from {}", token_file.display()))?;
    let token = token.lines().next().unwrap_or_default().trim();
    let access = Access { url, token, plan };
    let first_line = first_line(&access.fetch("sync.php?since=new")?);
    let place = || format!("the bridge at {}", shown(url));
    let Some(handshake) = parse_first_line(&first_line, plan).with_context(place)? else {
        return Ok(None);
    };
    let (tables, changes) = match access.describe(&handshake) {
        Some(described) => compare_described(plan, options, &handshake, &described),
        None => (access.compare_columns(&handshake), Changes::default()),
    };
    Ok(Some(Finding::Bridge {
        dump: plan.fingerprint.clone(),
        bridge: handshake.fingerprint,
        tables,
        changes,
    }))
}

/// Classed changes from the dump to the bridge, and what they do not say.
fn compare_described(
    plan: &Plan,
    options: &DiffOptions,
    handshake: &Handshake<'_>,
    described: &[Described],
) -> (Vec<BridgeTable>, Changes) {
    let names =
        |is_wanted: bool| handshake.differing.iter().filter(move |(_, is_served)| *is_served == is_wanted);
    let missing: Vec<&str> = names(false).map(|(table, _)| table.name.as_str()).collect();
    // Both sides name their row key.
    let options = DiffOptions { keys: Default::default(), ..options.clone() };
    let theirs = described::of_bridge(plan, &missing, described);
    let mut changes = Changes::between(&described::of_plan(plan), &theirs, &options);
    let is_told = |kind: ChangeKind| {
        use ChangeKind::{ForeignKeyAdded, ForeignKeyChanged, ForeignKeyDropped};
        !matches!(kind, ForeignKeyAdded | ForeignKeyChanged | ForeignKeyDropped)
    };
    changes.found.retain(|change| is_told(change.kind));
    let mut tables = Vec::new();
    for (table, _) in names(true) {
        let is_changed = changes.found.iter().any(|change| change.table == table.name);
        let known = described.iter().find(|known| known.table.name == table.name);
        let difference = match known {
            None => TableDifference::Unknown,
            Some(known) if known.writable != table.writable => TableDifference::Writable(known.writable),
            Some(_) if is_changed => continue,
            Some(_) => TableDifference::Untold,
        };
        tables.push(BridgeTable { name: table.name.clone(), difference });
    }
    (tables, changes)
}

impl Access<'_> {
    /// What the bridge says of the tables that differ and of those that the dump has not; `None` when it does not
    /// say it: a bridge that does not know the question answers `bad_request`.
    fn describe(&self, handshake: &Handshake<'_>) -> Option<Vec<Described>> {
        let served = handshake.differing.iter().filter(|(_, is_served)| *is_served);
        let mut names: Vec<&str> = served.map(|(table, _)| table.name.as_str()).collect();
        names.extend(handshake.unknown.iter().map(String::as_str));
        let mut described = Vec::new();
        for some in names.chunks(TABLES_PER_REQUEST) {
            let list: Vec<String> = some.iter().map(|name| encoded(name)).collect();
            let answer = self.fetch(&format!("sync.php?since=new&describe={}", list.join(","))).ok()?;
            described.extend(answer.lines().filter_map(described::of_line));
        }
        (!described.is_empty()).then_some(described)
    }

    fn compare_columns(&self, handshake: &Handshake<'_>) -> Vec<BridgeTable> {
        let compared = |table: &TablePlan| {
            let asked = format!("read.php?table={}&key={}", encoded(&table.name), encoded(&no_key(table)));
            let columns = self.fetch(&asked).ok().and_then(|answer| parse_columns(&first_line(&answer)));
            columns.map_or(TableDifference::Unknown, |columns| compare_columns(table, &columns))
        };
        let tables = handshake.differing.iter().map(|&(table, is_served)| BridgeTable {
            name: table.name.clone(),
            difference: if is_served { compared(table) } else { TableDifference::Missing },
        });
        tables.collect()
    }

    /// The body of an answer, at least its beginning.
    fn fetch(&self, request: &str) -> Result<String> {
        let agent = ureq::Agent::new_with_config(
            ureq::Agent::config_builder()
                .timeout_global(Some(Duration::from_secs(30)))
                .http_status_as_error(false)
                .build(),
        );
        let place = || format!("the bridge at {} does not answer", shown(self.url));
        let mut answer = agent
            .get(format!("{}/{request}", self.url.trim_end_matches('/')))
            .header("Authorization", format!("Bearer {}", self.token))
            .header("X-Physio-Token", self.token)
            .header("X-Physio-Device", "00000000000000000000000000000000")
            .header("X-Physio-Fingerprint", &self.plan.fingerprint)
            .header("X-Physio-Protocol", "1")
            .call()
            // The library's error may quote the URL, with a password in it.
            .map_err(|error| match error {
                ureq::Error::BadUri(_) => anyhow!("not a URL such as https://example.org/physio"),
                other => anyhow!(other),
            })
            .with_context(place)?;
        let status = answer.status().as_u16();
        let body =
            answer.body_mut().with_config().limit(ANSWER_BYTES).read_to_string().with_context(place)?;
        if status == 200 {
            return Ok(body);
        }
        let code = serde_json::from_str::<Value>(&first_line(&body))
            .ok()
            .and_then(|v| Some(v["error"]["code"].as_str()?.to_owned()));
        match code {
            Some(code) => bail!("the bridge at {} answers {status} {code}", shown(self.url)),
            None => bail!("{} answers {status}, and not as a bridge does", shown(self.url)),
        }
    }
}

fn first_line(body: &str) -> String {
    body.lines().next().unwrap_or_default().to_owned()
}

/// A key that no row should have: the answer's first line names the columns, and no row need follow.
fn no_key(table: &TablePlan) -> String {
    json!(table.key.iter().map(|_| "0").collect::<Vec<_>>()).to_string()
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn parse_columns(line: &str) -> Option<Vec<String>> {
    let answer: Value = serde_json::from_str(line).ok()?;
    answer["columns"].as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}

fn compare_columns(table: &TablePlan, theirs: &[String]) -> TableDifference {
    let ours: Vec<&String> = table.columns.iter().map(|column| &column.name).collect();
    let dropped: Vec<String> =
        ours.iter().filter(|name| !theirs.contains(name)).map(|n| (*n).clone()).collect();
    let added: Vec<String> = theirs.iter().filter(|name| !ours.contains(name)).cloned().collect();
    if !dropped.is_empty() || !added.is_empty() {
        TableDifference::Columns { dropped, added }
    } else if ours.into_iter().eq(theirs) {
        TableDifference::Declaration
    } else {
        TableDifference::Order
    }
}

/// The URL without anything that might be secret in it.
pub(super) fn shown(url: &str) -> String {
    let without_query = url.split(['?', '#']).next().unwrap_or_default();
    match without_query.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}/{path}")
        }
        None => without_query.to_owned(),
    }
}

/// What the first line of an answer tells.
struct Handshake<'p> {
    fingerprint: String,
    /// The dump's tables that differ, each with whether the bridge serves it.
    differing: Vec<(&'p TablePlan, bool)>,
    /// Tables that only the bridge has.
    unknown: Vec<String>,
}

/// `None` when all is the same.
fn parse_first_line<'p>(line: &str, plan: &'p Plan) -> Result<Option<Handshake<'p>>> {
    let answer: Value = serde_json::from_str(line).context("its first line is not JSON")?;
    let fingerprint = answer["fingerprint"].as_str().context("its first line holds no fingerprint")?;
    if fingerprint == plan.fingerprint {
        return Ok(None);
    }
    let (mut differing, mut unknown) = (Vec::new(), Vec::new());
    if let Some(theirs) = answer["tables"].as_object() {
        differing.extend(plan.tables.iter().filter_map(|table| {
            let their = theirs.get(&table.name).and_then(Value::as_str);
            (their != Some(&table.fingerprint)).then_some((table, their.is_some()))
        }));
        unknown.extend(theirs.keys().filter(|name| plan.table(name).is_none()).cloned());
    }
    Ok(Some(Handshake { fingerprint: fingerprint.to_owned(), differing, unknown }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_secrets() {
        assert_eq!(shown("https://user:s3cret@example.org/physio?x=s3cret"), "https://example.org/physio");
        assert_eq!(shown("http://localhost:8080"), "http://localhost:8080/");
    }
}
