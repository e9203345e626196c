//! The XML services (provider's documents: 统一下单, 交易查询, 退款, 退款查询, 撤销).

use super::envelope;
use super::ledger::{Ledger, Refund, RefundStatus, Status, Trade};
use super::notice;
use super::order::{self, Order, seconds};
use super::play::Jd;
use super::refunds;
use super::refusal::No;
use super::sign::Fields;
use super::xml::{Node, element};
use crate::model::ChannelKind;
use axum::body::Bytes;
use axum::extract::State as Ctx;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// What a service does with a verified request: the elements of its answer.
pub type Work = fn(&Arc<Jd>, &Fields) -> Result<String, No>;

/// One XML service.
pub fn service(work: Work) -> axum::routing::MethodRouter<Arc<Jd>> {
    axum::routing::post(move |Ctx(jd): Ctx<Arc<Jd>>, body: Bytes| async move { run(&jd, &body, work).await })
}

async fn run(jd: &Arc<Jd>, body: &[u8], work: Work) -> Response {
    let fields = match envelope::open(&jd.account, body) {
        Ok(request) => flat(&request),
        Err(no) => return refuse(jd, &no),
    };
    if let Some(broken) = hindrance(jd, &fields).await {
        return broken;
    }
    match work(jd, &fields) {
        Ok(elements) => reply(envelope::answer(&jd.account, &elements)),
        Err(no) => refuse(jd, &no),
    }
}

fn flat(request: &Node) -> Fields {
    request.children.iter().map(|child| (child.name.clone(), child.text.clone())).collect()
}

fn reply(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/xml;charset=UTF-8")], text).into_response()
}

fn refuse(jd: &Jd, no: &No) -> Response {
    jd.stage.refused(ChannelKind::Jd, no.code);
    reply(envelope::refusal(&jd.account, no))
}

async fn hindrance(jd: &Jd, fields: &Fields) -> Option<Response> {
    let (behaviour, since) = {
        let ledger = jd.ledger();
        let named = |name: &str| fields.get(name).and_then(|number| ledger.by_number(number));
        let at = named("oTradeNum").or_else(|| named("tradeNum"))?;
        (ledger.trades[at].behaviour, ledger.trades[at].behaviour_at)
    };
    jd.stage.hindrance(behaviour, since).await
}

/// `uniorder`.
pub fn unified_order(jd: &Arc<Jd>, fields: &Fields) -> Result<String, No> {
    match fields.get("tradeType").map(String::as_str).unwrap_or("GEN") {
        "QR" => {}
        "GEN" => return Err(No::new("100010", "商户没有此权限")),
        _ => return Err(No::field("tradeType")),
    }
    let order = Order::read(fields, true)?;
    let life_s = order.life_s;
    let (order_id, key) = jd.numbers();
    let mut ledger = jd.ledger();
    let at = ledger.open(order, order_id, key, jd.now())?;
    let trade = &ledger.trades[at];
    let facts = [
        ("orderId", trade.order_id.as_str()),
        ("merchantName", jd.account.payee),
        ("amount", &trade.order.amount.to_string()),
        ("tradeNum", &trade.order.trade_num),
        ("qrCode", &trade.qr_code()),
        ("expireTime", &life_s.to_string()),
    ];
    Ok(facts.iter().map(|(name, value)| element(name, value)).collect())
}

fn payment_elements(trade: &Trade) -> String {
    let facts = [
        ("tradeNum", trade.order.trade_num.as_str()),
        ("tradeType", "0"),
        ("amount", &trade.amount().to_string()),
        ("currency", "CNY"),
        ("tradeTime", &seconds(trade.paid.as_ref().map_or(trade.created_at, |paid| paid.at))),
        ("note", &trade.order.note),
        ("status", trade.status.code()),
    ];
    facts.iter().map(|(name, value)| element(name, value)).collect::<String>() + &notice::pay_list(trade)
}

fn refund_elements(trade: &Trade, refund: &Refund) -> String {
    element("tradeType", "1") + &notice::refund_elements(trade, refund)
}

/// The payment that a request is about.
fn named<'a>(ledger: &'a Ledger, fields: &Fields, name: &str) -> Result<&'a Trade, No> {
    let number = order::number(fields, name)?;
    ledger.by_number(number).map(|at| &ledger.trades[at]).ok_or_else(No::no_trade)
}

/// `query`: payments and refunds.
pub fn query(jd: &Arc<Jd>, fields: &Fields) -> Result<String, No> {
    let ledger = jd.ledger();
    match order::required(fields, "tradeType", 1)? {
        "0" => named(&ledger, fields, "tradeNum").map(payment_elements),
        "1" => {
            let number = order::number(fields, "tradeNum")?;
            let trade = named(&ledger, fields, "oTradeNum")?;
            let refund = trade.refunds.iter().find(|refund| refund.trade_num == number);
            refund.map(|refund| refund_elements(trade, refund)).ok_or_else(|| No::new("100007", "退款单不存在"))
        }
        _ => Err(No::field("tradeType")),
    }
}

/// `queryRefund`: all refunds of a payment.
pub fn query_refund(jd: &Arc<Jd>, fields: &Fields) -> Result<String, No> {
    let ledger = jd.ledger();
    let trade = named(&ledger, fields, "oTradeNum")?;
    let all: String = trade.refunds.iter().map(|refund| format!("<refund>{}</refund>", refund_elements(trade, refund))).collect();
    Ok(format!("<refList>{all}</refList>"))
}

/// `refund`.
pub fn refund(jd: &Arc<Jd>, fields: &Fields) -> Result<String, No> {
    refunds::apply(jd, fields)
}

/// `revoke`: an unpaid order can no longer be paid, a paid one goes back in full.
pub fn revoke(jd: &Arc<Jd>, fields: &Fields) -> Result<String, No> {
    let number = order::number(fields, "tradeNum")?.to_owned();
    let amount = order::common(fields)?;
    let original = order::number(fields, "oTradeNum")?;
    let now = jd.now();
    let mut ledger = jd.ledger();
    if ledger.by_number(&number).is_some() || ledger.by_refund(&number).is_some() {
        return Err(No::repeated());
    }
    let at = ledger.by_number(original).ok_or_else(No::no_trade)?;
    let trade = &mut ledger.trades[at];
    if amount != trade.amount() {
        return Err(No::field("amount"));
    }
    match trade.status {
        Status::Success if trade.refunds.is_empty() => trade.refunds.push(Refund {
            trade_num: number.clone(),
            amount,
            status: RefundStatus::Success,
            notify_url: None,
            note: fields.get("note").cloned().unwrap_or_default(),
            created_at: now,
            done_at: Some(now),
        }),
        Status::Success | Status::Processing => return Err(No::state()),
        Status::Created | Status::Failed | Status::Closed => {
            trade.status = Status::Closed;
            trade.ended_at = Some(now);
        }
    }
    trade.is_revoked = true;
    let facts = [
        ("tradeNum", number.as_str()),
        ("oTradeNum", &trade.order.trade_num),
        ("amount", &amount.to_string()),
        ("currency", "CNY"),
        ("tradeTime", &seconds(now)),
        ("status", "1"),
    ];
    Ok(facts.iter().map(|(name, value)| element(name, value)).collect())
}
