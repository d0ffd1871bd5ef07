//! The fingerprint of a deployed bridge.

use super::report::Finding;
use anyhow::{Context, Result, anyhow, bail};
use physio_schema::diff::Class;
use physio_schema::plan::{Plan, TablePlan};
use serde_json::{Value, json};
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// Bytes of the answer's first line that are looked at: fingerprints of some hundred tables.
const FIRST_LINE_BYTES: u64 = 1 << 20;

/// How a table of the bridge differs from the dump's.
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
            TableDifference::Declaration => ("declaration-changed", None),
            TableDifference::Unknown => ("unknown", None),
        };
        let (dropped, added) = match &self.difference {
            TableDifference::Columns { dropped, added } => (json!(dropped), json!(added)),
            TableDifference::Missing
            | TableDifference::Order
            | TableDifference::Declaration
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
            TableDifference::Unknown => f.write_str("the bridge did not tell its columns"),
        }
    }
}

/// Asks the bridge for its present cursor and compares fingerprints; for tables that differ also their columns.
///
/// # Errors
///
/// When the bridge does not answer, refuses the token, or answers something else than the protocol.
pub(super) fn check_bridge(url: &str, token_file: &Path, plan: &Plan) -> Result<Option<Finding>> {
    let token = std::fs::read_to_string(token_file)
        .with_context(|| format!("cannot read the token from {}", token_file.display()))?;
    let token = token.lines().next().unwrap_or_default().trim();
    let first_line = fetch_first_line(url, "sync.php?since=new", token, plan)?;
    let place = || format!("the bridge at {}", shown(url));
    let Some((bridge, differing)) = parse_first_line(&first_line, plan).with_context(place)? else {
        return Ok(None);
    };
    let tables = differing.into_iter().map(|(table, is_served)| {
        let difference = if is_served {
            let asked = format!("read.php?table={}&key={}", encoded(&table.name), encoded(&no_key(table)));
            fetch_first_line(url, &asked, token, plan)
                .ok()
                .and_then(|line| parse_columns(&line))
                .map_or(TableDifference::Unknown, |columns| compare_columns(table, &columns))
        } else {
            TableDifference::Missing
        };
        BridgeTable { name: table.name.clone(), difference }
    });
    Ok(Some(Finding::Bridge { dump: plan.fingerprint.clone(), bridge, tables: tables.collect() }))
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

fn fetch_first_line(url: &str, request: &str, token: &str, plan: &Plan) -> Result<String> {
    let agent = ureq::Agent::new_with_config(
        ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(30)))
            .http_status_as_error(false)
            .build(),
    );
    let place = || format!("the bridge at {} does not answer", shown(url));
    let mut answer = agent
        .get(format!("{}/{request}", url.trim_end_matches('/')))
        .header("Authorization", format!("Bearer {token}"))
        .header("X-Physio-Token", token)
        .header("X-Physio-Device", "00000000000000000000000000000000")
        .header("X-Physio-Fingerprint", &plan.fingerprint)
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
        answer.body_mut().with_config().limit(FIRST_LINE_BYTES).read_to_string().with_context(place)?;
    let first = body.lines().next().unwrap_or_default().to_owned();
    if status == 200 {
        return Ok(first);
    }
    let code = serde_json::from_str::<Value>(&first)
        .ok()
        .and_then(|v| Some(v["error"]["code"].as_str()?.to_owned()));
    match code {
        Some(code) => bail!("the bridge at {} answers {status} {code}", shown(url)),
        None => bail!("{} answers {status}, and not as a bridge does", shown(url)),
    }
}

/// The bridge's fingerprint and the tables that differ, each with whether the bridge serves it.
type Handshake<'p> = (String, Vec<(&'p TablePlan, bool)>);

/// `None` when all is the same.
fn parse_first_line<'p>(line: &str, plan: &'p Plan) -> Result<Option<Handshake<'p>>> {
    let answer: Value = serde_json::from_str(line).context("its first line is not JSON")?;
    let bridge = answer["fingerprint"].as_str().context("its first line holds no fingerprint")?;
    if bridge == plan.fingerprint {
        return Ok(None);
    }
    let Some(theirs) = answer["tables"].as_object() else { return Ok(Some((bridge.to_owned(), Vec::new()))) };
    let differing = plan.tables.iter().filter_map(|table| {
        let their = theirs.get(&table.name).and_then(Value::as_str);
        (their != Some(&table.fingerprint)).then_some((table, their.is_some()))
    });
    Ok(Some((bridge.to_owned(), differing.collect())))
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
