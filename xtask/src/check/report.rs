//! What was found, for people and for programs.

use crate::live::Difference;
use crate::terminal::{BAD, FAINT, GOOD, HEADING, paint, say, say_bad, say_good};
use serde_json::{Value, json};

/// How to print the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// One thing that is not as the dump says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// A generated file is missing.
    FileMissing { path: String },
    /// A generated file differs, though the dump did not change (`same_plan`) or because it did; `diff` is in
    /// unified form.
    FileDiffers { path: String, same_plan: bool, diff: String },
    /// The live database differs.
    Live { difference: Difference, synced: bool },
    /// The deployed bridge was generated from something else; the tables that differ, when it tells.
    Bridge { dump: String, bridge: String, tables: Vec<String> },
}

/// Prints the report on standard output.
pub(super) fn print(format: Format, compared: &[String], findings: &[Finding]) {
    match format {
        Format::Text => print_text(compared, findings),
        Format::Json => {
            let findings: Vec<Value> = findings.iter().map(to_json).collect();
            say(json!({ "ok": findings.is_empty(), "compared": compared, "findings": findings }));
        }
    }
}

fn print_text(compared: &[String], findings: &[Finding]) {
    let mut last_table = None;
    for finding in findings {
        match finding {
            Finding::FileMissing { path } => say_bad(format!("{path} is missing")),
            Finding::FileDiffers { path, same_plan, diff } => {
                let why = if *same_plan {
                    "was edited by hand, or the generator changed"
                } else {
                    "is older than the dump or physio.toml"
                };
                say_bad(format!("{path} {why}"));
                print_diff(diff);
            }
            Finding::Live { difference, synced } => {
                if last_table != Some(&difference.table) {
                    let note = if *synced { "" } else { " (not synced)" };
                    say(format!(
                        "{} {}{}",
                        paint(BAD, "✗"),
                        paint(HEADING, &difference.table),
                        paint(FAINT, note)
                    ));
                    last_table = Some(&difference.table);
                }
                print_difference(difference);
            }
            Finding::Bridge { dump, bridge, tables } => {
                say_bad("the deployed bridge was generated from another schema");
                say(format!("    {} {dump}", paint(GOOD, "dump  ")));
                say(format!("    {} {bridge}", paint(BAD, "bridge")));
                if !tables.is_empty() {
                    say(format!("    tables that differ: {}", tables.join(", ")));
                }
            }
        }
    }
    if findings.is_empty() {
        for what in compared {
            say_good(format!("{what}: no difference"));
        }
    } else {
        print_advice(findings);
    }
}

fn print_diff(diff: &str) {
    for line in diff.lines() {
        let style = match line.as_bytes().first() {
            Some(b'+') => GOOD,
            Some(b'-') => BAD,
            _ => FAINT,
        };
        say(format!("    {}", paint(style, line)));
    }
}

fn print_difference(difference: &Difference) {
    let (what, is_missing) = (&difference.what, "not there");
    say(format!("    {what}"));
    say(format!("      {} {}", paint(GOOD, "dump"), difference.dump.as_deref().unwrap_or(is_missing)));
    say(format!("      {} {}", paint(BAD, "live"), difference.live.as_deref().unwrap_or(is_missing)));
}

fn print_advice(findings: &[Finding]) {
    say("");
    if findings.iter().any(|f| matches!(f, Finding::FileMissing { .. } | Finding::FileDiffers { .. })) {
        say("Generated files: run `cargo xtask regenerate` and commit the result.");
    }
    if findings.iter().any(|f| matches!(f, Finding::Live { .. })) {
        say("Live database: migrate it, or take its schema over with `cargo xtask pull-schema`.");
    }
    if findings.iter().any(|f| matches!(f, Finding::Bridge { .. })) {
        say("Bridge: upload php-bridge/ again and run its install SQL.");
    }
}

fn to_json(finding: &Finding) -> Value {
    match finding {
        Finding::FileMissing { path } => json!({ "kind": "file-missing", "path": path }),
        Finding::FileDiffers { path, same_plan, diff } => {
            json!({ "kind": "file-differs", "path": path, "same_plan": same_plan, "diff": diff })
        }
        Finding::Live { difference, synced } => json!({
            "kind": "live-differs", "table": difference.table, "what": difference.what,
            "dump": difference.dump, "live": difference.live, "synced": synced,
        }),
        Finding::Bridge { dump, bridge, tables } => {
            json!({ "kind": "bridge-differs", "dump": dump, "bridge": bridge, "tables": tables })
        }
    }
}
