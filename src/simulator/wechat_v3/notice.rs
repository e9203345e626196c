//! Notices (provider's documents: 支付成功回调通知, 退款结果回调通知): the sealed object, the signature of each try, the plan of
//! repeats, and what counts as received.

use super::super::notify::{Message, Notice};
use super::play::Wechat;
use super::query::{ids, transaction};
use super::refund::payer_part;
use super::sign;
use super::switches::NoticeTrick;
use super::trade::{Refund, RefundState, Trade, rfc3339};
use crate::model::ChannelKind;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Seconds between repeats.
const PLAN: &[u64] = &[15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600];
/// A receiver has this long.
const PATIENCE: Duration = Duration::from_secs(5);
/// From the event to the first notice, before the clock factor.
const DELAY: Duration = Duration::from_millis(500);
/// How long ago a stale notice says it was signed, in seconds.
const STALE_S: i64 = 3600;

/// The notice of a paid trade. Its first tries carry a wrong signature under `bad_signature`: a probe that says so, then
/// one that does not.
pub fn paid(wechat: &Arc<Wechat>, trade: &Trade) -> Notice {
    let mut object = transaction(wechat, trade);
    if wechat.switches().notices == NoticeTrick::OtherMerchant {
        object["mchid"] = json!(format!("18{}", wechat.stage.digits(8)));
    }
    // The state at the time of payment, whatever follows.
    object["trade_state"] = json!("SUCCESS");
    object["trade_state_desc"] = json!("支付成功");
    let body = envelope(wechat, "TRANSACTION.SUCCESS", "transaction", "支付成功", object);
    let behaviour = trade.behaviour;
    let (sender, spoils) = (Arc::clone(wechat), move |attempt| behaviour.spoils_signature(attempt));
    Notice {
        kind: ChannelKind::WechatV3,
        about: trade.out_trade_no.clone(),
        url: trade.notify_url.clone(),
        delay: DELAY + behaviour.notice_delay(),
        plan: PLAN,
        patience: PATIENCE,
        compose: Box::new(move |attempt| message(&sender, &body, spoils(attempt).then_some(attempt))),
        accepted,
    }
}

/// The notice of a refund that is over.
pub fn refunded(wechat: &Arc<Wechat>, trade: &Trade, refund: &Refund, url: String) -> Notice {
    let mut map = ids(wechat, refund.partner, None, false);
    let total = trade.paid.as_ref().map_or(trade.amount, |paid| paid.amount).fen();
    let payer_total = trade.paid.as_ref().map_or(trade.amount, |paid| paid.payer_total()).fen();
    let mut put = |name: &str, value: Value| map.insert(name.to_owned(), value);
    put("out_trade_no", json!(trade.out_trade_no));
    put("transaction_id", json!(trade.transaction_id));
    put("out_refund_no", json!(refund.out_refund_no));
    put("refund_id", json!(refund.refund_id));
    put("refund_status", json!(refund.state.as_str()));
    if let Some(at) = refund.succeeded_at {
        put("success_time", json!(rfc3339(at)));
    }
    put("user_received_account", json!("支付用户零钱"));
    let part = payer_part(trade, refund);
    put("amount", json!({"total": total, "refund": refund.amount.fen(), "payer_total": payer_total, "payer_refund": part}));
    let (event, summary) = match refund.state {
        RefundState::Closed => ("REFUND.CLOSED", "退款关闭"),
        RefundState::Abnormal => ("REFUND.ABNORMAL", "退款异常"),
        _ => ("REFUND.SUCCESS", "退款成功"),
    };
    let body = envelope(wechat, event, "refund", summary, Value::Object(map));
    let sender = Arc::clone(wechat);
    Notice {
        kind: ChannelKind::WechatV3,
        about: refund.out_refund_no.clone(),
        url,
        delay: DELAY,
        plan: PLAN,
        patience: PATIENCE,
        compose: Box::new(move |_| message(&sender, &body, None)),
        accepted,
    }
}

fn envelope(wechat: &Wechat, event: &str, original: &str, summary: &str, mut object: Value) -> Vec<u8> {
    let trick = wechat.switches().notices;
    let extra = trick == NoticeTrick::ExtraFields;
    if extra {
        object["trade_scene"] = json!({ "from": ["nobody", 1] });
    }
    let associated = if trick == NoticeTrick::EmptyAssociated { "" } else { original };
    let nonce = wechat.stage.token(12);
    let mut body = json!({
        "id": format!("EV-{}{}", wechat.day(), wechat.stage.digits(11)),
        "create_time": rfc3339(wechat.now()),
        "resource_type": "encrypt-resource",
        "event_type": event,
        "summary": summary,
        "resource": {
            "original_type": original,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": sign::seal(&wechat.account.api_v3_key, &nonce, associated, &object.to_string()),
            "associated_data": associated,
            "nonce": nonce,
        },
    });
    if extra {
        body["trace"] = json!({ "hop": 1 });
    }
    body.to_string().into_bytes()
}

/// One try: the same body with a fresh time, nonce and signature. `spoilt` holds the number of a try that is to be badly
/// signed.
fn message(wechat: &Wechat, body: &[u8], spoilt: Option<u32>) -> Message {
    let trick = wechat.switches().notices;
    let now = wechat.now().div_euclid(1000);
    let timestamp = if trick == NoticeTrick::Stale { now - STALE_S } else { now }.to_string();
    let nonce = wechat.stage.token(32);
    let (serial, key) = wechat.notice_key();
    let right = STANDARD.encode(key.sign_sha256(&sign::reply_text(&timestamp, &nonce, body)));
    let probe = || format!("WECHATPAY/SIGNTEST/{}", &right[19..]);
    let signature = match spoilt {
        _ if trick == NoticeTrick::Probe => probe(),
        Some(0) => probe(),
        Some(_) => STANDARD.encode(key.sign_sha256(b"something else")),
        None => right,
    };
    Message {
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("wechatpay-nonce", nonce),
            ("wechatpay-serial", serial),
            ("wechatpay-signature", signature),
            ("wechatpay-signature-type", sign::SCHEME.to_owned()),
            ("wechatpay-timestamp", timestamp),
        ],
        body: body.to_vec(),
    }
}

/// The status decides; the body is for people.
fn accepted(status: u16, _body: &[u8]) -> bool {
    matches!(status, 200 | 204)
}

#[cfg(test)]
mod tests {
    use super::accepted;

    #[test]
    fn only_the_status_counts() {
        assert!(accepted(200, b"") && accepted(204, b"") && accepted(200, b"{\"code\":\"FAIL\"}"));
        for status in [201, 302, 400, 401, 500, 503] {
            assert!(!accepted(status, b"{\"code\":\"SUCCESS\"}"), "{status}");
        }
    }
}
