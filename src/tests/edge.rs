//! The edge around everything: notices, origins, headers, sizes, operations.

use super::app::TestApp;
use super::clerk::Clerk;
use crate::model::Role;
use crate::web::middleware::origin::{Guard, guard_of};

#[tokio::test]
async fn forged_notices_get_the_providers_failure_and_change_nothing() {
    let app = TestApp::start().await;
    let channel = app.channel("wechat_v2").await;
    let merchant = app.merchant().await;
    let created = merchant.create("A-1", 100).await.done();
    let number = created["order_no"].as_str().expect("number");
    let started = merchant.call("/api/v1/payments", &[("order_no", number), ("method", "wechat_native")]).await.done();
    let forged = format!(
        "<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code><out_trade_no>{}</out_trade_no>\
         <total_fee>100</total_fee><transaction_id>4200001</transaction_id><sign>00000000000000000000000000000000</sign></xml>",
        started["pay_no"].as_str().expect("number")
    );
    for body in [forged.as_str(), "", "<xml>", "{}", "<!DOCTYPE x [<!ENTITY a \"b\">]><xml>&a;</xml>"] {
        let url = format!("{}/notify/{channel}/pay", app.url);
        let answer = app.anonymous.post(url).body(body.to_owned()).send().await.expect("answer");
        assert!(answer.text().await.expect("text").contains("FAIL"), "{body}");
    }
    assert_ne!(merchant.call("/api/v1/orders/query", &[("order_no", number)]).await.done()["status"], "paid");
    let unknown =
        app.anonymous.post(format!("{}/notify/ch_00000000000000000000000000/pay", app.url)).send().await.expect("answer");
    assert_eq!(unknown.status().as_u16(), 404);
    let kind = app.anonymous.post(format!("{}/notify/{channel}/money", app.url)).send().await.expect("answer");
    assert_eq!(kind.status().as_u16(), 404);
    let big =
        app.anonymous.post(format!("{}/notify/{channel}/pay", app.url)).body("x".repeat(70_000)).send().await.expect("answer");
    assert_eq!(big.status().as_u16(), 413);
}

/// Every server function and panel page, from the program's own lists.
#[tokio::test]
async fn no_other_site_can_post_to_a_server_function_or_panel_page() {
    let app = TestApp::start().await;
    let functions: Vec<String> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    let panel = ["/admin", "/admin/login", "/admin/apps"].map(str::to_owned);
    for path in functions.iter().chain(&panel) {
        assert_ne!(guard_of(path), Guard::Off, "{path}");
        for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")] {
            let request = app.anonymous.post(format!("{}{path}", app.url)).header(name, value);
            let answer = request.header("content-type", "text/plain").body("a=1").send().await.expect("answer");
            assert_eq!(answer.status().as_u16(), 403, "{path} {name}: {value}");
        }
        if guard_of(path) == Guard::Strict {
            let bare = app.anonymous.post(format!("{}{path}", app.url)).body("a=1").send().await.expect("answer");
            assert_eq!(bare.status().as_u16(), 403, "{path} without any origin");
        }
    }
}

#[tokio::test]
async fn every_answer_carries_the_protecting_headers_and_a_number() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let created = merchant.create("A-1", 100).await.done();
    let checkout = created["checkout_url"].as_str().expect("url").strip_prefix(&app.url).expect("ours").to_owned();
    let lone = ["/", "/cashier?app_id=x", "/return/x"];
    for path in
        [&["/healthz", "/admin/login", "/nothing/here", "/docs", &checkout, &format!("{checkout}/status")], &lone[..]].concat()
    {
        let answer = app.get(path).await;
        let header = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("x-request-id").len(), 26, "{path}");
        let policy = header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(header("strict-transport-security"), "", "only with TLS");
        let wanted = if path.starts_with("/checkout") || path.starts_with("/cashier") {
            "strict-origin-when-cross-origin"
        } else {
            "same-origin"
        };
        assert_eq!(header("referrer-policy"), wanted, "{path}");
    }
    let secure = TestApp::start_with(&[("server.public_url", "https://pay.example.com")]).await;
    assert!(secure.get("/healthz").await.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn an_endless_address_is_refused() {
    let app = TestApp::start().await;
    assert_eq!(app.get(&format!("/healthz?{}", "x".repeat(9000))).await.status().as_u16(), 414);
    // An order that comes as a query may be long: a thousand Chinese characters are 9 KB of it.
    assert_ne!(app.get(&format!("/cashier?{}", "x".repeat(10_000))).await.status().as_u16(), 414);
    assert_eq!(app.get(&format!("/cashier?{}", "x".repeat(17_000))).await.status().as_u16(), 414);
}

#[tokio::test]
async fn operations_tell_how_it_is() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/healthz").await.text().await.expect("text"), "ok");
    let ready = app.get("/readyz").await;
    assert_eq!(ready.status().as_u16(), 200);
    let facts: serde_json::Value = ready.json().await.expect("JSON");
    assert_eq!((&facts["ready"], &facts["background_work"]), (&true.into(), &true.into()));
    app.merchant().await.create("A-1", 100).await.done();
    let metrics = app.get("/metrics").await.text().await.expect("text");
    for name in [
        "cashier_http_requests_total",
        "cashier_orders_day{status=\"created\"}",
        "cashier_webhooks_pending",
        "cashier_webhook_receivers_failing",
    ] {
        assert!(metrics.contains(name), "{name} is missing in\n{metrics}");
    }
    assert!(!metrics.contains("/checkout/") || metrics.contains("/checkout/{token}"), "templates, not tokens");
}

#[tokio::test]
async fn figures_are_for_listed_networks_only() {
    let app = TestApp::start_with(&[("server.trusted_proxies", "127.0.0.1"), ("server.metrics_from", "127.0.0.0/8")]).await;
    assert_eq!(app.get("/metrics").await.status().as_u16(), 200);
    let from_outside = app.anonymous.get(format!("{}/metrics", app.url)).header("x-forwarded-for", "203.0.113.7");
    assert_eq!(from_outside.send().await.expect("answer").status().as_u16(), 404);
}

#[tokio::test]
async fn a_database_that_is_gone_is_503_and_not_ready() {
    let app = TestApp::start().await;
    let merchant = app.merchant().await;
    let signed = merchant.signed(&[("order_no", "x")]);
    app.backend.database.close().await;
    let answer = merchant.send("/api/v1/orders/query", &signed).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "280900"), "{}", answer.text);
    assert!(!answer.text.contains("pool"), "causes stay inside: {}", answer.text);
    assert_eq!(app.get("/readyz").await.status().as_u16(), 503);
    assert_eq!(app.get("/healthz").await.status().as_u16(), 200);
}

#[tokio::test]
async fn the_bare_address_says_what_this_is() {
    let app = TestApp::start().await;
    let chinese = app.get("/").await;
    assert_eq!(chinese.status().as_u16(), 200);
    let chinese = chinese.text().await.expect("text");
    let english = app.get("/?lang=en").await.text().await.expect("text");
    assert!(chinese.contains("收银台") && english.contains("Cashier"), "{chinese}\n{english}");
    for page in [&chinese, &english] {
        assert!(page.contains("href=\"/admin/login\"") && page.contains("href=\"/docs\"") && !page.contains("<script"));
    }
    for path in ["/admin/login", "/docs"] {
        assert_eq!(app.get(path).await.status().as_u16(), 200, "{path}");
    }
}

#[tokio::test]
async fn a_checkout_that_is_opened_too_often_says_so_on_a_page() {
    let app = TestApp::start_with(&[("limits.page_per_s", "1")]).await;
    let created = app.merchant().await.create("A-1", 100).await.done();
    let checkout = created["checkout_url"].as_str().expect("url").strip_prefix(&app.url).expect("ours").to_owned();
    for (query, word) in [("", "请稍候"), ("?lang=en", "One moment, please")] {
        let refused = loop {
            let answer = app.get(&format!("{checkout}{query}")).await;
            if answer.status().as_u16() == 429 {
                break answer;
            }
            assert_eq!(answer.status().as_u16(), 200);
        };
        assert!(refused.headers()["retry-after"].to_str().is_ok_and(|s| s.parse::<u32>().is_ok_and(|s| s >= 1)));
        assert!(refused.headers()["content-type"].to_str().is_ok_and(|t| t.starts_with("text/html")));
        assert!(refused.headers().contains_key("content-security-policy"));
        let page = refused.text().await.expect("text");
        assert!(page.contains(word) && page.contains("href=\"\"") && page.contains("button is-primary"), "{page}");
    }
    // Scripts get no page.
    let status = loop {
        let answer = app.get(&format!("{checkout}/status")).await;
        if answer.status().as_u16() == 429 {
            break answer;
        }
    };
    assert!(status.headers()["content-type"].to_str().is_ok_and(|t| t.starts_with("text/plain")));
}

#[tokio::test]
async fn a_person_who_is_refused_reads_a_page_and_a_script_a_sentence() {
    let app = TestApp::start_with(&[("limits.address_per_s", "1")]).await;
    let created = app.merchant().await.create("A-1", 100).await.done();
    let checkout = created["checkout_url"].as_str().expect("url").strip_prefix(&app.url).expect("ours").to_owned();
    let token = checkout.rsplit('/').next().expect("token");
    let choose = |accept: &str| {
        let request = app.anonymous.post(format!("{}/rpc/checkout_start", app.url)).header("accept", accept);
        let request = request.header("accept-language", "en").header("referer", format!("{}{checkout}?choose=1", app.url));
        request.form(&[("token", token), ("method", "wechat_native")])
    };
    let come_back = |accept: &str| {
        let request = app.anonymous.get(format!("{}{checkout}/signed-in/alipay_jsapi", app.url));
        request.header("accept", accept).header("accept-language", "en")
    };
    let refused = async |request: &dyn Fn() -> reqwest::RequestBuilder| loop {
        let answer = request().send().await.expect("answer");
        if answer.status().as_u16() == 429 {
            assert!(answer.headers().contains_key("retry-after"));
            let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
            break (kind, answer.text().await.expect("text"));
        }
    };
    let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
    let (kind, page) = refused(&|| choose(browser)).await;
    assert!(kind.starts_with("text/html") && page.contains("One moment, please"), "{kind} {page}");
    assert!(page.contains(&format!("href=\"{checkout}\"")), "the form's own address cannot be opened: {page}");
    let (kind, page) = refused(&|| come_back(browser)).await;
    assert!(kind.starts_with("text/html") && page.contains("href=\"\""), "{kind} {page}");
    for script in [refused(&|| choose("application/json")).await, refused(&|| come_back("*/*")).await] {
        assert_eq!((script.0.starts_with("text/plain"), script.1.as_str()), (true, "too many requests"));
    }
}

#[tokio::test]
async fn pages_that_need_a_database_that_is_gone_say_so_with_their_status() {
    let app = TestApp::start().await;
    let created = app.merchant().await.create("A-1", 100).await.done();
    let checkout = created["checkout_url"].as_str().expect("url").strip_prefix(&app.url).expect("ours").to_owned();
    let clerk = Clerk::sign_in(&app, Role::Owner).await;
    app.backend.database.close().await;
    for (path, title) in [
        (format!("{checkout}?lang=en"), "The checkout cannot be shown right now"),
        ("/return/01JD3ZQ8K7M4N5P6Q7R8S9T0VX?lang=en".to_owned(), "Not available right now"),
    ] {
        let answer = app.get(&path).await;
        assert_eq!(answer.status().as_u16(), 503, "{path}");
        let number = answer.headers()["x-request-id"].to_str().expect("text").to_owned();
        let page = answer.text().await.expect("text");
        assert!(page.contains(&format!("{title}</title>")) && page.contains("<h1>"), "{path}: {page}");
        assert!(page.contains(&number), "{path} lacks the number that finds the reason: {page}");
        assert!(!page.contains("pool"), "causes stay inside: {page}");
    }
    let panel = clerk.get("/admin/orders").await;
    assert!(panel.contains("This cannot be shown") && panel.contains("Try again"), "{panel}");
    assert!(!panel.contains("Clear filters"), "no filter is at fault: {panel}");
}
