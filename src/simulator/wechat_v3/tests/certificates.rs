//! Who signs replies, and how certificates come and go.

use super::*;
use x509_parser::prelude::{FromDer as _, X509Certificate};

async fn close_reply(bench: &Bench, wants: Option<&str>) -> Reply {
    let target = format!("/v3/pay/transactions/out-trade-no/{NO}?mchid={}", bench.id("mchid"));
    let mut request = bench.request("GET", &target, "").body(Body::empty()).expect("request");
    if let Some(wants) = wants {
        request.headers_mut().insert("wechatpay-serial", wants.parse().expect("a header"));
    }
    bench.send(request).await
}

fn certificate(nth: usize) -> RsaKey {
    Keys::new(Some(1)).rsa(&format!("wechat_v3/certificate/{nth}"))
}

/// Serial numbers of the list, each compared with the X.509 inside.
async fn listed(bench: &Bench) -> Vec<String> {
    let reply = bench.get("/v3/certificates").await;
    let data = reply.json()["data"].clone();
    let entries = data.as_array().expect("a list");
    let serials: Vec<String> = entries.iter().map(|e| e["serial_no"].as_str().expect("a number").to_owned()).collect();
    for (entry, serial) in entries.iter().zip(&serials) {
        let pem = bench.open(&entry["encrypt_certificate"]);
        let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).expect("PEM");
        let (_, certificate) = X509Certificate::from_der(&pem.contents).expect("X.509");
        let inside = format!("{:0>40}", certificate.tbs_certificate.serial.to_str_radix(16).to_uppercase());
        assert_eq!(&inside, serial);
    }
    let newest = serials.last().expect("one");
    assert_eq!(reply.header("wechatpay-serial"), newest, "the list is signed by the newest");
    serials
}

#[tokio::test]
async fn the_request_chooses_the_key_of_its_reply() {
    let bench = Bench::new();
    bench.order(&[]).await;
    let serials = listed(&bench).await;
    let by_key = close_reply(&bench, Some(bench.id("public_key_id"))).await;
    assert_eq!(by_key.header("wechatpay-serial"), bench.id("public_key_id"));
    assert!(by_key.is_signed_by(&bench.public));
    for wants in [None, Some(serials[0].as_str())] {
        let by_certificate = close_reply(&bench, wants).await;
        assert_eq!(by_certificate.header("wechatpay-serial"), serials[0]);
        assert!(by_certificate.is_signed_by(&certificate(0)));
    }
}

#[tokio::test]
async fn certificates_overlap_while_they_are_replaced() {
    let bench = Bench::new();
    bench.order(&[]).await;
    assert_eq!(listed(&bench).await.len(), 1);
    bench.switch(json!({ "rotate": true })).await;
    let both = listed(&bench).await;
    assert_eq!(both.len(), 2);
    assert!(both[1].starts_with('0'), "one number begins with a zero: {}", both[1]);
    assert!(close_reply(&bench, None).await.is_signed_by(&certificate(1)));
    bench.switch(json!({ "retire": true })).await;
    assert_eq!(listed(&bench).await, both[1..]);
}

#[tokio::test]
async fn a_merchant_without_certificates_is_told_so_and_lives_on_the_public_key() {
    let bench = Bench::new();
    bench.order(&[]).await;
    bench.switch(json!({ "has_certificates": false })).await;
    assert_eq!(bench.get("/v3/certificates").await.fault().1, "RESOURCE_NOT_EXISTS");
    assert!(close_reply(&bench, None).await.is_signed_by(&bench.public));
}

#[tokio::test]
async fn replies_can_be_made_to_prove_nothing() {
    let bench = Bench::new();
    bench.order(&[]).await;
    bench.switch(json!({ "replies": "probe" })).await;
    let probe = close_reply(&bench, None).await;
    assert!(probe.header("wechatpay-signature").starts_with("WECHATPAY/SIGNTEST/") && !probe.is_signed_by(&certificate(0)));
    bench.switch(json!({ "replies": "wrong_serial" })).await;
    let foreign = close_reply(&bench, None).await;
    assert!(foreign.header("wechatpay-serial").starts_with('7') && foreign.is_signed_by(&certificate(0)));
}

#[tokio::test]
async fn refusals_are_signed_for_whoever_is_known() {
    let bench = Bench::new();
    let refused = close_reply(&bench, None).await;
    assert_eq!(refused.status, 404);
    assert!(refused.is_signed_by(&certificate(0)));
    let target = format!("/v3/pay/transactions/out-trade-no/{NO}?mchid={}", bench.id("mchid"));
    let mut stranger = bench.request("GET", &target, "").body(Body::empty()).expect("request");
    stranger.headers_mut().remove("authorization");
    let stranger = bench.send(stranger).await;
    assert_eq!((stranger.status, stranger.header("wechatpay-signature")), (401, ""));
}
