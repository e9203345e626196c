//! The bar codes that wallets show to a till.

use crate::model::Method;

/// Which bar-code method a payer's code belongs to, by its prefix and length.
///
/// WeChat: 18 digits from 10 to 15. Alipay: 16 to 24 digits from 25 to 30. QQ: 18 digits from 91.
#[must_use]
pub fn bar_method(auth_code: &str) -> Option<Method> {
    if !auth_code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let prefix: u8 = auth_code.get(..2)?.parse().ok()?;
    match (prefix, auth_code.len()) {
        (10..=15, 18) => Some(Method::WechatMicropay),
        (25..=30, 16..=24) => Some(Method::AlipayBar),
        (91, 18) => Some(Method::QqMicropay),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_codes_tell_their_wallet() {
        assert_eq!(bar_method("134567890123456789"), Some(Method::WechatMicropay));
        assert_eq!(bar_method("2812345678901234"), Some(Method::AlipayBar));
        assert_eq!(bar_method("281234567890123456789012"), Some(Method::AlipayBar));
        assert_eq!(bar_method("911234567890123456"), Some(Method::QqMicropay));
        for bad in
            ["", "1", "13456789012345678", "161234567890123456", "28123456789012345678901234", "2812345678901a34", "１３４５"]
        {
            assert_eq!(bar_method(bad), None, "{bad}");
        }
    }
}
