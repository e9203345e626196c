//! Calls of merchants' servers: checked, carried out, answered unencoded and signed.

use super::desk::{Desk, Unionpay};
use super::ledger::{Kind, Order};
use super::message::Message;
use super::refusal::{Refusal, SUCCESS};
use super::switches::Switch;
use super::{file, moment, notice, query, refunds, rules};
use crate::model::ChannelKind;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// An address of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    App,
    Back,
    Query,
    File,
}

pub async fn app(State(unionpay): State<Arc<Unionpay>>, body: Bytes) -> Response {
    call(&unionpay, Door::App, &body).await
}

pub async fn back(State(unionpay): State<Arc<Unionpay>>, body: Bytes) -> Response {
    call(&unionpay, Door::Back, &body).await
}

pub async fn query(State(unionpay): State<Arc<Unionpay>>, body: Bytes) -> Response {
    call(&unionpay, Door::Query, &body).await
}

pub async fn file(State(unionpay): State<Arc<Unionpay>>, body: Bytes) -> Response {
    call(&unionpay, Door::File, &body).await
}

async fn call(unionpay: &Arc<Unionpay>, door: Door, body: &[u8]) -> Response {
    if unionpay.desk().switches.take(|switch| *switch == Switch::Http502).is_some() {
        return (
            StatusCode::BAD_GATEWAY,
            [(header::CONTENT_TYPE, "text/html")],
            "<html><body><h1>502 Bad Gateway</h1></body></html>",
        )
            .into_response();
    }
    let message = Message::read(body);
    if let Some(message) = &message
        && let Some(broken) = hindrance(unionpay, message).await
    {
        return broken;
    }
    let mut desk = unionpay.desk();
    let outcome = match &message {
        None => Err(Refusal::new("10", "报文格式错误[form]")),
        Some(message) => rules::check(message, &unionpay.account).and_then(|()| carry_out(unionpay, &mut desk, door, message)),
    };
    let mut answer = match outcome {
        Ok(answer) => answer,
        Err(refusal) => {
            unionpay.stage.refused(ChannelKind::Unionpay, refusal.code);
            refused(message.unwrap_or_default(), &refusal)
        }
    };
    if let Some(Switch::Answer { code }) = desk.switches.take(|switch| matches!(switch, Switch::Answer { .. })) {
        answer.put("respCode", code);
        answer.put("respMsg", "交易状态未明[4000001]");
        for field in ["queryId", "tn", "qrCode", "origRespCode", "origRespMsg"] {
            answer.put(field, "");
        }
    }
    let text = unionpay.signed(&mut desk, answer).unencoded();
    if desk.switches.take(|switch| *switch == Switch::Cut).is_some() {
        let broken = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut")) });
        return Body::from_stream(broken).into_response();
    }
    ([(header::CONTENT_TYPE, "text/html;charset=UTF-8")], text).into_response()
}

/// What the behaviour around the transaction that a call is about does to it.
async fn hindrance(unionpay: &Unionpay, message: &Message) -> Option<Response> {
    let (behaviour, since) = {
        let desk = unionpay.desk();
        let about = match message.get("origQryId") {
            Some(id) => desk.ledger.by_query_id(id),
            None => query::named(&desk, message).ok().flatten().and_then(|key| desk.ledger.get(&key)),
        };
        desk.behaviour_about(about?)
    };
    unionpay.stage.hindrance(behaviour, since).await
}

fn carry_out(unionpay: &Arc<Unionpay>, desk: &mut Desk, door: Door, message: &Message) -> Result<Message, Refusal> {
    match (door, message.text_of("txnType"), message.text_of("txnSubType")) {
        (Door::App, "01", "01") => begin(unionpay, desk, message, "tn"),
        (Door::Back, "01", "07") => begin(unionpay, desk, message, "qrCode"),
        (Door::Back, "04", "00") => refunds::take_in(unionpay, desk, Kind::Refund, message),
        (Door::Back, "31", "00") => refunds::take_in(unionpay, desk, Kind::Undo, message),
        (Door::Query, "00", _) => query::answer(unionpay, desk, message),
        (Door::File, "76", "01") => file::answer(unionpay, desk, message),
        // Pre-authorisation, instalments, codes of the buyer's and the like: not opened for this merchant.
        (_, "01" | "02" | "03" | "04" | "31" | "32" | "33" | "95" | "99", _) => Err(Refusal::not_permitted()),
        _ => Err(Refusal::format("txnType")),
    }
}

/// A payment begins with something for the payer's phone.
fn begin(unionpay: &Unionpay, desk: &mut Desk, message: &Message, wanted: &str) -> Result<Message, Refusal> {
    let now = unionpay.now_ms();
    let (order, code) = match wanted {
        "tn" => (read_payment(message, &["08"], "000201", now)?, format!("65{}", unionpay.stage.digits(19))),
        _ => {
            let order = read_payment(message, &["08"], "000000", now)?;
            (order, format!("https://qr.95516.com/00010000/62{}", unionpay.stage.digits(30)))
        }
    };
    let begun = desk.ledger.begin(order, Some(code.clone()), now)?;
    let answer = notice::about(&unionpay.account, begun);
    Ok(answer.with(wanted, code).with("respCode", "00").with("respMsg", SUCCESS))
}

/// Reads a payment's fields.
///
/// # Errors
/// 10 or 13 for the first that breaks its rule.
pub fn read_payment(message: &Message, channel_types: &[&str], biz_type: &str, now_ms: i64) -> Result<Order, Refusal> {
    let order_id = rules::need(message, "orderId")?;
    let txn_time = rules::present(message, now_ms)?;
    if !channel_types.contains(&rules::need(message, "channelType")?) {
        return Err(Refusal::format("channelType"));
    }
    if message.text_of("bizType") != biz_type {
        return Err(Refusal::format("bizType"));
    }
    if rules::need(message, "currencyCode")? != "156" {
        return Err(Refusal::format("currencyCode"));
    }
    let pay_timeout = match message.get("payTimeout") {
        None => None,
        Some(text) => Some(moment::read(text).filter(|at| *at > now_ms).ok_or_else(|| Refusal::format("payTimeout"))?),
    };
    let risk = message.text_of("riskRateInfo");
    let goods = risk.strip_prefix("{commodityName=").and_then(|rest| rest.strip_suffix('}'));
    if !risk.is_empty() && goods.is_none_or(|goods| goods.contains(['&', '=', '{', '}'])) {
        return Err(Refusal::format("riskRateInfo"));
    }
    Ok(Order {
        kind: Kind::Payment,
        key: (order_id.to_owned(), txn_time.to_owned()),
        sub_type: message.text_of("txnSubType").to_owned(),
        biz_type: biz_type.to_owned(),
        channel_type: message.text_of("channelType").to_owned(),
        amount: rules::amount(message)?,
        front_url: message.get("frontUrl").map(|_| rules::address(message, "frontUrl")).transpose()?,
        back_url: rules::address(message, "backUrl")?,
        reserved: message.get("reqReserved").map(str::to_owned),
        goods: goods.unwrap_or_default().to_owned(),
        pay_timeout,
        original: None,
    })
}

/// A refusal repeats what was asked.
fn refused(message: Message, refusal: &Refusal) -> Message {
    let repeated = [
        "version",
        "encoding",
        "signMethod",
        "accessType",
        "merId",
        "bizType",
        "txnType",
        "txnSubType",
        "orderId",
        "txnTime",
        "txnAmt",
        "origQryId",
        "settleDate",
    ];
    let mut answer = Message::default();
    for name in repeated {
        answer.put(name, message.text_of(name));
    }
    answer.with("respCode", refusal.code).with("respMsg", &refusal.message)
}

/// `POST /unionpay/switches` with `{"switch": …, "times": n}` and what the switch needs.
pub async fn switches(State(unionpay): State<Arc<Unionpay>>, body: Bytes) -> Response {
    #[derive(serde::Deserialize)]
    struct Wish {
        #[serde(flatten)]
        switch: Switch,
        #[serde(default = "once")]
        times: u32,
    }
    fn once() -> u32 {
        1
    }
    match serde_json::from_slice::<Wish>(&body) {
        Ok(wish) => {
            unionpay.desk().switches.set(wish.switch, wish.times);
            axum::Json(serde_json::json!({ "ok": true })).into_response()
        }
        Err(e) => {
            (StatusCode::BAD_REQUEST, axum::Json(serde_json::json!({ "ok": false, "message": e.to_string() }))).into_response()
        }
    }
}
