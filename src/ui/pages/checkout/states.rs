//! Every state of the page, rendered in both languages: what must be there, and that foreign text stays text.

use super::{Checkout, Desk, Wish, desk};
use crate::model::routing::{Browser, Fit, Obstacle};
use crate::model::views::checkout::{
    Attempt, CheckoutState as State, CheckoutView, MethodChoice, MoneyOutcome, OneCode, SignInTrouble, Step, UnexpectedMoney,
};
use crate::model::{Amount, Brand, CaseKind, Method, RefundedPart, UiError};
use crate::ui::i18n::Lang;
use leptos::prelude::*;

fn fen(fen: i64) -> Amount {
    Amount::from_fen(fen).expect("an amount")
}

fn choice(method: Method, fit: Fit) -> MethodChoice {
    MethodChoice { method, fit, asks: Vec::new(), limits: None }
}

fn view(state: State) -> CheckoutView {
    let asking =
        MethodChoice { asks: vec!["user_name".to_owned(), "id_no".to_owned()], ..choice(Method::LianlianWeb, Fit::Usable) };
    let limited = MethodChoice { limits: Some((fen(1), fen(5000))), ..choice(Method::QqNative, Fit::Greyed(Obstacle::Amount)) };
    CheckoutView {
        token: "q8rXw2mT0cVb5nKz".to_owned(),
        state,
        amount: fen(12_800),
        merchant: "Acme <b>Store".to_owned(),
        subject: "Blue teapot & 青花瓷茶壶 <script>alert(1)</script>".to_owned(),
        order_no: "01JD3ZQ8K7M4N5P6Q7R8S9T0VW".to_owned(),
        out_order_no: "A-2026-0001".to_owned(),
        accent: None,
        contact: Some("400-000-0000".to_owned()),
        remaining_ms: 872_000,
        total_ms: 1_800_000,
        browser: Browser::from_user_agent(""),
        methods: vec![
            choice(Method::WechatNative, Fit::Recommended),
            choice(Method::AlipayPage, Fit::Recommended),
            choice(Method::UnionpayWeb, Fit::Usable),
            asking,
            choice(Method::WechatH5, Fit::Greyed(Obstacle::PhoneOnly)),
            limited,
        ],
        attempt: None,
        one_code: None,
        form_origins: Vec::new(),
        started_now: false,
        start_error: None,
        paid_at: None,
        refund_status: RefundedPart::None,
        refunded: Amount::ZERO,
        return_link: None,
        cancel_url: Some("https://shop.example/cart".to_owned()),
        unexpected: Vec::new(),
    }
}

fn trying(state: State, method: Method, step: Option<Step>) -> CheckoutView {
    let pay_no = "01JD3ZQ8K7M4N5P6Q7R8S9T0VX".to_owned();
    let attempt = Attempt { pay_no, method, step, code_remaining_ms: None, failure: None };
    CheckoutView { attempt: Some(attempt), ..view(state) }
}

fn scan() -> CheckoutView {
    trying(State::Waiting, Method::WechatNative, Some(Step::Scan { code: "weixin://wxpay/bizpayurl?pr=p4lpSuKzz".to_owned() }))
}

fn late(outcome: MoneyOutcome) -> CheckoutView {
    let money = UnexpectedMoney { kind: CaseKind::Late, amount: fen(12_800), at: 1_767_225_599_000, outcome };
    CheckoutView { unexpected: vec![money], ..view(State::Expired) }
}

fn paid() -> CheckoutView {
    CheckoutView {
        paid_at: Some(1_767_225_599_000),
        return_link: Some("https://shop.example/done?order_no=1&sign=x".to_owned()),
        ..trying(State::Paid, Method::WechatNative, None)
    }
}

fn follow() -> Option<Step> {
    Some(Step::Follow { url: "https://openapi.alipay.com/gateway.do?a=1".to_owned() })
}

fn post() -> Option<Step> {
    let fields = [("orderId".to_owned(), "\"><script>".to_owned())].into();
    Some(Step::Post { action: "https://gateway.95516.com/gateway/api/frontTransReq.do".to_owned(), fields })
}

fn invoke() -> Option<Step> {
    Some(Step::Invoke { bridge: "wechat_jsapi".to_owned(), params: "{\"appId\":\"wx\"}".to_owned() })
}

fn failed() -> CheckoutView {
    let mut view = trying(State::Failed, Method::WechatNative, None);
    if let Some(attempt) = &mut view.attempt {
        attempt.failure = Some("余额不足".to_owned());
    }
    view
}

fn in_wechat() -> CheckoutView {
    let methods = vec![choice(Method::AlipayWap, Fit::Greyed(Obstacle::OpenBrowser))];
    CheckoutView { methods, ..view(State::Choose) }
}

/// Name of the case, what it is rendered from, and texts that must be in the page.
fn gallery() -> Vec<(&'static str, CheckoutView, &'static [&'static str])> {
    vec![
        (
            "choose",
            view(State::Choose),
            &["data-testid=\"method-wechat_native\"", "data-state=\"choose\"", "aria-disabled=\"true\""],
        ),
        (
            "scan",
            scan(),
            &[
                "data-testid=\"qr\"",
                "data-testid=\"countdown\"",
                "data-testid=\"check-again\"",
                "data-testid=\"switch-method\"",
                "http-equiv=\"refresh\"",
            ],
        ),
        (
            "follow",
            trying(State::Waiting, Method::AlipayPage, follow()),
            &["href=\"https://openapi.alipay.com/gateway.do?a=1\"", "data-testid=\"check-again\""],
        ),
        (
            "post",
            trying(State::Waiting, Method::UnionpayWeb, post()),
            &["action=\"https://gateway.95516.com/gateway/api/frontTransReq.do\"", "name=\"orderId\""],
        ),
        (
            "invoke",
            trying(State::Waiting, Method::WechatJsapi, invoke()),
            &["data-state=\"waiting\"", "data-testid=\"switch-method\""],
        ),
        (
            "confirming",
            trying(State::Confirming, Method::AlipayPage, follow()),
            &["data-state=\"confirming\"", "data-testid=\"check-again\"", "http-equiv=\"refresh\""],
        ),
        (
            "back without having paid by a form",
            trying(State::Confirming, Method::UnionpayWeb, post()),
            &[
                "data-state=\"confirming\"",
                "action=\"https://gateway.95516.com/gateway/api/frontTransReq.do\"",
                "name=\"orderId\"",
            ],
        ),
        (
            "paid",
            paid(),
            &["data-state=\"paid\"", "data-testid=\"return-link\"", "01JD3ZQ8K7M4N5P6Q7R8S9T0VW", "2026-01-01 07:59:59"],
        ),
        (
            "refunded",
            CheckoutView { refund_status: RefundedPart::Partial, refunded: fen(3000), ..paid() },
            &["data-testid=\"refunded\"", "30.00"],
        ),
        (
            "failed",
            failed(),
            &["data-state=\"failed\"", "data-testid=\"try-again\"", "data-testid=\"switch-method\"", "余额不足"],
        ),
        ("expired", view(State::Expired), &["data-state=\"expired\"", "data-testid=\"check-again\""]),
        ("closed", view(State::Closed), &["data-state=\"closed\"", "data-testid=\"check-again\""]),
        ("late", late(MoneyOutcome::GoingBack), &["data-kind=\"late\""]),
        ("guide", in_wechat(), &["data-testid=\"guide\"", "data-testid=\"check-again\""]),
    ]
}

fn render(view: CheckoutView, lang: Lang, wish: Wish, error: Option<UiError>) -> String {
    let owner = Owner::new();
    owner.with(|| {
        provide_context(lang);
        leptos_meta::provide_meta_context();
        view! { <Checkout view wish error/> }.to_html()
    })
}

#[test]
fn every_state_shows_what_it_must() {
    for (name, view, wanted) in gallery() {
        for lang in Lang::ALL {
            let page = render(view.clone(), lang, Wish::default(), None);
            for text in wanted
                .iter()
                .chain(["data-testid=\"amount\"", "data-testid=\"merchant\"", "data-testid=\"state\"", "128.00"].iter())
            {
                assert!(page.contains(text), "{name} in {lang:?} lacks {text}");
            }
        }
    }
}

#[test]
fn foreign_text_stays_text() {
    for (name, view, _) in gallery() {
        let page = render(view, Lang::En, Wish::default(), None);
        assert!(!page.contains("<script>alert") && !page.contains("<b>Store") && !page.contains("\"><script>"), "{name}");
    }
}

#[test]
fn no_page_carries_an_inline_style_or_handler() {
    for (name, view, _) in gallery() {
        let page = render(view, Lang::Zh, Wish::default(), None);
        assert!(!page.contains(" style=") && !page.contains(" onclick="), "{name}");
    }
}

#[test]
fn no_page_reads_its_countdown_out_every_second() {
    for (name, view, _) in gallery() {
        assert!(!render(view, Lang::Zh, Wish::default(), None).contains("aria-live"), "{name}");
    }
}

#[test]
fn each_copy_button_says_what_it_copies() {
    let page = render(paid(), Lang::En, Wish::default(), None);
    for number in ["A-2026-0001", "01JD3ZQ8K7M4N5P6Q7R8S9T0VW"] {
        assert!(page.contains(&format!("aria-label=\"Copy {number}\"")), "{page}");
    }
}

#[test]
fn what_cannot_work_beside_what_can_is_left_out() {
    let page = render(view(State::Choose), Lang::En, Wish::default(), None);
    assert!(page.contains("method-wechat_native") && !page.contains("method-wechat_h5"), "{page}");
}

#[test]
fn a_greyed_method_has_no_button() {
    let mut view = view(State::Choose);
    view.methods.retain(|m| m.method != crate::model::Method::WechatNative);
    let page = render(view, Lang::En, Wish::default(), None);
    let row = page.split("data-testid=\"method-wechat_h5\"").next().expect("text before").rsplit('<').next().expect("a tag");
    assert!(row.starts_with("li"), "{row}");
}

#[test]
fn a_refused_start_is_told_and_keeps_the_choice() {
    let page = render(view(State::Choose), Lang::En, Wish::default(), Some(UiError::Unclear));
    assert!(page.contains("data-testid=\"error\"") && page.contains("data-testid=\"method-wechat_native\""));
}

#[test]
fn payers_are_told_in_their_language_and_nothing_of_credentials() {
    let broken = UiError::invalid("credentials[client_cert_pem]", "is not a certificate");
    let error = |error| render(view(State::Choose), Lang::Zh, Wish::default(), Some(error));
    let page = error(broken);
    assert!(page.contains("此订单不能使用这种支付方式") && !page.contains("client_cert_pem"), "{page}");
    assert!(error(UiError::invalid("id_no", "is required")).contains("身份证号：必填"));
    assert!(error(UiError::AmountLimits { min: fen(100), max: fen(500_000) }).contains("¥1.00 至 ¥5,000.00"));
}

#[test]
fn a_worn_out_code_is_not_shown() {
    let mut view = scan();
    if let Some(attempt) = &mut view.attempt {
        attempt.code_remaining_ms = Some(0);
    }
    let page = render(view, Lang::En, Wish::default(), None);
    assert!(!page.contains("data-testid=\"qr\"") && page.contains("id=\"renew\""));
}

#[test]
fn the_provider_is_opened_by_itself_only_right_after_the_choice() {
    let view = trying(State::Waiting, Method::AlipayPage, follow());
    let go = Wish { go: true, ..Wish::default() };
    assert!(render(view.clone(), Lang::En, go, None).contains("Onward"));
    assert!(!render(view, Lang::En, Wish::default(), None).contains("Onward"));
}

#[test]
fn the_list_of_methods_never_hides_the_end_of_an_order() {
    let wish = Wish { choose: true, ..Wish::default() };
    assert_eq!(desk(&scan(), wish), Desk::Choose);
    assert_eq!(desk(&failed(), wish), Desk::Choose);
    assert_eq!(desk(&paid(), wish), Desk::Paid);
    assert_eq!(desk(&view(State::Expired), wish), Desk::Over);
    assert_eq!(desk(&view(State::Closed), wish), Desk::Over);
}

#[test]
fn the_guide_shows_when_only_another_browser_helps() {
    assert_eq!(desk(&in_wechat(), Wish::default()), Desk::Guide);
    let mut view = in_wechat();
    view.methods.push(choice(Method::AlipayQr, Fit::SecondDevice));
    assert_eq!(desk(&view, Wish::default()), Desk::Choose);
}

fn with_one_code(state: State) -> CheckoutView {
    let link = "https://pay.example/checkout/q8rXw2mT0cVb5nKz?one=1".to_owned();
    CheckoutView { one_code: Some(OneCode { link, brands: vec![Brand::Wechat, Brand::Alipay] }), ..view(state) }
}

#[test]
fn one_code_for_all_is_a_choice_and_single_codes_are_one_tap_away() {
    let page = render(with_one_code(State::Choose), Lang::En, Wish::default(), None);
    assert!(page.contains("data-testid=\"method-one\"") && page.contains("?code=1") && !page.contains("data-testid=\"qr\""));
    assert!(page.contains("WeChat Pay, Alipay"), "{page}");
    let wish = Wish { one_code: true, ..Wish::default() };
    for lang in Lang::ALL {
        let page = render(with_one_code(State::Choose), lang, wish, None);
        for text in [
            "data-testid=\"qr\"",
            "data-testid=\"method-wechat_native\"",
            "data-testid=\"switch-method\"",
            "http-equiv=\"refresh\"",
        ] {
            assert!(page.contains(text), "{text}");
        }
        assert!(page.contains("data-state=\"choose\""));
    }
    assert!(!render(view(State::Choose), Lang::En, wish, None).contains("data-testid=\"qr\""), "where it serves nobody");
    assert_eq!(desk(&CheckoutView { one_code: with_one_code(State::Paid).one_code, ..paid() }, wish), Desk::Paid);
}

#[test]
fn a_payment_in_a_wallet_on_a_phone_is_not_offered_to_this_screen() {
    let page = render(trying(State::Waiting, Method::WechatJsapi, invoke()), Lang::En, Wish::default(), None);
    assert!(page.contains("data-testid=\"elsewhere\"") && !page.contains("class=\"needs-script bridge\""), "{page}");
    let mut view = trying(State::Waiting, Method::WechatJsapi, invoke());
    view.browser = Browser::from_user_agent("MicroMessenger/8.0 Mobile");
    let page = render(view, Lang::En, Wish::default(), None);
    assert!(page.contains("class=\"needs-script bridge\"") && !page.contains("data-testid=\"elsewhere\""));
}

#[test]
fn a_failed_sign_in_is_told_above_the_choice() {
    for trouble in SignInTrouble::ALL {
        let wish = Wish { sign_in: Some(*trouble), ..Wish::default() };
        let page = render(view(State::Choose), Lang::Zh, wish, None);
        assert!(page.contains("data-testid=\"sign-in-trouble\"") && page.contains("method-wechat_native"));
        assert!(!render(paid(), Lang::Zh, wish, None).contains("sign-in-trouble"), "nothing is left to try");
    }
}
