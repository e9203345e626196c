//! Where the master keys come from: the environment's word, or a file beside the database that only its owner can read.

use super::lock::private_dir;
use super::seal::MasterKeys;
use crate::pay::store::StoreError;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// Base64 texts and a key file are no longer than this.
const LONGEST: u64 = 4096;

/// The public name of a key: 16 hex digits of its hash.
pub(super) fn fingerprint(key: &[u8; 32]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"cashier master key\n");
    hash.update(key);
    hex::encode(&hash.finalize()[..8])
}

impl MasterKeys {
    /// The keys named by `given` (base64 of 32 bytes each, separated by commas or spaces), or else those in
    /// `data/master.key`, one a line; the first seals. Without either a new key is made and kept there with mode 0600.
    ///
    /// # Errors
    /// When a text is no key, or the file cannot be read, written or is open to others.
    pub fn load(data_dir: &Path, given: Option<&str>) -> Result<Self, StoreError> {
        if let Some(text) = given {
            return parse(text).map_err(|problem| StoreError::Other(format!("the given master key {problem}")));
        }
        let path = data_dir.join("master.key");
        let fault = |e: std::io::Error| StoreError::Unavailable(format!("{}: {e}", path.display()));
        private_dir(data_dir).map_err(fault)?;
        match File::open(&path) {
            Ok(file) => {
                refuse_open_file(&file, &path)?;
                let mut text = Zeroizing::new(String::new());
                file.take(LONGEST).read_to_string(&mut text).map_err(fault)?;
                parse(&text).map_err(|problem| StoreError::Other(format!("{}: the key {problem}", path.display())))
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let mut key = Zeroizing::new([0u8; 32]);
                SystemRandom::new()
                    .fill(key.as_mut_slice())
                    .map_err(|_| StoreError::Unavailable("the operating system gives no random bytes".to_owned()))?;
                let text = Zeroizing::new(STANDARD.encode(key.as_slice()) + "\n");
                match create(data_dir, &path, &text) {
                    // Another process was first: its key counts.
                    Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Self::load(data_dir, None),
                    Err(e) => Err(fault(e)),
                    Ok(()) => Ok(Self::new(*key, &[])),
                }
            }
            Err(e) => Err(fault(e)),
        }
    }
}

/// The file appears complete or not at all, and never replaces another one.
fn create(data_dir: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    let draft = data_dir.join(format!("master.key.{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| std::fs::hard_link(&draft, path));
    std::fs::remove_file(&draft)?;
    linked?;
    File::open(data_dir)?.sync_all()
}

#[cfg(unix)]
fn refuse_open_file(file: &File, path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::MetadataExt;
    let mode = file.metadata().map_err(|e| StoreError::Unavailable(format!("{}: {e}", path.display())))?.mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(StoreError::Other(format!("{} can be read by others (mode {:o}); set it to 0600", path.display(), mode & 0o777)))
    }
}

#[cfg(not(unix))]
fn refuse_open_file(_: &File, _: &Path) -> Result<(), StoreError> {
    Ok(())
}

fn parse(text: &str) -> Result<MasterKeys, &'static str> {
    let mut keys = Vec::new();
    for word in text.split([',', ' ', '\t', '\r', '\n']).filter(|w| !w.is_empty()) {
        let bytes = Zeroizing::new(STANDARD.decode(word).map_err(|_| "is not base64")?);
        let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| "has not 32 bytes")?;
        keys.push(Zeroizing::new(key));
    }
    let (first, others) = keys.split_first().ok_or("is empty")?;
    let others: Vec<[u8; 32]> = others.iter().map(|k| **k).collect();
    Ok(MasterKeys::new(**first, &others))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_made_once_and_kept_private() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let first = MasterKeys::load(&data, None).unwrap();
        let second = MasterKeys::load(&data, None).unwrap();
        assert_eq!(first.first_id(), second.first_id());
        assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1, "no draft is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let file = data.join("master.key");
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(std::fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert!(MasterKeys::load(&data, None).is_err());
        }
    }

    #[test]
    fn the_given_keys_win_and_the_first_seals() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (STANDARD.encode([1u8; 32]), STANDARD.encode([2u8; 32]));
        let keys = MasterKeys::load(dir.path(), Some(&format!("{a}, {b}"))).unwrap();
        assert_eq!(keys.first_id(), fingerprint(&[1; 32]));
        assert!(keys.knows(&fingerprint(&[2; 32])));
        assert!(!dir.path().join("master.key").exists());
    }

    #[test]
    fn texts_that_are_no_keys_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        for bad in ["", "  ", "not base64!", "c2hvcnQ="] {
            assert!(MasterKeys::load(dir.path(), Some(bad)).is_err(), "{bad:?}");
        }
        std::fs::write(dir.path().join("master.key"), "").unwrap();
        assert!(MasterKeys::load(dir.path(), None).is_err());
    }
}
