//! Signatures (provider's document: 商户签名算法). Only MD5 is documented.

use md5::{Digest, Md5};

/// Signature over all pairs but `sign` and empty ones: sorted, joined, the key appended, digest in upper-case hex.
pub fn sign<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>, key: &str) -> String {
    let mut pairs: Vec<_> = fields.into_iter().filter(|(name, value)| *name != "sign" && !value.is_empty()).collect();
    pairs.sort_unstable();
    let mut parts: Vec<String> = pairs.into_iter().map(|(name, value)| [name, value].join("=")).collect();
    parts.push(format!("key={key}"));
    hex::encode_upper(Md5::digest(parts.join("&")))
}

/// How an operator's password travels: lower-case hex of its MD5.
pub fn password_hash(password: &str) -> String {
    hex::encode(Md5::digest(password))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A test key.
    const KEY: &str = "exposed_your_key_here_have_risks";

    fn pairs(text: &str) -> Vec<(&str, &str)> {
        text.split('&').map(|pair| pair.split_once('=').expect("a pair")).collect()
    }

    #[test]
    fn the_known_order_reply_and_notice_have_their_signatures() {
        for (text, signature) in [
            (
                "attach=&body=收银台-测试商品&appid=100619284&fee_type=CNY&mch_id=1900000109&nonce_str=3e5a036cb4bc3a677a38ad9d69eb3feb&notify_url=https://pay.example.com/notify/qq&out_trade_no=CS20240601000001&spbill_create_ip=203.0.113.7&total_fee=888&trade_type=NATIVE",
                "9445B3BF91E8179E8751D0BCDBAF3E3C",
            ),
            (
                "return_code=SUCCESS&return_msg=SUCCESS&retcode=0&retmsg=ok&result_code=SUCCESS&appid=100619284&mch_id=1900000109&nonce_str=c7b6a5d4e3f2a1b0c9d8e7f6a5b4c3d2&trade_type=NATIVE&prepay_id=5M7cf9dd6fe6d41a9ca1b2c3d4e5f607&code_url=https://qpay.qq.com/qr/5c4fdb1c",
                "BA80835B340214AD60FD7666C1793BCF",
            ),
            (
                "appid=100619284&mch_id=1900000109&nonce_str=30a8ffd4c3bb1c8a0a5e6e1a5e1f2b3c&device_info=WP00000001&trade_type=NATIVE&trade_state=SUCCESS&bank_type=BALANCE&fee_type=CNY&total_fee=888&cash_fee=800&coupon_fee=88&transaction_id=1353933301461607211903715555&out_trade_no=CS20240601000001&attach=&time_end=20240601120130&openid=9E2C4D5A1B7F4E0C8A6D3B2F1C0E9D8A",
                "3BEFC491B961F42BCB5C74C9C78DD0C4",
            ),
        ] {
            assert_eq!(sign(pairs(text), KEY), signature, "{text}");
        }
    }

    #[test]
    fn a_password_travels_as_the_known_hash() {
        assert_eq!(password_hash("111111"), "96e79218965eb72c92a549dd5a330112");
    }
}
