//! Opening a cache, with or without a bridge.

use super::tables_read::TablesRead;
use super::{Inner, Physio, WhenRefused, watcher, wipe};
use crate::bridge::{Bridge, HttpBridge, Token};
use crate::cache::{self, Cache, Migration, Secrets};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::secret::{CacheKey, Encryption, Entry, Kept, KeyStore};
use crate::sync::{Command, Driver, Freshness, LoopStatus, Shared};
use physio_schema::plan::Plan;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::runtime::Handle;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;

/// Events kept for a listener that is slow.
const EVENTS_KEPT: usize = 4096;

type Start = Box<dyn FnOnce(Arc<Shared>, mpsc::UnboundedReceiver<Command>) -> JoinHandle<()> + Send>;

/// What a cache is opened with.
///
/// Without a bridge it is a local database whose changes are captured for a later sync.
pub struct PhysioBuilder {
    plan: Plan,
    path: PathBuf,
    url: Option<String>,
    token: Option<Token>,
    own_bridge: Option<Start>,
    seed: Option<u64>,
    secrets: Secrets,
    encrypts_existing: bool,
    when_refused: WhenRefused,
}

impl std::fmt::Debug for PhysioBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PhysioBuilder")
            .field("path", &self.path)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl PhysioBuilder {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            path: "physio_cache.db".into(),
            url: None,
            token: None,
            own_bridge: None,
            seed: None,
            secrets: Secrets::default(),
            encrypts_existing: false,
            when_refused: WhenRefused::Keep,
        }
    }

    /// The cache file; `physio_cache.db` in the working directory by default. It is created when absent.
    #[must_use]
    pub fn cache(mut self, path: impl AsRef<Path>) -> Self {
        self.path = path.as_ref().to_owned();
        self
    }

    /// The folder that holds the bridge's PHP files, such as `https://example.org/bridge/`.
    #[must_use]
    pub fn bridge_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// The bearer token for the bridge.
    #[must_use]
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Keeps the token there: one that is given by [`token`](Self::token) or by [`Physio::set_token`] is stored, and
    /// without one the stored is used. A wipe removes it.
    #[must_use]
    pub fn token_in(mut self, store: impl KeyStore) -> Self {
        self.secrets.token = Some(Arc::new(store));
        self
    }

    /// Encrypts the cache file with a key that is kept there, and made at random when the file is.
    ///
    /// Needs the feature `encryption`; docs/encryption.md says what it protects from and what it costs.
    ///
    /// ```
    /// # #[cfg(feature = "encryption")] {
    /// # use physio_runtime::{Physio, secret::MemoryKeys};
    /// # mod clinic { physio_runtime::schema!("physio.toml"); }
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("physio_cache.db");
    /// // In an application: `Keychain::open("org.example.clinic")?`.
    /// let keys = MemoryKeys::default();
    /// let physio = Physio::builder(clinic::plan()).cache(&path).encrypted_with(keys).open()?;
    /// assert!(!std::fs::read(&path).unwrap().starts_with(b"SQLite"));
    /// # }
    /// # Ok::<(), physio_runtime::Error>(())
    /// ```
    #[must_use]
    pub fn encrypted_with(mut self, store: impl KeyStore) -> Self {
        self.secrets.encryption = Encryption::Store(Arc::new(store));
        self
    }

    /// Encrypts the cache file with a key of the application's own, which it keeps and destroys itself.
    #[must_use]
    pub fn cache_key(mut self, key: CacheKey) -> Self {
        self.secrets.encryption = Encryption::Key(key);
        self
    }

    /// A cache file that is there and not encrypted is encrypted when it is opened, unsent changes included, instead
    /// of being refused. See [`encrypt_file`](cache::encrypt_file).
    #[must_use]
    pub fn encrypt_existing(mut self) -> Self {
        self.encrypts_existing = true;
        self
    }

    /// What happens when the server says that the token is refused (revoked, expired and unknown are one answer).
    /// Without this the sync waits for a new token and everything is kept.
    #[must_use]
    pub fn when_refused(mut self, what: WhenRefused) -> Self {
        self.when_refused = what;
        self
    }

    /// A bridge of one's own instead of a URL.
    #[must_use]
    pub fn bridge(mut self, bridge: impl Bridge) -> Self {
        self.own_bridge = Some(start(bridge, self.seed));
        self
    }

    /// Fixes the jitter of the waits, for tests. Call it before [`bridge`](Self::bridge).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Opens the file (creating or migrating it) and, with a bridge, starts the loop, whose first round is due
    /// at once.
    ///
    /// Within a tokio runtime, writes of other programs to the file are noticed too, every 200 ms.
    ///
    /// # Errors
    ///
    /// `Storage` when the file cannot be opened, `CacheFromTheFuture` when a newer application wrote it, `Key` when it
    /// cannot be decrypted or a store of secrets refuses,
    /// `Usage` when the bridge's address or token cannot be used, or when there is a bridge and no tokio
    /// runtime to run the loop on.
    pub fn open(self) -> Result<Physio> {
        let runtime = Handle::try_current().ok();
        let plan = Arc::new(self.plan);
        if self.encrypts_existing && self.path.exists() {
            cache::encrypt_plain_file(&self.path, &self.secrets.encryption)?;
        }
        let cache = Cache::open_with(&self.path, Arc::clone(&plan), self.secrets)?;
        let start_loop = match (self.own_bridge, self.url) {
            (Some(_), Some(_)) => {
                return Err(Error::new(ErrorKind::Usage, "give either bridge or bridge_url, not both"));
            }
            (Some(own), None) => Some(own),
            (None, Some(url)) => {
                let token = kept_token(self.token, &cache)?
                    .ok_or_else(|| Error::new(ErrorKind::Usage, "a bridge_url needs a token"))?;
                Some(start(HttpBridge::new(&url, token, cache.device(), &plan)?, self.seed))
            }
            (None, None) => None,
        };
        if start_loop.is_some() && runtime.is_none() {
            return Err(Error::new(ErrorKind::Usage, "open a cache with a bridge within a tokio runtime"));
        }
        let untold = cache.migration().map(migration_events).unwrap_or_default();
        let freshness = Freshness::new(&plan);
        for (position, table) in plan.tables.iter().enumerate() {
            if let Some(age) = cache.table_age(&table.name)? {
                freshness.set_age(position, age);
            }
        }
        let shared = Arc::new(Shared {
            cache,
            events: broadcast::Sender::new(EVENTS_KEPT),
            status: watch::Sender::new(LoopStatus::default()),
            freshness,
            untold: Mutex::new(untold),
        });
        let has_bridge = start_loop.is_some();
        let (commands, received) = mpsc::unbounded_channel();
        let (open, closed) = watch::channel(());
        let mut tasks = Vec::new();
        if let Some(start_loop) = start_loop {
            shared.status.send_modify(|status| status.state = crate::sync::SyncState::Running);
            tasks.push(start_loop(Arc::clone(&shared), received));
        }
        if let Some(runtime) = &runtime {
            let wake = has_bridge.then(|| commands.downgrade());
            tasks.push(runtime.spawn(watcher::watch_file(Arc::clone(&shared), wake, closed)));
        }
        let inner = Inner {
            shared,
            commands: Mutex::new(has_bridge.then_some(commands)),
            open: Mutex::new(Some(open)),
            tasks: Mutex::new(tasks),
            tables_read: TablesRead::default(),
            has_bridge,
        };
        let physio = Physio { inner: Arc::new(inner) };
        if let (Some(runtime), WhenRefused::Wipe(allow)) = (runtime, self.when_refused) {
            let status = physio.inner.shared.status.subscribe();
            runtime.spawn(wipe::wipe_when_refused(Arc::downgrade(&physio.inner), status, allow));
        }
        Ok(physio)
    }
}

/// The token that is given, kept from now on if it is to be; or else the one that is kept.
fn kept_token(given: Option<Token>, cache: &Cache) -> Result<Option<Token>> {
    let Some(store) = &cache.secrets().token else { return Ok(given) };
    let store = Kept(&**store);
    let kept = store.load(Entry::Token)?.as_ref().and_then(Token::from_secret);
    match given {
        Some(given) if kept.as_ref() != Some(&given) => {
            store.store(Entry::Token, &given.to_secret())?;
            Ok(Some(given))
        }
        Some(given) => Ok(Some(given)),
        None => Ok(kept),
    }
}

/// Nobody can listen before the cache is open, so these wait for the first who does.
fn migration_events(migration: &Migration) -> Vec<Event> {
    let Migration { from, is_back_again, parked } = migration;
    let mut events = vec![Event::Migrated { from: from.clone(), is_back_again: *is_back_again }];
    events.extend(parked.iter().map(|parked| Event::Attention {
        table: parked.table.clone(),
        code: parked.code.clone(),
        field: parked.field.clone(),
    }));
    events
}

/// Forgets the bridge's type: everything after this is the same for all.
fn start<B: Bridge>(bridge: B, seed: Option<u64>) -> Start {
    Box::new(move |shared, commands| {
        let rng = seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        tokio::spawn(Driver::new(bridge, shared, commands).drive(rng))
    })
}
