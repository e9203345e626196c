//! A call's parameters as the gateway reads them: from the address and the body, in the character set that the *address*
//! names. Not naming it there means GBK, which is how Chinese text sent as UTF-8 comes to fail its signature.

use std::collections::BTreeMap;

/// A character set of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    Gbk,
}

impl Charset {
    /// The set with this name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "gbk" | "gb2312" => Some(Self::Gbk),
            _ => None,
        }
    }

    /// The name in notices and headers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gbk => "GBK",
        }
    }

    /// Text as bytes of this set.
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Gbk => encoding_rs::GBK.encode(text).0.into_owned(),
        }
    }

    /// Bytes of this set as text; what does not fit becomes U+FFFD.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Gbk => encoding_rs::GBK.decode_without_bom_handling(bytes).0.into_owned(),
        }
    }
}

/// One call's parameters, decoded once.
#[derive(Debug, Clone)]
pub struct Params {
    values: BTreeMap<String, String>,
    /// What the address named, or the default.
    pub charset: Charset,
    /// The name of a parameter that came twice with different values.
    pub conflicting: Option<String>,
}

impl Params {
    /// Reads the query and, for a POST, the form in the body.
    #[must_use]
    pub fn read(query: &str, body: &[u8]) -> Self {
        let in_query = split(query.as_bytes());
        let named =
            in_query.iter().find(|(name, _)| name == b"charset").map(|(_, value)| String::from_utf8_lossy(value).into_owned());
        let charset = named.as_deref().and_then(Charset::named).unwrap_or(Charset::Gbk);
        let mut params = Self { values: BTreeMap::new(), charset, conflicting: None };
        for (name, value) in in_query.into_iter().chain(split(body)) {
            let (name, value) = (charset.decode(&name), charset.decode(&value));
            match params.values.get(&name) {
                Some(first) if *first != value => params.conflicting = Some(name),
                _ => {
                    params.values.insert(name, value);
                }
            }
        }
        params
    }

    /// A value, if it was sent and is not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The exact bytes under the caller's signature: all but `sign` and what is empty, by name, in the set that the caller
    /// says it used.
    #[must_use]
    pub fn signed_text(&self) -> String {
        let sent = self.values.iter().filter(|(name, value)| name.as_str() != "sign" && !value.is_empty());
        sent.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    /// [`Self::signed_text`] as bytes.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let said = self.get("charset").and_then(Charset::named).unwrap_or(self.charset);
        said.encode(&self.signed_text())
    }
}

/// Pairs of a form, each half percent-decoded once, as bytes.
fn split(form: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let pairs = form.split(|b| *b == b'&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = match pair.iter().position(|b| *b == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &pair[..0]),
            };
            (unescape(name), unescape(value))
        })
        .collect()
}

fn unescape(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    percent_encoding::percent_decode(&spaced).collect()
}

/// Pairs as a form in a character set.
#[must_use]
pub fn form(pairs: &[(String, String)], charset: Charset) -> String {
    let escape = |text: &str| form_urlencoded::byte_serialize(&charset.encode(text)).collect::<String>();
    pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_named_in_the_address_reads_the_body() {
        let utf8 = Params::read("charset=utf-8", "a=%E6%B5%8B%E8%AF%95+A%2BB".as_bytes());
        assert_eq!(utf8.get("a"), Some("测试 A+B"));
        let gbk = Params::read("charset=GBK", b"a=%B2%E2%CA%D4");
        assert_eq!(gbk.get("a"), Some("测试"));
    }

    #[test]
    fn a_set_named_only_in_the_body_does_not_count() {
        let params = Params::read("", "charset=utf-8&a=%E6%B5%8B%E8%AF%95".as_bytes());
        assert_eq!(params.charset, Charset::Gbk);
        assert_ne!(params.get("a"), Some("测试"));
        assert_ne!(params.signed_bytes(), "a=测试&charset=utf-8".as_bytes());
    }

    #[test]
    fn empty_values_and_the_signature_are_not_signed() {
        let params = Params::read("sign=x&b=2&charset=utf-8", b"a=1&empty=");
        assert_eq!(params.signed_text(), "a=1&b=2&charset=utf-8");
    }

    #[test]
    fn one_name_with_two_values_is_a_conflict() {
        assert_eq!(Params::read("charset=utf-8&a=1", b"a=1").conflicting, None);
        assert_eq!(Params::read("charset=utf-8&a=1", b"a=2").conflicting.as_deref(), Some("a"));
    }
}
