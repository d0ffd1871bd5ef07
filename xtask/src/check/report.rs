//! What was found, for people and for programs.

use super::bridge::BridgeTable;
use crate::changes::{Changes, Sides, annotate};
use crate::dump_lines::DumpLines;
use crate::terminal::{BAD, FAINT, GOOD, HEADING, paint, say, say_bad, say_good};
use physio_schema::diff::Class;
use serde_json::{Value, json};

/// How to print the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
    /// Workflow commands: annotations at the lines of the dump.
    Github,
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
    Live(Changes),
    /// The deployed bridge was generated from something else: the changes that it describes, and tables that
    /// differ in what it does not tell.
    Bridge { dump: String, bridge: String, tables: Vec<BridgeTable>, changes: Changes },
}

impl Finding {
    /// Whether it makes the command fail when changes from this class on do.
    pub(super) fn is_failure(&self, threshold: Class) -> bool {
        match self {
            Self::Live(changes) => changes.worst() >= Some(threshold),
            Self::FileMissing { .. } | Self::FileDiffers { .. } | Self::Bridge { .. } => true,
        }
    }
}

/// Everything that is printed.
pub(super) struct Report {
    pub(super) compared: Vec<String>,
    pub(super) findings: Vec<Finding>,
    /// The dump's path, for annotations.
    pub(super) dump: String,
    pub(super) lines: DumpLines,
}

const SIDES: Sides = Sides { before: "dump", after: "live" };
const BRIDGE_SIDES: Sides = Sides { before: "dump", after: "bridge" };

impl Report {
    /// Prints it on standard output.
    pub(super) fn print(&self, format: Format) {
        match format {
            Format::Text => print_text(&self.compared, &self.findings),
            Format::Json => {
                let findings: Vec<Value> = self.findings.iter().flat_map(|f| self.to_json(f)).collect();
                let renames: Vec<Value> = self
                    .changes()
                    .flat_map(|c| c.offers_json().as_array().cloned().unwrap_or_default())
                    .collect();
                say(json!({ "ok": findings.is_empty(), "compared": self.compared, "findings": findings,
                            "renames": renames }));
            }
            Format::Github => self.findings.iter().flat_map(|f| self.to_github(f)).for_each(say),
        }
    }

    fn changes(&self) -> impl Iterator<Item = &Changes> {
        self.findings.iter().filter_map(|finding| match finding {
            Finding::Live(changes) | Finding::Bridge { changes, .. } => Some(changes),
            Finding::FileMissing { .. } | Finding::FileDiffers { .. } => None,
        })
    }

    fn to_json(&self, finding: &Finding) -> Vec<Value> {
        match finding {
            Finding::FileMissing { path } => vec![json!({ "kind": "file-missing", "path": path })],
            Finding::FileDiffers { path, same_plan, diff } => {
                vec![json!({ "kind": "file-differs", "path": path, "same_plan": same_plan, "diff": diff })]
            }
            Finding::Live(changes) => {
                let mut all = changes.to_json(SIDES, &self.dump, &self.lines);
                all.iter_mut().for_each(|value| value["kind"] = json!("live-differs"));
                all
            }
            Finding::Bridge { dump, bridge, tables, changes } => {
                let tables: Vec<Value> = tables.iter().map(BridgeTable::to_json).collect();
                let changes = changes.to_json(BRIDGE_SIDES, &self.dump, &self.lines);
                vec![json!({ "kind": "bridge-differs", "dump": dump, "bridge": bridge, "tables": tables,
                             "changes": changes })]
            }
        }
    }

    fn to_github(&self, finding: &Finding) -> Vec<String> {
        match finding {
            Finding::FileMissing { path } => {
                let what = "run `cargo xtask regenerate` and commit the result";
                vec![annotate("error", Some((path, 1)), "a generated file is missing", what)]
            }
            Finding::FileDiffers { path, same_plan, diff } => {
                let message = format!("{}; run `cargo xtask regenerate`\n{diff}", why(*same_plan));
                vec![annotate("error", Some((path, 1)), "a generated file differs", &message)]
            }
            Finding::Live(changes) => changes.to_github(&self.dump, &self.lines),
            Finding::Bridge { tables, changes, .. } if tables.is_empty() && changes.found.is_empty() => {
                let title = "the deployed bridge was generated from another schema";
                vec![annotate("error", Some((&self.dump, 1)), title, "upload php-bridge/ again")]
            }
            Finding::Bridge { tables, changes, .. } => {
                let mut all = changes.to_github(&self.dump, &self.lines);
                all.extend(tables.iter().map(|table| {
                    let title = format!("{}: the deployed bridge has another schema", table.name);
                    let place = (self.dump.as_str(), self.lines.of(&table.name, None));
                    annotate("error", Some(place), &title, &table.to_string())
                }));
                all
            }
        }
    }
}

fn why(same_plan: bool) -> &'static str {
    if same_plan {
        "was edited by hand, or the generator changed"
    } else {
        "is older than the dump or physio.toml"
    }
}

fn print_text(compared: &[String], findings: &[Finding]) {
    for finding in findings {
        match finding {
            Finding::FileMissing { path } => say_bad(format!("{path} is missing")),
            Finding::FileDiffers { path, same_plan, diff } => {
                say_bad(format!("{path} {}", why(*same_plan)));
                print_diff(diff);
            }
            Finding::Live(changes) => {
                changes.print(SIDES);
                say(format!("\n{}", changes.summary()));
            }
            Finding::Bridge { dump, bridge, tables, changes } => {
                say_bad("the deployed bridge was generated from another schema");
                say(format!("    {} {dump}", paint(GOOD, "dump  ")));
                say(format!("    {} {bridge}", paint(BAD, "bridge")));
                changes.print(BRIDGE_SIDES);
                for table in tables {
                    say(format!("    {}: {table}", paint(HEADING, &table.name)));
                }
                if !changes.found.is_empty() {
                    say(format!("\n{}", changes.summary()));
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

fn print_advice(findings: &[Finding]) {
    say("");
    if findings.iter().any(|f| matches!(f, Finding::FileMissing { .. } | Finding::FileDiffers { .. })) {
        say("Generated files: run `cargo xtask regenerate` and commit the result.");
    }
    if findings.iter().any(|f| matches!(f, Finding::Live(_))) {
        say("Live database: migrate it, or take its schema over with `cargo xtask pull-schema`.");
    }
    if findings.iter().any(|f| matches!(f, Finding::Bridge { .. })) {
        say("Bridge: upload php-bridge/ again and run its install SQL.");
    }
}
