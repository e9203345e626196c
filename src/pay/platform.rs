//! Our own RSA key pair, for answers to merchants who use `RSA2`. Made once per installation, kept sealed.

use super::cashier::Cashier;
use super::error::Error;
use super::secret::Secret;
use super::store::Write;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use std::sync::Arc;

const NAME: &str = "platform_rsa";

pub(super) struct PlatformKey {
    pair: RsaKeyPair,
    public_pem: String,
}

impl PlatformKey {
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &aws_lc_rs::rand::SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::Internal("signing with the platform key failed".into()))?;
        Ok(signature)
    }

    fn open(pem: &Secret<String>) -> Result<Self, Error> {
        let broken = |what: &str| Error::Internal(format!("the platform key cannot be read: {what}"));
        let key = rsa::RsaPrivateKey::from_pkcs8_pem(pem.expose()).map_err(|e| broken(&e.to_string()))?;
        let der = key.to_pkcs8_der().map_err(|e| broken(&e.to_string()))?;
        let pair = RsaKeyPair::from_pkcs8(der.as_bytes()).map_err(|e| broken(&e.to_string()))?;
        let public_pem = key.to_public_key().to_public_key_pem(LineEnding::LF).map_err(|e| broken(&e.to_string()))?;
        Ok(Self { pair, public_pem })
    }
}

impl Cashier {
    /// The public half, PEM, for merchants who verify `RSA2` answers.
    ///
    /// # Errors
    /// Storage errors, or a stored key that cannot be read.
    pub async fn platform_key(&self) -> Result<String, Error> {
        Ok(self.platform().await?.public_pem.clone())
    }

    pub(super) async fn platform(&self) -> Result<Arc<PlatformKey>, Error> {
        self.inner
            .platform
            .get_or_try_init(|| async {
                if self.inner.store.secret(NAME).await?.is_none() {
                    let value = tokio::task::spawn_blocking(generate).await.map_err(|e| Error::Internal(e.to_string()))??;
                    self.commit(None, vec![Write::InsertSecret { name: NAME.to_owned(), value }]).await?;
                }
                // Read back: another node may have been first.
                let pem = self.inner.store.secret(NAME).await?;
                let pem = pem.ok_or_else(|| Error::Internal("the platform key was not stored".into()))?;
                Ok(Arc::new(PlatformKey::open(&pem)?))
            })
            .await
            .cloned()
    }
}

fn generate() -> Result<Secret<String>, Error> {
    let key = rsa::RsaPrivateKey::new(&mut rand::rngs::OsRng, 2048).map_err(|e| Error::Internal(e.to_string()))?;
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(Secret::new(pem.to_string()))
}
