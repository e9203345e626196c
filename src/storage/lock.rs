//! The lock file that keeps a second server away from an SQLite database. The operating system drops the lock with the
//! process, so a killed server leaves nothing to clean up.

use crate::pay::store::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// Held as long as it lives.
#[derive(Debug)]
pub(super) struct ServeLock {
    _file: File,
}

impl ServeLock {
    pub fn take(data_dir: &Path) -> Result<Self, StoreError> {
        let path = data_dir.join("serve.lock");
        let failed = |e: std::io::Error| StoreError::Unavailable(format!("{}: {e}", path.display()));
        std::fs::create_dir_all(data_dir).map_err(failed)?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(StoreError::Unavailable(format!("another server uses {}; stop it first", data_dir.display())))
            }
            Err(TryLockError::Error(e)) => Err(failed(e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let first = ServeLock::take(dir.path()).unwrap();
        assert!(matches!(ServeLock::take(dir.path()), Err(StoreError::Unavailable(_))));
        drop(first);
        assert!(ServeLock::take(dir.path()).is_ok());
    }
}
