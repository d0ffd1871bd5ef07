//! `branches.state`, misspelt against the present dump, and asked of a dump that lacks it.

use physio_runtime::FromRow;

#[derive(FromRow)]
#[physio(table = "branches")]
struct MisspeltBranch {
    sate: Option<String>,
}

#[derive(FromRow)]
#[physio(table = "branches", config = "missing/physio.toml")]
struct MissingBranch {
    state: Option<String>,
}

fn main() {}
