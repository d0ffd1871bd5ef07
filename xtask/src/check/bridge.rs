//! The fingerprint of a deployed bridge.

use super::report::Finding;
use anyhow::{Context, Result, anyhow, bail};
use physio_schema::plan::Plan;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// Bytes of the answer's first line that are looked at: fingerprints of some hundred tables.
const FIRST_LINE_BYTES: u64 = 1 << 20;

/// Asks the bridge for its present cursor and compares fingerprints.
///
/// # Errors
///
/// When the bridge does not answer, refuses the token, or answers something else than the protocol.
pub(super) fn check_bridge(url: &str, token_file: &Path, plan: &Plan) -> Result<Option<Finding>> {
    let token = std::fs::read_to_string(token_file)
        .with_context(|| format!("cannot read the token from {}", token_file.display()))?;
    let first_line = fetch_first_line(url, token.lines().next().unwrap_or_default().trim(), plan)?;
    parse_first_line(&first_line, plan).with_context(|| format!("the bridge at {}", shown(url)))
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

fn fetch_first_line(url: &str, token: &str, plan: &Plan) -> Result<String> {
    let agent = ureq::Agent::new_with_config(
        ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(30)))
            .http_status_as_error(false)
            .build(),
    );
    let place = || format!("the bridge at {} does not answer", shown(url));
    let mut answer = agent
        .get(format!("{}/sync.php?since=new", url.trim_end_matches('/')))
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

fn parse_first_line(line: &str, plan: &Plan) -> Result<Option<Finding>> {
    let answer: Value = serde_json::from_str(line).context("its first line is not JSON")?;
    let bridge = answer["fingerprint"].as_str().context("its first line holds no fingerprint")?;
    if bridge == plan.fingerprint {
        return Ok(None);
    }
    let tables = plan
        .tables
        .iter()
        .filter(|table| {
            answer["tables"].is_object() && answer["tables"][&table.name].as_str() != Some(&table.fingerprint)
        })
        .map(|table| table.name.clone())
        .collect();
    Ok(Some(Finding::Bridge { dump: plan.fingerprint.clone(), bridge: bridge.to_owned(), tables }))
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
