//! Parameters of a call, from its query and its form, each name once.

use super::sign::Fields;

/// Reads a form or query; `None` when a name is given twice or it is not UTF-8.
pub fn read(text: &[u8]) -> Option<Fields> {
    let mut fields = Fields::new();
    let text = std::str::from_utf8(text).ok()?;
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if fields.insert(decode(name)?, decode(value)?).is_some() {
            return None;
        }
    }
    Some(fields)
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let mut out = Vec::with_capacity(spaced.len());
    let bytes = spaced.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%' {
            let pair = spaced.get(at + 1..at + 3)?;
            out.push(u8::from_str_radix(pair, 16).ok()?);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    String::from_utf8(out).ok()
}

/// Writes a form with its values percent-encoded.
pub fn write(fields: &Fields) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A positive whole number without sign or leading zero.
pub fn positive(text: &str) -> Option<i64> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|n| is_plain && *n > 0)
}
