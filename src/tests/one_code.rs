//! One code for all wallets: whichever scans it goes its own way to pay the same order. And what each browser is offered.

use super::app::{TestApp, eventually};
use super::browsers::{ALIPAY, DESKTOP, JD, PHONE, QQ, UNIONPAY, WECHAT, open, order, payments};
use serde_json::Value;

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
    eventually("the second channel counts", async || {
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

#[tokio::test]
async fn qq_unionpay_and_jd_find_their_way_behind_one_code_too() {
    let app = TestApp::start().await;
    for kind in ["qq", "unionpay", "jd"] {
        app.channel(kind).await;
    }
    let merchant = app.merchant().await;
    for (agent, method) in [(QQ, "qq_jsapi"), (UNIONPAY, "unionpay_wap"), (JD, "jd_h5")] {
        let (order_no, token) = order(&merchant, method).await;
        let page = open(&app, DESKTOP, &format!("/checkout/{token}?code=1")).await;
        assert!(page.body.contains("data-testid=\"qr\""), "{}", page.body);
        let page = open(&app, agent, &format!("/checkout/{token}?one=1")).await;
        assert!(page.status == 200 && page.body.contains("data-state=\"waiting\""), "{method}: {} {}", page.status, page.body);
        let begun = payments(&merchant, &order_no).await;
        assert_eq!((begun.len(), begun[0]["method"].as_str(), begun[0]["status"].as_str()), (1, Some(method), Some("pending")));
    }
}

#[tokio::test]
async fn of_a_wallets_two_pages_only_the_one_that_fits_is_listed() {
    let app = TestApp::start().await;
    for kind in ["alipay", "unionpay", "jd", "lianlian"] {
        app.channel(kind).await;
    }
    let merchant = app.merchant().await;
    let (_, token) = order(&merchant, "A-1").await;
    let pairs =
        [("alipay_page", "alipay_wap"), ("unionpay_web", "unionpay_wap"), ("jd_web", "jd_h5"), ("lianlian_web", "lianlian_wap")];
    for (agent, is_phone) in [(DESKTOP, false), (PHONE, true)] {
        let page = open(&app, agent, &format!("/checkout/{token}?choose=1")).await.body;
        for (web, wap) in pairs {
            let listed = |method: &str| page.contains(&format!("data-testid=\"method-{method}\""));
            assert_eq!((listed(web), listed(wap)), (!is_phone, is_phone), "{agent} {web} {wap}: {page}");
        }
    }
}
