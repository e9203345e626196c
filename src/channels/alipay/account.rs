//! Our account at Alipay: ids and keys, read and checked against each other once, when the channel is opened.

use super::cert;
use super::content::ContentKey;
use crate::channels::certificates::{self, Chain};
use crate::channels::credentials::{Fields, wrong};
use crate::channels::keys::{SigningKey, VerifyingKey};
use crate::pay::channel::ChannelError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What two keys are compared with: only the right public key verifies our signature of it.
const PROBE: &[u8] = b"is this key the other half?";

const CERTIFICATE_FIELDS: [&str; 3] = ["app_cert_pem", "alipay_cert_pem", "alipay_root_cert_pem"];

/// The account, ready to sign and to verify.
pub struct Account {
    pub app_id: String,
    pub seller_id: Option<String>,
    pub certificates: Option<SerialNumbers>,
    /// Where the merchant has switched on content encryption.
    pub content_key: Option<ContentKey>,
    ours: SigningKey,
    theirs: VerifyingKey,
}

/// What certificate mode adds to requests and expects in replies.
#[derive(Debug, PartialEq, Eq)]
pub struct SerialNumbers {
    pub app: String,
    pub root: String,
    pub alipay: String,
}

impl Account {
    /// # Errors
    /// `Credentials` naming the field that is missing, unreadable, or does not belong to the others.
    pub fn open(fields: &Fields<'_>) -> Result<Self, ChannelError> {
        let app_id = fields.required("app_id")?.to_owned();
        let ours = fields.signing_key("private_key_pem")?;
        let has_certificate = CERTIFICATE_FIELDS.iter().any(|name| fields.optional(name).is_some());
        let (field, theirs, certificates) = match (fields.optional("alipay_public_key_pem"), has_certificate) {
            (Some(_), true) => {
                return Err(wrong(
                    "alipay_public_key_pem",
                    "give either this key or the three certificates: an app id is in one mode only",
                ));
            }
            (_, false) => ("alipay_public_key_pem", fields.verifying_key("alipay_public_key_pem")?, None),
            (None, true) => {
                let (theirs, numbers) = read_certificates(fields, &ours)?;
                ("alipay_cert_pem", theirs, Some(numbers))
            }
        };
        if is_other_half(&ours, &theirs)? {
            let problem = "is the application's own key; the key that Alipay shows after the upload belongs here";
            return Err(wrong(field, problem));
        }
        let seller_id = fields.optional("seller_id").map(str::to_owned);
        let content_key = fields.optional("aes_key").map(ContentKey::read).transpose();
        let content_key = content_key.map_err(|problem| wrong("aes_key", problem))?;
        Ok(Self { app_id, seller_id, certificates, content_key, ours, theirs })
    }

    /// Our RSA2 signature in base64.
    ///
    /// # Errors
    /// `Credentials` when the private key cannot sign.
    pub fn sign(&self, text: &str) -> Result<String, ChannelError> {
        let signature = self.ours.sign_sha256(text.as_bytes()).map_err(|problem| wrong("private_key_pem", problem))?;
        Ok(STANDARD.encode(signature))
    }

    /// Whether Alipay signed these bytes. RSA2 only, whatever a message says of itself.
    #[must_use]
    pub fn is_theirs(&self, text: &[u8], base64_signature: &str) -> bool {
        STANDARD.decode(base64_signature).is_ok_and(|signature| self.theirs.verify_sha256(text, &signature))
    }
}

/// The three files of certificate mode. The leaf stands first; whatever follows it in the file links it to the root.
fn read_certificates(fields: &Fields<'_>, ours: &SigningKey) -> Result<(VerifyingKey, SerialNumbers), ChannelError> {
    let read = |name: &'static str| {
        let text = fields.required(name)?;
        certificates::read_certificates(text).map_err(|problem| wrong(name, problem))
    };
    let [app, alipay, roots] = [read("app_cert_pem")?, read("alipay_cert_pem")?, read("alipay_root_cert_pem")?];
    if !is_other_half(ours, &key_in(&app, "app_cert_pem")?)? {
        return Err(wrong("app_cert_pem", "does not belong to the private key"));
    }
    let root = cert::root_serial_number(&roots).ok_or_else(|| wrong("alipay_root_cert_pem", "holds no RSA certificate"))?;
    let numbers = SerialNumbers { app: number_in(&app, "app_cert_pem")?, root, alipay: number_in(&alipay, "alipay_cert_pem")? };
    let theirs = key_in(&alipay, "alipay_cert_pem")?;
    let chain = alipay.split_first().map(|(leaf, between)| certificates::follow(leaf, between, &roots));
    match chain {
        Some(Chain::Anchored) => {}
        // Downloads may hold the leaf alone, and the test gateway's issuer is not in the bundle at all: what was stored by
        // hand counts, and only what contradicts itself is refused.
        Some(Chain::Open) => tracing::warn!(channel.kind = "alipay", "Alipay's certificate does not lead to the root bundle"),
        Some(Chain::Broken) | None => {
            return Err(wrong("alipay_cert_pem", "was not signed by the issuer that it names"));
        }
    }
    Ok((theirs, numbers))
}

fn key_in(chain: &[Vec<u8>], name: &'static str) -> Result<VerifyingKey, ChannelError> {
    let leaf = chain.first().ok_or_else(|| wrong(name, "is missing"))?;
    VerifyingKey::from_der(leaf).map_err(|problem| wrong(name, problem))
}

fn number_in(chain: &[Vec<u8>], name: &'static str) -> Result<String, ChannelError> {
    let leaf = chain.first().and_then(|der| certificates::parse(der));
    leaf.map(|leaf| cert::serial_number(&leaf)).ok_or_else(|| wrong(name, "is not a certificate"))
}

fn is_other_half(private: &SigningKey, public: &VerifyingKey) -> Result<bool, ChannelError> {
    let signature = private.sign_sha256(PROBE).map_err(|problem| wrong("private_key_pem", problem))?;
    Ok(public.verify_sha256(PROBE, &signature))
}
