//! Our half of the signatures: the PKCS#12 file that UnionPay's certificate site hands out, and what is made with it.
//!
//! Specification 5.1.0, chapter 证书. The file may hold the certificates of the issuers too, in any order: ours is the one
//! with the private key's public half.

use super::message::{self, Fields};
use crate::channels::certificates;
use crate::channels::credentials::{self, wrong};
use crate::channels::keys::{self, SigningKey, VerifyingKey};
use crate::pay::channel::ChannelError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::error::Error;
use p12_keystore::{KeyStore, KeyStoreEntry};

/// What two keys are compared with: only the right public key verifies a signature of it.
const PROBE: &[u8] = b"is this key the other half?";

/// Signs in the merchant's name.
pub struct Signer {
    /// The certificate's serial number in decimal digits, `certId`.
    pub cert_id: String,
    key: SigningKey,
}

impl Signer {
    /// # Errors
    /// `Credentials` naming `sign_pfx` or `sign_pfx_password`.
    pub fn read(fields: &credentials::Fields<'_>) -> Result<Self, ChannelError> {
        let file = fields.file("sign_pfx")?;
        Self::open(&file, fields.required("sign_pfx_password")?)
    }

    /// # Errors
    /// As [`Signer::read`].
    pub fn open(file: &[u8], password: &str) -> Result<Self, ChannelError> {
        let store = KeyStore::from_pkcs12(file, password).map_err(|error| match error {
            Error::MacError(_) => wrong("sign_pfx_password", "does not open the file"),
            Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => {
                wrong("sign_pfx", "is protected in a way that cannot be read here; export it again with AES or 3DES")
            }
            _ => wrong("sign_pfx", "is not a PKCS#12 file (.pfx, .p12)"),
        })?;
        let chains = store.entries().filter_map(|(_, entry)| match entry {
            KeyStoreEntry::PrivateKeyChain(chain) => Some(chain),
            _ => None,
        });
        let mut problem = "holds no private key with its certificate";
        for chain in chains {
            let key = match SigningKey::read(&keys::pem("PRIVATE KEY", chain.key())) {
                Ok(key) => key,
                Err(why) => {
                    problem = why;
                    continue;
                }
            };
            let probe = key.sign_sha256(PROBE).map_err(|why| wrong("sign_pfx", why))?;
            let ours = chain.chain().iter().map(p12_keystore::Certificate::as_der);
            let ours = ours.filter(|der| VerifyingKey::from_der(der).is_ok_and(|half| half.verify_sha256(PROBE, &probe)));
            if let Some(certificate) = ours.filter_map(certificates::parse).next() {
                return Ok(Self { cert_id: certificate.tbs_certificate.serial.to_string(), key });
            }
        }
        Err(wrong("sign_pfx", problem))
    }

    /// Completes a request: version, method, certificate, signature.
    ///
    /// # Errors
    /// `Credentials` when the key cannot sign.
    pub fn sign(&self, mut fields: Fields) -> Result<Fields, ChannelError> {
        fields.insert("certId".to_owned(), self.cert_id.clone());
        fields.retain(|_, value| !value.is_empty());
        let signature = self.key.sign_sha256(message::digest(&fields).as_bytes()).map_err(|why| wrong("sign_pfx", why))?;
        fields.insert(message::SIGNATURE.to_owned(), STANDARD.encode(signature));
        Ok(fields)
    }
}
