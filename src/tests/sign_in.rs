//! The payer is told apart by the provider's own page, and comes back to the same checkout: the real server, the real
//! simulator, and a browser that follows redirects step by step.

use super::app::TestApp;
use super::browsers::{ALIPAY, WECHAT, choose, open, order, payments};

fn param(url: &str, name: &str) -> String {
    let url = url::Url::parse(url).expect("an address");
    url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned()).unwrap_or_else(|| panic!("no {name} in {url}"))
}

/// From the choice to the running payment, through the provider's page and back.
async fn signs_in(kind: &str, agent: &str, method: &str) {
    let app = TestApp::start().await;
    app.channel(kind).await;
    let merchant = app.merchant().await;
    let (order_no, token) = order(&merchant, "A-1").await;
    let page = open(&app, agent, &format!("/checkout/{token}?choose=1")).await;
    assert!(page.body.contains(&format!("<button data-testid=\"method-{method}\"")), "{}", page.body);
    assert!(page.policy.contains(&format!("form-action 'self' {}", app.simulator_url)), "{}", page.policy);

    let sent = choose(&app, agent, &token, method).await;
    assert_eq!(sent.status, 302);
    assert!(sent.location.starts_with(&app.simulator_url), "{}", sent.location);
    let state = param(&sent.location, "state");
    assert!(state.len() <= 64 && state.bytes().all(|b| b.is_ascii_alphanumeric()), "{state}");
    assert_eq!(param(&sent.location, "redirect_uri"), format!("{}/checkout/{token}/signed-in/{method}", app.url));
    assert!(payments(&merchant, &order_no).await.is_empty(), "nothing begins before the payer is known");

    let back = open(&app, agent, sent.location.split('#').next().expect("address")).await;
    assert!(back.location.starts_with(&format!("{}/checkout/{token}/signed-in/{method}?", app.url)), "{}", back.location);
    let home = open(&app, agent, &back.location).await;
    assert_eq!((home.status, home.location.as_str()), (303, format!("/checkout/{token}?go=1").as_str()));
    let page = open(&app, agent, &home.location).await;
    assert!(page.body.contains("data-state=\"waiting\"") && page.body.contains("bridge"), "{}", page.body);
    let started = payments(&merchant, &order_no).await;
    assert_eq!((started.len(), &started[0]["method"], &started[0]["status"]), (1, &method.into(), &"pending".into()));

    // The same address again: its code is spent, and the payment that runs is left alone.
    let again = open(&app, agent, &back.location).await;
    assert_eq!((again.status, again.location.as_str()), (303, format!("/checkout/{token}?signin=refused").as_str()));
    let page = open(&app, agent, &again.location).await;
    assert!(page.body.contains("data-testid=\"sign-in-trouble\""), "{}", page.body);
    // Choosing again needs no second sign-in while the payment lives.
    assert_eq!(choose(&app, agent, &token, method).await.location, format!("/checkout/{token}?go=1"));
    assert_eq!(payments(&merchant, &order_no).await.len(), 1);
}

#[tokio::test]
async fn inside_wechat_the_payer_is_signed_in_and_pays() {
    for kind in ["wechat_v2", "wechat_v3"] {
        signs_in(kind, WECHAT, "wechat_jsapi").await;
    }
}

#[tokio::test]
async fn inside_alipay_the_buyer_is_signed_in_and_pays() {
    signs_in("alipay", ALIPAY, "alipay_jsapi").await;
}

#[tokio::test]
async fn a_state_fits_one_checkout_one_method_and_ten_minutes() {
    let app = TestApp::start().await;
    app.channel("wechat_v2").await;
    app.channel("alipay").await;
    let merchant = app.merchant().await;
    let (order_no, token) = order(&merchant, "A-1").await;
    let (_, other) = order(&merchant, "A-2").await;
    let sent = choose(&app, WECHAT, &token, "wechat_jsapi").await;
    let state = param(&sent.location, "state");
    let (expiry, mac) = state.split_at(10);
    let code = param(&open(&app, WECHAT, sent.location.split('#').next().expect("address")).await.location, "code");
    let later = format!("{}{mac}", expiry.parse::<i64>().expect("seconds") + 1);
    let old = format!("{:010}{mac}", 1_700_000_000);
    for (token, method, state) in [
        (&token, "wechat_jsapi", later.as_str()),
        (&token, "wechat_jsapi", old.as_str()),
        (&token, "wechat_jsapi", ""),
        (&token, "wechat_jsapi", expiry),
        (&token, "wechat_jsapi", "００００００００００"),
        (&token, "alipay_jsapi", state.as_str()),
        (&token, "wechat_native", state.as_str()),
        (&other, "wechat_jsapi", state.as_str()),
    ] {
        let mut url = url::Url::parse(&format!("{}/checkout/{token}/signed-in/{method}", app.url)).expect("address");
        url.query_pairs_mut().append_pair("code", &code).append_pair("auth_code", &code).append_pair("state", state);
        let answer = open(&app, WECHAT, url.as_str()).await;
        assert_eq!((answer.status, answer.location), (303, format!("/checkout/{token}?signin=state")), "{method} {state}");
    }
    assert!(payments(&merchant, &order_no).await.is_empty());
    // Nobody gave a code: the payer said no.
    let refused = open(&app, WECHAT, &format!("/checkout/{token}/signed-in/wechat_jsapi?state={state}")).await;
    assert_eq!(refused.location, format!("/checkout/{token}?signin=refused"));
    // The true one still works after all these.
    let good = open(&app, WECHAT, &format!("/checkout/{token}/signed-in/wechat_jsapi?state={state}&code={code}")).await;
    assert_eq!(good.location, format!("/checkout/{token}?go=1"));
    let unknown = open(&app, WECHAT, "/checkout/nobodyhasthistoken/signed-in/wechat_jsapi?state=1").await;
    assert_eq!((unknown.status, unknown.location.as_str()), (303, "/checkout/nobodyhasthistoken"));
    assert_eq!(open(&app, WECHAT, &format!("/checkout/{token}/signed-in/paypal")).await.status, 404);
}

#[tokio::test]
async fn an_account_that_cannot_ask_who_pays_offers_no_bridge() {
    let app = TestApp::start().await;
    app.channel_with("wechat_v2", |input| drop(input.credentials.remove("app_secret"))).await;
    let merchant = app.merchant().await;
    let (_, token) = order(&merchant, "A-1").await;
    let page = open(&app, WECHAT, &format!("/checkout/{token}?choose=1")).await;
    assert!(!page.body.contains("<button data-testid=\"method-wechat_jsapi\""), "{}", page.body);
    // What the merchant brings along needs no sign-in.
    let fields = [
        ("out_order_no", "A-2"),
        ("amount", "100"),
        ("subject", "tea"),
        ("extra", "{\"openid\":\"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o\"}"),
    ];
    let created = merchant.call("/api/v1/orders", &fields).await.done();
    let token = created["checkout_url"].as_str().expect("address").rsplit('/').next().expect("token").to_owned();
    let page = open(&app, WECHAT, &format!("/checkout/{token}?choose=1")).await;
    assert!(page.body.contains("<button data-testid=\"method-wechat_jsapi\""), "{}", page.body);
}
