//! JD's triple DES (provider's document: 加密解密): a length in front, zero bytes behind, each block by itself, the result as
//! hex. Whole documents are wrapped in base64 once more.
//!
//! ECB has no integrity: what comes out is believed only after its signature was checked.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use des::TdesEde3;
use des::cipher::generic_array::GenericArray;
use des::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};

const BLOCK: usize = 8;

/// A merchant's key, ready for use.
pub struct Vault(TdesEde3);

impl Vault {
    /// Reads the key as the merchant console shows it: base64 of 24 bytes.
    ///
    /// # Errors
    /// The problem, in words.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let bytes = zeroize::Zeroizing::new(STANDARD.decode(compact).map_err(|_| "is not base64")?);
        TdesEde3::new_from_slice(&bytes).map(Self).map_err(|_| "is not a key of 24 bytes")
    }

    /// One value: lower-case hex.
    #[must_use]
    pub fn lock(&self, text: &str) -> String {
        // A text of 4 GiB is never sent; its length would not fit either.
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let mut frame = length.to_be_bytes().to_vec();
        frame.extend_from_slice(text.as_bytes());
        frame.resize(frame.len().next_multiple_of(BLOCK), 0);
        for block in frame.chunks_exact_mut(BLOCK) {
            self.0.encrypt_block(GenericArray::from_mut_slice(block));
        }
        hex::encode(frame)
    }

    /// The clear text of one value; `None` when this is not one, or locked with another key.
    #[must_use]
    pub fn unlock(&self, locked: &str) -> Option<String> {
        let mut frame = hex::decode(locked).ok().filter(|frame| frame.len().is_multiple_of(BLOCK))?;
        for block in frame.chunks_exact_mut(BLOCK) {
            self.0.decrypt_block(GenericArray::from_mut_slice(block));
        }
        let length = u32::from_be_bytes(frame.get(..4)?.try_into().ok()?);
        // Bytes, not characters.
        let text = frame.get(4..4usize.checked_add(usize::try_from(length).ok()?)?)?;
        String::from_utf8(text.to_vec()).ok()
    }

    /// A whole document: base64 of the hex text, not of the bytes.
    #[must_use]
    pub fn seal(&self, document: &str) -> String {
        STANDARD.encode(self.lock(document))
    }

    /// The clear text of a whole document.
    #[must_use]
    pub fn open(&self, sealed: &str) -> Option<String> {
        let compact: String = sealed.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        self.unlock(&String::from_utf8(STANDARD.decode(compact).ok()?).ok()?)
    }
}
