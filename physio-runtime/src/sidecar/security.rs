//! The cache's key and its end: the options of the program, and the requests of the door.

use super::Door;
use super::answer::Failure;
use super::command::Exit;
use super::routes::{blocking, parse};
use crate::cache;
use crate::error::{Error, ErrorKind, Result};
use crate::physio::{Physio, PhysioBuilder};
use crate::secret::{Encryption, KeyFile, KeyStore};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use clap::{Args, ValueEnum};
use physio_schema::plan::Plan;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct SecurityArguments {
    /// The cache file is encrypted, with a key that the system's keychain keeps; both are made when they are missing.
    #[arg(long)]
    encrypt: bool,
    /// The key is in this file (64 hex digits, readable by its owner only) instead of the keychain.
    #[arg(long, value_name = "FILE", requires = "encrypt")]
    key_file: Option<PathBuf>,
    /// The name of the key in the keychain; each cache file needs its own [default: physio.APP].
    #[arg(long, value_name = "NAME", requires = "encrypt", conflicts_with = "key_file")]
    keychain_name: Option<String>,
    /// Encrypts the cache file that is there, decrypts it, or gives it a new key; then ends.
    #[arg(long, value_name = "HOW", requires = "encrypt", conflicts_with_all = ["once", "status", "audit", "headless"])]
    convert: Option<Conversion>,
    /// Destroys the cache, its key and the token file, and ends. When changes are unsent it only shows them, with the
    /// code that confirms their loss.
    #[arg(
        long,
        value_name = "CODE",
        num_args = 0..=1,
        conflicts_with_all = ["once", "status", "audit", "headless", "convert"]
    )]
    wipe: Option<Option<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Conversion {
    /// From plain to encrypted.
    Encrypted,
    /// From encrypted to plain.
    Plain,
    /// To a new random key.
    NewKey,
}

/// What the options come to.
pub(super) struct Security {
    store: Option<Arc<dyn KeyStore>>,
    conversion: Option<Conversion>,
    wipe: Option<Option<String>>,
}

impl Security {
    pub(super) fn of(arguments: &SecurityArguments, plan: &Plan) -> Result<Self> {
        let store: Option<Arc<dyn KeyStore>> = match (&arguments.key_file, arguments.encrypt) {
            (_, false) => None,
            (Some(file), true) => Some(Arc::new(KeyFile::new(file))),
            (None, true) => {
                let name = arguments.keychain_name.clone();
                Some(keychain(&name.unwrap_or_else(|| format!("physio.{}", plan.app)))?)
            }
        };
        Ok(Self { store, conversion: arguments.convert, wipe: arguments.wipe.clone() })
    }

    pub(super) fn apply_to(&self, builder: PhysioBuilder) -> PhysioBuilder {
        match &self.store {
            Some(store) => builder.encrypted_with(Arc::clone(store)),
            None => builder,
        }
    }

    /// Does a conversion, if one was asked for, and says so.
    pub(super) fn convert(&self, file: &Path) -> Result<Option<String>> {
        let (Some(conversion), Some(store)) = (self.conversion, &self.store) else { return Ok(None) };
        let encryption = Encryption::Store(Arc::clone(store));
        let done = match conversion {
            Conversion::Encrypted => cache::encrypt_file(file, &encryption).map(|()| "is encrypted"),
            Conversion::Plain => cache::decrypt_file(file, &encryption).map(|()| "is not encrypted"),
            Conversion::NewKey => cache::change_key(file, &encryption, &encryption).map(|()| "has a new key"),
        }?;
        Ok(Some(format!("{} {done}\n", file.display())))
    }

    pub(super) fn is_wipe(&self) -> bool {
        self.wipe.is_some()
    }

    /// Wipes, or says what is unsent and how to go on.
    pub(super) async fn wipe(&self, physio: &Physio, token_file: Option<&Path>) -> Result<(Exit, String)> {
        let code = self.wipe.iter().flatten().next();
        let mut unsent = physio.unsent()?;
        if !unsent.is_empty() {
            let Some(code) = code else {
                let mut text = "not on the server yet:\n".to_owned();
                for (table, n_changes) in unsent.tables() {
                    // Writing to a String cannot fail.
                    let _ = writeln!(text, "  {n_changes:>7}  {table}");
                }
                text += &format!("sync first, or lose them with --wipe {}\n", unsent.code());
                return Ok((Exit::AttentionNeeded, text));
            };
            unsent = unsent.confirmed_by(code)?;
        }
        physio.wipe(unsent).await?;
        if let Some(file) = token_file {
            cache::destroy_file(file).map_err(|error| {
                let text = format!("the cache is wiped, but {} could not be removed", file.display());
                Error::with_source(ErrorKind::Storage, text, error)
            })?;
        }
        Ok((Exit::Fine, "wiped\n".to_owned()))
    }
}

#[cfg(feature = "keychain")]
fn keychain(name: &str) -> Result<Arc<dyn KeyStore>> {
    Ok(Arc::new(crate::secret::Keychain::open(name)?))
}

#[cfg(not(feature = "keychain"))]
fn keychain(_: &str) -> Result<Arc<dyn KeyStore>> {
    Err(Error::new(
        ErrorKind::Usage,
        "this program was built without the keychain: give --key-file FILE, or build it with the feature `keychain`",
    ))
}

/// Says on standard error when others can read the token.
pub(super) fn warn_of_readers(file: &Path) {
    #[cfg(unix)]
    {
        use std::io::Write;
        use std::os::unix::fs::PermissionsExt;
        let is_open = std::fs::metadata(file).is_ok_and(|known| known.permissions().mode() & 0o077 != 0);
        if is_open {
            // Nobody may be listening.
            let _ = writeln!(
                std::io::stderr(),
                "physio-sidecar: others can read the token in {file}; run: chmod 600 {file}",
                file = file.display()
            );
        }
    }
    #[cfg(not(unix))]
    let _ = file;
}

pub(super) async fn unsent(State(door): State<Arc<Door>>) -> std::result::Result<Json<Value>, Failure> {
    blocking(move || Ok(json!(door.physio.unsent()?))).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wipe {
    code: String,
}

pub(super) async fn wipe(
    State(door): State<Arc<Door>>,
    body: Bytes,
) -> std::result::Result<Json<Value>, Failure> {
    let Wipe { code } = parse(&body)?;
    let unsent = door.physio.unsent()?.confirmed_by(&code)?;
    door.physio.wipe(unsent).await?;
    Ok(Json(json!({})))
}
