//! Logging out: what is unsent is shown first, then file, key and token are destroyed.

use super::{Inner, Physio};
use crate::cache::Unsent;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::sync::{LoopStatus, SyncState};
use std::fmt;
use std::sync::{Arc, Weak};
use tokio::runtime::Handle;
use tokio::sync::watch;

/// The wire's code for a token that is revoked, expired or unknown: one answer, so that it tells nobody which.
const TOKEN_REFUSED: &str = "token_refused";

/// Whether what was reported may be wiped.
pub(super) type Allow = Arc<dyn Fn(&Unsent) -> bool + Send + Sync>;

/// What happens when the server refuses the token.
///
/// A server that is set up wrongly refuses good tokens as well. So a wipe should be allowed without a person only
/// where nothing is unsent: the rest can be pulled again.
#[derive(Clone, Default)]
pub enum WhenRefused {
    /// The sync waits for a new token; nothing is removed.
    #[default]
    Keep,
    /// [`Event::WipeAsked`] is told, then the function is called with what is unsent; when it says yes, the cache is
    /// wiped as by [`Physio::wipe`]. It is called at every refusal, on a thread of its own.
    Wipe(Arc<dyn Fn(&Unsent) -> bool + Send + Sync>),
}

impl WhenRefused {
    /// [`Wipe`](Self::Wipe) with this function.
    ///
    /// ```
    /// use physio_runtime::WhenRefused;
    ///
    /// let what = WhenRefused::wipe_if(|unsent| unsent.is_empty());
    /// # let _ = what;
    /// ```
    pub fn wipe_if(allow: impl Fn(&Unsent) -> bool + Send + Sync + 'static) -> Self {
        Self::Wipe(Arc::new(allow))
    }
}

impl fmt::Debug for WhenRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keep => "Keep",
            Self::Wipe(_) => "Wipe(…)",
        })
    }
}

impl Physio {
    /// What the server does not have yet: to be shown before [`wipe`](Self::wipe), which takes it back.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be read.
    pub fn unsent(&self) -> Result<Unsent> {
        self.cache().unsent()
    }

    /// Destroys the cache: ends the sync, closes the file, removes the key of an encrypted file and the token from
    /// where they are kept, overwrites and removes the files. For a logout, or a device that is given away.
    ///
    /// Other clones give `Usage` errors afterwards. A kill does not stop a wipe that has begun: the next opening
    /// finishes it.
    ///
    /// ```
    /// # use physio_runtime::{ErrorKind, Physio};
    /// # mod clinic { physio_runtime::schema!("physio.toml"); }
    /// # use clinic::BranchesInsert;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> physio_runtime::Result<()> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("physio_cache.db");
    /// # let physio = Physio::builder(clinic::plan()).cache(&path).open()?;
    /// # let branch = || BranchesInsert { branch_name: "B".into(), clinic_name: "C".into(), optional: Default::default() };
    /// let unsent = physio.unsent()?;
    /// assert!(unsent.is_empty());
    /// physio.write(|tx| tx.insert(branch()))?;
    /// // One change came after what was shown: it is not destroyed.
    /// assert_eq!(physio.wipe(unsent).await.unwrap_err().kind(), ErrorKind::Unsent);
    ///
    /// let unsent = physio.unsent()?;
    /// println!("{} changes would be lost", unsent.n_changes());
    /// physio.wipe(unsent).await?;
    /// assert!(!path.exists());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `Unsent` when there are changes that `unsent` does not cover; `Busy` when another program has the file open, or
    /// a read goes on for long: nothing was changed then, and the sync goes on. `Storage` and `Key` when the wipe has
    /// begun and could not be finished: open the cache again to finish it.
    pub async fn wipe(&self, unsent: Unsent) -> Result<()> {
        let cache = self.cache().clone();
        let outcome = blocking(move || cache.wipe(&unsent)).await;
        if self.cache().is_wiped() {
            // With it goes what it holds of the token.
            self.close().await;
        }
        outcome?;
        self.inner.shared.emit(Event::Wiped);
        Ok(())
    }

    /// Tells, asks, and wipes when it may.
    async fn wipe_if_allowed(&self, allow: &Allow) -> Result<()> {
        let unsent = self.unsent()?;
        self.inner
            .shared
            .emit(Event::WipeAsked { n_changes: unsent.n_changes(), n_notices: unsent.n_notices() });
        let (asked, allow) = (unsent.clone(), Arc::clone(allow));
        let is_allowed = blocking(move || Ok(allow(&asked))).await?;
        // Somebody may have logged in while the question was open.
        if is_allowed && is_refused(&self.inner.shared.status.borrow()) {
            self.wipe(unsent).await?;
        }
        Ok(())
    }
}

/// Waits for refusals until the cache is closed.
pub(super) async fn wipe_when_refused(
    inner: Weak<Inner>,
    mut status: watch::Receiver<LoopStatus>,
    allow: Allow,
) {
    let mut answered = None;
    loop {
        let refused_at = {
            let now = status.borrow_and_update();
            if now.state == SyncState::Closed {
                return;
            }
            is_refused(&now).then_some(now.last_round_at).flatten()
        };
        if refused_at.is_some() && refused_at != answered {
            answered = refused_at;
            let Some(inner) = inner.upgrade() else { return };
            let physio = Physio { inner };
            if let Err(error) = physio.wipe_if_allowed(&allow).await {
                tracing::warn!(%error, "the cache could not be wiped");
                physio.inner.shared.emit(Event::WipeFailed { reason: error.to_string() });
            }
            if physio.cache().is_wiped() {
                return;
            }
        }
        if status.changed().await.is_err() {
            return;
        }
    }
}

fn is_refused(status: &LoopStatus) -> bool {
    status.state == SyncState::LoginNeeded
        && status.trouble.as_ref().is_some_and(|trouble| trouble.code == TOKEN_REFUSED)
}

/// Runs what may take long where it holds up nobody.
pub(super) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> Result<R> + Send + 'static,
) -> Result<R> {
    match Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Usage, "the work was broken off with its runtime"))
        }),
        // A local cache needs no runtime.
        Err(_) => work(),
    }
}
