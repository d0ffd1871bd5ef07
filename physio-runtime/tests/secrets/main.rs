//! The device's side of security: encrypted files, permissions, logs, wipes; real files, and programs that are killed.
#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]
#![cfg(all(unix, feature = "encryption", feature = "embedded-bridge", feature = "sidecar"))]

mod conversion;
mod encryption;
#[cfg(target_os = "linux")]
mod keychain;
mod kills;
mod logs;
mod permissions;
mod program;
mod refused;
mod wipe;

mod clinic {
    physio_runtime::schema!("physio.toml");
}

use clinic::{Branches, BranchesInsert};
use physio_runtime::bridge::Token;
use physio_runtime::bridge::embedded::EmbeddedBridge;
use physio_runtime::cache::{self, Cache};
use physio_runtime::rusqlite::Connection;
use physio_runtime::secret::{CacheKey, Encryption, Entry, KeyFile, KeyStore, MemoryKeys, Secret};
use physio_runtime::{ErrorKind, Event, Physio, PhysioBuilder, Plan, SyncState};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::broadcast::Receiver;

/// A text that occurs nowhere by chance.
const NAME: &str = "Zebra-Quokka-7719";

fn plan() -> Arc<Plan> {
    Arc::new(clinic::plan().clone())
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn builder(folder: &TempDir) -> PhysioBuilder {
    Physio::builder(clinic::plan()).cache(file(folder))
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("cache.db")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

fn branch(name: &str) -> BranchesInsert {
    BranchesInsert { branch_name: name.into(), clinic_name: "C".into(), optional: Default::default() }
}

fn write(cache: &Cache, name: &str) {
    cache.write(|tx| tx.insert(branch(name))).expect("a local write");
}

fn names(cache: &Cache) -> Vec<String> {
    let sql = "SELECT branch_name FROM branches ORDER BY branch_id";
    cache
        .read(|connection| {
            Ok(connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
        .expect("rows")
}

fn holds(path: &Path, text: &str) -> bool {
    let bytes = std::fs::read(path).unwrap_or_default();
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Whether the text stands in the file or in anything beside it.
fn anywhere(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).expect("a folder").any(|entry| holds(&entry.expect("an entry").path(), text))
}

fn key(digit: u8) -> Encryption {
    Encryption::Key(CacheKey::from_bytes([digit; 32]))
}

fn store(keys: &Arc<MemoryKeys>) -> Encryption {
    Encryption::Store(Arc::clone(keys) as Arc<dyn KeyStore>)
}

/// Everything of the file and its log, to see that nothing was changed.
fn bytes(path: &Path) -> Vec<Vec<u8>> {
    ["", "-wal"].map(|suffix| std::fs::read(beside(path, suffix)).unwrap_or_default()).to_vec()
}

/// The program, on a cache file.
fn sidecar(cache: &Path) -> Command {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../physio.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_physio-sidecar"));
    command.arg("--config").arg(config).arg("--cache").arg(cache);
    command
}

fn ran(command: &mut Command) -> (i32, String) {
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    let text = String::from_utf8([stdout, stderr].concat()).expect("UTF-8");
    (status.code().expect("an exit code"), text)
}

/// The next event that `is_meant`.
async fn event(events: &mut Receiver<Event>, is_meant: impl Fn(&Event) -> bool) -> Event {
    let wait = async {
        loop {
            let event = events.recv().await.expect("somebody tells");
            if is_meant(&event) {
                return event;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("the event comes")
}
