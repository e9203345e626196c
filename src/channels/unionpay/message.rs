//! Messages: the text that is signed, the form that travels, and the two ways in which answers arrive.
//!
//! Specification 5.1.0, chapters 报文格式 and 签名. Must not know keys or what a field means.

use form_urlencoded::byte_serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A message. Byte order of the names is the order of the signed text.
pub type Fields = BTreeMap<String, String>;

/// The field that is no part of the signed text.
pub const SIGNATURE: &str = "signature";

/// The text that is signed: every field that has a value, but the signature.
#[must_use]
pub fn text(fields: &Fields) -> String {
    let mut out = String::new();
    for (name, value) in fields.iter().filter(|(name, value)| *name != SIGNATURE && !value.is_empty()) {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.push_str(value);
    }
    out
}

/// What goes into the RSA signature: the hexadecimal digest of the text, in lower case, as letters. RSA then digests these
/// letters once more.
#[must_use]
pub fn digest(fields: &Fields) -> String {
    hex::encode(Sha256::digest(text(fields)))
}

/// A message of ours from pairs; values are trimmed as the provider trims them, empty ones stay out.
#[must_use]
pub fn of<'a>(pairs: impl IntoIterator<Item = (&'static str, &'a str)>) -> Fields {
    let trimmed = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    trimmed.filter(|(_, value)| !value.is_empty()).collect()
}

/// A request's body.
#[must_use]
pub fn form(fields: &Fields) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.extend(byte_serialize(value.as_bytes()));
    }
    out
}

/// Reads a synchronous answer: `name=value` joined by `&` with nothing encoded, so a `+` is a plus. An `&` inside braces or
/// brackets belongs to the value, and so does every `=` but the first.
///
/// # Errors
/// The problem, in words.
pub fn read_answer(body: &[u8]) -> Result<Fields, &'static str> {
    let text = std::str::from_utf8(body).map_err(|_| "is not UTF-8")?;
    let mut fields = Fields::new();
    for part in pieces(text) {
        let (name, value) = part.split_once('=').ok_or("is not made of name=value")?;
        insert(&mut fields, name, value)?;
    }
    if fields.is_empty() { Err("is empty") } else { Ok(fields) }
}

/// The text cut at every `&` that stands outside braces and brackets.
fn pieces(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut out) = (0u32, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            '&' if depth == 0 => {
                out.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(&text[start..]);
    out.retain(|part| !part.is_empty());
    out
}

/// Reads the form of a notice, decoded once.
///
/// # Errors
/// The problem, in words.
pub fn read_form(body: &[u8]) -> Result<Fields, &'static str> {
    let mut fields = Fields::new();
    for (name, value) in form_urlencoded::parse(body) {
        if value.contains(char::REPLACEMENT_CHARACTER) {
            return Err("holds a value that is not UTF-8");
        }
        insert(&mut fields, &name, &value)?;
    }
    if fields.is_empty() { Err("is empty") } else { Ok(fields) }
}

/// One of two values of a name would be the signed one: refuse both.
fn insert(fields: &mut Fields, name: &str, value: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("holds a value without a name");
    }
    match fields.insert(name.to_owned(), value.to_owned()) {
        None => Ok(()),
        Some(_) => Err("names a field twice"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Pitfalls 4 and 18.
    #[test]
    fn names_sort_by_bytes_and_empty_values_are_not_signed() {
        let fields = Fields::from(
            [("signature", "S"), ("signPubKeyCert", "P"), ("signMethod", "01"), ("orderDesc", ""), ("Zz", "1"), ("aa", "2")]
                .map(|(n, v)| (n.to_owned(), v.to_owned())),
        );
        assert_eq!(text(&fields), "Zz=1&aa=2&signMethod=01&signPubKeyCert=P");
        assert_eq!(of([("a", " x "), ("b", "  "), ("c", "")]), Fields::from([("a".to_owned(), "x".to_owned())]));
    }

    // Pitfall 1.
    #[test]
    fn an_answer_is_not_a_form() {
        let fields = read_answer(b"respMsg=ok [1&2]&reqReserved={a=1&b={c=2&d=3}}&signature=a+b/c==&x=").unwrap();
        assert_eq!(fields["signature"], "a+b/c==");
        assert_eq!(fields["reqReserved"], "{a=1&b={c=2&d=3}}");
        assert_eq!(fields["respMsg"], "ok [1&2]");
        assert_eq!(fields["x"], "");
        let stray = read_answer(b"respMsg=a}b&respCode=00").unwrap();
        assert_eq!((stray["respMsg"].as_str(), stray["respCode"].as_str()), ("a}b", "00"));
    }

    #[test]
    fn doubled_and_broken_fields_are_refused() {
        for bad in [&b""[..], b"&", b"a", b"=1", b"a=1&a=1", b"a=\xff", b"<html></html>"] {
            assert!(read_answer(bad).is_err(), "{bad:?}");
        }
        for bad in [&b""[..], b"a=1&a=2", b"a=%ff", b"=1"] {
            assert!(read_form(bad).is_err(), "{bad:?}");
        }
    }

    // Pitfall 2.
    #[test]
    fn a_form_keeps_line_ends_and_pluses() {
        let fields = read_form(b"signPubKeyCert=-+A%0D%0AB%2B%2F%3D&reqReserved=Y2g9Nw%3D%3D").unwrap();
        assert_eq!(fields["signPubKeyCert"], "- A\r\nB+/=");
        assert_eq!(fields["reqReserved"], "Y2g9Nw==");
        assert_eq!(read_form(form(&fields).as_bytes()), Ok(fields));
    }
}
