//! Flat JSON as LianLian speaks it, and what its codes mean.
//!
//! Strict, because what is read here is signed and decides about money: a name given twice is an error. Provider's
//! document: 返回码说明.

use super::sign::Message;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Largest message in bytes.
const MAX_BYTES: usize = 64 * 1024;
const MAX_FIELDS: usize = 100;

struct Flat(Message);

impl<'de> Deserialize<'de> for Flat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Flat;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Flat, A::Error> {
                let mut message = Message::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    if message.len() >= MAX_FIELDS {
                        return Err(A::Error::custom("too many fields"));
                    }
                    if message.insert(name, plain(&value)?).is_some() {
                        return Err(A::Error::custom("a field appears twice"));
                    }
                }
                Ok(Flat(message))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// A text without its quotes; anything else in the very characters it was written with, since those are signed. Nothing
/// descends into it, however deep it is.
fn plain<E: Error>(value: &RawValue) -> Result<String, E> {
    match value.get() {
        "null" => Ok(String::new()),
        quoted if quoted.starts_with('"') => serde_json::from_str(quoted).map_err(E::custom),
        other => Ok(other.to_owned()),
    }
}

/// Reads a message.
///
/// # Errors
/// The problem, in words that hold nothing of the message.
pub fn read(body: &[u8]) -> Result<Message, &'static str> {
    if body.len() > MAX_BYTES {
        return Err("larger than 64 KiB");
    }
    let flat: Result<Flat, _> = serde_json::from_slice(body);
    flat.map(|flat| flat.0).map_err(|_| "not a JSON object of distinct fields")
}

/// A message as the JSON text that travels.
#[must_use]
pub fn write(message: &Message) -> String {
    let fields = message.iter().map(|(name, value)| (name.clone(), serde_json::Value::String(value.clone())));
    serde_json::Value::Object(fields.collect()).to_string()
}

/// A field that is there and not empty.
#[must_use]
pub fn field<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    message.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

/// What a `ret_code` says about the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Handled: the status field tells the rest.
    Handled,
    /// No such record.
    Absent,
    /// Still being worked on.
    Working,
    /// Run out.
    Expired,
    /// The number was used before: an earlier try of the same call.
    Used,
    /// A no of the refund's own sum, which an earlier try of the same call may be the reason of: look first.
    LookFirst,
    /// A no that says nothing of the refund itself: look first, and believe nothing else.
    LookOnly,
    /// A no: the call had no effect.
    No,
    /// Nobody knows. Also every code that is not in the document.
    Unclear,
}

/// What a code means for a call of ours to the JSON interfaces.
#[must_use]
pub fn meaning(code: &str) -> Meaning {
    match code {
        "0000" => Meaning::Handled,
        "8901" => Meaning::Absent,
        "1003" | "2003" | "2004" | "2005" | "2008" => Meaning::Working,
        "2006" => Meaning::Expired,
        "1002" | "9983" => Meaning::Used,
        // Amounts, balance, original not paid: the first try may have done it.
        "5003" | "5006" | "5007" | "5008" => Meaning::LookFirst,
        // Paid already, original not found: about the order, and odd for one whose payment was told.
        "2007" | "5002" => Meaning::LookOnly,
        // Signature, parameters, address, service, merchant: refused at the door.
        "1001" | "1004" | "1008" | "1009" | "1012" | "3001" | "3006" | "3007" | "3010" | "9002" | "9901" | "9910" => Meaning::No,
        _ => Meaning::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_characters() {
        let message = read(r#"{"a":"\u6d4b\"","n":0.10,"o":{"x": 1},"z":null,"t":true}"#.as_bytes()).unwrap();
        let shown: Vec<(&str, &str)> = message.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(shown, [("a", "测\""), ("n", "0.10"), ("o", "{\"x\": 1}"), ("t", "true"), ("z", "")]);
        assert_eq!(read(write(&message).as_bytes()).unwrap()["o"], "{\"x\": 1}");
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for bad in ["", "[]", "null", "\"a\"", r#"{"a":"1","a":"1"}"#, r#"{"a":"1"}x"#, r#"{"a":"1",}"#, "a=1&b=2"] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(read(b"{\"a\":\"\xff\"}").is_err());
        assert!(read(format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_BYTES)).as_bytes()).is_err());
        let many: Vec<String> = (0..=MAX_FIELDS).map(|n| format!("\"f{n}\":\"\"")).collect();
        assert!(read(format!("{{{}}}", many.join(",")).as_bytes()).is_err());
    }

    #[test]
    fn an_unknown_code_is_doubt() {
        for code in ["", "0", "00000", "9999", "9902", "5004", "5005", "9920", "9921", "1005", "7777"] {
            assert_eq!(meaning(code), Meaning::Unclear, "{code}");
        }
    }
}
