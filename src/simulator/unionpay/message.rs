//! Messages on the gateway's side: strict forms in, unencoded answers out, and the text both sign.
//!
//! Specification 5.1.0, chapters 报文格式 and 签名.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// Fields in the order they came or were put.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message(Vec<(String, String)>);

impl Message {
    /// Reads a form; `None` when an escape is broken, a text is no UTF-8, or a name comes twice.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        let mut message = Self::default();
        for part in body.split(|b| *b == b'&').filter(|part| !part.is_empty()) {
            let at = part.iter().position(|b| *b == b'=')?;
            let (name, value) = (decode(&part[..at])?, decode(&part[at + 1..])?);
            if name.is_empty() || message.0.iter().any(|(known, _)| *known == name) {
                return None;
            }
            message.0.push((name, value));
        }
        Some(message)
    }

    /// A field with a value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// A field's value, or nothing.
    #[must_use]
    pub fn text_of(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Puts a field, in the place it had before; an empty value takes it out.
    pub fn put(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.0.iter().position(|(known, _)| known == name) {
            Some(at) if value.is_empty() => {
                self.0.remove(at);
            }
            Some(at) => self.0[at].1 = value,
            None if value.is_empty() => {}
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// The same with one more field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.put(name, value);
        self
    }

    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What is signed: fields with values in the order of their names' bytes, without the signature.
    #[must_use]
    pub fn signed_text(&self) -> String {
        let mut pairs: Vec<(&str, &str)> = self.fields().filter(|(n, v)| *n != "signature" && !v.is_empty()).collect();
        pairs.sort_unstable_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    fn letters(&self) -> String {
        hex::encode(Sha256::digest(self.signed_text().as_bytes()))
    }

    /// Whether its signature is one of these letters, as `verifies` (letters, signature) has it.
    #[must_use]
    pub fn is_signed(&self, verifies: impl Fn(&[u8], &[u8]) -> bool) -> bool {
        let signature = STANDARD.decode(self.text_of("signature")).unwrap_or_default();
        verifies(self.letters().as_bytes(), &signature)
    }

    /// Adds a certificate (PEM with lines ending in CR LF, and none after the last) and the signature that `sign` makes.
    #[must_use]
    pub fn sign(mut self, certificate: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        self.put("signPubKeyCert", certificate);
        let signature = sign(self.letters().as_bytes());
        self.put("signature", STANDARD.encode(signature));
        self
    }

    /// Swaps two characters of the signature.
    pub fn spoil(&mut self) {
        let mut letters: Vec<char> = self.text_of("signature").chars().collect();
        if let Some(other) = letters.iter().skip(1).position(|c| Some(c) != letters.first()) {
            letters.swap(0, other + 1);
        }
        self.put("signature", letters.into_iter().collect::<String>());
    }

    /// A synchronous answer: alphabetical, certificate and signature last, nothing encoded.
    #[must_use]
    pub fn unencoded(&self) -> String {
        let is_last = |name: &str| name == "signPubKeyCert" || name == "signature";
        let mut pairs: Vec<(&str, &str)> = self.fields().filter(|(n, _)| !is_last(n)).collect();
        pairs.sort_unstable();
        pairs.extend(["signPubKeyCert", "signature"].into_iter().filter_map(|n| Some((n, self.get(n)?))));
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    /// A form, for notices.
    #[must_use]
    pub fn form(&self) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.fields() {
            out.append_pair(name, value);
        }
        out.finish()
    }
}

fn decode(text: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let pair = [*rest.next()?, *rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&pair).ok().filter(|p| !p.starts_with('+'))?, 16).ok()?
            }
            other => *other,
        });
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_forms_are_refused() {
        for bad in [&b"a"[..], b"a=%4", b"a=%zz", b"a=%ff", b"a=1&a=1", b"=1", b"a=%+1"] {
            assert_eq!(Message::read(bad), None, "{bad:?}");
        }
        let read = Message::read(b"a=1+2%2B&b=&c=x%3Dy").expect("reads");
        assert_eq!((read.get("a"), read.get("b"), read.get("c")), (Some("1 2+"), None, Some("x=y")));
    }

    #[test]
    fn upper_case_sorts_before_lower_case() {
        let message =
            Message::default().with("signature", "s").with("signPubKeyCert", "p").with("signMethod", "01").with("a", "1");
        assert_eq!(message.signed_text(), "a=1&signMethod=01&signPubKeyCert=p");
        assert_eq!(message.unencoded(), "a=1&signMethod=01&signPubKeyCert=p&signature=s");
    }
}
