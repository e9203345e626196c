//! Documents in their envelopes, both ways (provider's document: 报文格式).

use super::account::Account;
use super::refusal::No;
use super::sign;
use super::xml::{self, Node, element};

/// JD writes its answers like this …
const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
/// … and its notices like this.
const NOTICE_HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>"#;

/// Opens a merchant's request: envelope, merchant, encryption, signature, in this order.
///
/// # Errors
/// The first that fails.
pub fn open(account: &Account, body: &[u8]) -> Result<Node, No> {
    let text = std::str::from_utf8(body).map_err(|_| No::unreadable())?;
    let outer = xml::read(text).filter(|root| root.name == "jdpay").ok_or_else(No::unreadable)?;
    if outer.get("version") != Some("V2.0") {
        return Err(No::field("version"));
    }
    if outer.get("merchant") != Some(&account.merchant) {
        return Err(No::merchant());
    }
    let sealed = outer.get("encrypt").ok_or_else(No::unreadable)?;
    let clear = account.des_key.decrypt_document(sealed).ok_or_else(No::encryption)?;
    let (before, rest) = clear.split_once("<sign>").ok_or_else(No::signature)?;
    let (given, after) = rest.split_once("</sign>").ok_or_else(No::signature)?;
    let signed = format!("{before}{after}");
    if !account.merchant_signed(&signed, given) {
        return Err(No::signature());
    }
    let inner = xml::read(&signed).filter(|root| root.name == "jdpay").ok_or_else(No::unreadable)?;
    if inner.get("merchant") != Some(&account.merchant) || inner.get("version") != Some("V2.0") {
        return Err(No::merchant());
    }
    Ok(inner)
}

fn result(code: &str, words: &str) -> String {
    format!("<result>{}{}</result>", element("code", code), element("desc", words))
}

fn common(account: &Account) -> String {
    element("version", "V2.0") + &element("merchant", &account.merchant)
}

/// An answer: `body` is the elements after `result`.
pub fn answer(account: &Account, body: &str) -> String {
    let inner = format!("{HEAD}<jdpay>{}{}{body}</jdpay>", common(account), result("000000", "成功"));
    let sign = account.sign(&inner);
    let signed = inner.replace("</jdpay>", &format!("<sign>{sign}</sign></jdpay>"));
    wrap(account, &signed)
}

/// A no: in the clear, signed by nobody.
pub fn refusal(account: &Account, no: &No) -> String {
    format!("{HEAD}<jdpay>{}{}</jdpay>", common(account), result(no.code, &no.words))
}

/// A notice, with JD's habits: a blank in its declaration, the signature in the middle. `spoil` signs another text.
pub fn notice(account: &Account, front: &str, back: &str, spoil: bool) -> String {
    let front = format!("{NOTICE_HEAD}<jdpay>{}{}{front}", common(account), result("000000", "success"));
    let text = format!("{front}{back}</jdpay>");
    let sign = account.sign(if spoil { &front } else { &text });
    wrap(account, &format!("{front}<sign>{sign}</sign>{back}</jdpay>"))
}

fn wrap(account: &Account, signed: &str) -> String {
    let sealed = account.des_key.encrypt_document(signed);
    format!("{HEAD}<jdpay>{}{}{}</jdpay>", common(account), result("000000", "成功"), element("encrypt", &sealed))
}

/// The signed text of a form.
pub fn form_is_signed(account: &Account, clear: &sign::Fields) -> bool {
    clear.get("sign").is_some_and(|given| account.merchant_signed(&sign::form_text(clear), given))
}
