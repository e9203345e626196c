//! Cutting a reply: which exact bytes were signed, and only then what they say.
//!
//! The signed bytes are the node as it stands in the body, escaped slashes and all, so nothing here is ever written out
//! again. Must not know what the fields mean.

use super::content::ContentKey;
use super::sign::Charset;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

/// A reply taken apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Cut<'a> {
    /// The exact bytes the signature covers.
    pub node: &'a [u8],
    pub sign: Option<String>,
    pub cert_sn: Option<String>,
    charset: Charset,
}

/// A body that is no reply of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAReply(pub &'static str);

/// Members of a JSON object in their order; a name given twice is an error.
struct Members<V>(Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Members<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Once<V> {
            type Value = Members<V>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object without doubled names")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<V>, A::Error> {
                let mut members: Vec<(String, V)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, V>()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom("a name is given twice"));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Once(PhantomData))
    }
}

/// Finds node and signature in a reply to `method`.
///
/// # Errors
/// When the body is not one JSON object with that node, or names something twice.
pub fn cut<'a>(body: &'a [u8], method: &str) -> Result<Cut<'a>, NotAReply> {
    // Some error bodies come in GBK whatever was asked for. Then a masked text of the same length is cut instead: the
    // second byte of a pair may look like a quote or a brace.
    let masked;
    let (text, charset) = match std::str::from_utf8(body) {
        Ok(text) => (text, Charset::Utf8),
        Err(_) => {
            masked = mask_pairs(body);
            (masked.as_str(), Charset::Gbk)
        }
    };
    let Members(members): Members<&RawValue> = serde_json::from_str(text).map_err(|_| NotAReply("not one JSON object"))?;
    let find = |name: &str| members.iter().find(|(known, _)| known == name).map(|(_, raw)| raw.get());
    let string = |name: &str| match find(name) {
        None => Ok(None),
        Some(raw) => serde_json::from_str::<String>(raw).map(Some).map_err(|_| NotAReply("signature or serial is no text")),
    };
    let node = match find(&format!("{}_response", method.replace('.', "_"))) {
        Some(node) => node,
        None => find("error_response").ok_or(NotAReply("no node for this method"))?,
    };
    let node = body.get(place(text, node)).ok_or(NotAReply("node outside the body"))?;
    Ok(Cut { node, sign: string("sign")?, cert_sn: string("alipay_cert_sn")?, charset })
}

/// Where a part of a text stands in it.
fn place(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

/// The body with every GBK pair replaced by two plain letters: ASCII, and every byte in its old place.
fn mask_pairs(body: &[u8]) -> String {
    let mut out = String::with_capacity(body.len());
    let mut bytes = body.iter();
    while let Some(&byte) = bytes.next() {
        if byte < 0x80 {
            out.push(char::from(byte));
        } else {
            out.push('x');
            if byte > 0x80 && bytes.next().is_some() {
                out.push('x');
            }
        }
    }
    out
}

/// The fields of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Fields(Vec<(String, Value)>);

impl Fields {
    /// A field that is a text and not empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl Cut<'_> {
    /// Reads the node, and opens it first where it came encrypted. Call it after the signature was checked.
    ///
    /// # Errors
    /// When the node is no object, does not open with the key, or is not in the body's charset.
    pub fn fields(&self, key: Option<&ContentKey>) -> Result<Fields, NotAReply> {
        let text = self.charset.decode(self.node).ok_or(NotAReply("broken characters"))?;
        let Ok(sealed) = serde_json::from_str::<String>(&text) else { return read(&text) };
        let key = key.ok_or(NotAReply("the node is encrypted, and the channel has no AES key"))?;
        let plain = key.open(&sealed).ok_or(NotAReply("the node does not open with the channel's AES key"))?;
        read(std::str::from_utf8(&plain).map_err(|_| NotAReply("broken characters"))?)
    }
}

fn read(object: &str) -> Result<Fields, NotAReply> {
    let Members(members) = serde_json::from_str(object).map_err(|_| NotAReply("the node is no object"))?;
    Ok(Fields(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node_of(body: &str) -> Result<String, NotAReply> {
        cut(body.as_bytes(), "alipay.trade.query").map(|cut| String::from_utf8(cut.node.to_vec()).unwrap())
    }

    #[test]
    fn the_node_is_cut_by_structure_not_by_search() {
        for (body, node) in [
            (r#"{"sign":"AA==","alipay_trade_query_response":{"a":"}\"{"}}"#, r#"{"a":"}\"{"}"#),
            (
                r#"{"alipay_trade_query_response":{"sign":"x","error_response":{"code":"1"}},"sign":"AA=="}"#,
                r#"{"sign":"x","error_response":{"code":"1"}}"#,
            ),
            (r#"{ "alipay_trade_query_response" : {"a":1} , "sign" : "AA==" }"#, r#"{"a":1}"#),
            (r#"{"alipay_trade_query_response":"QUJD","sign":"AA=="}"#, r#""QUJD""#),
            (r#"{"error_response":{"code":"40002"}}"#, r#"{"code":"40002"}"#),
        ] {
            assert_eq!(node_of(body).as_deref(), Ok(node), "{body}");
        }
    }

    #[test]
    fn doubled_names_and_other_bodies_are_refused() {
        for body in [
            r#"{"alipay_trade_query_response":{"a":1},"alipay_trade_query_response":{"a":2},"sign":"AA=="}"#,
            r#"{"alipay_trade_query_response":{"a":1},"sign":"AA==","sign":"BB=="}"#,
            r#"{"alipay_trade_query_response":{"a":1},"alipay_trade_query_respons\u0065":{"a":2},"sign":"AA=="}"#,
            r#"{"alipay_trade_refund_response":{"a":1},"sign":"AA=="}"#,
            r#"{"alipay_trade_query_response":{"a":1},"sign":7}"#,
            r#"{"alipay_trade_query_response":{"a":1}} tail"#,
            r#"[{"alipay_trade_query_response":{"a":1}}]"#,
            r#"{"alipay_trade_query_response":{"a":1"#,
            "<html>",
            "",
        ] {
            assert!(node_of(body).is_err(), "{body}");
        }
        let doubled = cut(br#"{"alipay_trade_query_response":{"code":"1","code":"10000"}}"#, "alipay.trade.query").unwrap();
        assert!(doubled.fields(None).is_err(), "a field given twice");
    }

    #[test]
    fn unsigned_errors_are_known_as_such() {
        let cut = cut(br#"{"error_response":{"code":"40002"}}"#, "alipay.trade.query").unwrap();
        assert_eq!(cut.sign, None);
        assert_eq!(cut.fields(None).unwrap().text("code"), Some("40002"));
    }

    #[test]
    fn an_encrypted_node_is_read_with_its_key_only() {
        let key = ContentKey::read("AAECAwQFBgcICQoLDA0ODw==").unwrap();
        let other = ContentKey::read("aa4BtZ4tspm2wnXLb1ThQA==").unwrap();
        let body = format!(r#"{{"alipay_trade_query_response":"{}","sign":"AA=="}}"#, key.seal(r#"{"code":"10000"}"#));
        let cut = cut(body.as_bytes(), "alipay.trade.query").unwrap();
        assert_eq!(cut.fields(Some(&key)).unwrap().text("code"), Some("10000"));
        assert!(cut.fields(None).is_err() && cut.fields(Some(&other)).is_err());
    }

    // Pitfall 17: an error body in GBK, whose second bytes look like JSON syntax.
    #[test]
    fn gbk_bodies_keep_their_bytes() {
        // 0x81 0x5C and 0x81 0x7B: trail bytes that read as a backslash and a brace.
        let mut body = br#"{"alipay_trade_query_response":{"code":"20000","sub_msg":""#.to_vec();
        body.extend([0xcf, 0xb5, 0xcd, 0xb3, 0x81, 0x5c, 0x81, 0x7b]);
        body.extend(br#""},"sign":"AA=="}"#);
        let cut = cut(&body, "alipay.trade.query").unwrap();
        assert!(cut.node.starts_with(b"{\"code\"") && cut.node.ends_with(b"\x81\x5c\x81\x7b\"}"));
        assert_eq!(cut.sign.as_deref(), Some("AA=="));
        let fields = cut.fields(None).unwrap();
        assert_eq!(fields.text("code"), Some("20000"));
        assert!(fields.text("sub_msg").unwrap().starts_with("系统"));
    }

    #[test]
    fn fields_are_texts_and_never_empty() {
        let body = br#"{"alipay_trade_query_response":{"a":"","b":7,"c":"x\/y"},"sign":"AA=="}"#;
        let fields = cut(body, "alipay.trade.query").unwrap().fields(None).unwrap();
        assert_eq!((fields.text("a"), fields.text("b"), fields.text("c")), (None, None, Some("x/y")));
    }
}
