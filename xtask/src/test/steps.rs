//! The steps of a test run, in the order in which a person would want to hear about a mistake.

use super::Part;
use crate::subprocess;
use std::process::Command;

/// One program that must succeed.
pub(super) struct Step {
    pub(super) part: Part,
    pub(super) title: &'static str,
    pub(super) command: Command,
    /// Whether it needs something of Debian's packages: MariaDB, PHP, Node, a C++ compiler, OpenSSL's headers.
    pub(super) needs_packages: bool,
}

/// Every step.
pub(super) fn all() -> Vec<Step> {
    let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--all-features"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    let mut simulation = cargo(&["test", "--workspace", "--all-features", "--test", "simulation", "--"]);
    simulation.arg("nothing_is_lost").env("PHYSIO_SIMULATION_SEEDS", "2000");
    let mut php = subprocess::program("php");
    php.arg("php-bridge/tests/run.php");
    vec![
        step(Part::Format, "Formatting", cargo(&["fmt", "--all", "--check"])),
        step(Part::Generated, "Generated files", cargo(&["xtask", "check"])),
        with_packages(
            Part::Lint,
            "Lints",
            cargo(&["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]),
        ),
        with_packages(Part::Doc, "Documentation", doc),
        with_packages(Part::Fuzz, "Fuzzing, for a short time", cargo(&["xtask", "fuzz", "--seconds", "20"])),
        with_packages(Part::Php, "PHP bridge", php),
        with_packages(
            Part::Rust,
            "Rust, on real MariaDB and PHP",
            cargo(&["test", "--workspace", "--all-features", "--no-fail-fast"]),
        ),
        // Behind the tests, whose build it uses.
        step(Part::Simulation, "Simulation, 2,000 seeds", simulation),
    ]
}

fn step(part: Part, title: &'static str, command: Command) -> Step {
    Step { part, title, command, needs_packages: false }
}

fn with_packages(part: Part, title: &'static str, command: Command) -> Step {
    Step { part, title, command, needs_packages: true }
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = subprocess::cargo();
    command.args(arguments);
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_part_can_be_asked_for_alone() {
        for part in Part::value_variants() {
            assert!(all().iter().any(|step| step.part == *part), "{part:?} has no step");
        }
    }
}
