//! A recorded signature of Baidu's, and constructed ones under a test key.

use super::super::params;
use super::super::sign::{self, Fields, Pair};
use crate::simulator::Keys;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use sha1::{Digest as _, Sha1};

fn fields(text: &str) -> Fields {
    text.split('&').filter_map(|pair| pair.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

/// The pair of a key that was made for tests only.
fn test_pair() -> Pair {
    let text: String = include_str!("data/test_key.pkcs8").split_whitespace().collect();
    let key = RsaPrivateKey::from_pkcs8_der(&STANDARD.decode(text).expect("base64")).expect("a key");
    Pair::of(key, Keys::new(Some(1)).generator("unused"))
}

#[test]
fn the_recorded_signature_verifies_over_all_fields_and_over_nothing_less() {
    let der = STANDARD.decode(include_str!("data/recorded_platform.pub").trim()).expect("base64");
    let key = RsaPublicKey::from_public_key_der(&der).expect("a key");
    let signature = STANDARD.decode(include_str!("data/recorded_notice.sign").trim()).expect("base64");
    let text = include_str!("data/recorded_notice.text");
    assert_eq!(sign::signed_text(&fields(text)), text);
    let fits = |text: &str| {
        let mut digest = b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14".to_vec();
        digest.extend_from_slice(&Sha1::digest(text.as_bytes()));
        key.verify(Pkcs1v15Sign::new_unprefixed(), &digest, &signature).is_ok()
    };
    assert!(fits(text));
    assert!(!fits(&text.replace("&promoDetail=", "").replace("&returnData=", "")), "empty values are signed");
}

#[test]
fn constructed_signatures_are_made_and_verified() {
    let pair = test_pair();
    for (text, signature) in [
        (
            "appKey=MMUBBH&dealId=470193086&totalAmount=1&tpOrderId=3028903626",
            "X7Lm3WxZg0fQMBaaLWsXhSP9Oeqn2ddrnkeEPRoA0a+uBApQXNF3txeNqBVTn3kXiVWax332XzwSPQHBWpHjyIkmXTC5pPiGuL9Zh1RZtIoIzpTYzjHbVHIRi9E3Usw4L36XomoLWKqc7XqfWMVLoNMkKeCgLC7UEtrtLkaU+Ew=",
        ),
        (
            "appKey=MMUBBH&dealId=470193086&tpOrderId=3028903626",
            "jtSBSohmvBFE6/1/54AXpZcV/26lC6322zlxp2qT95qz3hmbJgj1IfiIFjPObWc+BGvkCwAqeyPhKwBx9O6HTikNzk5eDlHWSjutINePpGrNL46DQeQjcYbMz83/QAaStEaRuLNIiu/Uiq/ps6z1iIUsSsC7n6fwhSDij/PNUY0=",
        ),
    ] {
        let fields = fields(text);
        assert_eq!(pair.sign(&fields), signature);
        assert!(pair.verifies(&fields, signature));
        assert!(!pair.verifies(&fields, &sign::spoilt(signature)));
        assert!(!pair.verifies(&fields, ""));
    }
    // Ours to sign or the merchant's: one key stands for both.
    for (text, signature) in [
        (
            r#"count=1&dealId=470193086&giftCardMoney=0&hbBalanceMoney=0&hbMoney=0&orderId=81341494729172&partnerId=6000001&payMoney=1&payTime=1572227042&payType=1117&promoDetail=&promoMoney=0&returnData={"k":"v","note":"测试"}&status=2&totalMoney=1&tpOrderId=3028903626&unitPrice=1&userId=3391629990"#,
            "nkT5iSk7KPoOwotqGRljkJ2Funrg/9MYKg/fbEQ6YTZK3qtl1PFTL6nzOC1o+DheWSnbk+iY7T+ZP2BK2dY0Z52RPYHd+dAb+LkK5FubEZx2vFWUrfe9AlaizuFxl26u9G02Yqk8C0ZWh8PH0UTc7XaRNoF3RUFY3MwV/PC3Ku0=",
        ),
        (
            r#"orderId=81341494729172&refundBatchId=152713835&tpOrderId=3028903626&userId=3391629990"#,
            "oqFZUVq8DBeYvAf/z1gbDrs2oTjftg6x2h/lAczZF8pewlKSDP0jBbA9nnfO15g1+Cr1nfzUXUikNW0VUtUX3Wnt3SepGrzi2upjw4UdAHdSm4cb+6ZZReiLsTsYKzf5otuoIKXCoAfuYpXsADf4UIj/66zHH/b9aE31mEaa/8E=",
        ),
        (
            r#"orderId=81341494729172&refundBatchId=152713835&refundStatus=1&tpOrderId=3028903626&userId=3391629990"#,
            "aqIi6ZbQ/RITnLKtE6RHAjvPIXaskC970igqHs2kQRytAEc0Un6zAoTlM2h1kJrG0IG9BaOl3sBGe1BvphyQ3rU50ND2JlGfceqrCLbXroGx8y1UfuB1qdY9Y8Gfc6U+Ghb1w4kkU2udUvxXXqU1LWk1rl7FJx+pvFZcDfbi7Rk=",
        ),
        (
            r#"appId=10026&appKey=MMUBBH&orderId=81341494729172&siteId=3391629990"#,
            "MAEa8sH4CpSFZJzTOyyGLcc1uAni/jt2ueOs8cEvisyy2aXoTGF1igz+RZBXWh6P9QtmQUaKuuAAXox9Kxt3z7S+JAKmURrZGkiMlZzvtPbBTGL7+5QgxpUDxAjWR0M8e1+S8rd3sd+COTXXKJ3yvfgy3+7Vhz5MCWTIU7T2Hqs=",
        ),
        (
            r#"appKey=MMUBBH&applyRefundMoney=1&bizRefundBatchId=RF202601010001&orderId=81341494729172&refundReason=客服退款&refundType=2&tpOrderId=3028903626&userId=3391629990"#,
            "UomWnimClVK3s8bg06xNTOXJdH1szGYO3qyFysspwspB65EJYBrkKwu0v3Na5SyQbCSI45ERDTQmwejftJgyVOhv/0BEq6RKswWcdT/i15S938Zj01kgjpXDmYiPfMkvkmCs1v2xPhDjUecjkpb5XUi64rZj7c7kQ9fN9rVuaec=",
        ),
    ] {
        assert_eq!(pair.sign(&fields(text)), signature);
        assert!(pair.verifies(&fields(text), signature));
    }
}

#[test]
fn forms_come_back_as_they_went() {
    let all = fields("a=+ %&b=&c=测试{\"k\":\"v\"}");
    assert_eq!(params::read(params::write(&all).as_bytes()), Some(all));
    for bad in ["a=1&a=2", "a=%4", "a=%zz", "a=%ff"] {
        assert_eq!(params::read(bad.as_bytes()), None, "{bad}");
    }
    assert_eq!(["1", "01", "0", "-1", "+1", "1.0", ""].map(params::positive), [Some(1), None, None, None, None, None, None]);
}
