//! What rustc really says of the probe under a mutated dump.

use super::kind::Mutation;
use super::{config_of, config_text, probe};
use physio_schema::describe::{Surface, describe};
use physio_schema::diff::emit_schema;
use physio_schema::model::Schema;
use physio_schema::plan;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// One mutation's answer of rustc beside the one that was foreseen.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Position in the list that was given.
    pub at: usize,
    /// `Surface` says that the probe does not compile.
    pub foreseen: bool,
    /// rustc says so.
    pub refused: bool,
}

/// Compiles the probe of the older dump against each mutated dump, all in one cargo run.
///
/// Only the mutated table is synced on both sides, so that a run does not take minutes; the foreseen answer is
/// made from the same two files.
///
/// # Errors
///
/// When cargo cannot be run, or a file cannot be written.
pub fn compile(
    older: &Schema,
    mutations: &[&Mutation],
    folder: &Path,
    target: &Path,
) -> Result<Vec<Answer>, String> {
    let write = |path: &Path, text: &str| {
        let parent = path.parent().ok_or("no folder")?;
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(path, text))
            .map_err(|error| error.to_string())
    };
    let runtime = crate::harness::app::repository().join("physio-runtime");
    write(
        &folder.join("Cargo.toml"),
        &format!(
            "[package]\nname = \"physio-probe\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
             [dependencies]\nphysio-runtime = {{ path = {runtime:?} }}\n\n[workspace]\n"
        ),
    )?;
    let lock = crate::harness::app::repository().join("Cargo.lock");
    std::fs::copy(lock, folder.join("Cargo.lock")).map_err(|error| error.to_string())?;
    let mut answers = Vec::new();
    for (at, mutation) in mutations.iter().enumerate() {
        let foreseen = write_one(older, mutation, at, folder, &write)?;
        answers.push(Answer { at, foreseen, refused: false });
    }
    let refused = run(folder, target)?;
    for answer in &mut answers {
        let name = format!("m{}", answer.at);
        answer.refused = *refused.get(&name).ok_or_else(|| format!("cargo says nothing of {name}"))?;
    }
    Ok(answers)
}

fn write_one(
    older: &Schema,
    mutation: &Mutation,
    at: usize,
    folder: &Path,
    write: &dyn Fn(&Path, &str) -> Result<(), String>,
) -> Result<bool, String> {
    // A table that has no key is not synced: any other stands in, and nothing is expected to break.
    let is_synced = |table: &str| plan::build(older, &config_of(&[table])).is_ok();
    let tables: Vec<&str> = std::iter::once(mutation.table.as_str())
        .chain(older.tables.iter().map(|table| table.name.as_str()))
        .filter(|table| is_synced(table))
        .take(1)
        .collect();
    let surface = |schema: &Schema| {
        let plan = plan::build(schema, &config_of(&tables)).ok()?;
        let description = describe(&plan, schema);
        Some((Surface::of(&description), description))
    };
    let (before, description) = surface(older).ok_or("the older dump makes no plan")?;
    let foreseen = surface(&mutation.schema).is_none_or(|(after, _)| !before.broken_by(&after).is_empty());
    let own = folder.join(format!("m{at}"));
    write(&own.join("physio.toml"), &config_text(&tables))?;
    write(&own.join("dump.sql"), &emit_schema(&mutation.schema))?;
    let source = probe::source(&description, &format!("m{at}/physio.toml"));
    write(&folder.join(format!("src/bin/m{at}.rs")), &source)?;
    Ok(foreseen)
}

/// Which programs do not compile, by name.
fn run(folder: &Path, target: &Path) -> Result<BTreeMap<String, bool>, String> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "check",
            "--offline",
            "--bins",
            "--keep-going",
            "--message-format=json",
            "--quiet",
            "--target-dir",
        ])
        .arg(target)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    let mut refused = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
        let is_program = message["target"]["kind"][0] == "bin";
        let Some(name) = message["target"]["name"].as_str().filter(|_| is_program) else { continue };
        match message["reason"].as_str() {
            Some("compiler-message") if message["message"]["level"] == "error" => {
                refused.insert(name.to_owned(), true);
            }
            Some("compiler-artifact") => {
                refused.entry(name.to_owned()).or_insert(false);
            }
            _ => {}
        }
    }
    if refused.is_empty() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(refused)
}
