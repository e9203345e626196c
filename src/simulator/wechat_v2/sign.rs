//! Signatures of API v2 (provider's document: 签名算法), and the sealed part of refund notices.

use aes::Aes256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ecb::cipher::block_padding::Pkcs7;
use ecb::cipher::{BlockEncryptMut, KeyInit};
use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;

/// A value of `sign_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Md5,
    HmacSha256,
}

impl Algorithm {
    /// `None` for a word the provider does not know; nothing said means MD5.
    pub fn parse(text: Option<&str>) -> Option<Self> {
        match text {
            None | Some("MD5") => Some(Self::Md5),
            Some("HMAC-SHA256") => Some(Self::HmacSha256),
            Some(_) => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::HmacSha256 => "HMAC-SHA256",
        }
    }
}

/// Signature over all pairs but `sign` and empty ones: sorted, joined, the key appended, digest in upper-case hex.
pub fn sign<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>, key: &str, algorithm: Algorithm) -> String {
    let mut pairs: Vec<_> = fields.into_iter().filter(|(name, value)| *name != "sign" && !value.is_empty()).collect();
    pairs.sort_unstable();
    let mut text = String::new();
    for (name, value) in pairs {
        text.push_str(name);
        text.push('=');
        text.push_str(value);
        text.push('&');
    }
    text.push_str("key=");
    text.push_str(key);
    match algorithm {
        Algorithm::Md5 => hex::encode_upper(Md5::digest(text.as_bytes())),
        Algorithm::HmacSha256 => {
            #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
            let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_bytes()).expect("any length");
            mac.update(text.as_bytes());
            hex::encode_upper(mac.finalize().into_bytes())
        }
    }
}

/// `req_info` of a refund notice (provider's document: 退款结果通知): AES-256-ECB under the lower-case hex of the key's MD5.
pub fn seal(plain: &str, key: &str) -> String {
    let aes_key = hex::encode(Md5::digest(key.as_bytes()));
    #[expect(clippy::expect_used, reason = "an MD5 in hex has the 32 bytes that AES-256 wants")]
    let cipher = ecb::Encryptor::<Aes256>::new_from_slice(aes_key.as_bytes()).expect("32 bytes");
    STANDARD.encode(cipher.encrypt_padded_vec_mut::<Pkcs7>(plain.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(&str, &str)> {
        text.split('&').map(|pair| pair.split_once('=').expect("a pair")).collect()
    }

    #[test]
    fn documented_vectors_hold() {
        let plain = pairs("appid=wxd930ea5d5a258f4f&mch_id=10000100&device_info=1000&body=test&nonce_str=ibuaiVcKdpRxkhJA");
        let key = "192006250b4c09247ec02edce69f6a2d";
        assert_eq!(sign(plain.clone(), key, Algorithm::Md5), "9A0A8659F005D6984697E2CA0A9CF3B7");
        assert_eq!(sign(plain, key, Algorithm::HmacSha256), "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6");
    }

    #[test]
    fn empty_values_do_not_count_and_order_does_not_matter() {
        let order = "trade_type=NATIVE&total_fee=1&time_start=20240601120000&attach=&appid=wx8888888888888888&body=收银台-测试商品&fee_type=CNY&mch_id=1900000109&nonce_str=5K8264ILTKCH16CQ2502SI8ZNMTM67VS&notify_url=https://pay.example.com/notify/wechat/v2&out_trade_no=CS20240601000001&product_id=CS20240601000001&spbill_create_ip=203.0.113.7&time_expire=20240601120500";
        assert_eq!(sign(pairs(order), "exposed_your_key_here_have_risks", Algorithm::Md5), "3D0BC95F73897C95D7C673C20C483E5C");
    }

    #[test]
    fn refund_secrets_match_the_documented_ones() {
        let plain = "<root><refund_status>SUCCESS</refund_status></root>";
        let sealed = seal(plain, "exposed_your_key_here_have_risks");
        assert_eq!(sealed, "nmd/lR0SpfZygMxtTm06aQNp7Px001O/bjVJt0/GAEAhjXdUWTRh+WqTeIBobdYSpA3xpJ/151qo3Dp9r58UJA==");
        let leading_zero = seal(plain, "k0000000000000000000000000000003");
        assert_eq!(leading_zero, "Ob4emvEHoynYbw551jZMd1gvRzM2mRMR1+MOHY4kBohCZTnVulM50GPjZbfwzckXrWjbiMKdWueGWWj30kmFWA==");
    }
}
