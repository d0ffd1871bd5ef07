//! The operating system's keychain: macOS's Keychain, Windows' Credential Manager, Linux's Secret Service (GNOME
//! Keyring, KWallet).
//!
//! Linux's kernel keys are not used: they are gone after a restart, and the cache file would be with them.

use super::{Entry, KeyStore, Secret, StoreError};
use crate::error::{Error, ErrorKind, Result};
use keyring_core::Error as KeyringError;
use keyring_core::api::CredentialStore;
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Secrets in the keychain of the user who runs the program.
///
/// ```no_run
/// use physio_runtime::secret::Keychain;
/// # mod clinic { physio_runtime::schema!("physio.toml"); }
/// # fn main() -> physio_runtime::Result<()> {
/// let keychain = Keychain::open("org.example.clinic")?;
/// let physio = physio_runtime::Physio::builder(clinic::plan())
///     .cache("physio_cache.db")
///     .encrypted_with(keychain.clone())
///     .token_in(keychain)
///     .open()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Keychain {
    service: String,
    store: Arc<CredentialStore>,
}

impl Keychain {
    /// The secrets of one cache file of an application. Another file needs another name.
    ///
    /// # Errors
    ///
    /// `Key` when this system has no keychain, or none that runs.
    pub fn open(service: impl Into<String>) -> Result<Self> {
        let store = system_store().map_err(|error| {
            Error::with_source(
                ErrorKind::Key,
                format!(
                    "the system's keychain cannot be reached ({}); {}",
                    said(&error),
                    if cfg!(all(unix, not(target_os = "macos"))) {
                        "start a Secret Service (GNOME Keyring, KWallet) in this session, or keep the key in a file"
                    } else {
                        "unlock it, or keep the key in a file"
                    }
                ),
                error,
            )
        })?;
        Ok(Self { service: service.into(), store })
    }

    fn entry(&self, entry: Entry) -> Result<keyring_core::Entry, StoreError> {
        keyring_core::Entry::new_in_store(&self.store, &self.service, entry.name()).map_err(told)
    }
}

impl fmt::Debug for Keychain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keychain").field("service", &self.service).finish_non_exhaustive()
    }
}

impl KeyStore for Keychain {
    fn load(&self, entry: Entry) -> Result<Option<Secret>, StoreError> {
        match self.entry(entry)?.get_secret() {
            Ok(bytes) => Ok(Some(Secret(Zeroizing::new(bytes)))),
            Err(KeyringError::NoEntry) => Ok(None),
            Err(error) => Err(told(error)),
        }
    }

    fn store(&self, entry: Entry, secret: &Secret) -> Result<(), StoreError> {
        self.entry(entry)?.set_secret(secret.bytes()).map_err(told)
    }

    fn remove(&self, entry: Entry) -> Result<(), StoreError> {
        match self.entry(entry)?.delete_credential() {
            Ok(()) | Err(KeyringError::NoEntry) => Ok(()),
            Err(error) => Err(told(error)),
        }
    }

    fn place(&self) -> String {
        format!("the system's keychain (`{}`)", self.service)
    }
}

#[cfg(target_os = "macos")]
fn system_store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn system_store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(all(unix, not(target_os = "macos")))]
fn system_store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(dbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(not(any(unix, windows)))]
fn system_store() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(KeyringError::NotSupportedByStore("this system has none".to_owned()))
}

/// Some of the crate's errors carry the secret itself: only their kind is told.
fn said(error: &KeyringError) -> String {
    match error {
        KeyringError::PlatformFailure(source) | KeyringError::NoStorageAccess(source) => source.to_string(),
        KeyringError::NotSupportedByStore(what) | KeyringError::BadStoreFormat(what) => what.clone(),
        KeyringError::Ambiguous(_) => "it holds several secrets of this name".to_owned(),
        KeyringError::BadEncoding(_) | KeyringError::BadDataFormat(..) => {
            "it holds something else of this name".to_owned()
        }
        KeyringError::TooLong(what, limit) => format!("{what} is longer than {limit}"),
        KeyringError::Invalid(what, why) => format!("{what} is not valid: {why}"),
        _ => "it refuses".to_owned(),
    }
}

fn told(error: KeyringError) -> StoreError {
    said(&error).into()
}
