//! The worked examples of the API reference, made by the code that serves: what they show is what merchants get.

use super::body::read_json;
use super::{envelope, orders};
use crate::model::views::docs::{SignedDoc, WebhookDoc};
use crate::model::{
    Amount, AppId, CaseId, CaseKind, CaseStatus, ChannelId, EventType, Method, OrderNo, OrderStatus, PayNo, PaymentStatus,
    RefundNo, RefundStatus, RefundedPart, VerifiedBy,
};
use crate::pay::channel::NextStep;
use crate::pay::objects::{case_json, event_body, order_json, refund_json};
use crate::pay::signing::{SignType, canonical_text, hmac_hex};
use crate::pay::{Case, Order, OrderBundle, Payment, Refund, Secret, webhook_signature};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Keys that no app has.
pub const KEY: &str = "example-key-of-no-app";
pub const SECRET: &str = "whsec_ZXhhbXBsZS1zZWNyZXQtb2YtMjQtYnl0";

const APP_ID: &str = "app_01kdvdna004tff59tdwh9edd1r";
const ORDER_NO: &str = "01KDVDNA004TFF59TDWH9EDD1R";
const OUT_ORDER_NO: &str = "TEA-20260101-0001";
// 青瓷茶壶: a celadon teapot. Escaped, since it is data and no text of ours.
const SUBJECT: &str = "\u{9752}\u{74f7}\u{8336}\u{58f6}";
// 壶盖破损: its lid is broken.
const REASON: &str = "\u{58f6}\u{76d6}\u{7834}\u{635f}";
const RETURN_URL: &str = "https://shop.example/thanks?item=teapot&size=2";
const NOW_S: i64 = 1_767_225_600;
const NOW_MS: i64 = NOW_S * 1000;

/// A signed order. It has an empty field, a number, and values that stay as they are: Chinese, `&` and `=`.
#[must_use]
pub fn request() -> SignedDoc {
    let mut request = json!({
        "app_id": APP_ID,
        "timestamp": NOW_S,
        "nonce": "5c1f0b7e2a9d4836",
        "sign_type": SignType::HmacSha256.as_str(),
        "out_order_no": OUT_ORDER_NO,
        "amount": 12_800,
        "subject": SUBJECT,
        "attach": "",
        "return_url": RETURN_URL,
    });
    let text = read_json(request.to_string().as_bytes()).map(|fields| canonical_text(&fields)).unwrap_or_default();
    let sign = hmac_hex(&Secret::new(KEY.to_owned()), &text);
    request["sign"] = Value::from(sign.clone());
    SignedDoc { text, sign, message: pretty(&request) }
}

/// The same order for a browser.
#[must_use]
pub fn link(origin: &str) -> String {
    let fields = read_json(request().message.as_bytes()).unwrap_or_default();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields.iter().filter(|(_, value)| !value.is_empty()));
    format!("{origin}/cashier?{}", query.finish())
}

/// The answer to it.
#[must_use]
pub fn answer(origin: &str) -> SignedDoc {
    let data = order().map(|order| orders::created(&order, &checkout_url(origin, &order))).unwrap_or_default();
    envelope::example(&Secret::new(KEY.to_owned()), &data, "01KDVDNAZRH4QX4FR84G98PBSK", NOW_S + 1)
}

/// A webhook about a refund.
#[must_use]
pub fn webhook() -> WebhookDoc {
    let (event_id, at_s) = ("evt_01kdy02100jmrnv7e9z0c1ht0h", NOW_S + 86_403);
    let data = refund().as_ref().map(refund_json).unwrap_or_default();
    let body = event_body(EventType::RefundSucceeded, at_s * 1000, data);
    let signature = webhook_signature([&Secret::new(SECRET.to_owned())].into_iter(), event_id, at_s, &body);
    let headers =
        vec![("webhook-id", event_id.to_owned()), ("webhook-timestamp", at_s.to_string()), ("webhook-signature", signature)];
    WebhookDoc { example_secret: SECRET, headers, body }
}

/// What the `next` of a payment can be: its type, and the whole as JSON.
#[must_use]
pub fn next() -> Vec<(String, String)> {
    let url = "https://provider.example/pay".to_owned();
    let params = ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"];
    let params = params.into_iter().map(|name| (name.to_owned(), Value::from("…"))).collect();
    let steps = [
        NextStep::Qr { code_url: "weixin://wxpay/bizpayurl?pr=example".to_owned(), expires_at: NOW_MS + 7_200_000 },
        NextStep::Redirect { url: url.clone() },
        NextStep::Form { action: url, fields: BTreeMap::from([("order".to_owned(), "…".to_owned())]) },
        NextStep::Invoke { bridge: "wechat_jsapi".to_owned(), params },
        NextStep::Wait,
        NextStep::Done,
    ];
    let values = steps.iter().filter_map(|step| serde_json::to_value(step).ok());
    values.filter_map(|value| Some((value["type"].as_str()?.to_owned(), value.to_string()))).collect()
}

/// The objects in answers and webhooks, by their names.
#[must_use]
pub fn objects(origin: &str) -> Vec<(&'static str, String)> {
    let order = paid().map(|bundle| pretty(&order_json(&bundle, &checkout_url(origin, &bundle.order))));
    let case = case().map(|case| pretty(&case_json(&case, None)));
    [("order", order), ("case", case)].into_iter().filter_map(|(name, object)| Some((name, object?))).collect()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn checkout_url(origin: &str, order: &Order) -> String {
    format!("{origin}/checkout/{}", order.token)
}

/// As it was just created.
fn order() -> Option<Order> {
    Some(Order {
        order_no: OrderNo::parse(ORDER_NO).ok()?,
        app_id: AppId::parse(APP_ID).ok()?,
        out_order_no: OUT_ORDER_NO.to_owned(),
        token: "q3Zr0b8mTn2KxVd5".to_owned(),
        amount: Amount::from_fen(12_800).ok()?,
        subject: SUBJECT.to_owned(),
        body: None,
        methods: Vec::new(),
        notify_url: None,
        return_url: Some(RETURN_URL.to_owned()),
        cancel_url: None,
        show_url: None,
        attach: None,
        client_ip: None,
        user_id: None,
        platform: None,
        scene: None,
        refers: None,
        extra: BTreeMap::new(),
        expires_in: 7200,
        created_at: NOW_MS,
        expires_at: NOW_MS + 7_200_000,
        status: OrderStatus::Created,
        close_reason: None,
        refund_status: RefundedPart::None,
        refunded_amount: Amount::ZERO,
        method: None,
        pay_no: None,
        paid_at: None,
        closed_at: None,
        version: 1,
    })
}

/// Paid, and a part of it sent back the day after.
fn paid() -> Option<OrderBundle> {
    let (payment, refund) = (payment()?, refund()?);
    let order = Order {
        status: OrderStatus::Paid,
        refund_status: RefundedPart::Partial,
        refunded_amount: refund.amount,
        method: Some(payment.method),
        pay_no: Some(payment.pay_no.clone()),
        paid_at: payment.paid_at,
        ..order()?
    };
    Some(OrderBundle { order, payments: vec![payment], refunds: vec![refund], cases: Vec::new() })
}

fn payment() -> Option<Payment> {
    Some(Payment {
        pay_no: PayNo::parse("01KDVDPJ181HEAD8X4A1JH69RE").ok()?,
        order_no: OrderNo::parse(ORDER_NO).ok()?,
        app_id: AppId::parse(APP_ID).ok()?,
        channel_id: ChannelId::parse("ch_01kdt0z6x8g7kyhrjxjg7dj13n").ok()?,
        channel_version: 1,
        method: Method::WechatNative,
        amount: Amount::from_fen(12_800).ok()?,
        client_ip: None,
        created_at: NOW_MS + 41_000,
        expires_at: NOW_MS + 7_200_000,
        status: PaymentStatus::Succeeded,
        pays_order: true,
        next: None,
        code_expires_at: None,
        provider_data: BTreeMap::new(),
        provider_trade_no: Some("4200000000202601010000000001".to_owned()),
        payer: Some("o-example-payer".to_owned()),
        received: None,
        error_code: None,
        error_message: None,
        verified_by: Some(VerifiedBy::Notice),
        paid_at: Some(NOW_MS + 63_000),
        refund_reserved: Amount::ZERO,
    })
}

fn refund() -> Option<Refund> {
    Some(Refund {
        refund_no: RefundNo::parse("01KDY01Y200JMRNV7E9Z0C1HT0").ok()?,
        app_id: AppId::parse(APP_ID).ok()?,
        out_refund_no: "R-20260102-0001".to_owned(),
        order_no: OrderNo::parse(ORDER_NO).ok(),
        pay_no: PayNo::parse("01KDVDPJ181HEAD8X4A1JH69RE").ok()?,
        case_id: None,
        amount: Amount::from_fen(2_800).ok()?,
        reason: REASON.to_owned(),
        notify_url: None,
        requested_by: "api".to_owned(),
        created_at: NOW_MS + 86_400_000,
        status: RefundStatus::Succeeded,
        provider_refund_no: Some("5030000000202601020000000001".to_owned()),
        error_code: None,
        error_message: None,
        succeeded_at: Some(NOW_MS + 86_403_000),
    })
}

/// Money for another order, which was closed by then.
fn case() -> Option<Case> {
    Some(Case {
        case_id: CaseId::parse("case_01kdvdvda0g7kyhrjxjg7dj13n").ok()?,
        kind: CaseKind::Late,
        app_id: AppId::parse(APP_ID).ok(),
        channel_id: ChannelId::parse("ch_01kdt0z6x8g7kyhrjxjg7dj13n").ok()?,
        order_no: OrderNo::parse("01KDT9M4Q0JMRNV7E9Z0C1HT0H").ok(),
        pay_no: PayNo::parse("01KDT9N5W8H4QX4FR84G98PBSK").ok(),
        claimed_no: "01KDT9N5W8H4QX4FR84G98PBSK".to_owned(),
        provider_trade_no: "4200000000202601010000000002".to_owned(),
        amount: Amount::from_fen(8_800).ok()?,
        created_at: NOW_MS,
        status: CaseStatus::Open,
        answer: None,
        refund_no: None,
        resolved_at: None,
        resolved_by: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pay::signing::hex_mac_fits;
    use crate::web::api::{calls, read_form};

    const ORIGIN: &str = "https://pay.example";

    #[test]
    fn the_signed_order_passes_the_servers_own_check() {
        let sample = request();
        let fields = read_json(sample.message.as_bytes()).expect("a request");
        let key = Secret::new(KEY.to_owned());
        assert_eq!(canonical_text(&fields), sample.text);
        assert!(hex_mac_fits(SignType::HmacSha256, &key, &sample.text, &fields["sign"]));
        assert!(sample.text.contains("subject=青瓷茶壶") && !sample.text.contains("attach"), "{}", sample.text);
        assert!(calls::CREATE_ORDER.check(&fields).is_ok());

        let link = link(ORIGIN);
        let query = link.strip_prefix("https://pay.example/cashier?").expect("a link");
        let fields = read_form(query.as_bytes()).expect("a query");
        assert!(hex_mac_fits(SignType::HmacSha256, &key, &canonical_text(&fields), &fields["sign"]));
    }

    #[test]
    fn the_answer_is_signed_over_the_text_that_it_carries() {
        let sample = answer(ORIGIN);
        let read: BTreeMap<String, Box<serde_json::value::RawValue>> = serde_json::from_str(&sample.message).expect("JSON");
        assert!(sample.text.contains(&format!("&data={}&", read["data"].get())), "{}", sample.text);
        assert!(read["data"].get().contains(OUT_ORDER_NO) && sample.message.contains(&sample.sign));
        assert!(hex_mac_fits(SignType::HmacSha256, &Secret::new(KEY.to_owned()), &sample.text, &sample.sign));
    }

    #[test]
    fn nothing_is_left_out() {
        let kinds: Vec<String> = next().into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["qr", "redirect", "form", "invoke", "wait", "done"]);
        let objects = objects(ORIGIN);
        assert_eq!(objects.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["order", "case"]);
        let order: Value = serde_json::from_str(&objects[0].1).expect("JSON");
        assert_eq!((&order["payments"][0]["amount"], &order["refunds"][0]["amount"]), (&json!(12_800), &json!(2_800)));
    }

    #[test]
    fn the_webhook_is_signed_by_its_secret() {
        let WebhookDoc { example_secret, headers, body } = webhook();
        let header = |name: &str| headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str()).expect("a header");
        let at_s = header("webhook-timestamp").parse().expect("seconds");
        let secret = Secret::new(example_secret.to_owned());
        assert_eq!(header("webhook-signature"), webhook_signature([&secret].into_iter(), header("webhook-id"), at_s, &body));
        assert!(header("webhook-signature").starts_with("v1,") && body.contains("\"type\":\"refund.succeeded\""), "{body}");
    }
}
