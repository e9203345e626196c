//! The simulator as a whole: wallet pages, TLS listener, the command.

use super::command::{self, Args};
use super::{HandClock, Settings, Simulator};
use crate::model::ChannelKind;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use clap::Parser;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

fn simulator() -> Arc<Simulator> {
    let clock = Arc::new(HandClock::at(1_717_214_400_000));
    let settings = Settings { seed: Some(1), clock, ..Settings::at("http://127.0.0.1:3100/") };
    Simulator::new(settings).expect("starts")
}

/// A bar-code trade of the wallet's own making is the shortest way to a trade.
async fn trade(router: &Router, simulator: &Simulator, number: &str) {
    let document = simulator.credentials_of(ChannelKind::WechatV2).expect("a document");
    let text = |name: &str| document["credentials"][name].as_str().expect("a credential").to_owned();
    let fields = [
        ("appid", text("appid")),
        ("body", "<b>茶壶</b>".to_owned()),
        ("mch_id", text("mch_id")),
        ("nonce_str", "n".to_owned()),
        ("notify_url", "http://127.0.0.1:9/notify".to_owned()),
        ("out_trade_no", number.to_owned()),
        ("product_id", number.to_owned()),
        ("spbill_create_ip", "127.0.0.1".to_owned()),
        ("total_fee", "12800".to_owned()),
        ("trade_type", "NATIVE".to_owned()),
    ];
    let joined: String = fields.iter().map(|(name, value)| format!("{name}={value}&")).collect();
    let digest = <md5::Md5 as md5::Digest>::digest(format!("{joined}key={}", text("key")));
    let xml: String = fields.iter().map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>")).collect();
    let body = format!("<xml>{xml}<sign>{}</sign></xml>", hex::encode_upper(digest));
    let response = router.clone().oneshot(Request::post("/pay/unifiedorder").body(Body::from(body)).expect("request")).await;
    let reply = text_of(response.expect("routes")).await;
    assert!(reply.contains("weixin://wxpay/bizpayurl?pr="), "{reply}");
}

async fn text_of(response: Response<Body>) -> String {
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.expect("body").to_vec()).expect("UTF-8")
}

async fn get(router: &Router, path: &str, lang: &str) -> (StatusCode, String) {
    let request = Request::get(path).header(header::ACCEPT_LANGUAGE, lang).body(Body::empty()).expect("request");
    let response = router.clone().oneshot(request).await.expect("routes");
    (response.status(), text_of(response).await)
}

#[tokio::test]
async fn a_person_can_look_pay_and_see_the_result() {
    let simulator = simulator();
    let router = simulator.router();
    trade(&router, &simulator, "PERSON-1").await;
    let (status, page) = get(&router, "/wallet?code=PERSON-1", "zh-CN,zh;q=0.9,en;q=0.8").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("128.00") && page.contains("&lt;b&gt;茶壶&lt;/b&gt;") && page.contains("立即支付"), "{page}");
    assert!(!page.contains("<script") && !page.contains("style="), "{page}");

    let form = Request::post("/wallet/pay").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let form = form.body(Body::from("code=PERSON-1&account=xiaoming&behaviour=ok")).expect("request");
    let response = router.clone().oneshot(form).await.expect("routes");
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let result = response.headers()["location"].to_str().expect("text").to_owned();
    let (_, page) = get(&router, &result, "en-GB").await;
    assert!(page.contains(r#"data-outcome="paid""#) && page.contains("The money went to the merchant."), "{page}");
    let (_, again) = get(&router, "/wallet?code=PERSON-1", "en").await;
    assert!(again.contains(r#"data-outcome="already_paid""#), "{again}");
}

#[tokio::test]
async fn a_result_page_does_not_believe_its_address() {
    let simulator = simulator();
    let router = simulator.router();
    trade(&router, &simulator, "UNPAID-1").await;
    let (_, page) = get(&router, "/wallet/result?code=UNPAID-1&outcome=paid", "en").await;
    assert!(page.contains("No money was taken"), "{page}");
}

#[tokio::test]
async fn an_unknown_code_is_said_to_be_unknown() {
    let router = simulator().router();
    assert_eq!(get(&router, "/wallet", "en").await.0, StatusCode::OK);
    let (status, page) = get(&router, "/wallet?code=%3Cscript%3E", "en").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(page.contains("No provider knows this code") && page.contains("&lt;script&gt;"), "{page}");
    assert_eq!(get(&router, "/wallet/wallet.css", "en").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_seed_fixes_the_printed_credentials() {
    let printed = || {
        let mut documents = simulator().credentials();
        for document in &mut documents {
            // One root of this bundle has an elliptic key, which is fresh each time; only its RSA roots are ever used.
            let fields = document["credentials"].as_object_mut().expect("fields");
            fields.remove("alipay_root_cert_pem");
            // Encrypted with fresh salt; the key inside is the same.
            fields.remove("sign_pfx");
        }
        documents
    };
    let (one, two) = (printed(), printed());
    assert!(one == two, "two runs with one seed print other credentials"); // not assert_eq: no keys in logs
    for document in one {
        assert_eq!(document["gateway_url"], "http://127.0.0.1:3100");
        assert!(document["methods"].as_array().is_some_and(|methods| !methods.is_empty()));
        assert!(document["name"].is_string() && document.get("ca_pem").is_none());
    }
}

#[tokio::test]
async fn no_clock_runs_backwards() {
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Simulator::new(Settings { notice_speed: speed, ..Settings::at("http://127.0.0.1:1") }).is_err());
    }
}

/// A client of the TLS listener, with or without the merchant's certificate.
fn client(document: &Value, with_certificate: bool) -> reqwest::Client {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let ca = reqwest::Certificate::from_pem(text(&document["ca_pem"]).as_bytes()).expect("a certificate");
    let mut builder = reqwest::Client::builder().tls_certs_only([ca]).no_proxy().timeout(Duration::from_secs(20));
    if with_certificate {
        let of = |name: &str| text(&document["credentials"][name]);
        let pem = format!("{}{}", of("client_cert_pem"), of("client_key_pem"));
        builder = builder.identity(reqwest::Identity::from_pem(pem.as_bytes()).expect("an identity"));
    }
    builder.build().expect("a client")
}

#[tokio::test]
async fn over_tls_refunds_want_the_merchants_certificate() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let origin = format!("https://{}", listener.local_addr().expect("address"));
    let settings = Settings { seed: Some(1), secure_origin: Some(origin.clone()), ..Settings::at("http://127.0.0.1:3100") };
    let simulator = Simulator::new(settings).expect("starts");
    let shutdown = CancellationToken::new();
    let served = Arc::clone(&simulator);
    let stop = shutdown.clone();
    let server = tokio::spawn(async move { served.serve_tls(listener, stop).await });
    let document = simulator.credentials_of(ChannelKind::WechatV2).expect("a document");
    assert_eq!(document["gateway_url"], origin.as_str());

    let refund = format!("{origin}/secapi/pay/refund");
    let without = client(&document, false).post(&refund).body("<xml></xml>").send().await.expect("an answer");
    assert_eq!(without.status(), 400);
    assert!(without.text().await.expect("text").contains("No required SSL certificate was sent"));
    let with = client(&document, true).post(&refund).body("<xml></xml>").send().await.expect("an answer");
    assert_eq!(with.status(), 200);
    assert!(with.text().await.expect("text").contains("缺少参数mch_id"));
    let query = client(&document, false).post(format!("{origin}/pay/orderquery")).body("<xml></xml>").send().await;
    assert_eq!(query.expect("an answer").status(), 200);

    shutdown.cancel();
    assert!(server.await.expect("joins").is_ok());
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

#[tokio::test]
async fn the_command_serves_until_it_is_stopped() {
    let free = TcpListener::bind("127.0.0.1:0").await.expect("binds").local_addr().expect("address");
    let line = Line::parse_from(["simulate", "--listen", &free.to_string(), "--seed", "1", "--notice-speed", "10"]);
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(command::run(line.args, shutdown.clone()));
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mut book = None;
    for _ in 0..200 {
        if let Ok(answer) = client.get(format!("http://{free}/book")).send().await {
            book = answer.json::<Value>().await.ok();
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(book.expect("a book")["trades"], json!([]));
    shutdown.cancel();
    assert!(running.await.expect("joins").is_ok());
}
