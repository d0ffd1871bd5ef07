//! Secrets in memory: for the tests of applications.

use super::{Entry, KeyStore, Secret, StoreError};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps secrets until it is dropped. For tests: a cache file that is meant to outlive the process needs a store
/// that does.
#[derive(Debug, Default)]
pub struct MemoryKeys(Mutex<BTreeMap<Entry, Secret>>);

impl MemoryKeys {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<Entry, Secret>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyStore for MemoryKeys {
    fn load(&self, entry: Entry) -> Result<Option<Secret>, StoreError> {
        Ok(self.entries().get(&entry).cloned())
    }

    fn store(&self, entry: Entry, secret: &Secret) -> Result<(), StoreError> {
        self.entries().insert(entry, secret.clone());
        Ok(())
    }

    fn remove(&self, entry: Entry) -> Result<(), StoreError> {
        self.entries().remove(&entry);
        Ok(())
    }

    fn place(&self) -> String {
        "the memory of this process".to_owned()
    }
}
