//! Lock files in the data directory, for what two processes must not do at once to an SQLite database. The operating system
//! drops the lock with the process, so a killed one leaves nothing to clean up.

use crate::pay::store::StoreError;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::Path;

/// Makes a directory that only its owner can enter, with those above it; one that is there already stays as it is.
pub(super) fn private_dir(path: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

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
        private_dir(data_dir).map_err(failed)?;
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
