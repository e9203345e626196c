//! The addresses of databases.

use crate::pay::store::StoreError;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use std::path::{Path, PathBuf};

/// Which database an address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

type Result<T> = std::result::Result<T, StoreError>;

/// Told by the scheme.
///
/// # Errors
/// For any other scheme, and for an SQLite database in memory: it would be gone at the end of the program, and each
/// connection would have its own.
pub(super) fn dialect(url: &str) -> Result<Dialect> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Dialect::Postgres);
    }
    match sqlite_file(url) {
        Some(path) if !path.as_os_str().is_empty() => Ok(Dialect::Sqlite),
        _ => Err(StoreError::Other("the database address must be sqlite://FILE or postgres://…".to_owned())),
    }
}

/// The file an SQLite address names: `sqlite://relative`, `sqlite:///absolute` or `sqlite:either`.
pub(super) fn sqlite_file(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
    let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
    if path == ":memory:" || options.split('&').any(|o| o == "mode=memory") {
        return None;
    }
    Some(PathBuf::from(percent_decode_str(path).decode_utf8().ok()?.into_owned()))
}

/// The driver's address of an absolute path, escaped so that no character of the path reads as an option.
pub(super) fn sqlite_url(path: &Path) -> Result<String> {
    const ODD: AsciiSet =
        CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');
    let text = path.to_str().ok_or_else(|| StoreError::Other("the database's path is not UTF-8".to_owned()))?;
    Ok(format!("sqlite://{}", utf8_percent_encode(text, &ODD)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart() {
        for (url, path) in [
            ("sqlite://data/cashier.db", "data/cashier.db"),
            ("sqlite:///var/lib/cashier.db?mode=rwc", "/var/lib/cashier.db"),
            ("sqlite:./x.db", "./x.db"),
            ("sqlite:///tmp/a%20b.db", "/tmp/a b.db"),
        ] {
            assert_eq!(sqlite_file(url), Some(PathBuf::from(path)), "{url}");
            assert_eq!(dialect(url).ok(), Some(Dialect::Sqlite));
        }
        assert_eq!(dialect("postgres://u@h/d").ok(), Some(Dialect::Postgres));
        for bad in ["sqlite::memory:", "sqlite://", "sqlite://x?mode=memory", "mysql://h/d", ""] {
            assert!(dialect(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn odd_paths_survive_the_driver() {
        let url = sqlite_url(Path::new("/tmp/a b?c#d%e.db")).unwrap();
        assert_eq!(url, "sqlite:///tmp/a%20b%3Fc%23d%25e.db");
        assert_eq!(sqlite_file(&url), Some(PathBuf::from("/tmp/a b?c#d%e.db")));
    }
}
