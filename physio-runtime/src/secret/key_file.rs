//! Secrets in files that only their owner can read: for servers and devices without a keychain.

use super::{Entry, KeyStore, Secret, StoreError};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A file with the cache's key in 64 hex digits, and `….token` beside it for the token.
///
/// On Unix it is made with the mode 0600, and one that others can read is refused. Keep it on another disk than the
/// cache file, or it protects nothing.
#[derive(Debug, Clone)]
pub struct KeyFile(PathBuf);

impl KeyFile {
    /// Names the file; it is made when the cache's key is.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    fn path(&self, entry: Entry) -> PathBuf {
        let suffix = match entry {
            Entry::CacheKey => return self.0.clone(),
            Entry::NextCacheKey => ".next",
            Entry::Token => ".token",
        };
        beside(&self.0, suffix)
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

impl KeyStore for KeyFile {
    fn load(&self, entry: Entry) -> Result<Option<Secret>, StoreError> {
        let path = self.path(entry);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if others_can_read(&file)? {
            return Err(format!(
                "others than its owner can use {}; run `chmod 600` on it, and think of the key as known if others use \
                 this machine",
                path.display()
            )
            .into());
        }
        let length = usize::try_from(file.metadata()?.len())?;
        // Long enough at once: growing would leave a copy of the beginning behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
        file.read_to_end(&mut bytes)?;
        Ok(Some(Secret(bytes)))
    }

    fn store(&self, entry: Entry, secret: &Secret) -> Result<(), StoreError> {
        let path = self.path(entry);
        let new = beside(&path, ".new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new)?;
        file.write_all(secret.bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        drop(file);
        std::fs::rename(&new, &path)?;
        Ok(crate::cache::sync_folder(&path)?)
    }

    fn remove(&self, entry: Entry) -> Result<(), StoreError> {
        let path = self.path(entry);
        for path in [beside(&path, ".new"), path] {
            crate::cache::destroy_file(&path)?;
        }
        Ok(())
    }

    fn place(&self) -> String {
        format!("the key file {}", self.0.display())
    }
}

#[cfg(unix)]
fn others_can_read(file: &File) -> std::io::Result<bool> {
    Ok(std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_can_read(_: &File) -> std::io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::KeyFile;
    use crate::secret::{Entry, KeyStore, Secret};

    #[test]
    fn a_secret_is_kept_replaced_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFile::new(folder.path().join("key"));
        assert_eq!(keys.load(Entry::CacheKey).unwrap(), None);
        keys.store(Entry::CacheKey, &Secret::new("one")).unwrap();
        keys.store(Entry::CacheKey, &Secret::new("two")).unwrap();
        keys.store(Entry::Token, &Secret::new("three")).unwrap();
        assert_eq!(keys.load(Entry::CacheKey).unwrap(), Some(Secret::new("two\n")));
        keys.remove(Entry::CacheKey).unwrap();
        keys.remove(Entry::CacheKey).unwrap();
        assert_eq!(keys.load(Entry::CacheKey).unwrap(), None);
        assert!(keys.load(Entry::Token).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let keys = KeyFile::new(&path);
        keys.store(Entry::CacheKey, &Secret::new("one")).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = keys.load(Entry::CacheKey).unwrap_err().to_string();
        assert!(error.contains("chmod 600") && !error.contains("one\n"), "{error}");
    }
}
