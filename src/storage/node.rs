//! Which of the processes that serve one database this is. Leases carry the name, so that a server which comes back after
//! a crash can tell what its dead predecessor had in hand.

use super::address::Dialect;
use super::database::Database;
use super::lock::FileLock;
use crate::pay::store::StoreError;
use std::path::Path;

type Result<T> = std::result::Result<T, StoreError>;

/// A serving process by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Never used before: no two processes ever sign their leases alike.
    pub name: String,
    /// The beginning of the names of processes that are certainly dead, since this one holds the lock that they held.
    pub heir_of: Option<String>,
}

impl Database {
    /// Makes this process the server of its data directory, for as long as it lives. With SQLite it is then the only one
    /// that serves the database; with PostgreSQL others may serve from data directories of their own. Commands that run
    /// beside a server do not ask for this.
    ///
    /// # Errors
    /// `Unavailable` when another process serves this SQLite database.
    pub fn lock_for_serving(&self) -> Result<Node> {
        let lock = FileLock::try_take(&self.lock_dir(), "serve.lock");
        let boot = self.world().number().to_lowercase();
        let heir_of = match (self.dialect(), lock) {
            (Dialect::Sqlite, Ok(None)) => {
                let text = format!("another server uses {}; stop it first", self.data_dir().display());
                return Err(StoreError::Unavailable(text));
            }
            (Dialect::Sqlite, Err(e)) => return Err(e),
            // One process serves the file, so whoever comes next is the same node.
            (Dialect::Sqlite, Ok(Some(lock))) => {
                self.keep_lock(lock);
                Some("only".to_owned())
            }
            (Dialect::Postgres, Ok(Some(lock))) => {
                self.keep_lock(lock);
                let node = format!("node_{boot}");
                remembered(self.data_dir(), &node).map_err(|e| tracing::debug!(%e, "this node has no name that lasts")).ok()
            }
            // A shared or read-only data directory: a server like any other, but with nothing to inherit.
            (Dialect::Postgres, _) => None,
        };
        let name = heir_of.as_ref().map_or_else(|| format!("node_{boot}"), |node| format!("{node}.{boot}"));
        Ok(Node { name, heir_of })
    }
}

/// The name in the file `node` of the data directory; `new`, which is then written there, when it has none.
fn remembered(data_dir: &Path, new: &str) -> std::io::Result<String> {
    let path = data_dir.join("node");
    let is_name =
        |text: &str| text.starts_with("node_") && text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match std::fs::read_to_string(&path) {
        Ok(text) if is_name(text.trim()) => Ok(text.trim().to_owned()),
        _ => {
            std::fs::write(&path, format!("{new}\n"))?;
            Ok(new.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_directory_keeps_its_name_and_a_broken_file_gets_a_new_one() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(remembered(dir.path(), "node_a").unwrap(), "node_a");
        assert_eq!(remembered(dir.path(), "node_b").unwrap(), "node_a");
        for broken in ["", "node_%", "other", "node_a.b"] {
            std::fs::write(dir.path().join("node"), broken).unwrap();
            assert_eq!(remembered(dir.path(), "node_c").unwrap(), "node_c", "{broken:?}");
            std::fs::remove_file(dir.path().join("node")).unwrap();
        }
    }
}
