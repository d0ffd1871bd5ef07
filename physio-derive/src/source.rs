//! Finding, reading and remembering physio.toml and the dump: the only IO of this crate.

mod locate;
mod read;
#[cfg(test)]
pub(crate) mod sample;

use physio_schema::describe::Description;
use physio_schema::model::Schema;
use physio_schema::plan::Plan;
use proc_macro2::Span;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A physio.toml with its dump, and what is generated from them.
#[derive(Debug)]
pub(crate) struct Source {
    /// As the caller wrote it, for messages.
    pub(crate) config_name: String,
    /// Absolute.
    pub(crate) config_path: PathBuf,
    /// Absolute.
    pub(crate) dump_path: PathBuf,
    pub(crate) schema: Schema,
    pub(crate) plan: Plan,
    pub(crate) description: Description,
}

/// Sources of this compilation, by physio.toml. A program with many derives reads its dump once; an editor's
/// server, which lives on, sees changes because the bytes are compared.
static KNOWN: Mutex<Option<HashMap<PathBuf, Remembered>>> = Mutex::new(None);

struct Remembered {
    config: Vec<u8>,
    dump: Vec<u8>,
    source: Arc<Source>,
}

/// The source behind a path that stands at `span`.
///
/// # Errors
///
/// One message per mistake: the file is not found, or it or its dump does not make a plan.
pub(crate) fn find_source(path: &str, span: Span) -> Result<Arc<Source>, Vec<String>> {
    let config_path =
        locate::find_config(path, &locate::starting_points(span)).map_err(|error| vec![error])?;
    let config_bytes = read_file(&config_path, path)?;
    if let Some(known) = remembered(&config_path, &config_bytes) {
        return Ok(known);
    }
    let config = read::parse_config(path, &config_bytes)?;
    let dump_path = config_path.parent().unwrap_or(Path::new(".")).join(&config.app.dump);
    let dump_bytes = read_file(&dump_path, &config.app.dump).map_err(|messages| {
        messages.into_iter().map(|message| format!("{path}: {message}")).collect::<Vec<_>>()
    })?;
    let source = Arc::new(read::read_source(path, config_path, dump_path, &config, &dump_bytes)?);
    let entry = Remembered { config: config_bytes, dump: dump_bytes, source: Arc::clone(&source) };
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.get_or_insert_default().insert(source.config_path.clone(), entry);
    Ok(source)
}

fn remembered(config_path: &Path, config: &[u8]) -> Option<Arc<Source>> {
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let entry = known.as_ref()?.get(config_path)?;
    let is_same =
        entry.config == config && std::fs::read(&entry.source.dump_path).is_ok_and(|dump| dump == entry.dump);
    is_same.then(|| Arc::clone(&entry.source))
}

fn read_file(path: &Path, name: &str) -> Result<Vec<u8>, Vec<String>> {
    std::fs::read(path).map_err(|error| {
        let reason = match error.kind() {
            std::io::ErrorKind::NotFound => "it is not there".to_owned(),
            _ => error.to_string(),
        };
        vec![format!("cannot read `{name}`: {reason}")]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const CONFIG: &str = "[app]\nname = \"a\"\ndump = \"dump.sql\"\n[server.tokens]\ntable = \"tokens\"\ntoken = \"t\"\n\
                          [access]\nopen = true\n[[waves]]\nname = \"all\"\ntables = [\"*\"]\n";

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str, config: &str, dump: Option<&str>) -> Self {
            let directory = std::env::temp_dir().join(format!("physio-derive-{}-{name}", std::process::id()));
            fs::create_dir_all(&directory).unwrap();
            fs::write(directory.join("physio.toml"), config).unwrap();
            if let Some(dump) = dump {
                fs::write(directory.join("dump.sql"), dump).unwrap();
            }
            Self(directory)
        }

        fn find(&self) -> Result<Arc<Source>, Vec<String>> {
            find_source(&self.0.join("physio.toml").to_string_lossy(), Span::call_site())
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            // A directory that stays behind in the temporary one harms nobody.
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_source_is_read_once_until_one_of_its_files_changes() {
        let files = Scratch::new("changes", CONFIG, Some("CREATE TABLE a (id int PRIMARY KEY);"));
        let first = files.find().unwrap();
        assert!(Arc::ptr_eq(&first, &files.find().unwrap()));
        fs::write(files.0.join("dump.sql"), "CREATE TABLE b (id int PRIMARY KEY);").unwrap();
        assert_eq!(files.find().unwrap().plan.tables[0].name, "b");
        fs::write(files.0.join("physio.toml"), CONFIG.replace("\"a\"", "\"renamed\"")).unwrap();
        assert_eq!(files.find().unwrap().plan.app, "renamed");
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_file_and_line() {
        let no_dump = Scratch::new("no-dump", CONFIG, None).find().unwrap_err();
        assert!(no_dump[0].ends_with("physio.toml: cannot read `dump.sql`: it is not there"), "{no_dump:?}");

        let misspelt = CONFIG.replace("[[waves]]", "[[wave]]");
        let bad_config = Scratch::new("bad-config", &misspelt, None).find().unwrap_err();
        assert!(bad_config[0].contains("did you mean `waves`?"), "{bad_config:?}");

        let dump = "CREATE TABLE a (id int PRIMARY KEY,\n x money);\nCREATE TABLE b (id int PRIMARY KEY,\n y quarter);";
        let bad_dump = Scratch::new("bad-dump", CONFIG, Some(dump)).find().unwrap_err();
        assert_eq!(bad_dump.len(), 2);
        assert!(
            bad_dump[0].starts_with("dump.sql:2:") && bad_dump[1].starts_with("dump.sql:4:"),
            "{bad_dump:?}"
        );

        let named = CONFIG.replace("[\"*\"]", "[\"a\", \"b\"]");
        let keyless = "CREATE TABLE a (id int); CREATE TABLE b (id int);";
        let no_plan = Scratch::new("no-key", &named, Some(keyless)).find().unwrap_err();
        assert_eq!(no_plan.len(), 2, "{no_plan:?}");
    }
}
