//! The vectors. QQ Wallet publishes none with its key; these were computed apart from this code. The key is a test key.

use super::*;

pub const KEY: &str = "exposed_your_key_here_have_risks";

/// Name, text of the fields in any order, signature.
pub const VECTORS: &[(&str, &str, &str)] = &[
    (
        "order",
        "trade_type=NATIVE&total_fee=888&spbill_create_ip=203.0.113.7&out_trade_no=CS20240601000001&notify_url=https://pay.example.com/notify/qq&nonce_str=3e5a036cb4bc3a677a38ad9d69eb3feb&mch_id=1900000109&fee_type=CNY&body=收银台-测试商品&attach=&appid=100619284",
        "9445B3BF91E8179E8751D0BCDBAF3E3C",
    ),
    (
        "reply",
        "appid=100619284&code_url=https://qpay.qq.com/qr/5c4fdb1c&mch_id=1900000109&nonce_str=c7b6a5d4e3f2a1b0c9d8e7f6a5b4c3d2&prepay_id=5M7cf9dd6fe6d41a9ca1b2c3d4e5f607&result_code=SUCCESS&retcode=0&retmsg=ok&return_code=SUCCESS&return_msg=SUCCESS&trade_type=NATIVE",
        "BA80835B340214AD60FD7666C1793BCF",
    ),
    (
        "notice",
        "appid=100619284&attach=&bank_type=BALANCE&cash_fee=800&coupon_fee=88&device_info=WP00000001&fee_type=CNY&mch_id=1900000109&nonce_str=30a8ffd4c3bb1c8a0a5e6e1a5e1f2b3c&openid=9E2C4D5A1B7F4E0C8A6D3B2F1C0E9D8A&out_trade_no=CS20240601000001&time_end=20240601120130&total_fee=888&trade_state=SUCCESS&trade_type=NATIVE&transaction_id=1353933301461607211903715555",
        "3BEFC491B961F42BCB5C74C9C78DD0C4",
    ),
];

pub fn fields(text: &str) -> Map {
    text.split('&').map(|pair| pair.split_once('=').unwrap()).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

#[test]
fn messages_are_signed_as_the_vectors_say() {
    for (what, text, signature) in VECTORS {
        assert_eq!(sign(&fields(text), KEY), *signature, "{what}");
    }
}

#[test]
fn a_signature_verifies_in_either_case() {
    for (what, text, signature) in VECTORS {
        for shown in [(*signature).to_owned(), signature.to_ascii_lowercase()] {
            let mut message = fields(text);
            message.insert("sign".to_owned(), shown);
            assert!(verify(&message, KEY), "{what}");
            message.insert("retmsg".to_owned(), "changed".to_owned());
            assert!(!verify(&message, KEY), "{what}: another field belongs to the text too");
        }
    }
}

#[test]
fn nothing_verifies_with_an_empty_key_or_half_a_signature() {
    let (_, text, signature) = VECTORS[1];
    let signed = |sign: &str| {
        let mut message = fields(text);
        message.insert("sign".to_owned(), sign.to_owned());
        message
    };
    assert!(!verify(&signed(&sign(&fields(text), "")), ""));
    for bad in ["", &signature[..30], "not hex", &format!("{signature}{signature}")] {
        assert!(!verify(&signed(bad), KEY), "{bad}");
    }
    assert!(!verify(&fields(text), KEY));
}

/// The public parameters of Tencent's iOS demonstration; token and nonce are invented.
pub const APP_KEY: &str = "d139ae6fb0175e5659dce2a7c1fe84d5";

#[test]
fn an_apps_call_is_signed_over_raw_bytes_with_the_app_key() {
    let call = AppCall {
        app_id: "100619284",
        bargainor_id: "2001",
        nonce: "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
        pub_acc: "",
        token_id: "5M7cf9dd6fe6d41a9ca1b2c3d4e5f607",
    };
    assert_eq!(app_signature(&call, APP_KEY), "yYVWGRG6wDE6//Ha++aL2JI7xuo=");
    assert_ne!(
        app_signature(&call, APP_KEY),
        "Yzk4NTU2MTkxMWJhYzAzMTNhZmZmMWRhZmJlNjhiZDg5MjNiYzZlYQ==",
        "the digest's hex text"
    );
    assert_ne!(app_signature(&call, KEY), "yYVWGRG6wDE6//Ha++aL2JI7xuo=", "the merchant's key has no part in it");
}

#[test]
fn an_operators_password_is_hashed_once() {
    let hashed = "96e79218965eb72c92a549dd5a330112";
    assert_eq!(operator_password("111111"), hashed);
    assert_eq!(operator_password(hashed), hashed);
    assert_eq!(operator_password(&hashed.to_ascii_uppercase()), hashed);
}
