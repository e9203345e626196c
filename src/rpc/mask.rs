//! What is kept raw is shown masked: values that belong to a person, or that prove something, keep their two ends.

use serde_json::Value;

/// Parts of names whose values are nobody's business.
const PRIVATE: &[&str] = &[
    "openid",
    "unionid",
    "buyer",
    "payer",
    "phone",
    "mobile",
    "id_no",
    "idcard",
    "id_card",
    "cert_no",
    "card",
    "accno",
    "acc_no",
    "bank_acc",
    "user_id",
    "userid",
    "user_name",
    "acct_name",
    "logon",
    "email",
    "sign",
    "ciphertext",
    "token",
    "auth_code",
    "req_info",
    "secret",
    "password",
    "customerinfo",
    "attach_key",
];

/// Whether the value of a name is masked. Names of algorithms stay readable.
pub fn is_private(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let harmless = ["sign_type", "signtype", "signmethod", "sign_method", "signature-type", "signtp"];
    !harmless.contains(&name.as_str()) && PRIVATE.iter().any(|part| name.contains(part))
}

/// `oUpF…3k9Q`
pub fn masked(value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    match chars.len() {
        0 => String::new(),
        1..=7 => "•••".to_owned(),
        n => {
            let ends = if n < 16 { 2 } else { 4 };
            let (head, tail): (String, String) = (chars[..ends].iter().collect(), chars[n - ends..].iter().collect());
            format!("{head}•••{tail}")
        }
    }
}

/// A body of any of the forms that providers send: JSON, XML, or a form.
pub fn body(text: &str) -> String {
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        if let Ok(mut value) = serde_json::from_str::<Value>(text) {
            json(&mut value);
            return serde_json::to_string_pretty(&value).unwrap_or_default();
        }
    } else if start.starts_with('<') {
        return xml(text);
    } else if start.contains('=') {
        return form(text);
    }
    // Neither reads: show how it begins, which is enough to see what it is.
    text.chars().take(200).collect()
}

/// `name: value` lines.
pub fn headers(lines: &str) -> String {
    let line = |line: &str| match line.split_once(':') {
        Some((name, value)) if is_private(name) || name.eq_ignore_ascii_case("authorization") => {
            format!("{name}: {}", masked(value.trim()))
        }
        _ => line.to_owned(),
    };
    lines.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn json(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, value) in map.iter_mut() {
                match value {
                    Value::String(text) if is_private(name) => *text = masked(text),
                    Value::Number(n) if is_private(name) => *value = Value::String(masked(&n.to_string())),
                    Value::Object(_) | Value::Array(_) => json(value),
                    _ => {}
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(json),
        _ => {}
    }
}

/// One element a line; the text of private elements masked.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut name = "";
    for part in text.split_inclusive('>') {
        let (content, tag) = part.split_at(part.rfind('<').unwrap_or(0));
        // A CDATA section is content although it looks like a tag.
        if part.contains("<![CDATA[") {
            let inner = part.trim_start_matches("<![CDATA[").trim_end_matches("]]>");
            out.push_str(&if is_private(name) { masked(inner) } else { inner.to_owned() });
            continue;
        }
        out.push_str(&if is_private(name) && !content.trim().is_empty() { masked(content.trim()) } else { content.to_owned() });
        out.push_str(tag);
        name = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/');
        if tag.starts_with("</") && !content.contains('\n') {
            out.push('\n');
        }
    }
    out
}

/// One field a line, decoded.
fn form(text: &str) -> String {
    let fields = form_urlencoded::parse(text.trim().as_bytes());
    let line = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
        let value = if is_private(&name) { masked(&value) } else { value.into_owned() };
        format!("{name} = {value}")
    };
    fields.map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

    #[test]
    fn no_body_shows_a_payer() {
        for text in [
            format!("<xml><openid><![CDATA[{OPENID}]]></openid><mch_id>10000100</mch_id></xml>"),
            format!("<xml>\n<openid>{OPENID}</openid>\n<mch_id>10000100</mch_id>\n</xml>"),
            format!("{{\"payer\":{{\"openid\":\"{OPENID}\"}},\"mch_id\":\"10000100\"}}"),
            format!("openid={OPENID}&mch_id=10000100"),
        ] {
            let shown = body(&text);
            assert!(!shown.contains(OPENID), "{shown}");
            assert!(shown.contains("10000100"), "{shown}");
        }
    }

    #[test]
    fn signatures_are_masked_and_their_types_are_not() {
        assert!(is_private("sign") && is_private("Wechatpay-Signature") && !is_private("sign_type") && !is_private("total_fee"));
        assert_eq!(masked("1234"), "•••");
        assert_eq!(masked("13800138000"), "13•••00");
    }

    #[test]
    fn what_cannot_be_read_is_cut() {
        assert_eq!(body(&"x".repeat(900)).len(), 200);
    }
}
