//! Wraps small secrets that must wait somewhere in the open for a moment, such as a new key between the form that made it
//! and the page that shows it. AES-256-GCM under a key of the installation, which storage keeps sealed.

use super::cashier::Cashier;
use super::error::Error;
use super::secret::Secret;
use super::store::Write;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

const NAME: &str = "wrapping_key";

impl Cashier {
    /// `context` must be given again to unwrap: a text moved elsewhere does not open there.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn wrap(&self, context: &str, value: &Secret<String>) -> Result<String, Error> {
        let key = self.wrapping_key().await?;
        let mut nonce = [0u8; NONCE_LEN];
        self.world().chance.fill(&mut nonce);
        let mut bytes = value.expose().as_bytes().to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context.as_bytes()), &mut bytes)
            .map_err(|_| Error::Internal("wrapping failed".to_owned()))?;
        Ok(BASE64.encode([nonce.as_slice(), bytes.as_slice()].concat()))
    }

    /// # Errors
    /// `Internal` for a text that was not wrapped here under this context.
    pub async fn unwrap(&self, context: &str, text: &str) -> Result<Secret<String>, Error> {
        let broken = || Error::Internal("a wrapped value does not open".to_owned());
        let key = self.wrapping_key().await?;
        let bytes = BASE64.decode(text).map_err(|_| broken())?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut sealed = sealed.to_vec();
        let plain = key.open_in_place(nonce, Aad::from(context.as_bytes()), &mut sealed).map_err(|_| broken())?;
        String::from_utf8(plain.to_vec()).map(Secret::new).map_err(|_| broken())
    }

    async fn wrapping_key(&self) -> Result<LessSafeKey, Error> {
        if self.store().secret(NAME).await?.is_none() {
            let mut fresh = [0u8; 32];
            self.world().chance.fill(&mut fresh);
            let value = Secret::new(BASE64.encode(fresh));
            self.store().commit(vec![Write::InsertSecret { name: NAME.to_owned(), value }]).await?;
        }
        // Read back: another node may have been first.
        let broken = || Error::Internal("the wrapping key cannot be read".to_owned());
        let text = self.store().secret(NAME).await?.ok_or_else(broken)?;
        let bytes = BASE64.decode(text.expose()).map_err(|_| broken())?;
        Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| broken())?))
    }
}
