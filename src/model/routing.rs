//! Which method works in which browser: one table, no IO. The page asks it what to recommend, what to grey out and why, and
//! when only another browser helps.

use super::method::{Brand, Method};
use super::status::words;
use serde::{Deserialize, Serialize};

words!(
    /// The app whose built-in browser shows the page.
    InApp {
        None = "none",
        Wechat = "wechat",
        Alipay = "alipay",
        Qq = "qq",
        Unionpay = "unionpay",
        Baidu = "baidu",
        Jd = "jd",
    }
);

/// What a browser's name tells. A name can be forged: it decides what is offered, never what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Browser {
    pub app: InApp,
    /// A telephone or tablet: apps can be opened, and a code on the screen needs a second device.
    pub is_phone: bool,
}

impl Browser {
    /// Reads a `User-Agent`.
    #[must_use]
    pub fn from_user_agent(name: &str) -> Self {
        let has = |part: &str| name.contains(part);
        // WeChat first: its browser also carries the names of QQ's engine. A bare `MQQBrowser` is a browser of its own.
        let app = if has("MicroMessenger") {
            InApp::Wechat
        } else if has("AlipayClient") {
            InApp::Alipay
        } else if has(" QQ/") {
            InApp::Qq
        } else if has("UnionPay/") || has("CloudPay") {
            InApp::Unionpay
        } else if has("baiduboxapp") || has("swan-baiduboxapp") {
            InApp::Baidu
        } else if has("jdapp") || has("jdmall") {
            InApp::Jd
        } else {
            InApp::None
        };
        let is_phone = has("Mobile") || has("Android") || has("iPhone") || has("iPad") || has("HarmonyOS");
        Self { app, is_phone }
    }

    /// The built-in browsers of wallets, as they look on a telephone.
    pub fn wallets() -> impl Iterator<Item = Self> {
        InApp::ALL.iter().filter(|app| **app != InApp::None).map(|app| Self { app: *app, is_phone: true })
    }

    /// Whether this is a browser of a computer that shows codes for telephones to scan.
    #[must_use]
    pub fn is_desktop(self) -> bool {
        !self.is_phone && self.app == InApp::None
    }

    /// Whether a wallet's own built-in browser shows the page.
    #[must_use]
    pub fn is_inside(self, brand: Brand) -> bool {
        match self.app {
            InApp::None => false,
            InApp::Wechat => brand == Brand::Wechat,
            InApp::Alipay => brand == Brand::Alipay,
            InApp::Qq => brand == Brand::Qq,
            InApp::Unionpay => brand == Brand::Unionpay,
            InApp::Baidu => brand == Brand::Baidu,
            InApp::Jd => brand == Brand::Jd,
        }
    }
}

/// How well a method suits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// The natural way on this device.
    Recommended,
    Usable,
    /// A code to be scanned, on the very device that would scan it.
    SecondDevice,
    Greyed(Obstacle),
}

impl Fit {
    #[must_use]
    pub fn is_usable(self) -> bool {
        !matches!(self, Self::Greyed(_))
    }

    /// Smaller comes first.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Recommended => 0,
            Self::Usable => 1,
            Self::SecondDevice => 2,
            Self::Greyed(_) => 3,
        }
    }
}

words!(
    /// Why a method cannot be used.
    Obstacle {
        /// Works in the wallet's own browser only.
        InsideOnly = "inside_only",
        /// This app does not let the wallet open: another browser does.
        OpenBrowser = "open_browser",
        PhoneOnly = "phone_only",
        /// The amount is outside of the method's limits.
        Amount = "amount",
        /// The merchant has not given a fact that it needs.
        NotPrepared = "not_prepared",
    }
);

/// The table.
#[must_use]
pub fn fit(method: Method, browser: Browser) -> Fit {
    use Method as M;
    let brand = method.brand();
    let inside = browser.is_inside(brand);
    match method {
        _ if method.is_bridge() => {
            if inside {
                Fit::Recommended
            } else {
                Fit::Greyed(Obstacle::InsideOnly)
            }
        }
        M::WechatNative | M::AlipayQr | M::QqNative | M::UnionpayQr | M::JdQr => match (browser.is_phone, brand) {
            (true, _) => Fit::SecondDevice,
            (false, Brand::Wechat | Brand::Alipay) => Fit::Recommended,
            (false, _) => Fit::Usable,
        },
        // WeChat's web payment is for telephones' browsers and refuses to open in its own one and in Alipay's.
        M::WechatH5 => match browser {
            Browser { app: InApp::Wechat | InApp::Alipay, .. } => Fit::Greyed(Obstacle::OpenBrowser),
            Browser { is_phone: false, .. } => Fit::Greyed(Obstacle::PhoneOnly),
            Browser { app: InApp::None, .. } => Fit::Recommended,
            _ => Fit::Usable,
        },
        // WeChat blocks Alipay's pages.
        M::AlipayWap | M::AlipayPage if browser.app == InApp::Wechat => Fit::Greyed(Obstacle::OpenBrowser),
        M::AlipayWap => {
            if inside || (browser.is_phone && browser.app == InApp::None) {
                Fit::Recommended
            } else {
                Fit::Usable
            }
        }
        M::UnionpayWap | M::JdH5 | M::LianlianWap => {
            if inside {
                Fit::Recommended
            } else {
                Fit::Usable
            }
        }
        M::AlipayPage => {
            if browser.is_phone {
                Fit::Usable
            } else {
                Fit::Recommended
            }
        }
        M::UnionpayWeb | M::JdWeb | M::LianlianWeb => Fit::Usable,
        // Bar codes and in-app calls belong to a till or to the merchant's own app.
        _ => Fit::Greyed(Obstacle::NotPrepared),
    }
}

/// The way that goes at once inside a wallet's own browser: its bridge before its page. `None` in any other browser, and
/// where none of these works.
#[must_use]
pub fn own_way(ways: &[(Method, Fit)], browser: Browser) -> Option<Method> {
    let own = |(method, fit): &&(Method, Fit)| *fit == Fit::Recommended && browser.is_inside(method.brand());
    let best = ways.iter().filter(own).min_by_key(|(method, _)| !method.is_bridge());
    best.map(|(method, _)| *method)
}

/// Where a page should be opened instead: no method works here, but another browser would help.
#[must_use]
pub fn needs_other_browser(fits: &[Fit]) -> bool {
    !fits.iter().any(|f| f.is_usable())
        && fits.iter().any(|f| matches!(f, Fit::Greyed(Obstacle::OpenBrowser | Obstacle::InsideOnly)))
}

/// Of a provider's page that comes in one form for computers and one for telephones: whether this is the one for this browser.
/// `None` for every other method.
#[must_use]
pub fn page_fits(method: Method, browser: Browser) -> Option<bool> {
    use Method as M;
    match method {
        M::AlipayPage | M::UnionpayWeb | M::JdWeb | M::LianlianWeb => Some(!browser.is_phone),
        M::AlipayWap | M::UnionpayWap | M::JdH5 | M::LianlianWap => Some(browser.is_phone),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Method as M;

    const DESKTOP: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
    const PHONE: &str =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
    const WECHAT: &str = "Mozilla/5.0 (Linux; Android 14; V2) AppleWebKit/537.36 Version/4.0 Chrome/116.0 MQQBrowser/6.2 TBS/046 Mobile Safari/537.36 MicroMessenger/8.0.42.2460(0x28002A) NetType/WIFI Language/zh_CN";
    const WECHAT_PC: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/116.0 Safari/537.36 NetType/WIFI MicroMessenger/7.0.20 WindowsWechat";
    const ALIPAY: &str = "Mozilla/5.0 (Linux; U; Android 14) AppleWebKit/537.36 Version/4.0 Chrome/105 UCBS/3.22 Mobile Safari/537.36 AlipayDefined(nt:WIFI) AliApp(AP/10.5) AlipayClient/10.5.96";
    const QQ: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 MQQBrowser/6.2 TBS/046 Mobile Safari/537.36 V1_AND_SQ_9.0 QQ/9.0.8.14755 NetType/WIFI";
    const QQ_BROWSER: &str =
        "Mozilla/5.0 (Linux; U; Android 14) AppleWebKit/537.36 Chrome/109 MQQBrowser/15.1 Mobile Safari/537.36";
    const UNIONPAY: &str =
        "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 (com.unionpay.mobilepay) UnionPay/1.0 CloudPay";
    const BAIDU: &str =
        "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 baiduboxapp/13.60 (Baidu; P1 14)";
    const JD: &str = "jdapp;android;12.4.0;;;Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36";

    fn at(name: &str, method: Method) -> Fit {
        fit(method, Browser::from_user_agent(name))
    }

    #[test]
    fn browsers_are_told_apart() {
        for (name, app, is_phone) in [
            (DESKTOP, InApp::None, false),
            (PHONE, InApp::None, true),
            (WECHAT, InApp::Wechat, true),
            (WECHAT_PC, InApp::Wechat, false),
            (ALIPAY, InApp::Alipay, true),
            (QQ, InApp::Qq, true),
            (QQ_BROWSER, InApp::None, true),
            (UNIONPAY, InApp::Unionpay, true),
            (BAIDU, InApp::Baidu, true),
            (JD, InApp::Jd, true),
            ("", InApp::None, false),
        ] {
            assert_eq!(Browser::from_user_agent(name), Browser { app, is_phone }, "{name}");
        }
    }

    #[test]
    fn a_desktop_scans() {
        assert_eq!(at(DESKTOP, M::WechatNative), Fit::Recommended);
        assert_eq!(at(DESKTOP, M::AlipayPage), Fit::Recommended);
        assert_eq!(at(DESKTOP, M::UnionpayQr), Fit::Usable);
        assert_eq!(at(DESKTOP, M::WechatH5), Fit::Greyed(Obstacle::PhoneOnly));
        assert_eq!(at(DESKTOP, M::WechatJsapi), Fit::Greyed(Obstacle::InsideOnly));
        assert_eq!(at(DESKTOP, M::AlipayWap), Fit::Usable);
    }

    #[test]
    fn a_phone_opens_wallets() {
        assert_eq!(at(PHONE, M::WechatH5), Fit::Recommended);
        assert_eq!(at(PHONE, M::AlipayWap), Fit::Recommended);
        assert_eq!(at(PHONE, M::WechatNative), Fit::SecondDevice);
        assert_eq!(at(PHONE, M::JdH5), Fit::Usable);
    }

    #[test]
    fn inside_wechat_its_bridge_works_and_rivals_do_not() {
        assert_eq!(at(WECHAT, M::WechatJsapi), Fit::Recommended);
        assert_eq!(at(WECHAT, M::WechatH5), Fit::Greyed(Obstacle::OpenBrowser));
        assert_eq!(at(WECHAT, M::AlipayWap), Fit::Greyed(Obstacle::OpenBrowser));
        assert_eq!(at(WECHAT, M::AlipayPage), Fit::Greyed(Obstacle::OpenBrowser));
        assert_eq!(at(WECHAT, M::AlipayQr), Fit::SecondDevice);
        assert_eq!(at(WECHAT_PC, M::WechatNative), Fit::Recommended);
    }

    #[test]
    fn each_app_favours_its_own_wallet() {
        assert_eq!(at(ALIPAY, M::AlipayJsapi), Fit::Recommended);
        assert_eq!(at(ALIPAY, M::AlipayWap), Fit::Recommended);
        assert_eq!(at(ALIPAY, M::WechatH5), Fit::Greyed(Obstacle::OpenBrowser));
        assert_eq!(at(QQ, M::QqJsapi), Fit::Recommended);
        assert_eq!(at(UNIONPAY, M::UnionpayWap), Fit::Recommended);
        assert_eq!(at(JD, M::JdH5), Fit::Recommended);
        assert_eq!(at(BAIDU, M::AlipayWap), Fit::Usable);
    }

    #[test]
    fn methods_of_tills_and_apps_are_never_usable_on_a_page() {
        for method in Method::ALL.iter().filter(|m| !m.is_on_page()) {
            for name in [DESKTOP, PHONE, WECHAT, ALIPAY, QQ, UNIONPAY, BAIDU, JD] {
                assert!(!at(name, *method).is_usable(), "{method} in {name}");
            }
        }
    }

    /// The whole table: a row per method of the page, a letter per browser. R recommended, U usable, S from a second device,
    /// I inside its own wallet only, B in another browser, P on a phone only.
    #[test]
    fn every_method_has_its_place_in_every_browser() {
        let browsers = [DESKTOP, PHONE, WECHAT, WECHAT_PC, ALIPAY, QQ, UNIONPAY, BAIDU, JD];
        for (method, row) in [
            (M::WechatNative, "RSSRSSSSS"),
            (M::WechatH5, "PRBBBUUUU"),
            (M::WechatJsapi, "IIRRIIIII"),
            (M::AlipayQr, "RSSRSSSSS"),
            (M::AlipayPage, "RUBBUUUUU"),
            (M::AlipayWap, "URBBRUUUU"),
            (M::AlipayJsapi, "IIIIRIIII"),
            (M::QqNative, "USSUSSSSS"),
            (M::QqJsapi, "IIIIIRIII"),
            (M::UnionpayQr, "USSUSSSSS"),
            (M::UnionpayWeb, "UUUUUUUUU"),
            (M::UnionpayWap, "UUUUUURUU"),
            (M::JdQr, "USSUSSSSS"),
            (M::JdWeb, "UUUUUUUUU"),
            (M::JdH5, "UUUUUUUUR"),
            (M::LianlianWeb, "UUUUUUUUU"),
            (M::LianlianWap, "UUUUUUUUU"),
        ] {
            let letter = |name: &&str| match at(name, method) {
                Fit::Recommended => 'R',
                Fit::Usable => 'U',
                Fit::SecondDevice => 'S',
                Fit::Greyed(Obstacle::InsideOnly) => 'I',
                Fit::Greyed(Obstacle::OpenBrowser) => 'B',
                Fit::Greyed(Obstacle::PhoneOnly) => 'P',
                Fit::Greyed(other) => panic!("{method}: {other}"),
            };
            assert_eq!(browsers.iter().map(letter).collect::<String>(), row, "{method}");
        }
        let listed = Method::ALL.iter().filter(|m| m.is_on_page()).count();
        assert_eq!(listed, 17, "each method of the page has its row");
    }

    #[test]
    fn a_wallet_that_scanned_goes_its_own_way() {
        let own = |name: &str, methods: &[Method]| {
            let browser = Browser::from_user_agent(name);
            own_way(&methods.iter().map(|m| (*m, fit(*m, browser))).collect::<Vec<_>>(), browser)
        };
        let all: Vec<Method> = Method::ALL.to_vec();
        for (name, way) in [
            (DESKTOP, None),
            (PHONE, None),
            (WECHAT, Some(M::WechatJsapi)),
            (ALIPAY, Some(M::AlipayJsapi)),
            (QQ, Some(M::QqJsapi)),
            (UNIONPAY, Some(M::UnionpayWap)),
            (BAIDU, None),
            (JD, Some(M::JdH5)),
        ] {
            assert_eq!(own(name, &all), way, "{name}");
        }
        assert_eq!(own(ALIPAY, &[M::WechatJsapi, M::AlipayQr, M::AlipayWap]), Some(M::AlipayWap), "no bridge: the page");
        assert_eq!(own(WECHAT, &[M::WechatNative, M::WechatH5, M::AlipayJsapi]), None, "nothing that works right there");
    }

    #[test]
    fn the_guide_shows_only_when_another_browser_would_help() {
        let fits = |name, methods: &[Method]| methods.iter().map(|m| at(name, *m)).collect::<Vec<_>>();
        assert!(needs_other_browser(&fits(WECHAT, &[M::AlipayWap, M::WechatH5])));
        assert!(!needs_other_browser(&fits(WECHAT, &[M::AlipayWap, M::AlipayQr])));
        assert!(!needs_other_browser(&[Fit::Greyed(Obstacle::Amount)]));
        assert!(!needs_other_browser(&[]));
    }
}
