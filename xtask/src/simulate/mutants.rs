//! `cargo xtask simulate --mutants`: does the simulation notice faults that were put in on purpose?
//!
//! Each patch is applied to a copy of the sources, which is built with its own target folder, so that neither the
//! working tree nor its programs ever hold a mistake.

use crate::terminal::{BAD, FAINT, GOOD, paint, say, say_heading};
use crate::{Verdict, project, subprocess};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the patches are.
const PATCHES: &str = "tests/fixtures/simulation/mutants";
/// Plans that found a mistake once.
const KEPT: &str = "tests/fixtures/simulation";
/// Where the copy and its build are.
const WORK: &str = "target/mutants";

/// A patch and what became of it.
struct Mutant {
    name: String,
    patch: PathBuf,
    /// `None`: nothing failed.
    caught: Option<Caught>,
}

/// How a mutant was noticed.
struct Caught {
    /// A kept plan, or the number of seeds until the first failure.
    by: String,
    /// What it said.
    message: String,
}

/// Runs the kept plans and then `n_seeds` seeds at the most on every mutant whose name has `only` in it.
pub(super) fn run(n_seeds: u64, only: Option<&str>) -> Result<Verdict> {
    let tree = project::root().join(WORK).join("tree");
    let mut mutants = load(only)?;
    for mutant in &mut mutants {
        say_heading(&mutant.name);
        bring_up_to_date(&tree)?;
        apply(&tree, &mutant.patch)?;
        let program = build(&tree)?;
        mutant.caught = match try_kept(&program)? {
            None => try_seeds(&program, n_seeds)?,
            caught => caught,
        };
        say(told(mutant, n_seeds));
    }
    // What is left behind there has no fault in it.
    bring_up_to_date(&tree)?;
    say_heading("Mutants");
    for mutant in &mutants {
        say(format!("{:<44} {}", mutant.name, told(mutant, n_seeds)));
    }
    let n_alive = mutants.iter().filter(|mutant| mutant.caught.is_none()).count();
    say(format!("\n{} of {} caught", mutants.len() - n_alive, mutants.len()));
    Ok(if n_alive == 0 { Verdict::Good } else { Verdict::Different })
}

fn told(mutant: &Mutant, n_seeds: u64) -> String {
    match &mutant.caught {
        Some(Caught { by, message }) => {
            let message: String = message.chars().take(120).collect();
            format!("{} {by}: {}", paint(GOOD, "caught"), paint(FAINT, message))
        }
        None => format!("{} by the kept plans and {n_seeds} seeds", paint(BAD, "NOT caught")),
    }
}

fn load(only: Option<&str>) -> Result<Vec<Mutant>> {
    let folder = project::root().join(PATCHES);
    let files = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut mutants = Vec::new();
    for file in files {
        let patch = file?.path();
        let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_patch = patch.extension().is_some_and(|extension| extension == "patch");
        if is_patch && only.is_none_or(|only| name.contains(only)) {
            mutants.push(Mutant { name, patch, caught: None });
        }
    }
    ensure!(!mutants.is_empty(), "no patch of {PATCHES} has this name");
    mutants.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(mutants)
}

/// Makes the copy equal to the working tree. Equal files are left alone, so that they are not built again.
fn bring_up_to_date(tree: &Path) -> Result<()> {
    let mut list = subprocess::program("git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = list.output().context("cannot start `git`, which lists the sources")?;
    ensure!(output.status.success(), "`git ls-files` failed: is this a checkout of the repository?");
    for name in output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let name = std::str::from_utf8(name).context("a source file's name is not UTF-8")?;
        let (from, to) = (project::root().join(name), tree.join(name));
        // A file that was deleted and not committed yet.
        let Ok(bytes) = fs::read(&from) else { continue };
        if fs::read(&to).is_ok_and(|known| known == bytes) {
            continue;
        }
        let folder = to.parent().unwrap_or(tree);
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&to, bytes).with_context(|| format!("cannot write {}", to.display()))?;
    }
    Ok(())
}

fn apply(tree: &Path, patch: &Path) -> Result<()> {
    let mut git = Command::new("git");
    git.current_dir(tree).args(["apply", "--whitespace=nowarn"]).arg(patch);
    // The copy is no part of the repository that it lies in.
    git.env("GIT_CEILING_DIRECTORIES", tree.parent().unwrap_or(tree));
    if !subprocess::run_to_end(&mut git)? {
        bail!("{} does not fit the sources any more; make it anew", patch.display());
    }
    Ok(())
}

fn build(tree: &Path) -> Result<PathBuf> {
    let target = project::root().join(WORK);
    let mut cargo = subprocess::cargo();
    cargo.current_dir(tree).env("CARGO_TARGET_DIR", &target);
    cargo.args(["build", "--quiet", "--package", "physio-tests", "--bin", "physio-simulate"]);
    if !subprocess::run_to_end(&mut cargo)? {
        bail!("the mutant does not build; make its patch anew");
    }
    Ok(target.join("debug/physio-simulate"))
}

/// The first of the kept plans that fails.
fn try_kept(program: &Path) -> Result<Option<Caught>> {
    let folder = project::root().join(KEPT);
    let files = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut plans = files.map(|file| Ok(file?.path())).collect::<Result<Vec<_>>>()?;
    plans.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    plans.sort();
    for plan in plans {
        let output = Command::new(program).arg("--plan").arg(&plan).output();
        let output = output.with_context(|| format!("cannot start {}", program.display()))?;
        match output.status.code() {
            Some(0) => {}
            Some(1) => {
                let told = String::from_utf8_lossy(&output.stdout);
                let message = told.lines().last().unwrap_or_default().to_owned();
                let name = plan.file_stem().unwrap_or_default().to_string_lossy();
                return Ok(Some(Caught { by: format!("by the plan {name}"), message }));
            }
            _ => bail!("{} could not run: {}", plan.display(), String::from_utf8_lossy(&output.stderr)),
        }
    }
    Ok(None)
}

/// The number of seeds until one failed, and what it said.
fn try_seeds(program: &Path, n_seeds: u64) -> Result<Option<Caught>> {
    let mut simulate = Command::new(program);
    simulate.args(["--seeds", &format!("0..{n_seeds}"), "--twice", "0", "--shrinking-runs", "0"]);
    let output = simulate.output().with_context(|| format!("cannot start {}", program.display()))?;
    match output.status.code() {
        Some(0) => Ok(None),
        Some(1) => {
            let (n_seeds, message) = first_failure(&String::from_utf8_lossy(&output.stdout))?;
            Ok(Some(Caught { by: format!("after {n_seeds} seeds"), message }))
        }
        _ => bail!("the simulation could not run: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// From the line `seed 17: lost: …`.
fn first_failure(text: &str) -> Result<(u64, String)> {
    let found = text.lines().find_map(|line| {
        let (seed, message) = line.strip_prefix("seed ")?.split_once(": ")?;
        Some((seed.parse::<u64>().ok()? + 1, message.to_owned()))
    });
    found.context("a seed failed, and the simulation did not say which")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failing_seed_is_read_from_what_the_simulation_says() {
        let text = "seed 17: step 4: lost: a.b = w1.0 of device 0\nseed 30: torn: x\n";
        let (n_seeds, message) = first_failure(text).unwrap();
        assert_eq!((n_seeds, message.as_str()), (18, "step 4: lost: a.b = w1.0 of device 0"));
        assert!(first_failure("nothing\n").is_err());
    }

    #[test]
    fn every_patch_says_what_it_breaks_before_its_first_line() {
        for mutant in load(None).unwrap() {
            let text = fs::read_to_string(&mutant.patch).unwrap();
            let (why, diff) = text.split_once("diff --git ").unwrap();
            assert!(why.trim().len() > 20, "{}", mutant.name);
            assert!(diff.contains("\n@@ "), "{}", mutant.name);
        }
    }
}
