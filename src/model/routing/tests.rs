//! Real browsers' names against the table, and what follows from it.

use super::*;
use Method as M;

const DESKTOP: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
const PHONE: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
const WECHAT: &str = "Mozilla/5.0 (Linux; Android 14; V2) AppleWebKit/537.36 Version/4.0 Chrome/116.0 MQQBrowser/6.2 TBS/046 Mobile Safari/537.36 MicroMessenger/8.0.42.2460(0x28002A) NetType/WIFI Language/zh_CN";
const WECHAT_PC: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/116.0 Safari/537.36 NetType/WIFI MicroMessenger/7.0.20 WindowsWechat";
const ALIPAY: &str = "Mozilla/5.0 (Linux; U; Android 14) AppleWebKit/537.36 Version/4.0 Chrome/105 UCBS/3.22 Mobile Safari/537.36 AlipayDefined(nt:WIFI) AliApp(AP/10.5) AlipayClient/10.5.96";
const QQ: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 MQQBrowser/6.2 TBS/046 Mobile Safari/537.36 V1_AND_SQ_9.0 QQ/9.0.8.14755 NetType/WIFI";
const QQ_BROWSER: &str = "Mozilla/5.0 (Linux; U; Android 14) AppleWebKit/537.36 Chrome/109 MQQBrowser/15.1 Mobile Safari/537.36";
const UNIONPAY: &str =
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 (com.unionpay.mobilepay) UnionPay/1.0 CloudPay";
const BAIDU: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 baiduboxapp/13.60 (Baidu; P1 14)";
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
