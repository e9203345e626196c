//! Starting: what the payer's browser takes to the provider.

use super::*;
use crate::pay::channel::{Channel, ChannelError, NextStep};
use serde_json::{Value, json};

const ORIGIN: &str = "https://g.example";

async fn form(request: &StartRequest) -> (String, Message) {
    let started = channel(md5_keys(MD5_KEY), ORIGIN).start(request).await.unwrap();
    match started.next {
        NextStep::Form { action, fields } => (action, fields),
        other => panic!("{other:?}"),
    }
}

/// The fields inside of the WAP gateway's one input.
async fn inside(request: &StartRequest) -> Message {
    let (_, fields) = form(request).await;
    wire::read(fields["req_data"].as_bytes()).unwrap()
}

#[tokio::test]
async fn the_web_gateway_gets_a_form_with_every_field() {
    let (action, fields) = form(&start(Method::LianlianWeb)).await;
    assert_eq!(action, "https://g.example/payment/authpay.htm");
    assert!(is_signed(&fields));
    let expected = [
        ("version", "1.0"),
        ("oid_partner", OID_PARTNER),
        ("user_id", "123456"),
        ("timestamp", "20170605131558"),
        ("sign_type", "MD5"),
        ("busi_partner", "101001"),
        ("no_order", PAY_NO),
        ("dt_order", "20170605131558"),
        ("name_goods", "青瓷茶壶"),
        ("money_order", "88.88"),
        ("notify_url", "https://cashier.example.com/notify/ch_1/pay"),
        ("userreq_ip", "122_11_37_211"),
        ("valid_order", "120"),
        ("id_no", "110101199003077715"),
        ("acct_name", "测试"),
    ];
    for (name, value) in expected {
        assert_eq!(fields[name], value, "{name}");
    }
    assert!(!fields.contains_key("app_request") && !fields.contains_key("info_order"));
}

#[tokio::test]
async fn the_wap_gateway_gets_one_input() {
    let request = start(Method::LianlianWap);
    let (action, fields) = form(&request).await;
    assert_eq!(action, "https://g.example/authpay.htm");
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["req_data"]);
    let fields = inside(&request).await;
    assert!(is_signed(&fields));
    for (name, value) in [("version", "1.2"), ("app_request", "3"), ("back_url", request.checkout_url.as_str())] {
        assert_eq!(fields[name], value, "{name}");
    }
    assert!(!fields.contains_key("timestamp") && !fields.contains_key("userreq_ip"));
}

#[tokio::test]
async fn in_production_each_method_has_its_own_host() {
    let mut lianlian = channel(md5_keys(MD5_KEY), ORIGIN);
    lianlian.gateway = Gateway::parse(None).unwrap();
    for (method, page) in [
        (Method::LianlianWeb, "https://cashier.lianlianpay.com/payment/authpay.htm"),
        (Method::LianlianWap, "https://wap.lianlianpay.com/authpay.htm"),
    ] {
        let NextStep::Form { action, .. } = lianlian.start(&start(method)).await.unwrap().next else { panic!("no form") };
        assert_eq!(action, page);
    }
}

#[tokio::test]
async fn a_missing_fact_is_named() {
    for method in [Method::LianlianWeb, Method::LianlianWap] {
        for name in ["user_id", "user_name", "id_no"] {
            let request = StartRequest { facts: facts_without(name), ..start(method) };
            let error = channel(md5_keys(MD5_KEY), ORIGIN).start(&request).await.unwrap_err();
            assert_eq!(error, ChannelError::MissingFact(name));
            assert!(error.to_string().contains(name));
        }
        let spec = super::super::PROVIDER.declaration.method(method).unwrap();
        assert_eq!(spec.needs, ["user_id", "user_name", "id_no"]);
    }
    let mut request = start(Method::LianlianWeb);
    request.facts.insert("risk_item".to_owned(), "not an object".to_owned());
    let error = channel(md5_keys(MD5_KEY), ORIGIN).start(&request).await.unwrap_err();
    assert_eq!(error, ChannelError::MissingFact("risk_item"));
}

// Pitfall: the risk item is serialised once, and that very text is signed and sent.
#[tokio::test]
async fn the_risk_item_is_one_text_in_both_gateways() {
    let (_, fields) = form(&start(Method::LianlianWeb)).await;
    assert!(sign::text(&fields).contains(&format!("risk_item={}", fields["risk_item"])));
    let wap = inside(&start(Method::LianlianWap)).await;
    assert_eq!(wap["risk_item"], fields["risk_item"]);
    let item: Value = serde_json::from_str(&fields["risk_item"]).unwrap();
    let expected = json!({
        "frms_ware_category": "1999", "user_info_mercht_userno": "123456", "goods_name": "青瓷茶壶",
        "user_info_full_name": "测试", "user_info_id_no": "110101199003077715", "user_info_identify_state": "0",
    });
    assert_eq!(item, expected);
}

#[tokio::test]
async fn the_risk_item_takes_what_the_order_brings() {
    let mut request = start(Method::LianlianWap);
    request.facts.extend(map(&[
        ("phone", "13800138000"),
        ("user_info_dt_register", "20141015165530"),
        ("frms_ware_category", "4003"),
        ("airport_from", "HGH"),
        ("airport_to", "PEK"),
        ("game_id", "7"),
        ("risk_item", r#"{"game_id":"8","own":[1]}"#),
        ("something_else", "x"),
    ]));
    let item: Value = serde_json::from_str(&inside(&request).await["risk_item"]).unwrap();
    assert_eq!(item["user_info_bind_phone"], "13800138000");
    assert_eq!(item["user_info_dt_register"], "20141015165530");
    assert_eq!(item["frms_ware_category"], "4003");
    assert_eq!(item["airline_list"], json!([{ "airport_from": "HGH", "airport_to": "PEK" }]));
    assert_eq!((&item["game_id"], &item["own"]), (&json!("8"), &json!([1])));
    assert_eq!(item.get("something_else"), None);
}

#[tokio::test]
async fn a_net_bank_order_goes_to_the_net_bank_page() {
    let mut request = start(Method::LianlianWeb);
    request.facts.extend(map(&[("pay_type", "1"), ("bank_code", "01020000"), ("busi_partner", "109001")]));
    let (action, fields) = form(&request).await;
    assert_eq!(action, "https://g.example/payment/bankgateway.htm");
    for (name, value) in [("pay_type", "1"), ("bank_code", "01020000"), ("busi_partner", "109001")] {
        assert_eq!(fields[name], value);
    }
}

// Pitfall: underscores for dots.
#[tokio::test]
async fn addresses_have_underscores() {
    for (given, sent) in
        [("10.0.0.1", "10_0_0_1"), ("::ffff:10.0.0.1", "10_0_0_1"), ("2001:db8::1", "127_0_0_1"), ("x", "127_0_0_1")]
    {
        let request = StartRequest { client_ip: given.to_owned(), ..start(Method::LianlianWeb) };
        assert_eq!(form(&request).await.1["userreq_ip"], sent);
    }
}

// Pitfall: the order's time is part of its identity.
#[tokio::test]
async fn the_orders_time_stays_the_same_in_every_start_and_is_kept() {
    let first = channel(md5_keys(MD5_KEY), ORIGIN).start(&start(Method::LianlianWeb)).await.unwrap();
    let later = StartRequest { now_ms: NOW + 90_000, ..start(Method::LianlianWeb) };
    let again = channel(md5_keys(MD5_KEY), ORIGIN).start(&later).await.unwrap();
    assert_eq!(first.provider_data["dt_order"], "20170605131558");
    assert_eq!(again.provider_data, first.provider_data);
    assert_eq!(form(&later).await.1["dt_order"], "20170605131558");
    assert_eq!(form(&later).await.1["timestamp"], "20170605131728");
}

#[tokio::test]
async fn an_order_dies_at_the_provider_with_the_payment() {
    for (left_ms, minutes) in [(1, "1"), (60_000, "1"), (60_001, "2"), (-5, "1"), (30 * 24 * 60 * 60_000, "10080")] {
        let request = StartRequest { deadline: NOW + left_ms, ..start(Method::LianlianWeb) };
        assert_eq!(form(&request).await.1["valid_order"], minutes, "{left_ms}");
    }
}

/// The provider takes the web form's time stamp for half an hour; WAP has none.
#[tokio::test]
async fn the_web_form_serves_less_than_half_an_hour() {
    let started = channel(md5_keys(MD5_KEY), ORIGIN).start(&start(Method::LianlianWeb)).await.unwrap();
    assert_eq!(started.code_expires_at, Some(NOW + 25 * 60_000));
    let short = StartRequest { deadline: NOW + 60_000, ..start(Method::LianlianWeb) };
    let started = channel(md5_keys(MD5_KEY), ORIGIN).start(&short).await.unwrap();
    assert_eq!(started.code_expires_at, Some(NOW + 60_000));
    let started = channel(md5_keys(MD5_KEY), ORIGIN).start(&start(Method::LianlianWap)).await.unwrap();
    assert_eq!(started.code_expires_at, None);
}

#[tokio::test]
async fn long_names_are_cut_at_a_character_and_long_people_are_hashed() {
    let request = StartRequest { subject: "茶".repeat(40), body: Some("b".repeat(300)), ..start(Method::LianlianWeb) };
    let (_, fields) = form(&request).await;
    assert_eq!(fields["name_goods"], "茶".repeat(13));
    assert_eq!(fields["info_order"], "b".repeat(255));
    let pictures = StartRequest { subject: "😀".to_owned(), ..start(Method::LianlianWeb) };
    assert_eq!(form(&pictures).await.1["name_goods"], PAY_NO);
    let mut people = Vec::new();
    for tail in ["a", "b"] {
        let mut request = start(Method::LianlianWeb);
        request.facts.insert("user_id".to_owned(), format!("{}{tail}", "u".repeat(40)));
        let user_id = form(&request).await.1["user_id"].clone();
        assert_eq!(user_id.len(), 32);
        assert_eq!(form(&request).await.1["user_id"], user_id, "the same person every time");
        people.push(user_id);
    }
    assert_ne!(people[0], people[1]);
}

#[tokio::test]
async fn other_methods_are_not_its_own() {
    let error = channel(md5_keys(MD5_KEY), ORIGIN).start(&start(Method::AlipayWap)).await.unwrap_err();
    assert!(matches!(error, ChannelError::Unsupported(_)));
}
