//! What the host says of itself: versions, limits, clock, triggers.

use super::Finding;
use jiff::Timestamp;
use physio_schema::plan::Plan;
use serde_json::Value;

/// Seconds of execution below which pages become so small that a first pull is slow.
const FEW_SECONDS: u64 = 5;
/// Bytes that a request surely needs.
const LITTLE_MEMORY: u64 = 32 << 20;
/// Seconds by which clocks may differ without anybody noticing.
const SKEW_S: i64 = 60;

pub(super) fn look(report: &Value, plan: &Plan) -> Vec<Finding> {
    let text = |name: &str| report[name].as_str().unwrap_or_default();
    vec![
        php(text("php"), text("sapi")),
        database(text("database"), text("driver")),
        time_limit(text("max_execution_time")),
        memory(text("memory_limit")),
        post_size(text("post_max_size"), u64::from(plan.sync.push_bytes)),
        gzip(report["gzip"] == true),
        clock("the host", text("time")),
        clock("the database", text("database_time")),
        fingerprint(text("fingerprint"), plan),
        triggers(report["triggers"].as_array(), plan),
    ]
}

fn php(version: &str, sapi: &str) -> Finding {
    let what = format!("PHP {version} ({sapi})");
    match numbers(version) {
        Some(found) if found >= (7, 4) => Finding::good(what),
        _ => Finding::bad(what, "the bridge needs PHP 7.4 or later: choose one in the host's panel"),
    }
}

fn database(version: &str, driver: &str) -> Finding {
    let is_maria = version.contains("MariaDB");
    let name = if is_maria { "MariaDB" } else { "MySQL" };
    // Old replication clients saw MariaDB 10 as 5.5.5-10…, and some hosts still show it so.
    let shown = version.strip_prefix("5.5.5-").filter(|_| is_maria).unwrap_or(version);
    let what = format!("{name} {shown}, through {driver}");
    let needed = if is_maria { (10, 3) } else { (5, 7) };
    match numbers(shown) {
        Some(found) if found >= needed => Finding::good(what),
        _ => Finding::bad(what, "the bridge needs MySQL 5.7 or MariaDB 10.3, or later: ask the host"),
    }
}

fn time_limit(seconds: &str) -> Finding {
    match seconds.parse::<u64>() {
        Ok(0) => Finding::good("a request may take any time"),
        Ok(limit) if limit >= FEW_SECONDS => Finding::good(format!("a request may take {limit} s")),
        _ => Finding::worse(
            format!("a request may take {seconds} s"),
            "long pulls come in many small pages; raise max_execution_time in the host's panel",
        ),
    }
}

fn memory(limit: &str) -> Finding {
    let what = format!("memory_limit is {limit}");
    match bytes(limit) {
        Some(limit) if limit < LITTLE_MEMORY => Finding::worse(what, "raise it to 64M in the host's panel"),
        Some(_) => Finding::good(what),
        None => Finding::good("memory is not limited"),
    }
}

fn post_size(limit: &str, needed: u64) -> Finding {
    let what = format!("post_max_size is {limit}");
    match bytes(limit) {
        Some(limit) if limit > 0 && limit < needed => Finding::bad(
            what,
            format!("pushes have up to {needed} bytes: raise it, or lower `push_bytes` in physio.toml"),
        ),
        _ => Finding::good(what),
    }
}

fn gzip(has_gzip: bool) -> Finding {
    if has_gzip {
        Finding::good("answers can be compressed")
    } else {
        Finding::worse(
            "answers cannot be compressed",
            "switch PHP's zlib on in the host's panel: pulls get faster",
        )
    }
}

fn clock(whose: &str, time: &str) -> Finding {
    let theirs = format!("{}Z", time.replace(' ', "T")).parse::<Timestamp>();
    let Ok(theirs) = theirs else {
        return Finding::worse(format!("{whose} does not tell its time"), "upload a new bundle");
    };
    let skew = theirs.as_second() - Timestamp::now().as_second();
    if skew.abs() <= SKEW_S {
        return Finding::good(format!("the clocks of {whose} and of this machine agree"));
    }
    let way = if skew > 0 { "ahead of" } else { "behind" };
    Finding::worse(
        format!("the clock of {whose} is {} s {way} this machine's", skew.abs()),
        "the sync does not use clocks, but tokens expire by the database's; set the wrong one right",
    )
}

fn fingerprint(theirs: &str, plan: &Plan) -> Finding {
    if theirs == plan.fingerprint {
        return Finding::good(format!("the bridge was made from this dump and physio.toml ({theirs})"));
    }
    Finding::worse(
        format!("the bridge was made from another dump or physio.toml ({theirs}, here {})", plan.fingerprint),
        "`cargo xtask check --bridge` says what differs; upload a new bundle and import install.sql",
    )
}

fn triggers(having: Option<&Vec<Value>>, plan: &Plan) -> Finding {
    let Some(having) = having else {
        return Finding::bad(
            "the sync tables are not in the database",
            "import phpmyadmin/install.sql of the bundle, or run `cargo xtask install-bridge`",
        );
    };
    let having: Vec<&str> = having.iter().filter_map(Value::as_str).collect();
    let names = plan.tables.iter().map(|table| table.name.as_str());
    let lacking: Vec<&str> = names.filter(|name| !having.contains(name)).collect();
    if lacking.is_empty() {
        return Finding::good(format!("triggers note the changes of all {} tables", plan.tables.len()));
    }
    Finding::worse(
        format!("no triggers note the changes of {}", lacking.join(", ")),
        "`cargo xtask install-bridge` says why; changes of these tables arrive later, or by a comparison only",
    )
}

/// The first two numbers of a version.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(['.', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// PHP's spelling of a size; `None`: no limit.
fn bytes(size: &str) -> Option<u64> {
    let size = size.trim();
    let digits = size.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: u64 = digits.parse().ok()?;
    let shift = match size[digits.len()..].to_ascii_uppercase().as_str() {
        "K" => 10,
        "M" => 20,
        "G" => 30,
        _ => 0,
    };
    Some(number << shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn versions_are_held_against_what_is_needed() {
        let level = |version| database(version, "mysqli").level;
        for good in ["10.3.39-MariaDB", "5.5.5-10.6.12-MariaDB-log", "11.4.2-MariaDB", "5.7.44-log", "8.4.0"]
        {
            assert_eq!(level(good), Level::Good, "{good}");
        }
        for old in ["10.1.48-MariaDB", "5.5.5-10.2.1-MariaDB", "5.6.51", ""] {
            assert_eq!(level(old), Level::Bad, "{old}");
        }
        assert_eq!(php("7.4.0", "fpm").level, Level::Good);
        assert_eq!(php("7.3.33", "fpm").level, Level::Bad);
    }

    #[test]
    fn sizes_are_read_as_php_reads_them() {
        let cases = [
            ("64M", Some(64 << 20)),
            ("512k", Some(512 << 10)),
            ("1G", Some(1 << 30)),
            ("100", Some(100)),
            ("-1", None),
        ];
        for (text, expected) in cases {
            assert_eq!(bytes(text), expected, "{text}");
        }
        assert_eq!(post_size("64K", 100_000).level, Level::Bad);
        assert_eq!(post_size("0", 100_000).level, Level::Good, "0 is no limit");
        assert_eq!(memory("16M").level, Level::Worse);
        assert_eq!(time_limit("2").level, Level::Worse);
    }

    #[test]
    fn a_clock_that_is_wrong_is_told_which_way() {
        let at = |seconds: i64| {
            let time = Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
            clock("the host", &time.strftime("%Y-%m-%d %H:%M:%S").to_string())
        };
        assert_eq!(at(5).level, Level::Good);
        assert!(at(19_800).what.contains("ahead of"), "{:?}", at(19_800));
        assert!(at(-600).what.contains("behind"));
        assert_eq!(clock("the host", "").level, Level::Worse);
    }
}
