//! Content encryption, which a merchant may switch on for an app (provider's document: 接口内容加密方式): AES-128-CBC with
//! PKCS#7 and a start vector of zeros, in base64. The signature is over what travels, so this hides and proves nothing.

use aes::Aes128;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The only kind there is, as `encrypt_type` names it.
pub const TYPE: &str = "AES";

const START: [u8; 16] = [0; 16];

/// An app's key.
pub struct ContentKey(Zeroizing<[u8; 16]>);

impl ContentKey {
    /// Reads it as the console shows it.
    ///
    /// # Errors
    /// The problem, in words.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let bytes = STANDARD.decode(text.trim()).map(Zeroizing::new).map_err(|_| "is not base64")?;
        let key = <[u8; 16]>::try_from(bytes.as_slice()).map_err(|_| "is not an AES key of 128 bits")?;
        Ok(Self(Zeroizing::new(key)))
    }

    #[must_use]
    pub fn seal(&self, plain: &str) -> String {
        let cipher = cbc::Encryptor::<Aes128>::new((&*self.0).into(), &START.into());
        STANDARD.encode(cipher.encrypt_padded_vec_mut::<Pkcs7>(plain.as_bytes()))
    }

    /// `None` when it was not sealed with this key.
    #[must_use]
    pub fn open(&self, sealed: &str) -> Option<Vec<u8>> {
        let bytes = STANDARD.decode(sealed).ok()?;
        let cipher = cbc::Decryptor::<Aes128>::new((&*self.0).into(), &START.into());
        cipher.decrypt_padded_vec_mut::<Pkcs7>(&bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // E-1.
    #[test]
    fn the_provider_s_own_vector_is_sealed_and_opened() {
        let key = ContentKey::read("aa4BtZ4tspm2wnXLb1ThQA==").unwrap();
        assert_eq!(key.seal("test1234567"), "ILpoMowjIQjfYMR847rnFQ==");
        assert_eq!(key.open("ILpoMowjIQjfYMR847rnFQ==").as_deref(), Some(b"test1234567".as_slice()));
    }

    #[test]
    fn other_keys_and_other_texts_are_refused() {
        for (text, problem) in [
            ("", "is not an AES key of 128 bits"),
            ("!!", "is not base64"),
            ("AAECAwQFBgcICQoLDA0O", "is not an AES key of 128 bits"),
            ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "is not an AES key of 128 bits"),
        ] {
            assert_eq!(ContentKey::read(text).err(), Some(problem), "{text}");
        }
        let key = ContentKey::read("AAECAwQFBgcICQoLDA0ODw==").unwrap();
        for sealed in ["ILpoMowjIQjfYMR847rnFQ==", "", "!!", "AAAA"] {
            assert_eq!(key.open(sealed), None, "{sealed}");
        }
    }
}
