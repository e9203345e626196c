//! What the payer's browser meets: the form, the page, the way back.

use super::stage::{Scene, Sent, sent};
use crate::simulator::Behaviour;
use axum::http::StatusCode;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_form_leads_to_a_page_and_a_refused_one_to_jds_error() {
    let scene = Scene::new();
    let page = scene.open(&scene.order("N1", &[])).await;
    assert!(page.contains("data-testid=\"pay\"") && page.contains("88.88") && page.contains("茶壶"), "{page}");

    let mut tampered = scene.locked(&scene.order("N2", &[]));
    tampered.insert("amount".to_owned(), scene.lock("1"));
    let (status, _, page) = scene.form("/jdpay/saveOrder", &tampered).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("100004") && !page.contains("data-testid=\"pay\""), "{page}");

    let mut clear = scene.locked(&scene.order("N3", &[]));
    clear.insert("amount".to_owned(), "8888".to_owned());
    assert!(scene.form("/jdpay/saveOrder", &clear).await.2.contains("100003"), "a value in the clear");
    let stranger = scene.order("N4", &[("merchant", "1")]);
    assert!(scene.open(&stranger).await.contains("100002"));
    assert_eq!(scene.simulator.book()["refusals"]["jd"], json!({ "100002": 1, "100003": 1, "100004": 1 }));
    assert_eq!(scene.query("N2").await["code"], "100007", "a refused order is no trade");
}

#[tokio::test]
async fn every_field_is_checked_and_named() {
    let scene = Scene::new();
    for (name, value) in [
        ("version", "V1.0"),
        ("tradeName", ""),
        ("tradeTime", "2024-03-01"),
        ("tradeTime", ""),
        ("amount", ""),
        ("amount", "0"),
        ("amount", "88.88"),
        ("amount", "-1"),
        ("amount", "08"),
        ("currency", "USD"),
        ("currency", ""),
        ("orderType", "2"),
        ("orderType", ""),
        ("notifyUrl", ""),
        ("notifyUrl", "notify"),
        ("callbackUrl", ""),
        ("userId", ""),
        ("expireTime", "0"),
        ("expireTime", "x"),
        ("tradeNum", "N 1"),
    ] {
        let page = scene.open(&scene.order("N1", &[(name, value)])).await;
        assert!(page.contains("100005") && page.contains(name), "{name}={value}: {page}");
    }
}

// Pitfall: a number used again is a repeat, even for the same order.
#[tokio::test]
async fn a_number_serves_once() {
    let scene = Scene::new();
    scene.open(&scene.order("N1", &[])).await;
    assert!(scene.open(&scene.order("N1", &[])).await.contains("100006"));
    let qr = super::stage::with(scene.order("N1", &[]), &[("tradeType", "QR"), ("callbackUrl", "")]);
    assert_eq!(scene.call("uniorder", &qr).await["code"], "100006");
}

#[tokio::test]
async fn the_button_pays_and_the_page_leads_back_by_a_locked_form() {
    let scene = Scene::new();
    let page = scene.open(&scene.order("N1", &[])).await;
    let path = page.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a form").to_owned();
    let (status, _, page) = scene.form(&path, &sent(&[("account", "poor")])).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("data-testid=\"error\""), "{page}");
    let (status, headers, _) = scene.form(&path, &Sent::new()).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let page = scene.get(headers["location"].to_str().expect("text")).await;
    assert!(page.contains("data-outcome=\"paid\"") && page.contains("action=\"http://127.0.0.1:1/return\""), "{page}");
    let mut inputs: Sent = page
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .filter_map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"")?;
            Some((name.to_owned(), rest.split_once('"')?.0.to_owned()))
        })
        .collect();
    let sign = inputs.remove("sign").expect("signed");
    inputs.values_mut().for_each(|value| *value = scene.unlock(value));
    let text: Vec<String> = inputs.iter().map(|(n, v)| format!("{n}={v}")).collect();
    assert!(scene.is_jds(&text.join("&"), &sign), "{inputs:?}");
    let expected = sent(&[
        ("amount", "8888"),
        ("currency", "CNY"),
        ("note", "备注"),
        ("status", "0"),
        ("tradeNum", "N1"),
        ("tradeTime", "20240301120000"),
    ]);
    assert_eq!(inputs, expected);
}

#[tokio::test]
async fn an_order_runs_out_and_can_then_be_paid_late_only() {
    let scene = Scene::new();
    scene.open(&scene.order("N1", &[])).await;
    scene.advance(Duration::from_secs(600)).await;
    assert_eq!(scene.query("N1").await["status"], "4");
    assert_eq!(scene.pay("N1", Behaviour::Ok).await.expect_err("over").code, "expired");
    assert!(scene.pay("N1", Behaviour::Late).await.expect("late").ok);
    assert_eq!(scene.query("N1").await["status"], "2");
}
