//! Signatures of Baidu's own and constructed ones, in both directions.

use super::*;
use crate::channels::baidu::sign;

/// Texts and their signatures under the test key.
pub(super) const ORDER_INFO: (&str, &str) = (
    r#"appKey=MMUBBH&dealId=470193086&totalAmount=1&tpOrderId=3028903626"#,
    "X7Lm3WxZg0fQMBaaLWsXhSP9Oeqn2ddrnkeEPRoA0a+uBApQXNF3txeNqBVTn3kXiVWax332XzwSPQHBWpHjyIkmXTC5pPiGuL9Zh1RZtIoIzpTYzjHbVHIRi9E3Usw4L36XomoLWKqc7XqfWMVLoNMkKeCgLC7UEtrtLkaU+Ew=",
);
pub(super) const ORDER_INFO_OLD: (&str, &str) = (
    r#"appKey=MMUBBH&dealId=470193086&tpOrderId=3028903626"#,
    "jtSBSohmvBFE6/1/54AXpZcV/26lC6322zlxp2qT95qz3hmbJgj1IfiIFjPObWc+BGvkCwAqeyPhKwBx9O6HTikNzk5eDlHWSjutINePpGrNL46DQeQjcYbMz83/QAaStEaRuLNIiu/Uiq/ps6z1iIUsSsC7n6fwhSDij/PNUY0=",
);
pub(super) const PAY_NOTICE: (&str, &str) = (
    r#"count=1&dealId=470193086&giftCardMoney=0&hbBalanceMoney=0&hbMoney=0&orderId=81341494729172&partnerId=6000001&payMoney=1&payTime=1572227042&payType=1117&promoDetail=&promoMoney=0&returnData={"k":"v","note":"测试"}&status=2&totalMoney=1&tpOrderId=3028903626&unitPrice=1&userId=3391629990"#,
    "nkT5iSk7KPoOwotqGRljkJ2Funrg/9MYKg/fbEQ6YTZK3qtl1PFTL6nzOC1o+DheWSnbk+iY7T+ZP2BK2dY0Z52RPYHd+dAb+LkK5FubEZx2vFWUrfe9AlaizuFxl26u9G02Yqk8C0ZWh8PH0UTc7XaRNoF3RUFY3MwV/PC3Ku0=",
);
pub(super) const AUDIT: (&str, &str) = (
    r#"orderId=81341494729172&refundBatchId=152713835&tpOrderId=3028903626&userId=3391629990"#,
    "oqFZUVq8DBeYvAf/z1gbDrs2oTjftg6x2h/lAczZF8pewlKSDP0jBbA9nnfO15g1+Cr1nfzUXUikNW0VUtUX3Wnt3SepGrzi2upjw4UdAHdSm4cb+6ZZReiLsTsYKzf5otuoIKXCoAfuYpXsADf4UIj/66zHH/b9aE31mEaa/8E=",
);
pub(super) const REFUND_RESULT: (&str, &str) = (
    r#"orderId=81341494729172&refundBatchId=152713835&refundStatus=1&tpOrderId=3028903626&userId=3391629990"#,
    "aqIi6ZbQ/RITnLKtE6RHAjvPIXaskC970igqHs2kQRytAEc0Un6zAoTlM2h1kJrG0IG9BaOl3sBGe1BvphyQ3rU50ND2JlGfceqrCLbXroGx8y1UfuB1qdY9Y8Gfc6U+Ghb1w4kkU2udUvxXXqU1LWk1rl7FJx+pvFZcDfbi7Rk=",
);
pub(super) const LEGACY_QUERY: (&str, &str) = (
    r#"appId=10026&appKey=MMUBBH&orderId=81341494729172&siteId=3391629990"#,
    "MAEa8sH4CpSFZJzTOyyGLcc1uAni/jt2ueOs8cEvisyy2aXoTGF1igz+RZBXWh6P9QtmQUaKuuAAXox9Kxt3z7S+JAKmURrZGkiMlZzvtPbBTGL7+5QgxpUDxAjWR0M8e1+S8rd3sd+COTXXKJ3yvfgy3+7Vhz5MCWTIU7T2Hqs=",
);
pub(super) const LEGACY_REFUND: (&str, &str) = (
    r#"appKey=MMUBBH&applyRefundMoney=1&bizRefundBatchId=RF202601010001&orderId=81341494729172&refundReason=客服退款&refundType=2&tpOrderId=3028903626&userId=3391629990"#,
    "UomWnimClVK3s8bg06xNTOXJdH1szGYO3qyFysspwspB65EJYBrkKwu0v3Na5SyQbCSI45ERDTQmwejftJgyVOhv/0BEq6RKswWcdT/i15S938Zj01kgjpXDmYiPfMkvkmCs1v2xPhDjUecjkpb5XUi64rZj7c7kQ9fN9rVuaec=",
);

pub(super) fn params(text: &str) -> Params {
    // A value may hold `=` but none of these holds `&`.
    text.split('&').map(|pair| pair.split_once('=').unwrap()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

#[test]
fn our_signatures_are_those_of_the_vectors() {
    let account = account(&credentials(false));
    let all = [ORDER_INFO, ORDER_INFO_OLD, PAY_NOTICE, AUDIT, REFUND_RESULT, LEGACY_QUERY, LEGACY_REFUND];
    for (text, signature) in all {
        let params = params(text);
        assert_eq!(sign::text(&params), text);
        assert_eq!(account.sign(&params).unwrap(), signature, "{text}");
        assert!(account.is_theirs(&params, signature));
    }
}

#[test]
fn the_recorded_signature_fits_its_fields_and_no_others() {
    let (text, signature) = (RECORDED_TEXT, RECORDED_SIGN);
    let account = account(&with(credentials(false), "platform_public_key_pem", RECORDED_KEY));
    let fields = params(text);
    assert!(account.is_theirs(&fields, signature));
    let mut signed = fields.clone();
    for name in ["sign", "sign_type", "rsaSign"] {
        signed.insert(name.to_owned(), "x".to_owned());
    }
    assert!(account.is_theirs(&signed, signature), "a signature never covers itself");
    let without_empty: Params = fields.clone().into_iter().filter(|(_, value)| !value.is_empty()).collect();
    assert!(!account.is_theirs(&without_empty, signature), "empty values are signed here");
    for name in fields.keys() {
        let mut changed = fields.clone();
        changed.get_mut(name).unwrap().push('1');
        assert!(!account.is_theirs(&changed, signature), "{name}");
    }
    for broken in ["", "!", &signature[4..], &signature.replace('m', "n")] {
        assert!(!account.is_theirs(&fields, broken), "{broken}");
    }
}

#[test]
fn upper_case_sorts_before_lower_case() {
    let fields = params("appKey=b&appId=a&appid=c&Zed=d");
    assert_eq!(sign::text(&fields), "Zed=d&appId=a&appKey=b&appid=c");
}

#[test]
fn sha_256_is_never_taken() {
    use crate::channels::keys::tests::KEY;
    use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey};
    let private = crate::channels::keys::pem("PRIVATE KEY", KEY.to_pkcs8_der().unwrap().as_bytes());
    let public = crate::channels::keys::pem("PUBLIC KEY", KEY.to_public_key().to_public_key_der().unwrap().as_bytes());
    let account = account(&with(with(credentials(false), "private_key_pem", &private), "platform_public_key_pem", &public));
    let mut fields = params(AUDIT.0);
    assert!(account.is_theirs(&fields, &account.sign(&fields).unwrap()), "a longer key signs as well");
    let wrong = crate::channels::keys::SigningKey::read(&private).unwrap().sign_sha256(AUDIT.0.as_bytes()).unwrap();
    let wrong = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, wrong);
    fields.insert("sign_type".to_owned(), "RSA2".to_owned());
    assert!(!account.is_theirs(&fields, &wrong));
}

#[test]
fn forms_are_read_strictly() {
    let read = |text: &str| sign::read_form(text.as_bytes());
    assert_eq!(read("a=1&b=&c=%E6%B5%8B+x%2B").unwrap(), params("a=1&b=&c=测 x+"));
    for bad in ["a=1&a=1", "a=%zz", "a=%4", "a=%ff"] {
        assert_eq!(read(bad), None, "{bad}");
    }
}
