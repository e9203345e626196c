//! The payer is told apart by the provider's own page, and comes back to the same checkout: the real server, the real
//! simulator, and a browser that follows redirects step by step.

use super::app::TestApp;
use super::merchant::Merchant;
use serde_json::Value;

const WECHAT: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/8.0.42.2460";
const ALIPAY: &str =
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 AliApp(AP/10.5) AlipayClient/10.5.96";
const QQ: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 V1_AND_SQ_9.0 QQ/9.0.8.14755";
const DESKTOP: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";

struct Answer {
    status: u16,
    location: String,
    policy: String,
    body: String,
}

async fn read(response: reqwest::Response) -> Answer {
    let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let (status, location, policy) = (response.status().as_u16(), header("location"), header("content-security-policy"));
    Answer { status, location, policy, body: response.text().await.expect("text") }
}

/// A page as this browser gets it. `url` may be a path of ours.
async fn open(app: &TestApp, agent: &str, url: &str) -> Answer {
    let url = if url.starts_with('/') { format!("{}{url}", app.url) } else { url.to_owned() };
    let request = app.anonymous.get(url).header("user-agent", agent).header("accept", "text/html");
    read(request.header("accept-language", "en").send().await.expect("answer")).await
}

/// The form of a method, sent without scripts.
async fn choose(app: &TestApp, agent: &str, token: &str, method: &str) -> Answer {
    let request = app.anonymous.post(format!("{}/rpc/checkout_start", app.url)).header("user-agent", agent);
    let request = request.header("accept", "text/html").form(&[("token", token), ("method", method)]);
    read(request.send().await.expect("answer")).await
}

async fn order(merchant: &Merchant, out: &str) -> (String, String) {
    let created = merchant.create(out, 4200).await.done();
    let text = |name: &str| created[name].as_str().expect("text").to_owned();
    (text("order_no"), text("checkout_url").rsplit('/').next().expect("token").to_owned())
}

async fn payments(merchant: &Merchant, order_no: &str) -> Vec<Value> {
    let order = merchant.call("/api/v1/orders/query", &[("order_no", order_no)]).await.done();
    order["payments"].as_array().expect("payments").clone()
}

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

#[tokio::test]
async fn each_wallet_goes_its_own_way_behind_one_code() {
    let app = TestApp::start().await;
    app.channel("wechat_v2").await;
    app.channel("alipay").await;
    let merchant = app.merchant().await;
    let (order_no, token) = order(&merchant, "A-1").await;
    let choice = open(&app, DESKTOP, &format!("/checkout/{token}")).await;
    assert!(choice.body.contains("data-testid=\"method-one\""), "{}", choice.body);
    let page = open(&app, DESKTOP, &format!("/checkout/{token}?code=1")).await;
    assert!(
        page.body.contains("data-testid=\"qr\"") && page.body.contains("data-testid=\"method-wechat_native\""),
        "{}",
        page.body
    );
    let one = format!("/checkout/{token}?one=1");
    // A browser that is no wallet's sees the choice, and nothing starts.
    for agent in [DESKTOP, QQ] {
        let page = open(&app, agent, &one).await;
        assert!(page.status == 200 && page.body.contains("data-state=\"choose\""), "{}", page.body);
    }
    assert!(payments(&merchant, &order_no).await.is_empty());
    // Alipay's browser is sent to find out who pays, comes back, and pays by its bridge.
    let sent = open(&app, ALIPAY, &one).await;
    assert!(sent.status == 302 && sent.location.contains("publicAppAuthorize"), "{} {}", sent.status, sent.location);
    let back = open(&app, ALIPAY, &sent.location).await;
    assert_eq!(open(&app, ALIPAY, &back.location).await.location, format!("/checkout/{token}?go=1"));
    assert_eq!(payments(&merchant, &order_no).await[0]["method"], "alipay_jsapi");
    // The computer's page says where it goes on.
    let page = open(&app, DESKTOP, &format!("/checkout/{token}")).await;
    assert!(page.body.contains("data-testid=\"elsewhere\""), "{}", page.body);
    // WeChat scans the same code instead: the same order, its own way, and the first attempt is given up.
    let sent = open(&app, WECHAT, &one).await;
    let back = open(&app, WECHAT, sent.location.split('#').next().expect("address")).await;
    assert_eq!(open(&app, WECHAT, &back.location).await.location, format!("/checkout/{token}?go=1"));
    let all = payments(&merchant, &order_no).await;
    let open_ones: Vec<&Value> = all.iter().filter(|p| p["status"] == "pending").collect();
    assert_eq!((all.len(), open_ones.len(), &open_ones[0]["method"]), (2, 1, &"wechat_jsapi".into()), "{all:?}");
}

#[tokio::test]
async fn one_code_is_offered_only_where_two_wallets_can_use_it() {
    let app = TestApp::start().await;
    app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let (_, token) = order(&merchant, "A-1").await;
    let page = open(&app, DESKTOP, &format!("/checkout/{token}?choose=1")).await;
    assert!(!page.body.contains("method-one"), "one wallet has a code of its own");
    let page = open(&app, DESKTOP, &format!("/checkout/{token}?code=1")).await;
    assert!(page.body.contains("data-state=\"choose\"") && !page.body.contains("data-testid=\"qr\""), "{}", page.body);
    app.channel("alipay").await;
    let (_, token) = order(&merchant, "A-2").await;
    super::app::eventually("the second channel counts", async || {
        open(&app, DESKTOP, &format!("/checkout/{token}")).await.body.contains("method-one")
    })
    .await;
    // A merchant who allows one wallet only gets no code for all.
    let fields = [("out_order_no", "A-3"), ("amount", "100"), ("subject", "tea"), ("methods", "wechat_native,wechat_jsapi")];
    let created = merchant.call("/api/v1/orders", &fields).await.done();
    let address = created["checkout_url"].as_str().expect("address");
    assert!(!open(&app, DESKTOP, &format!("{address}?choose=1")).await.body.contains("method-one"));
    let page = open(&app, WECHAT, &format!("/checkout/{token}?choose=1")).await;
    assert!(!page.body.contains("method-one"), "a telephone cannot scan its own screen");
}
