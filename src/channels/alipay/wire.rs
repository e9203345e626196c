//! Signed requests in the four shapes they travel in, and the texts that go into them.
//!
//! Must not know keys, transport or what a reply means.

use super::sign::Params;
use form_urlencoded::byte_serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The path of the gateway under its origin.
pub const PATH: &str = "/gateway.do";

/// Parameters that the gateway reads from the URL; the rest belongs into the body.
const IN_BODY: [&str; 1] = ["biz_content"];

/// A request with its signature. What was signed is what travels, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed(Params);

impl Signed {
    /// Puts the signature to the parameters it covers; empty parameters stay behind on both sides.
    #[must_use]
    pub fn new(mut params: Params, sign: String) -> Self {
        params.retain(|_, value| !value.is_empty());
        params.insert("sign".to_owned(), sign);
        Self(params)
    }

    /// Everything in one URL, for a browser.
    #[must_use]
    pub fn get_url(&self, gateway: &str) -> String {
        format!("{gateway}?{}", encode(self.0.iter()))
    }

    /// A form for a browser to post: its action and its fields.
    #[must_use]
    pub fn form(&self, gateway: &str) -> (String, BTreeMap<String, String>) {
        let fields = self.0.iter().filter(|(name, _)| in_body(name)).map(|(name, value)| (name.clone(), value.clone()));
        (self.system_url(gateway), fields.collect())
    }

    /// A call of our own: its URL and its form body.
    #[must_use]
    pub fn call(&self, gateway: &str) -> (String, String) {
        (self.system_url(gateway), encode(self.0.iter().filter(|(name, _)| in_body(name))))
    }

    /// The order string for the provider's app kit.
    #[must_use]
    pub fn order_string(&self) -> String {
        encode(self.0.iter())
    }

    // The charset must stand in the URL: the gateway takes a body for GBK until it has read it there.
    fn system_url(&self, gateway: &str) -> String {
        format!("{gateway}?{}", encode(self.0.iter().filter(|(name, _)| !in_body(name))))
    }
}

fn in_body(name: &str) -> bool {
    IN_BODY.contains(&name)
}

/// A query of these pairs, in this order.
#[must_use]
pub fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn encode<'a>(params: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let mut out = String::new();
    for (name, value) in params {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.extend(byte_serialize(value.as_bytes()));
    }
    out
}

/// The business part of a request, in the order it is built up; absent values stay out.
#[derive(Debug, Default)]
pub struct Biz(Map<String, Value>);

impl Biz {
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), Value::String(value.into()));
        self
    }

    #[must_use]
    pub fn maybe(self, name: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The JSON text, written once: the same text is signed and sent. Nothing for a call without a business part.
    #[must_use]
    pub fn into_text(self) -> String {
        if self.0.is_empty() { String::new() } else { Value::Object(self.0).to_string() }
    }
}

/// A subject as the provider takes it: without `/`, `=`, `&`, control characters and emoji, at most 256 characters.
/// `fallback` when nothing is left.
#[must_use]
pub fn subject(text: &str, fallback: &str) -> String {
    let plain = shorten(text.chars().filter(|c| !matches!(c, '/' | '=' | '&')), 256);
    if plain.is_empty() { fallback.to_owned() } else { plain }
}

/// A description as the provider takes it: no control characters, no emoji, at most 128 characters.
#[must_use]
pub fn body(text: &str) -> Option<String> {
    Some(shorten(text.chars(), 128)).filter(|text| !text.is_empty())
}

/// A refund's reason: the same, at most 256 characters.
#[must_use]
pub fn reason(text: &str) -> Option<String> {
    Some(shorten(text.chars(), 256)).filter(|text| !text.is_empty())
}

fn shorten(text: impl Iterator<Item = char>, most: usize) -> String {
    let short: String = text.filter(|c| !c.is_control() && !is_pictograph(*c)).take(most).collect();
    short.trim().to_owned()
}

/// Emoji and what only exists to build them. Rare Chinese characters beyond the first plane stay.
fn is_pictograph(c: char) -> bool {
    matches!(u32::from(c),
        0x200d | 0x20e3 | 0x231a | 0x231b | 0x23e9..=0x23fa | 0x2600..=0x27bf | 0x2b00..=0x2bff | 0xfe00..=0xfe0f
        | 0x1f000..=0x1faff | 0xe0000..=0xe007f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_lose_what_the_provider_refuses() {
        for (given, sent) in [
            ("测试商品 A+B 100%", "测试商品 A+B 100%"),
            ("a/b=c&d", "abcd"),
            ("会员\u{7}卡\n", "会员卡"),
            ("生日🎂蛋糕❤️", "生日蛋糕"),
            ("𠮷野家", "𠮷野家"),
            ("👨‍👩‍👧", "P1"),
            ("//", "P1"),
        ] {
            assert_eq!(subject(given, "P1"), sent, "{given}");
        }
        assert_eq!(subject(&"测".repeat(300), "P1"), "测".repeat(256), "shortened at a character border");
        assert_eq!(body(&"a/".repeat(100)), Some("a/".repeat(64)));
        assert_eq!(body("🎂"), None);
        assert_eq!(reason("buyer's wish"), Some("buyer's wish".to_owned()));
    }

    #[test]
    fn business_text_keeps_its_order_and_drops_what_is_absent() {
        let text = Biz::default().with("b", "2").maybe("none", None::<String>).maybe("a", Some("测\"")).into_text();
        assert_eq!(text, r#"{"b":"2","a":"测\""}"#);
    }
}
