//! Response documents, written by hand: the signature covers the source bytes of the node, so the order of keys and the
//! escaping of `/` are part of the format.

/// A JSON object under construction, keys in the order in which they are put.
#[derive(Debug, Clone)]
pub struct Node(String);

impl Node {
    /// A node that says yes.
    #[must_use]
    pub fn ok() -> Self {
        Self::coded("10000", "Success")
    }

    /// A node with the two fields that come first.
    #[must_use]
    pub fn coded(code: &str, msg: &str) -> Self {
        Self::bare().text("code", code).text("msg", msg)
    }

    /// A node without code, as the token call and array members have it.
    #[must_use]
    pub fn bare() -> Self {
        Self("{".to_owned())
    }

    #[must_use]
    pub fn text(self, key: &str, value: &str) -> Self {
        let quoted = quote(value);
        self.raw(key, &quoted)
    }

    /// The value if there is one; nothing otherwise.
    #[must_use]
    pub fn maybe(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// A value that is JSON already.
    #[must_use]
    pub fn raw(mut self, key: &str, json: &str) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&quote(key));
        self.0.push(':');
        self.0.push_str(json);
        self
    }

    #[must_use]
    pub fn finish(self) -> String {
        self.0 + "}"
    }
}

/// Text as a JSON string in Alipay's spelling: `/` escaped, everything beyond ASCII as it is.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A whole response: the node, then the platform certificate's number in certificate mode, then the signature.
#[must_use]
pub fn document(key: &str, node: &str, cert_sn: Option<&str>, sign: Option<&str>) -> String {
    let cert = cert_sn.map(|sn| format!(",\"alipay_cert_sn\":\"{sn}\"")).unwrap_or_default();
    let sign = sign.map(|sign| format!(",\"sign\":\"{sign}\"")).unwrap_or_default();
    format!("{{\"{key}\":{node}{cert}{sign}}}")
}

/// The same with the signature in front, which is as legal and breaks readers that search for text.
#[must_use]
pub fn document_sign_first(key: &str, node: &str, cert_sn: Option<&str>, sign: &str) -> String {
    let cert = cert_sn.map(|sn| format!(",\"alipay_cert_sn\":\"{sn}\"")).unwrap_or_default();
    format!("{{\"sign\":\"{sign}\",\"{key}\":{node}{cert}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_slashes_are_escaped() {
        let node = Node::ok().text("out_trade_no", "1").text("qr_code", "https://qr.alipay.com/b").maybe("store", None).finish();
        assert_eq!(node, r#"{"code":"10000","msg":"Success","out_trade_no":"1","qr_code":"https:\/\/qr.alipay.com\/b"}"#);
    }

    #[test]
    fn quotes_braces_and_chinese_survive() {
        assert_eq!(quote("测试/门店 \"{A}\"\u{1}"), r#""测试\/门店 \"{A}\"\u0001""#);
    }

    #[test]
    fn the_certificate_number_stands_between_node_and_signature() {
        assert_eq!(document("k", "{}", Some("ab"), Some("cd")), r#"{"k":{},"alipay_cert_sn":"ab","sign":"cd"}"#);
        assert_eq!(document("k", "{}", None, None), r#"{"k":{}}"#);
        assert_eq!(document_sign_first("k", "{}", None, "cd"), r#"{"sign":"cd","k":{}}"#);
    }
}
