//! What the payer's browser meets: strict gates, the page, the way back.

use super::stage::{Scene, Sent, sent};
use crate::simulator::Behaviour;
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

fn refusals(scene: &Scene) -> Value {
    scene.simulator.book()["refusals"]["lianlian"].clone()
}

#[tokio::test]
async fn an_order_shows_a_page_and_a_refused_one_the_providers_error() {
    let scene = Scene::new();
    let page = scene.open(scene.order("N1", &[])).await;
    assert!(page.contains("data-testid=\"pay\"") && page.contains("88.88") && page.contains("茶壶"), "{page}");
    let mut tampered = scene.sign(scene.order("N2", &[]));
    tampered.insert("money_order".to_owned(), "0.01".to_owned());
    let (status, page) = scene.form("/payment/authpay.htm", &tampered).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("1001") && !page.contains("data-testid=\"pay\""), "{page}");
    let stranger = scene.sign(scene.order("N3", &[("oid_partner", "201408079999999999")]));
    assert!(scene.form("/payment/authpay.htm", &stranger).await.1.contains("3001"));
    assert_eq!(refusals(&scene), json!({ "1001": 1, "3001": 1 }));
    assert_eq!(scene.query("N2").await["ret_code"], "8901", "a refused order is no record");
}

#[tokio::test]
async fn every_field_is_checked_and_named() {
    let scene = Scene::new();
    for (name, value) in [
        ("version", "2.0"),
        ("user_id", ""),
        ("user_id", "123456789012345678901234567890123"),
        ("timestamp", ""),
        ("timestamp", "20240301112900"),
        ("timestamp", "20240301123100"),
        ("busi_partner", "101002"),
        ("dt_order", "2024-03-01"),
        ("name_goods", ""),
        ("name_goods", "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一"),
        ("money_order", "1.001"),
        ("money_order", "0"),
        ("money_order", "100000000.01"),
        ("notify_url", ""),
        ("notify_url", "notify"),
        ("userreq_ip", "127.0.0.1"),
        ("userreq_ip", ""),
        ("valid_order", "0"),
        ("valid_order", "1.5"),
        ("risk_item", ""),
        ("risk_item", "x"),
        ("risk_item", r#"{"frms_ware_category":"1999"}"#),
        ("risk_item", r#"{"frms_ware_category":"99","user_info_mercht_userno":"u1"}"#),
        ("id_no", ""),
        ("id_no", "12345"),
        ("acct_name", ""),
        ("pay_type", "Z"),
        ("charset_name", "GBK"),
    ] {
        let page = scene.open(scene.order("N1", &[(name, value)])).await;
        assert!(page.contains("1004") && page.contains(&format!("[{name}]")), "{name}={value}: {page}");
    }
    let page = scene.open(scene.order("", &[])).await;
    assert!(page.contains("[no_order]"));
    // The net-bank page asks for no person.
    let order = scene.sign(scene.order("N1", &[("id_no", ""), ("acct_name", ""), ("pay_type", "1")]));
    assert!(scene.form("/payment/bankgateway.htm", &order).await.1.contains("data-testid=\"pay\""));
}

#[tokio::test]
async fn wap_takes_one_input_of_json() {
    let scene = Scene::new();
    let data = |fields: &Sent| sent(&[("req_data", &serde_json::to_string(fields).expect("JSON"))]);
    let order = scene.sign(scene.wap_order("W1", &[]));
    assert!(scene.form("/authpay.htm", &data(&order)).await.1.contains("data-testid=\"pay\""));
    assert!(scene.form("/authpay.htm", &order).await.1.contains("[req_data]"), "fields beside each other are the web's way");
    assert!(scene.form("/authpay.htm", &sent(&[("req_data", "{")])).await.1.contains("1012"));
    for lacking in ["app_request", "url_return"] {
        let order = scene.sign(scene.wap_order("W2", &[(lacking, "")]));
        assert!(scene.form("/authpay.htm", &data(&order)).await.1.contains(&format!("[{lacking}]")));
    }
}

#[tokio::test]
async fn a_number_serves_one_order_once() {
    let scene = Scene::new();
    scene.open(scene.order("N1", &[])).await;
    let again = scene.order("N1", &[("timestamp", "20240301120100")]);
    assert!(scene.open(again.clone()).await.contains("data-testid=\"pay\""), "the same order");
    assert!(scene.open(scene.order("N1", &[("money_order", "88.89")])).await.contains("1002"));
    scene.pay("N1", Behaviour::Ok).await.expect("paid");
    assert!(scene.open(again).await.contains("2007"));
    scene.open(scene.order("N2", &[])).await;
    scene.pay("N2", Behaviour::Fail).await.expect("answered");
    assert!(scene.open(scene.order("N2", &[])).await.contains("1002"), "after a failure only a new number helps");
}

#[tokio::test]
async fn the_button_pays_and_the_page_leads_back_by_a_signed_form() {
    let scene = Scene::new();
    let page = scene.open(scene.order("N1", &[])).await;
    let path = page.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a form").to_owned();
    let (status, page) = scene.form(&path, &sent(&[("account", "poor")])).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("data-testid=\"error\""), "{page}");
    let (status, _) = scene.form(&path, &Sent::new()).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, page) = scene.get(path.strip_suffix("/pay").expect("a path")).await;
    assert!(page.contains("data-outcome=\"paid\"") && page.contains("action=\"http://127.0.0.1:1/return\""), "{page}");
    let inputs: Sent = page
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .filter_map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"")?;
            Some((name.to_owned(), rest.split_once('"')?.0.to_owned()))
        })
        .collect();
    assert!(scene.is_signed(&inputs), "{inputs:?}");
    assert_eq!((inputs["result_pay"].as_str(), inputs["money_order"].as_str()), ("SUCCESS", "88.88"));
}

#[tokio::test]
async fn an_order_runs_out_and_can_then_be_paid_late_only() {
    let scene = Scene::new();
    scene.open(scene.order("N1", &[])).await;
    scene.advance(Duration::from_secs(30 * 60)).await;
    assert_eq!(scene.pay("N1", Behaviour::Ok).await.expect_err("over").code, "expired");
    assert_eq!(scene.query("N1").await["result_pay"], "FAILURE");
    assert!(scene.pay("N1", Behaviour::Late).await.expect("late").ok);
    assert_eq!(scene.query("N1").await["result_pay"], "SUCCESS");
}

#[tokio::test]
async fn a_payer_without_money_may_try_again() {
    use crate::simulator::{Account, Pay};
    let scene = Scene::new();
    scene.open(scene.order("N1", &[])).await;
    let poor = Pay { behaviour: Behaviour::Ok, account: Account::Poor };
    assert_eq!(scene.simulator.pay("N1", poor).await.expect_err("poor").code, "not_enough");
    assert_eq!(scene.query("N1").await["result_pay"], "WAITING");
    assert!(scene.pay("N1", Behaviour::Ok).await.expect("paid").ok);
    assert_eq!(scene.pay("N1", Behaviour::Ok).await.expect_err("paid before").code, "already_paid");
}
