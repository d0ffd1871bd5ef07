//! Where a relative path in a macro leads.

use proc_macro2::Span;
use std::path::{Path, PathBuf};

/// Directories in which the search begins: the crate's, then the source file's.
///
/// The second finds the file for programs that are compiled from somewhere else, as trybuild does.
pub(super) fn starting_points(span: Span) -> Vec<PathBuf> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let file = span.local_file().and_then(|file| file.canonicalize().ok());
    let beside = file.and_then(|file| file.parent().map(Path::to_owned));
    manifest.into_iter().chain(beside).collect()
}

/// The file's absolute path: in a starting point or in a directory above it, up to the root of its workspace.
pub(super) fn find_config(path: &str, starting_points: &[PathBuf]) -> Result<PathBuf, String> {
    starting_points
        .iter()
        .flat_map(|start| up_to_workspace(start))
        .map(|directory| directory.join(path))
        .find(|candidate| candidate.is_file())
        .map(|found| found.canonicalize().unwrap_or(found))
        .ok_or_else(|| {
            format!(
                "`{path}` is neither beside this crate's Cargo.toml or this source file, nor in a directory \
                 above them: create it, or correct the path"
            )
        })
}

fn up_to_workspace(start: &Path) -> Vec<&Path> {
    let mut directories = Vec::new();
    for directory in start.ancestors() {
        directories.push(directory);
        let manifest = std::fs::read_to_string(directory.join("Cargo.toml")).unwrap_or_default();
        if manifest.lines().any(|line| line.trim() == "[workspace]") {
            break;
        }
    }
    directories
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A directory of its own under the target directory's temporary one.
    fn scratch(name: &str) -> PathBuf {
        let root = std::env::temp_dir().join(format!("physio-derive-{}-{name}", std::process::id()));
        fs::create_dir_all(root.join("outer/inner/src")).unwrap();
        root
    }

    #[test]
    fn the_nearest_file_wins_and_the_workspace_ends_the_search() {
        let root = scratch("nearest");
        let inner = root.join("outer/inner");
        fs::write(root.join("physio.toml"), "").unwrap();
        assert!(
            find_config("physio.toml", std::slice::from_ref(&inner))
                .unwrap()
                .starts_with(root.canonicalize().unwrap())
        );
        fs::write(root.join("outer/Cargo.toml"), "[workspace]\n").unwrap();
        assert!(find_config("physio.toml", std::slice::from_ref(&inner)).is_err());
        fs::write(root.join("outer/physio.toml"), "").unwrap();
        let found = find_config("physio.toml", &[inner]).unwrap();
        assert_eq!(found, root.canonicalize().unwrap().join("outer/physio.toml"));
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_missing_file_is_told_by_the_name_that_was_written() {
        let error = find_config("no/such.toml", &[PathBuf::from("/nonexistent")]).unwrap_err();
        assert!(error.starts_with("`no/such.toml` is neither"), "{error}");
    }
}
