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
    /// Whose built-in browser it is.
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
    /// Works, though another way may be more natural.
    Usable,
    /// A code to be scanned, on the very device that would scan it.
    SecondDevice,
    /// Does not work here.
    Greyed(Obstacle),
}

impl Fit {
    /// Whether it can be chosen.
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
        /// Opens an app, which a computer does not have.
        PhoneOnly = "phone_only",
        /// The amount is outside of the method's limits.
        Amount = "amount",
        /// The merchant has not given a fact that it needs.
        NotPrepared = "not_prepared",
    }
);

/// The table: how well a method suits a browser, whatever the order.
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
mod tests;
