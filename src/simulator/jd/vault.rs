//! Triple DES as JD does it (provider's document: 加密解密): a length of four bytes, the text, zeros to the end of the block.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use des::TdesEde3;
use ecb::cipher::block_padding::NoPadding;
use ecb::cipher::{BlockDecryptMut, BlockEncryptMut, KeyInit};

/// A merchant's key: 24 bytes.
#[derive(Clone)]
pub struct Key([u8; 24]);

impl Key {
    pub fn new(bytes: [u8; 24]) -> Self {
        Self(bytes)
    }

    /// As the console shows it.
    pub fn text(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// One value.
    pub fn encrypt(&self, text: &str) -> String {
        let mut frame = Vec::with_capacity(text.len() + 12);
        frame.extend_from_slice(&u32::try_from(text.len()).unwrap_or(0).to_be_bytes());
        frame.extend_from_slice(text.as_bytes());
        while !frame.len().is_multiple_of(8) {
            frame.push(0);
        }
        hex::encode(ecb::Encryptor::<TdesEde3>::new(&self.0.into()).encrypt_padded_vec_mut::<NoPadding>(&frame))
    }

    pub fn decrypt(&self, locked: &str) -> Option<String> {
        let bytes = hex::decode(locked).ok()?;
        let frame = ecb::Decryptor::<TdesEde3>::new(&self.0.into()).decrypt_padded_vec_mut::<NoPadding>(&bytes).ok()?;
        let (length, rest) = frame.split_first_chunk::<4>()?;
        let text = rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        Some(std::str::from_utf8(text).ok()?.to_owned())
    }

    /// A document: the hex as base64.
    pub fn encrypt_document(&self, document: &str) -> String {
        STANDARD.encode(self.encrypt(document))
    }

    pub fn decrypt_document(&self, sealed: &str) -> Option<String> {
        let hex = STANDARD.decode(sealed.trim()).ok()?;
        self.decrypt(std::str::from_utf8(&hex).ok()?)
    }
}
