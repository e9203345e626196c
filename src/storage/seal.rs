//! Sealing of secrets at rest. Each value has a data key of its own, which is wrapped by a master key; both are bound to
//! the place of the value, so that a sealed text copied to another row does not open.
//!
//! Must not know which columns are sealed.

use super::master_key::fingerprint;
use crate::pay::Secret;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::{Zeroize, Zeroizing};

/// Why a value cannot be sealed or opened. Says nothing about its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the sealed text has another form")]
    Form,
    #[error("sealed with a master key that is not configured")]
    UnknownKey,
    #[error("does not open: it was changed, or belongs to another row")]
    Forged,
    #[error("the operating system gives no random bytes")]
    NoRandomness,
}

/// Where a sealed value lives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub table: &'static str,
    pub row: &'a str,
    pub column: &'static str,
}

impl Place<'_> {
    fn text(self) -> String {
        format!("{}/{}/{}", self.table, self.row, self.column)
    }
}

/// One master key with the name that sealed values call it by.
#[derive(Clone)]
pub(super) struct MasterKey {
    pub id: String,
    bytes: Secret<[u8; 32]>,
}

impl MasterKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { id: fingerprint(&bytes), bytes: Secret::new(bytes) }
    }
}

/// The master keys: the first seals, all of them open.
#[derive(Clone)]
pub struct MasterKeys {
    first: MasterKey,
    others: Vec<MasterKey>,
}

impl std::fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKeys({} of them, first {})", 1 + self.others.len(), self.first.id)
    }
}

const VERSION: &str = "v1";

impl MasterKeys {
    /// Keys from their bytes, the sealing one first.
    #[must_use]
    pub fn new(first: [u8; 32], others: &[[u8; 32]]) -> Self {
        Self { first: MasterKey::new(first), others: others.iter().map(|k| MasterKey::new(*k)).collect() }
    }

    /// The name of the key that seals.
    #[must_use]
    pub fn first_id(&self) -> &str {
        &self.first.id
    }

    /// Whether values sealed under this name can be opened.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.find(id).is_ok()
    }

    fn find(&self, id: &str) -> Result<&MasterKey, SealError> {
        std::iter::once(&self.first).chain(&self.others).find(|k| k.id == id).ok_or(SealError::UnknownKey)
    }

    /// Seals a text for its place.
    pub(super) fn seal(&self, place: Place<'_>, plain: &str) -> Result<String, SealError> {
        let place = place.text();
        let mut data_key = Zeroizing::new([0u8; 32]);
        SystemRandom::new().fill(data_key.as_mut_slice()).map_err(|_| SealError::NoRandomness)?;
        let wrapped = encrypt(self.first.bytes.expose(), &wrap_aad(&self.first.id, &place), data_key.as_slice())?;
        let sealed = encrypt(&data_key, place.as_bytes(), plain.as_bytes())?;
        Ok(format!("{VERSION}.{}.{}.{}", self.first.id, STANDARD_NO_PAD.encode(wrapped), STANDARD_NO_PAD.encode(sealed)))
    }

    /// Opens what [`MasterKeys::seal`] made for the same place.
    pub(super) fn open(&self, place: Place<'_>, sealed: &str) -> Result<Secret<String>, SealError> {
        let parts = Parts::read(sealed)?;
        let place = place.text();
        let data_key = self.unwrap(&parts, &place)?;
        let plain = decrypt(&data_key, place.as_bytes(), parts.sealed)?;
        match String::from_utf8(plain) {
            Ok(text) => Ok(Secret::new(text)),
            Err(e) => {
                e.into_bytes().zeroize();
                Err(SealError::Form)
            }
        }
    }

    /// The same value with its data key wrapped by the first master key; `None` when it is already.
    pub(super) fn rewrap(&self, place: Place<'_>, sealed: &str) -> Result<Option<String>, SealError> {
        let parts = Parts::read(sealed)?;
        if parts.key_id == self.first.id {
            return Ok(None);
        }
        let place = place.text();
        let data_key = self.unwrap(&parts, &place)?;
        let wrapped = encrypt(self.first.bytes.expose(), &wrap_aad(&self.first.id, &place), data_key.as_slice())?;
        Ok(Some(format!("{VERSION}.{}.{}.{}", self.first.id, STANDARD_NO_PAD.encode(wrapped), parts.sealed)))
    }

    fn unwrap(&self, parts: &Parts<'_>, place: &str) -> Result<Zeroizing<[u8; 32]>, SealError> {
        let master = self.find(parts.key_id)?;
        let data_key = Zeroizing::new(decrypt(master.bytes.expose(), &wrap_aad(&master.id, place), parts.wrapped)?);
        let bytes: [u8; 32] = data_key.as_slice().try_into().map_err(|_| SealError::Form)?;
        Ok(Zeroizing::new(bytes))
    }
}

/// A sealed text taken apart. Wrapped key and ciphertext each begin with their nonce.
struct Parts<'a> {
    key_id: &'a str,
    wrapped: &'a str,
    sealed: &'a str,
}

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Result<Self, SealError> {
        let mut parts = text.split('.');
        match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(VERSION), Some(key_id), Some(wrapped), Some(sealed), None) => Ok(Self { key_id, wrapped, sealed }),
            _ => Err(SealError::Form),
        }
    }
}

fn wrap_aad(key_id: &str, place: &str) -> Vec<u8> {
    format!("wrap/{VERSION}/{key_id}/{place}").into_bytes()
}

fn key(bytes: &[u8; 32]) -> Result<LessSafeKey, SealError> {
    UnboundKey::new(&AES_256_GCM, bytes).map(LessSafeKey::new).map_err(|_| SealError::Form)
}

/// Nonce and ciphertext under a fresh random nonce.
fn encrypt(key_bytes: &[u8; 32], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0u8; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).map_err(|_| SealError::NoRandomness)?;
    let mut text = plain.to_vec();
    key(key_bytes)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut text)
        .map_err(|_| SealError::Form)?;
    let mut out = nonce.to_vec();
    out.append(&mut text);
    Ok(out)
}

fn decrypt(key_bytes: &[u8; 32], aad: &[u8], text: &str) -> Result<Vec<u8>, SealError> {
    let mut bytes = STANDARD_NO_PAD.decode(text).map_err(|_| SealError::Form)?;
    let (nonce, sealed) = bytes.split_first_chunk_mut::<NONCE_LEN>().ok_or(SealError::Form)?;
    let plain = key(key_bytes)?
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), sealed)
        .map_err(|_| SealError::Forged)?;
    let out = plain.to_vec();
    plain.zeroize();
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place<'static> = Place { table: "app_keys", row: "key_1", column: "value" };

    #[test]
    fn a_sealed_value_opens_in_its_place_only() {
        let keys = MasterKeys::new([7; 32], &[]);
        let sealed = keys.seal(HERE, "whsec_geheim").unwrap();
        assert!(!sealed.contains("geheim"));
        assert_eq!(keys.open(HERE, &sealed).unwrap().expose(), "whsec_geheim");
        for elsewhere in [Place { row: "key_2", ..HERE }, Place { table: "secrets", ..HERE }, Place { column: "other", ..HERE }] {
            assert_eq!(keys.open(elsewhere, &sealed).unwrap_err(), SealError::Forged);
            assert_eq!(MasterKeys::new([1; 32], &[[7; 32]]).rewrap(elsewhere, &sealed), Err(SealError::Forged));
        }
    }

    #[test]
    fn the_same_value_never_looks_the_same() {
        let keys = MasterKeys::new([7; 32], &[]);
        assert_ne!(keys.seal(HERE, "x").unwrap(), keys.seal(HERE, "x").unwrap());
    }

    #[test]
    fn any_changed_character_is_noticed() {
        let keys = MasterKeys::new([7; 32], &[]);
        let sealed = keys.seal(HERE, "").unwrap();
        assert_eq!(keys.open(HERE, &sealed).unwrap().expose(), "");
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).unwrap();
            assert!(keys.open(HERE, &forged).is_err(), "position {at}");
        }
    }

    #[test]
    fn rotation_keeps_values_readable() {
        let old = MasterKeys::new([1; 32], &[]);
        let both = MasterKeys::new([2; 32], &[[1; 32]]);
        let new = MasterKeys::new([2; 32], &[]);
        let sealed = old.seal(HERE, "value").unwrap();
        assert_eq!(new.open(HERE, &sealed).unwrap_err(), SealError::UnknownKey);
        assert_eq!(both.open(HERE, &sealed).unwrap().expose(), "value");
        let again = both.rewrap(HERE, &sealed).unwrap().unwrap();
        assert_eq!(new.open(HERE, &again).unwrap().expose(), "value");
        assert_eq!(both.rewrap(HERE, &again).unwrap(), None);
    }

    #[test]
    fn keys_do_not_show_in_debug_output() {
        let text = format!("{:?}", MasterKeys::new([7; 32], &[[8; 32]]));
        assert!(!text.contains("7, 7") && !text.contains("0707"), "{text}");
    }
}
