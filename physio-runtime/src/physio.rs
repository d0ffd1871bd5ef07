//! The database service that an application holds: reads and writes at once, sync in the background.

mod attention;
mod audit;
mod builder;
mod read;
mod status;
mod tables_read;
mod watcher;
mod wipe;

pub use builder::PhysioBuilder;
#[cfg(feature = "sidecar")]
pub(crate) use read::check_reads_only;
pub use status::{Status, TableStatus};
pub use wipe::WhenRefused;

use crate::bridge::Token;
use crate::cache::{Cache, TableState, WriteTransaction};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::secret::{Entry, Kept};
use crate::sync::{Command, Shared, SyncState, Wake, local_events};
use physio_schema::plan::Plan;
use std::sync::{Arc, Mutex, PoisonError};
use tables_read::TablesRead;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// A local cache that keeps itself the same as a remote MySQL.
///
/// Clones are cheap and mean the same cache. Reads and writes are plain blocking calls on the local file
/// (microseconds to milliseconds) and never wait for the network; call them from anywhere. What talks to the
/// loop is async. When the last clone is dropped, or after [`close`](Self::close), the loop ends; a task that
/// was under way is broken off, which is safe at any point, and goes on after the next start.
#[derive(Debug, Clone)]
pub struct Physio {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    /// `None`: there is no bridge, or it was closed.
    commands: Mutex<Option<mpsc::UnboundedSender<Command>>>,
    /// Dropped to end the watcher.
    open: Mutex<Option<watch::Sender<()>>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    tables_read: TablesRead,
    has_bridge: bool,
}

impl Physio {
    /// Begins to open a cache; see [`PhysioBuilder`].
    pub fn builder(plan: impl std::borrow::Borrow<Plan>) -> PhysioBuilder {
        PhysioBuilder::new(plan.borrow().clone())
    }

    /// The plan that the cache was opened with.
    pub fn plan(&self) -> &Plan {
        self.cache().plan()
    }

    /// The file itself, for what this type does not offer.
    pub fn cache(&self) -> &Cache {
        &self.inner.shared.cache
    }

    /// Runs `f` in one local transaction. When this returns, the change is on the disk, its rows are
    /// `pending`, listeners know, and the push has been woken. An error of `f` undoes all of it.
    ///
    /// # Errors
    ///
    /// What `f` returns; `Constraint` when a write breaks a rule of its table; `Busy` when another process
    /// holds the file for more than ten seconds; `Storage` when the disk refuses.
    pub fn write<R>(&self, f: impl FnOnce(&WriteTransaction<'_>) -> Result<R>) -> Result<R> {
        let (result, changes) = self.cache().write(f)?;
        if !changes.is_empty() {
            for event in local_events(&changes) {
                self.inner.shared.emit(event);
            }
            self.wake(Wake::Write);
        }
        Ok(result)
    }

    /// What a temporary key became; `None` until it is pushed. Look-ups by a temporary key find the row anyway.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn resolve_key(&self, table: &str, temporary_key: i64) -> Result<Option<String>> {
        self.cache().resolve_key(table, temporary_key)
    }

    /// Everything that happens from now on.
    ///
    /// Events are kept for a listener up to 4,096; one that is slower gets `RecvError::Lagged` and should then
    /// read again what it shows, because it cannot know what it missed. Events tell that something changed;
    /// the truth is in the cache.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.inner.shared.listen()
    }

    /// Runs one full round now, push and pull, and waits for its end.
    ///
    /// # Errors
    ///
    /// `Offline`, `Login`, `Schema` or `Refused` as the round ended; when only some tables failed, the error
    /// names them. `Busy` when another process syncs this file; `Usage` when there is no bridge.
    pub async fn sync_now(&self) -> Result<()> {
        self.ask(Command::Sync).await?
    }

    /// Waits until every table is complete, nothing waits to be pushed, and a round since then found nothing
    /// wrong. Units in the attention list are not waited for.
    ///
    /// # Errors
    ///
    /// `Login` when a new token is needed first; `Usage` when there is no bridge or the cache was closed.
    /// Being offline is no error: it waits.
    pub async fn wait_until_synced(&self) -> Result<()> {
        if !self.inner.has_bridge {
            return Err(no_bridge());
        }
        let mut status = self.inner.shared.status.subscribe();
        loop {
            let (state, is_clean) = {
                let now = status.borrow_and_update();
                (now.state, now.n_clean_rounds > 0 && now.trouble.is_none() && now.failures.is_empty())
            };
            match state {
                SyncState::LoginNeeded => {
                    return Err(Error::new(
                        ErrorKind::Login,
                        "the token was refused; sync waits for a new one",
                    ));
                }
                SyncState::Closed | SyncState::Local => return Err(closed()),
                SyncState::Waiting if is_clean && self.is_level()? => return Ok(()),
                SyncState::Elsewhere if self.is_level()? => return Ok(()),
                SyncState::Elsewhere => tokio::time::sleep(watcher::INTERVAL).await,
                SyncState::Waiting | SyncState::Running | SyncState::Retrying => {
                    status.changed().await.map_err(|_| closed())?;
                }
            }
        }
    }

    /// Whether every table is complete and nothing waits to be pushed.
    fn is_level(&self) -> Result<bool> {
        let tables = self.cache().pull_state()?.tables;
        Ok(tables.iter().all(|table| table.state == TableState::Complete)
            && self.cache().counts()?.queued_units == 0)
    }

    /// Uses another token from the next request on; a sync that waits for a login goes on. With
    /// [`token_in`](PhysioBuilder::token_in) it is kept for the next start, too.
    ///
    /// # Errors
    ///
    /// `Usage` when the token cannot be sent, when there is no bridge, or when the cache was closed; `Key` when it is
    /// used, but its store does not keep it.
    pub async fn set_token(&self, token: Token) -> Result<()> {
        let kept = self.cache().secrets().token.is_some().then(|| token.to_secret());
        self.ask(|answer| Command::Token(token, answer)).await??;
        if let Some(secret) = kept {
            let cache = self.cache().clone();
            wipe::blocking(move || match &cache.secrets().token {
                Some(store) => Kept(&**store).store(Entry::Token, &secret),
                None => Ok(()),
            })
            .await?;
        }
        Ok(())
    }

    /// Ends the loop and waits until it has let go of the file. Other clones can still read and write.
    pub async fn close(&self) {
        drop(lock(&self.inner.commands).take());
        drop(lock(&self.inner.open).take());
        let tasks = std::mem::take(&mut *lock(&self.inner.tasks));
        for task in tasks {
            // A task that panicked has ended too.
            let _ = task.await;
        }
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T> {
        if !self.inner.has_bridge {
            return Err(no_bridge());
        }
        let (answer, answered) = oneshot::channel();
        let sent = lock(&self.inner.commands).as_ref().map(|commands| commands.send(command(answer)));
        match sent {
            Some(Ok(())) => answered.await.map_err(|_| closed()),
            Some(Err(_)) | None => Err(closed()),
        }
    }

    fn wake(&self, wake: Wake) {
        if let Some(commands) = &*lock(&self.inner.commands) {
            // A loop that has ended needs no wake.
            let _ = commands.send(Command::Wake(wake));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn no_bridge() -> Error {
    Error::new(ErrorKind::Usage, "this cache was opened without a bridge; give the builder a bridge_url")
}

fn closed() -> Error {
    Error::new(ErrorKind::Usage, "the sync of this cache was closed")
}
