//! Methods of payment, the brands they belong to, and kinds of channels: codes that the API, the database and the pages share.

use super::status::words;
use serde::{Deserialize, Serialize};

words!(
    /// A provider's protocol; one folder under `channels`.
    ChannelKind {
        WechatV2 = "wechat_v2",
        WechatV3 = "wechat_v3",
        Alipay = "alipay",
        Qq = "qq",
        Unionpay = "unionpay",
        Baidu = "baidu",
        Jd = "jd",
        Lianlian = "lianlian",
    }
);

words!(
    /// A way to pay.
    Method {
        WechatNative = "wechat_native",
        WechatH5 = "wechat_h5",
        WechatJsapi = "wechat_jsapi",
        WechatMini = "wechat_mini",
        WechatApp = "wechat_app",
        WechatMicropay = "wechat_micropay",
        AlipayPage = "alipay_page",
        AlipayWap = "alipay_wap",
        AlipayQr = "alipay_qr",
        AlipayBar = "alipay_bar",
        AlipayJsapi = "alipay_jsapi",
        AlipayApp = "alipay_app",
        QqNative = "qq_native",
        QqJsapi = "qq_jsapi",
        QqApp = "qq_app",
        QqMicropay = "qq_micropay",
        UnionpayWeb = "unionpay_web",
        UnionpayWap = "unionpay_wap",
        UnionpayApp = "unionpay_app",
        UnionpayQr = "unionpay_qr",
        BaiduMini = "baidu_mini",
        JdWeb = "jd_web",
        JdH5 = "jd_h5",
        JdQr = "jd_qr",
        LianlianWeb = "lianlian_web",
        LianlianWap = "lianlian_wap",
    }
);

words!(
    /// The name a payer knows: logo, colour, wallet.
    Brand {
        Wechat = "wechat",
        Alipay = "alipay",
        Qq = "qq",
        Unionpay = "unionpay",
        Baidu = "baidu",
        Jd = "jd",
        Lianlian = "lianlian",
    }
);

impl Method {
    /// The name under which payers know it.
    #[must_use]
    pub fn brand(self) -> Brand {
        use Method as M;
        match self {
            M::WechatNative | M::WechatH5 | M::WechatJsapi | M::WechatMini | M::WechatApp | M::WechatMicropay => Brand::Wechat,
            M::AlipayPage | M::AlipayWap | M::AlipayQr | M::AlipayBar | M::AlipayJsapi | M::AlipayApp => Brand::Alipay,
            M::QqNative | M::QqJsapi | M::QqApp | M::QqMicropay => Brand::Qq,
            M::UnionpayWeb | M::UnionpayWap | M::UnionpayApp | M::UnionpayQr => Brand::Unionpay,
            M::BaiduMini => Brand::Baidu,
            M::JdWeb | M::JdH5 | M::JdQr => Brand::Jd,
            M::LianlianWeb | M::LianlianWap => Brand::Lianlian,
        }
    }

    /// Whether the merchant scans the payer's code: such a method needs an `auth_code` and is not offered on the page.
    #[must_use]
    pub fn is_bar(self) -> bool {
        matches!(self, Self::WechatMicropay | Self::AlipayBar | Self::QqMicropay)
    }

    /// Whether only the merchant's own app or mini program can carry it out: not offered on the page.
    #[must_use]
    pub fn is_in_app(self) -> bool {
        matches!(self, Self::WechatMini | Self::WechatApp | Self::AlipayApp | Self::QqApp | Self::UnionpayApp | Self::BaiduMini)
    }

    /// Whether the page can offer it to a payer in a browser.
    #[must_use]
    pub fn is_on_page(self) -> bool {
        !self.is_bar() && !self.is_in_app()
    }

    /// Whether the wallet's own browser pays it by way of its script bridge.
    #[must_use]
    pub fn is_bridge(self) -> bool {
        matches!(self, Self::WechatJsapi | Self::AlipayJsapi | Self::QqJsapi)
    }

    /// Whether the payer scans a code from another device.
    #[must_use]
    pub fn is_scan(self) -> bool {
        matches!(self, Self::WechatNative | Self::AlipayQr | Self::QqNative | Self::UnionpayQr | Self::JdQr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back() {
        for m in Method::ALL {
            assert_eq!(Method::parse(m.as_str()), Ok(*m));
            assert!(m.as_str().starts_with(m.brand().as_str()));
        }
        assert!(Method::parse("bar").is_err());
    }
}
