//! Reads a request into flat fields: text by name, as it is signed. Strict, since what two readers understand differently
//! can be signed as one thing and done as another.

use crate::pay::signing::Fields;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;

/// Reads a flat JSON object. Numbers and booleans become their plain text, null becomes the empty text (which is not
/// signed either).
///
/// # Errors
/// A sentence for the caller: no UTF-8, no JSON object, a name given twice, a nested value.
pub fn read_json(bytes: &[u8]) -> Result<Fields, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the body is not UTF-8".to_owned())?;
    let flat: Flat = serde_json::from_str(text).map_err(|e| format!("the body is not a flat JSON object: {}", plain(&e)))?;
    Ok(flat.0)
}

/// serde_json's sentence without its position in our types.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

struct Flat(Fields);

impl<'de> Deserialize<'de> for Flat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FlatVisitor)
    }
}

struct FlatVisitor;

impl<'de> Visitor<'de> for FlatVisitor {
    type Value = Flat;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Flat, A::Error> {
        let mut fields = Fields::new();
        while let Some(name) = map.next_key::<String>()? {
            let raw: &RawValue = map.next_value()?;
            let value = scalar(raw.get()).map_err(|problem| de::Error::custom(format!("{name} {problem}")))?;
            if fields.contains_key(&name) {
                return Err(de::Error::custom(format!("{name} is given twice")));
            }
            fields.insert(name, value);
        }
        Ok(Flat(fields))
    }
}

/// The raw text of a number is kept, so that both sides sign the same digits.
fn scalar(raw: &str) -> Result<String, String> {
    match raw.as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw).map_err(|e| plain(&e)),
        Some(b'{' | b'[') => Err("must be flat; a nested value travels as a JSON text".to_owned()),
        Some(b'n') => Ok(String::new()),
        Some(b't' | b'f') => Ok(raw.to_owned()),
        _ if raw.contains(['e', 'E']) => Err("must be a number without exponent".to_owned()),
        _ => Ok(raw.to_owned()),
    }
}

/// Reads a query string or a form, strictly: valid escapes of valid UTF-8, no name twice.
///
/// # Errors
/// A sentence for the caller.
pub fn read_form(text: &[u8]) -> Result<Fields, String> {
    let mut fields = Fields::new();
    for pair in text.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.iter().position(|b| *b == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &[][..]),
        };
        let name = unescape(name)?;
        let value = unescape(value)?;
        if fields.contains_key(&name) {
            return Err(format!("{name} is given twice"));
        }
        fields.insert(name, value);
    }
    Ok(fields)
}

fn unescape(part: &[u8]) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = [rest.next(), rest.next()].map(|d| d.and_then(|d| char::from(*d).to_digit(16)));
                let [Some(high), Some(low)] = digits else { return Err("the form has a broken escape".to_owned()) };
                bytes.push(u8::try_from(high * 16 + low).map_err(|e| e.to_string())?);
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).map_err(|_| "the form is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_the_text_that_was_signed() {
        let fields =
            read_json(r#"{"a":"x\u4e2d","n":12,"big":123456789012345678901234567890,"f":1.50,"t":true,"z":null}"#.as_bytes())
                .expect("reads");
        assert_eq!(fields["a"], "x中");
        assert_eq!(fields["n"], "12");
        assert_eq!(fields["big"], "123456789012345678901234567890");
        assert_eq!(fields["f"], "1.50");
        assert_eq!(fields["t"], "true");
        assert_eq!(fields["z"], "");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for body in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":null,"a":"x"}"#,
            r#"{"a":{"b":1}}"#,
            r#"{"a":[1]}"#,
            r#"{"a":1e2}"#,
            r#"{"a":01}"#,
            r#"{"a":NaN}"#,
            r#"{"a":'x'}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":1} {"b":2}"#,
            r#"{"a":1}x"#,
            r#"{"a":1,}"#,
            r#"[1]"#,
            r#""a""#,
            "{",
            "",
            "a=1",
            "\u{feff}{}",
        ] {
            assert!(read_json(body.as_bytes()).is_err(), "{body}");
        }
        assert!(read_json(b"{\"a\":\"\xff\"}").is_err());
        assert!(read_json("{\"a\":\"中\"}".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().as_slice()).is_err());
    }

    #[test]
    fn forms_are_read_strictly_too() {
        assert_eq!(
            read_form(b"a=%E4%B8%AD+x&b=").expect("reads"),
            Fields::from([("a".into(), "中 x".into()), ("b".into(), "".into())])
        );
        for form in [&b"a=1&a=2"[..], b"a=%zz", b"a=%e", b"a=%ff", b"a=1&%61=2"] {
            assert!(read_form(form).is_err(), "{}", String::from_utf8_lossy(form));
        }
    }
}
