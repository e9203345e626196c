//! RSA2: the two canonical texts and the signatures over them.
//!
//! Requests keep `sign_type` in the text, notices and page returns leave it out. The algorithm is always SHA256withRSA,
//! whatever a message says of itself. Provider's documents: 自行实现签名, 自行实现验签.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The parameters of a request by name; the order of the map is the order of the text.
pub type Params = BTreeMap<String, String>;

/// The parameters of a notice as bytes, since their charset is one of them.
pub type NoticeParams = BTreeMap<Vec<u8>, Vec<u8>>;

/// A charset of Alipay's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    /// GBK and its relatives `gb2312` and `gb18030`.
    Gbk,
}

impl Charset {
    /// By the name in a `charset` parameter; `None` for one that is never used.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        match name.to_ascii_lowercase().as_slice() {
            b"utf-8" | b"utf8" => Some(Self::Utf8),
            b"gbk" | b"gb2312" | b"gb18030" => Some(Self::Gbk),
            _ => None,
        }
    }

    /// The text; `None` when the bytes are not of this charset.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Self::Gbk => encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes),
        }
    }
}

/// What a request's signature covers: every parameter that travels but `sign` itself, empty ones dropped.
#[must_use]
pub fn request_text(params: &Params) -> String {
    let mut text = String::new();
    for (name, value) in params.iter().filter(|(name, value)| *name != "sign" && !value.is_empty()) {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// What a notice's signature covers: like a request's, but without `sign_type` too.
#[must_use]
pub fn notice_text(params: &NoticeParams) -> Vec<u8> {
    let unsigned: [&[u8]; 3] = [b"sign", b"sign_type", b"alipay_cert_sn"];
    let mut text = Vec::new();
    for (name, value) in params.iter().filter(|(name, value)| !unsigned.contains(&name.as_slice()) && !value.is_empty()) {
        if !text.is_empty() {
            text.push(b'&');
        }
        text.extend_from_slice(name);
        text.push(b'=');
        text.extend_from_slice(value);
    }
    text
}

/// Takes a form body apart, decoding each side exactly once. `None` when a name is given twice or an escape is broken.
#[must_use]
pub fn read_form(body: &[u8]) -> Option<NoticeParams> {
    let mut params = NoticeParams::new();
    for pair in body.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
        let cut = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
        let name = decode_once(&pair[..cut])?;
        let value = decode_once(pair.get(cut + 1..).unwrap_or_default())?;
        if params.insert(name, value).is_some() {
            return None;
        }
    }
    Some(params)
}

fn decode_once(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let pair = [bytes.next()?, bytes.next()?];
                let mut decoded = [0u8; 1];
                hex::decode_to_slice(pair, &mut decoded).ok()?;
                out.push(decoded[0]);
            }
            other => out.push(other),
        }
    }
    Some(out)
}
