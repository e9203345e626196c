//! Lock files in the data directory, for what two processes must not do at once to an SQLite database. The operating system
//! drops the lock with the process, so a killed one leaves nothing to clean up.

use crate::pay::store::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// Held as long as it lives.
#[derive(Debug)]
pub(super) struct FileLock {
    _file: File,
}

impl FileLock {
    /// `None` when another process holds it.
    pub fn try_take(data_dir: &Path, name: &str) -> Result<Option<Self>, StoreError> {
        let path = data_dir.join(name);
        let failed = |e: std::io::Error| StoreError::Unavailable(format!("{}: {e}", path.display()));
        std::fs::create_dir_all(data_dir).map_err(failed)?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(failed(e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let first = FileLock::try_take(dir.path(), "x.lock").unwrap();
        assert!(first.is_some());
        assert!(FileLock::try_take(dir.path(), "x.lock").unwrap().is_none());
        assert!(FileLock::try_take(dir.path(), "y.lock").unwrap().is_some());
        drop(first);
        assert!(FileLock::try_take(dir.path(), "x.lock").unwrap().is_some());
    }
}
