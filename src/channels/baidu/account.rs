//! Our payment service at Baidu: numbers and keys, read once when the channel is opened.

use super::sign::{self, Params};
use crate::channels::credentials::{Fields, wrong};
use crate::channels::keys::VerifyingKey;
use crate::channels::legacy_keys::LegacyKey;
use crate::pay::Secret;
use crate::pay::channel::ChannelError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The account, ready to sign and to verify.
pub struct Account {
    pub deal_id: String,
    /// The key of the payment service, such as `MMMabc`; the mini program's own App Key is another one.
    pub app_key: String,
    /// The number of the payment service; the calls of the older generation name it.
    pub app_id: String,
    /// Set when the newer generation can be used.
    pub client: Option<Client>,
    /// 1024 bits, as Baidu's documents have them.
    ours: LegacyKey,
    theirs: VerifyingKey,
}

/// The mini program as an OAuth client: its App Key and App Secret.
pub struct Client {
    pub id: String,
    pub secret: Secret<String>,
}

impl Account {
    /// # Errors
    /// `Credentials` naming the field that is missing or unreadable.
    pub fn open(fields: &Fields<'_>) -> Result<Self, ChannelError> {
        let deal_id = fields.required("deal_id")?.to_owned();
        let app_key = fields.required("app_key")?.to_owned();
        let app_id = fields.required("app_id")?.to_owned();
        let private = fields.required("private_key_pem")?;
        let ours = LegacyKey::read(private).map_err(|problem| wrong("private_key_pem", problem))?;
        let theirs = fields.verifying_key("platform_public_key_pem")?;
        let client = match (fields.optional("client_id"), fields.optional("client_secret")) {
            (None, None) => None,
            (Some(id), Some(secret)) => Some(Client { id: id.to_owned(), secret: Secret::new(secret.to_owned()) }),
            (Some(_), None) => return Err(wrong("client_secret", "is missing: client_id needs it")),
            (None, Some(_)) => return Err(wrong("client_id", "is missing: client_secret needs it")),
        };
        if client.as_ref().is_some_and(|client| client.id == app_key) {
            return Err(wrong("client_id", "is the payment service's appKey; the mini program's own App Key belongs here"));
        }
        Ok(Self { deal_id, app_key, app_id, client, ours, theirs })
    }

    /// Our signature over all of these parameters, in base64.
    ///
    /// # Errors
    /// `Credentials` when the private key cannot sign.
    pub fn sign(&self, params: &Params) -> Result<String, ChannelError> {
        sign::signature(&self.ours, sign::text(params).as_bytes()).map_err(|problem| wrong("private_key_pem", problem))
    }

    /// Whether Baidu signed these fields. SHA-1 whatever the message says of itself: Baidu knows nothing else here.
    #[must_use]
    pub fn is_theirs(&self, params: &Params, base64_signature: &str) -> bool {
        STANDARD
            .decode(base64_signature)
            .is_ok_and(|signature| self.theirs.verify_sha1(sign::text(params).as_bytes(), &signature))
    }
}
