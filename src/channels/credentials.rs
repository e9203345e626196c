//! Typed reading of a channel's credential fields. Every error names the field.

use super::http::Identity;
use super::keys::{self, Block, SigningKey, VerifyingKey};
use crate::pay::Credentials;
use crate::pay::channel::ChannelError;
use base64::Engine;

/// The credential fields of one channel.
#[derive(Clone, Copy)]
pub struct Fields<'a>(&'a Credentials);

/// A `Credentials` error.
#[must_use]
pub fn wrong(field: &'static str, problem: &str) -> ChannelError {
    ChannelError::Credentials { field, problem: problem.to_owned() }
}

impl<'a> Fields<'a> {
    #[must_use]
    pub fn new(credentials: &'a Credentials) -> Self {
        Self(credentials)
    }

    /// A field's text without surrounding white space; an empty one counts as absent.
    #[must_use]
    pub fn optional(&self, name: &'static str) -> Option<&'a str> {
        self.0.get(name).map(|v| v.expose().trim()).filter(|v| !v.is_empty())
    }

    /// # Errors
    /// `Credentials` when the field is missing or empty.
    pub fn required(&self, name: &'static str) -> Result<&'a str, ChannelError> {
        self.optional(name).ok_or_else(|| wrong(name, "is missing"))
    }

    /// A field that holds one of a few words; absent, it is the first of them.
    ///
    /// # Errors
    /// `Credentials` when it holds anything else.
    pub fn choice(&self, name: &'static str, words: &'static [&'static str]) -> Result<&'static str, ChannelError> {
        let Some(text) = self.optional(name) else {
            return words.first().copied().ok_or_else(|| wrong(name, "is missing"));
        };
        words.iter().copied().find(|w| *w == text).ok_or_else(|| wrong(name, &format!("must be one of {}", words.join(", "))))
    }

    /// Our private key, PEM or bare base64, PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// `Credentials` when it is missing or no such key.
    pub fn signing_key(&self, name: &'static str) -> Result<SigningKey, ChannelError> {
        SigningKey::read(self.required(name)?).map_err(|problem| wrong(name, problem))
    }

    /// A provider's public key, PEM or bare base64, SPKI, PKCS#1 or X.509.
    ///
    /// # Errors
    /// `Credentials` when it is missing or no such key.
    pub fn verifying_key(&self, name: &'static str) -> Result<VerifyingKey, ChannelError> {
        VerifyingKey::read(self.required(name)?).map_err(|problem| wrong(name, problem))
    }

    /// The objects of a PEM or base64 text, such as a certificate chain, first one first.
    ///
    /// # Errors
    /// `Credentials` when it is missing or unreadable.
    pub fn blocks(&self, name: &'static str) -> Result<Vec<Block>, ChannelError> {
        keys::blocks(self.required(name)?).map_err(|problem| wrong(name, problem))
    }

    /// A binary file that was stored as base64.
    ///
    /// # Errors
    /// `Credentials` when it is missing or not base64.
    pub fn file(&self, name: &'static str) -> Result<Vec<u8>, ChannelError> {
        let compact: String = self.required(name)?.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        base64::engine::general_purpose::STANDARD.decode(compact).map_err(|_| wrong(name, "is not base64"))
    }

    /// The TLS client certificate with its key; `None` when neither field is filled.
    ///
    /// # Errors
    /// `Credentials` naming the missing or unreadable half.
    pub fn identity(&self, certificate: &'static str, key: &'static str) -> Result<Option<Identity>, ChannelError> {
        if self.optional(certificate).is_none() && self.optional(key).is_none() {
            return Ok(None);
        }
        let chain = self.blocks(certificate)?;
        if chain.iter().any(|b| b.label.as_deref().is_some_and(|l| l != "CERTIFICATE")) {
            return Err(wrong(certificate, "is not a certificate"));
        }
        let keys = self.blocks(key)?;
        let Some(block) = keys.iter().find(|b| b.label.as_deref().is_none_or(|l| l.ends_with("PRIVATE KEY"))) else {
            return Err(wrong(key, "is not a private key"));
        };
        Ok(Some(Identity::new(&chain, block, key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pay::Secret;

    fn fields(pairs: &[(&str, &str)]) -> Credentials {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), Secret::new((*v).to_owned()))).collect()
    }

    #[test]
    fn blank_counts_as_missing_and_errors_name_the_field() {
        let map = fields(&[("a", " x "), ("blank", "  "), ("kind", "B"), ("bad", "C"), ("file", "aGk=")]);
        let fields = Fields::new(&map);
        assert_eq!(fields.required("a"), Ok("x"));
        assert_eq!(fields.optional("blank"), None);
        assert_eq!(fields.required("blank"), Err(wrong("blank", "is missing")));
        assert_eq!(fields.required("absent"), Err(wrong("absent", "is missing")));
        assert_eq!(fields.choice("kind", &["A", "B"]), Ok("B"));
        assert_eq!(fields.choice("absent", &["A", "B"]), Ok("A"));
        assert_eq!(fields.choice("bad", &["A", "B"]), Err(wrong("bad", "must be one of A, B")));
        assert_eq!(fields.file("file"), Ok(b"hi".to_vec()));
        assert_eq!(fields.file("a"), Err(wrong("a", "is not base64")));
        assert!(matches!(fields.signing_key("a"), Err(ChannelError::Credentials { field: "a", .. })));
        assert!(matches!(fields.verifying_key("absent"), Err(ChannelError::Credentials { field: "absent", .. })));
    }

    #[test]
    fn half_an_identity_is_an_error() {
        let cert = keys::pem("CERTIFICATE", b"x");
        let map = fields(&[("cert", &cert)]);
        assert!(Fields::new(&map).identity("no", "none").unwrap().is_none());
        assert_eq!(Fields::new(&map).identity("cert", "key").err(), Some(wrong("key", "is missing")));
    }
}
