//! Every vector of the documents, in both directions where there is a key for it.

use super::*;
use data::{ANSWER, FORM, NOTICE, REFUND, RETURN, RETURN_MADE, VALUES};

fn fields(text: &str) -> Fields {
    map(&text.split('&').map(|pair| pair.split_once('=').unwrap()).collect::<Vec<_>>())
}

/// The merchant's own pair as both halves, to sign and to verify what it signed.
fn merchant_signs(text: &str) -> String {
    opened(&[]).unwrap().2.sign(text).unwrap()
}

// 9.1.
#[test]
fn values_lock_and_unlock() {
    for (clear, locked) in VALUES {
        assert_eq!(vault().lock(clear), *locked, "{clear}");
        assert_eq!(vault().unlock(locked).as_deref(), Some(*clear));
    }
}

// 9.2.
#[test]
fn a_form_is_signed_over_its_clear_values() {
    let (text, digest, signature) = FORM;
    let mut form = fields(text);
    form.extend(map(&[("note", ""), ("device", "  "), ("sign", "left out")]));
    assert_eq!(sign::form_text(&form), text);
    assert_eq!(sign::digest(text), digest);
    assert_eq!(merchant_signs(text), signature);
    assert!(merchant_signed(text, signature));
    assert!(!merchant_signed(&text.replace("amount=1", "amount=2"), signature));
}

// 9.3.
#[test]
fn a_document_is_signed_then_encrypted() {
    let (text, digest, signature, travelling) = REFUND;
    let mut fields = document::read(text).unwrap().fields;
    assert_eq!(document::write(&fields), text);
    assert_eq!(sign::digest(text), digest);
    assert_eq!(merchant_signs(text), signature);
    let encrypted = vault().seal(&document::insert_sign(text, signature));
    assert_eq!((encrypted.len(), &encrypted[..60]), (1432, "OWVmY2Q4YjBmYTEyZTEwNDhjNjc0YmY1ZWJlY2QyODU0YTc5NmQ3ZWQxMWU1"));
    assert_eq!(sign::digest(&encrypted), travelling);
    // The whole way, as a call takes it.
    fields.remove("version");
    fields.remove("merchant");
    let body = channel(JD_KEY, "https://g.example").wrap(fields).unwrap();
    assert_eq!(body, document::envelope(VERSION, MERCHANT, &encrypted));
}

// 9.4.
#[test]
fn a_real_answer_is_opened_and_verified() {
    let (encrypted, travelling, clear, digest) = ANSWER;
    assert_eq!((encrypted.len(), sign::digest(encrypted).as_str()), (1432, travelling));
    assert_eq!(vault().open(encrypted).as_deref(), Some(clear));
    assert_eq!(vault().seal(clear), encrypted);
    let (text, signature) = sign::cut(clear).unwrap();
    assert_eq!(sign::digest(&text), digest);
    let keys = opened(&[]).unwrap().2;
    assert!(keys.verify(&text, &signature));
    assert!(!keys.verify(&text.replace("<amount>1<", "<amount>2<"), &signature));
    let body = enveloped(MERCHANT, encrypted);
    let super::super::exchange::Opened::Yes(document) =
        channel(JD_KEY, "https://g.example").unwrap_message(body.as_bytes()).unwrap()
    else {
        panic!("a success")
    };
    assert_eq!((document.get("tradeNum"), document.get("status")), (Some("1494236491939_r"), Some("1")));
}

// 9.5, and pitfall: the return in the browser is a signed form of locked values; nothing is decided by it.
#[test]
fn a_real_return_verifies() {
    let (locked, signature, text, digest) = RETURN;
    let clear: Fields = locked
        .iter()
        .map(|(name, value)| ((*name).to_owned(), if value.is_empty() { String::new() } else { vault().unlock(value).unwrap() }))
        .collect();
    assert_eq!(sign::form_text(&clear), text);
    assert_eq!(sign::digest(text), digest);
    let keys = opened(&[]).unwrap().2;
    assert!(keys.verify(text, signature));
    assert!(keys.verify(text, &format!("{}\r\n{}", &signature[..76], &signature[76..])), "wrapped base64");
    assert!(!keys.verify(&text.replace("status=0", "status=2"), signature));
}

// 9.7, and pitfalls: a blank before `?>`, `<sign>` in the middle, never rebuild the XML.
#[test]
fn a_notice_with_jds_habits_verifies_over_its_own_characters() {
    let (text, digest, signature, encrypted, travelling) = NOTICE;
    assert!(text.contains("\"UTF-8\" ?>"));
    assert_eq!(sign::digest(text), digest);
    assert_eq!(sign::digest(encrypted), travelling);
    let clear = vault().open(encrypted).unwrap();
    assert!(clear.contains(&format!("</tradeType><sign>{signature}</sign><note>")));
    assert_eq!(sign::cut(&clear), Some((text.to_owned(), signature.to_owned())));
    assert_eq!(jd().sign(text).unwrap(), signature);
    assert!(jd().verify(text, signature));
    let rebuilt = document::write(&document::read(text).unwrap().fields);
    assert!(!jd().verify(&rebuilt, signature));
    assert_eq!(vault().seal(&clear), encrypted);
}

#[test]
fn the_return_of_the_same_order_verifies() {
    let (text, digest, signature) = RETURN_MADE;
    assert_eq!(sign::digest(text), digest);
    assert_eq!(jd().sign(text).unwrap(), signature);
    assert!(jd().verify(text, signature));
}

// Pitfall: SHA256withRSA is the classic mistake; it neither comes out of here nor gets in.
#[test]
fn the_digest_goes_in_bare() {
    use base64::Engine;
    use sha2::Digest;
    let (text, _, signature) = FORM;
    let keys = opened(&[]).unwrap().2;
    // What names SHA-256 in front of a digest.
    let mut info = hex::decode("3031300d060960864801650304020105000420").unwrap();
    info.extend(sha2::Sha256::digest(text));
    let classic =
        base64::engine::general_purpose::STANDARD.encode(keys.ours.sign(rsa::Pkcs1v15Sign::new_unprefixed(), &info).unwrap());
    assert_ne!(classic, signature);
    assert!(!merchant_signed(text, &classic));
    assert_eq!(sign::digest(text).len(), 64);
}

// Pitfalls: hex for values, hex inside of base64 for documents; the length counts bytes.
#[test]
fn frames_count_bytes_and_documents_have_one_layer_more() {
    use base64::Engine;
    let sealed = vault().seal("1");
    assert_eq!(sealed, base64::engine::general_purpose::STANDARD.encode("e5a6c3761ab9ddaf"));
    assert_eq!(vault().unlock(&sealed), None);
    assert_eq!(vault().open("e5a6c3761ab9ddaf"), None);
    let chinese = "测试商品";
    assert_eq!(vault().lock(chinese).len(), 32, "4 + 12 bytes, not 4 + 4");
    for text in ["", "1", "1234", "12345", "x".repeat(1000).as_str(), "中文😀"] {
        assert_eq!(vault().unlock(&vault().lock(text)).as_deref(), Some(text));
        assert_eq!(vault().open(&vault().seal(text)).as_deref(), Some(text));
    }
    for bad in ["", "00", "zz", "e5a6c3761ab9dd", "ffffffffffffffff"] {
        assert_eq!(vault().unlock(bad), None, "{bad}");
    }
}

// Pitfall: blank form fields are not signed, empty elements are.
#[test]
fn empty_elements_are_signed() {
    let text = document::write(&map(&[("amount", "1"), ("note", "")]));
    assert!(text.contains("<note></note>"));
    let without = document::write(&map(&[("amount", "1")]));
    assert_ne!(merchant_signs(&text), merchant_signs(&without));
}

#[test]
fn a_pretty_printed_document_is_signed_as_one_line() {
    let pretty = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<jdpay>\n  <amount>1</amount>\r\n  <note></note>\n</jdpay>\n";
    let line = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><jdpay><amount>1</amount><note></note></jdpay>";
    assert_eq!(sign::document_text(pretty), line);
    let pretty = inner(&[("tradeNum", "1"), ("tradeType", "9")]).replace("><", ">\n  <");
    let signed = document::insert_sign(&pretty, &jd().sign(&sign::document_text(&pretty)).unwrap());
    let body = enveloped(MERCHANT, &vault().seal(&signed));
    assert!(channel(THROWAWAY_PUBLIC, "https://g.example").unwrap_message(body.as_bytes()).is_ok());
}

#[test]
fn one_signature_and_no_more_is_cut_out() {
    assert_eq!(sign::cut("<a/>"), None);
    assert_eq!(sign::cut("<sign>1"), None);
    assert_eq!(sign::cut("a<sign>1</sign>b<sign>2</sign>c"), None);
    assert_eq!(sign::cut("a<sign>1</sign>b"), Some(("ab".to_owned(), "1".to_owned())));
}

#[test]
fn credentials_at_fault_are_named() {
    let fault = |changes: &[(&str, &str)]| opened(changes).err().map(|e| e.to_string()).unwrap();
    assert_eq!(fault(&[("merchant", "")]), "merchant: is missing");
    assert_eq!(fault(&[("des_key", "AAAA")]), "des_key: is not a key of 24 bytes");
    assert_eq!(fault(&[("des_key", "!")]), "des_key: is not base64");
    assert_eq!(fault(&[("private_key_pem", "")]), "private_key_pem: is missing");
    assert_eq!(fault(&[("jd_public_key_pem", "")]), "jd_public_key_pem: is missing");
    let own = fault(&[("private_key_pem", THROWAWAY), ("jd_public_key_pem", THROWAWAY_PUBLIC)]);
    assert!(own.starts_with("jd_public_key_pem: is your own"));
}

// Pitfall: triple DES ignores parity bits, so two keys that are not the same may open the same.
#[test]
fn keys_that_differ_in_parity_only_open_the_same() {
    use base64::Engine;
    let mut bytes = base64::engine::general_purpose::STANDARD.decode(DES_KEY).unwrap();
    bytes[0] ^= 1;
    let other = base64::engine::general_purpose::STANDARD.encode(bytes);
    assert_ne!(other, DES_KEY);
    assert_eq!(Vault::read(&other).unwrap().lock("1"), vault().lock("1"));
}
