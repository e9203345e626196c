use super::*;
use SignType::{HmacSha256, Md5 as MD5};

const KEY: &str = "exposed_your_key_here_have_risks";

/// Takes a canonical text apart into the fields it was made of.
fn fields(canonical: &str) -> (Map, &str) {
    let (text, key) = canonical.rsplit_once("&key=").unwrap();
    let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap());
    (pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(), key)
}

/// The vectors of the protocol sheet: name, canonical text, algorithm, signature.
const VECTORS: &[(&str, &str, SignType, &str)] = &[
    (
        "V1",
        "appid=wxd930ea5d5a258f4f&body=test&device_info=1000&mch_id=10000100&nonce_str=ibuaiVcKdpRxkhJA&key=192006250b4c09247ec02edce69f6a2d",
        MD5,
        "9A0A8659F005D6984697E2CA0A9CF3B7",
    ),
    (
        "V1",
        "appid=wxd930ea5d5a258f4f&body=test&device_info=1000&mch_id=10000100&nonce_str=ibuaiVcKdpRxkhJA&key=192006250b4c09247ec02edce69f6a2d",
        HmacSha256,
        "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6",
    ),
    (
        "V2",
        "appid=wx8888888888888888&body=收银台-测试商品&fee_type=CNY&mch_id=1900000109&nonce_str=5K8264ILTKCH16CQ2502SI8ZNMTM67VS&notify_url=https://pay.example.com/notify/wechat/v2&out_trade_no=CS20240601000001&product_id=CS20240601000001&spbill_create_ip=203.0.113.7&time_expire=20240601120500&time_start=20240601120000&total_fee=1&trade_type=NATIVE&key=exposed_your_key_here_have_risks",
        MD5,
        "3D0BC95F73897C95D7C673C20C483E5C",
    ),
    (
        "V3",
        "appid=wx8888888888888888&body=收银台-测试商品&fee_type=CNY&mch_id=1900000109&nonce_str=5K8264ILTKCH16CQ2502SI8ZNMTM67VS&notify_url=https://pay.example.com/notify/wechat/v2&out_trade_no=CS20240601000001&product_id=CS20240601000001&sign_type=MD5&spbill_create_ip=203.0.113.7&time_expire=20240601120500&time_start=20240601120000&total_fee=1&trade_type=NATIVE&key=exposed_your_key_here_have_risks",
        MD5,
        "3171BC3B2A610068BE8C37281113CBFD",
    ),
    (
        "V3",
        "appid=wx8888888888888888&body=收银台-测试商品&fee_type=CNY&mch_id=1900000109&nonce_str=5K8264ILTKCH16CQ2502SI8ZNMTM67VS&notify_url=https://pay.example.com/notify/wechat/v2&out_trade_no=CS20240601000001&product_id=CS20240601000001&sign_type=HMAC-SHA256&spbill_create_ip=203.0.113.7&time_expire=20240601120500&time_start=20240601120000&total_fee=1&trade_type=NATIVE&key=exposed_your_key_here_have_risks",
        HmacSha256,
        "887BB08F2814B35BFCF61E8516E5E7A200F40C4F3F145616322DF71FB75796C4",
    ),
    (
        "V4",
        "appid=wx8888888888888888&code_url=weixin://wxpay/bizpayurl?pr=p4lpSuKzz&mch_id=1900000109&nonce_str=IITRi8Iabbblz1Jc&prepay_id=wx201410272009395522657a690389285100&result_code=SUCCESS&return_code=SUCCESS&return_msg=OK&trade_type=NATIVE&key=exposed_your_key_here_have_risks",
        MD5,
        "8B8EE5C5C9845BF1636D4EBF885D67BA",
    ),
    (
        "V4",
        "appid=wx8888888888888888&code_url=weixin://wxpay/bizpayurl?pr=p4lpSuKzz&mch_id=1900000109&nonce_str=IITRi8Iabbblz1Jc&prepay_id=wx201410272009395522657a690389285100&result_code=SUCCESS&return_code=SUCCESS&return_msg=OK&trade_type=NATIVE&key=exposed_your_key_here_have_risks",
        HmacSha256,
        "3F03C6D4E1F8BE366436B69A7105D037C0A1B6C803A1046E151DD5BAA6A98905",
    ),
    (
        "V5",
        "appId=wx8888888888888888&nonceStr=5K8264ILTKCH16CQ2502SI8ZNMTM67VS&package=prepay_id=wx201410272009395522657a690389285100&signType=MD5&timeStamp=1717214400&key=exposed_your_key_here_have_risks",
        MD5,
        "92697F20F9285E0FF43870D64BA583F1",
    ),
    (
        "V5",
        "appId=wx8888888888888888&nonceStr=5K8264ILTKCH16CQ2502SI8ZNMTM67VS&package=prepay_id=wx201410272009395522657a690389285100&signType=HMAC-SHA256&timeStamp=1717214400&key=exposed_your_key_here_have_risks",
        HmacSha256,
        "4C5C0FC0C6906925A28F1AD2DA9E75449D97F13D37509EBCD0BD96E9A2500148",
    ),
    (
        "V6",
        "appid=wx8888888888888888&noncestr=5K8264ILTKCH16CQ2502SI8ZNMTM67VS&package=Sign=WXPay&partnerid=1900000109&prepayid=wx201410272009395522657a690389285100&timestamp=1717214400&key=exposed_your_key_here_have_risks",
        MD5,
        "C0F46E7A896B52B0B84F547E2709B544",
    ),
    (
        "V6",
        "appid=wx8888888888888888&noncestr=5K8264ILTKCH16CQ2502SI8ZNMTM67VS&package=Sign=WXPay&partnerid=1900000109&prepayid=wx201410272009395522657a690389285100&timestamp=1717214400&key=exposed_your_key_here_have_risks",
        HmacSha256,
        "799E89013183672B6A68568257800C68CDEAC1437510816B37A69C556AD2FBE1",
    ),
    (
        "V7",
        "appid=wx8888888888888888&bank_type=OTHERS&cash_fee=80&coupon_count=2&coupon_fee=20&coupon_fee_0=10&coupon_fee_1=10&coupon_id_0=10001&coupon_id_1=10002&coupon_type_0=CASH&coupon_type_1=NO_CASH&fee_type=CNY&is_subscribe=N&mch_id=1900000109&nonce_str=b7ffb16a7150cf08639db472c5f5bdae&openid=oUpF8uMuAJO_M2pxb1Q9zNjWeS6o&out_trade_no=CS20240601000001&result_code=SUCCESS&return_code=SUCCESS&settlement_total_fee=90&time_end=20240601120130&total_fee=100&trade_type=NATIVE&transaction_id=4200002024060100000000000001&key=exposed_your_key_here_have_risks",
        MD5,
        "3F02C8B330E552D7D30509B5E800CC9D",
    ),
    (
        "V7",
        "appid=wx8888888888888888&bank_type=OTHERS&cash_fee=80&coupon_count=2&coupon_fee=20&coupon_fee_0=10&coupon_fee_1=10&coupon_id_0=10001&coupon_id_1=10002&coupon_type_0=CASH&coupon_type_1=NO_CASH&fee_type=CNY&is_subscribe=N&mch_id=1900000109&nonce_str=b7ffb16a7150cf08639db472c5f5bdae&openid=oUpF8uMuAJO_M2pxb1Q9zNjWeS6o&out_trade_no=CS20240601000001&result_code=SUCCESS&return_code=SUCCESS&settlement_total_fee=90&time_end=20240601120130&total_fee=100&trade_type=NATIVE&transaction_id=4200002024060100000000000001&key=exposed_your_key_here_have_risks",
        HmacSha256,
        "9DBE0974A67592406E8659A6688FD025F83675424E1D9997BD5678ED9E4915DB",
    ),
];

#[test]
fn published_vectors_sign_and_verify() {
    for (name, canonical_text, how, signature) in VECTORS {
        let (mut map, key) = fields(canonical_text);
        assert_eq!(canonical(&map, key), *canonical_text, "{name}");
        assert_eq!(sign(&map, key, *how), *signature, "{name}");
        map.insert("sign".to_owned(), (*signature).to_owned());
        assert!(verify(&map, key, *how), "{name}");
        let other = if *how == MD5 { HmacSha256 } else { MD5 };
        assert!(!verify(&map, key, other), "{name}: verified with another algorithm than the channel's");
    }
}

#[test]
fn empty_values_are_left_out_and_zeros_are_not() {
    let (map, key) = fields("a=0&b=x&key=k");
    let mut padded = map.clone();
    padded.insert("attach".to_owned(), String::new());
    padded.insert("sign".to_owned(), "ANYTHING".to_owned());
    assert_eq!(sign(&padded, key, MD5), sign(&map, key, MD5));
    let mut without = map;
    without.remove("a");
    assert_ne!(sign(&without, key, MD5), sign(&padded, key, MD5));
}

#[test]
fn names_sort_by_bytes_and_values_stay_as_they_are() {
    let pairs = [("b", "%20 +"), ("a_1", "Xy"), ("B", "="), ("a_10", "1"), ("a", "收")];
    let map: Map = pairs.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    assert_eq!(canonical(&map, "k"), "B==&a=收&a_1=Xy&a_10=1&b=%20 +&key=k");
}

#[test]
fn any_change_breaks_a_signature() {
    for (name, canonical_text, how, signature) in VECTORS {
        let (mut map, key) = fields(canonical_text);
        map.insert("sign".to_owned(), (*signature).to_owned());
        for field in map.keys().cloned().collect::<Vec<_>>() {
            let mut changed = map.clone();
            changed.remove(&field);
            assert!(!verify(&changed, key, *how), "{name} without {field}");
            let mut changed = map.clone();
            changed.get_mut(&field).unwrap().push('0');
            assert!(!verify(&changed, key, *how), "{name} with another {field}");
        }
        let mut added = map.clone();
        added.insert("unheard_of".to_owned(), "1".to_owned());
        assert!(!verify(&added, key, *how), "{name} with a field added");
        assert!(!verify(&map, "exposed_your_key_here_have_riskz", *how), "{name} with another key");
    }
}

#[test]
fn an_empty_key_verifies_nothing() {
    for how in [MD5, HmacSha256] {
        let mut map = Map::from([("a".to_owned(), "1".to_owned())]);
        map.insert("sign".to_owned(), sign(&map, "", how));
        assert!(!verify(&map, "", how));
    }
    assert_eq!(open_req_info(SHORT.1, ""), None);
}

#[test]
fn a_sign_type_that_contradicts_the_channel_is_refused() {
    for (named, how) in [("HMAC-SHA256", MD5), ("MD5", HmacSha256), ("md5", MD5), ("RSA", MD5)] {
        let mut map = Map::from([("sign_type".to_owned(), named.to_owned())]);
        map.insert("sign".to_owned(), sign(&map, KEY, how));
        assert!(!verify(&map, KEY, how), "{named}");
    }
}

/// Plain text and `req_info`.
const SHORT: (&str, &str) = (
    "<root><refund_status>SUCCESS</refund_status></root>",
    "nmd/lR0SpfZygMxtTm06aQNp7Px001O/bjVJt0/GAEAhjXdUWTRh+WqTeIBobdYSpA3xpJ/151qo3Dp9r58UJA==",
);

/// The same under a key whose MD5 begins with a zero.
const ZERO_KEY: &str = "k0000000000000000000000000000003";
const ZERO: &str = "Ob4emvEHoynYbw551jZMd1gvRzM2mRMR1+MOHY4kBohCZTnVulM50GPjZbfwzckXrWjbiMKdWueGWWj30kmFWA==";

pub(in crate::channels::wechat_v2) const FULL: (&str, &str) = (
    "<root><out_refund_no><![CDATA[RF20240601000001]]></out_refund_no><out_trade_no><![CDATA[CS20240601000001]]></out_trade_no><refund_account><![CDATA[REFUND_SOURCE_RECHARGE_FUNDS]]></refund_account><refund_fee><![CDATA[30]]></refund_fee><refund_id><![CDATA[50300002024060100000000000001]]></refund_id><refund_recv_accout><![CDATA[支付用户零钱]]></refund_recv_accout><refund_request_source><![CDATA[API]]></refund_request_source><refund_status><![CDATA[SUCCESS]]></refund_status><settlement_refund_fee><![CDATA[30]]></settlement_refund_fee><settlement_total_fee><![CDATA[100]]></settlement_total_fee><success_time><![CDATA[2024-06-01 12:30:00]]></success_time><total_fee><![CDATA[100]]></total_fee><transaction_id><![CDATA[4200002024060100000000000001]]></transaction_id></root>",
    "sQHh/cSF5F2ms58BHQoBmUjcvQ/s4RF9t5ql129oxAXe6chPyW5zCn8SZC1a4rOLVCDEMd6YSYryjACJPcSKj9Xc/Nx63IgcyGE/4nfKJRl8MpPd6qodCNt04sDGINXiT7/Jpf28czkwpCcL5xVZLVutW0Bim8/3q+FdQrOLN/UzeQYo0GUjF/TFMsSCqUDIQderWA4PsRA2t44bPsN4orcMH0pmwNNm/dCyiEGPrEVdsYw1hS5RCP65YH+nZYVO32QC8h8xCgl/qn9P3bPGZ3ffHG7X7XLh+Aij+DnMcoTv8Yhwm+BNJARD1Y1E8li+n3WFfacL6X49wyUdoKLiyniudOD3blrDblCEzpC4BpDmnXhx62MgNrQ0IdZXgVwilM415jF8JTfUOEAVahb4Kgq69rwtSm5qEEr4G1xU4keiP1vOrd2wF0i/qSuwVKoV60w7Gu13rqsQz9JE1DJHgC9w3vfu8u9dOt5pXho47cYGmmcTeMcmq64vYFj/+W5gO1DgtVS4mEEqbAnxsJ/qWy+U7LkTJ7hXwef4ka7vSJjKVK4nJoHUaBuQBwVONxu0TnRnVFyPJeFefA3auiah37riazdE0u5vQBpro+U3dP0W7Uvw6L7ObC/9N0Pjm6JdjdOYPX6OE7xKdba3Woa3cWkU1qHQnzP69KwQUBBK4dr629GtMFOIbcMG+vNqgXlN1dvsROXSS5yWTIQcxroovtz6Gqd+QBNiRKIvzQGgHKxzSuRiJhXf7m5cHoGslKYckfYPtmcrpZYZ9QFNNBNPN0jL10r4UmYUinFHhQF93A8mqTpP5e5bwZmgMVakP+UwrnM3Sp9ted+uSNy1hGEbrUMebGGQDLIdaQUuDBp20fmCq9dATxvDL2nURLUyPOB0iYtMRY3mG9cpImlUhpuuXmOQxeuoRHwR1OCDZqg7lU0u7G3ZdQJIus+DMJhztCqE6kBAgq7OUtXxd7dNpTgiAxjFy7y4OV1DQeyiLcxfgXtqPlNcMwgjx1KSMy+43vOASNOpQSXj8zCmFJZKzjBHyQ==",
);

/// What the provider does.
pub(in crate::channels::wechat_v2) fn seal(plain: &str, key: &str) -> String {
    use aes::cipher::BlockEncryptMut;
    let aes_key = hex::encode(Md5::digest(key));
    let cipher = ecb::Encryptor::<aes::Aes256>::new_from_slice(aes_key.as_bytes()).unwrap();
    base64::engine::general_purpose::STANDARD.encode(cipher.encrypt_padded_vec_mut::<Pkcs7>(plain.as_bytes()))
}

#[test]
fn req_info_vectors_open_and_seal() {
    assert_eq!(hex::encode(Md5::digest(KEY)), "4ad14ac334ab13540eb6c5479512a8e8");
    assert_eq!(hex::encode(Md5::digest(ZERO_KEY)), "075bf38be58bf29891c1ee5cf907ef57");
    for (plain, sealed, key) in [(SHORT.0, SHORT.1, KEY), (FULL.0, FULL.1, KEY), (SHORT.0, ZERO, ZERO_KEY)] {
        assert_eq!(open_req_info(sealed, key).as_deref(), Some(plain.as_bytes()));
        assert_eq!(seal(plain, key), sealed);
    }
}

#[test]
fn broken_req_info_does_not_open() {
    for broken in ["", "!", "AAAA", &SHORT.1[4..], &SHORT.1[..64]] {
        assert_eq!(open_req_info(broken, KEY), None, "{broken}");
    }
    assert_ne!(open_req_info(SHORT.1, ZERO_KEY).as_deref(), Some(SHORT.0.as_bytes()));
}
