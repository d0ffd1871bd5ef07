//! Finding, reading and remembering physio.toml and the dump: the only IO of this crate.

mod locate;
mod read;
#[cfg(test)]
pub(crate) mod sample;

use crate::describe::Description;
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
