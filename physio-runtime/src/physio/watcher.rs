//! Notices what other programs write to the file: an old service, the `sqlite3` shell.

use crate::sync::{Command, Shared, Wake, local_events};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How often the file is looked at; a look is one PRAGMA when nothing happened.
pub(super) const INTERVAL: Duration = Duration::from_millis(200);

/// Runs until the other end of `closed` is dropped.
pub(super) async fn watch_file(
    shared: Arc<Shared>,
    wake: Option<mpsc::WeakUnboundedSender<Command>>,
    mut closed: watch::Receiver<()>,
) {
    loop {
        tokio::select! {
            _ = closed.changed() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
        let cache = shared.cache.clone();
        let changes = match tokio::task::spawn_blocking(move || cache.external_changes()).await {
            Ok(Ok(changes)) => changes,
            Ok(Err(_)) if shared.cache.is_wiped() => return,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the file could not be looked at");
                continue;
            }
            Err(_) => return,
        };
        if changes.is_empty() {
            continue;
        }
        for event in local_events(&changes) {
            shared.emit(event);
        }
        if let Some(commands) = wake.as_ref().and_then(mpsc::WeakUnboundedSender::upgrade) {
            // A loop that has ended needs no wake.
            let _ = commands.send(Command::Wake(Wake::Write));
        }
    }
}
